import { fieldOf, plainCopy, read } from "../../stack";
import { type AccountResource, type Entry, parsedObject } from "../resource";
import { sameDocument } from "./documents";
import { type DriftPart, type FoundDrift, NOTHING, type Reader, type Subject } from "./model";
import { textOf } from "./principals";

const REST_API = "aws:apigateway/restApi:RestApi";

function policyOf(subject: Subject, apiId: string | undefined, policy: unknown): readonly FoundDrift[] {
  const [api] = subject.account.of(REST_API, apiId);
  if (api === undefined) return NOTHING;
  const name = String(api.props.name);
  const about = { part: "api-policy", holder: name, name, of: api.urn } as const;
  if (api.props.policy === undefined)
    return typeof policy === "string" && parsedObject(policy) === undefined
      ? NOTHING
      : [{ ...about, code: "missing" }];
  return sameDocument(api.props.policy, policy) ? NOTHING : [{ ...about, code: "differs" }];
}

/**
 * The properties of an API that the program itself sets: the state also contains a policy that another resource sets.
 */
const restApi: Reader = (subject) => {
  const { inputs } = subject.planned.resource;
  const policy = inputs === undefined ? undefined : (plainCopy(inputs, []) as Entry).policy;
  if (policy === undefined || policy === null || policy === "") return NOTHING;
  return policyOf(subject, textOf(subject, "id") ?? subject.id, policy);
};

/** A property in the stack and its value in AWS. */
type Compared = readonly [mine: unknown, yours: unknown];

/** `…/functions/arn:aws:lambda:…/invocations` is an invocation of that function, in any notation. */
function uri(value: unknown): unknown {
  return typeof value === "string" ? (/functions\/(arn:.*)\/invocations$/.exec(value)?.[1] ?? value) : value;
}

function isSame([mine, yours]: Compared): boolean {
  const [a, b] = [mine ?? "", yours ?? ""];
  return typeof a !== "string" || typeof b !== "string" || a === b;
}

/** A part of an API that account data must contain, where its list is complete. */
function partOf(
  subject: Subject,
  { part, type, apiId, name }: { part: DriftPart; type: string; apiId: string | undefined; name: string },
  find: (entry: Entry) => boolean,
  compare: (entry: Entry) => readonly Compared[],
): readonly FoundDrift[] {
  const all: readonly AccountResource[] = subject.account.of(type, apiId);
  const [first] = all;
  if (first === undefined || apiId === undefined) return NOTHING;
  const own = all.find(({ props }) => find(props));
  const holder = subject.account.nameOfApi(apiId);
  const about = { part, holder, name, of: own?.urn ?? first.urn } as const;
  if (own === undefined) return subject.account.isPartial(apiId) ? NOTHING : [{ ...about, code: "missing" }];
  return compare(own.props).every(isSame) ? NOTHING : [{ ...about, code: "differs" }];
}

const NO_AUTHORIZATION = "NONE";

/** The position of a method: its resource and its HTTP method. */
function place(subject: Subject) {
  const [apiId, resourceId, httpMethod] = [
    textOf(subject, "restApi"),
    textOf(subject, "resourceId"),
    textOf(subject, "httpMethod"),
  ];
  const isKnown = resourceId !== undefined && httpMethod !== undefined;
  return {
    apiId: isKnown ? apiId : undefined,
    name: subject.planned.name,
    find: (entry: Entry) => entry.resourceId === resourceId && entry.httpMethod === httpMethod,
  };
}

const restIntegration = (subject: Subject, of: (property: string) => unknown): readonly FoundDrift[] => {
  const { find, ...about } = place(subject);
  return partOf(
    subject,
    { ...about, part: "integration", type: "aws:apigateway/integration:Integration" },
    find,
    ({ type, uri: yours, credentials }) => [
      [of("type"), type],
      [uri(of("uri")), uri(yours)],
      [of("credentials"), credentials],
    ],
  );
};

const restMethod: Reader = (subject) => {
  const { planned } = subject;
  const { find, ...about } = place(subject);
  const integration = read(planned, "integration");
  return [
    ...partOf(
      subject,
      { ...about, part: "method", type: "aws:apigateway/method:Method" },
      find,
      ({ authorization, authorizerId }) => [
        [read(planned, "authorization") ?? NO_AUTHORIZATION, authorization ?? NO_AUTHORIZATION],
        [read(planned, "authorizerId"), authorizerId],
      ],
    ),
    // aws-native has the integration in the method.
    ...(integration === undefined
      ? NOTHING
      : restIntegration(subject, (property) => fieldOf(integration, property))),
  ];
};

const httpPart =
  (
    part: DriftPart,
    type: string,
    compare: (of: (property: string) => unknown, entry: Entry) => readonly Compared[],
  ): Reader =>
  (subject) => {
    const { planned } = subject;
    const { routeId, id: own } = plainCopy(planned.resource.props, []) as Entry;
    const id = textOf(subject, "id") ?? routeId ?? own ?? subject.id;
    const about = { part, type: `aws:apigatewayv2/${type}`, name: planned.name };
    return partOf(
      subject,
      { ...about, apiId: typeof id === "string" ? textOf(subject, "apiId") : undefined },
      (entry) => entry.id === id,
      (entry) => compare((property) => read(planned, property), entry),
    );
  };

export const API_READERS = {
  RestApi: restApi,
  RestApiPolicy: (subject) => policyOf(subject, textOf(subject, "restApi"), read(subject.planned, "policy")),
  RestMethod: restMethod,
  RestIntegration: (subject) => restIntegration(subject, (property) => read(subject.planned, property)),
  HttpRoute: httpPart("route", "route:Route", (of, entry) => [
    [of("routeKey"), entry.routeKey],
    [of("target"), entry.target],
    [of("authorizationType") ?? NO_AUTHORIZATION, entry.authorizationType ?? NO_AUTHORIZATION],
    [of("authorizerId"), entry.authorizerId],
  ]),
  HttpIntegration: httpPart("integration", "integration:Integration", (of, entry) => [
    [of("integrationType"), entry.integrationType],
    [uri(of("integrationUri")), uri(entry.integrationUri)],
    [of("credentialsArn"), entry.credentialsArn],
  ]),
  HttpAuthorizer: httpPart("authorizer", "authorizer:Authorizer", (of, entry) => [
    [of("authorizerType"), entry.authorizerType],
    [uri(of("authorizerUri")), uri(entry.authorizerUri)],
    [of("authorizerCredentialsArn"), entry.authorizerCredentialsArn],
  ]),
} as const satisfies Readonly<Record<string, Reader>>;
