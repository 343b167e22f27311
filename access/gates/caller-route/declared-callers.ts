import type { PrincipalFacts, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { type RouteCall, routeCalls } from "./service-calls";

/** Whether the configuration declares a principal as a caller of a route. */
export interface DeclaredCaller {
  (principal: PrincipalFacts, route: Route): boolean;
  /** The declared callers that are not principals of the stack. */
  readonly externalPrincipals?: readonly PrincipalFacts[];
}

/** No caller is declared: the usual case, which should cost nothing. */
export const NO_DECLARED_CALLERS: DeclaredCaller = () => false;

/**
 * The routes of a declared caller, or of one that a resource of the stack calls with, regardless of the verdict of the
 * gate caller-route; `undefined`: none.
 */
export type IntendedRoutes = ((route: Route) => boolean) | undefined;

/**
 * The principals, in the stack and outside it, that are declared as callers or that resources of the stack call with,
 * each with its routes.
 */
export function callersOf(
  access: Access,
  declared: DeclaredCaller,
): {
  readonly everyone: readonly PrincipalFacts[];
  intended(principal: PrincipalFacts): IntendedRoutes;
  calls(principal: PrincipalFacts): readonly RouteCall[];
} {
  const calls = routeCalls(access);
  const externalPrincipals = [
    ...(declared.externalPrincipals ?? []),
    ...[...calls.keys()].filter(({ external }) => external),
  ];
  const callsAs = (principal: PrincipalFacts): readonly RouteCall[] => calls.get(principal) ?? [];
  return {
    everyone:
      externalPrincipals.length === 0
        ? access.facts.principals
        : [...access.facts.principals, ...externalPrincipals],
    calls: callsAs,
    intended(principal) {
      // When several routes may answer a call, or the call is unknown, the intended route cannot be determined.
      const certainRoutes = callsAs(principal).flatMap(({ call, routes }) =>
        routes.length === 1 && call.inferredFrom.length === 0 ? routes : [],
      );
      if (certainRoutes.length === 0 && declared === NO_DECLARED_CALLERS) return undefined;
      return (route) => certainRoutes.includes(route) || declared(principal, route);
    },
  };
}
