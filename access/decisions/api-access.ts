import {
  type Context,
  type Decision,
  decide,
  executeApiContext,
  explainWith,
  known,
  matchArn,
  type Question,
  type ResourcePolicies,
  type Text,
  type Trilean,
  Unknown,
  type UnknownSubject,
} from "../../iam";
import { type Api, type PrincipalFacts, type Route, serviceOf } from "../../stack";
import { cached, textKey } from "../../stack/pulumi/keys";
import type { RouteIndex } from "../requests/route-index";
import { anyRequest, apiIdOf, stageNames } from "../requests/routes";
import type { Grants } from "./grants";
import { asConcluded, asInferred } from "./inference";
import { asPrincipal, inAccountOf, unrelatedPrincipal } from "./principals";

const RANK: Record<Trilean, number> = { no: 0, unknown: 1, yes: 2 };

/** The permissions of principals on the routes of APIs. Each question is decided once. */
export class ApiAccess {
  private readonly decisions = new Map<PrincipalFacts, Map<string, Decision>>();
  private readonly contexts = new Map<PrincipalFacts, Map<Trilean, Context>>();
  private readonly unrelated = new Map<Api, PrincipalFacts>();

  constructor(
    private readonly routes: RouteIndex,
    private readonly grants: Grants,
  ) {}

  /** Whether the principal may call the route on one stage. */
  call(principal: PrincipalFacts, route: Route, stage: Text): Decision {
    return this.callResource(principal, route.api, this.routes.callerArn(route, stage));
  }

  /**
   * For all the given routes of an API together: `yes` when the principal may call every route on one of their stages,
   * `no` when none, `undefined` when it depends on the route.
   */
  callEveryRoute(principal: PrincipalFacts, api: Api, routes: readonly Route[]): Decision | undefined {
    const everyRequest = this.callResource(principal, api, anyRequest(api));
    if (everyRequest.answer === "no") return everyRequest;
    const [first] = routes;
    const stages = first === undefined ? [] : stageNames(first, "caller");
    const decision =
      everyRequest.answer === "yes"
        ? everyRequest
        : stages
            .map((stage) => this.callResource(principal, api, anyRequest(api, stage)))
            .find(({ answer }) => answer === "yes");
    // A resource policy that allows everyone makes no principal a caller: the principal's own grants show which routes
    // it is intended to call.
    const isForEveryone =
      decision?.reason === "allowed-by-resource-policy" && !this.allowsSpecifically(api, principal);
    return isForEveryone ? undefined : decision;
  }

  /** For a request, or for all that an execute-api ARN with holes matches. */
  callResource(principal: PrincipalFacts, api: Api, resource: Text): Decision {
    return this.decided(asInferred(principal, "caller", api), api, resource);
  }

  private decided(principal: PrincipalFacts, api: Api, resource: Text): Decision {
    const decisions = cached(this.decisions, principal, () => new Map<string, Decision>());
    return cached(decisions, textKey(resource), () => {
      const compute = (): Decision => decide(this.question(principal, api, resource));
      // A decision with evidence keeps its documents in memory, and few of the many decisions are explained.
      return explainWith(compute(), compute);
    });
  }

  private question(principal: PrincipalFacts, api: Api, resource: Text): Question {
    const contexts = cached(this.contexts, principal, () => new Map<Trilean, Context>());
    const caller = asPrincipal(principal);
    return {
      request: {
        principal: caller,
        action: serviceOf(api).action,
        resource,
        context: cached(contexts, api.private, () => executeApiContext({ caller, privateApi: api.private })),
      },
      identity: principal,
      ...resourcePolicyOf(api, this.routes),
      sameAccount: inAccountOf(api, principal),
    };
  }

  /** The APIs that the principal's grants may apply to: usually the few that they name. */
  apisCalledBy(principal: PrincipalFacts): Iterable<Api> {
    const calledApis = new Set<Api>(
      this.routes
        .apisWithPolicies()
        .filter(
          (api) => this.allowsSpecifically(api, principal) || this.mayAllowByUnknownDocument(principal, api),
        ),
    );
    for (const { unknownDocument } of principal.sources)
      for (const api of (unknownDocument?.apis ?? []).flatMap((urn) => this.routes.apiAt(urn) ?? []))
        calledApis.add(api);
    for (const { api, text } of this.grants.ofPrincipal(principal)) {
      // An unknown id may equal any literal id.
      if (api === undefined && (apiIdOf(text) === undefined || this.routes.hasHiddenIds()))
        return this.routes.apis;
      if (api !== undefined) calledApis.add(api);
    }
    return calledApis;
  }

  /**
   * Whether the API's resource policy allows the principal in particular rather than every principal of the account: an
   * API that is open to all does not make every role of the stack a caller.
   */
  allowsSpecifically(api: Api, principal: PrincipalFacts): boolean {
    if (api.policies.length === 0) return false;
    const request = anyRequest(api);
    // Unknown statements of a document do not allow a principal in particular.
    const ofPrincipal = this.decided(asConcluded(principal), api, request).answer;
    const unrelated = cached(this.unrelated, api, () =>
      unrelatedPrincipal(api.scope.account, api.scope.partition),
    );
    return RANK[ofPrincipal] > RANK[this.callResource(unrelated, api, request).answer];
  }

  /**
   * Whether an unknown document may allow the principal to call the API: one of its own policies that depends on the
   * API, or a resource policy that depends on the principal.
   */
  mayAllowByUnknownDocument(principal: PrincipalFacts, api: Api): boolean {
    return (
      principal.sources.some(({ unknownDocument }) => unknownDocument?.apis.includes(api.urn)) ||
      api.policies.some(
        ({ document }) =>
          document instanceof Unknown && document.origins.some(({ key }) => key === principal.urn),
      )
    );
  }

  /** A fast negative answer: whether any policy in the plan may allow the principal to call the route. */
  mayReach(principal: PrincipalFacts, route: Route): boolean {
    return (
      this.allowsSpecifically(route.api, principal) ||
      this.mayAllowByUnknownDocument(principal, route.api) ||
      this.grants.ofPrincipal(principal).some((grant) => !this.grants.neverCovers(grant, route))
    );
  }
}

/**
 * HTTP and WebSocket APIs have no resource policies. The resource policy of a REST API in another stack is unknown, and
 * so is one in an unknown body.
 */
export function resourcePolicyOf(api: Api, routes: RouteIndex): { readonly resource?: ResourcePolicies } {
  if (api.policies.length > 0) return { resource: { sources: api.policies, unseen: [] } };
  if (api.kind !== "REST" || api.isPolicyKnown) return {};
  if (api.external)
    return unseenPolicy({ code: "resource-policy-outside-stack", api: api.name, ...placeOf(api) });
  return routes.ofApi(api).some(({ unknownBody }) => unknownBody !== undefined)
    ? unseenPolicy({ code: "resource-policy-in-body", api: api.name })
    : {};
}

function unseenPolicy(subject: UnknownSubject): { readonly resource: ResourcePolicies } {
  return { resource: { sources: [], unseen: [subject] } };
}

/** Whether an execute-api pattern covers a request to the API. */
export function reachesApi(pattern: Text, api: Api): Trilean {
  return matchArn(pattern, anyRequest(api));
}

function placeOf({ id, scope }: Api): { readonly id?: string; readonly region?: string } {
  const [shownId, region] = [known(id), known(scope.region)];
  return {
    ...(shownId === undefined ? {} : { id: shownId }),
    ...(region === undefined ? {} : { region }),
  };
}
