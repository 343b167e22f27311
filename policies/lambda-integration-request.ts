import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parseInvocationUri, text, Unknown } from "../iam";
import {
  fieldOf,
  isFunctionArn,
  isInvocation,
  type Kind,
  type Operation,
  type Planned,
  read,
  readBody,
} from "../stack";
import { type Metadata, resourcePolicy } from "./framework";
import { list, message } from "./messages";
import type { Run } from "./run";

const metadata: Metadata = {
  name: "lambda-integration-request",
  displayName: "Lambda integrations send a request that can work",
  description:
    "A Lambda integration whose method is not POST, whose URI is malformed, or whose URI and transfer mode disagree cannot work.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: 'Set integrationHttpMethod to "POST" and uri to the function\'s invokeArn.',
};

export function lambdaIntegrationRequest(run: Run): ResourceValidationPolicy {
  const kinds: readonly Kind[] = [
    "RestIntegration",
    "RestMethod",
    "HttpIntegration",
    "RestApi",
    "RestApiPut",
    "HttpApi",
  ];
  return resourcePolicy(run, metadata, kinds, (planned) => {
    if (
      planned.kind === "RestIntegration" ||
      planned.kind === "HttpIntegration" ||
      planned.kind === "RestMethod"
    )
      return faultsOf(requestOf(planned)).map(({ what, fix }) => message([`${what}.`, WHY, `Fix: ${fix}.`]));
    const faults = faultsOfBody(planned);
    return faults.length === 0 ? [] : [message([...faults, WHY])];
  });
}

const WHY =
  'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integrations.html); callers get 500 "Internal server error".';

/** All faults of a body, one part of the message for each kind of fault. */
function faultsOfBody(planned: Planned): readonly string[] {
  const body = readBody(planned);
  if (body === undefined || body instanceof Unknown) return [];
  const operations = new Map<string, string[]>();
  for (const operation of body.operations)
    for (const { what, fix } of faultsOf(requestOfOperation(operation, planned.kind !== "HttpApi"))) {
      const said = `${what}. Fix: ${fix}.`;
      const some = operations.get(said) ?? [];
      operations.set(said, some);
      some.push(`${operation.verb} ${operation.path}`);
    }
  return [...operations].map(([said, some]) => `In the body, ${list(some)}: ${said}`);
}

/** The request of an integration, as far as it is known: `undefined` is absent, {@link Unknown} is not shown. */
interface IntegrationRequest {
  /** HTTP APIs are less particular: they take ARNs, and send POST whatever is written. */
  readonly rest: boolean;
  readonly type: unknown;
  readonly uri: unknown;
  readonly method: unknown;
  readonly transfer: unknown;
  /** What the settings are called where the integration stands. */
  readonly names: { readonly method: string; readonly uri: string; readonly transfer: string };
}

const PROPERTIES = { method: "integrationHttpMethod", uri: "uri", transfer: "responseTransferMode" };

function requestOf(planned: Planned): IntegrationRequest {
  if (planned.kind === "HttpIntegration") {
    const subtype = read(planned, "integrationSubtype");
    return {
      rest: false,
      type: subtype === undefined ? read(planned, "integrationType") : undefined,
      uri: read(planned, "integrationUri"),
      method: undefined,
      transfer: undefined,
      names: { ...PROPERTIES, uri: "integrationUri" },
    };
  }
  const given = (name: string): unknown =>
    planned.kind === "RestMethod" ? fieldOf(read(planned, "integration"), name) : read(planned, name);
  return {
    rest: true,
    type: given("type"),
    uri: given("uri"),
    method: given("integrationHttpMethod"),
    transfer: given("responseTransferMode"),
    names: PROPERTIES,
  };
}

function requestOfOperation({ integration }: Operation, rest: boolean): IntegrationRequest {
  const { type, uri, method, responseTransferMode, subtype } =
    integration === undefined || integration instanceof Unknown ? NO_INTEGRATION : integration;
  return {
    rest,
    type: subtype === undefined ? type : undefined,
    uri,
    method,
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

interface Fault {
  readonly what: string;
  readonly fix: string;
}

const LONGEST_URI = 8192;

function faultsOf({ rest, type, uri, method, transfer, names }: IntegrationRequest): readonly Fault[] {
  const kind = typeof type === "string" ? type.toUpperCase() : undefined;
  if (kind !== "AWS" && kind !== "AWS_PROXY") return [];
  const shown = typeof uri === "string" && uri.length <= LONGEST_URI ? uri : undefined;
  const bare = shown !== undefined && isFunctionArn(shown);
  const lambda = bare || (shown !== undefined && isInvocation(shown, kind));
  const faults: Fault[] = [];
  // On a REST API a proxy integration with an AWS service is one with Lambda, whatever its URI will be.
  const surelyLambda =
    lambda || (rest && kind === "AWS_PROXY" && (uri instanceof Unknown || shown === undefined));
  if (rest && surelyLambda && !(method instanceof Unknown) && !isPost(method)) {
    const written = typeof method === "string" ? shownMethod(method) : "no method";
    faults.push({
      what: `The Lambda integration calls the function with ${written}: Lambda's Invoke takes POST only`,
      fix: `${names.method}: "POST" (the route's own method stays as it is)`,
    });
  }
  if (!lambda || shown === undefined) return faults;
  if (bare) {
    if (rest)
      faults.push({
        what: "The integration's URI is the function's ARN; a REST API needs the URI that invokes it",
        fix: `${names.uri}: fn.invokeArn`,
      });
    return faults;
  }
  const parsed = parseInvocationUri(text(shown));
  if (parsed === undefined) {
    faults.push({
      what: "The integration's URI is malformed: it must read arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations",
      fix: `${names.uri}: fn.invokeArn`,
    });
    return faults;
  }
  const mode =
    transfer instanceof Unknown
      ? undefined
      : typeof transfer === "string"
        ? transfer.toUpperCase()
        : "BUFFERED";
  if (rest && mode !== undefined && parsed.streaming !== (mode === "STREAM")) {
    faults.push({
      what: parsed.streaming
        ? "The integration's URI streams the response, but its transfer mode is not STREAM"
        : "The integration's transfer mode is STREAM, but its URI does not stream the response",
      fix: parsed.streaming
        ? `${names.transfer}: "STREAM", or ${names.uri}: fn.invokeArn`
        : `${names.uri}: fn.responseStreamingInvokeArn`,
    });
  }
  return faults;
}

/** What is no verb may be anything, a secret too. */
function shownMethod(method: string): string {
  return /^[A-Z]{3,7}$/i.test(method) ? method : "another method";
}

function isPost(method: unknown): boolean {
  return typeof method === "string" && method.toUpperCase() === "POST";
}
