import provider = require("@pulumi/pulumi/proto/provider_pb");
import resource = require("@pulumi/pulumi/proto/resource_pb");
import resourceServices = require("@pulumi/pulumi/proto/resource_grpc_pb");

import type { Plan } from "../engine/model";
import { Empty, toStruct } from "../engine/wire";
import type { FindPlugin } from "./components";
import { Monitor } from "./monitor";
import { type MonitorServer, type SchemaOf, serve } from "./monitor-server";
import { deploymentState, isDryRun, type PlanOptions } from "./plan";
import type { Messages } from "./sdk";

/** A monitor that is served to a program. */
export interface ServedMonitor extends MonitorServer {
  /** The URNs of the components that a plugin would construct. */
  readonly remoteComponents: readonly string[];
  /** Whether the program has declared any resource. */
  hasBegun(): boolean;
  /** The resources that the program has declared so far. */
  plan(): Plan;
}

/** What a language host or a remote component may request from the simulated engine. */
export interface ServeOptions {
  /** The schemas of packages, for language hosts that request them. */
  readonly schemaOf?: SchemaOf;
  /** The plugins of remote components. */
  readonly find?: FindPlugin;
}

/**
 * Serves a monitor, and the engine that programs log to.
 *
 * @throws If no port is available.
 */
export async function serveMonitor(
  options: PlanOptions,
  { schemaOf, find }: ServeOptions = {},
): Promise<ServedMonitor> {
  const state = deploymentState(options);
  const messages: Messages = {
    resource,
    provider,
    toStruct,
    empty: () => new Empty(),
    services: () => resourceServices,
  };
  let address = "";
  const dryRun = isDryRun(options);
  const secrets = options.secretConfig ?? [];
  const host = find && { ...state, find, secrets, dryRun, address: async () => address };
  const monitor = new Monitor(state, messages, host);
  const server = await serve(monitor, messages, schemaOf);
  address = server.address;
  return {
    ...server,
    get remoteComponents() {
      return [...monitor.remoteComponents];
    },
    hasBegun: () => monitor.resources.size > 0,
    plan: () => ({ project: state.project, stack: state.stack, resources: monitor.plannedResources() }),
    close: () => {
      server.close();
      monitor.close();
    },
  };
}
