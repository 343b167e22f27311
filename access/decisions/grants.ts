import {
  type AllowStatement,
  type ArnPattern,
  allowStatements,
  compileArn,
  matchArnPattern,
  not,
  or,
  type Text,
  type Trilean,
} from "../../iam";
import type { Api, PrincipalFacts, PrincipalSource, Route } from "../../stack";
import { cached } from "../../stack/pulumi/keys";
import type { RouteIndex } from "../requests/route-index";
import { apiIdOf, callerArn, stageNames, stageOf } from "../requests/routes";
import { acceptsMoreMethods, isCatchAll, receivesRequest, writtenRequest } from "../requests/specific-routes";

/** The execute-api ARNs that a statement applies to: those that a pattern matches, or for a NotResource all others. */
export interface Covered {
  readonly text: Text;
  readonly pattern: ArnPattern;
  /** The NotResource patterns of a statement that has them; `text` is then `*`. */
  readonly except?: readonly ArnPattern[];
}

/** Whether it applies to the ARN, or to all that an ARN with holes matches. */
export function covers({ pattern, except = [] }: Covered, arn: Text): Trilean {
  return except.length === 0
    ? matchArnPattern(pattern, arn)
    : not(or(except.map((pattern) => matchArnPattern(pattern, arn))));
}

/** The requests that an Allow statement allows a principal. */
export interface Grant extends Covered {
  /** Its Action certainly covers the call. */
  readonly certain: boolean;
  /** The API of the stack that it names by its id. */
  readonly api: Api | undefined;
  /** It is in an AWS managed policy, so it was not written for this stack. */
  readonly isAwsManaged: boolean;
  /** It was inferred from the dependencies of its document. */
  readonly inferred: boolean;
}

/** The requests that the principals' own policies allow, statement by statement, disregarding denies. */
export class Grants {
  private readonly granted = new Map<PrincipalFacts, readonly Grant[]>();
  /** By action and ARN: a general route requests the ARNs of each more specific route. */
  private readonly matches = new WeakMap<Covered, Map<Text, Trilean>>();
  private readonly neverCovered = new WeakMap<Covered, Map<Route, boolean>>();

  constructor(private readonly routes: RouteIndex) {}

  ofPrincipal(principal: PrincipalFacts): readonly Grant[] {
    return cached(this.granted, principal, () =>
      this.statementsOf(principal).flatMap((statement) =>
        statement.resources.map((resource) => ({
          text: resource,
          pattern: compileArn(resource, "identity"),
          ...(statement.except.length === 0
            ? {}
            : { except: statement.except.map((text) => compileArn(text, "identity")) }),
          certain: statement.action === "yes",
          isAwsManaged: statement.source.key === undefined,
          inferred: (statement.source as PrincipalSource).inferredFrom !== undefined,
          api: this.routes.apiNamedBy(resource),
        })),
      ),
    );
  }

  private statementsOf({ sources }: PrincipalFacts): readonly AllowStatement[] {
    return this.routes.callActions.flatMap((action) => allowStatements(sources, action));
  }

  /** The APIs of the stack that the principal's grants name by id. */
  apisNamedBy(principal: PrincipalFacts): readonly Api[] {
    return this.ofPrincipal(principal).flatMap((grant) => grant.api ?? []);
  }

  /** Whether a grant of the principal names the route's API by id, and covers the route. */
  nameRoute(principal: PrincipalFacts, route: Route): boolean {
    return this.ofPrincipal(principal).some(
      (grant) => grant.api === route.api && this.coversSome(grant, route),
    );
  }

  /** Whether a grant of the principal that names the route's API, or any API, may cover the route. */
  mayCover(principal: PrincipalFacts, route: Route): boolean {
    return this.ofPrincipal(principal).some(
      (grant) => (grant.api === route.api || isForAnyApi(grant)) && !this.neverCovers(grant, route),
    );
  }

  /**
   * Whether a principal's grants cover the route, disregarding conditions and denies: such a principal is evidently
   * intended to call it.
   */
  covers(principal: PrincipalFacts, route: Route): boolean {
    return this.ofPrincipal(principal).some((grant) => grant.certain && this.coversSome(grant, route));
  }

  /** Whether a grant certainly covers no request of the route. */
  neverCovers(grant: Covered, route: Route): boolean {
    const neverCovered = cacheFor(this.neverCovered, grant);
    return cached(neverCovered, route, () =>
      stageNames(route, "caller").every((stage) => {
        const match = this.match(grant, route, stage);
        return match === "no" || (match === "unknown" && this.isForMoreSpecificRoute(grant, route, stage));
      }),
    );
  }

  /** {@link covers} for the requests of a route, compiled once. */
  private match(grant: Covered, route: Route, stage: Text): Trilean {
    const arn = this.routes.callerArn(route, stage);
    return cached(cacheFor(this.matches, grant), arn, () => covers(grant, arn));
  }

  /** Whether a grant covers some request of the route. */
  private coversSome(grant: Grant, route: Route): boolean {
    return stageNames(route, "caller").some((stage) => {
      const subject = this.routes.callerArn(route, stage);
      const match = this.match(grant, route, stage);
      if (match !== "unknown") return match === "yes";
      // When the plan does not show the stage, the stage in the grant is assumed.
      const stageOfGrant = route.stages.length === 0 ? stageOf(grant.text) : undefined;
      if (stageOfGrant !== undefined && covers(grant, callerArn(route, stageOfGrant)) === "yes") return true;
      const patternTexts = [grant.text, ...(grant.except ?? []).map(({ source }) => source)];
      if (![...patternTexts, subject].every(variesByRequestOnly)) return false;
      // The grant may be for an unknown route.
      const areRoutesKnown = !this.routes.someHidden(route.api) && !(route.api.external && isCatchAll(route));
      return areRoutesKnown && !this.isForMoreSpecificRoute(grant, route, stage);
    });
  }

  /**
   * Whether a grant that covers some requests of the route is intended for a more specific one, which receives them: a
   * grant on `GET /orders` is not for the `ANY /{proxy+}` next to it. A grant that covers such a route entirely, and
   * further requests, is assumed to be for that route.
   */
  private isForMoreSpecificRoute(grant: Covered, route: Route, stage: Text): boolean {
    const isWhole = (specificRoute: Route): boolean => this.match(grant, specificRoute, stage) === "yes";
    const moreSpecific = this.routes.moreSpecific(route);
    if (moreSpecific.length === 0) return false;
    const request = writtenRequest(grant.text);
    return moreSpecific.some((specificRoute) => {
      if (request !== undefined && receivesRequest(specificRoute, route, request)) return true;
      if (!isWhole(specificRoute)) return false;
      // When every method is granted, the methods that the other route does not answer remain.
      return !acceptsMoreMethods(specificRoute, route) || !isWhole(this.routes.withAnyVerb(specificRoute));
    });
  }
}

function cacheFor<K, V>(caches: WeakMap<Covered, Map<K, V>>, grant: Covered): Map<K, V> {
  const cache = caches.get(grant) ?? new Map<K, V>();
  if (cache.size === 0) caches.set(grant, cache);
  return cache;
}

/** A statement of the stack with a wildcard for the API, which may be intended for this one. */
function isForAnyApi({ text, certain, isAwsManaged }: Grant): boolean {
  return certain && !isAwsManaged && apiIdOf(text) === undefined;
}

function variesByRequestOnly(value: Text): boolean {
  return value.every((piece) => typeof piece === "string" || piece.varies === true);
}
