import { printable } from "./printable";

/** Where AWS has something else than the state of a stack. */
export interface DriftWords {
  readonly code: "missing" | "differs";
  readonly part: "inline-policy" | "attachment" | "statement" | "trust-policy" | "managed-policy";
  readonly holder: string;
  readonly name: string;
  readonly asOf: string;
}

const PARTS: Readonly<Record<DriftWords["part"], (words: DriftWords) => string>> = {
  "inline-policy": ({ holder, name }) => `the inline policy "${name}" of ${holder}`,
  attachment: ({ holder, name }) => `the attachment of ${name} to ${holder}`,
  statement: ({ holder, name }) => `the statement "${name}" in the resource policy of ${holder}`,
  "trust-policy": ({ holder }) => `the trust policy of ${holder}`,
  "managed-policy": ({ name }) => `the managed policy ${name}`,
};

/** One difference, in a sentence. */
export function describeDrift(words: DriftWords): string {
  const part = PARTS[words.part](words);
  const what =
    words.code === "missing"
      ? `${part} is in the state and gone in AWS`
      : `${part} says something else in AWS than in the state`;
  return printable(`${what} (account data as of ${words.asOf})`);
}
