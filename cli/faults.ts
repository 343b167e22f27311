import { type Fault, showFault } from "../messages/pack";
import { faultKey, faultOf } from "../policies";
import { Failure, isThrown } from "../programs/failure";
import { note } from "./output";

/** The faults of the pack that a command met, each of which it reports once. */
export class Faults {
  private readonly byKey = new Map<string, Fault>();

  get all(): readonly Fault[] {
    return [...this.byKey.values()];
  }

  add(fault: Fault): void {
    const key = faultKey(fault);
    if (this.byKey.has(key)) return;
    this.byKey.set(key, fault);
    note(
      `error: internal error (${showFault(fault)}): results that depend on it are missing; please report it`,
    );
  }

  /** Goes on without what fails, unless the user of the command can fix it. */
  attempt<T>(make: () => readonly T[]): readonly T[] {
    try {
      return make();
    } catch (error) {
      if (isThrown(error, Failure)) throw error;
      this.add(faultOf(error));
      return [];
    }
  }
}
