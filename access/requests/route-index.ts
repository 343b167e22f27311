import { EXECUTE_API_INVOKE } from "../../aws";
import { known, type Text, Unknown } from "../../iam";
import { type Api, type Route, type StackFacts, serviceOf } from "../../stack";
import { appendTo, cached, textKey } from "../../stack/pulumi/keys";
import { apiIdOf, callerArn, isOfApi } from "./routes";
import { isGeneral, isMoreSpecific, pathForm } from "./specific-routes";

const NO_ROUTES: readonly Route[] = [];

/** The APIs of a stack and their routes, by their properties. */
export class RouteIndex {
  private readonly iamByApi = new Map<Api, readonly Route[]>();
  private readonly specific = new Map<Route, readonly Route[]>();
  private readonly specificByForm = new Map<Api, Map<string, readonly Route[]>>();
  private readonly byForm = new Map<Api, ReadonlyMap<string, readonly Route[]>>();
  private readonly hidden = new Map<Api, boolean>();
  private readonly arns = new Map<Route, Map<string, Text>>();
  private readonly texts = new Map<string, Text>();
  private readonly ofAnyVerb = new Map<Route, Route>();
  private routesByApi: ReadonlyMap<Api, readonly Route[]> | undefined;
  private apisById: ReadonlyMap<string, Api> | undefined;
  private apisByUrn: ReadonlyMap<string, Api> | undefined;
  private withPolicies: readonly Api[] | undefined;
  private someIdHidden: boolean | undefined;
  private actions: readonly string[] | undefined;

  constructor(private readonly facts: Pick<StackFacts, "apis" | "routes">) {}

  get apis(): readonly Api[] {
    return this.facts.apis;
  }

  ofApi(api: Api): readonly Route[] {
    this.routesByApi ??= byApi(this.facts.routes);
    return this.routesByApi.get(api) ?? [];
  }

  /** The routes of an API that are, or may be, IAM-authorized. */
  iamRoutes(api: Api): readonly Route[] {
    return cached(this.iamByApi, api, () =>
      this.ofApi(api).filter(
        (route) => route.authorization === "AWS_IAM" || route.authorization instanceof Unknown,
      ),
    );
  }

  /** The more specific routes, which receive some of the requests that the given route matches. */
  moreSpecific(route: Route): readonly Route[] {
    return cached(this.specific, route, () => (isGeneral(route) ? this.moreSpecificThan(route) : NO_ROUTES));
  }

  private moreSpecificThan(route: Route): readonly Route[] {
    const path = pathForm(route);
    const all = this.ofApi(route.api);
    if (path === undefined) return all.filter((candidate) => isMoreSpecific(candidate, route));
    return cached(
      cached(this.specificByForm, route.api, () => new Map()),
      `${route.verb} ${path.form}`,
      () => {
        // For a path without parameters, only routes of the same path can be more specific.
        const candidates = path.hasParameter ? all : (this.sameForm(route.api).get(path.form) ?? []);
        return candidates.filter((candidate) => isMoreSpecific(candidate, route));
      },
    );
  }

  /** The routes of an API by the forms of their paths. */
  private sameForm(api: Api): ReadonlyMap<string, readonly Route[]> {
    return cached(this.byForm, api, () => {
      const byForm = new Map<string, Route[]>();
      for (const route of this.ofApi(api)) {
        const path = pathForm(route);
        if (path !== undefined) appendTo(byForm, path.form, route);
      }
      return byForm;
    });
  }

  /** The route as if it answered any method. */
  withAnyVerb(route: Route): Route {
    return cached(this.ofAnyVerb, route, () => ({ ...route, verb: "ANY" }));
  }

  /** Whether some route of the API is partly unknown. */
  someHidden(api: Api): boolean {
    return cached(this.hidden, api, () =>
      this.ofApi(api).some((route) => route.unknownBody !== undefined || known(route.path) === undefined),
    );
  }

  apiAt(urn: string): Api | undefined {
    this.apisByUrn ??= new Map(this.apis.map((api) => [api.urn, api]));
    return this.apisByUrn.get(urn);
  }

  apiWithId(id: Text): Api | undefined {
    this.apisById ??= new Map(this.apis.map((api) => [textKey(api.id), api]));
    return this.apisById.get(textKey(id));
  }

  /** The API of the stack that a pattern for the ARNs of requests names. */
  apiNamedBy(pattern: Text): Api | undefined {
    const id = apiIdOf(pattern);
    if (id !== undefined) return this.apiWithId(id);
    return this.apis.find((api) => api.service !== undefined && isOfApi(pattern, api));
  }

  /** The action that callers of the APIs need. */
  get callActions(): readonly string[] {
    this.actions ??= [...new Set([EXECUTE_API_INVOKE, ...this.apis.map((api) => serviceOf(api).action)])];
    return this.actions;
  }

  apisWithPolicies(): readonly Api[] {
    this.withPolicies ??= this.apis.filter((api) => api.policies.length > 0);
    return this.withPolicies;
  }

  /** Whether the id of some API is unknown. */
  hasHiddenIds(): boolean {
    this.someIdHidden ??= this.apis.some((api) => known(api.id) === undefined);
    return this.someIdHidden;
  }

  /** {@link callerArn}, cached. */
  callerArn(route: Route, stage: Text): Text {
    const arns = cached(this.arns, route, () => new Map<string, Text>());
    return cached(arns, textKey(stage), () => {
      // The cached answer for one ARN serves all routes with it.
      const arn = callerArn(route, stage);
      return cached(this.texts, textKey(arn), () => arn);
    });
  }
}

function byApi(routes: readonly Route[]): ReadonlyMap<Api, readonly Route[]> {
  const map = new Map<Api, Route[]>();
  for (const route of routes) appendTo(map, route.api, route);
  return map;
}
