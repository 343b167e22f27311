import { setTimeout as setTimeoutPromise } from "node:timers/promises";

/** How often the activity of a program is checked, in milliseconds. */
const LOOK = 5;

/** The handles that keep the process alive: timers, reads, connections, other processes, by type. */
function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** The handles of plugins and of the server that they are connected to. */
const OF_PLUGINS: ReadonlySet<string> = new Set([
  "PipeWrap",
  "ProcessWrap",
  "TCPServerWrap",
  "TCPSocketWrap",
]);

export interface QuietOptions {
  /** In milliseconds. */
  readonly longest: number;
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
  readonly quiet: (untilSettled: () => Promise<unknown>, options: QuietOptions) => Promise<void>;
} {
  const before = activeResources();
  const goesOn = (hasPlugins: boolean): boolean =>
    [...activeResources()].some(
      ([type, count]) => count > (before.get(type) ?? 0) && !(hasPlugins && OF_PLUGINS.has(type)),
    );
  return {
    quiet: async (untilSettled, { longest, signal, hasPlugins }) => {
      const end = Date.now() + longest;
      await untilSettled();
      while (goesOn(hasPlugins()) && Date.now() < end && !signal.aborted) {
        await setTimeoutPromise(LOOK);
        await untilSettled();
      }
    },
  };
}
