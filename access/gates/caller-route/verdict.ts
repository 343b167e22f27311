import type { Decision } from "../../../iam";
import type { Api, ApiCall, CallingService, PrincipalFacts } from "../../../stack";
import { type Answer, type NamedGrantee, NO_UNKNOWNS, type RoleUser, type VerdictFields } from "../../answer";
import { GATES } from "../table";

interface OfRoutes extends Answer {
  readonly gate: "caller-route";
}

/**
 * Whether a caller may call routes, by the cause of the answer: policies, a grant that matches no route, or a role
 * that its user cannot assume.
 */
export type CallerRouteVerdict =
  | (OfRoutes & {
      readonly cause: "policies";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
    })
  /** A grant of the principal names the API and matches none of its routes. */
  | (OfRoutes & {
      readonly cause: "grant-matches-no-route";
      readonly principal: PrincipalFacts;
      readonly api: Api;
      /** The pattern of the grant. */
      readonly grant: string;
    })
  | (OfRoutes & {
      readonly cause: "private-api-without-resource-policy";
      readonly principal: PrincipalFacts;
      readonly api: Api;
    })
  /** A statement of the API's resource policy names a principal and matches no route. */
  | (OfRoutes & {
      readonly cause: "resource-policy-matches-no-route";
      readonly api: Api;
      /** The Resource patterns of the statement. */
      readonly unmatched: readonly string[];
    } & ({ readonly principal: PrincipalFacts } | { readonly grantee: NamedGrantee }))
  /** The identity pool that assigns the role to its identities cannot assume it. */
  | (OfRoutes & {
      readonly cause: "identity-pool-not-trusted";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
      /** The id of the pool. */
      readonly pool?: string;
    })
  /** The service that is to use the role's credentials cannot assume it. */
  | (OfRoutes & {
      readonly cause: "service-not-trusted";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
      readonly user: RoleUser;
    })
  /** A service makes the call without a role. */
  | (OfRoutes & {
      readonly cause: "service-call";
      readonly call: ApiCall;
      readonly service: CallingService;
      readonly decision: Decision;
    });

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function callerRouteVerdict(fields: VerdictFields<CallerRouteVerdict>): CallerRouteVerdict {
  return { gate: "caller-route", actions: GATES["caller-route"].actions, ...NO_UNKNOWNS, ...fields };
}
