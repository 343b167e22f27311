import { setTimeout as setTimeoutPromise } from "node:timers/promises";

/** The interval between checks of the activity of a program, in milliseconds. */
const CHECK_INTERVAL = 5;

/** The handles that keep the process alive: timers, reads, connections, other processes, by type. */
function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** The handles of plugins and of the server that they are connected to. */
const PLUGIN_HANDLES: ReadonlySet<string> = new Set([
  "PipeWrap",
  "ProcessWrap",
  "TCPServerWrap",
  "TCPSocketWrap",
]);

/** How long to wait until nothing keeps the event loop alive. */
export interface IdleOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Whether plugins may be started during the program: their handles do not count. */
  readonly hasPlugins: () => boolean;
}

/**
 * Pulumi considers a program finished when nothing keeps its process alive, not when its module has run: resources from
 * a timer or a read that is not awaited are part of the stack.
 * https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/index.ts
 *
 * @returns A function that waits until no more handles are open than when this one was called, up to a number of
 * milliseconds. `untilSettled` waits for the program's pending requests, which may start further work.
 */
export function eventLoop(): {
  readonly untilIdle: (untilSettled: () => Promise<unknown>, options: IdleOptions) => Promise<void>;
} {
  const initial = activeResources();
  const isActive = (hasPlugins: boolean): boolean =>
    [...activeResources()].some(
      ([type, count]) => count > (initial.get(type) ?? 0) && !(hasPlugins && PLUGIN_HANDLES.has(type)),
    );
  return {
    untilIdle: async (untilSettled, { timeout, signal, hasPlugins }) => {
      const end = Date.now() + timeout;
      await untilSettled();
      while (isActive(hasPlugins()) && Date.now() < end && !signal.aborted) {
        await setTimeoutPromise(CHECK_INTERVAL);
        await untilSettled();
      }
    },
  };
}
