/**
 * Pulumi's SDK takes a stack trace for every promise it makes. Formatting them with source maps, as ts-node does,
 * takes three quarters of the time of a plan; an error's own trace is formatted when someone reads it, afterwards.
 */

/** How many frames a trace keeps while a program runs; Node's own bound where it is not set. */
export const stackTraces: { limit?: number } = {};

/** Does some work without source maps in the stack traces that are read meanwhile. */
export async function withPlainStackTraces<T>(work: () => Promise<T>): Promise<T> {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = undefined as never;
  Error.stackTraceLimit = stackTraces.limit ?? stackTraceLimit;
  try {
    return await work();
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
