import { parseInvocationUri, text, Unknown } from "../iam";
import { argument, type Language, list, message, type Phrase, writeExample } from "../messages";
import { describeInvocationUri, type InvocationUriProblem } from "../messages/policies/invocation-uri";
import {
  fieldOf,
  isFunctionArn,
  isInvocation,
  type Kind,
  nameOf,
  type Operation,
  type Planned,
  partitionOf,
  read,
  readBody,
} from "../stack";
import type { Remediation } from "./definition";
import type { Metadata, ResourcePolicy } from "./framework";
import { authorizerProblem, leftoverProblem, uriProblem } from "./invocation-uri";

const metadata: Metadata = {
  name: "lambda-integration-request",
  displayName: "Lambda integrations send a request that can work",
  description:
    "A Lambda integration whose method is not POST, whose URI (or its authorizer's) is malformed, or whose URI and transfer mode disagree cannot work.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps: 'Set integrationHttpMethod to "POST" and uri to the function\'s invokeArn.',
};

const KINDS: readonly Kind[] = [
  "RestIntegration",
  "RestMethod",
  "RestAuthorizer",
  "HttpIntegration",
  "HttpAuthorizer",
  "RestApi",
  "RestApiPut",
  "HttpApi",
];

export const lambdaIntegrationRequest: ResourcePolicy = {
  kind: "resource",
  metadata,
  options: {},
  requires: [],
  kinds: KINDS,
  check: (planned, language) => {
    switch (planned.kind) {
      case "RestIntegration":
      case "HttpIntegration":
      case "RestMethod":
        return faultsOf(requestOf(planned)).map((fault) => said(fault, WHY, language));
      case "RestAuthorizer":
      case "HttpAuthorizer":
        return authorizerFaults(planned).map((fault) => said(fault, WHY_AUTHORIZER, language));
      default:
        return faultsOfApi(planned, language);
    }
  },
  remediate: remediated,
};

interface Fault {
  readonly what: string;
  /** Set where the URI names a version of Lambda's API that is not documented for it. */
  readonly kind?: "version";
  readonly fix: Phrase;
}

const INVOKE_ARN = { urn: "fn", property: "invokeArn" };

function uriFault(problem: InvocationUriProblem | undefined): Fault | undefined {
  if (problem === undefined) return undefined;
  const { finding, fix } = describeInvocationUri(problem);
  return { what: finding, fix, ...(problem.code === "version" ? { kind: problem.code } : {}) };
}

/** The method alone has one right value. A body is the author's text, and is left alone. */
function remediated(planned: Planned): Remediation | undefined {
  const { kind } = planned;
  if (kind !== "RestIntegration" && kind !== "HttpIntegration" && kind !== "RestMethod") return undefined;
  const request = requestOf(planned);
  const target = targetOf(request);
  if (target === undefined || methodFault(request, target) === undefined) return undefined;
  const { method } = request.names;
  return {
    path: kind === "RestMethod" ? [nameOf(planned, "integration"), method] : [nameOf(planned, method)],
    value: "POST",
  };
}

function said({ what, fix }: Fault, why: string, language: Language): string {
  return message([`${what}.`, why, `Fix: ${writeExample(fix, language)}.`]);
}

function authorizerFaults(planned: Planned): readonly Fault[] {
  const fault = uriFault(
    authorizerProblem({
      uri: read(planned, "authorizerUri"),
      rest: planned.kind === "RestAuthorizer",
      partition: partitionOf(planned),
    }),
  );
  return fault === undefined ? [] : [fault];
}

const WHY =
  'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integrations.html); callers get 500 "Internal server error".';

const WHY_AUTHORIZER =
  // As reported: https://github.com/hashicorp/terraform-provider-aws/pull/1757
  'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html): "Invalid Authorizer URI: … Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."';

function faultsOfApi(planned: Planned, language: Language): readonly string[] {
  const faults = [...faultsOfTarget(planned, language), ...faultsOfBody(planned, language)];
  return faults.length === 0 ? [] : [message([...faults, WHY])];
}

/** Quick create: the function that all requests to an HTTP API go to, by its ARN, or a URL. */
function faultsOfTarget(planned: Planned, language: Language): readonly string[] {
  const target = planned.kind === "HttpApi" ? read(planned, "target") : undefined;
  if (typeof target !== "string" || target.length > LONGEST_URI || /^https?:/i.test(target)) return [];
  const fault = uriFault(
    leftoverProblem(target, "target") ?? uriProblem(target, "target", partitionOf(planned)),
  );
  return fault === undefined ? [] : [`${fault.what}. Fix: ${writeExample(fault.fix, language)}.`];
}

/** The operations of a body at fault, as `GET /orders`, and the names of its authorizers that are. */
export function atFaultInBody(planned: Planned): ReadonlySet<string> {
  return new Set(bodyFaults(planned).map(({ place }) => place));
}

interface FaultInBody {
  /** `GET /orders`, or `authorizer NAME`. */
  readonly place: string;
  readonly fault: Fault;
}

function bodyFaults(planned: Planned): readonly FaultInBody[] {
  const body = readBody(planned);
  if (body === undefined || body instanceof Unknown) return [];
  const rest = planned.kind !== "HttpApi";
  const partition = partitionOf(planned);
  return [
    ...body.operations.flatMap((operation) =>
      faultsOf({ ...requestOfOperation(operation, rest), partition }).map((fault) => ({
        place: `${operation.verb} ${operation.path}`,
        fault,
      })),
    ),
    ...body.authorizers.flatMap(({ name, uri }) => {
      const fault = uriFault(authorizerProblem({ uri, rest, partition }));
      return fault === undefined ? [] : [{ place: `authorizer ${name}`, fault }];
    }),
  ];
}

/** All faults of a body, one part of the message for each kind of fault. Its keys are the same in each language. */
function faultsOfBody(planned: Planned, language: Language): readonly string[] {
  const places = new Map<string, string[]>();
  for (const { place, fault } of bodyFaults(planned)) {
    const said = `${fault.what}. Fix: ${writeExample(fault.fix, language === "typescript" ? language : "json")}.`;
    places.set(said, [...(places.get(said) ?? []), place]);
  }
  return [...places].map(([said, some]) => `In the body, ${list(some)}: ${said}`);
}

/** The request of an integration, as far as it is known: `undefined` is absent, {@link Unknown} is not shown. */
interface IntegrationRequest {
  /** APIs of version 2 are less particular: they take ARNs, and send POST unless configured otherwise. */
  readonly rest: boolean;
  readonly partition: string | undefined;
  readonly type: unknown;
  readonly uri: unknown;
  readonly method: unknown;
  readonly transfer: unknown;
  /** What the settings are called where the integration is. */
  readonly names: { readonly method: string; readonly uri: string; readonly transfer: string };
}

const PROPERTIES = { method: "integrationHttpMethod", uri: "uri", transfer: "responseTransferMode" };

function requestOf(planned: Planned): IntegrationRequest {
  if (planned.kind === "HttpIntegration") {
    const subtype = read(planned, "integrationSubtype");
    return {
      rest: false,
      partition: partitionOf(planned),
      type: subtype === undefined ? read(planned, "integrationType") : undefined,
      uri: read(planned, "integrationUri"),
      method: read(planned, "integrationMethod"),
      transfer: undefined,
      names: { ...PROPERTIES, method: "integrationMethod", uri: "integrationUri" },
    };
  }
  const given = (name: string): unknown =>
    planned.kind === "RestMethod" ? fieldOf(read(planned, "integration"), name) : read(planned, name);
  return {
    rest: true,
    partition: partitionOf(planned),
    type: given("type"),
    uri: given("uri"),
    method: given("integrationHttpMethod"),
    transfer: given("responseTransferMode"),
    names: PROPERTIES,
  };
}

function requestOfOperation(
  { integration }: Operation,
  rest: boolean,
): Omit<IntegrationRequest, "partition"> {
  const { type, uri, method, responseTransferMode, subtype } =
    integration === undefined || integration instanceof Unknown ? NO_INTEGRATION : integration;
  return {
    rest,
    type: subtype === undefined ? type : undefined,
    uri,
    // What an HTTP API makes of the method in its body is documented nowhere.
    method: rest ? method : undefined,
    transfer: responseTransferMode,
    names: { ...PROPERTIES, method: "httpMethod" },
  };
}

const NO_INTEGRATION = {
  type: undefined,
  uri: undefined,
  method: undefined,
  responseTransferMode: undefined,
  subtype: undefined,
};

const LONGEST_URI = 8192;

interface Target {
  readonly kind: "AWS" | "AWS_PROXY";
  readonly uri: string | undefined;
  /** Whether the URI invokes a function. */
  readonly invokes: boolean;
  /** Whether the URI is a function's ARN. */
  readonly bare: boolean;
}

/** What an integration with an AWS service calls; `undefined` of others. */
function targetOf(request: IntegrationRequest): Target | undefined {
  const kind = typeof request.type === "string" ? request.type.toUpperCase() : undefined;
  if (kind !== "AWS" && kind !== "AWS_PROXY") return undefined;
  const uri = typeof request.uri === "string" && request.uri.length <= LONGEST_URI ? request.uri : undefined;
  return {
    kind,
    uri,
    invokes: uri !== undefined && isInvocation(uri, kind),
    bare: uri !== undefined && isFunctionArn(uri),
  };
}

function faultsOf(request: IntegrationRequest): readonly Fault[] {
  const { rest, names } = request;
  const target = targetOf(request);
  if (target === undefined) return [];
  const { kind, uri, invokes, bare } = target;
  const method = methodFault(request, target);
  const type = streamedTypeFault(request, kind);
  const faults = [method, type].filter((fault) => fault !== undefined);
  if (uri === undefined) return faults;
  const leftover =
    kind === "AWS_PROXY" || invokes || bare ? uriFault(leftoverProblem(uri, names.uri)) : undefined;
  if (leftover !== undefined) return [...faults, leftover];
  if (bare && rest)
    return [
      ...faults,
      {
        // As reported: https://github.com/localstack/localstack/pull/12324
        what: "The integration's URI is the function's ARN; a REST API needs the URI that invokes it (BadRequestException: AWS ARN for integration must contain path or action)",
        fix: [argument(names.uri, INVOKE_ARN)],
      },
    ];
  const wrong = bare || invokes ? uriFault(uriProblem(uri, names.uri, request.partition)) : undefined;
  if (wrong !== undefined) {
    const fault = rest ? fixedByMode(wrong, request, uri) : wrong;
    return [...faults, rest && kind === "AWS_PROXY" ? withRefusal(fault) : fault];
  }
  const transfer = rest && invokes && type === undefined ? transferFault(request, uri, kind) : undefined;
  return transfer === undefined ? faults : [...faults, transfer];
}

/** Of the two forms of the URI, that of the transfer mode; both where the URI and the mode disagree. */
function fixedByMode(fault: Fault, { transfer, names }: IntegrationRequest, uri: string): Fault {
  if (fault.kind !== "version") return fault;
  const streamed = argument(names.uri, STREAMING_ARN);
  if (isStream(transfer)) return { ...fault, fix: [streamed] };
  return uri.endsWith("/response-streaming-invocations")
    ? {
        ...fault,
        fix: [argument(names.transfer, "STREAM"), " and ", streamed, ", or ", ...[fault.fix].flat()],
      }
    : fault;
}

/**
 * API Gateway streams the responses of proxy integrations only, whatever the URI is:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
function streamedTypeFault(
  { rest, transfer, names }: IntegrationRequest,
  kind: Target["kind"],
): Fault | undefined {
  if (!rest || kind !== "AWS" || !isStream(transfer)) return undefined;
  return {
    what: "The integration's transfer mode is STREAM, and its type AWS maps the response: only proxy integrations (AWS_PROXY, HTTP_PROXY) stream one",
    fix: [
      argument("type", "AWS_PROXY"),
      " with ",
      argument(names.uri, STREAMING_ARN),
      `, or no ${names.transfer}`,
    ],
  };
}

const STREAMING_ARN = { urn: "fn", property: "responseStreamingInvokeArn" };

function isStream(transfer: unknown): boolean {
  return typeof transfer === "string" && transfer.toUpperCase() === "STREAM";
}

/** How API Gateway refuses a proxy integration of another path: https://github.com/localstack/localstack/pull/12324 */
function withRefusal(fault: Fault): Fault {
  return fault.kind === "version"
    ? {
        ...fault,
        what: `${fault.what} (BadRequestException: Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.)`,
      }
    : fault;
}

/**
 * Lambda's Invoke takes POST only. A REST API needs it said, takes any other, and answers 500
 * (https://github.com/localstack/localstack/pull/10512); an API of version 2 takes it for granted, and refuses any other:
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html, as reported in
 * https://github.com/hashicorp/terraform-provider-aws/issues/42391
 */
function methodFault(request: IntegrationRequest, { kind, invokes, bare }: Target): Fault | undefined {
  const { rest, method, uri, names } = request;
  if (method instanceof Unknown || isPost(method) || (!rest && typeof method !== "string")) return undefined;
  // A proxy integration with an AWS service is one with Lambda, whatever its URI will be: an HTTP API has others only
  // with a subtype.
  const surelyLambda = kind === "AWS_PROXY" && (!rest || uri instanceof Unknown || typeof uri !== "string");
  if (!invokes && !bare && !surelyLambda) return undefined;
  const written = typeof method === "string" ? shownMethod(method) : "no method";
  return {
    what: `The Lambda integration calls the function with ${written}: Lambda's Invoke takes POST only${rest || kind === "AWS" ? "" : " (BadRequestException: HttpMethod must be POST for AWS_PROXY IntegrationType)"}`,
    fix: [argument(names.method, "POST"), " (the route's own method stays as it is)"],
  };
}

/**
 * How API Gateway refuses a proxy integration whose URI and transfer mode disagree, as reported:
 * https://github.com/hashicorp/terraform-provider-aws/issues/45649 (STREAM), and in the comment on what `createMethod`
 * forwards in https://github.com/go-to-k/cdkd (BUFFERED).
 */
const REFUSED = {
  STREAM:
    " (BadRequestException: Invalid ResponseTransferMode. ResponseTransferMode STREAM is only supported for Lambda functions invoked by InvokeWithResponseStream for AWS_PROXY integrations)",
  BUFFERED:
    " (BadRequestException: Invalid ResponseTransferMode. Cannot use ResponseTransferMode BUFFERED for Lambda functions invoked by InvokeWithResponseStream for AWS_PROXY integrations)",
} as const;

function transferFault(
  { transfer, names }: IntegrationRequest,
  uri: string,
  kind: Target["kind"],
): Fault | undefined {
  if (transfer instanceof Unknown) return undefined;
  const streaming = parseInvocationUri(text(uri))?.streaming === true;
  const mode = isStream(transfer) ? "STREAM" : "BUFFERED";
  if (streaming === (mode === "STREAM")) return undefined;
  const refused = kind === "AWS_PROXY" ? REFUSED[mode] : "";
  return {
    what: `${
      streaming
        ? "The integration's URI streams the response, but its transfer mode is not STREAM"
        : "The integration's transfer mode is STREAM, but its URI does not stream the response"
    }${refused}`,
    fix: streaming
      ? [argument(names.transfer, "STREAM"), ", or ", argument(names.uri, INVOKE_ARN)]
      : [argument(names.uri, STREAMING_ARN)],
  };
}

/** What is not a verb may be anything, a secret too. */
function shownMethod(method: string): string {
  return /^[A-Z]{3,7}$/i.test(method) ? method : "another method";
}

function isPost(method: unknown): boolean {
  return typeof method === "string" && method.toUpperCase() === "POST";
}
