import type { EnforcementLevel, Policies } from "@pulumi/policy";
import type {
  AnalyzeRequest,
  AnalyzeResponse,
  AnalyzeStackRequest,
  ConfigureAnalyzerRequest,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { inOneRequest, type Pack } from "./pack";
import { reducedStack } from "./reduced-stack";

type Callback = (error: unknown, response?: AnalyzeResponse) => void;

/** The SDK's handler of a request from the engine. */
export type Handler<Request = unknown> = (
  call: { readonly request: Request },
  callback: Callback,
) => Promise<void> | void;

type HandlerFactory<Request> = (
  pack: string,
  version: string,
  level: EnforcementLevel,
  policies: Policies,
) => Handler<Request>;

/** The SDK's handlers of the Analyzer protocol; it exports them for its own use. */
export const {
  makeAnalyzeRpcFun,
  makeAnalyzeStackRpcFun,
}: {
  readonly makeAnalyzeRpcFun: HandlerFactory<AnalyzeRequest>;
  readonly makeAnalyzeStackRpcFun: HandlerFactory<AnalyzeStackRequest>;
} = require("@pulumi/policy/server");

/** The SDK's registration with gRPC. */
type Service = Record<string, unknown>;

/**
 * The SDK's service for the engine, with the pack's sessions in it. A service that differs from version 1.21.0 of the
 * SDK is not changed: each of its policies then has a separate session.
 */
export function serviceOf(pack: Pack, service: Service): Service {
  const { analyzeStack, configure } = service;
  if (typeof analyzeStack !== "function" || typeof configure !== "function") return service;
  return {
    ...withConfiguration(pack, service),
    analyzeStack: stackHandler(pack, analyzeStack as Handler<AnalyzeStackRequest>),
  };
}

/**
 * The service of a custom pack that includes these policies: the configuration is for all of them, and those of one call
 * share its sessions.
 */
export function serviceOfCustomPack(pack: Pack, service: Service): Service {
  const { analyzeStack } = service;
  return {
    ...withConfiguration(pack, service),
    ...(typeof analyzeStack === "function"
      ? { analyzeStack: customStackHandler(analyzeStack as Handler<AnalyzeStackRequest>) }
      : {}),
  };
}

function withConfiguration(pack: Pack, service: Service): Service {
  const { configure } = service;
  if (typeof configure !== "function") return service;
  return {
    ...service,
    configure: (...args: unknown[]) => {
      pack.reset();
      pack.configure(attempt(() => configurationIn(args[0] as ConfigureCall)) ?? {});
      return configure(...args);
    },
  };
}

interface ConfigureCall {
  readonly request: ConfigureAnalyzerRequest;
}

function configurationIn({ request }: ConfigureCall): Readonly<Record<string, unknown>> {
  const configuration: Record<string, unknown> = {};
  request.getPolicyconfigMap().forEach((policyConfig, policy) => {
    configuration[policy] = policyConfig.getProperties()?.toJavaScript();
  });
  return configuration;
}

/**
 * Answers `AnalyzeStack` with the SDK's own handler, which passes every policy an empty stack; the stack to analyze has
 * been read before, once.
 */
export function stackHandler(
  pack: Pack,
  handler: Handler<AnalyzeStackRequest>,
): Handler<AnalyzeStackRequest> {
  return (call, callback) => {
    let empty: AnalyzeStackRequest | undefined;
    return pack.within(
      () => {
        const reduced = reducedStack(call.request, pack.readsAccount);
        empty = reduced?.empty;
        return reduced;
      },
      () => handler(Object.create(call, { request: { value: empty } }) as typeof call, callback),
      () => {
        try {
          call.request.getResourcesList();
        } catch (error) {
          return callback(error);
        }
        return handler(call, callback);
      },
    );
  };
}

/** Answers `AnalyzeStack` with the SDK's own handler, which passes the whole stack to each policy of a custom pack. */
export function customStackHandler(handler: Handler<AnalyzeStackRequest>): Handler<AnalyzeStackRequest> {
  return (call, callback) => inOneRequest(() => handler(call, callback));
}

/** A failure here must not be visible: the SDK's own handling is slower, and reports its own errors. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
