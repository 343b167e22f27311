/**
 * A monitor as a server, for a program in a process of its own: Pulumi's ResourceMonitor and Engine services, on a
 * free port of 127.0.0.1.
 */
import engine = require("@pulumi/pulumi/proto/engine_pb");
import engineServices = require("@pulumi/pulumi/proto/engine_grpc_pb");
import provider = require("@pulumi/pulumi/proto/provider_pb");
import resource = require("@pulumi/pulumi/proto/resource_pb");
import resourceServices = require("@pulumi/pulumi/proto/resource_grpc_pb");
import loader = require("@pulumi/pulumi/proto/codegen/loader_pb");
import loaderServices = require("@pulumi/pulumi/proto/codegen/loader_grpc_pb");

import { handlersOf } from "./doors";
import { Monitor } from "./monitor";
import { type Plan, type PlanOptions, worldOf } from "./plan";
import { Empty, grpc, toStruct } from "./wire";

/** The schema of a package, for language hosts that ask for one before they run a program. */
export type SchemaOf = (name: string, version: string) => object;

/** A monitor that is being served. */
export interface ServedMonitor {
  /** As `127.0.0.1:4711`. */
  readonly address: string;
  /** The errors that the program logged. */
  readonly errors: readonly string[];
  /** Types of the components that a plugin would make. */
  readonly remoteComponents: readonly string[];
  /** When the program asked for something last, in milliseconds. */
  lastAsked(): number;
  /** What the program has declared so far. */
  plan(): Plan;
  close(): void;
}

type Call = { request: unknown };
type Callback = (error: Error | null, response?: unknown) => void;
type Handlers = Record<string, (call: Call, callback: Callback) => void>;

/**
 * Serves a monitor, and the engine that programs log to.
 *
 * @throws If no port can be had.
 */
export async function serveMonitor(options: PlanOptions, schemaOf?: SchemaOf): Promise<ServedMonitor> {
  const world = worldOf(options);
  const monitor = new Monitor(world, { resource, provider, toStruct });
  const errors: string[] = [];
  let asked = Date.now();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const add = (service: Record<string, unknown>, handlers: Handlers): void => {
    const noting = Object.entries(handlers).map(([method, handle]) => [
      method,
      (call: Call, callback: Callback) => {
        asked = Date.now();
        handle(call, callback);
      },
    ]);
    server.addService(
      service as unknown as Parameters<typeof server.addService>[0],
      Object.fromEntries(noting) as Parameters<typeof server.addService>[1],
    );
  };
  const service = resourceServices.ResourceMonitorService as unknown as Record<string, unknown>;
  add(service, handlersOf(monitor, Object.keys(service)));
  add(engineServices.EngineService as unknown as Record<string, unknown>, engineHandlers(errors));
  if (schemaOf !== undefined)
    add(loaderServices.LoaderService as unknown as Record<string, unknown>, {
      getSchema: (call, callback) => callback(null, schemaResponse(call.request, schemaOf)),
    });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    errors,
    get remoteComponents() {
      return [...monitor.remoteComponents];
    },
    lastAsked: () => asked,
    plan: () => ({ project: world.project, stack: world.stack, resources: monitor.planned() }),
    close: () => {
      server.forceShutdown();
      monitor.close();
    },
  };
}

/** A program that logs an error has failed; what else it logs is not printed. */
function engineHandlers(errors: string[]): Handlers {
  let root = "";
  return {
    log: (call, callback) => {
      const request = call.request as engine.LogRequest;
      if (request.getSeverity() === engine.LogSeverity.ERROR) errors.push(request.getMessage());
      callback(null, new Empty());
    },
    getRootResource: (_call, callback) => {
      const response = new engine.GetRootResourceResponse();
      response.setUrn(root);
      callback(null, response);
    },
    setRootResource: (call, callback) => {
      root = (call.request as engine.SetRootResourceRequest).getUrn();
      callback(null, new engine.SetRootResourceResponse());
    },
    startDebugging: (_call, callback) => callback(null, new Empty()),
    requirePulumiVersion: (_call, callback) => callback(null, new engine.RequirePulumiVersionResponse()),
  };
}

function schemaResponse(request: unknown, schemaOf: SchemaOf): loader.GetSchemaResponse {
  const { getPackage, getVersion } = request as loader.GetSchemaRequest;
  const schema = schemaOf(getPackage.call(request), getVersion.call(request));
  const response = new loader.GetSchemaResponse();
  response.setSchema(Buffer.from(JSON.stringify(schema)));
  return response;
}
