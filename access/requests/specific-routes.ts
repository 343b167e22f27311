import { type HoleShape, isHole, known, type Text } from "../../iam";
import type { Route } from "../../stack";
import { isRouteKey } from "./routes";

/** Takes what no other route of an HTTP API does. */
function isDefault(route: Route): boolean {
  return isRouteKey(route) && route.verb === "$default" && route.api.kind === "HTTP";
}

function takesAnyVerb(route: Route): boolean {
  return isRouteKey(route) ? isDefault(route) : route.verb === "ANY";
}

/** Whether a route takes what those alongside it leave: a greedy path, or `$default`. */
export function takesTheRest(route: Route): boolean {
  return isDefault(route) || (known(route.path) ?? "").includes("+}");
}

/** Whether more specific routes may take requests from a route: it has parameters or answers any verb. */
export function isGeneral(route: Route): boolean {
  return takesAnyVerb(route) || (!isRouteKey(route) && (known(route.path) ?? "").includes("{"));
}

/**
 * Whether a route takes requests that another one would get without it: API Gateway chooses a path without a
 * parameter before one with it, a single segment before a greedy one, and any of them before `$default`; `ANY`
 * answers the verbs that have no method of their own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
 */
export function isMoreSpecific(route: Route, than: Route): boolean {
  if (isRouteKey(route)) return false;
  if (isRouteKey(than)) return isDefault(than);
  const [own, general] = [templateOf(route), templateOf(than)];
  if (own === undefined || general === undefined) return false;
  if (than.verb !== "ANY" && route.verb !== "ANY" && route.verb !== than.verb) return false;
  if (own.unnamed === general.unnamed) return than.verb === "ANY" && route.verb !== "ANY";
  if (general.fixed === undefined || !own.path.startsWith(general.fixed)) return false;
  return isWithin(own.segments, general.segments);
}

/** A path, as often as it is compared. */
interface Template {
  readonly path: string;
  /** What a parameter is called makes no path more specific. */
  readonly unnamed: string;
  /** What is before the first parameter, if there is one. */
  readonly fixed: string | undefined;
  readonly segments: readonly string[];
}

const templates = new WeakMap<Text, Template>();

function templateOf(route: Route): Template | undefined {
  const path = known(route.path);
  if (path === undefined) return undefined;
  let template = templates.get(route.path);
  if (template === undefined) {
    const parameter = path.indexOf("{");
    template = {
      path,
      unnamed: parameter < 0 ? path : path.replace(/\{[^{}/]*?(\+?)\}/g, "{$1}"),
      fixed: parameter < 0 ? undefined : path.slice(0, parameter),
      segments: path.split("/"),
    };
    templates.set(route.path, template);
  }
  return template;
}

/** Whether all paths of a template, or a path as it is requested, are among those of another. */
function isWithin(path: readonly string[], general: readonly string[]): boolean {
  for (const [at, segment] of general.entries()) {
    const own = path[at];
    if (/^\{.*\+\}$/.test(segment)) return own !== undefined && own !== "";
    if (own === undefined || own === "") {
      if (own !== segment) return false;
      continue;
    }
    if (/^\{.*\}$/.test(segment) ? /^\{.*\+\}$/.test(own) : own !== segment) return false;
  }
  return path.length === general.length;
}

const MAY_HOLD_SLASHES: ReadonlySet<HoleShape> = new Set(["any", "path", "tail"]);

const REQUEST = /^[^:]*:[^:]*:execute-api:[^:]*:[^:]*:[^/]+\/[^/]+\/([A-Z]+|\*)(\/[^*?$]*)$/;

/** A request that a grant writes out in full, except for a wildcard as its verb. */
interface WrittenRequest {
  readonly verb: string;
  readonly path: readonly string[];
}

export function writtenRequest(grant: Text): WrittenRequest | undefined {
  // What may hold a slash leaves no segment to be determined.
  if (grant.some((piece) => isHole(piece) && MAY_HOLD_SLASHES.has(piece.shape))) return undefined;
  const [, verb, path] =
    REQUEST.exec(grant.map((piece) => (isHole(piece) ? "\u0000" : piece)).join("")) ?? [];
  return verb === undefined || path === undefined ? undefined : { verb, path: path.split("/") };
}

/**
 * Whether a more specific route takes all of the request that a grant writes out, as far as the other would have got
 * it: `GET/orders` goes to `GET /orders`, not to `ANY /{proxy+}`, and of `ANY/orders` the rest goes there.
 */
export function takesRequest(specific: Route, general: Route, { verb, path }: WrittenRequest): boolean {
  const template = known(specific.path);
  if (template === undefined || !isWithin(path, template.split("/"))) return false;
  return specific.verb === "ANY" || specific.verb === verb || (verb === "*" && !takesAnyVerb(general));
}

/** Whether one route answers more verbs than another. */
export function leavesVerbs(specific: Route, general: Route): boolean {
  return takesAnyVerb(general) && specific.verb !== "ANY";
}

/**
 * The route that answers a request, given its method and its path as it was requested: of those that match, the one
 * that no other takes it from.
 */
export function routeOfRequest(routes: readonly Route[], method: string, path: string): Route | undefined {
  const segments = path.split("/");
  const matching = routes.filter((route) => {
    if (isDefault(route)) return true;
    const template = isRouteKey(route) ? undefined : known(route.path);
    return (
      template !== undefined &&
      (route.verb === "ANY" || route.verb === method) &&
      isWithin(segments, template.split("/"))
    );
  });
  return (
    matching.find((route) => !matching.some((other) => other !== route && isMoreSpecific(other, route))) ??
    matching[0]
  );
}
