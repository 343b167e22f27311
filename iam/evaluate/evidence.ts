import type { Condition, Statement } from "../document/types";
import { type ArnMatch, type ArnPattern, arnMismatch } from "../text/arn";
import { distinctLabels, type HoleLabel } from "../text/hole-labels";
import { holesOf, type Pattern } from "../text/pattern";
import { type Hole, known, type Origin, show, type Text, unknownHoles } from "../text/text";
import type { Trilean } from "../text/trilean";
import { isUnknown } from "../text/unknown";
import { arnPatternFor, evaluateCondition, fillTemplate, RESOURCE_TAG } from "./condition";
import type { MetCondition, Mismatch, PolicySource, StatementEvidence } from "./model";
import { matchesInAnyWay } from "./principal";
import {
  clip,
  type Quote,
  type QuotedElement,
  quoteAction,
  quoteArn,
  quoteCondition,
  quoteEntry,
  quoteKey,
  quotePrincipal,
} from "./quotes";
import {
  actionMatch,
  conditionsMatch,
  type EvaluationContext,
  type MatchedStatement,
  principalMatch,
  resourceMatch,
} from "./statement";
import type { StatementPlace, UnknownReason } from "./unknowns";

/** The statement that decided, or the nearest one, and its element that does not match. */

interface Elements {
  readonly Principal: Trilean;
  readonly Action: Trilean;
  readonly Resource: Trilean;
  readonly Condition: Trilean;
}

function elementsOf(statement: Statement, context: EvaluationContext): Elements {
  return {
    Principal: matchesInAnyWay(principalMatch(statement, context)),
    Action: actionMatch(statement, context.request.action),
    Resource: resourceMatch(statement, context),
    Condition: conditionsMatch(statement, context),
  };
}

const ELEMENTS = ["Principal", "Action", "Resource", "Condition"] as const;

/** The evidence for a statement that applies or may apply. */
export function evidenceOf(
  { source, statement, effect, applies }: MatchedStatement,
  context: EvaluationContext,
): StatementEvidence | undefined {
  if (statement === undefined) return undefined;
  const mismatch =
    applies === "yes" ? undefined : mismatchOf(statement, elementsOf(statement, context), context);
  const metConditions = applies === "yes" ? quoteMetConditions(statement, context) : [];
  return {
    source,
    index: statement.index,
    statement: statement.label,
    effect,
    applies,
    ...(mismatch ? { mismatch } : {}),
    ...(metConditions.length > 0 ? { metConditions } : {}),
  };
}

const MAX_CONDITIONS = 3;

/** The conditions of a statement, and whether the request lacks the key: a negated condition is then met. */
function quoteMetConditions({ conditions }: Statement, context: EvaluationContext): readonly MetCondition[] {
  return conditions.slice(0, MAX_CONDITIONS).map((condition) => ({
    condition: quoteCondition(condition),
    isKeyAbsent: context.lookup(condition.key).state === "absent",
  }));
}

/** The first element that does not match; if there is none, the first that may not match. */
function mismatchOf(
  statement: Statement,
  elements: Elements,
  context: EvaluationContext,
): Mismatch | undefined {
  const element =
    ELEMENTS.find((element) => elements[element] === "no") ??
    ELEMENTS.find((element) => elements[element] === "unknown");
  switch (element) {
    case undefined:
      return statement.effect === "unknown" ? { element: "Effect", match: "unknown" } : undefined;
    case "Principal":
      return {
        element,
        match: elements.Principal,
        pattern: quotedPrincipals(statement),
        subject: quotePrincipal(context.request.principal),
      };
    case "Action":
      return {
        element,
        match: elements.Action,
        pattern: nearestAction(statement, context.request.action).quoted,
        subject: context.request.action,
      };
    case "Resource": {
      const { pattern, mismatch } = nearestResource(statement, context);
      const not = statement.resource?.not === true;
      return {
        element,
        match: elements.Resource,
        pattern: { not, patterns: [pattern ? quoteArn(pattern.source) : { hidden: "no-value" }] },
        subject: clip(show(context.request.resource)),
        ...(mismatch.segment && !not ? { segment: mismatch.segment } : {}),
      };
    }
    case "Condition":
      return conditionMismatch(statement, context);
  }
}

const MAX_PRINCIPALS = 5;

function quotedPrincipals({ principal }: Statement): QuotedElement {
  const entries = (principal?.entries ?? []).slice(0, MAX_PRINCIPALS);
  return { not: principal?.not === true, patterns: entries.map(quoteEntry) };
}

/** The action of the nearest statement: of the same service, else of the related service. */
function nearestAction({ action }: Statement, name: string): { quoted: QuotedElement; score: number } {
  const service = `${name.slice(0, name.indexOf(":"))}:`.toLowerCase();
  let best: { text: Text | undefined; score: number } = { text: action.texts[0], score: 0 };
  for (const [index, text] of action.texts.entries()) {
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
    if (score > best.score || index === 0) best = { text, score };
  }
  const patterns = best.text === undefined ? [] : [quoteAction(best.text)];
  return { quoted: { not: action.not, patterns }, score: action.not ? 1 : best.score };
}

interface NearestPattern {
  readonly pattern: ArnPattern | undefined;
  readonly mismatch: ArnMatch;
}

const NO_PATTERN: NearestPattern = {
  pattern: undefined,
  mismatch: { match: "no", depth: -1, varies: false },
};
const RANK: Record<Trilean, number> = { yes: 200, unknown: 100, no: 0 };

/** The nearest Resource pattern. */
function nearestResource({ resource }: Statement, { request, lookup }: EvaluationContext): NearestPattern {
  let best = NO_PATTERN;
  for (const template of resource?.templates.slice(0, 200) ?? []) {
    const filled: Pattern | undefined = fillTemplate(template, lookup);
    if (filled === undefined || resource === undefined) continue;
    const pattern = arnPatternFor(template, filled, resource.use);
    const mismatch = arnMismatch(pattern, request.resource);
    if (RANK[mismatch.match] + mismatch.depth > RANK[best.mismatch.match] + best.mismatch.depth)
      best = { pattern, mismatch };
  }
  return best;
}

function firstCondition(
  { conditions }: Statement,
  context: EvaluationContext,
): { condition: Condition; match: Trilean } | undefined {
  const results = conditions.map((condition) => ({
    condition,
    match: evaluateCondition(condition, context.lookup),
  }));
  return results.find(({ match }) => match === "no") ?? results.find(({ match }) => match === "unknown");
}

function conditionMismatch(statement: Statement, context: EvaluationContext): Mismatch | undefined {
  const unmet = firstCondition(statement, context);
  if (unmet === undefined) return undefined;
  const { condition, match } = unmet;
  const value = context.lookup(condition.key);
  const [singleValue] = value.state === "present" ? value.values : [];
  const isArnKey = condition.key === "aws:sourcearn" || condition.key === "aws:principalarn";
  const [required] = condition.values;
  const texts = condition.values.map(({ text }) => text);
  const shared = {
    element: "Condition",
    match,
    condition: quoteCondition(condition, isArnKey ? texts : []),
  } as const;
  if (value.state !== "present") return { ...shared, subject: { state: value.state } };
  if (!isArnKey || singleValue === undefined) return { ...shared, subject: { state: "other" } };
  const { segment } = required?.pattern
    ? arnMismatch(arnPatternFor(required, required.pattern, "condition"), singleValue)
    : { segment: undefined };
  return {
    ...shared,
    subject: { state: "arn", arn: clip(show(singleValue)), ...(segment === undefined ? {} : { segment }) },
  };
}

/** The maximum number of statements that are searched for the nearest one. */
const MAX_STATEMENTS = 500;

/** The Allow statement that is nearest to allowing the request; `undefined` when no statement concerns it. */
export function nearestStatement(
  sources: readonly PolicySource[],
  context: EvaluationContext,
): StatementEvidence | undefined {
  let best: { score: number; evidence: StatementEvidence } | undefined;
  let searched = 0;
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document)) continue;
    for (const statement of document.statements) {
      if (statement.effect === "Deny") continue;
      if (++searched > MAX_STATEMENTS) return best?.evidence;
      const elements = elementsOf(statement, context);
      const score = similarity(statement, elements, context);
      if (score === 0 || (best && score <= best.score)) continue;
      const mismatch = mismatchOf(statement, elements, context);
      const applies: Trilean = ELEMENTS.some((element) => elements[element] === "no") ? "no" : "unknown";
      best = {
        score,
        evidence: {
          source,
          index: statement.index,
          statement: statement.label,
          effect: "Allow",
          applies,
          ...(mismatch ? { mismatch } : {}),
        },
      };
    }
  }
  return best?.evidence;
}

const WEIGHT: Record<Trilean, number> = { yes: 2, unknown: 1, no: 0 };

function similarity(statement: Statement, elements: Elements, context: EvaluationContext): number {
  if (elements.Action === "no") return nearestAction(statement, context.request.action).score;
  const { depth } =
    elements.Resource === "yes" ? { depth: 10 } : nearestResource(statement, context).mismatch;
  return (
    20 * WEIGHT[elements.Action] +
    4 * Math.max(0, depth) +
    10 * WEIGHT[elements.Principal] +
    5 * WEIGHT[elements.Condition]
  );
}

/** The number of resources that an unknown part names. */
const MAX_ORIGINS = 10;

function originsOf(holes: readonly Hole[]): readonly Origin[] {
  return distinct(holes.flatMap((hole) => hole.origins));
}

/** The first ones, without duplicates. */
function distinct(origins: readonly Origin[]): readonly Origin[] {
  const byKey = new Map<string, Origin>();
  for (const origin of origins) if (!byKey.has(origin.key)) byKey.set(origin.key, origin);
  return [...byKey.values()].slice(0, MAX_ORIGINS);
}

/** The unknown part of a pattern and of the value that is compared with it. `missing` names the unknown parts of the value where the whole pattern is known. */
function unknownPart(
  patternHoles: readonly Hole[],
  subjectHoles: readonly Hole[],
): Pick<UnknownReason, "dependsOn" | "resolution"> & { readonly missing: readonly HoleLabel[] } {
  const dependsOn = originsOf([...patternHoles, ...subjectHoles]);
  if (patternHoles.length > 0 || subjectHoles.length === 0) return { missing: [], dependsOn };
  const resolutions = subjectHoles.flatMap((hole) => hole.resolution ?? []);
  const [first, ...more] = [
    ...new Map(resolutions.map((resolution) => [JSON.stringify(resolution), resolution])).values(),
  ];
  return {
    missing: distinctLabels(subjectHoles.map(({ label }) => label)).slice(0, 3),
    dependsOn,
    ...(first === undefined
      ? {}
      : { resolution: more.length === 0 ? first : { code: "several", resolutions: [first, ...more] } }),
  };
}

/** The unknown part of a statement or document that may or may not apply. */
export function unknownOf(matched: MatchedStatement, context: EvaluationContext): UnknownReason {
  const { source, statement, effect } = matched;
  const could = effect === "Allow" ? "allow" : "deny";
  if (statement === undefined) return { ...unknownDocument(source), could };
  const elements = elementsOf(statement, context);
  const place = { statement: statement.label, source: source.label };
  switch (ELEMENTS.find((element) => elements[element] === "unknown")) {
    case "Resource":
      return { ...unknownResource(statement, place, elements, context), could };
    case "Condition":
      return { ...unknownCondition(statement, place, source, context), could };
    case "Principal":
      return { ...unknownPrincipal(statement, place, context), could };
    case "Action": {
      const dependsOn = originsOf(holesOf(...statement.action.texts));
      return { subject: { code: "statement-action", ...place }, dependsOn, could };
    }
    case undefined:
      return { subject: { code: "statement-effect", ...place }, dependsOn: [], ...source.mayNotApply, could };
  }
}

function unknownDocument({ document, label, arn }: PolicySource): UnknownReason {
  const origins = isUnknown(document) ? document.origins : (document.opaque ?? []);
  const refused = isUnknown(document) ? undefined : document.problems[0];
  return {
    subject: { code: "document", source: label, ...(arn === undefined ? {} : { arn }) },
    dependsOn: distinct(origins),
    ...(refused ? { resolution: { code: "accepted-document", problem: refused } } : {}),
  };
}

function unknownResource(
  statement: Statement,
  place: StatementPlace,
  elements: Elements,
  context: EvaluationContext,
): UnknownReason {
  const { pattern, mismatch } = nearestResource(statement, context);
  const otherElementsMatch = (["Principal", "Action", "Condition"] as const).every(
    (element) => elements[element] === "yes",
  );
  if (mismatch.varies && otherElementsMatch) {
    const quoted: Quote = pattern ? quoteArn(pattern.source) : { hidden: "no-value" };
    return { subject: { code: "covered-requests", ...place, pattern: quoted }, dependsOn: [], varies: true };
  }
  const { missing, ...details } = unknownPart(
    unknownHoles(holesOf(pattern?.flat.pieces ?? [])),
    unknownHoles(holesOf(context.request.resource)),
  );
  return {
    subject: { code: "statement-resource", ...place, missing },
    ...details,
    ...(pattern?.isRefused ? { resolution: { code: "accepted-resource" } } : {}),
  };
}

function unknownCondition(
  statement: Statement,
  place: StatementPlace,
  { document }: PolicySource,
  context: EvaluationContext,
): UnknownReason {
  const unmet = firstCondition(statement, context);
  const value = unmet && context.lookup(unmet.condition.key);
  const values = value?.state === "present" ? value.values : [];
  const policyHoles = holesOf(...(unmet?.condition.values.map(({ text }) => text) ?? []));
  const refused =
    isUnknown(document) || unmet?.condition.family !== "unknown"
      ? undefined
      : document.problems.find((problem) => problem.statement === statement.index);
  const { missing, ...details } = unknownPart(unknownHoles(policyHoles), unknownHoles(holesOf(...values)));
  const key: Quote = unmet ? quoteKey(unmet.condition.keyText) : { hidden: "not-key" };
  return {
    subject: {
      code: "statement-condition",
      ...place,
      key,
      missing,
      ...taggedResource(unmet?.condition.key, context),
    },
    ...details,
    // A plan never shows the values that only a request has: its network, its tags and its session.
    ...(value?.state === "unknown" && policyHoles.length === 0
      ? { resolution: { code: "remove-condition" } }
      : {}),
    ...(refused ? { resolution: { code: "accepted-statement", problem: refused } } : {}),
  };
}

/** The resource whose tag a key contains, where none of its tags are known. */
function taggedResource(
  key: string | undefined,
  { request }: EvaluationContext,
): { readonly tagsOf?: string } {
  const resourceArn = known(request.resource);
  return key?.startsWith(RESOURCE_TAG) &&
    request.context.resourceTags === undefined &&
    resourceArn !== undefined
    ? { tagsOf: resourceArn }
    : {};
}

function unknownPrincipal(
  statement: Statement,
  place: StatementPlace,
  { request: { principal } }: EvaluationContext,
): UnknownReason {
  const entries = statement.principal?.entries ?? [];
  const holes = holesOf(...entries.map((entry) => ("text" in entry ? entry.text : [])));
  const namesService = holes.length === 0 && entries.some(({ kind }) => kind === "service");
  if (principal.kind === "service" && namesService) {
    const { name: service } = principal;
    return {
      subject: { code: "service-principal", ...place, pattern: quotedPrincipals(statement), service },
      dependsOn: [],
      resolution: { code: "write-service", service },
    };
  }
  return { subject: { code: "statement-principal", ...place }, dependsOn: originsOf(holes) };
}
