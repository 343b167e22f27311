/** Makes the items of a part of a report. */
export type Attempt = <T>(make: () => readonly T[]) => readonly T[];

/** An attempt that leaves out what fails, and reports that: a report of the rest is better than none. */
export function attempting(onFault: ((error: unknown) => void) | undefined): Attempt {
  return (make) => {
    if (onFault === undefined) return make();
    try {
      return make();
    } catch (error) {
      onFault(error);
      return [];
    }
  };
}
