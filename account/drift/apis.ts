import { fieldOf, plainCopy, read } from "../../stack";
import { type AccountResource, type Entry, parsedObject } from "../resource";
import { sameDocument } from "./documents";
import { type DriftPart, type DriftSubject, type FoundDrift, NOTHING, type Reader } from "./model";
import { textOf } from "./principals";

const REST_API = "aws:apigateway/restApi:RestApi";

function policyOf(subject: DriftSubject, apiId: string | undefined, policy: unknown): readonly FoundDrift[] {
  const [api] = subject.account.partsOf(REST_API, apiId);
  if (api === undefined) return NOTHING;
  const name = String(api.props.name);
  const subjectOfDrift = { part: "api-policy", holder: name, name, evidenceUrn: api.urn } as const;
  if (api.props.policy === undefined)
    return typeof policy === "string" && parsedObject(policy) === undefined
      ? NOTHING
      : [{ ...subjectOfDrift, code: "missing" }];
  return sameDocument(api.props.policy, policy) ? NOTHING : [{ ...subjectOfDrift, code: "differs" }];
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
type Compared = readonly [inState: unknown, inAws: unknown];

/** `…/functions/arn:aws:lambda:…/invocations` is an invocation of that function, in any notation. */
function uri(value: unknown): unknown {
  return typeof value === "string" ? (/functions\/(arn:.*)\/invocations$/.exec(value)?.[1] ?? value) : value;
}

function isSame([inState, inAws]: Compared): boolean {
  const [a, b] = [inState ?? "", inAws ?? ""];
  return typeof a !== "string" || typeof b !== "string" || a === b;
}

/** A part of an API that account data must contain, where its list is complete. */
function partOf(
  subject: DriftSubject,
  { part, type, apiId, name }: { part: DriftPart; type: string; apiId: string | undefined; name: string },
  find: (entry: Entry) => boolean,
  compare: (entry: Entry) => readonly Compared[],
): readonly FoundDrift[] {
  const apiParts: readonly AccountResource[] = subject.account.partsOf(type, apiId);
  const [first] = apiParts;
  if (first === undefined || apiId === undefined) return NOTHING;
  const partInAws = apiParts.find(({ props }) => find(props));
  const holder = subject.account.nameOfApi(apiId);
  const subjectOfDrift = { part, holder, name, evidenceUrn: partInAws?.urn ?? first.urn } as const;
  if (partInAws === undefined)
    return subject.account.isPartial(apiId) ? NOTHING : [{ ...subjectOfDrift, code: "missing" }];
  return compare(partInAws.props).every(isSame) ? NOTHING : [{ ...subjectOfDrift, code: "differs" }];
}

const NO_AUTHORIZATION = "NONE";

/** The position of a method: its resource and its HTTP method. */
function methodPosition(subject: DriftSubject) {
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

const restIntegration = (
  subject: DriftSubject,
  inState: (property: string) => unknown,
): readonly FoundDrift[] => {
  const { find, ...methodPart } = methodPosition(subject);
  return partOf(
    subject,
    { ...methodPart, part: "integration", type: "aws:apigateway/integration:Integration" },
    find,
    ({ type, uri: uriInAws, credentials }) => [
      [inState("type"), type],
      [uri(inState("uri")), uri(uriInAws)],
      [inState("credentials"), credentials],
    ],
  );
};

const restMethod: Reader = (subject) => {
  const { planned } = subject;
  const { find, ...methodPart } = methodPosition(subject);
  const integration = read(planned, "integration");
  return [
    ...partOf(
      subject,
      { ...methodPart, part: "method", type: "aws:apigateway/method:Method" },
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
    compare: (inState: (property: string) => unknown, entry: Entry) => readonly Compared[],
  ): Reader =>
  (subject) => {
    const { planned } = subject;
    const { routeId, id: resourceId } = plainCopy(planned.resource.props, []) as Entry;
    const id = textOf(subject, "id") ?? routeId ?? resourceId ?? subject.id;
    const httpPartOfApi = { part, type: `aws:apigatewayv2/${type}`, name: planned.name };
    return partOf(
      subject,
      { ...httpPartOfApi, apiId: typeof id === "string" ? textOf(subject, "apiId") : undefined },
      (entry) => entry.id === id,
      (entry) => compare((property) => read(planned, property), entry),
    );
  };

export const API_READERS = {
  RestApi: restApi,
  RestApiPolicy: (subject) => policyOf(subject, textOf(subject, "restApi"), read(subject.planned, "policy")),
  RestMethod: restMethod,
  RestIntegration: (subject) => restIntegration(subject, (property) => read(subject.planned, property)),
  HttpRoute: httpPart("route", "route:Route", (inState, entry) => [
    [inState("routeKey"), entry.routeKey],
    [inState("target"), entry.target],
    [inState("authorizationType") ?? NO_AUTHORIZATION, entry.authorizationType ?? NO_AUTHORIZATION],
    [inState("authorizerId"), entry.authorizerId],
  ]),
  HttpIntegration: httpPart("integration", "integration:Integration", (inState, entry) => [
    [inState("integrationType"), entry.integrationType],
    [uri(inState("integrationUri")), uri(entry.integrationUri)],
    [inState("credentialsArn"), entry.credentialsArn],
  ]),
  HttpAuthorizer: httpPart("authorizer", "authorizer:Authorizer", (inState, entry) => [
    [inState("authorizerType"), entry.authorizerType],
    [uri(inState("authorizerUri")), uri(entry.authorizerUri)],
    [inState("authorizerCredentialsArn"), entry.authorizerCredentialsArn],
  ]),
} as const satisfies Readonly<Record<string, Reader>>;
