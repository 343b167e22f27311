import { and, not, or, type Trilean } from "../text/trilean";
import type { ControlPolicies, PolicySource } from "./model";
import { MATCH_KINDS } from "./principal";
import type { EvaluationContext, MatchedStatement } from "./statement";
import { type Tally, tally } from "./tally";
import type { UnknownReason, UnknownSubject } from "./unknowns";

/** The effect of control policies on a request that other policies may allow. */
export interface ControlPolicyResult {
  readonly allow: Trilean;
  readonly deny: Trilean;
  readonly denying: MatchedStatement | undefined;
  readonly uncertain: readonly MatchedStatement[];
  /** Reasons for an unknown answer, other than statements. */
  readonly generalReasons: readonly UnknownReason[];
  /** The documents of the first level that certainly does not allow the request. */
  readonly missingAllow: readonly PolicySource[];
}

const ALLOWED: ControlPolicyResult = {
  allow: "yes",
  deny: "no",
  denying: undefined,
  uncertain: [],
  generalReasons: [],
  missingAllow: [],
};

/**
 * An explicit deny at any level denies, and every level has to allow.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
 */
export function evaluateControlPolicies(
  policies: readonly (ControlPolicies | undefined)[],
  context: EvaluationContext,
): ControlPolicyResult {
  // Few configurations have control policies, and there are many requests.
  if (policies.every((policy) => policy === undefined)) return ALLOWED;
  const results = policies.flatMap((policy) =>
    policy === undefined ? [] : [evaluateControlPolicy(policy, context)],
  );
  const [first = ALLOWED, ...more] = results;
  return more.reduce(
    (previous, entry) => ({
      allow: and([previous.allow, entry.allow]),
      deny: or([previous.deny, entry.deny]),
      denying: previous.denying ?? entry.denying,
      uncertain: [...previous.uncertain, ...entry.uncertain],
      generalReasons: [...previous.generalReasons, ...entry.generalReasons],
      missingAllow: previous.missingAllow.length > 0 ? previous.missingAllow : entry.missingAllow,
    }),
    first,
  );
}

function evaluateControlPolicy(
  { levels, unattached, mayNotApply }: ControlPolicies,
  context: EvaluationContext,
): ControlPolicyResult {
  const applies: Trilean = mayNotApply === undefined ? "yes" : "unknown";
  const levelResults = levels.map(({ sources, unseen }) => {
    const levelTally = tally(sources, context);
    const unseenEffect: Trilean = unseen.length > 0 ? "unknown" : "no";
    return {
      sources,
      unseen,
      levelTally,
      allow: or([allowed(levelTally), unseenEffect]),
      deny: or([levelTally.deny, unseenEffect]),
    };
  });
  const unattachedTally = tally(unattached, context);
  const unattachedDeny: Trilean = unattachedTally.deny === "no" ? "no" : "unknown";
  const allow = and(levelResults.map((level) => level.allow));
  const denying = levelResults
    .map(({ levelTally }) => levelTally.denying)
    .find((matchedStatement) => matchedStatement !== undefined);
  const subjects = [
    ...levelResults.flatMap(({ unseen }) => unseen),
    ...(mayNotApply === undefined ? [] : [mayNotApply]),
  ];
  return {
    allow: or([allow, not(applies)]),
    deny: and([or([...levelResults.map(({ deny }) => deny), unattachedDeny]), applies]),
    denying: applies === "yes" ? denying : undefined,
    uncertain: [
      ...levelResults.flatMap(({ levelTally }) => uncertainStatements(levelTally, applies)),
      ...uncertainStatements(unattachedTally, "unknown").filter(({ effect }) => effect === "Deny"),
    ],
    generalReasons: subjects.map(generalReason),
    missingAllow:
      applies === "yes" ? (levelResults.find((level) => level.allow === "no")?.sources ?? []) : [],
  };
}

function allowed({ allow }: Tally): Trilean {
  return or(MATCH_KINDS.map((kind) => allow[kind]));
}

/** Reasons for an unknown answer: where it is unknown whether policies apply, so are their denies. */
function uncertainStatements({ uncertain, denying }: Tally, applies: Trilean): readonly MatchedStatement[] {
  if (applies === "yes" || denying === undefined) return uncertain;
  return [...uncertain, { ...denying, applies: "unknown" }];
}

function generalReason(subject: UnknownSubject): UnknownReason {
  return { subject, dependsOn: [], could: "either" };
}
