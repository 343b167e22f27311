import { type Access, type Denied, isDenied, type SameReason, type Verdict } from "../access";
import { mayInvoke } from "../access/gates/caller-function/callers";
import { callersOfEachRoute, mayCall } from "../access/gates/caller-route/callers";
import { type DeclaredCaller, NO_DECLARED_CALLERS } from "../access/gates/caller-route/declared-callers";
import type { Description } from "../messages";
import { describeCallerCredentials } from "../messages/verdicts/caller-function";
import { describeCallerRoute } from "../messages/verdicts/caller-route";
import { concernsStack, type Decisions } from "../policies";
import { callerCredentialsLambdaInvoke } from "../policies/caller-credentials-lambda-invoke";
import { callerExecuteApiInvoke } from "../policies/caller-execute-api-invoke";
import type { PrincipalFacts, Route } from "../stack";

/** The decisions of a policy on routes and callers. */
export type PolicyDecisions = Decisions & { readonly policy: string };

/** The policy of a verdict, with its description where the verdict denies. */
export type ReportingPolicy = Pick<PolicyDecisions, "policy"> &
  Partial<Pick<PolicyDecisions, "describe" | "exemption" | "languageOf">>;

/** A verdict that is not among the verdicts of a policy. */
export interface CallerVerdict {
  readonly reportingPolicy: ReportingPolicy;
  readonly verdict: Verdict;
}

/**
 * Verdicts on callers that no policy reports: the callers of each route that work or are unproven, and any single pair of
 * a caller and a route. They are based on the decisions of the policy on callers of routes, where it is enabled.
 */
export class CallerVerdicts {
  private readonly callerPolicy: PolicyDecisions | undefined;
  private readonly declared: DeclaredCaller;
  readonly access: Access;

  constructor(decisions: readonly PolicyDecisions[], access: Access) {
    this.callerPolicy = decisions.find(({ policy }) => policy === callerExecuteApiInvoke.metadata.name);
    this.access = this.callerPolicy?.access ?? access;
    this.declared = (this.callerPolicy ?? decisions[0])?.declared ?? NO_DECLARED_CALLERS;
  }

  /** The principals that may call routes, and those for which this is unproven, grouped by reason. */
  ofEachRoute(): readonly CallerVerdict[] {
    const reportingPolicy = { policy: callerExecuteApiInvoke.metadata.name };
    return callersOfEachRoute(this.access, this.declared)
      .filter(concernsStack)
      .map((verdict) => ({ reportingPolicy, verdict }));
  }

  /** Whether a principal may call a route. */
  onCalling(principal: PrincipalFacts, route: Route): CallerVerdict | undefined {
    const verdict = mayCall(this.access, principal, route);
    if (verdict === undefined) return undefined;
    const reportingPolicy = this.callerPolicy ?? { policy: callerExecuteApiInvoke.metadata.name };
    return {
      reportingPolicy: { ...reportingPolicy, describe: describerFor(verdict, describeCallerRoute) },
      verdict,
    };
  }

  /** Whether a principal may invoke the function of a route with caller credentials. */
  onInvoking(principal: PrincipalFacts, route: Route): CallerVerdict | undefined {
    const verdict = mayInvoke(this.access, principal, route);
    if (verdict === undefined) return undefined;
    const policy = callerCredentialsLambdaInvoke.metadata.name;
    return {
      reportingPolicy: { policy, describe: describerFor(verdict, describeCallerCredentials) },
      verdict,
    };
  }
}

function describerFor<V extends Verdict>(
  verdict: V,
  describe: (verdicts: SameReason<Denied<V>>) => Description,
): NonNullable<ReportingPolicy["describe"]> {
  return () => (isDenied(verdict) ? describe([verdict]) : undefined);
}
