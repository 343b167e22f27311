import {
  authorizerOf,
  functionUrlOf,
  GATES,
  type GateEntry,
  type Grantee,
  granteeOf,
  INTEGRATION_REQUEST,
  principalOf,
  type RouteName,
  routeName,
  type TargetName,
  targetName,
  targetOf,
  type Verdict,
} from "../access";
import { show } from "../iam";
import type { FunctionTarget, PrincipalFacts, Route } from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { printable } from "./printable";
import { apisOf, serviceNames } from "./services";
import { list } from "./text";

/** `GET /orders/{id}`, `$default` */
export function showRouteName({ verb, path, isUnread }: RouteName): string {
  if (isUnread) return "the routes in the body";
  return `${verb} ${path}`.trim();
}

export function showTargetName({ function: fn, qualifier, arn }: TargetName): string {
  if (fn === undefined) return arn ?? "an unknown function";
  return qualifier === undefined ? `${fn} (unqualified)` : `${fn}:${qualifier}`;
}

export function showGrantee(grantee: Grantee): string {
  switch (grantee.kind) {
    case "service":
      return grantee.name;
    case "resource":
      return grantee.label;
    case "account":
      return `account ${grantee.account}`;
    case "organization":
      return `organization ${grantee.organization}`;
    case "principal":
      return grantee.arn;
    case "everyone":
      return "everyone";
  }
}

/** A route by its {@link showRouteName name}. */
export function showRoute(route: Route): string {
  return showRouteName(routeName(route));
}

const MAX_ROUTES = 12;

/** `GET /orders and POST /orders of API orders`; those of several APIs are separated by `;`. */
export function showRoutes(routes: readonly Route[]): string {
  const byApi = new Map<string, Set<string>>();
  for (const route of routes)
    byApi.set(route.api.name, (byApi.get(route.api.name) ?? new Set()).add(showRoute(route)));
  if (byApi.size < 2)
    return [...byApi].map(([api, labels]) => `${list([...labels].sort())} of API ${api}`).join("");
  const routeLabels = [...byApi].flatMap(([api, labels]) =>
    [...labels].sort().map((label) => ({ api, label })),
  );
  const labelsByApi = new Map<string, string[]>();
  for (const { api, label } of routeLabels.slice(0, MAX_ROUTES)) appendTo(labelsByApi, api, label);
  const more = routeLabels.length - MAX_ROUTES;
  return [
    ...[...labelsByApi].map(([api, labels]) => `${list(labels)} of API ${api}`),
    ...(more > 0 ? [`${more} more routes of ${byApi.size} APIs in all`] : []),
  ].join("; ");
}

/** `function orders`, `function orders:live` */
export function showFunction({ target }: { readonly target: FunctionTarget }): string {
  return showFunctionTarget(target);
}

const shownTargets = new WeakMap<FunctionTarget, string>();

export function showFunctionTarget(target: FunctionTarget): string {
  let targetText = shownTargets.get(target);
  if (targetText === undefined) {
    targetText = functionText(target);
    shownTargets.set(target, targetText);
  }
  return targetText;
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

/** The values of the placeholders in the questions of the table of gates. */
const PLACEHOLDERS: Readonly<Record<string, (verdict: Verdict) => string>> = {
  routes: ({ routes }) => showRoutes(routes),
  caller: callerOf,
  role: (verdict) => roleOf(principalOf(verdict)),
  function: functionOf,
  authorizer: (verdict) => authorizerOf(verdict)?.label ?? "the authorizer",
  service: (verdict) => serviceNames(apisOf([verdict])),
  api: (verdict) => ("grant" in verdict ? verdict.grant : "the API"),
};

/** The question that an answer belongs to, as text: `role "caller" can invoke function orders`. */
export function questionOf(verdict: Verdict): string {
  const { answers, answersOn }: GateEntry = GATES[verdict.gate];
  return withSubjects(answersOn?.[verdict.cause] ?? answers, (name) => PLACEHOLDERS[name]?.(verdict));
}

function withSubjects(question: string, subjectOf: (name: string) => string | undefined): string {
  return question.replace(/\{(\w+)\}/g, (_, name: string) => subjectOf(name) ?? name);
}

function roleOf(principal: PrincipalFacts | undefined): string {
  return principal === undefined ? "the credentials role" : showPrincipal(principal);
}

/** The question that policies of single resources answer for routes. */
export function requestQuestion(routes: readonly Route[]): string {
  return withSubjects(GATES[INTEGRATION_REQUEST].answers, (name) =>
    name === "service" ? serviceNames(routes.map(({ api }) => api)) : showRoutes(routes),
  );
}

function callerOf(verdict: Verdict): string {
  if (functionUrlOf(verdict)?.authorization === "NONE") return "everyone";
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
