import { GATES, principalOf, type Verdict } from "../access";
import { type Language, type Terms, writerOf } from "./languages";
import { printable } from "./printable";
import { list } from "./text";

/** The basis of an inference, and how to proceed when it is wrong. */
export function inference(verdict: Verdict): ((language: Language) => string) | undefined {
  if (verdict.inferredFrom.length === 0) return undefined;
  const dependencies = list(verdict.inferredFrom.map((origin) => printable(origin.label)));
  return (language) =>
    [
      `Inferred: some values are unknown in this preview, and this finding is based on what they depend on: ${dependencies}.`,
      ...alternatives(verdict, writerOf(language).terms),
    ].join("\n");
}

const PROVE =
  'If this is wrong, set "whenUnknown": "prove" for this policy: it then infers nothing about unknown values.';

function alternatives(verdict: Verdict, terms: Terms): readonly string[] {
  const { gate, cause } = verdict;
  const principal = principalOf(verdict);
  if (principal === undefined)
    return [
      PROVE,
      ...(cause === "no-permission" && terms.apply !== undefined
        ? [
            `A preview does not include a permission that is created in a callback of ${terms.apply}: create it outside the callback.`,
          ]
        : []),
    ];
  // When every document is known, the function itself was inferred.
  const hidden = principal.sources.some(({ inferredFrom }) => inferredFrom !== undefined);
  return [
    ...(hidden
      ? [
          `If this is wrong, do one of the following: refer to the function's ARN in the policy document (${referenceAdvice(terms)}),`,
          'grant access to a literal ARN in a separate document, or set "whenUnknown": "prove" for this policy.',
        ]
      : [PROVE]),
    ...(GATES[gate].principal === "caller"
      ? [`If ${printable(principal.label)} is not intended to call the API, exempt it.`]
      : []),
  ];
}

function referenceAdvice({ interpolation, apply }: Terms): string {
  return `with ${interpolation}${apply === undefined ? "" : `: a preview does not run callbacks of ${apply}`}`;
}
