import { equal, type Text } from "../../iam";
import type { Api, ClaimedMethods, Route } from "../facts";
import { appendTo, cached, textKey } from "../pulumi/keys";

/**
 * Adds to each `ANY` route the methods that other routes of its path handle: the route itself handles "all methods that
 * you haven't defined", in REST and HTTP APIs.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
 */
export function withClaimedMethods(routes: readonly Route[]): readonly Route[] {
  if (!routes.some(isAny)) return routes;
  const byApi = new Map<Api, Route[]>();
  for (const route of routes) appendTo(byApi, route.api, route);
  const claimingRoutes = new Map([...byApi].map(([api, apiRoutes]) => [api, claimingRoutesOf(apiRoutes)]));
  return routes.map((route) => {
    const apiClaims = isAny(route) ? claimingRoutes.get(route.api) : undefined;
    const claimedMethods = apiClaims === undefined ? undefined : claimedMethodsOf(route, apiClaims);
    return claimedMethods === undefined ? route : { ...route, claimedMethods };
  });
}

function isAny({ verb, path, unknownBody }: Route): boolean {
  return verb === "ANY" && path.length > 0 && unknownBody === undefined;
}

/** A route that handles one method of one path, as far as both are known. */
interface ClaimingRoute {
  /** `undefined`: any one method. */
  readonly verb: string | undefined;
  readonly path: Text;
}

interface ClaimingRoutes {
  /** By path. */
  readonly byPath: ReadonlyMap<string, ReadonlyMap<string, ClaimingRoute>>;
  /**
   * By the path up to its last hole: paths with the same prefix match only if their remaining characters do.
   */
  readonly byPrefix: ReadonlyMap<string, ReadonlyMap<string, ClaimingRoute>>;
  /** Whether there may be more routes: an unknown body, or routes that another stack adds. */
  readonly mayHaveMore: boolean;
}

function claimingRoutesOf(routes: readonly Route[]): ClaimingRoutes {
  const byPath = new Map<string, Map<string, ClaimingRoute>>();
  const byPrefix = new Map<string, Map<string, ClaimingRoute>>();
  for (const { verb, path, unknownBody } of routes) {
    if (verb === "ANY" || path.length === 0 || unknownBody !== undefined) continue;
    // An unknown method is a hole at the beginning of the path; so is a whole route key.
    const claimingRoute: ClaimingRoute =
      verb !== "" ? { verb, path } : { verb: undefined, path: path.length > 1 ? path.slice(1) : path };
    // Stage variables can split one route into several.
    const id = `${textKey(path)} ${verb}`;
    cached(byPath, textKey(claimingRoute.path), () => new Map()).set(id, claimingRoute);
    cached(byPrefix, prefixOf(claimingRoute.path), () => new Map()).set(id, claimingRoute);
  }
  return {
    byPath,
    byPrefix,
    mayHaveMore: routes.some(({ api, unknownBody }) => unknownBody !== undefined || api.external === true),
  };
}

function claimedMethodsOf(
  { path }: Route,
  { byPath, byPrefix, mayHaveMore }: ClaimingRoutes,
): ClaimedMethods | undefined {
  const certain = new Set<string>();
  const possible = new Set<string>();
  let unknownCount = 0;
  const claim = ({ verb }: ClaimingRoute, certainly: boolean): void => {
    if (verb === undefined) unknownCount++;
    else (certainly ? certain : possible).add(verb);
  };
  for (const claimingRoute of byPath.get(textKey(path))?.values() ?? []) claim(claimingRoute, true);
  const ownPrefix = prefixOf(path);
  const isUnclaimed = ({ verb }: ClaimingRoute): boolean =>
    verb === undefined || !(certain.has(verb) || possible.has(verb));
  for (const [prefix, claimingRoutesOfPrefix] of byPrefix)
    if (prefix !== ownPrefix)
      for (const claimingRoute of claimingRoutesOfPrefix.values())
        if (isUnclaimed(claimingRoute) && equal(claimingRoute.path, path) === "unknown")
          claim(claimingRoute, false);
  return certain.size + possible.size + unknownCount > 0 || mayHaveMore
    ? { certain, possible, unknownCount, mayHaveMore }
    : undefined;
}

function prefixOf(path: Text): string {
  const pathKey = textKey(path);
  return pathKey.slice(0, pathKey.lastIndexOf("\u0000") + 1);
}
