import type { PolicyDocument, Statement } from "../document/types";
import { matchArnPattern, splitArn } from "../text/arn";
import { matchPattern } from "../text/match";
import type { Text } from "../text/text";
import { not, or, type Trilean } from "../text/trilean";
import { arnPatternFor, contextValue, evaluateCondition, fillTemplate, type Lookup } from "./condition";
import type { ContextValue, PolicySource, Request } from "./model";
import { ATTACHED_PRINCIPAL, type PrincipalMatch, principalMatchOf } from "./principal";

/** The result of each element of one statement for one request. */

/** A request with the values that every evaluation of it needs. */
export interface EvaluationContext {
  readonly request: Request;
  readonly lookup: Lookup;
  /** Whether the principal has a permissions boundary. */
  readonly hasBoundary: Trilean;
}

/**
 * Prepares a request for its evaluation. The keys of its context take precedence over those that follow from the ARN
 * of the resource; for any other key, the context says whether it may be present.
 */
export function evaluationContext(request: Request, hasBoundary: Trilean): EvaluationContext {
  let resourceValues: ReadonlyMap<string, ContextValue> | undefined;
  const lookup: Lookup = (key) => {
    const value = request.context.keys.get(key);
    if (value) return value;
    resourceValues ??= resourceKeys(request.resource);
    return resourceValues.get(key) ?? contextValue(request.context, key);
  };
  return { request, lookup, hasBoundary };
}

/** Condition keys whose value follows from the resource's ARN. */
function resourceKeys(resource: Text): ReadonlyMap<string, ContextValue> {
  const arn = splitArn(resource);
  const keys = new Map<string, ContextValue>();
  if (arn && arn.account.length > 0)
    keys.set("aws:resourceaccount", { state: "present", values: [arn.account] });
  if (arn && arn.region.length > 0)
    keys.set("aws:requestedregion", { state: "present", values: [arn.region] });
  return keys;
}

/** A statement that may cover an action, and whether it certainly does. */
export interface ApplicableStatement {
  readonly statement: Statement;
  readonly action: Trilean;
}

const statementsByAction = new WeakMap<PolicyDocument, Map<string, readonly ApplicableStatement[]>>();

/** The statements of a document that may cover the action; cached per action. */
export function statementsFor(document: PolicyDocument, action: string): readonly ApplicableStatement[] {
  const byAction = statementsByAction.get(document) ?? new Map<string, readonly ApplicableStatement[]>();
  if (byAction.size === 0) statementsByAction.set(document, byAction);
  let statements = byAction.get(action);
  if (statements === undefined) {
    statements = document.statements
      .map((statement) => ({ statement, action: actionMatch(statement, action) }))
      .filter((matched) => matched.action !== "no");
    byAction.set(action, statements);
  }
  return statements;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html */
export function actionMatch({ action }: Statement, name: string): Trilean {
  const subject = [name.toLowerCase()];
  const match = or(action.patterns.map((pattern) => matchPattern(pattern, subject, true)));
  return action.not ? not(match) : match;
}

/** Below this number of patterns, matching is faster than the cache. */
const FEW_PATTERNS = 8;

/** The results of long lists of patterns by ARN: callers that share a document are evaluated for the same functions. */
const longListResults = new WeakMap<Statement, WeakMap<Text, Trilean>>();

/**
 * Whether the Resource or NotResource element covers the requested ARN: `unknown` where a hole or a policy variable
 * decides, `yes` where the statement has no such element, as in a trust policy.
 */
export function resourceMatch(statement: Statement, context: EvaluationContext): Trilean {
  const { resource } = statement;
  if (resource === undefined) return "yes";
  const { templates } = resource;
  // The value of a policy variable differs from caller to caller.
  if (templates.length < FEW_PATTERNS || templates.some(({ pattern }) => pattern === undefined))
    return matchAnyTemplate(resource, context);
  const results = longListResults.get(statement) ?? new WeakMap<Text, Trilean>();
  const { resource: arn } = context.request;
  let match = results.get(arn);
  if (match === undefined) {
    match = matchAnyTemplate(resource, context);
    results.set(arn, match);
    longListResults.set(statement, results);
  }
  return match;
}

function matchAnyTemplate(
  resource: NonNullable<Statement["resource"]>,
  { request, lookup }: EvaluationContext,
): Trilean {
  let match: Trilean = "no";
  for (const template of resource.templates) {
    const pattern = fillTemplate(template, lookup);
    const result =
      pattern === undefined
        ? "no"
        : matchArnPattern(arnPatternFor(template, pattern, resource.use), request.resource);
    if (result === "yes") {
      match = "yes";
      break;
    }
    if (result === "unknown") match = "unknown";
  }
  return resource.not ? not(match) : match;
}

/**
 * Whether all conditions are met: `no` where one of them is certainly not, `unknown` where a value in the request or
 * in the document decides. A statement without conditions matches.
 */
export function conditionsMatch({ conditions }: Statement, { lookup }: EvaluationContext): Trilean {
  let match: Trilean = "yes";
  for (const condition of conditions) {
    const result = evaluateCondition(condition, lookup);
    if (result === "no") return "no";
    if (result === "unknown") match = "unknown";
  }
  return match;
}

/**
 * Whether the Principal or NotPrincipal element matches the principal of the request, for each way of identifying it.
 * A statement without such an element belongs to an identity-based policy, which applies to its own principal.
 */
export function principalMatch(
  { principal, effect, conditions }: Statement,
  { request, hasBoundary }: EvaluationContext,
): PrincipalMatch {
  if (principal === undefined) return ATTACHED_PRINCIPAL;
  const principalMatch = principalMatchOf(principal, request.principal);
  if (principal.not)
    return { ...principalMatch, everyone: notPrincipalMatch(principalMatch.everyone, effect, hasBoundary) };
  // "Permissions boundaries … do not limit permissions granted using the aws:PrincipalArn condition key with a
  // wildcard in the Principal element."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
  const hasPrincipalArnCondition = conditions.some(
    ({ key, negated, family }) => key === "aws:principalarn" && !negated && family !== "Null",
  );
  return hasPrincipalArnCondition
    ? {
        ...principalMatch,
        everyone: "no",
        principal: or([principalMatch.principal, principalMatch.everyone]),
      }
    : principalMatch;
}

/**
 * The effect of NotPrincipal, by the statement's Effect
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html):
 * - "Using it with "Effect":"Allow" is not supported"; according to older pages it allows everyone else.
 * - "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary
 *   policy attached, regardless of the values specified in the NotPrincipal element."
 */
function notPrincipalMatch(
  everyoneElse: Trilean,
  effect: Statement["effect"],
  hasBoundary: Trilean,
): Trilean {
  if (effect === "Allow") return everyoneElse === "yes" ? "unknown" : everyoneElse;
  return or([everyoneElse, hasBoundary]);
}

/** A statement that applies or may apply, with its source. */
export interface MatchedStatement {
  readonly source: PolicySource;
  /** Absent when the document as a whole is unknown. */
  readonly statement?: Statement;
  readonly effect: "Allow" | "Deny";
  readonly applies: Trilean;
}
