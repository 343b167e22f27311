/**
 * Kleene's strong three-valued logic: `unknown` means "either yes or no, the plan does not show which".
 *
 * Every operation is monotone: making an `unknown` operand known may turn the result from `unknown` into `yes` or `no`,
 * never from `yes` into `no`. The soundness of all answers of this pack depends on that.
 */
export type Trilean = "yes" | "no" | "unknown";

/** `no` when any operand is `no`; else `unknown` when any is; else `yes` (also for no operands). */
export function and(operands: Iterable<Trilean>): Trilean {
  let result: Trilean = "yes";
  for (const operand of operands) {
    if (operand === "no") return "no";
    if (operand === "unknown") result = "unknown";
  }
  return result;
}

/** `yes` when any operand is `yes`; else `unknown` when any is; else `no` (also for no operands). */
export function or(operands: Iterable<Trilean>): Trilean {
  let result: Trilean = "no";
  for (const operand of operands) {
    if (operand === "yes") return "yes";
    if (operand === "unknown") result = "unknown";
  }
  return result;
}

/** Swaps `yes` and `no`; `unknown` stays `unknown`. */
export function not(operand: Trilean): Trilean {
  return operand === "unknown" ? "unknown" : operand === "yes" ? "no" : "yes";
}

/** A boolean as a trilean. */
export function trilean(value: boolean): Trilean {
  return value ? "yes" : "no";
}
