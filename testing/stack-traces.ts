/**
 * Pulumi's SDK captures a stack trace for every promise it creates. Formatting them with source maps, as ts-node does,
 * takes three quarters of the time of a plan; an error's own trace is formatted when it is read, afterwards.
 */

/** The number of frames in a trace while a program runs; Node's default where it is not set. */
export const stackTraces: { limit?: number } = {};

/** Calls a function with source maps disabled in stack traces. */
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
