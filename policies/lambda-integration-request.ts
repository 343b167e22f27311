import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parseInvocationUri, text, Unknown } from "../iam";
import { type Planned, read } from "../stack";
import { type Metadata, resourcePolicy } from "./framework";
import { message } from "./messages";
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
  return resourcePolicy(run, metadata, ["RestIntegration", "RestMethod", "HttpIntegration"], (planned) =>
    faultsOf(requestOf(planned)).map(({ what, fix }) =>
      message([
        what,
        'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integrations.html); callers get 500 "Internal server error".',
        `Fix: ${fix}`,
      ]),
    ),
  );
}

/** The request of an integration, as far as it is known: `undefined` is absent, {@link Unknown} is not shown. */
interface IntegrationRequest {
  readonly rest: boolean;
  readonly type: unknown;
  readonly uri: unknown;
  readonly method: unknown;
  readonly transfer: unknown;
}

function requestOf(planned: Planned): IntegrationRequest {
  if (planned.kind === "HttpIntegration") {
    const subtype = read(planned, "integrationSubtype");
    return {
      rest: false,
      type: subtype === undefined ? read(planned, "integrationType") : undefined,
      uri: read(planned, "integrationUri"),
      method: undefined,
      transfer: undefined,
    };
  }
  if (planned.kind === "RestIntegration") {
    return {
      rest: true,
      type: read(planned, "type"),
      uri: read(planned, "uri"),
      method: read(planned, "integrationHttpMethod"),
      transfer: read(planned, "responseTransferMode"),
    };
  }
  const inline = read(planned, "integration");
  const fields = typeof inline === "object" && inline !== null && !(inline instanceof Unknown) ? inline : {};
  const { type, uri, integrationHttpMethod, responseTransferMode } = fields as Record<string, unknown>;
  return { rest: true, type, uri, method: integrationHttpMethod, transfer: responseTransferMode };
}

interface Fault {
  readonly what: string;
  readonly fix: string;
}

const FUNCTION_ARN = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:/;
const LAMBDA_PATH = /:lambda:path\//;
const LONGEST_URI = 8192;

function faultsOf({ rest, type, uri, method, transfer }: IntegrationRequest): readonly Fault[] {
  const kind = typeof type === "string" ? type.toUpperCase() : undefined;
  if (kind !== "AWS" && kind !== "AWS_PROXY") return [];
  const shown = typeof uri === "string" && uri.length <= LONGEST_URI ? uri : undefined;
  const bare = shown !== undefined && FUNCTION_ARN.test(shown);
  const lambda = bare || (shown !== undefined && LAMBDA_PATH.test(shown));
  const faults: Fault[] = [];
  // On a REST API a proxy integration with an AWS service is one with Lambda, whatever its URI will be.
  const surelyLambda =
    lambda || (rest && kind === "AWS_PROXY" && (uri instanceof Unknown || shown === undefined));
  if (rest && surelyLambda && !(method instanceof Unknown) && !isPost(method)) {
    faults.push({
      what: `The Lambda integration calls the function with ${typeof method === "string" ? method.slice(0, 20) : "no method"}: Lambda's Invoke takes POST only.`,
      fix: 'integrationHttpMethod: "POST" (the route\'s own httpMethod stays as it is).',
    });
  }
  if (!lambda || shown === undefined) return faults;
  if (bare) {
    if (rest)
      faults.push({
        what: "The integration's URI is the function's ARN; a REST API needs the URI that invokes it.",
        fix: "uri: fn.invokeArn",
      });
    return faults;
  }
  const parsed = parseInvocationUri(text(shown));
  if (parsed === undefined) {
    faults.push({
      what: "The integration's URI is malformed: it must read arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations.",
      fix: "uri: fn.invokeArn",
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
        ? "The integration's URI streams the response, but its transfer mode is not STREAM."
        : "The integration's transfer mode is STREAM, but its URI does not stream the response.",
      fix: parsed.streaming
        ? 'responseTransferMode: "STREAM", or uri: fn.invokeArn'
        : "uri: fn.responseStreamingInvokeArn",
    });
  }
  return faults;
}

function isPost(method: unknown): boolean {
  return typeof method === "string" && method.toUpperCase() === "POST";
}
