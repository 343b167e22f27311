import { routeOfRequest } from "../access";
import { known } from "../iam";
import { showRoute } from "../messages";
import type { Api, Route, StackFacts } from "../stack";
import type { Failure } from "./failures";
import type { Identifiers } from "./identifiers";
import type { LogRecord } from "./records";

/** Where a request went, as far as its record and the stacks tell. */
export interface Destination {
  /** Several where the record does not say which API or stage it was, and each has the route. */
  readonly routes: readonly Route[];
  readonly stage?: string;
  /** The request in words: `GET /orders/7`. */
  readonly requested: string;
  /** Of an API that is not in the stacks: its id. */
  readonly unknownApi?: string;
}

interface Request {
  readonly method?: string;
  readonly template?: string;
  readonly routeKey?: string;
  /** Paths as they may have been requested, without stage and base path. */
  readonly paths: readonly string[];
}

/** Finds the route of a record among those of the stacks. */
export class RouteFinder {
  private readonly byApi = new Map<Api, Route[]>();
  private readonly byId = new Map<string, Api>();

  constructor(
    facts: Pick<StackFacts, "apis" | "routes">,
    private readonly identifiers: Identifiers,
  ) {
    for (const api of facts.apis) {
      const id = known(api.id);
      if (id !== undefined) this.byId.set(id, api);
      this.byApi.set(api, []);
    }
    for (const route of facts.routes) this.byApi.get(route.api)?.push(route);
  }

  find(record: LogRecord, failure: Failure): Destination {
    const { fields, values } = record;
    // arn:aws:execute-api:REGION:********9012:API/STAGE/METHOD/PATH
    const [, fromArn, stageFromArn, methodFromArn, pathFromArn] =
      /^arn:[^:]*:execute-api:[^:]*:[^:]*:([^/]+)(?:\/([^/]+)(?:\/([^/]+)(\/.*)?)?)?/.exec(
        failure.resource ?? "",
      ) ?? [];
    const domain = fields.domainName?.toLowerCase();
    const [, fromDomain] = /^([a-z0-9]+)\.execute-api\./.exec(domain ?? "") ?? [];
    const mapping = this.mappingOf(domain, fields.path);
    const id =
      fields.apiId ?? fromArn ?? fromDomain ?? mapping?.apiId ?? values.find((value) => this.byId.has(value));
    const stage = fields.stage ?? stageFromArn ?? mapping?.stage;
    const method = (fields.method ?? methodFromArn)?.toUpperCase();
    const path = fields.path ?? pathFromArn;
    const template = this.templateOf(id, record);
    const request: Request = {
      paths: path === undefined ? [] : relativePaths(path, stage, mapping?.basePath),
      ...(method === undefined ? {} : { method }),
      ...(template === undefined ? {} : { template }),
      ...(fields.routeKey === undefined ? {} : { routeKey: fields.routeKey }),
    };
    const about = {
      requested: [method, path ?? template ?? fields.routeKey].filter((part) => part !== undefined).join(" "),
      ...(stage === undefined ? {} : { stage }),
    };
    const api = id === undefined ? undefined : this.byId.get(id);
    if (
      id !== undefined &&
      api === undefined &&
      this.byId.size > 0 &&
      ![...this.byApi.keys()].some(hasUnknownId)
    )
      return { ...about, routes: [], unknownApi: id };
    const apis = api === undefined ? [...this.byApi.keys()] : [api];
    const found = apis.flatMap((one) => this.routesOf(one, request));
    const onStage = found.filter((route) => stage === undefined || isOn(route, stage));
    return { ...about, routes: onStage.length > 0 ? onStage : found };
  }

  private routesOf(api: Api, { method, template, routeKey, paths }: Request): readonly Route[] {
    const routes = this.byApi.get(api) ?? [];
    if (routeKey !== undefined) {
      const named = routes.filter((route) => showRoute(route) === routeKey);
      if (named.length > 0) return named;
    }
    if (template !== undefined) {
      const there = routes.filter((route) => known(route.path) === template);
      const own = there.filter((route) => route.verb === method);
      const named =
        own.length > 0 ? own : there.filter((route) => route.verb === "ANY" || method === undefined);
      if (named.length > 0) return named;
    }
    for (const path of template === undefined ? paths : [...paths, template]) {
      const route = method === undefined ? undefined : routeOfRequest(routes, method, path);
      // A stage variable makes a route of each function that it names.
      if (route !== undefined) return routes.filter((one) => showRoute(one) === showRoute(route));
    }
    return [];
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
   * The longest base path that a request's begins with.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
   */
  private mappingOf(domain: string | undefined, path: string | undefined) {
    const mappings = domain === undefined ? [] : (this.identifiers.domains.get(domain) ?? []);
    const fitting = mappings.filter(
      ({ basePath }) => basePath === "" || path === undefined || `${path}/`.startsWith(`/${basePath}/`),
    );
    if (path === undefined && fitting.length > 1) return undefined;
    return [...fitting].sort((a, b) => b.basePath.length - a.basePath.length)[0];
  }
}

function hasUnknownId(api: Api): boolean {
  return known(api.id) === undefined;
}

function isOn(route: Route, stage: string): boolean {
  return route.stages.length === 0 || route.stages.some(({ name }) => (known(name) ?? stage) === stage);
}

/** `$context.path` begins with the stage's name, or with the base path of a custom domain name. */
function relativePaths(
  path: string,
  stage: string | undefined,
  basePath: string | undefined,
): readonly string[] {
  const plain = path.replace(/[?#].*$/, "").replace(/(.)\/+$/, "$1");
  const without = (prefix: string | undefined): readonly string[] =>
    prefix !== undefined && prefix !== "" && `${plain}/`.startsWith(`/${prefix}/`)
      ? [plain.slice(prefix.length + 1) || "/"]
      : [];
  return [...without(basePath), ...without(stage), plain];
}
