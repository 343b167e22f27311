/**
 * Pulumi's SDK captures a stack trace for every promise it creates. Formatting them with source maps, as ts-node does,
 * takes three quarters of the time of a plan; an error's own trace is formatted when it is read, afterwards.
 */

/** Whether errors have stack traces while a program runs whose resources have no positions. */
export const stackTraces = { captured: true };

/** The SDK sets the limit itself for each resource. While it is not a data property, V8 captures no stack traces. */
const NO_STACK_TRACES: PropertyDescriptor = { get: () => 0, set: () => undefined, configurable: true };

/** Calls a function with source maps disabled in stack traces, from which the SDK takes the positions of resources. */
export async function withPlainStackTraces<T>(hasPositions: boolean, work: () => Promise<T>): Promise<T> {
  const { prepareStackTrace } = Error;
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  Error.prepareStackTrace = undefined as never;
  if (!stackTraces.captured && !hasPositions)
    Object.defineProperty(Error, "stackTraceLimit", NO_STACK_TRACES);
  try {
    return await work();
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    if (limit !== undefined) Object.defineProperty(Error, "stackTraceLimit", limit);
  }
}
