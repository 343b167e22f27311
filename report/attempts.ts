/** Computes the items of a part of a report. */
export type Attempt = <T>(compute: () => readonly T[]) => readonly T[];

/** An attempt that reports a failure and returns no items: an incomplete report is better than none. */
export function createAttempt(onFault: ((error: unknown) => void) | undefined): Attempt {
  return (compute) => {
    if (onFault === undefined) return compute();
    try {
      return compute();
    } catch (error) {
      onFault(error);
      return [];
    }
  };
}
