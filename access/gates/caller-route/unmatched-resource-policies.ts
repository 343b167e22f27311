import {
  actionMatch,
  compileArn,
  equal,
  isUnknown,
  type PrincipalEntry,
  show,
  type Text,
} from "../../../iam";
import {
  type Api,
  externalPrincipal,
  type PrincipalFacts,
  type ResourcePolicy,
  type Route,
  serviceOf,
} from "../../../stack";
import type { Access } from "../../decisions/access";
import { unrelatedPrincipal } from "../../decisions/principals";
import type { Grantee } from "../../unknowns";
import { decideOverStages } from "./callers";
import { callersOf, type DeclaredCaller } from "./declared-callers";
import { mayMatchWithWildcards } from "./path-parameters";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

/** An Allow statement of an API's resource policy that matches none of its routes, and an entry of its Principal. */
interface UnmatchedGrant {
  readonly api: Api;
  readonly policy: ResourcePolicy;
  readonly entry: PrincipalEntry;
  readonly resources: readonly Text[];
}

/** The principals that an entry names. */
interface NamedPrincipal {
  readonly principal: PrincipalFacts;
  readonly grantee?: Grantee;
  /** It matches many principals, some of which may be allowed by their own policies. */
  readonly matchesMany?: true;
}

/**
 * Grants in the resource policy of a REST API whose Resource matches no route: the execution ARN alone, the id of
 * another API. Principals without another grant get a 403.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function unmatchedResourcePolicies(
  access: Access,
  declared: DeclaredCaller,
): readonly CallerRouteVerdict[] {
  return access.facts.apis.flatMap((api): readonly CallerRouteVerdict[] => {
    if (api.policies.length === 0 || api.external) return [];
    const iamRoutes = access.routes.ofApi(api).filter((route) => route.authorization === "AWS_IAM");
    if (iamRoutes.length === 0) return [];
    const seen = new Set<string>();
    return unmatchedGrants(access, api).flatMap((grant) =>
      principalsNamedBy(access, api, grant.entry).flatMap((named): readonly CallerRouteVerdict[] => {
        const routes = deniedRoutes(access, named, { grant, iamRoutes, declared });
        const principalId = named.grantee ?? named.principal.urn;
        const id = JSON.stringify([
          api.policies.indexOf(grant.policy),
          principalId,
          grant.resources.map(show),
        ]);
        if (routes.length === 0 || seen.has(id)) return [];
        seen.add(id);
        return [unmatchedVerdict(grant, named, routes)];
      }),
    );
  });
}

function unmatchedGrants(access: Access, api: Api): readonly UnmatchedGrant[] {
  const routes = access.routes.ofApi(api);
  return api.policies.flatMap((policy): readonly UnmatchedGrant[] => {
    if (isUnknown(policy.document) || policy.mayNotExist || policy.mayNotApply !== undefined) return [];
    return policy.document.statements.flatMap((statement): readonly UnmatchedGrant[] => {
      const { effect, principal, resource } = statement;
      if (effect !== "Allow" || principal === undefined || principal.not) return [];
      if (resource === undefined || resource.not || resource.templates.length === 0) return [];
      if (resource.templates.some(({ pattern }) => pattern === undefined)) return [];
      if (actionMatch(statement, serviceOf(api).action) !== "yes") return [];
      const resources = resource.templates.map(({ text }) => text);
      const isUnmatched = resources.every((text) => {
        const covered = { text, pattern: compileArn(text, "resource") };
        return routes.every((route) => access.grants.neverCovers(covered, route));
      });
      return isUnmatched ? principal.entries.map((entry) => ({ api, policy, entry, resources })) : [];
    });
  });
}

function principalsNamedBy(
  { facts }: Access,
  { scope }: Api,
  entry: PrincipalEntry,
): readonly NamedPrincipal[] {
  const anyOf = (account: Text, grantee: Grantee): NamedPrincipal => ({
    principal: unrelatedPrincipal(account, scope.partition),
    grantee,
    matchesMany: true,
  });
  switch (entry.kind) {
    case "everyone":
      return [anyOf(scope.account, { kind: "everyone" })];
    case "account":
      return [anyOf(entry.account, { kind: "account", account: show(entry.account) })];
    case "role":
    case "user": {
      const matching = facts.principals.filter(({ arn }) => equal(arn, entry.text) === "yes");
      if (matching.length > 0) return matching.map((principal) => ({ principal }));
      const arn = show(entry.text);
      // Its own policies are unknown, so it is certainly denied only in another account.
      return [{ principal: externalPrincipal(arn, facts), grantee: { kind: "principal", arn } }];
    }
    default:
      return [];
  }
}

/** A grant, the routes of its API that it could allow, and the declared callers of those routes. */
interface GrantContext {
  readonly grant: UnmatchedGrant;
  readonly iamRoutes: readonly Route[];
  readonly declared: DeclaredCaller;
}

/** The routes that remain denied to the principals that the grant names, where the grant is intended to allow them. */
function deniedRoutes(
  access: Access,
  { principal, matchesMany }: NamedPrincipal,
  { grant, iamRoutes: routes, declared }: GrantContext,
): readonly Route[] {
  const denied = routes.filter((route) => decideOverStages(access, principal, route)?.answer === "no");
  if (denied.length < routes.length)
    return denied.filter((route) =>
      grant.resources.some((text) => mayMatchWithWildcards(access, text, route, "resource")),
    );
  const anotherMayCall = (): boolean =>
    callersOf(access, declared).everyone.some(
      (caller) =>
        equal(caller.account, principal.account) !== "no" &&
        routes.some((route) => decideOverStages(access, caller, route)?.answer !== "no"),
    );
  return matchesMany && anotherMayCall() ? [] : denied;
}

function unmatchedVerdict(
  { api, policy, resources }: UnmatchedGrant,
  { principal, grantee }: NamedPrincipal,
  routes: readonly Route[],
): CallerRouteVerdict {
  return callerRouteVerdict({
    outcome: "denied",
    cause: "resource-policy-matches-no-route",
    urn: policy.key ?? api.urn,
    routes,
    api,
    ...(grantee === undefined ? { principal } : { grantee: { ...grantee, grantedBy: policy.label } }),
    unmatched: resources.map(show),
  });
}
