import { parseInvocationUri, text, Unknown } from "../iam";
import type { InvocationUriProblem } from "../messages/policies/invocation-uri";
import {
  describeLambdaIntegrationRequest,
  type IntegrationProblem,
  type IntegrationSettings,
  type LambdaIntegrationRequestProblem,
  type ProblemInBody,
  summarizeLambdaIntegrationRequest,
  type UriProblem,
  type WrittenMethod,
} from "../messages/policies/lambda-integration-request";
import {
  fieldOf,
  isFunctionArn,
  isInvocation,
  nameOf,
  type Operation,
  partitionOf,
  type ReadableResource,
  type ResourceKind,
  read,
  readBody,
} from "../stack";
import { type Metadata, type ResourcePolicy, resourcePolicy } from "./framework/create-policy";
import type { Remediation } from "./framework/definition";
import { authorizerProblem, leftoverProblem, uriProblem } from "./framework/invocation-uri";

const metadata: Metadata = {
  name: "lambda-integration-request",
  displayName: "Lambda integrations send requests that Lambda accepts",
  description:
    "A Lambda integration cannot work if its method is not POST, if its URI (or that of its authorizer) is malformed, or if its URI and transfer mode do not match.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps: 'Set integrationHttpMethod to "POST" and uri to the function\'s invokeArn.',
};

const KINDS: readonly ResourceKind[] = [
  "RestIntegration",
  "RestMethod",
  "RestAuthorizer",
  "HttpIntegration",
  "HttpAuthorizer",
  "RestApi",
  "RestApiPut",
  "HttpApi",
];

export const lambdaIntegrationRequest: ResourcePolicy = resourcePolicy(metadata, {
  kinds: KINDS,
  problems: problemsOf,
  describe: describeLambdaIntegrationRequest,
  request: (problem, language) => ({
    ...summarizeLambdaIntegrationRequest(problem, language),
    ...(problem.code === "api" && { operations: new Set(problem.body.map(({ place }) => place)) }),
  }),
  remediate: remediation,
});

function problemsOf(planned: ReadableResource): readonly LambdaIntegrationRequestProblem[] {
  switch (planned.kind) {
    case "RestIntegration":
    case "HttpIntegration":
    case "RestMethod":
      return integrationProblems(requestOf(planned)).map((problem) => ({ code: "integration", problem }));
    case "RestAuthorizer":
    case "HttpAuthorizer":
      return authorizerProblems(planned);
    default:
      return apiProblems(planned);
  }
}

/** Only the method has one correct value. A body is the author's text, and is not changed. */
function remediation(planned: ReadableResource): Remediation | undefined {
  const { kind } = planned;
  if (kind !== "RestIntegration" && kind !== "HttpIntegration" && kind !== "RestMethod") return undefined;
  const request = requestOf(planned);
  const target = targetOf(request);
  if (target === undefined || methodProblem(request, target) === undefined) return undefined;
  const { method } = request.names;
  return {
    path: kind === "RestMethod" ? [nameOf(planned, "integration"), method] : [nameOf(planned, method)],
    value: "POST",
  };
}

function authorizerProblems(planned: ReadableResource): readonly LambdaIntegrationRequestProblem[] {
  const problem = authorizerProblem({
    uri: read(planned, "authorizerUri"),
    isRest: planned.kind === "RestAuthorizer",
    partition: partitionOf(planned),
  });
  return problem === undefined ? [] : [{ code: "authorizer", problem }];
}

function apiProblems(planned: ReadableResource): readonly LambdaIntegrationRequestProblem[] {
  const target = targetProblem(planned);
  const body = bodyProblems(planned);
  if (target === undefined && body.length === 0) return [];
  return [{ code: "api", body, ...(target === undefined ? {} : { target }) }];
}

/** Quick create: the target of all requests to an HTTP API, the ARN of a function or a URL. */
function targetProblem(planned: ReadableResource): InvocationUriProblem | undefined {
  const target = planned.kind === "HttpApi" ? read(planned, "target") : undefined;
  if (typeof target !== "string" || target.length > MAX_URI_LENGTH || /^https?:/i.test(target))
    return undefined;
  return leftoverProblem(target, "target") ?? uriProblem(target, "target", partitionOf(planned));
}

function bodyProblems(planned: ReadableResource): readonly ProblemInBody[] {
  const body = readBody(planned);
  if (body === undefined || body instanceof Unknown) return [];
  const isRest = planned.kind !== "HttpApi";
  const partition = partitionOf(planned);
  return [
    ...body.operations.flatMap((operation) =>
      integrationProblems({ ...requestOfOperation(operation, isRest), partition }).map((problem) => ({
        place: `${operation.verb} ${operation.path}`,
        problem,
      })),
    ),
    ...body.authorizers.flatMap(({ name, uri }): readonly ProblemInBody[] => {
      const problem = authorizerProblem({ uri, isRest, partition });
      return problem === undefined
        ? []
        : [{ place: `authorizer ${name}`, problem: { code: "uri", uri: problem } }];
    }),
  ];
}

/** The request of an integration, as far as it is known: `undefined` is absent, {@link Unknown} is unknown. */
interface IntegrationRequest {
  /** APIs of version 2 are less strict: they accept ARNs, and send POST unless configured otherwise. */
  readonly isRest: boolean;
  readonly partition: string | undefined;
  readonly type: unknown;
  readonly uri: unknown;
  readonly method: unknown;
  readonly transfer: unknown;
  readonly names: IntegrationSettings;
}

const PROPERTIES = { method: "integrationHttpMethod", uri: "uri", transfer: "responseTransferMode" };

function requestOf(planned: ReadableResource): IntegrationRequest {
  if (planned.kind === "HttpIntegration") {
    const subtype = read(planned, "integrationSubtype");
    return {
      isRest: false,
      partition: partitionOf(planned),
      type: subtype === undefined ? read(planned, "integrationType") : undefined,
      uri: read(planned, "integrationUri"),
      method: read(planned, "integrationMethod"),
      transfer: undefined,
      names: { ...PROPERTIES, method: "integrationMethod", uri: "integrationUri" },
    };
  }
  const setting = (name: string): unknown =>
    planned.kind === "RestMethod" ? fieldOf(read(planned, "integration"), name) : read(planned, name);
  return {
    isRest: true,
    partition: partitionOf(planned),
    type: setting("type"),
    uri: setting("uri"),
    method: setting("integrationHttpMethod"),
    transfer: setting("responseTransferMode"),
    names: PROPERTIES,
  };
}

function requestOfOperation(
  { integration }: Operation,
  isRest: boolean,
): Omit<IntegrationRequest, "partition"> {
  const { type, uri, method, responseTransferMode, subtype } =
    integration === undefined || integration instanceof Unknown ? NO_INTEGRATION : integration;
  return {
    isRest,
    type: subtype === undefined ? type : undefined,
    uri,
    // AWS does not document how an HTTP API interprets the method in its body.
    method: isRest ? method : undefined,
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

const MAX_URI_LENGTH = 8192;

interface Target {
  readonly kind: "AWS" | "AWS_PROXY";
  readonly uri: string | undefined;
  /** Whether the URI invokes a function. */
  readonly isInvocationUri: boolean;
  /** Whether the URI is a function's ARN. */
  readonly isArn: boolean;
}

/** The target of an integration with an AWS service; `undefined` for others. */
function targetOf(request: IntegrationRequest): Target | undefined {
  const kind = typeof request.type === "string" ? request.type.toUpperCase() : undefined;
  if (kind !== "AWS" && kind !== "AWS_PROXY") return undefined;
  const uri =
    typeof request.uri === "string" && request.uri.length <= MAX_URI_LENGTH ? request.uri : undefined;
  return {
    kind,
    uri,
    isInvocationUri: uri !== undefined && isInvocation(uri, kind),
    isArn: uri !== undefined && isFunctionArn(uri),
  };
}

function integrationProblems(request: IntegrationRequest): readonly IntegrationProblem[] {
  const { isRest, names } = request;
  const target = targetOf(request);
  if (target === undefined) return [];
  const { kind, uri, isInvocationUri, isArn } = target;
  const method = methodProblem(request, target);
  const type = streamedTypeProblem(request, kind);
  const problems = [method, type].filter((problem) => problem !== undefined);
  if (uri === undefined) return problems;
  const leftover =
    kind === "AWS_PROXY" || isInvocationUri || isArn ? leftoverProblem(uri, names.uri) : undefined;
  if (leftover !== undefined) return [...problems, { code: "uri", uri: leftover }];
  if (isArn && isRest) return [...problems, { code: "function-arn", settings: names }];
  const mismatch = isArn || isInvocationUri ? uriProblem(uri, names.uri, request.partition) : undefined;
  if (mismatch !== undefined) return [...problems, withTransferMode(mismatch, request, uri, kind)];
  const transfer =
    isRest && isInvocationUri && type === undefined ? transferProblem(request, uri, kind) : undefined;
  return transfer === undefined ? problems : [...problems, transfer];
}

/**
 * The form of the URI for the transfer mode is the correct one; where the URI and the mode disagree, both forms are
 * possible.
 */
function withTransferMode(
  problem: InvocationUriProblem,
  { isRest, transfer, names }: IntegrationRequest,
  uri: string,
  kind: Target["kind"],
): UriProblem {
  if (!isRest || problem.code !== "version") return { code: "uri", uri: problem };
  const isStreaming = uri.endsWith("/response-streaming-invocations");
  const streaming = isStream(transfer) ? "uri" : isStreaming ? "uri-and-mode-or-neither" : undefined;
  return {
    code: "uri",
    uri: problem,
    settings: names,
    ...(streaming === undefined ? {} : { streaming }),
    ...(kind === "AWS_PROXY" ? { isRefused: true } : {}),
  };
}

/**
 * API Gateway streams only the responses of proxy integrations, regardless of the URI:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
function streamedTypeProblem(
  { isRest, transfer, names }: IntegrationRequest,
  kind: Target["kind"],
): IntegrationProblem | undefined {
  return isRest && kind === "AWS" && isStream(transfer)
    ? { code: "streamed-type", settings: names }
    : undefined;
}

function isStream(transfer: unknown): boolean {
  return typeof transfer === "string" && transfer.toUpperCase() === "STREAM";
}

/**
 * Lambda's Invoke accepts POST only. A REST API requires it to be set, accepts any other method, and answers 500
 * (https://github.com/localstack/localstack/pull/10512); an API of version 2 uses it by default, and refuses any other:
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html, as reported in
 * https://github.com/hashicorp/terraform-provider-aws/issues/42391
 */
function methodProblem(
  request: IntegrationRequest,
  { kind, isInvocationUri, isArn }: Target,
): IntegrationProblem | undefined {
  const { isRest, method, uri, names } = request;
  if (method instanceof Unknown || isPost(method) || (!isRest && typeof method !== "string"))
    return undefined;
  // A proxy integration with an AWS service is a Lambda integration, regardless of its URI: an HTTP API has others only
  // with a subtype.
  const isCertainlyLambda =
    kind === "AWS_PROXY" && (!isRest || uri instanceof Unknown || typeof uri !== "string");
  if (!isInvocationUri && !isArn && !isCertainlyLambda) return undefined;
  return {
    code: "method",
    settings: names,
    method: writtenMethod(method),
    isRefused: !isRest && kind === "AWS_PROXY",
  };
}

function transferProblem(
  { transfer, names }: IntegrationRequest,
  uri: string,
  kind: Target["kind"],
): IntegrationProblem | undefined {
  if (transfer instanceof Unknown) return undefined;
  const streaming = parseInvocationUri(text(uri))?.streaming === true;
  if (streaming === isStream(transfer)) return undefined;
  return {
    code: "transfer",
    settings: names,
    streams: streaming ? "uri" : "mode",
    isRefused: kind === "AWS_PROXY",
  };
}

function writtenMethod(method: unknown): WrittenMethod {
  if (typeof method !== "string") return "none";
  return /^[A-Z]{3,7}$/i.test(method) ? { name: method } : "not-a-method";
}

function isPost(method: unknown): boolean {
  return typeof method === "string" && method.toUpperCase() === "POST";
}
