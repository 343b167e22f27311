import { HTTP_METHODS } from "../aws";

/**
 * Whether a declared route pattern covers a route. The forms are `[API ]VERB PATH`, where `PATH` is the path
 * template as the API has it, and `[API ]ROUTE_KEY` for the routes of WebSocket APIs and `$default`. `*` stands
 * for any characters in each part; `ANY` and `*` cover every verb, and a route of verb `ANY` is covered by each
 * verb, since it serves them all. The names of path parameters do not count (`/orders/{id}` covers
 * `/orders/{orderId}`), nor does a slash at the end, which API Gateway drops.
 */
export function matchesRoute(pattern: string, route: RouteToMatch): boolean {
  return routeMatcher(pattern)(readyToMatch(route));
}

interface RouteToMatch {
  readonly apiName: string;
  readonly verb: string;
  readonly path: string;
}

/** A route whose verb and path were made comparable, once for all patterns. */
export interface ComparableRoute extends RouteToMatch {
  readonly normalPath: string;
}

export function readyToMatch(route: RouteToMatch): ComparableRoute {
  return { ...route, verb: route.verb.toUpperCase(), normalPath: normalPath(route.path) };
}

/** {@link matchesRoute} for a pattern that is read once. */
export function routeMatcher(pattern: string): (route: ComparableRoute) => boolean {
  return anyRouteMatcher([pattern]);
}

interface PatternMatcher {
  /** What every path that matches begins with. */
  readonly prefix: string;
  readonly matches: (route: ComparableRoute) => boolean;
}

/**
 * Whether one of several patterns covers a route. Patterns are found by what their paths begin with: of many, a route
 * is compared with few.
 */
export function anyRouteMatcher(patterns: readonly string[]): (route: ComparableRoute) => boolean {
  const byPrefix = new Map<string, PatternMatcher[]>();
  for (const matcher of patterns.flatMap(patternMatchers)) {
    const same = byPrefix.get(matcher.prefix);
    if (same === undefined) byPrefix.set(matcher.prefix, [matcher]);
    else same.push(matcher);
  }
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
  // `/*` is every path of an API, and the catch-all route serves what the others leave.
  return path === "/*"
    ? [matcher, { prefix: "$default", matches: (route) => route.path === "$default" && ofVerbAndApi(route) }]
    : [matcher];
}

interface RoutePattern {
  readonly api: string;
  /** Upper case; `*` for every verb. */
  readonly verb: string;
  readonly path: string;
}

const VERBS: ReadonlySet<string> = new Set(HTTP_METHODS);

/** `undefined` when the text is not of a form that {@link matchesRoute} takes. */
export function parseRoutePattern(pattern: string): RoutePattern | undefined {
  const words = pattern.trim().split(/\s+/);
  const path = words.pop();
  if (path === undefined || path === "") return undefined;
  const last = words[words.length - 1]?.toUpperCase();
  const wildVerb = last === "ANY" || last === "*";
  if (last !== undefined && (wildVerb || VERBS.has(last))) {
    if (!/^[/$*]/.test(path)) return undefined;
    // API names may hold spaces, so whatever is before the verb is the name.
    return { api: words.slice(0, -1).join(" ") || "*", verb: wildVerb ? "*" : last, path };
  }
  // Without a verb it is a route key of a WebSocket API, or "*" for everything; a bare path has lost its verb.
  if (path.startsWith("/") || (!path.startsWith("$") && path !== "*")) return undefined;
  return { api: words.join(" ") || "*", verb: "*", path };
}

/** Cuts what API Gateway does not distinguish: parameter names and the slash at the end. */
function normalPath(path: string): string {
  const unnamed = path
    .split("/")
    .map((part) => (part.startsWith("{") && part.endsWith("}") ? (part.endsWith("+}") ? "{+}" : "{}") : part))
    .join("/");
  return unnamed.length > 1 && unnamed.endsWith("/") ? unnamed.slice(0, -1) : unnamed;
}

/**
 * Whether a declared principal pattern names a principal of the stack. On a first preview the principal has a
 * name and a path but no ARN yet; then an ARN pattern is held against what follows the account, or against the name
 * alone, so that a stack is evaluated by the same configuration before and after it exists. A pattern with a path names
 * nobody of whom only the name is known.
 */
export function matchesPrincipal(
  pattern: string,
  principal: {
    readonly arn?: string | undefined;
    /** What follows the account in the ARN: `role/team/app`. */
    readonly resource?: string | undefined;
    readonly name: string;
  },
): boolean {
  if (!pattern.startsWith("arn:")) return matchesGlob(pattern, principal.name);
  if (principal.arn !== undefined) return matchesGlob(pattern, principal.arn);
  const resource = pattern.split(":").slice(5).join(":");
  if (principal.resource) return matchesGlob(resource, principal.resource);
  const [, name = "", ...more] = resource.split("/");
  return more.length === 0 && matchesGlob(name, principal.name);
}

/**
 * Whether a text matches a pattern in which `*` stands for any characters, none included. Each literal piece is
 * sought once, from left to right, so no pattern makes it slow; no regular expression is built from user input.
 */
export function matchesGlob(pattern: string, candidate: string): boolean {
  return globMatcher(pattern)(candidate);
}

/** {@link matchesGlob} for a pattern that is read once. */
function globMatcher(pattern: string): (candidate: string) => boolean {
  const [first = "", ...inner] = pattern.split("*");
  const last = inner.pop();
  if (last === undefined) return (candidate) => candidate === first;
  return (candidate) => {
    const end = candidate.length - last.length;
    if (first.length > end || !candidate.startsWith(first) || !candidate.endsWith(last)) return false;
    let from = first.length;
    for (const piece of inner) {
      const found = candidate.indexOf(piece, from);
      if (found < 0 || found + piece.length > end) return false;
      from = found + piece.length;
    }
    return true;
  };
}
