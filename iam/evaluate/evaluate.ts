import { fillHoles, holesOf, valuations } from "../text/pattern";
import type { Hole, Text } from "../text/text";
import { and, not, or, type Trilean } from "../text/trilean";
import { isUnknown, type Unknown } from "../text/unknown";
import { type ControlPolicyResult, evaluateControlPolicies } from "./control-policies";
import { evidenceOf, nearestStatement, unknownOf } from "./evidence";
import { LazyDecision } from "./lazy-decision";
import type {
  Context,
  ControlPolicies,
  Decision,
  IdentityPolicies,
  PolicySource,
  Reason,
  Request,
  ResourcePolicies,
  StatementEvidence,
} from "./model";
import { type EvaluationContext, evaluationContext, type MatchedStatement } from "./statement";
import { inEffect, type Tally, tally } from "./tally";
import { subjectKey, type UnknownReason } from "./unknowns";

/**
 * AWS's decision: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * Service control policies and resource control policies that are not given are not considered: a plan does not show
 * them, and they do not make an answer unknown.
 */
export interface Question {
  readonly request: Request;
  /**
   * Absent for services and anonymous requests, which have no identity-based policies; for other requests, absent means
   * unknown.
   */
  readonly identity?: IdentityPolicies | undefined;
  /** Absent when the resource has no resource-based policy. */
  readonly resource?: ResourcePolicies | undefined;
  /** Whether the principal and the resource belong to the same account. Not used for a service. */
  readonly sameAccount: Trilean;
  /** Resource control policies, where they apply to the resource's service. */
  readonly resourceControl?: ControlPolicies | undefined;
}

/**
 * The maximum number of combinations of a request's choices (the methods of an `ANY` method) that are evaluated one by
 * one.
 */
const MAX_CHOICES = 16;

/**
 * Whether the principal may do this. Explicit denies come first, in any policy; then, within one account, an allow of
 * the identity (within its permissions boundary) or of the resource; across accounts, an allow of both; for a service,
 * of the resource. An answer that depends on unknown values is `unknown`, with those unknowns.
 */
export function decide(question: Question): Decision {
  const { resource } = question.request;
  if (resource.every((piece) => typeof piece === "string" || piece.oneOf === undefined))
    return decideSingleRequest(question);
  const choices = holesOf(resource).filter((hole) => hole.oneOf && hole.oneOf.length > 0);
  if (choices.length === 0) return decideSingleRequest(question);
  const combinations = valuations(new Map(choices.map((hole) => [hole.id, hole.oneOf ?? []])), MAX_CHOICES);
  if (combinations === undefined) return decideSingleRequest(question);
  const [first, ...otherValuations] = combinations;
  if (first === undefined) return decideSingleRequest(question);
  const decisionOf = (valuation: Valuation): Decision =>
    decideSingleRequest({ ...question, request: fillRequest(question.request, valuation) });
  const decision = decisionOf(first);
  const { answer } = decision;
  if (answer === "unknown" || !isSameForAllChoices(question, otherValuations, decisionOf, answer))
    return mergeDecisions(
      () => combinations.map((valuation) => ({ valuation, decision: decisionOf(valuation) })),
      choices,
    );
  return decision;
}

type Valuation = ReadonlyMap<string, string>;

/** Whether every combination has this answer. Choices that no policy depends on need not be evaluated one by one. */
function isSameForAllChoices(
  question: Question,
  valuations: readonly Valuation[],
  decisionOf: (valuation: Valuation) => Decision,
  answer: Trilean,
): boolean {
  return (
    evaluatePolicies(question).answer === answer ||
    valuations.every((valuation) => decisionOf(valuation).answer === answer)
  );
}

interface ChoiceDecision {
  readonly valuation: Valuation;
  readonly decision: Decision;
}

/**
 * Combines decisions that differ by the choices of the request, or that include an undecided one, into one undecided
 * decision. They are computed when they are read: few of the many decisions are ever explained.
 */
function mergeDecisions(decide: () => readonly ChoiceDecision[], choices: readonly Hole[]): Decision {
  let computed: readonly ChoiceDecision[] | undefined;
  const decisions = (): readonly ChoiceDecision[] => {
    computed ??= decide();
    return computed;
  };
  const commonPart = (part: "allow" | "deny"): Trilean => {
    const values = new Set(decisions().map(({ decision }) => decision.parts?.[part] ?? "unknown"));
    return values.size === 1 ? ([...values][0] as Trilean) : "unknown";
  };
  const parts = {
    get allow() {
      return commonPart("allow");
    },
    get deny() {
      return commonPart("deny");
    },
  };
  return new LazyDecision("unknown", "undecided", parts, {
    evidence: () =>
      (decisions().find(({ decision }) => decision.answer !== "yes") ?? decisions()[0])?.decision.decidedBy,
    unknowns: () => {
      const differ = decisions().some(({ decision }) => decision.answer !== "unknown");
      const unknowns = differ ? [unknownChoice(decisions(), choices)] : [];
      unknowns.push(...decisions().flatMap(({ decision }) => decision.unknowns));
      return [...new Map(unknowns.map((unknown) => [subjectKey(unknown), unknown])).values()].slice(
        0,
        MAX_UNKNOWNS,
      );
    },
  });
}

/** The choices of the request that are allowed, and those that are not. */
function unknownChoice(decisions: readonly ChoiceDecision[], choices: readonly Hole[]): UnknownReason {
  const choicesWith = (answer: Trilean): readonly string[] =>
    decisions
      .filter(({ decision }) => decision.answer === answer)
      .map(({ valuation }) => [...valuation.values()].join(" "));
  const varies = choices.every((hole) => hole.varies === true);
  return {
    subject: {
      code: "request-choice",
      choices: choices.map(({ label }) => label),
      allowed: choicesWith("yes"),
      denied: choicesWith("no"),
      undecided: choicesWith("unknown"),
    },
    dependsOn: choices.flatMap((hole) => hole.origins),
    ...(varies ? { varies: true as const } : {}),
    could: "either",
  };
}

function fillRequest(request: Request, valuation: Valuation): Request {
  const chosen = (value: Text): boolean =>
    value.some((piece) => typeof piece === "object" && valuation.has(piece.id));
  const keys = new Map(request.context.keys);
  for (const [key, value] of keys)
    if (value.state === "present" && value.values.some(chosen))
      keys.set(key, { state: "present", values: value.values.map((text) => fillHoles(text, valuation)) });
  const context: Context = { ...request.context, keys };
  return { ...request, resource: fillHoles(request.resource, valuation), context };
}

const NO_POLICIES: ResourcePolicies = { sources: [], unseen: [] };

function decideSingleRequest(question: Question): Decision {
  const evaluation = evaluatePolicies(question);
  if (evaluation.answer === "yes") return allowed(evaluation);
  return evaluation.answer === "no" ? denied(evaluation) : undecided(evaluation);
}

/** The result of all policies for a request, and the answer that follows. */
interface Evaluation {
  readonly question: Question;
  readonly context: EvaluationContext;
  readonly isRoleOrUser: boolean;
  readonly identity: IdentityPolicies;
  readonly resource: ResourcePolicies;
  readonly identityTally: Tally;
  readonly resourceTally: Tally;
  readonly boundaryTally: Tally | undefined;
  readonly controlResult: ControlPolicyResult;
  /** The allow of the identity's policies, of its boundary, and of both. */
  readonly identityAllow: Trilean;
  readonly boundaryAllow: Trilean;
  readonly boundedIdentityAllow: Trilean;
  readonly resourceAllow: Trilean;
  /** The answer before control policies. */
  readonly policiesAllow: Trilean;
  readonly parts: { readonly allow: Trilean; readonly deny: Trilean };
  readonly answer: Trilean;
}

function evaluatePolicies(question: Question): Evaluation {
  const { request } = question;
  const isRoleOrUser = request.principal.kind === "role" || request.principal.kind === "user";
  const identity: IdentityPolicies = question.identity ?? {
    sources: [],
    unseen: isRoleOrUser ? [{ code: "principal-policies" }] : [],
  };
  const resource = question.resource ?? NO_POLICIES;
  const context = evaluationContext(request, hasBoundary(question, isRoleOrUser));
  const identityTally = tally(identity.sources, context);
  const resourceTally = tally(resource.sources, context);
  const boundaryTally = identity.boundary ? tally([identity.boundary], context) : undefined;
  // Control policies limit principals, regardless of the policy that allows the request. They do not limit services.
  const controlResult = evaluateControlPolicies(
    [isRoleOrUser ? identity.serviceControl : undefined, question.resourceControl],
    context,
  );

  const deny = or([identityTally.deny, resourceTally.deny, boundaryTally?.deny ?? "no", controlResult.deny]);
  const identityAllow = or([identityTally.allow.principal, identity.unseen.length > 0 ? "unknown" : "no"]);
  const boundaryAllow = boundaryTally?.allow.principal ?? "yes";
  const boundedIdentityAllow = and([identityAllow, boundaryAllow]);
  const unseenResourceAllow: Trilean = resource.unseen.length > 0 ? "unknown" : "no";
  const resourceAllows = resourceTally.allow;
  const resourceAllow = or([
    resourceAllows.everyone,
    resourceAllows.principal,
    resourceAllows.role,
    resourceAllows.account,
    unseenResourceAllow,
  ]);
  const sameAccountAllow = or([
    boundedIdentityAllow,
    resourceAllows.principal,
    and([resourceAllows.role, boundaryAllow]),
    // AWS does not document whether a boundary limits access that a resource policy allows to everyone.
    and([resourceAllows.everyone, or([boundaryAllow, "unknown"])]),
    unseenResourceAllow,
  ]);
  const policiesAllow = isRoleOrUser
    ? chooseByAccount(question.sameAccount, sameAccountAllow, and([boundedIdentityAllow, resourceAllow]))
    : resourceAllow;
  const parts = { allow: and([policiesAllow, controlResult.allow]), deny };
  return {
    question,
    context,
    isRoleOrUser,
    identity,
    resource,
    identityTally,
    resourceTally,
    boundaryTally,
    controlResult,
    identityAllow,
    boundaryAllow,
    boundedIdentityAllow,
    resourceAllow,
    policiesAllow,
    parts,
    answer: and([parts.allow, not(deny)]),
  };
}

function allowed(evaluation: Evaluation): Decision {
  const { context, boundedIdentityAllow, identityTally, resourceTally, parts } = evaluation;
  const identityStatement = boundedIdentityAllow === "yes" ? identityTally.allowing.principal : undefined;
  const { principal, role, everyone, account } = resourceTally.allowing;
  const allowing = identityStatement ?? principal ?? role ?? everyone ?? account;
  const reason: Reason = identityStatement ? "allowed-by-identity-policy" : "allowed-by-resource-policy";
  return new LazyDecision("yes", reason, parts, {
    evidence: () => allowing && evidenceOf(allowing, context),
    otherAllows: () => otherAllows(evaluation, allowing),
  });
}

function denied(evaluation: Evaluation): Decision {
  const { question, context, isRoleOrUser, identity, resource, controlResult, parts } = evaluation;
  const {
    identityTally,
    boundaryTally,
    resourceTally,
    identityAllow,
    boundaryAllow,
    boundedIdentityAllow,
    resourceAllow,
    policiesAllow,
  } = evaluation;
  const denying =
    identityTally.denying ?? boundaryTally?.denying ?? resourceTally.denying ?? controlResult.denying;
  if (parts.deny === "yes" && denying)
    return new LazyDecision("no", "explicit-deny", parts, { evidence: () => evidenceOf(denying, context) });
  if (policiesAllow !== "no")
    return new LazyDecision("no", "control-policies", parts, {
      evidence: () => nearestStatement(controlResult.missingAllow, context),
    });
  const { boundary } = identity;
  if (identityAllow !== "no" && boundaryAllow === "no" && boundary)
    return new LazyDecision("no", "permissions-boundary", parts, {
      evidence: () => nearestStatement([boundary], context),
    });
  if (
    !isRoleOrUser ||
    question.sameAccount !== "no" ||
    (boundedIdentityAllow === "no" && resourceAllow === "no")
  )
    return new LazyDecision("no", "no-allow", parts, {
      evidence: () => nearestStatement([...identity.sources, ...resource.sources], context),
    });
  const missingAllow = boundedIdentityAllow === "no" ? "identity" : "resource";
  return new LazyDecision("no", "cross-account", parts, {
    missingAllow,
    evidence: () =>
      nearestStatement(missingAllow === "identity" ? identity.sources : resource.sources, context),
  });
}

function undecided(evaluation: Evaluation): Decision {
  const { context, identity, resource, controlResult, identityTally, boundaryTally, resourceTally, parts } =
    evaluation;
  const uncertain = [
    ...identityTally.uncertain,
    ...(boundaryTally?.uncertain ?? []),
    ...resourceTally.uncertain,
    ...controlResult.uncertain,
  ].filter(({ effect }) => (effect === "Deny" ? parts.deny : parts.allow) === "unknown");
  const [first] = uncertain;
  return new LazyDecision("unknown", "undecided", parts, {
    evidence: () =>
      first
        ? evidenceOf(first, context)
        : nearestStatement([...identity.sources, ...resource.sources], context),
    unknowns: () => [
      ...unknownsOf(uncertain, context),
      ...controlResult.generalReasons,
      ...unseenReasons(evaluation),
    ],
  });
}

/** Reasons for an unknown answer that are not statements of the plan. */
function unseenReasons(evaluation: Evaluation): readonly UnknownReason[] {
  const { question, isRoleOrUser, identity, resource, boundaryAllow, resourceTally, policiesAllow } =
    evaluation;
  if (policiesAllow !== "unknown") return [];
  // Unknown policies can only allow more than the known ones.
  const reasons: UnknownReason[] = [...identity.unseen, ...resource.unseen].map((subject) => ({
    subject,
    dependsOn: [],
    could: "allow",
    resolution: { code: "grant-in-stack" },
  }));
  if (isRoleOrUser && question.sameAccount === "unknown")
    reasons.push({
      subject: { code: "same-account" },
      dependsOn: [],
      could: "allow",
      resolution: { code: "known-account" },
    });
  if (isRoleOrUser && boundaryAllow !== "yes" && resourceTally.allow.everyone !== "no")
    reasons.push({ subject: { code: "boundary-limits-everyone" }, dependsOn: [], could: "allow" });
  return reasons;
}

/** The other statements that are, or may be, sufficient on their own. */
function otherAllows(
  { question, isRoleOrUser, boundaryAllow, identityTally, resourceTally }: Evaluation,
  allowing: MatchedStatement | undefined,
): readonly StatementEvidence[] {
  const isSufficient = (kinds: readonly string[]): boolean =>
    !isRoleOrUser ||
    kinds.includes("principal") ||
    (boundaryAllow === "yes" && kinds.some((kind) => kind !== "account"));
  const tallies = [
    ...(boundaryAllow === "yes" ? [identityTally] : []),
    // Across accounts an allow of the resource is not sufficient.
    ...(isRoleOrUser && question.sameAccount !== "yes" ? [] : [resourceTally]),
  ];
  return tallies
    .flatMap((tally) => [
      ...tally.certainAllows.filter(({ kinds }) => isSufficient(kinds)).map((allow) => allow.matched),
      ...tally.uncertain.filter(({ effect }) => effect === "Allow"),
    ])
    .flatMap(({ source, statement, effect, applies }) =>
      statement === undefined || statement === allowing?.statement
        ? []
        : [{ source, index: statement.index, statement: statement.label, effect, applies }],
    );
}

/** Whether the principal has a permissions boundary. An unknown boundary may be absent. */
function hasBoundary({ identity }: Question, isRoleOrUser: boolean): Trilean {
  if (identity === undefined) return isRoleOrUser ? "unknown" : "no";
  if (identity.boundary === undefined) return "no";
  const { document } = identity.boundary;
  const isKnown = !isUnknown(document) && document.opaque === undefined;
  return isKnown ? inEffect(identity.boundary) : "unknown";
}

function chooseByAccount(sameAccount: Trilean, withinAccount: Trilean, acrossAccounts: Trilean): Trilean {
  if (sameAccount === "yes") return withinAccount;
  if (sameAccount === "no") return acrossAccounts;
  return withinAccount === acrossAccounts ? withinAccount : "unknown";
}

/** A message with more reasons is unreadable. */
const MAX_UNKNOWNS = 20;

function unknownsOf(uncertain: readonly MatchedStatement[], context: EvaluationContext): UnknownReason[] {
  const unknowns = new Map<string, UnknownReason>();
  for (const statement of uncertain) {
    if (unknowns.size >= MAX_UNKNOWNS) break;
    const unknown = unknownOf(statement, context);
    const key = subjectKey(unknown);
    const previous = unknowns.get(key);
    unknowns.set(
      key,
      previous && previous.could !== unknown.could ? { ...unknown, could: "either" } : unknown,
    );
  }
  return [...unknowns.values()];
}

/**
 * Whether a role's trust policy allows the principal to assume the role. Trust policies have no Resource and are
 * sufficient without an identity-based policy for the principals that they name
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html). A principal of an account
 * that the policy names as a whole also needs permission for `sts:AssumeRole`, which is a separate question.
 */
export function decideTrust({
  trust,
  ...question
}: Pick<Question, "request" | "resourceControl"> & { readonly trust: PolicySource | Unknown }): Decision {
  const source: PolicySource = isUnknown(trust) ? { label: "trust policy", document: trust } : trust;
  return decideResource({ ...question, resource: { sources: [source], unseen: [] } });
}

/**
 * Whether a resource policy allows the request. Whether the principal's own policies also allow it, as required across
 * accounts, is a separate question.
 */
export function decideResource(
  question: Pick<Question, "request" | "resourceControl"> & { readonly resource: ResourcePolicies },
): Decision {
  const { kind } = question.request.principal;
  const isRoleOrUser = kind === "role" || kind === "user";
  if (!isRoleOrUser) return decideSingleRequest({ ...question, sameAccount: "yes" });
  // Across accounts an allow is sufficient however it identifies the principal, assuming that the principal's own policies allow the request.
  return decideSingleRequest({ ...question, identity: ALLOW_EVERYTHING, sameAccount: "no" });
}

const ALLOW_EVERYTHING: IdentityPolicies = {
  unseen: [],
  sources: [
    {
      label: "its policies",
      document: {
        use: "identity",
        version: "2012-10-17",
        opaque: undefined,
        problems: [],
        size: undefined,
        statements: [
          {
            index: 0,
            sid: undefined,
            label: "statement 1",
            effect: "Allow",
            principal: undefined,
            action: { not: true, patterns: [], texts: [] },
            resource: undefined,
            conditions: [],
          },
        ],
      },
    },
  ],
};
