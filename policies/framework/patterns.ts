import { HTTP_METHODS } from "../../aws";
import { splitArn } from "../../iam";
import { assigned, type PrincipalFacts } from "../../stack";
import { appendTo } from "../../stack/pulumi/keys";

/**
 * Whether a declared route pattern covers a route. The forms are `[API ]METHOD PATH`, where `PATH` is the API's path
 * template, and `[API ]ROUTE_KEY` for the routes of WebSocket APIs and `$default`. `*` matches any characters in each
 * part; `ANY` and `*` match every method, and each method matches a route with the method `ANY`, since it serves them
 * all. The names of path parameters do not count (`/orders/{id}` covers `/orders/{orderId}`), nor does a trailing
 * slash, which API Gateway ignores.
 */
export function matchesRoute(pattern: string, route: RouteToMatch): boolean {
  return routeMatcher(pattern)(comparableRoute(route));
}

interface RouteToMatch {
  readonly apiName: string;
  readonly verb: string;
  readonly path: string;
}

/** A route with normalized method and path, for all patterns. */
export interface ComparableRoute extends RouteToMatch {
  readonly normalPath: string;
}

export function comparableRoute(route: RouteToMatch): ComparableRoute {
  return { ...route, verb: route.verb.toUpperCase(), normalPath: normalPath(route.path) };
}

/** {@link matchesRoute} for a pattern that is compiled once. */
export function routeMatcher(pattern: string): (route: ComparableRoute) => boolean {
  return anyRouteMatcher([pattern]);
}

interface PatternMatcher {
  /** The beginning of every path that matches. */
  readonly prefix: string;
  readonly matches: (route: ComparableRoute) => boolean;
}

/**
 * Whether one of several patterns covers a route. Patterns are indexed by the beginning of their paths: of many, a route
 * is compared with few.
 */
export function anyRouteMatcher(patterns: readonly string[]): (route: ComparableRoute) => boolean {
  const byPrefix = new Map<string, PatternMatcher[]>();
  for (const matcher of patterns.flatMap(patternMatchers)) appendTo(byPrefix, matcher.prefix, matcher);
  const lengths = [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))];
  return (route) =>
    lengths.some((length) =>
      byPrefix.get(route.normalPath.slice(0, length))?.some(({ matches }) => matches(route)),
    );
}

function patternMatchers(pattern: string): readonly PatternMatcher[] {
  const parsed = parseRoutePattern(pattern);
  if (parsed === undefined) return [];
  const { api, verb, path } = parsed;
  const normal = normalPath(path);
  const [isOfApi, isOfPath] = [globMatcher(api), globMatcher(normal)];
  const ofVerbAndApi = (route: ComparableRoute): boolean =>
    (verb === "*" || route.verb === "ANY" || verb === route.verb) && isOfApi(route.apiName);
  const matcher: PatternMatcher = {
    prefix: normal.split("*", 1)[0] ?? "",
    matches: (route) => ofVerbAndApi(route) && isOfPath(route.normalPath),
  };
  // `/*` is every path of an API, and the catch-all route serves the remaining requests.
  return path === "/*"
    ? [matcher, { prefix: "$default", matches: (route) => route.path === "$default" && ofVerbAndApi(route) }]
    : [matcher];
}

interface RoutePattern {
  readonly api: string;
  /** Upper case; `*` for every method. */
  readonly verb: string;
  readonly path: string;
}

const VERBS: ReadonlySet<string> = new Set(HTTP_METHODS);

/** `undefined` when the text is not in a format of {@link matchesRoute}. */
export function parseRoutePattern(pattern: string): RoutePattern | undefined {
  const words = pattern.trim().split(/\s+/);
  const path = words.pop();
  if (path === undefined || path === "") return undefined;
  const last = words[words.length - 1]?.toUpperCase();
  const wildVerb = last === "ANY" || last === "*";
  if (last !== undefined && (wildVerb || VERBS.has(last))) {
    if (!/^[/$*]/.test(path)) return undefined;
    // API names may contain spaces, so the text before the method is the name.
    return { api: words.slice(0, -1).join(" ") || "*", verb: wildVerb ? "*" : last, path };
  }
  // Without a method it is a route key of a WebSocket API, or "*" for everything; a bare path is invalid.
  if (path.startsWith("/") || (!path.startsWith("$") && path !== "*")) return undefined;
  return { api: words.join(" ") || "*", verb: "*", path };
}

/** Removes the parts that API Gateway does not distinguish: parameter names and the trailing slash. */
function normalPath(path: string): string {
  const unnamed = path.includes("{")
    ? path
        .split("/")
        .map((part) =>
          part.startsWith("{") && part.endsWith("}") ? (part.endsWith("+}") ? "{+}" : "{}") : part,
        )
        .join("/")
    : path;
  return unnamed.length > 1 && unnamed.endsWith("/") ? unnamed.slice(0, -1) : unnamed;
}

/** A principal as patterns name it, as far as it is known. */
interface PrincipalNames {
  readonly arn?: string | undefined;
  /** The part after the account in the ARN: `role/team/app`. */
  readonly resource?: string | undefined;
  readonly name: string;
}

export function namesOf({ arn, name }: Pick<PrincipalFacts, "arn" | "name">): PrincipalNames {
  return { arn: assigned(arn), resource: assigned(splitArn(arn)?.resource ?? []), name };
}

/**
 * Whether a declared principal pattern matches a principal of the stack. On a first preview the principal has a name
 * and a path but no ARN yet; an ARN pattern is then compared with the part after the account, or with the name alone,
 * so that the same configuration works before and after the stack is deployed. A pattern with a path matches no
 * principal of which only the name is known.
 */
export function matchesPrincipal(pattern: string, principal: PrincipalNames): boolean {
  if (!pattern.startsWith("arn:")) return matchesGlob(pattern, principal.name);
  if (principal.arn !== undefined) return matchesGlob(pattern, principal.arn);
  const resource = pattern.split(":").slice(5).join(":");
  if (principal.resource) return matchesGlob(resource, principal.resource);
  const [, name = "", ...more] = resource.split("/");
  return more.length === 0 && matchesGlob(name, principal.name);
}

/**
 * Whether a text matches a pattern in which `*` matches any characters. Each literal piece is searched once, from left
 * to right, so no pattern is slow; no regular expression is built from user input.
 */
export function matchesGlob(pattern: string, candidate: string): boolean {
  return globMatcher(pattern)(candidate);
}

/** {@link matchesGlob} for a pattern that is compiled once. */
function globMatcher(pattern: string): (candidate: string) => boolean {
  const [first = "", ...inner] = pattern.split("*");
  const last = inner.pop();
  if (last === undefined) return (candidate) => candidate === first;
  return (candidate) => {
    const end = candidate.length - last.length;
    if (first.length > end || !candidate.startsWith(first) || !candidate.endsWith(last)) return false;
    let from = first.length;
    for (const piece of inner) {
      const foundAt = candidate.indexOf(piece, from);
      if (foundAt < 0 || foundAt + piece.length > end) return false;
      from = foundAt + piece.length;
    }
    return true;
  };
}
