/** The two ways for programs to connect to a monitor. */
import type { Monitor } from "./monitor";

type Callback = (error: Error | null, response?: unknown) => void;

type Method = Exclude<
  keyof Monitor,
  "close" | "plannedResources" | "remoteComponents" | "resources" | "state"
>;

/** The requests of a monitor. */
const METHODS: ReadonlySet<string> = new Set<Method>([
  "call",
  "invoke",
  "readResource",
  "registerErrorHook",
  "registerPackage",
  "registerResource",
  "registerResourceHook",
  "registerResourceOutputs",
  "registerStackInvokeTransform",
  "registerStackTransform",
  "signalAndWaitForShutdown",
  "supportsFeature",
]);

/** https://grpc.io/docs/guides/status-codes/ */
const UNKNOWN_ERROR = 2;
const UNIMPLEMENTED = 12;

/** A monitor as its client. It rejects unknown requests as an older engine would, and newer SDKs fall back. */
export function clientOf(monitor: Monitor): object {
  return new Proxy(monitor, {
    get: (_target, key) => {
      if (typeof key === "symbol" || key === "then") return undefined;
      // The client of a real monitor is closed at the end of a program.
      if (key === "close") return () => undefined;
      return (request: unknown, ...args: unknown[]) => {
        const callback = args.find((entry): entry is Callback => typeof entry === "function");
        if (callback !== undefined) reply(monitor, key, request, callback);
      };
    },
  });
}

/** A monitor as the handlers of a server, one for each method of a service. */
export function handlersOf(
  monitor: Monitor,
  methods: readonly string[],
): Record<string, (call: { request: unknown }, callback: Callback) => void> {
  return Object.fromEntries(
    methods.map((method) => [
      method,
      (call: { request: unknown }, callback: Callback) => reply(monitor, method, call.request, callback),
    ]),
  );
}

function reply(monitor: Monitor, method: string, request: unknown, callback: Callback): void {
  if (!METHODS.has(method)) {
    callback(failure(new Error(`the resource monitor does not have ${method}`), UNIMPLEMENTED));
    return;
  }
  const fail = (error: unknown): void =>
    callback(failure(error instanceof Error ? error : new Error(String(error)), UNKNOWN_ERROR));
  let response: unknown;
  try {
    response = (monitor[method as Method] as (request: unknown) => unknown)(request);
  } catch (error) {
    fail(error);
    return;
  }
  if (response instanceof Promise) response.then((answer) => callback(null, answer), fail);
  else callback(null, response);
}

function failure(error: Error, code: number): Error {
  return Object.assign(error, { code, details: error.message });
}
