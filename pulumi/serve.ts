import { createRequire } from "node:module";
import { runtime } from "@pulumi/pulumi";
import type { Operation } from "../policies";
import type { Pack } from "./pack";
import { serviceOf, serviceOfCustomPack } from "./server";
import { type Definition, withFastStackRequests } from "./stack-request";

/**
 * Runs a function that constructs a `PolicyPack`, which serves its policies immediately. The SDK passes its service
 * only to gRPC, so it is intercepted there, and gRPC is restored afterwards.
 */
export function serving<T>(pack: Pack, construct: () => T): T {
  const server = serverClass();
  const addService = server?.prototype.addService;
  if (server === undefined || typeof addService !== "function") return construct();
  server.prototype.addService = function (service, implementation) {
    return addService.call(this, withFastStackRequests(service), serviceOf(pack, implementation));
  };
  try {
    return construct();
  } finally {
    server.prototype.addService = addService;
  }
}

/** Serves the policies in the custom pack that includes them and is constructed next. */
export function serveInCustomPack(pack: Pack): void {
  const server = serverClass();
  const addService = server?.prototype.addService;
  if (server === undefined || typeof addService !== "function") return;
  server.prototype.addService = function (service, implementation) {
    server.prototype.addService = addService;
    return addService.call(this, service, serviceOfCustomPack(pack, implementation));
  };
}

interface ServerClass {
  readonly prototype: { addService(service: Definition, implementation: Record<string, unknown>): unknown };
}

/** The server class of the gRPC library that `@pulumi/policy` itself uses. */
function serverClass(): ServerClass | undefined {
  try {
    return createRequire(require.resolve("@pulumi/policy"))("@grpc/grpc-js").Server;
  } catch {
    return undefined;
  }
}

/**
 * The operation that the engine has started the pack for. It sends a pack of a preview or an update whether it is a dry
 * run; in `pulumi policy analyze`, which deploys nothing, it does not.
 */
export function operationOf(environment: NodeJS.ProcessEnv): Operation {
  if (runtime.isDryRun()) return "preview";
  const dryRun = environment.PULUMI_NODEJS_DRY_RUN ?? environment.PULUMI_DRY_RUN;
  return dryRun === undefined || dryRun === "" ? "analyze" : "update";
}

/**
 * Whether the engine has started this process for a policy pack, with the SDK's own script.
 * https://github.com/pulumi/pulumi/tree/master/sdk/nodejs/cmd/run-policy-pack
 */
export function isStartedByEngine(scripts = [process.argv[1], require.main?.filename]): boolean {
  return scripts.some((script) => script !== undefined && /[\\/]cmd[\\/]run-/.test(script));
}
