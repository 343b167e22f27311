import { GATES, principalOf, type Verdict } from "../access";
import { type Language, type Terms, writerOf } from "./languages";
import { printable } from "./printable";
import { list } from "./text";

/** The basis of an inference, and how to proceed when it is wrong. */
export function inference(verdict: Verdict): ((language: Language) => string) | undefined {
  if (verdict.inferredFrom.length === 0) return undefined;
  const from = list(verdict.inferredFrom.map((origin) => printable(origin.label)));
  return (language) =>
    [
      `Inferred: this preview does not show every value; this is probably so, given the dependencies of the unknown values: ${from}.`,
      ...waysOut(verdict, writerOf(language).terms),
    ].join("\n");
}

const PROVE =
  'If that is wrong, set "whenUnknown": "prove" for this policy: the policy then infers nothing about unknown values.';

function waysOut(verdict: Verdict, terms: Terms): readonly string[] {
  const { gate, cause } = verdict;
  const principal = principalOf(verdict);
  if (principal === undefined)
    return [
      PROVE,
      ...(cause === "no-permission" && terms.apply !== undefined
        ? [
            `A permission that is created inside a callback of ${terms.apply} is not part of a preview: create it outside.`,
          ]
        : []),
    ];
  // When every document is known, the function itself was inferred.
  const hidden = principal.sources.some(({ inferredFrom }) => inferredFrom !== undefined);
  return [
    ...(hidden
      ? [
          `If that is wrong, there are three options: name the function's ARN in the document (${byReference(terms)}),`,
          'put a literal grant in a document of its own, or set "whenUnknown": "prove" for this policy.',
        ]
      : [PROVE]),
    ...(GATES[gate].isOfCaller
      ? [`Exempt ${printable(principal.label)} if it is not intended to call the API at all.`]
      : []),
  ];
}

function byReference({ interpolation, apply }: Terms): string {
  return `with ${interpolation}${apply === undefined ? "" : `: a preview does not run callbacks of ${apply}`}`;
}
