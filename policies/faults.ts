import type { Fault } from "./definition";

/** What is known of an error that is safe to show. */
export function faultOf(error: unknown): Fault {
  return error instanceof Error
    ? { kind: error.name, place: placeOf(error) }
    : { kind: "Error", place: "at an unknown place" };
}

/** The innermost line of the pack's own code, without the folder it is installed in. */
function placeOf(error: Error): string {
  const line = error.stack?.split("\n").find((one) => one.trimStart().startsWith("at "));
  return (line ?? "at an unknown place").trim().replace(/\(.*[\\/]/, "(");
}

/** Equal for what is one and the same fault, however many policies meet it. */
export function faultKey({ kind, place }: Fault): string {
  return `${kind} ${place}`;
}

/** What people read of a fault, under the policy that met it first. */
export function faultMessage({ kind, place }: Fault, policy: string): string {
  return `Internal error in this policy pack (${kind} ${place}): ${policy}, and whatever depends on the same part, could not be evaluated in full. This is a bug of the pack and says nothing about the stack; please report it. Everything else was evaluated.`;
}
