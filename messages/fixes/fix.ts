import { type Language, writePhrase, writeSnippet } from "../languages";
import { ProgramIdentifiers, type References } from "../references";
import type { Phrase, Snippet } from "../snippets";
import { showFix, type WrittenFix } from "./written-fix";

/** The fix of a finding. */
export interface Fix {
  /** Without a colon before the code, and with a full stop where no code follows. */
  readonly text: string;
  /** The code to paste into the program, in its language. */
  readonly snippets?: readonly Snippet[];
  /** JSON to paste, the same in each language. */
  readonly code?: string;
  /** An alternative: one sentence. */
  readonly alternative?: Phrase;
  /** URNs of the resources that it names by reference, in order. */
  readonly references?: readonly string[];
}

/** A fix in the language of the program that it is for. */
export function writtenFix(fix: Fix, language: Language): WrittenFix {
  const { text, snippets = [], code, alternative = [], references = [] } = fix;
  const identifiers = new ProgramIdentifiers(references, language);
  const nameOf = (urn: string): string => identifiers.identifierOf(urn);
  const texts = [
    ...(code === undefined ? [] : [code]),
    ...snippets.map((snippet) => writeSnippet(snippet, language, nameOf)),
  ];
  const alternativeText = writePhrase(alternative, language, nameOf);
  const legend = identifiers.legend();
  return {
    text: legend === "" ? text : `${text}, where ${legend}`,
    ...(texts.length === 0 ? {} : { code: texts.join("\n") }),
    ...(alternativeText === "" ? {} : { alternative: alternativeText }),
  };
}

/** A fix as messages print it. */
export function fixText(fix: Fix, language: Language): string {
  return showFix(writtenFix(fix, language));
}

/** A fix whose code names resources by reference, with its alternative. */
export function withReferences(
  fix: Omit<Fix, "alternative" | "references">,
  alternative: Phrase,
  names: References,
): Fix {
  return { ...fix, ...(alternative.length === 0 ? {} : { alternative }), references: names.urns };
}
