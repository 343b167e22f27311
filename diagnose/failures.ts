import type { FailureMeaning } from "../messages/log-failures";
import {
  GATE_NAMES,
  GATES,
  INTEGRATION_REQUEST,
  isAboutAuthorizer,
  isAboutCaller,
  isAboutCalling,
} from "../report/gates";
import type { GateName } from "../report/model";
import type { Route } from "../stack";
import type { FailureEntry } from "./model";
import type { LogRecord } from "./records";

/** The error in a record. */
export type FailureKind = FailureEntry["kind"];

/** Why a request failed, as far as its record shows it. */
export interface Failure {
  readonly kind: FailureKind;
  /** AWS's error message. */
  readonly symptom: string;
  /** The gates that fail with it. */
  readonly gates: readonly GateName[];
  /** Its meaning, where no IAM permission is missing. */
  readonly meaning?: FailureMeaning;
  /** The principal and the action in the message: `User: … is not authorized to perform: … on resource: …`. */
  readonly user?: string;
  readonly resource?: string;
  /** API Gateway had the role's credentials, or needed none, when Lambda denied the request. */
  readonly hadCredentials?: true;
  /** According to the message, a policy of the organization denies it. */
  readonly byOrganization?: true;
}

const AUTHORIZER_GATES: readonly GateName[] = GATE_NAMES.filter((gate) => isAboutAuthorizer({ gate }));
const REQUEST_GATES: readonly GateName[] = [INTEGRATION_REQUEST];

/** The gates at which API Gateway may have to assume a role. */
const ROLE_GATES = GATE_NAMES.filter((gate) => GATES[gate].assumesRole);

/** The gates between a route and its function. */
const FUNCTION_GATES = gatesWith("500").filter((gate) => !AUTHORIZER_GATES.includes(gate));

/** The gates between a caller and a route; function URLs have no logs. */
const CALLER_ROUTE_GATES = gatesWith("403").filter((gate) => GATES[gate].appliesTo !== "other-requests");

/** The gates that evaluate a caller rather than API Gateway. */
export const CALLER_GATES: ReadonlySet<GateName> = new Set(
  GATE_NAMES.filter((gate) => isAboutCaller({ gate })),
);

/** Whether it failed at a gate that evaluates whether a caller may call the route. */
export function isCallerRouteFailure({ gates }: Pick<Failure, "gates">): boolean {
  return gates.some((gate) => isAboutCalling({ gate }));
}

function gatesWith(status: "403" | "500"): readonly GateName[] {
  return GATE_NAMES.filter((gate) => GATES[gate].status === status);
}

interface FailureRule {
  readonly kind: FailureKind;
  readonly gates: readonly GateName[];
  readonly meaning?: FailureMeaning;
  readonly hadCredentials?: true;
}

const notCausedByIam = (code: FailureMeaning["code"], status?: string): FailureRule => ({
  kind: "other",
  gates: [],
  meaning: { code, ...(status === undefined ? {} : { status }) },
});

const AUTHORIZER_NOT_INVOKED: FailureRule = { kind: "authorizer-not-invoked", gates: AUTHORIZER_GATES };
const FUNCTION_NOT_INVOKED: FailureRule = { kind: "function-not-invoked", gates: FUNCTION_GATES };

const BAD_SIGNATURE = notCausedByIam("bad-signature");
const INVALID_CREDENTIALS = notCausedByIam("invalid-credentials");
const NOT_SIGNED = notCausedByIam("not-signed");
const TIMEOUT = notCausedByIam("timeout");
const THROTTLED = notCausedByIam("throttled");
const UNREADABLE_RESPONSE = notCausedByIam("unreadable-answer");

const ASSUME = /permissions? to assume the (provided role|IAM role configured)/;
const INVALID = /Invalid permissions on Lambda function/;
const CONFIGURED =
  /doesn't have permissions to call the integration|The IAM role configured on the integration/;

/**
 * By the text of the message, the most specific first.
 * https://repost.aws/knowledge-center/api-gateway-rest-api-lambda-integrations
 * https://repost.aws/knowledge-center/api-gateway-http-lambda-integrations
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
 */
const RULES_BY_MESSAGE: readonly (readonly [pattern: RegExp, rule: FailureRule])[] = [
  [ASSUME, { kind: "role-not-assumed", gates: ROLE_GATES }],
  [/Authorizer error/, AUTHORIZER_NOT_INVOKED],
  [INVALID, { ...FUNCTION_NOT_INVOKED, hadCredentials: true }],
  [CONFIGURED, FUNCTION_NOT_INVOKED],
  [/is not authorized to perform: lambda:InvokeFunction/, FUNCTION_NOT_INVOKED],
  [
    /is not authorized to perform: execute-api:Invoke\b/,
    { kind: "caller-not-authorized", gates: CALLER_ROUTE_GATES },
  ],
  [/is not authorized to perform: execute-api:ManageConnections/, notCausedByIam("manage-connections")],
  [/is not authorized to perform: /, notCausedByIam("other-action")],
  [
    /User is not authorized to access this resource/,
    {
      kind: "refused-by-authorizer",
      gates: [],
      meaning: { code: "denied-by-authorizer-policy" },
    },
  ],
  // Lambda's response to a request that is not part of its API, such as a method other than POST.
  [
    /Unable to determine service\/operation name to be authorized/,
    { kind: "function-not-invoked", gates: REQUEST_GATES },
  ],
  [
    /configuration error: (Invalid endpoint address|Invalid URI|Illegal character)/,
    { kind: "function-not-invoked", gates: REQUEST_GATES },
  ],
  [
    /Malformed Lambda proxy response|doesn't match the format that API Gateway expects|No match for output mapping|Output mapping refers to/,
    UNREADABLE_RESPONSE,
  ],
  [/Lambda (invocation|execution) failed with status: ?404/, notCausedByIam("no-such-function")],
  [/Lambda (invocation|execution) failed with status: ?429/, THROTTLED],
  // Lambda denied it: https://repost.aws/knowledge-center/api-gateway-lambda-template-invoke-error
  [/Lambda (invocation|execution) failed with status: ?403/, FUNCTION_NOT_INVOKED],
  [/Lambda (invocation|execution) failed with status/, notCausedByIam("function-not-run")],
  [/Missing Authentication Token/, NOT_SIGNED],
  [/security token included in the request is (invalid|expired)/, INVALID_CREDENTIALS],
  [
    /request signature we calculated|Signature (expired|not yet current)|Credential should be scoped|Authorization header requires/,
    BAD_SIGNATURE,
  ],
  [/timed out|timeout error/i, TIMEOUT],
  [/Too Many Requests|Limit Exceeded|Rate exceeded/i, THROTTLED],
];

/**
 * Rules by the type of the gateway response, with the meaning of types that are not related to IAM.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const RULES_BY_RESPONSE_TYPE: Readonly<Record<string, FailureRule>> = {
  API_CONFIGURATION_ERROR: FUNCTION_NOT_INVOKED,
  AUTHORIZER_CONFIGURATION_ERROR: AUTHORIZER_NOT_INVOKED,
  AUTHORIZER_FAILURE: notCausedByIam("authorizer-failed"),
  ACCESS_DENIED: { kind: "forbidden", gates: CALLER_ROUTE_GATES },
  MISSING_AUTHENTICATION_TOKEN: NOT_SIGNED,
  INVALID_SIGNATURE: BAD_SIGNATURE,
  EXPIRED_TOKEN: INVALID_CREDENTIALS,
  INVALID_API_KEY: notCausedByIam("api-key"),
  WAF_FILTERED: notCausedByIam("waf"),
  UNAUTHORIZED: notCausedByIam("no-valid-token"),
  INTEGRATION_FAILURE: notCausedByIam("function-failed"),
  INTEGRATION_TIMEOUT: TIMEOUT,
  THROTTLED,
  QUOTA_EXCEEDED: notCausedByIam("quota"),
};

/** The failure of a request; `undefined` for a successful one. */
export function failureOf({ fields }: LogRecord): Failure | undefined {
  const { status, responseType, error, integrationError, authorizerError } = fields;
  if (status !== undefined && Number(status) < 400) return undefined;
  const messages = [authorizerError, integrationError, error].filter((text) => text !== undefined);
  const [rule, message] = ruleByMessage(messages) ?? [];
  if (rule !== undefined && message !== undefined)
    return { ...atAuthorizerIfLogged(rule, fields), symptom: message, ...namedInMessage(message) };
  if (authorizerError !== undefined && /permission|not authorized/i.test(authorizerError))
    return { ...AUTHORIZER_NOT_INVOKED, symptom: authorizerError };
  const symptom = messages[0] ?? responseType ?? `status ${status ?? "unknown"}`;
  return { ...ruleByType(fields, integrationError ?? error), symptom };
}

/**
 * HTTP and WebSocket APIs have no resource policies, so only the authorizer of their routes can deny a request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function failureOnRoutes(
  failure: Failure,
  routes: readonly Pick<Route, "api" | "authorization">[],
): Failure {
  const [first] = routes;
  const isOfAuthorizer = routes.every(
    ({ api, authorization }) =>
      api.kind !== "REST" && (authorization === "LAMBDA" || authorization === "OTHER"),
  );
  if (failure.kind !== "forbidden" || first === undefined || !isOfAuthorizer) return failure;
  const code = routes.every(({ authorization }) => authorization === first.authorization)
    ? first.authorization === "LAMBDA"
      ? "lambda-authorizer-refused"
      : "token-refused"
    : "authorizer-refused";
  return { ...failure, kind: "refused-by-authorizer", gates: [], meaning: { code } };
}

function ruleByMessage(messages: readonly string[]): readonly [FailureRule, string] | undefined {
  for (const [pattern, rule] of RULES_BY_MESSAGE) {
    const message = messages.find((text) => pattern.test(text));
    if (message !== undefined) return [rule, message];
  }
  return undefined;
}

/** The same message is logged for a route's function and its authorizer's; its position distinguishes them. */
function atAuthorizerIfLogged(
  rule: FailureRule,
  { responseType, authorizerError, integrationError }: LogRecord["fields"],
): FailureRule {
  const isAtAuthorizer =
    responseType === "AUTHORIZER_CONFIGURATION_ERROR" ||
    (authorizerError !== undefined && integrationError === undefined) ||
    /configured on the authorizer|call the authorizer/.test(authorizerError ?? integrationError ?? "");
  if (!isAtAuthorizer || rule.gates.length === 0 || rule.gates === CALLER_ROUTE_GATES) return rule;
  return rule.kind === "role-not-assumed" ? { ...rule, gates: AUTHORIZER_GATES } : AUTHORIZER_NOT_INVOKED;
}

/** `message` is that of an error that is not about a missing permission. */
function ruleByType(
  { responseType, ...fields }: LogRecord["fields"],
  message: string | undefined,
): FailureRule {
  const ruleOfType = responseType === undefined ? undefined : RULES_BY_RESPONSE_TYPE[responseType];
  // API Gateway uses this type for every error of an API; only its message is specific.
  if (ruleOfType === FUNCTION_NOT_INVOKED && message !== undefined && /configuration error: \S/.test(message))
    return notCausedByIam("configuration");
  return ruleOfType ?? byStatus(fields);
}

function byStatus({
  status,
  integrationStatus,
  authenticateStatus,
  authorizeStatus,
}: LogRecord["fields"]): FailureRule {
  const functionResponded = integrationStatus !== undefined && /^[2345]\d\d$/.test(integrationStatus);
  // API Gateway returns 500 if Lambda denies the request; a 403 that it forwards is from the function.
  const isFunctionResponse = functionResponded && !(status === "500" && integrationStatus === "403");
  if (isFunctionResponse) return notCausedByIam("function-answered", status);
  if (status === "403" && isFailed(authenticateStatus)) return INVALID_CREDENTIALS;
  if (status === "403" && authorizeStatus !== undefined && /^2\d\d$/.test(authorizeStatus))
    return notCausedByIam("after-authorization");
  if (status === "403") return { kind: "forbidden", gates: CALLER_ROUTE_GATES };
  if (status === "500") return { kind: "server-error", gates: [...FUNCTION_GATES, ...AUTHORIZER_GATES] };
  return notCausedByIam("no-permission", status);
}

function isFailed(status: string | undefined): boolean {
  return status !== undefined && /^[45]\d\d$/.test(status);
}

function namedInMessage(symptom: string): Pick<Failure, "user" | "resource" | "byOrganization"> {
  const [, user, resource] =
    /User: (\S+) is not authorized to perform: \S+ on resource: (\S+)/.exec(symptom) ?? [];
  return {
    ...(user === undefined ? {} : { user }),
    ...(resource === undefined ? {} : { resource: resource.replace(/[.,"']+$/, "") }),
    ...(/in a (service|resource) control policy/.test(symptom) ? { byOrganization: true as const } : {}),
  };
}
