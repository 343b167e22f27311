import { equal, type Text } from "../../iam";
import type { Api, ClaimedMethods, Route } from "../facts";
import { cached, textKey } from "../pulumi/keys";

/**
 * Determines for each `ANY` route which methods other routes of its path handle: it answers "all methods that you
 * haven't defined" there, in REST and HTTP APIs, in every form.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
 */
export function withVerbsOfAny(routes: readonly Route[]): readonly Route[] {
  if (!routes.some(isAny)) return routes;
  const byApi = new Map<Api, Route[]>();
  for (const route of routes) cached(byApi, route.api, () => []).push(route);
  const takers = new Map([...byApi].map(([api, all]) => [api, takersOf(all)]));
  return routes.map((route) => {
    const of = isAny(route) ? takers.get(route.api) : undefined;
    const others = of === undefined ? undefined : othersOf(route, of);
    return others === undefined ? route : { ...route, claimedMethods: others };
  });
}

function isAny({ verb, path, unknownBody }: Route): boolean {
  return verb === "ANY" && path.length > 0 && unknownBody === undefined;
}

/** A route that handles one method of one path, as far as both are known. */
interface Taker {
  /** `undefined`: any one method. */
  readonly verb: string | undefined;
  readonly path: Text;
}

interface Takers {
  /** By path. */
  readonly same: ReadonlyMap<string, ReadonlyMap<string, Taker>>;
  /** By the path up to its last hole: among paths with the same prefix, the rest decides. */
  readonly families: ReadonlyMap<string, ReadonlyMap<string, Taker>>;
  /** Whether there may be more routes: an unknown body, or routes that another stack adds. */
  readonly open: boolean;
}

function takersOf(routes: readonly Route[]): Takers {
  const same = new Map<string, Map<string, Taker>>();
  const families = new Map<string, Map<string, Taker>>();
  for (const { verb, path, unknownBody: unread } of routes) {
    if (verb === "ANY" || path.length === 0 || unread !== undefined) continue;
    // An unknown method is a hole at the beginning of the path; so is a whole route key.
    const taker: Taker =
      verb !== "" ? { verb, path } : { verb: undefined, path: path.length > 1 ? path.slice(1) : path };
    // A stage variable makes several routes of one.
    const whole = `${textKey(path)} ${verb}`;
    cached(same, textKey(taker.path), () => new Map()).set(whole, taker);
    cached(families, familyOf(taker.path), () => new Map()).set(whole, taker);
  }
  return {
    same,
    families,
    open: routes.some(({ api, unknownBody }) => unknownBody !== undefined || api.external === true),
  };
}

function othersOf({ path }: Route, { same, families, open }: Takers): ClaimedMethods | undefined {
  const taken = new Set<string>();
  const perhaps = new Set<string>();
  let hidden = 0;
  const take = ({ verb }: Taker, certainly: boolean): void => {
    if (verb === undefined) hidden++;
    else (certainly ? taken : perhaps).add(verb);
  };
  for (const taker of same.get(textKey(path))?.values() ?? []) take(taker, true);
  const own = familyOf(path);
  const isOpen = ({ verb }: Taker): boolean => verb === undefined || !(taken.has(verb) || perhaps.has(verb));
  for (const [family, all] of families)
    if (family !== own)
      for (const taker of all.values())
        if (isOpen(taker) && equal(taker.path, path) === "unknown") take(taker, false);
  return taken.size + perhaps.size + hidden > 0 || open
    ? { certain: taken, possible: perhaps, unknownCount: hidden, mayHaveMore: open }
    : undefined;
}

function familyOf(path: Text): string {
  const shown = textKey(path);
  return shown.slice(0, shown.lastIndexOf("\u0000") + 1);
}
