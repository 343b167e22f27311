import { and, not, or, type Trilean } from "../text/trilean";
import type { ControlPolicies, Source } from "./model";
import { KINDS } from "./principal";
import type { EvaluationContext, MatchedStatement } from "./statement";
import { type Tally, tally } from "./tally";
import type { UnknownReason, UnknownSubject } from "./unknowns";

/** The effect of control policies on a request that other policies may allow. */
export interface Controlled {
  readonly allow: Trilean;
  readonly deny: Trilean;
  readonly denying: MatchedStatement | undefined;
  readonly maybe: readonly MatchedStatement[];
  /** Reasons for an unknown answer, other than statements. */
  readonly general: readonly UnknownReason[];
  /** The documents of the first level that certainly does not allow the request. */
  readonly lacking: readonly Source[];
}

const ALLOWED: Controlled = {
  allow: "yes",
  deny: "no",
  denying: undefined,
  maybe: [],
  general: [],
  lacking: [],
};

/**
 * An explicit deny at any level denies, and every level has to allow.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
 */
export function controlled(
  policies: readonly (ControlPolicies | undefined)[],
  question: EvaluationContext,
): Controlled {
  // Few configurations have control policies, and there are many requests.
  if (policies.every((policy) => policy === undefined)) return ALLOWED;
  const all = policies.flatMap((policy) => (policy === undefined ? [] : [byOne(policy, question)]));
  const [first = ALLOWED, ...more] = all;
  return more.reduce(
    (before, entry) => ({
      allow: and([before.allow, entry.allow]),
      deny: or([before.deny, entry.deny]),
      denying: before.denying ?? entry.denying,
      maybe: [...before.maybe, ...entry.maybe],
      general: [...before.general, ...entry.general],
      lacking: before.lacking.length > 0 ? before.lacking : entry.lacking,
    }),
    first,
  );
}

function byOne(
  { levels, unattached, mayNotApply }: ControlPolicies,
  question: EvaluationContext,
): Controlled {
  const applies: Trilean = mayNotApply === undefined ? "yes" : "unknown";
  const found = levels.map(({ sources, unseen }) => {
    const own = tally(sources, question);
    const hidden: Trilean = unseen.length > 0 ? "unknown" : "no";
    return { sources, unseen, own, allow: or([allowed(own), hidden]), deny: or([own.deny, hidden]) };
  });
  const loose = tally(unattached, question);
  const perhaps: Trilean = loose.deny === "no" ? "no" : "unknown";
  const allow = and(found.map((level) => level.allow));
  const denying = found
    .map(({ own }) => own.denying)
    .find((matchedStatement) => matchedStatement !== undefined);
  const subjects = [
    ...found.flatMap(({ unseen }) => unseen),
    ...(mayNotApply === undefined ? [] : [mayNotApply]),
  ];
  return {
    allow: or([allow, not(applies)]),
    deny: and([or([...found.map(({ deny }) => deny), perhaps]), applies]),
    denying: applies === "yes" ? denying : undefined,
    maybe: [
      ...found.flatMap(({ own }) => doubtful(own, applies)),
      ...doubtful(loose, "unknown").filter(({ effect }) => effect === "Deny"),
    ],
    general: subjects.map(inGeneral),
    lacking: applies === "yes" ? (found.find((level) => level.allow === "no")?.sources ?? []) : [],
  };
}

function allowed({ allow }: Tally): Trilean {
  return or(KINDS.map((kind) => allow[kind]));
}

/** Reasons for an unknown answer: where it is unknown whether policies apply, so are their denies. */
function doubtful({ maybe, denying }: Tally, applies: Trilean): readonly MatchedStatement[] {
  if (applies === "yes" || denying === undefined) return maybe;
  return [...maybe, { ...denying, applies: "unknown" }];
}

function inGeneral(subject: UnknownSubject): UnknownReason {
  return { subject, dependsOn: [], could: "either" };
}
