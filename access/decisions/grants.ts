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
import { leavesVerbs, takesRequest, takesTheRest, writtenRequest } from "../requests/specific-routes";

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
  readonly byAws: boolean;
  /** It was inferred from the dependencies of its document. */
  readonly inferred: boolean;
}

/** The requests that the principals' own policies allow, statement by statement, disregarding denies. */
export class Grants {
  private readonly granted = new Map<PrincipalFacts, readonly Grant[]>();
  /** By action and ARN: a general route requests the ARNs of each more specific route. */
  private readonly matches = new WeakMap<Covered, Map<Text, Trilean>>();
  private readonly missed = new WeakMap<Covered, Map<Route, boolean>>();

  constructor(private readonly routes: RouteIndex) {}

  of(principal: PrincipalFacts): readonly Grant[] {
    return cached(this.granted, principal, () =>
      this.statementsOf(principal).flatMap((statement) =>
        statement.resources.map((resource) => ({
          text: resource,
          pattern: compileArn(resource, "identity"),
          ...(statement.except.length === 0
            ? {}
            : { except: statement.except.map((text) => compileArn(text, "identity")) }),
          certain: statement.action === "yes",
          byAws: statement.source.key === undefined,
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
    return this.of(principal).flatMap((grant) => grant.api ?? []);
  }

  /** Whether a grant of the principal names the route's API by id, and covers the route. */
  nameRoute(principal: PrincipalFacts, route: Route): boolean {
    return this.of(principal).some((grant) => grant.api === route.api && this.coversSome(grant, route));
  }

  /** Whether a grant of the principal that names the route's API, or any API, may cover the route. */
  mayCover(principal: PrincipalFacts, route: Route): boolean {
    return this.of(principal).some(
      (grant) => (grant.api === route.api || isForAnyApi(grant)) && !this.neverCovers(grant, route),
    );
  }

  /**
   * Whether a principal's grants cover the route, disregarding conditions and denies: such a principal is evidently
   * intended to call it.
   */
  covers(principal: PrincipalFacts, route: Route): boolean {
    return this.of(principal).some((grant) => grant.certain && this.coversSome(grant, route));
  }

  /** Whether a grant certainly covers no request of the route. */
  neverCovers(grant: Covered, route: Route): boolean {
    const missed = keptFor(this.missed, grant);
    return cached(missed, route, () =>
      stageNames(route, "caller").every((stage) => {
        const match = this.match(grant, route, stage);
        return match === "no" || (match === "unknown" && this.isForAnother(grant, route, stage));
      }),
    );
  }

  /** {@link covers} for the requests of a route, compiled once. */
  private match(grant: Covered, route: Route, stage: Text): Trilean {
    const arn = this.routes.callerArn(route, stage);
    return cached(keptFor(this.matches, grant), arn, () => covers(grant, arn));
  }

  /** Whether a grant covers some request of the route. */
  private coversSome(grant: Grant, route: Route): boolean {
    return stageNames(route, "caller").some((stage) => {
      const subject = this.routes.callerArn(route, stage);
      const match = this.match(grant, route, stage);
      if (match !== "unknown") return match === "yes";
      // When the plan does not show the stage, the stage in the grant is assumed.
      const own = route.stages.length === 0 ? stageOf(grant.text) : undefined;
      if (own !== undefined && covers(grant, callerArn(route, own)) === "yes") return true;
      const written = [grant.text, ...(grant.except ?? []).map(({ source }) => source)];
      if (![...written, subject].every(onlyVaries)) return false;
      // An unknown route may be the one that the grant is for.
      const shown = !this.routes.someHidden(route.api) && !(route.api.external && takesTheRest(route));
      return shown && !this.isForAnother(grant, route, stage);
    });
  }

  /**
   * Whether a grant that covers some requests of the route is intended for a more specific one, which receives them: a
   * grant on `GET /orders` is not for the `ANY /{proxy+}` next to it. A grant that covers such a route entirely and
   * further requests is taken to be for that route.
   */
  private isForAnother(grant: Covered, route: Route, stage: Text): boolean {
    const isWhole = (other: Route): boolean => this.match(grant, other, stage) === "yes";
    const moreSpecific = this.routes.moreSpecific(route);
    if (moreSpecific.length === 0) return false;
    const request = writtenRequest(grant.text);
    return moreSpecific.some((other) => {
      if (request !== undefined && takesRequest(other, route, request)) return true;
      if (!isWhole(other)) return false;
      // When every method is granted, the methods that the other route does not answer are left.
      return !leavesVerbs(other, route) || !isWhole(this.routes.withAnyVerb(other));
    });
  }
}

function keptFor<K, V>(kept: WeakMap<Covered, Map<K, V>>, grant: Covered): Map<K, V> {
  const found = kept.get(grant) ?? new Map<K, V>();
  if (found.size === 0) kept.set(grant, found);
  return found;
}

/** A statement of the stack with a wildcard for the API, which may be intended for this one. */
function isForAnyApi({ text, certain, byAws }: Grant): boolean {
  return certain && !byAws && apiIdOf(text) === undefined;
}

function onlyVaries(value: Text): boolean {
  return value.every((piece) => typeof piece === "string" || piece.varies === true);
}
