import type { PolicyDocument, Statement } from "../document/types";
import { matchArnPattern, splitArn } from "../text/arn";
import { matchPattern } from "../text/match";
import type { Text } from "../text/text";
import { not, or, type Trilean } from "../text/trilean";
import { arnOf, evaluateCondition, fill, type Lookup, lookup } from "./condition";
import type { ContextValue, Request, Source } from "./model";
import { IDENTITY_HOLDER, type PrincipalMatch, principalMatchOf } from "./principal";

/** The result of each element of one statement for one request. */

/** A request with the values that every evaluation of it needs. */
export interface EvaluationContext {
  readonly request: Request;
  readonly look: Lookup;
  /** Whether the principal has a permissions boundary. */
  readonly bounded: Trilean;
}

export function evaluationContext(request: Request, bounded: Trilean): EvaluationContext {
  let derived: ReadonlyMap<string, ContextValue> | undefined;
  const look: Lookup = (key) => {
    const own = request.context.keys.get(key);
    if (own) return own;
    derived ??= resourceKeys(request.resource);
    return derived.get(key) ?? lookup(request.context, key);
  };
  return { request, look, bounded };
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

const concerns = new WeakMap<PolicyDocument, Map<string, readonly ApplicableStatement[]>>();

/** The statements of a document that may cover the action; cached per action. */
export function statementsFor(document: PolicyDocument, action: string): readonly ApplicableStatement[] {
  const byAction = concerns.get(document) ?? new Map<string, readonly ApplicableStatement[]>();
  if (byAction.size === 0) concerns.set(document, byAction);
  let found = byAction.get(action);
  if (found === undefined) {
    found = document.statements
      .map((statement) => ({ statement, action: actionMatch(statement, action) }))
      .filter((matched) => matched.action !== "no");
    byAction.set(action, found);
  }
  return found;
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
const ofLongLists = new WeakMap<Statement, WeakMap<Text, Trilean>>();

export function resourceMatch(statement: Statement, context: EvaluationContext): Trilean {
  const { resource } = statement;
  if (resource === undefined) return "yes";
  const { templates } = resource;
  // The value of a policy variable differs from caller to caller.
  if (templates.length < FEW_PATTERNS || templates.some(({ pattern }) => pattern === undefined))
    return matchOf(resource, context);
  const known = ofLongLists.get(statement) ?? new WeakMap<Text, Trilean>();
  const { resource: arn } = context.request;
  let match = known.get(arn);
  if (match === undefined) {
    match = matchOf(resource, context);
    known.set(arn, match);
    ofLongLists.set(statement, known);
  }
  return match;
}

function matchOf(
  resource: NonNullable<Statement["resource"]>,
  { request, look }: EvaluationContext,
): Trilean {
  let match: Trilean = "no";
  for (const template of resource.templates) {
    const pattern = fill(template, look);
    const answer =
      pattern === undefined
        ? "no"
        : matchArnPattern(arnOf(template, pattern, resource.use), request.resource);
    if (answer === "yes") {
      match = "yes";
      break;
    }
    if (answer === "unknown") match = "unknown";
  }
  return resource.not ? not(match) : match;
}

export function conditionsMatch({ conditions }: Statement, { look }: EvaluationContext): Trilean {
  let match: Trilean = "yes";
  for (const condition of conditions) {
    const answer = evaluateCondition(condition, look);
    if (answer === "no") return "no";
    if (answer === "unknown") match = "unknown";
  }
  return match;
}

export function naming(
  { principal, effect, conditions }: Statement,
  { request, bounded }: EvaluationContext,
): PrincipalMatch {
  if (principal === undefined) return IDENTITY_HOLDER;
  const naming = principalMatchOf(principal, request.principal);
  if (principal.not) return { ...naming, everyone: notPrincipalMatch(naming.everyone, effect, bounded) };
  // "Permissions boundaries … do not limit permissions granted using the aws:PrincipalArn condition key with a
  // wildcard in the Principal element."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
  const byArn = conditions.some(
    ({ key, negated, family }) => key === "aws:principalarn" && !negated && family !== "Null",
  );
  return byArn ? { ...naming, everyone: "no", itself: or([naming.itself, naming.everyone]) } : naming;
}

/**
 * The effect of NotPrincipal, by the statement's Effect
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html):
 * - "Using it with "Effect":"Allow" is not supported"; according to older pages it allows everyone else.
 * - "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary
 *   policy attached, regardless of the values specified in the NotPrincipal element."
 */
function notPrincipalMatch(others: Trilean, effect: Statement["effect"], bounded: Trilean): Trilean {
  if (effect === "Allow") return others === "yes" ? "unknown" : others;
  return or([others, bounded]);
}

/** A statement that counts, with its source. */
export interface MatchedStatement {
  readonly source: Source;
  /** Absent when the document as a whole is unknown. */
  readonly statement?: Statement;
  readonly effect: "Allow" | "Deny";
  readonly applies: Trilean;
}
