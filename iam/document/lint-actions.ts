import { distance } from "fastest-levenshtein";
import {
  EXECUTE_API_ACTIONS,
  EXECUTE_API_INVOKE,
  INVOKE_FUNCTION,
  INVOKE_FUNCTION_URL,
  LAMBDA_ACTIONS,
} from "../../aws";
import { actionMatch } from "../evaluate/statement";
import { resembles } from "../text/spelling";
import { known } from "../text/text";
import type { LintFinding } from "./lint";
import type { Statement } from "./types";

/** The actions that call a function, its URL, or an API. */
const CALL_ACTIONS = [INVOKE_FUNCTION, INVOKE_FUNCTION_URL, EXECUTE_API_INVOKE] as const;

/** Common mistakes for `InvokeFunction`, including API operations that are not IAM actions. */
const INVOKE_FUNCTION_MISTAKES =
  /^(functioninvoke|lambdainvoke|(invoke|execute|call|run|trigger)(lambda)?(function)?)$/;
const ACTION_MISTAKES = new Map([
  ["apigateway:invoke", EXECUTE_API_INVOKE],
  ["apigateway:execute", EXECUTE_API_INVOKE],
  ["api-gateway:invoke", EXECUTE_API_INVOKE],
  ["executeapi:invoke", EXECUTE_API_INVOKE],
  ["execute_api:invoke", EXECUTE_API_INVOKE],
  ["execute-apis:invoke", EXECUTE_API_INVOKE],
  ["lamda:invokefunction", INVOKE_FUNCTION],
  ["lambdas:invokefunction", INVOKE_FUNCTION],
  ["aws-lambda:invokefunction", INVOKE_FUNCTION],
]);

const INVOKE_ACTIONS: readonly string[] = LAMBDA_ACTIONS.filter((name) => name.startsWith("Invoke"));
const LAMBDA_VERBS: ReadonlySet<string> = new Set(
  LAMBDA_ACTIONS.map((name) => /^[A-Z][a-z]+/.exec(name)?.[0].toLowerCase() ?? ""),
);

/** `get` of `getfunction`; empty when the name does not begin with a verb of Lambda's actions. */
function verbOf(name: string): string {
  return [...LAMBDA_VERBS].find((verb) => name.startsWith(verb)) ?? "";
}

function nearestAction(name: string, actions: readonly string[]): string | undefined {
  return actions.find((action) => distance(action.toLowerCase(), name) <= 2);
}

/**
 * The action that a nonexistent one was probably intended to be. AWS adds actions to Lambda frequently, and may name a
 * new one like an older one with another verb (`PutResourcePolicy`, `GetResourcePolicy`); such a name is not reported as a
 * misspelling. The three actions of execute-api have not changed for years.
 */
export function suggestedAction(action: string | undefined): string | undefined {
  if (action === undefined || action.length > 100) return undefined;
  const lower = action.trim().toLowerCase();
  const intended = ACTION_MISTAKES.get(lower);
  if (intended !== undefined) return intended;
  const colon = lower.indexOf(":");
  const [service, name] = [lower.slice(0, colon).trim(), lower.slice(colon + 1).trim()];
  if (/[*?]/.test(name) || name === "") return undefined;
  const actions =
    service === "lambda" ? LAMBDA_ACTIONS : service === "execute-api" ? EXECUTE_API_ACTIONS : [];
  const exact = actions.find((action) => action.toLowerCase() === name);
  if (exact !== undefined)
    return action.toLowerCase() === `${service}:${name}` ? undefined : `${service}:${exact}`;
  if (service === "execute-api") return `execute-api:${nearestAction(name, EXECUTE_API_ACTIONS) ?? "Invoke"}`;
  return service === "lambda" ? lambdaSuggestion(name) : undefined;
}

function lambdaSuggestion(name: string): string | undefined {
  if (INVOKE_FUNCTION_MISTAKES.test(name)) return INVOKE_FUNCTION;
  const invokes = nearestAction(name, INVOKE_ACTIONS);
  if (invokes !== undefined || name.startsWith("invoke")) return `lambda:${invokes ?? "InvokeFunction"}`;
  const similar = nearestAction(name, LAMBDA_ACTIONS);
  const verb = verbOf(name);
  return similar !== undefined && (verb === "" || similar.toLowerCase().startsWith(verb))
    ? `lambda:${similar}`
    : undefined;
}

/** A nonexistent action is quoted only where it can only be a misspelling; otherwise it may be a secret. */
function isMisspelling(action: string): boolean {
  const name = action.slice(action.indexOf(":") + 1).trim();
  return (
    ACTION_MISTAKES.has(action.trim().toLowerCase()) ||
    INVOKE_FUNCTION_MISTAKES.test(name.toLowerCase()) ||
    /^(lambda|execute-api):invoke[a-z]{0,40}$/i.test(action) ||
    resembles(name, [...LAMBDA_ACTIONS, ...EXECUTE_API_ACTIONS])
  );
}

/** Whether the statement concerns calling functions or APIs, in any spelling. */
export function isAboutCalls(statement: Statement): boolean {
  return (
    CALL_ACTIONS.some((action) => actionMatch(statement, action) !== "no") ||
    statement.action.texts.some((text) => isCall(suggestedAction(known(text))))
  );
}

function isCall(action: string | undefined): boolean {
  return CALL_ACTIONS.some((call) => call === action);
}

/**
 * Nonexistent actions in a statement that lacks the intended ones. A misspelled action next to the correct one has no
 * effect.
 */
export function actionFindings(statement: Statement): readonly LintFinding[] {
  const { action, label } = statement;
  return action.texts.flatMap((text): readonly LintFinding[] => {
    const name = known(text);
    const intended = suggestedAction(name);
    if (name === undefined || intended === undefined || hasWorkingAction(statement, intended)) return [];
    const misspelled = isMisspelling(name) ? name : undefined;
    return [{ code: "unknown-action", written: misspelled, suggestion: intended, statement: label }];
  });
}

/**
 * Whether the statement names a working action in addition to the misspelled one: the intended action itself, if it is
 * one that calls a function or an API.
 */
function hasWorkingAction(statement: Statement, intended: string): boolean {
  if (isCall(intended))
    return [intended, intended.startsWith("lambda:") ? INVOKE_FUNCTION : EXECUTE_API_INVOKE].some(
      (action) => actionMatch(statement, action) !== "no",
    );
  return statement.action.texts.some((text) => {
    const name = known(text);
    return (
      name === undefined || (/^.+:.+$/.test(name) && suggestedAction(name) === undefined) || name === "*"
    );
  });
}
