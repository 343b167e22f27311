import type { PrincipalFacts, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { type RouteCall, routeCalls } from "./service-calls";

/** Says whether the configuration declares a principal as a caller of a route. */
export interface DeclaredCaller {
  (principal: PrincipalFacts, route: Route): boolean;
  /** Those whom it declares and who are not principals of the stack. */
  readonly externalPrincipals?: readonly PrincipalFacts[];
}

/** Nobody is declared: the usual case, distinguished so that it costs nothing. */
export const NOBODY_DECLARED: DeclaredCaller = () => false;

/** The routes that someone is declared or seen to call, whatever the gate caller-route says; `undefined`: none. */
export type IntendedRoutes = ((route: Route) => boolean) | undefined;

/** The principals of the stack and the others who are declared or seen to call, each with what they call. */
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
      // Of several routes that may answer a call, and of a call that is not shown, nobody can say which is meant.
      const sure = callsAs(principal).flatMap(({ call, routes }) =>
        routes.length === 1 && call.inferredFrom.length === 0 ? routes : [],
      );
      if (sure.length === 0 && declared === NOBODY_DECLARED) return undefined;
      return (route) => sure.includes(route) || declared(principal, route);
    },
  };
}
