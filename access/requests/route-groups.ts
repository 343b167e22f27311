import { Unknown, type UnknownReason } from "../../iam";
import type { FunctionTarget, LambdaIntegration, Route } from "../../stack";
import { cached, textKey } from "../../stack/pulumi/keys";
import { dependenciesOf, routeName } from "../unknowns";

/** Routes of one API that call one function, and their unknown properties. */
export interface RouteGroup {
  /** Shared by all groups of one function. */
  readonly id: string;
  readonly target: FunctionTarget;
  readonly routes: readonly Route[];
  readonly unknowns: readonly UnknownReason[];
}

const ids = new WeakMap<FunctionTarget, string>();

/** Routes of a body depend on the same resources for their function. */
function idOf(target: FunctionTarget): string {
  const id =
    ids.get(target) ??
    JSON.stringify([target.arn instanceof Unknown ? "" : textKey(target.arn), target.function?.urn]);
  ids.set(target, id);
  return id;
}

/** The given routes of one API, grouped once for all callers. */
export interface ApiRoutes {
  readonly routes: readonly Route[];
  readonly byFunction: readonly RouteGroup[];
  readonly byRoute: ReadonlyMap<Route, RouteGroup>;
}

/** Groups the routes of one API by function. A group has the unknown properties of all of its routes. */
export function apiRoutes(
  routes: readonly (Route & { readonly integration: LambdaIntegration })[],
): ApiRoutes {
  const byFunction = new Map<string, RouteGroup & { routes: Route[]; unknowns: UnknownReason[] }>();
  const byRoute = new Map<Route, RouteGroup>();
  for (const route of routes) {
    const { target } = route.integration;
    const id = idOf(target);
    const unknowns = unknownsOfRoute(route, target);
    byRoute.set(route, { id, target, routes: [route], unknowns });
    const group = cached(byFunction, id, () => ({ id, target, routes: [], unknowns: [] }));
    group.routes.push(route);
    group.unknowns.push(...(group.target === target ? unknowns : unknownsOfRoute(route, group.target)));
  }
  return { routes, byFunction: [...byFunction.values()], byRoute };
}

/** Whether a route has an integration that calls a function, certainly or possibly. */
export function callsFunction(route: Route): route is Route & { readonly integration: LambdaIntegration } {
  return route.integration !== undefined;
}

/**
 * Whether API Gateway invokes the function with the credentials of the caller; false where the credentials are
 * unknown.
 */
export function usesCallerCredentials(route: Route): boolean {
  return route.integration?.credentials.mode === "caller";
}

/**
 * The reasons why it is unknown whether a route calls a function, and whether it is IAM-authorized; empty where both
 * are known.
 */
export function unknownsOfRoute(route: Route, target: FunctionTarget): readonly UnknownReason[] {
  return [
    ...(route.integration?.mayNotBeFunction && target.arn instanceof Unknown
      ? [
          {
            subject: { code: "route-target", route: routeName(route) } as const,
            dependsOn: dependenciesOf(target.arn),
          },
        ]
      : []),
    ...(route.authorization instanceof Unknown
      ? [
          {
            subject: { code: "route-authorization", route: routeName(route) } as const,
            dependsOn: dependenciesOf(route.authorization),
          },
        ]
      : []),
  ];
}
