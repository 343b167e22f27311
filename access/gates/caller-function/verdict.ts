import type { Decision, Origin, UnknownReason } from "../../../iam";
import type { Api, FunctionTarget, LambdaIntegration, PrincipalFacts, Route } from "../../../stack";
import { type Answer, NO_UNKNOWNS, originsTogether, type VerdictFields } from "../../answer";
import { withResolutions } from "../../decisions/function-policies";
import { inferredDocuments } from "../../decisions/inference";
import { inferredBy } from "../caller-route/callers";
import { GATES } from "../table";

/** Whose rule it is: AWS's, where the integration uses the caller's credentials, or the two-step rule. */
type OfCaller = Answer & {
  readonly gate: "caller-function" | "caller-credentials-function";
  readonly cause: "policies";
  readonly principal: PrincipalFacts;
  readonly target: FunctionTarget;
  readonly decision: Decision;
  /** Whether it may call the routes, certainly or possibly, and is not only intended to. */
  readonly mayCall: boolean;
};

interface UnderCallerCredentials extends Answer {
  readonly gate: "caller-credentials-function";
  readonly target: FunctionTarget;
}

/**
 * Whether a caller of a route may invoke the route's function, or why no caller of an integration with caller
 * credentials can.
 */
export type CallerFunctionVerdict =
  | OfCaller
  | (UnderCallerCredentials & {
      readonly cause: "caller-in-another-account";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
    })
  /** An integration with caller credentials that no caller can use. */
  | (UnderCallerCredentials & {
      readonly cause:
        | "caller-credentials-without-iam-authorization"
        | "caller-credentials-with-resource-policy";
      readonly integration: LambdaIntegration;
      readonly api: Api;
    });

/** A verdict on a caller, under either of the two rules. */
export type CallerVerdict = OfCaller;

/** Why a caller, or any caller, of an integration with caller credentials fails regardless of its policies. */
export type CallerCredentialsVerdict = Extract<
  CallerFunctionVerdict,
  { readonly gate: "caller-credentials-function" }
>;

/**
 * Completes a verdict on an integration with caller credentials with the gate, its actions and empty lists for fields
 * that are not given.
 */
export function callerCredentialsVerdict(
  fields: VerdictFields<UnderCallerCredentials & Exclude<CallerFunctionVerdict, OfCaller>>,
): CallerFunctionVerdict {
  return {
    gate: "caller-credentials-function",
    actions: GATES["caller-credentials-function"].actions,
    ...NO_UNKNOWNS,
    ...fields,
  };
}

/** The routes of one caller to one function, while they are collected. */
export interface CollectedRoutes {
  readonly principal: PrincipalFacts;
  readonly target: FunctionTarget;
  readonly invocation: Decision;
  readonly mayCall: boolean;
  readonly routes: (readonly Route[])[];
  readonly unknowns: UnknownReason[];
  readonly gateInferred: Set<readonly Origin[]>;
}

/**
 * The verdict on a caller and a function: unproven where the decision is unknown, or where it is unknown whether the
 * routes call the function.
 */
export function callerVerdict(entry: CollectedRoutes, callerCredentials: boolean): CallerVerdict {
  const { principal, target, invocation } = entry;
  const isUndecided = invocation.answer === "unknown" || entry.unknowns.length > 0;
  const allowed = invocation.answer === "yes";
  return {
    gate: callerCredentials ? "caller-credentials-function" : "caller-function",
    outcome: allowed ? "allowed" : isUndecided ? "unproven" : "denied",
    cause: "policies",
    urn: principal.urn,
    routes: combinedRoutes(entry.routes),
    principal,
    target,
    decision: invocation,
    mayCall: entry.mayCall,
    actions: GATES["caller-function"].actions,
    inferredFrom: inferredFrom(entry, allowed),
    unknowns: [
      ...entry.unknowns,
      ...(invocation.answer === "unknown" ? withResolutions(target, invocation.unknowns) : []),
    ],
    notes: NO_UNKNOWNS.notes,
  };
}

/** Many callers share one list of routes; it is copied only where several lists are combined. */
export function combinedRoutes(lists: readonly (readonly Route[])[]): readonly Route[] {
  const [only] = lists;
  return only !== undefined && lists.length === 1 ? only : lists.flat();
}

/** The dependencies of the unknown documents; when all documents are known, those of the function. */
export function inferredFrom(
  { principal, target, invocation, gateInferred }: CollectedRoutes,
  allowed: boolean,
): readonly Origin[] {
  const documents = originsTogether(
    ...gateInferred,
    allowed ? inferredBy(principal, invocation) : inferredDocuments(principal),
  );
  return allowed || documents.length > 0 ? documents : (target.inferredFrom ?? []);
}
