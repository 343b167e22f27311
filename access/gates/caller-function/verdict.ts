import { INVOKE } from "../../../aws";
import { type Decision, type Origin, show, Unknown, type UnknownReason } from "../../../iam";
import type { FunctionTarget, PrincipalFacts, Route } from "../../../stack";
import { withResolutions } from "../../decisions/function-policies";
import { originsTogether, type Verdict } from "../../verdict";
import { inferredBy } from "../caller-route/callers";

/** The routes of one caller to one function, as they are gathered. */
export interface Gathered {
  readonly principal: PrincipalFacts;
  readonly target: FunctionTarget;
  readonly invocation: Decision;
  readonly routes: (readonly Route[])[];
  readonly unknowns: UnknownReason[];
  readonly gateInferred: Set<readonly Origin[]>;
}

export function callerVerdict(entry: Gathered, callerCredentials: boolean): Verdict {
  const { principal, target, invocation } = entry;
  const isUndecided = invocation.answer === "unknown" || entry.unknowns.length > 0;
  const allowed = invocation.answer === "yes";
  return {
    gate: callerCredentials ? "caller-credentials-function" : "caller-function",
    outcome: allowed ? "allowed" : isUndecided ? "unproven" : "denied",
    cause: "policies",
    urn: principal.urn,
    routes: together(entry.routes),
    principal,
    target,
    decision: invocation,
    actions: [INVOKE],
    inferredFrom: inferredFrom(entry, allowed),
    unknowns: [
      ...entry.unknowns,
      ...(invocation.answer === "unknown" ? withResolutions(target, invocation.unknowns) : []),
    ],
    notes: [],
    ...(target.arn instanceof Unknown ? {} : { asked: show(target.arn) }),
  };
}

/** Many callers share one list of routes; it is copied only where several lists make one. */
export function together(lists: readonly (readonly Route[])[]): readonly Route[] {
  const [only] = lists;
  return only !== undefined && lists.length === 1 ? only : lists.flat();
}

/** What the documents that are not shown are computed from; where all are shown, what the function is. */
export function inferredFrom(
  { principal, target, invocation, gateInferred }: Gathered,
  allowed: boolean,
): readonly Origin[] {
  const documents = originsTogether(
    ...gateInferred,
    allowed ? inferredBy(principal, invocation) : inferredDocuments(principal),
  );
  return allowed || documents.length > 0 ? documents : (target.inferredFrom ?? []);
}

export function inferredDocuments(principal: PrincipalFacts): readonly Origin[] {
  return originsTogether(...principal.sources.map((source) => source.inferredFrom));
}
