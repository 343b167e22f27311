import type { Fault } from "../messages/pack";

/** What is known of an error that is safe to show. Never throws: anything may have been thrown, and may throw itself. */
export function faultOf(error: unknown): Fault {
  try {
    if (!(error instanceof Error)) return { kind: "Error" };
    const kind = /^\w{1,50}$/.exec(error.name)?.[0] ?? "Error";
    // Where a stack overflows is chance, and each policy would report a place of its own.
    if (error instanceof RangeError) return { kind };
    const place = placeOf(error);
    return { kind, ...(place === undefined ? {} : { place }) };
  } catch {
    return { kind: "Error" };
  }
}

/** The innermost line of the pack's own code, without the folder it is installed in. What the message holds is none. */
function placeOf({ stack, message }: Error): string | undefined {
  const behind = stack?.split(message).at(-1);
  const line = behind?.split("\n").find((one) => one.trimStart().startsWith("at "));
  return line?.trim().replace(/\(.*[\\/]/, "(");
}

/** Equal for what is one and the same fault, however many policies meet it. */
export function faultKey({ kind, place = "" }: Fault): string {
  return `${kind} ${place}`;
}
