/**
 * A monitor as a server, for clients in separate processes: Pulumi's ResourceMonitor and Engine services, on a free
 * port of 127.0.0.1.
 */
import engine = require("@pulumi/pulumi/proto/engine_pb");
import engineServices = require("@pulumi/pulumi/proto/engine_grpc_pb");
import loader = require("@pulumi/pulumi/proto/codegen/loader_pb");
import loaderServices = require("@pulumi/pulumi/proto/codegen/loader_grpc_pb");

import { Empty, grpc } from "../engine/wire";
import type { Monitor } from "./monitor";
import { handlersOf } from "./monitor-endpoints";
import type { Messages } from "./sdk";

type Call = { request: unknown };
type Callback = (error: Error | null, response?: unknown) => void;
type Handlers = Record<string, (call: Call, callback: Callback) => void>;

/** The schema of a package, for language hosts that request it before they run a program. */
export type SchemaOf = (name: string, version: string) => Promise<string>;

/** A server of a monitor. */
export interface MonitorServer {
  /** For example, `127.0.0.1:4711`. */
  readonly address: string;
  /** The errors that the program logged. */
  readonly errors: readonly string[];
  /** The time of the last request, in milliseconds. */
  lastRequestTime(): number;
  close(): void;
}

/**
 * Serves a monitor, which may also have clients in this process.
 *
 * @throws If no port is available.
 */
export async function serve(
  monitor: Monitor,
  messages: Messages,
  schemaOf?: SchemaOf,
): Promise<MonitorServer> {
  const errors: string[] = [];
  let lastRequest = Date.now();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const add = (service: Record<string, unknown>, handlers: Handlers): void => {
    const timedHandlers = Object.entries(handlers).map(([method, handle]) => [
      method,
      (call: Call, callback: Callback) => {
        lastRequest = Date.now();
        handle(call, callback);
      },
    ]);
    server.addService(
      service as unknown as Parameters<typeof server.addService>[0],
      Object.fromEntries(timedHandlers) as Parameters<typeof server.addService>[1],
    );
  };
  const service = messages.services().ResourceMonitorService as unknown as Record<string, unknown>;
  add(service, handlersOf(monitor, Object.keys(service)));
  add(engineServices.EngineService as unknown as Record<string, unknown>, engineHandlers(errors));
  if (schemaOf !== undefined)
    add(loaderServices.LoaderService as unknown as Record<string, unknown>, {
      getSchema: (call, callback) => {
        schemaResponse(call.request, schemaOf).then((response) => callback(null, response), callback);
      },
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
    lastRequestTime: () => lastRequest,
    close: () => server.forceShutdown(),
  };
}

/** A program that logs an error has failed; its other messages are not printed. */
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

async function schemaResponse(request: unknown, schemaOf: SchemaOf): Promise<loader.GetSchemaResponse> {
  const { getPackage, getVersion } = request as loader.GetSchemaRequest;
  const schema = await schemaOf(getPackage.call(request), getVersion.call(request));
  const response = new loader.GetSchemaResponse();
  response.setSchema(Buffer.from(schema));
  return response;
}
