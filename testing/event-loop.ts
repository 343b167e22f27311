import { setTimeout as setTimeoutPromise } from "node:timers/promises";

/** How often someone looks whether a program still does something, in milliseconds. */
const LOOK = 5;

/** What keeps the process from ending: timers, reads, connections, other processes, by type. */
function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** What the processes of plugins and the server that they talk to keep alive. */
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
  /** Whether plugins run in addition to the program, which may start late: what they keep alive does not count. */
  readonly hasPlugins: () => boolean;
}

/**
 * Pulumi takes a program to be at its end when nothing is left that keeps its process alive, not when its module has
 * run: what a timer or a read that nobody awaits makes is part of the stack.
 * https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/index.ts
 *
 * @returns A function that waits until no more goes on than when this one was called, at most for so many
 * milliseconds. `settle` waits for what a program has already asked for, which may start something anew.
 */
export function eventLoop(): {
  readonly quiet: (settle: () => Promise<unknown>, options: QuietOptions) => Promise<void>;
} {
  const before = activeResources();
  const goesOn = (hasPlugins: boolean): boolean =>
    [...activeResources()].some(
      ([type, count]) => count > (before.get(type) ?? 0) && !(hasPlugins && OF_PLUGINS.has(type)),
    );
  return {
    quiet: async (settle, { longest, signal, hasPlugins }) => {
      const end = Date.now() + longest;
      await settle();
      while (goesOn(hasPlugins()) && Date.now() < end && !signal.aborted) {
        await setTimeoutPromise(LOOK);
        await settle();
      }
    },
  };
}
