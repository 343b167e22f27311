import { appendTo } from "../../stack/pulumi/keys";
import { type Language, writeExample } from "../languages";
import { argument, type Phrase } from "../snippets";
import { list, message, type RequestSummary } from "../text";
import {
  describeInvocationUri,
  type InvocationUriDescription,
  type InvocationUriProblem,
} from "./invocation-uri";

/** Why requests cannot reach functions or authorizers. */
export type LambdaIntegrationRequestProblem =
  | { readonly code: "integration"; readonly problem: IntegrationProblem }
  | { readonly code: "authorizer"; readonly problem: InvocationUriProblem }
  | ApiProblem;

/** The mistakes in the properties of one API. */
export interface ApiProblem {
  readonly code: "api";
  /** With the target of a quick create. */
  readonly target?: InvocationUriProblem;
  readonly body: readonly ProblemInBody[];
}

export interface ProblemInBody {
  /** `GET /orders`, or `authorizer NAME`. */
  readonly place: string;
  readonly problem: IntegrationProblem;
}

/** The mistake in the request of one integration. */
export type IntegrationProblem =
  | UriProblem
  /** A REST API has the function's ARN. */
  | { readonly code: "function-arn"; readonly settings: IntegrationSettings }
  | {
      readonly code: "method";
      readonly settings: IntegrationSettings;
      readonly method: WrittenMethod;
      /** API Gateway refuses the integration. */
      readonly isRefused: boolean;
    }
  /** Its mode is STREAM, and its type is not that of a proxy integration. */
  | { readonly code: "streamed-type"; readonly settings: IntegrationSettings }
  /** Only one of its URI and its transfer mode streams the response. */
  | {
      readonly code: "transfer";
      readonly settings: IntegrationSettings;
      readonly streams: "uri" | "mode";
      readonly isRefused: boolean;
    };

export interface UriProblem {
  readonly code: "uri";
  readonly uri: InvocationUriProblem;
  readonly settings?: IntegrationSettings;
  /** The streaming form of the URI is correct; or one of the two forms is, depending on the transfer mode. */
  readonly streaming?: "uri" | "uri-and-mode-or-neither";
  readonly isRefused?: true;
}

/** The names of the properties where the integration is. */
export interface IntegrationSettings {
  readonly method: string;
  readonly uri: string;
  readonly transfer: string;
}

/** A value that is not a method may be a secret, and is not quoted. */
export type WrittenMethod = { readonly name: string } | "none" | "not-a-method";

export function describeLambdaIntegrationRequest(
  problem: LambdaIntegrationRequestProblem,
  language: Language,
): string {
  switch (problem.code) {
    case "integration":
      return describeWithReason(descriptionOf(problem.problem), WHY, language);
    case "authorizer":
      return describeWithReason(describeInvocationUri(problem.problem), WHY_AUTHORIZER, language);
    case "api":
      return message([...partsOfApi(problem, language), WHY]);
  }
}

/** The mistake in one sentence, and its fix; a body has several. */
export function summarizeLambdaIntegrationRequest(
  problem: LambdaIntegrationRequestProblem,
  language: Language,
): RequestSummary {
  switch (problem.code) {
    case "integration":
      return summary(descriptionOf(problem.problem), language);
    case "authorizer":
      return summary(describeInvocationUri(problem.problem), language);
    case "api":
      return { summary: message(partsOfApi(problem, language).slice(0, 1)) };
  }
}

const WHY =
  'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integrations.html); callers get 500 "Internal server error".';

const WHY_AUTHORIZER =
  // As reported: https://github.com/hashicorp/terraform-provider-aws/pull/1757
  'Why: AWS\'s own rule (https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html): "Invalid Authorizer URI: … Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."';

function describeWithReason(
  { finding, fix }: InvocationUriDescription,
  reason: string,
  language: Language,
): string {
  return message([`${finding}.`, reason, `Fix: ${writeExample(fix, language)}.`]);
}

function summary({ finding, fix }: InvocationUriDescription, language: Language): RequestSummary {
  return { summary: message([`${finding}.`]), fix: message([`${writeExample(fix, language)}.`]) };
}

function onOneLine({ finding, fix }: InvocationUriDescription, language: Language): string {
  return `${finding}. Fix: ${writeExample(fix, language)}.`;
}

/** One part for each kind of problem. The keys of a body are the same in each language. */
function partsOfApi({ target, body }: ApiProblem, language: Language): readonly string[] {
  const places = new Map<string, string[]>();
  for (const { place, problem } of body) {
    const part = onOneLine(descriptionOf(problem), language === "typescript" ? language : "json");
    appendTo(places, part, place);
  }
  return [
    ...(target === undefined ? [] : [onOneLine(describeInvocationUri(target), language)]),
    ...[...places].map(([part, operations]) => `In the body, ${list(operations)}: ${part}`),
  ];
}

const INVOKE_ARN = { urn: "fn", property: "invokeArn" };
const STREAMING_ARN = { urn: "fn", property: "responseStreamingInvokeArn" };

/**
 * API Gateway's errors for a proxy integration whose URI and transfer mode disagree, as reported:
 * https://github.com/hashicorp/terraform-provider-aws/issues/45649 (STREAM), and in the comment on what `createMethod`
 * forwards in https://github.com/go-to-k/cdkd (BUFFERED).
 */
const REFUSED_TRANSFER = {
  mode: " (BadRequestException: Invalid ResponseTransferMode. ResponseTransferMode STREAM is only supported for Lambda functions invoked by InvokeWithResponseStream for AWS_PROXY integrations)",
  uri: " (BadRequestException: Invalid ResponseTransferMode. Cannot use ResponseTransferMode BUFFERED for Lambda functions invoked by InvokeWithResponseStream for AWS_PROXY integrations)",
} as const;

const REFUSED_METHOD = " (BadRequestException: HttpMethod must be POST for AWS_PROXY IntegrationType)";

/** API Gateway's error for a proxy integration of another path: https://github.com/localstack/localstack/pull/12324 */
const REFUSED_URI =
  " (BadRequestException: Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.)";

function descriptionOf(problem: IntegrationProblem): InvocationUriDescription {
  switch (problem.code) {
    case "uri": {
      const { finding, fix } = describeInvocationUri(problem.uri);
      return {
        finding: `${finding}${problem.isRefused ? REFUSED_URI : ""}`,
        fix: fixOfUri(problem, fix),
      };
    }
    case "function-arn":
      return {
        // As reported: https://github.com/localstack/localstack/pull/12324
        finding:
          "The integration's URI is the function's ARN; a REST API needs the URI that invokes it (BadRequestException: AWS ARN for integration must contain path or action)",
        fix: [argument(problem.settings.uri, INVOKE_ARN)],
      };
    case "method":
      return {
        finding: `The Lambda integration calls the function with ${showMethod(problem.method)}: Lambda's Invoke accepts only POST${problem.isRefused ? REFUSED_METHOD : ""}`,
        fix: [argument(problem.settings.method, "POST"), " (the route's own method does not change)"],
      };
    case "streamed-type": {
      const { uri, transfer } = problem.settings;
      return {
        finding:
          "The integration's transfer mode is STREAM, but its type is AWS: only proxy integrations (AWS_PROXY, HTTP_PROXY) can stream a response",
        fix: [argument("type", "AWS_PROXY"), " with ", argument(uri, STREAMING_ARN), `, or no ${transfer}`],
      };
    }
    case "transfer":
      return descriptionOfTransfer(problem);
  }
}

function descriptionOfTransfer({
  settings,
  streams,
  isRefused,
}: Extract<IntegrationProblem, { code: "transfer" }>): InvocationUriDescription {
  const refused = isRefused ? REFUSED_TRANSFER[streams] : "";
  if (streams === "uri")
    return {
      finding: `The integration's URI streams the response, but its transfer mode is not STREAM${refused}`,
      fix: [argument(settings.transfer, "STREAM"), ", or ", argument(settings.uri, INVOKE_ARN)],
    };
  return {
    finding: `The integration's transfer mode is STREAM, but its URI does not stream the response${refused}`,
    fix: [argument(settings.uri, STREAMING_ARN)],
  };
}

function fixOfUri({ streaming, settings }: UriProblem, fix: Phrase): Phrase {
  if (streaming === undefined || settings === undefined) return fix;
  const streamed = argument(settings.uri, STREAMING_ARN);
  return streaming === "uri"
    ? [streamed]
    : [argument(settings.transfer, "STREAM"), " and ", streamed, ", or ", ...[fix].flat()];
}

function showMethod(method: WrittenMethod): string {
  if (method === "none") return "no method";
  return method === "not-a-method" ? "another method" : method.name;
}
