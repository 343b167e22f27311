import { pathName, routeOfRequest } from "../access";
import { HTTP_METHODS } from "../aws";
import { known } from "../iam";
import { routeKey as keyOfRoute } from "../report/keys";
import type { Api, Route, StackFacts } from "../stack";
import type { Failure } from "./failures";
import type { DomainMapping, Identifiers } from "./identifiers";
import type { LogRecord } from "./records";

/** A request from its record. */
export interface LoggedRequest {
  readonly stage?: string;
  readonly method?: string;
  /** As requested, without stage and base path. */
  readonly path?: string;
}

/** A route that a request reached, or may have reached. */
export interface Candidate {
  readonly route: Route;
  readonly request: LoggedRequest;
}

/** The target of a request, as far as its record and the stacks show it. */
export interface Destination {
  /** Several where the record does not show which of them it was. */
  readonly candidates: readonly Candidate[];
  readonly stage?: string;
  /** The request as text: `GET /orders/7`. */
  readonly requested: string;
  /** For an API that is not in the stacks: its ID. */
  readonly unknownApi?: string;
  /** A custom domain name without a mapping in the stacks. */
  readonly unknownDomain?: string;
  /** For an API that is not in the stacks: its region, and its form according to the record. */
  readonly region?: string;
  readonly kind?: Api["kind"];
  /** The API, where it is in the stacks. */
  readonly api?: Api;
}

/** The request in a record, from all of its fields. */
interface RequestFields {
  readonly apiId?: string;
  readonly stage?: string;
  readonly method?: string;
  readonly template?: string;
  readonly routeKey?: string;
  readonly path?: string;
  readonly domain?: string;
}

/** One interpretation of a requested path. */
interface PathInterpretation {
  readonly path: string;
  readonly stage?: string;
}

/** Routes of an API that a record without a route may belong to. */
const MAX_POSSIBLE_ROUTES = 50;

/** Finds the route of a record among the routes of the stacks. */
export class RouteFinder {
  private readonly byApi = new Map<Api, Route[]>();
  private readonly byId = new Map<string, Api>();

  /** `areIdsReal`: the IDs of the stacks were assigned by AWS, not simulated. */
  constructor(
    facts: Pick<StackFacts, "apis" | "routes">,
    private readonly identifiers: Identifiers,
    private readonly areIdsReal: boolean,
  ) {
    for (const api of facts.apis) {
      const id = known(api.id);
      if (id !== undefined) this.byId.set(id, api);
      this.byApi.set(api, []);
    }
    for (const route of facts.routes) this.byApi.get(route.api)?.push(route);
  }

  find(record: LogRecord, failure: Failure): Destination {
    const fields = this.fields(record, failure);
    const { apiId, stage, method, template, routeKey, path, domain } = fields;
    const described = {
      requested: [method, path ?? template ?? routeKey].filter((part) => part !== undefined).join(" "),
      ...(stage === undefined ? {} : { stage }),
    };
    const api = apiId === undefined ? undefined : this.byId.get(apiId);
    if (apiId !== undefined && api === undefined && this.areIdsKnown())
      return { ...described, candidates: [], unknownApi: apiId, ...unknownApiOf(record, failure, fields) };
    const apis = api === undefined ? this.apisOf(domain) : [api];
    const found = routesWithKeys(
      apis.flatMap((api) => this.candidatesOf(api, fields)),
      fields,
    );
    const onStage = found.filter(({ route, request }) => isDeployedTo(route, request.stage));
    const candidates = onStage.length > 0 ? onStage : found;
    return {
      ...described,
      ...stageOf(candidates, stage),
      candidates,
      ...(api === undefined ? {} : { api }),
      ...(domain !== undefined && isCustom(domain) && !this.identifiers.domains.has(domain)
        ? { unknownDomain: domain }
        : {}),
    };
  }

  private fields(record: LogRecord, failure: Failure): RequestFields {
    const { fields, values } = record;
    // arn:aws:execute-api:REGION:********9012:API/STAGE/METHOD/PATH
    const [, fromArn, stageFromArn, methodFromArn, pathFromArn] =
      /^arn:[^:]*:execute-api:[^:]*:[^:]*:([^/]+)(?:\/([^/]+)(?:\/([^/]+)(\/.*)?)?)?/.exec(
        failure.resource ?? "",
      ) ?? [];
    const domain = fields.domainName?.toLowerCase().replace(/:\d+$/, "");
    // The domain name of a private API has the ID of the VPC endpoint after the ID of the API.
    const [, fromDomain] = /^([a-z0-9]+)(?:-vpce-[0-9a-f]+)?\.execute-api\./.exec(domain ?? "") ?? [];
    const mapping = this.mappingOf(domain, fields.path);
    const apiId =
      fields.apiId ?? fromArn ?? fromDomain ?? mapping?.apiId ?? values.find((value) => this.byId.has(value));
    const hasRouteKeys = apiId !== undefined && this.byId.get(apiId)?.kind === "WEBSOCKET";
    return defined({
      apiId,
      domain,
      stage: fields.stage ?? stageFromArn ?? mapping?.stage,
      method: hasRouteKeys ? undefined : (fields.method ?? methodFromArn)?.toUpperCase(),
      routeKey: fields.routeKey ?? (hasRouteKeys ? methodFromArn : undefined),
      path: fields.path ?? pathFromArn,
      template: this.templateOf(apiId, record),
    });
  }

  /** Whether an ID that the stacks do not have belongs to an API outside of them. */
  private areIdsKnown(): boolean {
    return this.areIdsReal && this.byId.size > 0 && this.byId.size === this.byApi.size;
  }

  private candidatesOf(api: Api, fields: RequestFields): readonly Candidate[] {
    const { stage, method, template, routeKey, path } = fields;
    const apiRoutes = this.byApi.get(api) ?? [];
    const request = defined({ stage, method });
    const candidates = (routes: readonly Route[], extraFields: LoggedRequest = {}): readonly Candidate[] =>
      routes.map((route) => ({ route, request: { ...request, ...extraFields } }));
    if (routeKey !== undefined) {
      const namedRoutes = apiRoutes.filter((route) => isNamed(route, routeKey));
      if (namedRoutes.length > 0) return candidates(namedRoutes, this.pathIn(namedRoutes, fields));
    }
    if (template !== undefined) {
      const namedRoutes = routesAt(apiRoutes, template, method);
      if (namedRoutes.length > 0) return candidates(namedRoutes, this.pathIn(namedRoutes, fields));
    }
    if (path === undefined && template === undefined)
      return identifiesRoute(fields) ? [] : candidates(possibleRoutes(apiRoutes, method));
    const interpretations = path === undefined ? [] : this.interpretations(api, path, fields);
    // The resource path in execution logs is the path of the request.
    const templateInterpretations =
      template === undefined ? [] : [{ path: template }, ...this.interpretations(api, template, fields)];
    for (const candidate of [...interpretations, ...templateInterpretations]) {
      const routes = routesOfRequest(apiRoutes, method, candidate.path);
      if (routes.length > 0) return candidates(routes, requestOf(candidate));
    }
    return [];
  }

  /** The path of a request whose route is known, where its stage and base path can be determined. */
  private pathIn(routes: readonly Route[], fields: RequestFields): LoggedRequest {
    const [route] = routes;
    if (route === undefined || fields.path === undefined) return {};
    const found = this.interpretations(route.api, fields.path, fields).find(
      (candidate) => routesOfRequest(routes, fields.method, candidate.path).length > 0,
    );
    return found === undefined ? {} : requestOf(found);
  }

  /**
   * `$context.path` begins with the stage's name, or with the base path of a custom domain name.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
   */
  private interpretations(
    api: Api,
    path: string,
    { stage, domain }: RequestFields,
  ): readonly PathInterpretation[] {
    const plain = path.replace(/[?#].*$/, "").replace(/(.)\/+$/, "$1");
    const stages = stage === undefined ? this.stagesOf(api) : [stage];
    const byStage =
      domain !== undefined && isCustom(domain)
        ? []
        : stages.flatMap((name) => pathAfter(plain, name).map((rest) => ({ path: rest, stage: name })));
    const mappings = domain === undefined || isCustom(domain) ? this.mappingsOf(api, domain) : [];
    const byBasePath = [...mappings]
      .sort((a, b) => b.basePath.length - a.basePath.length)
      .flatMap((mapping) =>
        pathAfter(plain, mapping.basePath).map((rest) => ({
          path: rest,
          ...defined({ stage: mapping.stage ?? stage }),
        })),
      );
    return [...byStage, ...byBasePath, { path: plain }];
  }

  private stagesOf(api: Api): readonly string[] {
    const stages = (this.byApi.get(api) ?? []).flatMap((route) => route.stages);
    return [...new Set(stages.flatMap(({ name }) => known(name) ?? []))];
  }

  /** The APIs that a domain name maps to; all APIs where that is unknown. */
  private apisOf(domain: string | undefined): readonly Api[] {
    const mapped = (domain === undefined ? undefined : this.identifiers.domains.get(domain)) ?? [];
    const apis = new Set(mapped.flatMap(({ apiId }) => this.byId.get(apiId) ?? []));
    return apis.size > 0 ? [...apis] : [...this.byApi.keys()];
  }

  private mappingsOf(api: Api, domain: string | undefined): readonly DomainMapping[] {
    const id = known(api.id);
    const mappings =
      domain === undefined
        ? [...this.identifiers.domains.values()].flat()
        : (this.identifiers.domains.get(domain) ?? []);
    return mappings.filter(({ apiId }) => apiId === id);
  }

  private templateOf(id: string | undefined, { fields, values }: LogRecord): string | undefined {
    if (fields.resourcePath !== undefined) return fields.resourcePath;
    for (const resource of fields.resourceId === undefined ? values : [fields.resourceId])
      for (const api of id === undefined ? this.byId.keys() : [id]) {
        const path = this.identifiers.paths.get(`${api}/${resource}`);
        if (path !== undefined) return path;
      }
    return undefined;
  }

  /**
   * The longest base path that the request's path begins with; it may have several levels.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
   */
  private mappingOf(
    domain: string | undefined,
    path: string | undefined,
  ): Partial<DomainMapping> | undefined {
    const mappings = domain === undefined ? [] : (this.identifiers.domains.get(domain) ?? []);
    const matching = mappings.filter(
      ({ basePath }) => basePath === "" || path === undefined || `${path}/`.startsWith(`/${basePath}/`),
    );
    if (path === undefined && matching.length > 1) return undefined;
    return [...matching].sort((a, b) => b.basePath.length - a.basePath.length)[0];
  }
}

function unknownApiOf(
  { fields }: LogRecord,
  { resource }: Failure,
  { domain }: RequestFields,
): Pick<Destination, "region" | "kind"> {
  const [, inArn] = /^arn:[^:]*:execute-api:([a-z\d-]+):/.exec(resource ?? "") ?? [];
  const [, inDomain] = /\.execute-api\.([a-z\d-]+)\./.exec(domain ?? "") ?? [];
  const isRest = fields.resourcePath !== undefined || fields.resourceId !== undefined;
  const kind = fields.routeKey !== undefined ? "HTTP" : isRest ? "REST" : undefined;
  return defined({ region: inArn ?? inDomain, kind });
}

/** Whether a domain name is a custom domain name. */
function isCustom(domain: string): boolean {
  return !/^[a-z0-9-]+\.execute-api\.[a-z0-9-]+\./.test(domain);
}

/**
 * Logs of REST APIs have no route key.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
function routesWithKeys(candidates: readonly Candidate[], { routeKey }: RequestFields): readonly Candidate[] {
  const withRouteKey = candidates.filter(({ route }) => route.api.kind !== "REST");
  return routeKey !== undefined && withRouteKey.length > 0 ? withRouteKey : candidates;
}

function identifiesRoute({ template, routeKey, path }: RequestFields): boolean {
  return template !== undefined || routeKey !== undefined || path !== undefined;
}

function stageOf(candidates: readonly Candidate[], stage: string | undefined): Pick<Destination, "stage"> {
  if (stage !== undefined) return {};
  const stages = new Set(candidates.map(({ request }) => request.stage));
  const [only] = stages;
  return stages.size === 1 && only !== undefined ? { stage: only } : {};
}

function requestOf({ path, stage }: PathInterpretation): LoggedRequest {
  // Policies name the decoded path of a request.
  return defined({ stage, path: /[%{]/.test(path) ? undefined : path });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html */
function isNamed({ verb, path, unknownBody }: Route, routeKey: string): boolean {
  return unknownBody === undefined && `${verb} ${pathName(path)}`.trim() === routeKey;
}

function routesAt(routes: readonly Route[], template: string, method: string | undefined): readonly Route[] {
  const atPath = routes.filter((route) => known(route.path) === template);
  const ofMethod = atPath.filter((route) => route.verb === method);
  return ofMethod.length > 0
    ? ofMethod
    : atPath.filter((route) => route.verb === "ANY" || method === undefined);
}

/** A stage variable makes a route of each function that it names. */
function routesOfRequest(
  routes: readonly Route[],
  method: string | undefined,
  path: string,
): readonly Route[] {
  const methods = method === undefined ? HTTP_METHODS : [method];
  const keys = new Set(
    methods.flatMap((method) => {
      const route = routeOfRequest(routes, method, path);
      return route === undefined ? [] : [keyOfRoute(route)];
    }),
  );
  return routes.filter((route) => keys.has(keyOfRoute(route)));
}

/** The possible routes of a request whose record has no route. */
function possibleRoutes(routes: readonly Route[], method: string | undefined): readonly Route[] {
  const matching = routes.filter(
    ({ verb, path }) => method === undefined || path.length === 0 || verb === method || verb === "ANY",
  );
  return matching.length > MAX_POSSIBLE_ROUTES ? [] : matching;
}

function isDeployedTo(route: Route, stage: string | undefined): boolean {
  return (
    stage === undefined ||
    route.stages.length === 0 ||
    route.stages.some(({ name }) => (known(name) ?? stage) === stage)
  );
}

function pathAfter(path: string, prefix: string): readonly string[] {
  return prefix !== "" && `${path}/`.startsWith(`/${prefix}/`) ? [path.slice(prefix.length + 1) || "/"] : [];
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
