import {
  authorizerOf,
  functionUrlOf,
  GATES,
  granteeOf,
  principalOf,
  type Question,
  routeName,
  targetName,
  targetOf,
  type Verdict,
} from "../access";
import { show } from "../iam";
import type { FunctionTarget, PrincipalFacts, Route } from "../stack";
import { printable } from "./printable";
import { list } from "./text";
import { showGrantee, showRouteName, showTargetName } from "./unknown-sentences";

/** `GET /orders/{id}`, `$default` */
export function showRoute(route: Route): string {
  return showRouteName(routeName(route));
}

const MOST_ROUTES = 12;

/** `GET /orders and POST /orders of API orders`; those of several APIs are separated by `;`. */
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
export function showFunction({ target }: { readonly target: FunctionTarget }): string {
  return showFunctionTarget(target);
}

const shownTargets = new WeakMap<FunctionTarget, string>();

export function showFunctionTarget(target: FunctionTarget): string {
  let shown = shownTargets.get(target);
  if (shown === undefined) {
    shown = functionText(target);
    shownTargets.set(target, shown);
  }
  return shown;
}

function functionText(target: FunctionTarget): string {
  if (target.function === undefined) return printable(showTargetName(targetName(target)));
  const qualifier = target.qualifier === undefined ? "" : `:${show(target.qualifier)}`;
  return printable(`function ${target.function.label}${qualifier}`);
}

/** `role "caller"` */
export function showPrincipal({ label }: PrincipalFacts): string {
  return printable(label);
}

/** The questions that verdicts answer. */
const QUESTIONS: Readonly<Record<Question, (verdict: Verdict) => string>> = {
  "allows-requests": ({ routes }) => `the resource policy allows requests to ${showRoutes(routes)}`,
  "caller-calls": (verdict) => `${whoOf(verdict)} may call ${showRoutes(verdict.routes)}`,
  "caller-invokes": (verdict) => `${whoOf(verdict)} may invoke ${functionOf(verdict)}`,
  "url-called": (verdict) => {
    const isOpen = functionUrlOf(verdict)?.authorization === "NONE";
    return `${isOpen ? "everyone" : whoOf(verdict)} may call the function URL of ${functionOf(verdict)}`;
  },
  "invokes-behind-api": (verdict) =>
    `${whoOf(verdict)} may invoke the function behind ${"grant" in verdict ? verdict.grant : "the API"}`,
  "allows-api-gateway": (verdict) => `${functionOf(verdict)} allows API Gateway to invoke it`,
  "authorizer-invoked": (verdict) =>
    principalOf(verdict) === undefined
      ? `${functionOf(verdict)} allows API Gateway to invoke it for ${authorizerOf(verdict)?.label ?? "the authorizer"}`
      : roleQuestion(verdict),
  "role-invokes": (verdict) => roleQuestion(verdict),
};

/** The question that an answer belongs to, as text: `role "caller" may invoke function orders`. */
export function questionOf(verdict: Verdict): string {
  return QUESTIONS[GATES[verdict.gate].asks](verdict);
}

/** Who calls. */
function whoOf(verdict: Verdict): string {
  const grantee = granteeOf(verdict);
  if (grantee !== undefined) return printable(showGrantee(grantee));
  const principal = principalOf(verdict);
  if (principal !== undefined) return showPrincipal(principal);
  return verdict.cause === "service-call" ? printable(verdict.call.label) : "the caller";
}

function functionOf(verdict: Verdict): string {
  const target = targetOf(verdict);
  return target === undefined ? "the function" : showFunctionTarget(target);
}

function roleQuestion(verdict: Verdict): string {
  const principal = principalOf(verdict);
  const role = principal === undefined ? "the credentials role" : showPrincipal(principal);
  return verdict.cause === "role-not-trusted"
    ? `${role} trusts API Gateway`
    : `${role} may invoke ${functionOf(verdict)}`;
}
