import { GATES, principalOf, type Verdict } from "../access";
import type { UnknownReason } from "../iam";
import { SECRET } from "../stack";
import { commandFor, isControlPolicy } from "./commands";
import { type Language, type Terms, writerOf } from "./languages";
import { printable } from "./printable";
import { list } from "./text";
import { showResolution, showSubject } from "./unknown-sentences";

/** The basis of an inference, and how to proceed when it is wrong. */
export function inference(verdict: Verdict): ((language: Language) => string) | undefined {
  if (verdict.inferredFrom.length === 0) return undefined;
  const from = list(verdict.inferredFrom.map((origin) => printable(origin.label)));
  return (language) =>
    [
      `Inferred: this preview does not show every value; this is probably so, given what the unknown values depend on: ${from}.`,
      ...waysOut(verdict, writerOf(language).terms),
    ].join("\n");
}

const PROVE =
  'If that is wrong, set "whenUnknown": "prove" for this policy: it then concludes nothing from unknown values.';

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
          `If that is wrong, there are three ways out: name the function's ARN in the document (${byReference(terms)}),`,
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

/** The unknown value, with its dependencies. */
export function showUnknown(unknown: UnknownReason): string {
  const others = [...new Set(unknown.dependsOn)].filter((label) => label !== SECRET.label);
  const from = others.length > 0 ? `, which depends on ${list(others)}` : "";
  return `${showSubject(unknown.subject)}${from}${isEncrypted(unknown) ? ": it is encrypted in the state" : ""}`;
}

function isEncrypted({ dependsOn }: UnknownReason): boolean {
  return dependsOn.includes(SECRET.label);
}

/** How an unknown is resolved when only its dependencies are known. */
const RESOLVE = "preview again once the resources named above exist, or write their values out";

/** https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
const DECRYPT = "export the stack with its secrets in clear text (pulumi stack export --show-secrets)";

/** How an unknown itself is resolved; `undefined` when its dependencies are. */
function resolutionOf(unknown: UnknownReason, language: Language): string | undefined {
  const command = commandFor(unknown);
  const way = wayOf(unknown, language);
  // Values that depend on resources are known once these exist; account data may still be missing then.
  if (command === undefined) return way;
  const data = `give what this prints as account data: ${command}`;
  return way === undefined || isOfOrganization(unknown) ? data : `${way}; or ${data}`;
}

/** Control policies are managed in stacks of the management account, which have no routes. */
function isOfOrganization({ subject }: UnknownReason): boolean {
  return (
    subject.code === "control-policy-list" || (subject.code === "document" && isControlPolicy(subject.arn))
  );
}

function wayOf(unknown: UnknownReason, language: Language): string | undefined {
  if (isEncrypted(unknown)) return DECRYPT;
  if (unknown.resolution !== undefined) return showResolution(unknown.resolution, language);
  if (unknown.varies) return "let it cover every request to the route, or none";
  return unknown.dependsOn.length > 0
    ? undefined
    : "write it out in this stack; where no later preview shows it either, exempt the resource";
}

/** How unknowns are resolved, without duplicates. */
export function resolutions(unknowns: readonly UnknownReason[], language: Language): readonly string[] {
  return [...new Set(unknowns.map((unknown) => resolutionOf(unknown, language) ?? RESOLVE))];
}

const MOST_UNKNOWNS = 8;

/** Unknowns, one a line, each with how it is resolved. */
export function showUnknowns(unknowns: readonly UnknownReason[], language: Language): readonly string[] {
  const lines = new Map<string, UnknownReason>();
  for (const unknown of unknowns) {
    const resolution = resolutionOf(unknown, language);
    lines.set(
      `  - Unknown: ${showUnknown(unknown)}.${resolution === undefined ? "" : ` To resolve: ${resolution}.`}`,
      unknown,
    );
  }
  const shown = [...lines].slice(0, MOST_UNKNOWNS);
  const more = lines.size - shown.length;
  return [
    ...shown.map(([line]) => line),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    ...(shown.some(([, unknown]) => resolutionOf(unknown, language) === undefined)
      ? [`To resolve: ${RESOLVE}.`]
      : []),
  ];
}
