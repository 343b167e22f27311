/** Loaded by the page of the HTML report as well, so it imports nothing. */

/** A fix as someone reads it. */
export interface WrittenFix {
  /** Without a colon before the code. */
  readonly text: string;
  /** The code to paste into the program. */
  readonly code?: string;
  /** An alternative, or further steps. */
  readonly alternative?: string;
}

/** The paragraph before the code. */
export function fixLead({ text, code }: WrittenFix): string {
  return code === undefined ? text : `${text}:`;
}

/** All parts of a fix. */
export function showFix(fix: WrittenFix): string {
  return [fixLead(fix), fix.code, fix.alternative].filter((part) => part !== undefined).join("\n");
}
