import type { Fault } from "../messages/pack";

/** What is known of an error that is safe to show. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { kind: "Error" };
  const place = placeOf(error);
  return { kind: error.name, ...(place === undefined ? {} : { place }) };
}

/** The innermost line of the pack's own code, without the folder it is installed in. */
function placeOf(error: Error): string | undefined {
  const line = error.stack?.split("\n").find((one) => one.trimStart().startsWith("at "));
  return line?.trim().replace(/\(.*[\\/]/, "(");
}

/** Equal for what is one and the same fault, however many policies meet it. */
export function faultKey({ kind, place = "" }: Fault): string {
  return `${kind} ${place}`;
}
