import type { Statement, Template } from "../document/types";
import { fill, holesOf, valuations } from "../text/pattern";
import { type Hole, known, type Text, text } from "../text/text";
import { and, not, or, type Trilean } from "../text/trilean";
import { isUnknown, type Unknown } from "../text/unknown";
import { controlled } from "./control-policies";
import { evidenceOf, nearest, unknownOf } from "./evidence";
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
import { asked, type EvaluationContext, type MatchedStatement, statementsFor } from "./statement";
import { inEffect, type Tally, tally } from "./tally";
import { subjectKey, type UnknownReason } from "./unknowns";

/**
 * AWS's decision: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * Service control policies and resource control policies that are not given are out of sight: a plan does not show
 * them, and nothing is called unknown for their sake.
 */
export interface Question {
  readonly request: Request;
  /** Left out for services and anonymous requests, which have none; unknown when left out for others. */
  readonly identity?: IdentityPolicies | undefined;
  /** Left out when the resource has no policy of its own. */
  readonly resource?: ResourcePolicies | undefined;
  /** Do the principal and the resource belong to one account? Plays no part for a service. */
  readonly sameAccount: Trilean;
  /** Resource control policies, where the resource is of a service that they apply to. */
  readonly resourceControl?: ControlPolicies | undefined;
}

/** How many combinations of a request's few choices (the verbs of an `ANY` method) are asked one by one. */
const CHOICES = 16;

/**
 * May the principal do this? Explicit denies first, wherever they stand; then, within one account, an allow
 * of the identity (inside its permissions boundary) or of the resource; across accounts, an allow of both;
 * for a service, of the resource. An answer that hangs on what the plan does not show is `unknown`, with the
 * unknowns that it hangs on.
 */
export function decide(question: Question): Decision {
  const { resource } = question.request;
  if (resource.every((piece) => typeof piece === "string" || piece.oneOf === undefined))
    return decideOne(question);
  const choices = holesOf(resource).filter((hole) => hole.oneOf && hole.oneOf.length > 0);
  if (choices.length === 0) return decideOne(question);
  const all = valuations(new Map(choices.map((hole) => [hole.id, hole.oneOf ?? []])), CHOICES);
  if (all === undefined) return decideOne(question);
  const decisions = all.map((valuation) => ({
    valuation,
    decision: decideOne({ ...question, request: fillRequest(question.request, valuation) }),
  }));
  const [first] = decisions;
  if (first === undefined) return decideOne(question);
  const { answer } = first.decision;
  if (decisions.every(({ decision }) => decision.answer === answer))
    return answer === "unknown" ? merge(decisions, undefined) : first.decision;
  return merge(decisions, choices);
}

interface Answered {
  readonly valuation: ReadonlyMap<string, string>;
  readonly decision: Decision;
}

/** One undecided answer of several that differ by what the request chooses. */
function merge(decisions: readonly Answered[], choices: readonly Hole[] | undefined): Decision {
  const same = (part: "allow" | "deny"): Trilean => {
    const values = new Set(decisions.map(({ decision }) => decision.parts?.[part] ?? "unknown"));
    return values.size === 1 ? ([...values][0] as Trilean) : "unknown";
  };
  const telling = decisions.find(({ decision }) => decision.answer !== "yes") ?? decisions[0];
  return new LazyDecision(
    "unknown",
    "undecided",
    { allow: same("allow"), deny: same("deny") },
    {
      evidence: () => telling?.decision.decidedBy,
      unknowns: () => {
        const unknowns = choices === undefined ? [] : [unknownChoice(decisions, choices)];
        unknowns.push(...decisions.flatMap(({ decision }) => decision.unknowns));
        return [...new Map(unknowns.map((one) => [subjectKey(one), one])).values()].slice(0, MOST_UNKNOWNS);
      },
    },
  );
}

/** Which choices of the request are allowed and which are not. */
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

function fillRequest(request: Request, valuation: ReadonlyMap<string, string>): Request {
  const chosen = (value: Text): boolean =>
    value.some((piece) => typeof piece === "object" && valuation.has(piece.id));
  const keys = new Map(request.context.keys);
  for (const [key, value] of keys)
    if (value.state === "present" && value.values.some(chosen))
      keys.set(key, { state: "present", values: value.values.map((one) => fill(one, valuation)) });
  const context: Context = { ...request.context, keys };
  return { ...request, resource: fill(request.resource, valuation), context };
}

const NO_POLICIES: ResourcePolicies = { sources: [], unseen: [] };

function decideOne(question: Question): Decision {
  const { request } = question;
  const person = request.principal.kind === "role" || request.principal.kind === "user";
  const identity: IdentityPolicies = question.identity ?? {
    sources: [],
    unseen: person ? [{ code: "principal-policies" }] : [],
  };
  const resource = question.resource ?? NO_POLICIES;
  const ask = asked(request, bounded(question, person));
  const own = tally(identity.sources, ask);
  const its = tally(resource.sources, ask);
  const bound = identity.boundary ? tally([identity.boundary], ask) : undefined;

  // They limit principals, whichever policy allows the request, and no service.
  const control = controlled([person ? identity.serviceControl : undefined, question.resourceControl], ask);

  const deny = or([own.deny, its.deny, bound?.deny ?? "no", control.deny]);
  const held = or([own.allow.itself, identity.unseen.length > 0 ? "unknown" : "no"]);
  const within = bound?.allow.itself ?? "yes";
  const granted = and([held, within]);
  const perhaps: Trilean = resource.unseen.length > 0 ? "unknown" : "no";
  const named = its.allow;
  const ofResource = or([named.everyone, named.itself, named.role, named.account, perhaps]);
  const sameAccount = or([
    granted,
    named.itself,
    and([named.role, within]),
    // Whether a boundary limits what a resource policy allows everyone is documented nowhere.
    and([named.everyone, or([within, "unknown"])]),
    perhaps,
  ]);
  const byPolicies = person
    ? byAccount(question.sameAccount, sameAccount, and([granted, ofResource]))
    : ofResource;
  const allow = and([byPolicies, control.allow]);
  const answer = and([allow, not(deny)]);
  const parts = { allow, deny };

  if (answer === "yes") {
    const byIdentity = granted === "yes" ? own.allowing.itself : undefined;
    const { itself, role, everyone, account } = its.allowing;
    const found = byIdentity ?? itself ?? role ?? everyone ?? account;
    const reason: Reason = byIdentity ? "allowed-by-identity-policy" : "allowed-by-resource-policy";
    return new LazyDecision(answer, reason, parts, {
      evidence: () => found && evidenceOf(found, ask),
      also: () => alsoAllowing({ question, person, within, own, its }, found),
    });
  }
  const everywhere = [...identity.sources, ...resource.sources];
  if (answer === "no") {
    const denying = own.denying ?? bound?.denying ?? its.denying ?? control.denying;
    if (deny === "yes" && denying)
      return new LazyDecision(answer, "explicit-deny", parts, { evidence: () => evidenceOf(denying, ask) });
    if (byPolicies !== "no")
      return new LazyDecision(answer, "control-policies", parts, {
        evidence: () => nearest(control.lacking, ask),
      });
    const { boundary } = identity;
    if (held !== "no" && within === "no" && boundary)
      return new LazyDecision(answer, "permissions-boundary", parts, {
        evidence: () => nearest([boundary], ask),
      });
    const across = person && question.sameAccount === "no" && (granted !== "no" || ofResource !== "no");
    const missing = !across ? everywhere : granted !== "no" ? resource.sources : identity.sources;
    const reason: Reason = across ? "cross-account" : "no-allow";
    const lacking = !across ? undefined : granted !== "no" ? ("resource" as const) : ("identity" as const);
    return new LazyDecision(answer, reason, parts, { lacking, evidence: () => nearest(missing, ask) });
  }
  const maybe = [...own.maybe, ...(bound?.maybe ?? []), ...its.maybe, ...control.maybe].filter(
    ({ effect }) => (effect === "Deny" ? deny : allow) === "unknown",
  );
  const general: UnknownReason[] = [...control.general];
  if (byPolicies === "unknown") {
    // Policies that nobody sees can only add to what those that are seen allow.
    for (const subject of [...identity.unseen, ...resource.unseen])
      general.push({ subject, dependsOn: [], could: "allow", resolution: { code: "grant-in-stack" } });
    if (person && question.sameAccount === "unknown")
      general.push({
        subject: { code: "same-account" },
        dependsOn: [],
        could: "allow",
        resolution: { code: "known-account" },
      });
    if (person && within !== "yes" && named.everyone !== "no")
      general.push({ subject: { code: "boundary-limits-everyone" }, dependsOn: [], could: "allow" });
  }
  const [first] = maybe;
  return new LazyDecision(answer, "undecided", parts, {
    evidence: () => (first ? evidenceOf(first, ask) : nearest(everywhere, ask)),
    unknowns: () => [...unknownsOf(maybe, ask), ...general],
  });
}

/** What a request that is allowed was decided from. */
interface Allowed {
  readonly question: Question;
  readonly person: boolean;
  readonly within: Trilean;
  readonly own: Tally;
  readonly its: Tally;
}

/** The statements other than the one found each of which is, or may be, enough by itself. */
function alsoAllowing(
  { question, person, within, own, its }: Allowed,
  found: MatchedStatement | undefined,
): readonly StatementEvidence[] {
  const enough = (kinds: readonly string[]): boolean =>
    !person || kinds.includes("itself") || (within === "yes" && kinds.some((kind) => kind !== "account"));
  const tallies = [
    ...(within === "yes" ? [own] : []),
    // Across accounts what the resource allows is not enough by itself.
    ...(person && question.sameAccount !== "yes" ? [] : [its]),
  ];
  return tallies
    .flatMap((one) => [
      ...one.sure.filter(({ kinds }) => enough(kinds)).map((sure) => sure.found),
      ...one.maybe.filter(({ effect }) => effect === "Allow"),
    ])
    .flatMap(({ source, statement, effect, applies }) =>
      statement === undefined || statement === found?.statement
        ? []
        : [{ source, statement: statement.label, effect, applies }],
    );
}

/** Does the principal have a permissions boundary? One that is not shown may not be there at all. */
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

/** As many reasons as people read; the first ones are as good as any. */
const MOST_UNKNOWNS = 20;

function unknownsOf(maybe: readonly MatchedStatement[], ask: EvaluationContext): UnknownReason[] {
  const unknowns = new Map<string, UnknownReason>();
  for (const found of maybe) {
    if (unknowns.size >= MOST_UNKNOWNS) break;
    const unknown = unknownOf(found, ask);
    const key = subjectKey(unknown);
    const before = unknowns.get(key);
    unknowns.set(key, before && before.could !== unknown.could ? { ...unknown, could: "either" } : unknown);
  }
  return [...unknowns.values()];
}

interface Findings {
  readonly lacking?: Decision["lacking"];
  readonly evidence: () => StatementEvidence | undefined;
  readonly also?: () => readonly StatementEvidence[];
  readonly unknowns?: () => readonly UnknownReason[];
}

/**
 * Puts evidence and unknowns into words only when somebody reads them: most answers are never explained. A class, for
 * getters of an object literal are made anew for each of the thousands.
 */
class LazyDecision implements Decision {
  private evidence: { readonly found: StatementEvidence | undefined } | undefined;
  private also: readonly StatementEvidence[] | undefined;
  private unknown: readonly UnknownReason[] | undefined;

  constructor(
    readonly answer: Trilean,
    readonly reason: Reason,
    readonly parts: NonNullable<Decision["parts"]>,
    private readonly find: Findings,
  ) {}

  get lacking(): Decision["lacking"] {
    return this.find.lacking;
  }

  get decidedBy(): StatementEvidence | undefined {
    this.evidence ??= { found: this.find.evidence() };
    return this.evidence.found;
  }

  get alsoBy(): readonly StatementEvidence[] {
    this.also ??= this.find.also?.() ?? [];
    return this.also;
  }

  get unknowns(): readonly UnknownReason[] {
    this.unknown ??= this.find.unknowns?.() ?? [];
    return this.unknown;
  }
}

/** The same decision, left open for a reason that its documents do not know. */
export function leftOpen(decided: Decision, unknown: UnknownReason): Decision {
  return new LazyDecision("unknown", decided.reason, decided.parts ?? NO_PARTS, {
    evidence: () => decided.decidedBy,
    unknowns: () => [unknown],
  });
}

/**
 * A decision with the evidence and unknowns of one that answers the same, made when it is read: from more documents, or
 * anew, for of many decisions each of which holds on to what it was made from few are ever read.
 */
export function explainedBy(decided: Decision, whole: () => Decision): Decision {
  return new ExplainedDecision(
    decided.answer,
    decided.reason,
    decided.parts ?? NO_PARTS,
    decided.lacking,
    whole,
  );
}

class ExplainedDecision implements Decision {
  private made: Decision | undefined;

  constructor(
    readonly answer: Trilean,
    readonly reason: Reason,
    readonly parts: NonNullable<Decision["parts"]>,
    readonly lacking: Decision["lacking"],
    private readonly whole: () => Decision,
  ) {}

  private get explanation(): Decision {
    this.made ??= this.whole();
    return this.made;
  }

  get decidedBy(): StatementEvidence | undefined {
    return this.explanation.decidedBy;
  }

  get alsoBy(): readonly StatementEvidence[] {
    return this.explanation.alsoBy ?? [];
  }

  get unknowns(): readonly UnknownReason[] {
    return this.answer === "unknown" ? this.explanation.unknowns : [];
  }
}

const NO_PARTS = { allow: "unknown", deny: "unknown" } as const;

/**
 * Does a role's trust policy let the principal assume it? Trust policies have no Resource and stand for
 * themselves: whoever they name may (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html).
 * A principal of an account that is named as a whole needs the right to `sts:AssumeRole` besides, which is
 * another question.
 */
export function decideTrust({
  trust,
  ...question
}: Pick<Question, "request" | "resourceControl"> & { readonly trust: Source | Unknown }): Decision {
  const source: Source = isUnknown(trust) ? { label: "trust policy", document: trust } : trust;
  return decideResource({ ...question, resource: { sources: [source], unseen: [] } });
}

/**
 * Does a resource policy allow what is asked, by itself? What the principal's own policies say, which across accounts
 * have to allow it too, is another question.
 */
export function decideResource(
  question: Pick<Question, "request" | "resourceControl"> & { readonly resource: ResourcePolicies },
): Decision {
  const { kind } = question.request.principal;
  const person = kind === "role" || kind === "user";
  if (!person) return decideOne({ ...question, sameAccount: "yes" });
  // Across accounts every way of naming counts; the other half of the question is taken as answered.
  return decideOne({ ...question, identity: ANYTHING_GOES, sameAccount: "no" });
}

const ANYTHING_GOES: IdentityPolicies = {
  unseen: [],
  sources: [
    {
      label: "the principal's own policies",
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

/**
 * May any document allow the action on anything at all? Conditions, resources and denies are not looked at;
 * each document works it out once.
 */
export function mayApplyTo(sources: readonly Source[], action: string): Trilean {
  let result: Trilean = "no";
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document) || document.opaque !== undefined) {
      result = "unknown";
      continue;
    }
    for (const { statement, action: match } of statementsFor(document, action)) {
      if (statement.effect === "Allow" && match === "yes" && inEffect(source) === "yes") return "yes";
      if (statement.effect !== "Deny") result = "unknown";
    }
    const { possible } = source;
    if (possible !== undefined && mayApplyTo([{ label: source.label, document: possible }], action) !== "no")
      result = "unknown";
  }
  return result;
}

/** A statement that allows an action, and what on. */
export interface AllowStatement {
  readonly source: Source;
  /** `Sid "Invoke"` or `statement 2`. */
  readonly statement: string;
  /** Does it surely cover the action, and stand in a document that is in effect? */
  readonly action: Trilean;
  /** Its Resource patterns, `*` when it has NotResource. A policy variable stands for what each caller has there. */
  readonly resources: readonly Text[];
  /** Its NotResource patterns: it allows the action on everything that none of them matches. */
  readonly except: readonly Text[];
  /** An Action names the action in full, without wildcards. */
  readonly byName: boolean;
  readonly conditional: boolean;
}

/** A pattern in which each policy variable is a hole: its value varies from caller to caller. */
function withVariables({ text: written, pattern }: Template): Text {
  if (pattern !== undefined) return written;
  return text(
    ...written.flatMap((piece) =>
      typeof piece === "string"
        ? piece.split(/(\$\{[^}]*\})/).map((part) => variable(part) ?? part)
        : [piece],
    ),
  );
}

function variable(part: string): Hole | undefined {
  if (!part.startsWith("${")) return undefined;
  return { id: `variable ${part}`, shape: "any", varies: true, label: `what ${part} stands for`, from: [] };
}

/** The Allow statements that name or cover the action, with their resources. */
export function allowStatements(sources: readonly Source[], action: string): readonly AllowStatement[] {
  return sources.flatMap((source) => {
    const { document } = source;
    if (isUnknown(document)) return [];
    return statementsFor(document, action)
      .filter(({ statement }) => statement.effect === "Allow")
      .map(({ statement, action: match }) => {
        const patterns = (statement.resource?.templates ?? []).map(withVariables);
        return {
          source,
          statement: statement.label,
          action: and([match, inEffect(source)]),
          resources: statement.resource?.not ? [text("*")] : patterns,
          except: statement.resource?.not ? patterns : [],
          byName: names(statement, action),
          conditional: statement.conditions.length > 0,
        };
      });
  });
}

function names({ action }: Statement, name: string): boolean {
  return !action.not && action.texts.some((one) => known(one)?.toLowerCase() === name.toLowerCase());
}
