import type { Condition, PrincipalEntry, Statement } from "../document/types";
import { type ArnMatch, type ArnPattern, arnMiss } from "../text/arn";
import { holesOf, type Pattern } from "../text/pattern";
import { type Hole, known, show, type Text, unknownHoles } from "../text/text";
import type { Trilean } from "../text/trilean";
import { isUnknown } from "../text/unknown";
import { arnOf, evaluateCondition, fill, RESOURCE_TAG } from "./condition";
import type { Decision, Miss, Principal, Source, StatementEvidence } from "./model";
import { named } from "./principal";
import {
  actionMatch,
  conditionsMatch,
  type EvaluationContext,
  type MatchedStatement,
  naming,
  resourceMatch,
} from "./statement";
import type { StatementPlace, UnknownReason } from "./unknowns";

/**
 * What decided, and what came near, in words.
 *
 * Only ARN patterns, actions, service names and names of keys are shown: what else stands in a policy (a
 * condition's value, a Resource that is no ARN) may be a secret that came there by mistake.
 */
const SHOWN = 200;

function clip(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN - 1)}…` : value;
}

function shownPattern(value: Text): string {
  const shown = show(value);
  return /^(\*|arn:|<|execute-api:\/)/.test(shown) ? clip(shown) : "(not an ARN)";
}

function shownAction(value: Text): string {
  const shown = show(value);
  const action = /^(\*|[a-z0-9-]{2,40}:[A-Za-z0-9*?]{1,60})$/i.test(shown);
  return action || known(value) === undefined ? clip(shown) : "(not an action)";
}

/** The operator and the key of a condition, as far as they are such. */
function shownCondition({ operator, family, keyText }: Condition): string {
  return `${family === "unknown" ? "(not an operator)" : operator} ${shownKey(keyText)}`;
}

function shownKey(key: string): string {
  return /^[\w.-]{1,60}:[\w:/.+=@-]{1,140}$/.test(key) ? key : "(not a condition key)";
}

interface Elements {
  readonly Principal: Trilean;
  readonly Action: Trilean;
  readonly Resource: Trilean;
  readonly Condition: Trilean;
}

function elementsOf(statement: Statement, ask: EvaluationContext): Elements {
  return {
    Principal: named(naming(statement, ask)),
    Action: actionMatch(statement, ask.request.action),
    Resource: resourceMatch(statement, ask),
    Condition: conditionsMatch(statement, ask),
  };
}

const ELEMENTS = ["Principal", "Action", "Resource", "Condition"] as const;

/** The evidence of a statement that counted. */
export function evidenceOf(
  { source, statement, effect, applies }: MatchedStatement,
  ask: EvaluationContext,
): StatementEvidence | undefined {
  if (statement === undefined) return undefined;
  const miss = applies === "yes" ? undefined : missOf(statement, elementsOf(statement, ask), ask);
  const under = applies === "yes" ? conditionsMet(statement, ask) : [];
  return {
    source,
    statement: statement.label,
    effect,
    applies,
    ...(miss ? { miss } : {}),
    ...(under.length > 0 ? { under } : {}),
  };
}

const MOST_CONDITIONS = 3;

/** The conditions of a statement, and of which keys the request has nothing: what a negated one is met by. */
function conditionsMet({ conditions }: Statement, ask: EvaluationContext): readonly string[] {
  return conditions.slice(0, MOST_CONDITIONS).map((condition) => {
    const absent = ask.look(condition.key).state === "absent";
    return `${shownCondition(condition)}${absent ? ` (the request has no ${shownKey(condition.keyText)})` : ""}`;
  });
}

/** The first element that does not surely match: one that misses before one that cannot be told. */
function missOf(statement: Statement, elements: Elements, ask: EvaluationContext): Miss | undefined {
  const element =
    ELEMENTS.find((one) => elements[one] === "no") ?? ELEMENTS.find((one) => elements[one] === "unknown");
  switch (element) {
    case undefined:
      return statement.effect === "unknown"
        ? { element: "Effect", pattern: "unknown", subject: "", match: "unknown" }
        : undefined;
    case "Principal":
      return {
        element,
        pattern: principalText(statement),
        subject: shownPrincipal(ask.request.principal),
        match: elements.Principal,
      };
    case "Action":
      return {
        element,
        pattern: nearestAction(statement, ask.request.action).shown,
        subject: ask.request.action,
        match: elements.Action,
      };
    case "Resource": {
      const { pattern, miss } = nearestResource(statement, ask);
      return {
        element,
        pattern: `${statement.resource?.not ? "all but " : ""}${pattern ? shownPattern(pattern.source) : "(a variable without value)"}`,
        subject: clip(show(ask.request.resource)),
        ...(miss.segment && !statement.resource?.not ? { segment: miss.segment } : {}),
        match: elements.Resource,
      };
    }
    case "Condition":
      return conditionMiss(statement, ask);
  }
}

function principalText({ principal }: Statement): string {
  const entries = (principal?.entries ?? []).slice(0, 5).map(shownEntry);
  return `${principal?.not ? "all but " : ""}${entries.join(", ")}`;
}

/** `events.amazonaws.com`, `alexa-appkit.amazon.com`, a placeholder. */
const SERVICE = /^([\w.<> -]{1,80}\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)|<[^<>]{1,100}>)$/;

function shownEntry(entry: PrincipalEntry): string {
  switch (entry.kind) {
    case "everyone":
      return "*";
    case "service": {
      const shown = show(entry.text);
      return SERVICE.test(shown) ? shown : "(not a service)";
    }
    case "unknown":
    case "federated":
    case "canonical":
      return `(${entry.kind})`;
    default:
      return clip(show(entry.text));
  }
}

function shownPrincipal(principal: Principal): string {
  return principal.kind === "service" || principal.kind === "federated"
    ? principal.name
    : principal.kind === "anonymous"
      ? "an anonymous request"
      : clip(show(principal.arn));
}

/** The action of a statement that comes nearest: of the same service, else of the sister service. */
function nearestAction({ action }: Statement, name: string): { shown: string; score: number } {
  const service = `${name.slice(0, name.indexOf(":"))}:`.toLowerCase();
  let best = { shown: action.texts[0] ? shownAction(action.texts[0]) : "nothing", score: 0 };
  for (const [at, text] of action.texts.entries()) {
    const start = (show(text).toLowerCase().split("*")[0] ?? "").slice(0, 60);
    const score = start.startsWith(`${service}invoke`)
      ? 8
      : start.startsWith("execute-api:invoke") || start.startsWith("lambda:invoke")
        ? 6
        : start.startsWith(service)
          ? 4
          : start.startsWith("execute-api:") || start.startsWith("lambda:")
            ? 2
            : 0;
    if (score > best.score || at === 0) best = { shown: shownAction(text), score };
  }
  return action.not ? { shown: `all but ${best.shown}`, score: 1 } : best;
}

interface Near {
  readonly pattern: ArnPattern | undefined;
  readonly miss: ArnMatch;
}

const NOWHERE: Near = { pattern: undefined, miss: { match: "no", depth: -1, varies: false } };
const RANK: Record<Trilean, number> = { yes: 200, unknown: 100, no: 0 };

/** The Resource pattern that comes nearest. */
function nearestResource({ resource }: Statement, { request, look }: EvaluationContext): Near {
  let best = NOWHERE;
  for (const template of resource?.templates.slice(0, 200) ?? []) {
    const filled: Pattern | undefined = fill(template, look);
    if (filled === undefined || resource === undefined) continue;
    const pattern = arnOf(template, filled, resource.use);
    const miss = arnMiss(pattern, request.resource);
    if (RANK[miss.match] + miss.depth > RANK[best.miss.match] + best.miss.depth) best = { pattern, miss };
  }
  return best;
}

function firstCondition(
  { conditions }: Statement,
  ask: EvaluationContext,
): { condition: Condition; match: Trilean } | undefined {
  const results = conditions.map((condition) => ({
    condition,
    match: evaluateCondition(condition, ask.look),
  }));
  return results.find(({ match }) => match === "no") ?? results.find(({ match }) => match === "unknown");
}

function conditionMiss(statement: Statement, ask: EvaluationContext): Miss | undefined {
  const found = firstCondition(statement, ask);
  if (found === undefined) return undefined;
  const { condition, match } = found;
  const value = ask.look(condition.key);
  const [only] = value.state === "present" ? value.values : [];
  const arns = condition.key === "aws:sourcearn" || condition.key === "aws:principalarn";
  const [wanted] = condition.values;
  const key = shownKey(condition.keyText);
  let segment: string | undefined;
  if (arns && only && wanted?.pattern)
    segment = arnMiss(arnOf(wanted, wanted.pattern, "condition"), only).segment;
  const shown = arns
    ? ` ${condition.values
        .slice(0, 3)
        .map(({ text }) => shownPattern(text))
        .join(" or ")}`
    : "";
  return {
    element: "Condition",
    pattern: shownCondition(condition) + shown,
    subject:
      value.state === "absent"
        ? `no ${key}`
        : value.state === "present" && arns && only
          ? clip(show(only))
          : value.state === "present"
            ? `another ${key}`
            : `an unknown ${key}`,
    segment: segment ?? key,
    match,
  };
}

/** How many statements are looked at for the one that came nearest. */
const LOOKED_AT = 500;

/** The Allow statement that came nearest to allowing the request; none when all are about other things. */
export function nearest(sources: readonly Source[], ask: EvaluationContext): StatementEvidence | undefined {
  let best: { score: number; evidence: StatementEvidence } | undefined;
  let looked = 0;
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document)) continue;
    for (const statement of document.statements) {
      if (statement.effect === "Deny") continue;
      if (++looked > LOOKED_AT) return best?.evidence;
      const elements = elementsOf(statement, ask);
      const score = nearness(statement, elements, ask);
      if (score === 0 || (best && score <= best.score)) continue;
      const miss = missOf(statement, elements, ask);
      const applies: Trilean = ELEMENTS.some((one) => elements[one] === "no") ? "no" : "unknown";
      best = {
        score,
        evidence: { source, statement: statement.label, effect: "Allow", applies, ...(miss ? { miss } : {}) },
      };
    }
  }
  return best?.evidence;
}

const WEIGHT: Record<Trilean, number> = { yes: 2, unknown: 1, no: 0 };

function nearness(statement: Statement, elements: Elements, ask: EvaluationContext): number {
  if (elements.Action === "no") return nearestAction(statement, ask.request.action).score;
  const { depth } = elements.Resource === "yes" ? { depth: 10 } : nearestResource(statement, ask).miss;
  return (
    20 * WEIGHT[elements.Action] +
    4 * Math.max(0, depth) +
    10 * WEIGHT[elements.Principal] +
    5 * WEIGHT[elements.Condition]
  );
}

function labels(holes: readonly Hole[]): readonly string[] {
  return [...new Set(holes.flatMap((hole) => hole.from.map((origin) => origin.label)))].slice(0, 10);
}

/** What is unknown of a pattern and what is compared with it: where the pattern is written out, it is the other. */
function between(
  written: readonly Hole[],
  compared: readonly Hole[],
): Pick<UnknownReason, "dependsOn" | "resolution"> & { readonly missing: readonly string[] } {
  const dependsOn = labels([...written, ...compared]);
  if (written.length > 0 || compared.length === 0) return { missing: [], dependsOn };
  const resolutions = compared.flatMap((hole) => hole.resolution ?? []);
  const [first, ...more] = [...new Map(resolutions.map((one) => [JSON.stringify(one), one])).values()];
  return {
    missing: [...new Set(compared.map((hole) => hole.label))].slice(0, 3),
    dependsOn,
    ...(first === undefined
      ? {}
      : { resolution: more.length === 0 ? first : { code: "several", resolutions: [first, ...more] } }),
  };
}

/** What is unknown about a statement, or a document, that may or may not count. */
export function unknownOf(found: MatchedStatement, ask: EvaluationContext): UnknownReason {
  const { source, statement, effect } = found;
  const could = effect === "Allow" ? "allow" : "deny";
  if (statement === undefined) return { ...unknownDocument(source), could };
  const elements = elementsOf(statement, ask);
  const place = { statement: statement.label, source: source.label };
  switch (ELEMENTS.find((one) => elements[one] === "unknown")) {
    case "Resource":
      return { ...unknownResource(statement, place, elements, ask), could };
    case "Condition":
      return { ...unknownCondition(statement, place, source, ask), could };
    case "Principal":
      return { ...unknownPrincipal(statement, place, ask), could };
    case "Action": {
      const dependsOn = labels(holesOf(...statement.action.texts));
      return { subject: { code: "statement-action", ...place }, dependsOn, could };
    }
    case undefined:
      return { subject: { code: "statement-effect", ...place }, dependsOn: [], ...source.mayNotApply, could };
  }
}

function unknownDocument({ document, label, arn }: Source): UnknownReason {
  const origins = isUnknown(document) ? document.from : (document.opaque ?? []);
  const refused = isUnknown(document) ? undefined : document.problems[0];
  return {
    subject: { code: "document", source: label, ...(arn === undefined ? {} : { arn }) },
    dependsOn: [...new Set(origins.map((origin) => origin.label))].slice(0, 10),
    ...(refused ? { resolution: { code: "accepted-document", problem: refused.message } } : {}),
  };
}

function unknownResource(
  statement: Statement,
  place: StatementPlace,
  elements: Elements,
  ask: EvaluationContext,
): UnknownReason {
  const { pattern, miss } = nearestResource(statement, ask);
  const isOtherwiseMet = (["Principal", "Action", "Condition"] as const).every(
    (element) => elements[element] === "yes",
  );
  if (miss.varies && isOtherwiseMet) {
    const shown = pattern ? shownPattern(pattern.source) : "";
    return { subject: { code: "covered-requests", ...place, pattern: shown }, dependsOn: [], varies: true };
  }
  const { missing, ...known } = between(
    unknownHoles(holesOf(pattern?.flat.pieces ?? [])),
    unknownHoles(holesOf(ask.request.resource)),
  );
  return {
    subject: { code: "statement-resource", ...place, missing },
    ...known,
    ...(pattern?.refused ? { resolution: { code: "accepted-resource" } } : {}),
  };
}

function unknownCondition(
  statement: Statement,
  place: StatementPlace,
  { document }: Source,
  ask: EvaluationContext,
): UnknownReason {
  const found = firstCondition(statement, ask);
  const value = found && ask.look(found.condition.key);
  const values = value?.state === "present" ? value.values : [];
  const written = holesOf(...(found?.condition.values.map(({ text }) => text) ?? []));
  const refused =
    isUnknown(document) || found?.condition.family !== "unknown"
      ? undefined
      : document.problems.find((problem) => problem.statement === statement.index);
  const { missing, ...known } = between(unknownHoles(written), unknownHoles(holesOf(...values)));
  const key = found ? shownKey(found.condition.keyText) : "";
  return {
    subject: { code: "statement-condition", ...place, key, missing, ...tagged(found?.condition.key, ask) },
    ...known,
    // What a request brings with it, where it comes from and tags of who makes it, no plan shows.
    ...(value?.state === "unknown" && written.length === 0
      ? { resolution: { code: "remove-condition" } }
      : {}),
    ...(refused ? { resolution: { code: "accepted-statement", problem: refused.message } } : {}),
  };
}

/** The resource that has the tag of a key, where its tags are not known at all. */
function tagged(key: string | undefined, { request }: EvaluationContext): { readonly tagsOf?: string } {
  const of = known(request.resource);
  return key?.startsWith(RESOURCE_TAG) && request.context.resourceTags === undefined && of !== undefined
    ? { tagsOf: of }
    : {};
}

function unknownPrincipal(
  statement: Statement,
  place: StatementPlace,
  { request: { principal } }: EvaluationContext,
): UnknownReason {
  const entries = statement.principal?.entries ?? [];
  const holes = holesOf(...entries.map((entry) => ("text" in entry ? entry.text : [])));
  const isWritten = holes.length === 0 && entries.some(({ kind }) => kind === "service");
  if (principal.kind === "service" && isWritten) {
    const { name: service } = principal;
    return {
      subject: { code: "service-principal", ...place, pattern: principalText(statement), service },
      dependsOn: [],
      resolution: { code: "write-service", service },
    };
  }
  return { subject: { code: "statement-principal", ...place }, dependsOn: labels(holes) };
}

/**
 * A decision in short lines for people: the statement that decided it, or for a miss the nearest one with the
 * element and the segment where it misses. Empty when there is nothing to tell.
 */
export function explain(decision: Decision): string[] {
  const evidence = decision.decidedBy;
  if (evidence === undefined) return [];
  const where = `${evidence.statement} in ${evidence.source.label}`;
  if (decision.answer === "yes") return [`Allowed by ${where}`];
  if (decision.reason === "explicit-deny") {
    const under = evidence.under === undefined ? "" : `, under the condition ${evidence.under.join(" and ")}`;
    return [`Explicit deny: ${where}${under}`];
  }
  const opening = decision.answer === "unknown" ? "Undecided" : "Nearest";
  const { miss } = evidence;
  if (miss === undefined)
    return [`${opening}: ${where}${evidence.source.mayNotApply ? ", which may not be in effect" : ""}`];
  return [`${opening}: ${where} ${missText(miss)}`];
}

/** Other statements than these are counted only. */
const MOST_OTHERS = 3;

/** What would take an allowed answer away; `undefined` when no statement is known to have given it. */
export function takenAway({ answer, decidedBy, alsoBy = [] }: Decision): string | undefined {
  if (answer !== "yes" || decidedBy === undefined) return undefined;
  const where = ({ statement, source }: StatementEvidence): string => `${statement} in ${source.label}`;
  const others = alsoBy
    .slice(0, MOST_OTHERS)
    .map((one) => `${where(one)}, which ${one.applies === "yes" ? "allows" : "may allow"} it too`);
  const more = alsoBy.length - others.length;
  const all = [where(decidedBy), ...others, ...(more > 0 ? [`${more} more that do or may`] : [])];
  return `remove ${all.join("; and ")}; or add a Deny that covers it`;
}

/** A statement that surely misses is an Allow: of denies only those are shown that may apply. */
function missText(miss: Miss): string {
  const at = miss.segment ? ` at the ${miss.segment}` : "";
  const sure = miss.match === "no";
  switch (miss.element) {
    case "Action":
      return sure ? `allows ${miss.pattern}, not ${miss.subject}` : `has an Action that is not known`;
    case "Principal":
      return sure ? `is for ${miss.pattern}, not for ${miss.subject}` : `may be for ${miss.subject} or not`;
    case "Resource":
      return `${sure ? `allows it on ${miss.pattern}, which misses` : `may miss`}${at}: the request is for ${miss.subject}`;
    case "Condition":
      if (!sure) return `wants ${miss.pattern}, which cannot be told`;
      return miss.subject.startsWith("arn:")
        ? `wants ${miss.pattern}, which misses${at}: the request has ${miss.subject}`
        : `wants ${miss.pattern}; the request has ${miss.subject}`;
    case "Effect":
      return "has an Effect that is not known";
  }
}
