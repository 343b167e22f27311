import { routeName, targetName, type Verdict } from "../access";
import { show } from "../iam";
import type { FunctionTarget, Route } from "../stack";
import { printable } from "./printable";
import { showGrantee, showRouteName, showTargetName } from "./subjects";
import { list } from "./text";

/** `GET /orders/{id}`, `$default` */
export function showRoute(route: Route): string {
  return showRouteName(routeName(route));
}

const MOST_ROUTES = 12;

/** `GET /orders and POST /orders of API orders`; those of several APIs one after another, `;` between them. */
export function showRoutes(routes: readonly Route[]): string {
  const byApi = new Map<string, Set<string>>();
  for (const route of routes)
    byApi.set(route.api.name, (byApi.get(route.api.name) ?? new Set()).add(showRoute(route)));
  if (byApi.size < 2)
    return [...byApi].map(([api, labels]) => `${list([...labels].sort())} of API ${api}`).join("");
  const all = [...byApi].flatMap(([api, labels]) => [...labels].sort().map((label) => ({ api, label })));
  const shown = new Map<string, string[]>();
  for (const { api, label } of all.slice(0, MOST_ROUTES)) shown.set(api, [...(shown.get(api) ?? []), label]);
  const more = all.length - MOST_ROUTES;
  return [
    ...[...shown].map(([api, labels]) => `${list(labels)} of API ${api}`),
    ...(more > 0 ? [`${more} more routes of ${byApi.size} APIs in all`] : []),
  ].join("; ");
}

/** `function orders`, `function orders:live` */
export function showFunction({ target }: Pick<Verdict, "target">): string {
  return target === undefined ? "the function" : showFunctionTarget(target);
}

export function showFunctionTarget(target: FunctionTarget): string {
  if (target.function === undefined) return printable(showTargetName(targetName(target)));
  const qualifier = target.qualifier === undefined ? "" : `:${show(target.qualifier)}`;
  return printable(`function ${target.function.label}${qualifier}`);
}

/** `role "caller"`: the principal that an answer is about. */
export function whoOf({ principal }: Pick<Verdict, "principal">, otherwise: string): string {
  return printable(principal?.label ?? otherwise);
}

/** The question that an answer is to, in words: `role "caller" may invoke function orders`. */
export function questionOf(verdict: Verdict): string {
  const fn = showFunction(verdict);
  const who = whoOf(verdict, verdict.call?.label ?? granteeOf(verdict) ?? "the caller");
  const role = whoOf(verdict, "the credentials role");
  switch (verdict.gate) {
    case "resource-policy":
      return `the resource policy allows requests to ${showRoutes(verdict.routes)}`;
    case "caller-route":
      return `${who} may call ${showRoutes(verdict.routes)}`;
    case "caller-function":
    case "caller-credentials-function":
      return `${who} may invoke ${fn}`;
    case "function-url":
      return `${verdict.functionUrl?.authorization === "NONE" ? "everybody" : (granteeOf(verdict) ?? who)} may call the function URL of ${fn}`;
    case "external-api":
      return `${who} may invoke the function behind ${verdict.asked ?? "an API outside the stack"}`;
    case "route-function":
      return `${fn} allows API Gateway to invoke it`;
    case "authorizer-function":
      return verdict.principal === undefined
        ? `${fn} allows API Gateway to invoke it for ${verdict.authorizer?.label ?? "the authorizer"}`
        : roleQuestion(verdict, role, fn);
    case "role-function":
      return roleQuestion(verdict, role, fn);
  }
}

/** Whom a resource policy names. */
export function granteeOf({ grantee }: Pick<Verdict, "grantee">): string | undefined {
  return grantee === undefined ? undefined : showGrantee(grantee);
}

function roleQuestion(verdict: Verdict, role: string, fn: string): string {
  return verdict.cause === "role-not-trusted" ? `${role} trusts API Gateway` : `${role} may invoke ${fn}`;
}
