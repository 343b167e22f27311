import type { Fault } from "../../messages/pack";

/**
 * The information about an error that is safe to show. Never throws: any value may have been thrown, even one that
 * throws when it is read.
 */
export function faultOf(error: unknown): Fault {
  try {
    if (!(error instanceof Error)) return { kind: "Error" };
    const kind = /^\w{1,50}$/.exec(error.name)?.[0] ?? "Error";
    // The frame in which a stack overflows is arbitrary, and would differ from policy to policy.
    if (error instanceof RangeError) return { kind };
    const place = placeOf(error);
    return { kind, ...(place === undefined ? {} : { place }) };
  } catch {
    return { kind: "Error" };
  }
}

/**
 * The innermost line of the pack's own code, without the folder it is installed in, and never from the error's message.
 */
function placeOf({ stack, message }: Error): string | undefined {
  const stackTrace = stack?.split(message).at(-1);
  const line = stackTrace?.split("\n").find((text) => text.trimStart().startsWith("at "));
  return line?.trim().replace(/\(.*[\\/]/, "(");
}

/** Equal for the same fault in several policies. */
export function faultKey({ kind, place = "" }: Fault): string {
  return `${kind} ${place}`;
}
