import { fill, holesOf, valuations } from "../text/pattern";
import type { Hole, Text } from "../text/text";
import { and, not, or, type Trilean } from "../text/trilean";
import { isUnknown, type Unknown } from "../text/unknown";
import { type Controlled, controlled } from "./control-policies";
import { evidenceOf, nearest, unknownOf } from "./evidence";
import { LazyDecision } from "./lazy-decision";
import type {
  Context,
  ControlPolicies,
  Decision,
  IdentityPolicies,
  Reason,
  Request,
  ResourcePolicies,
  Source,
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
  /** Absent when the resource has no policy of its own. */
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
const CHOICES = 16;

/**
 * Whether the principal may do this. Explicit denies come first, in any policy; then, within one account, an allow of
 * the identity (within its permissions boundary) or of the resource; across accounts, an allow of both; for a service,
 * of the resource. An answer that depends on unknown values is `unknown`, with those unknowns.
 */
export function decide(question: Question): Decision {
  const { resource } = question.request;
  if (resource.every((piece) => typeof piece === "string" || piece.oneOf === undefined))
    return decideOne(question);
  const choices = holesOf(resource).filter((hole) => hole.oneOf && hole.oneOf.length > 0);
  if (choices.length === 0) return decideOne(question);
  const all = valuations(new Map(choices.map((hole) => [hole.id, hole.oneOf ?? []])), CHOICES);
  if (all === undefined) return decideOne(question);
  const [first, ...others] = all;
  if (first === undefined) return decideOne(question);
  const decisionOf = (valuation: Valuation): Decision =>
    decideOne({ ...question, request: fillRequest(question.request, valuation) });
  const decision = decisionOf(first);
  const { answer } = decision;
  if (answer === "unknown" || !isTheSameForAll(question, others, decisionOf, answer))
    return merge(() => all.map((valuation) => ({ valuation, decision: decisionOf(valuation) })), choices);
  return decision;
}

type Valuation = ReadonlyMap<string, string>;

/** An answer that does not depend on the choice is that of each. */
function isTheSameForAll(
  question: Question,
  valuations: readonly Valuation[],
  decisionOf: (valuation: Valuation) => Decision,
  answer: Trilean,
): boolean {
  return (
    weigh(question).answer === answer ||
    valuations.every((valuation) => decisionOf(valuation).answer === answer)
  );
}

interface Answered {
  readonly valuation: Valuation;
  readonly decision: Decision;
}

/**
 * One undecided answer in place of several that differ by the choices of the request, or of which one is undecided. The
 * others are made when they are asked for: few of the many decisions are ever explained.
 */
function merge(decide: () => readonly Answered[], choices: readonly Hole[]): Decision {
  let made: readonly Answered[] | undefined;
  const decisions = (): readonly Answered[] => {
    made ??= decide();
    return made;
  };
  const same = (part: "allow" | "deny"): Trilean => {
    const values = new Set(decisions().map(({ decision }) => decision.parts?.[part] ?? "unknown"));
    return values.size === 1 ? ([...values][0] as Trilean) : "unknown";
  };
  const parts = {
    get allow() {
      return same("allow");
    },
    get deny() {
      return same("deny");
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
        MOST_UNKNOWNS,
      );
    },
  });
}

/** The choices of the request that are allowed, and those that are not. */
function unknownChoice(decisions: readonly Answered[], choices: readonly Hole[]): UnknownReason {
  const list = (answer: Trilean): readonly string[] =>
    decisions
      .filter(({ decision }) => decision.answer === answer)
      .map(({ valuation }) => [...valuation.values()].join(" "));
  const varies = choices.every((hole) => hole.varies === true);
  return {
    subject: {
      code: "request-choice",
      choices: choices.map((hole) => hole.label),
      allowed: list("yes"),
      denied: list("no"),
      undecided: list("unknown"),
    },
    dependsOn: choices.flatMap((hole) => hole.from.map((origin) => origin.label)),
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
      keys.set(key, { state: "present", values: value.values.map((text) => fill(text, valuation)) });
  const context: Context = { ...request.context, keys };
  return { ...request, resource: fill(request.resource, valuation), context };
}

const NO_POLICIES: ResourcePolicies = { sources: [], unseen: [] };

function decideOne(question: Question): Decision {
  const weighed = weigh(question);
  if (weighed.answer === "yes") return allowed(weighed);
  return weighed.answer === "no" ? denied(weighed) : undecided(weighed);
}

/** The result of all policies for a request, and the answer that follows. */
interface Weighed {
  readonly question: Question;
  readonly context: EvaluationContext;
  readonly person: boolean;
  readonly identity: IdentityPolicies;
  readonly resource: ResourcePolicies;
  readonly ofIdentity: Tally;
  readonly ofResource: Tally;
  readonly ofBoundary: Tally | undefined;
  readonly control: Controlled;
  /** The allow of the identity's policies, of its boundary, and of both. */
  readonly held: Trilean;
  readonly within: Trilean;
  readonly granted: Trilean;
  readonly byResource: Trilean;
  /** The answer before control policies. */
  readonly byPolicies: Trilean;
  readonly parts: { readonly allow: Trilean; readonly deny: Trilean };
  readonly answer: Trilean;
}

function weigh(question: Question): Weighed {
  const { request } = question;
  const person = request.principal.kind === "role" || request.principal.kind === "user";
  const identity: IdentityPolicies = question.identity ?? {
    sources: [],
    unseen: person ? [{ code: "principal-policies" }] : [],
  };
  const resource = question.resource ?? NO_POLICIES;
  const context = evaluationContext(request, bounded(question, person));
  const ofIdentity = tally(identity.sources, context);
  const ofResource = tally(resource.sources, context);
  const ofBoundary = identity.boundary ? tally([identity.boundary], context) : undefined;
  // Control policies limit principals, whichever policy allows the request, but not services.
  const control = controlled(
    [person ? identity.serviceControl : undefined, question.resourceControl],
    context,
  );

  const deny = or([ofIdentity.deny, ofResource.deny, ofBoundary?.deny ?? "no", control.deny]);
  const held = or([ofIdentity.allow.itself, identity.unseen.length > 0 ? "unknown" : "no"]);
  const within = ofBoundary?.allow.itself ?? "yes";
  const granted = and([held, within]);
  const perhaps: Trilean = resource.unseen.length > 0 ? "unknown" : "no";
  const named = ofResource.allow;
  const byResource = or([named.everyone, named.itself, named.role, named.account, perhaps]);
  const withinAccount = or([
    granted,
    named.itself,
    and([named.role, within]),
    // AWS does not document whether a boundary limits what a resource policy allows everyone.
    and([named.everyone, or([within, "unknown"])]),
    perhaps,
  ]);
  const byPolicies = person
    ? byAccount(question.sameAccount, withinAccount, and([granted, byResource]))
    : byResource;
  const parts = { allow: and([byPolicies, control.allow]), deny };
  return {
    question,
    context,
    person,
    identity,
    resource,
    ofIdentity,
    ofResource,
    ofBoundary,
    control,
    held,
    within,
    granted,
    byResource,
    byPolicies,
    parts,
    answer: and([parts.allow, not(deny)]),
  };
}

function allowed(weighed: Weighed): Decision {
  const { context, granted, ofIdentity, ofResource, parts } = weighed;
  const byIdentity = granted === "yes" ? ofIdentity.allowing.itself : undefined;
  const { itself, role, everyone, account } = ofResource.allowing;
  const found = byIdentity ?? itself ?? role ?? everyone ?? account;
  const reason: Reason = byIdentity ? "allowed-by-identity-policy" : "allowed-by-resource-policy";
  return new LazyDecision("yes", reason, parts, {
    evidence: () => found && evidenceOf(found, context),
    also: () => alsoAllowing(weighed, found),
  });
}

function denied(weighed: Weighed): Decision {
  const { question, context, person, identity, resource, control, parts } = weighed;
  const { ofIdentity, ofBoundary, ofResource, held, within, granted, byResource, byPolicies } = weighed;
  const denying = ofIdentity.denying ?? ofBoundary?.denying ?? ofResource.denying ?? control.denying;
  if (parts.deny === "yes" && denying)
    return new LazyDecision("no", "explicit-deny", parts, { evidence: () => evidenceOf(denying, context) });
  if (byPolicies !== "no")
    return new LazyDecision("no", "control-policies", parts, {
      evidence: () => nearest(control.lacking, context),
    });
  const { boundary } = identity;
  if (held !== "no" && within === "no" && boundary)
    return new LazyDecision("no", "permissions-boundary", parts, {
      evidence: () => nearest([boundary], context),
    });
  if (!person || question.sameAccount !== "no" || (granted === "no" && byResource === "no"))
    return new LazyDecision("no", "no-allow", parts, {
      evidence: () => nearest([...identity.sources, ...resource.sources], context),
    });
  const lacking = granted === "no" ? "identity" : "resource";
  return new LazyDecision("no", "cross-account", parts, {
    lacking,
    evidence: () => nearest(lacking === "identity" ? identity.sources : resource.sources, context),
  });
}

function undecided(weighed: Weighed): Decision {
  const { context, identity, resource, control, ofIdentity, ofBoundary, ofResource, parts } = weighed;
  const maybe = [
    ...ofIdentity.maybe,
    ...(ofBoundary?.maybe ?? []),
    ...ofResource.maybe,
    ...control.maybe,
  ].filter(({ effect }) => (effect === "Deny" ? parts.deny : parts.allow) === "unknown");
  const [first] = maybe;
  return new LazyDecision("unknown", "undecided", parts, {
    evidence: () =>
      first ? evidenceOf(first, context) : nearest([...identity.sources, ...resource.sources], context),
    unknowns: () => [...unknownsOf(maybe, context), ...control.general, ...unseenReasons(weighed)],
  });
}

/** Reasons for an unknown answer that are not statements of the plan. */
function unseenReasons(weighed: Weighed): readonly UnknownReason[] {
  const { question, person, identity, resource, within, ofResource, byPolicies } = weighed;
  if (byPolicies !== "unknown") return [];
  // Unknown policies can only add to what the known policies allow.
  const reasons: UnknownReason[] = [...identity.unseen, ...resource.unseen].map((subject) => ({
    subject,
    dependsOn: [],
    could: "allow",
    resolution: { code: "grant-in-stack" },
  }));
  if (person && question.sameAccount === "unknown")
    reasons.push({
      subject: { code: "same-account" },
      dependsOn: [],
      could: "allow",
      resolution: { code: "known-account" },
    });
  if (person && within !== "yes" && ofResource.allow.everyone !== "no")
    reasons.push({ subject: { code: "boundary-limits-everyone" }, dependsOn: [], could: "allow" });
  return reasons;
}

/** The other statements that are, or may be, sufficient without the one found. */
function alsoAllowing(
  { question, person, within, ofIdentity, ofResource }: Weighed,
  found: MatchedStatement | undefined,
): readonly StatementEvidence[] {
  const enough = (kinds: readonly string[]): boolean =>
    !person || kinds.includes("itself") || (within === "yes" && kinds.some((kind) => kind !== "account"));
  const tallies = [
    ...(within === "yes" ? [ofIdentity] : []),
    // Across accounts an allow of the resource is not sufficient.
    ...(person && question.sameAccount !== "yes" ? [] : [ofResource]),
  ];
  return tallies
    .flatMap((tally) => [
      ...tally.sure.filter(({ kinds }) => enough(kinds)).map((sure) => sure.found),
      ...tally.maybe.filter(({ effect }) => effect === "Allow"),
    ])
    .flatMap(({ source, statement, effect, applies }) =>
      statement === undefined || statement === found?.statement
        ? []
        : [{ source, statement: statement.label, effect, applies }],
    );
}

/** Whether the principal has a permissions boundary. An unknown boundary may turn out not to exist. */
function bounded({ identity }: Question, person: boolean): Trilean {
  if (identity === undefined) return person ? "unknown" : "no";
  if (identity.boundary === undefined) return "no";
  const { document } = identity.boundary;
  const shown = !isUnknown(document) && document.opaque === undefined;
  return shown ? inEffect(identity.boundary) : "unknown";
}

function byAccount(sameAccount: Trilean, same: Trilean, cross: Trilean): Trilean {
  if (sameAccount === "yes") return same;
  if (sameAccount === "no") return cross;
  return same === cross ? same : "unknown";
}

/** Only a few reasons are readable in a message; the first ones are as good as any. */
const MOST_UNKNOWNS = 20;

function unknownsOf(maybe: readonly MatchedStatement[], context: EvaluationContext): UnknownReason[] {
  const unknowns = new Map<string, UnknownReason>();
  for (const found of maybe) {
    if (unknowns.size >= MOST_UNKNOWNS) break;
    const unknown = unknownOf(found, context);
    const key = subjectKey(unknown);
    const before = unknowns.get(key);
    unknowns.set(key, before && before.could !== unknown.could ? { ...unknown, could: "either" } : unknown);
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
}: Pick<Question, "request" | "resourceControl"> & { readonly trust: Source | Unknown }): Decision {
  const source: Source = isUnknown(trust) ? { label: "trust policy", document: trust } : trust;
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
  const person = kind === "role" || kind === "user";
  if (!person) return decideOne({ ...question, sameAccount: "yes" });
  // Across accounts every way of naming the principal counts, assuming that the principal's own policies allow the
  // request.
  return decideOne({ ...question, identity: ANYTHING_GOES, sameAccount: "no" });
}

const ANYTHING_GOES: IdentityPolicies = {
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
