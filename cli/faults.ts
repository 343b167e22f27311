import { type Fault, showFault } from "../messages/pack";
import { faultKey, faultOf } from "../policies";
import { isThrown, UserError } from "../programs/user-error";
import { printToStderr } from "./output";

/** Collects the internal errors of a command, and prints each of them once. */
export class Faults {
  private readonly faultsByKey = new Map<string, Fault>();

  get all(): readonly Fault[] {
    return [...this.faultsByKey.values()];
  }

  add(fault: Fault): void {
    const key = faultKey(fault);
    if (this.faultsByKey.has(key)) return;
    this.faultsByKey.set(key, fault);
    printToStderr(
      `error: internal error (${showFault(fault)}); results that depend on it are missing; please report it`,
    );
  }

  /** Returns an empty list if the computation fails with an internal error. */
  attempt<T>(compute: () => readonly T[]): readonly T[] {
    try {
      return compute();
    } catch (error) {
      if (isThrown(error, UserError)) throw error;
      this.add(faultOf(error));
      return [];
    }
  }
}
