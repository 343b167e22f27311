import { isObject } from "../iam";
import { type AccountResource, accountResource, type Entry } from "./resource";

type Service = "apigateway" | "apigatewayv2";

/** Parts of an API, in the output of a command that does not name the API. */
export interface ApiParts {
  readonly service: Service;
  /** For a REST API: the id of its root resource, which identifies the API. */
  readonly rootResourceId?: string;
  readonly resourcesOf: (apiId: string) => readonly AccountResource[];
}

const TYPES: Readonly<Record<Service, string>> = {
  apigateway: "aws:apigateway/restApi:RestApi",
  apigatewayv2: "aws:apigatewayv2/api:Api",
};

/** Whether a resource is an API itself, and not a part of one. */
export function isApi({ type }: Pick<AccountResource, "type">): boolean {
  return Object.values(TYPES).includes(type);
}

/**
 * A REST API from `aws apigateway get-rest-api` or `get-rest-apis`.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApi.html
 */
export function restApi(entry: Entry): readonly AccountResource[] {
  const { id, name, rootResourceId, endpointConfiguration, policy } = entry;
  if (typeof id !== "string") return [];
  return [
    accountResource(id, TYPES.apigateway, String(name), {
      owner: id,
      props: {
        id,
        name,
        rootResourceId,
        ...(isObject(endpointConfiguration) ? { endpointConfiguration } : {}),
        ...(typeof policy === "string" && policy !== "" ? { policy: unescaped(policy) } : {}),
      },
    }),
  ];
}

/** API Gateway returns a policy as JSON with escaped quotation marks. */
function unescaped(policy: string): string {
  if (!policy.startsWith('{\\"')) return policy;
  try {
    return String(JSON.parse(`"${policy}"`));
  } catch {
    return policy;
  }
}

/**
 * The resources of a REST API with their methods and integrations, from `aws apigateway get-resources --embed methods`.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
 */
export function restResources(items: readonly Entry[]): ApiParts {
  const root = items.find(({ path }) => path === "/")?.id;
  return {
    service: "apigateway",
    ...(typeof root === "string" ? { rootResourceId: root } : {}),
    resourcesOf: (apiId) => items.flatMap((item) => restResource(apiId, item)),
  };
}

function restResource(apiId: string, item: Entry): readonly AccountResource[] {
  const { id: resourceId, path, parentId, pathPart, resourceMethods } = item;
  const part = (type: string, name: string, props: Entry): AccountResource =>
    accountResource(apiId, `aws:apigateway/${type}`, name, {
      owner: apiId,
      props: { restApi: apiId, ...props },
    });
  const methods = isObject(resourceMethods) ? Object.entries(resourceMethods) : [];
  return [
    ...(path === "/"
      ? []
      : [part("resource:Resource", String(path), { id: resourceId, path, parentId, pathPart })]),
    ...methods.flatMap(([httpMethod, method]): readonly AccountResource[] => {
      // Without `--embed methods`, the output has only the names of the methods.
      if (!isObject(method) || typeof method.authorizationType !== "string") return [];
      const name = `${httpMethod} ${path}`;
      const { authorizationType: authorization, authorizerId, methodIntegration } = method;
      return [
        part("method:Method", name, { resourceId, httpMethod, authorization, authorizerId }),
        ...(isObject(methodIntegration)
          ? [
              part(
                "integration:Integration",
                name,
                restIntegration(methodIntegration, resourceId, httpMethod),
              ),
            ]
          : []),
      ];
    }),
  ];
}

function restIntegration(
  { type, uri, credentials, httpMethod: integrationHttpMethod }: Entry,
  resourceId: unknown,
  httpMethod: string,
): Entry {
  return { resourceId, httpMethod, type, uri, credentials, integrationHttpMethod };
}

/**
 * An HTTP or WebSocket API from `aws apigatewayv2 get-api` or `get-apis`.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
 */
export function httpApi(entry: Entry): readonly AccountResource[] {
  const { ApiId: id, Name: name, ProtocolType: protocolType, ApiEndpoint } = entry;
  if (typeof id !== "string") return [];
  const [, region] = /\.execute-api\.([a-z0-9-]+)\./.exec(String(ApiEndpoint)) ?? [];
  return [
    accountResource(id, TYPES.apigatewayv2, String(name), {
      owner: id,
      props: { id, name, protocolType, ...(region === undefined ? {} : { region }) },
    }),
  ];
}

/** The contents of each list of `aws apigatewayv2`, by the id that its entries have. */
const HTTP_PARTS: Readonly<
  Record<string, (id: string, entry: Entry) => readonly [type: string, props: Entry]>
> = {
  RouteId: (id, { RouteKey, Target, AuthorizationType, AuthorizerId }) => [
    "route:Route",
    {
      id,
      routeKey: RouteKey,
      target: Target,
      authorizationType: AuthorizationType,
      authorizerId: AuthorizerId,
    },
  ],
  IntegrationId: (id, entry) => [
    "integration:Integration",
    {
      id,
      integrationType: entry.IntegrationType,
      integrationUri: entry.IntegrationUri,
      integrationMethod: entry.IntegrationMethod,
      integrationSubtype: entry.IntegrationSubtype,
      credentialsArn: entry.CredentialsArn,
    },
  ],
  AuthorizerId: (id, entry) => [
    "authorizer:Authorizer",
    {
      id,
      name: entry.Name,
      authorizerType: entry.AuthorizerType,
      authorizerUri: entry.AuthorizerUri,
      authorizerCredentialsArn: entry.AuthorizerCredentialsArn,
    },
  ],
};

/** In the order in which lists are recognized: routes may have an authorizer id as well. */
export const HTTP_PART_IDS: readonly string[] = Object.keys(HTTP_PARTS);

/**
 * The routes, integrations or authorizers of an HTTP or WebSocket API.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
 */
export function httpParts(idKey: string, entries: readonly Entry[]): ApiParts {
  return {
    service: "apigatewayv2",
    resourcesOf: (apiId) =>
      entries.flatMap((entry): readonly AccountResource[] => {
        const id = entry[idKey];
        const part = typeof id === "string" ? HTTP_PARTS[idKey]?.(id, entry) : undefined;
        if (part === undefined) return [];
        const [type, props] = part;
        return [
          accountResource(apiId, `aws:apigatewayv2/${type}`, String(id), {
            owner: apiId,
            props: { apiId, ...props },
          }),
        ];
      }),
  };
}

/**
 * The API that parts belong to: the REST API that has their root resource, else the API whose id is in the name of the
 * file. `undefined` where it cannot be determined.
 */
export function apiOfParts(
  { service, rootResourceId }: ApiParts,
  file: string,
  apis: readonly AccountResource[],
): string | undefined {
  const ofService = apis.filter(({ type }) => type === TYPES[service]);
  const byRoot = ofService.find(
    ({ props }) => rootResourceId !== undefined && props.rootResourceId === rootResourceId,
  );
  if (byRoot !== undefined) return byRoot.owner;
  const words = new Set(file.match(/[a-z0-9]+/g));
  const [only, ...more] = new Set(ofService.map(({ owner }) => owner).filter((id) => words.has(id)));
  return more.length > 0 ? undefined : only;
}
