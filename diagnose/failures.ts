import type { FailureMeaning } from "../messages/log-failures";
import { GATE_NAMES, GATES, INTEGRATION_REQUEST, isAboutAuthorizer, isAboutCalling } from "../report/gates";
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
  readonly isAfterTrust?: true;
  /** According to the message, a policy of the organization denies it. */
  readonly byOrganization?: true;
}

const AUTHORIZER: readonly GateName[] = GATE_NAMES.filter((gate) => isAboutAuthorizer({ gate }));
const REQUEST: readonly GateName[] = [INTEGRATION_REQUEST];

/** The gates at which API Gateway may have to assume a role. */
const ASSUMING = GATE_NAMES.filter((gate) => GATES[gate].assumesRole);

/** The gates between a route and its function. */
const INVOKING = gatesWith("500").filter((gate) => !AUTHORIZER.includes(gate));

/** The gates between a caller and a route; function URLs have no logs. */
const CALLING = gatesWith("403").filter((gate) => GATES[gate].metBy !== "other-requests");

/** The gates that evaluate a caller rather than API Gateway. */
export const OF_CALLERS: ReadonlySet<GateName> = new Set(GATE_NAMES.filter((gate) => GATES[gate].isOfCaller));

/** Whether it failed at a gate that evaluates whether a caller may call the route. */
export function isOfCalling({ gates }: Pick<Failure, "gates">): boolean {
  return gates.some((gate) => isAboutCalling({ gate }));
}

function gatesWith(status: "403" | "500"): readonly GateName[] {
  return GATE_NAMES.filter((gate) => GATES[gate].status === status);
}

interface Rule {
  readonly kind: FailureKind;
  readonly gates: readonly GateName[];
  readonly meaning?: FailureMeaning;
  readonly isAfterTrust?: true;
}

const other = (code: FailureMeaning["code"], status?: string): Rule => ({
  kind: "other",
  gates: [],
  meaning: { code, ...(status === undefined ? {} : { status }) },
});

const OF_AUTHORIZER: Rule = { kind: "authorizer-not-invoked", gates: AUTHORIZER };
const NOT_INVOKED: Rule = { kind: "function-not-invoked", gates: INVOKING };

const BAD_SIGNATURE = other("bad-signature");
const EXPIRED = other("invalid-credentials");
const NOT_SIGNED = other("not-signed");
const TIMEOUT = other("timeout");
const THROTTLED = other("throttled");
const BAD_ANSWER = other("unreadable-answer");

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
const BY_WORDS: readonly (readonly [words: RegExp, rule: Rule])[] = [
  [ASSUME, { kind: "role-not-assumed", gates: ASSUMING }],
  [/Authorizer error/, OF_AUTHORIZER],
  [INVALID, { ...NOT_INVOKED, isAfterTrust: true }],
  [CONFIGURED, NOT_INVOKED],
  [/is not authorized to perform: lambda:InvokeFunction/, NOT_INVOKED],
  [/is not authorized to perform: execute-api:Invoke\b/, { kind: "caller-not-authorized", gates: CALLING }],
  [/is not authorized to perform: execute-api:ManageConnections/, other("manage-connections")],
  [/is not authorized to perform: /, other("other-action")],
  [
    /User is not authorized to access this resource/,
    {
      kind: "refused-by-authorizer",
      gates: [],
      meaning: { code: "denied-by-authorizer-policy" },
    },
  ],
  // Lambda's response to a request that is not part of its API, such as one with another method than POST.
  [
    /Unable to determine service\/operation name to be authorized/,
    { kind: "function-not-invoked", gates: REQUEST },
  ],
  [
    /configuration error: (Invalid endpoint address|Invalid URI|Illegal character)/,
    { kind: "function-not-invoked", gates: REQUEST },
  ],
  [
    /Malformed Lambda proxy response|doesn't match the format that API Gateway expects|No match for output mapping|Output mapping refers to/,
    BAD_ANSWER,
  ],
  [/Lambda (invocation|execution) failed with status: ?404/, other("no-such-function")],
  [/Lambda (invocation|execution) failed with status: ?429/, THROTTLED],
  // Lambda denied it: https://repost.aws/knowledge-center/api-gateway-lambda-template-invoke-error
  [/Lambda (invocation|execution) failed with status: ?403/, NOT_INVOKED],
  [/Lambda (invocation|execution) failed with status/, other("function-not-run")],
  [/Missing Authentication Token/, NOT_SIGNED],
  [/security token included in the request is (invalid|expired)/, EXPIRED],
  [
    /request signature we calculated|Signature (expired|not yet current)|Credential should be scoped|Authorization header requires/,
    BAD_SIGNATURE,
  ],
  [/timed out|timeout error/i, TIMEOUT],
  [/Too Many Requests|Limit Exceeded|Rate exceeded/i, THROTTLED],
];

/**
 * By the type of the gateway response, and the meaning of those that are not about IAM.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const BY_TYPE: Readonly<Record<string, Rule>> = {
  API_CONFIGURATION_ERROR: NOT_INVOKED,
  AUTHORIZER_CONFIGURATION_ERROR: OF_AUTHORIZER,
  AUTHORIZER_FAILURE: other("authorizer-failed"),
  ACCESS_DENIED: { kind: "forbidden", gates: CALLING },
  MISSING_AUTHENTICATION_TOKEN: NOT_SIGNED,
  INVALID_SIGNATURE: BAD_SIGNATURE,
  EXPIRED_TOKEN: EXPIRED,
  INVALID_API_KEY: other("api-key"),
  WAF_FILTERED: other("waf"),
  UNAUTHORIZED: other("no-valid-token"),
  INTEGRATION_FAILURE: other("function-failed"),
  INTEGRATION_TIMEOUT: TIMEOUT,
  THROTTLED,
  QUOTA_EXCEEDED: other("quota"),
};

/** The failure of a request; `undefined` for a successful one. */
export function failureOf({ fields }: LogRecord): Failure | undefined {
  const { status, responseType, error, integrationError, authorizerError } = fields;
  if (status !== undefined && Number(status) < 400) return undefined;
  const messages = [authorizerError, integrationError, error].filter((text) => text !== undefined);
  const [rule, words] = ruleByWords(messages) ?? [];
  if (rule !== undefined && words !== undefined)
    return { ...atAuthorizer(rule, fields), symptom: words, ...named(words) };
  if (authorizerError !== undefined && /permission|not authorized/i.test(authorizerError))
    return { ...OF_AUTHORIZER, symptom: authorizerError };
  const symptom = messages[0] ?? responseType ?? `status ${status ?? "unknown"}`;
  return { ...ruleByType(fields, integrationError ?? error), symptom };
}

/**
 * HTTP and WebSocket APIs have no resource policies, so only the authorizer of such a route denies a request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function failureAt(
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

function ruleByWords(messages: readonly string[]): readonly [Rule, string] | undefined {
  for (const [words, rule] of BY_WORDS) {
    const message = messages.find((text) => words.test(text));
    if (message !== undefined) return [rule, message];
  }
  return undefined;
}

/** The same message is logged for a route's function and its authorizer's; its position distinguishes them. */
function atAuthorizer(
  rule: Rule,
  { responseType, authorizerError, integrationError }: LogRecord["fields"],
): Rule {
  const saysSo =
    responseType === "AUTHORIZER_CONFIGURATION_ERROR" ||
    (authorizerError !== undefined && integrationError === undefined) ||
    /configured on the authorizer|call the authorizer/.test(authorizerError ?? integrationError ?? "");
  if (!saysSo || rule.gates.length === 0 || rule.gates === CALLING) return rule;
  return rule.kind === "role-not-assumed" ? { ...rule, gates: AUTHORIZER } : OF_AUTHORIZER;
}

/** `message`: of an error that is not about a missing permission, as texts. */
function ruleByType({ responseType, ...fields }: LogRecord["fields"], message: string | undefined): Rule {
  const typed = responseType === undefined ? undefined : BY_TYPE[responseType];
  // API Gateway uses this type for every error of an API; only its message is specific.
  if (typed === NOT_INVOKED && message !== undefined && /configuration error: \S/.test(message))
    return other("configuration");
  return typed ?? byStatus(fields);
}

function byStatus({
  status,
  integrationStatus,
  authenticateStatus,
  authorizeStatus,
}: LogRecord["fields"]): Rule {
  const reached = integrationStatus !== undefined && /^[2345]\d\d$/.test(integrationStatus);
  // API Gateway answers 500 where Lambda denies the request; a 403 that it forwards is the function's own.
  const answered = reached && !(status === "500" && integrationStatus === "403");
  if (answered) return other("function-answered", status);
  if (status === "403" && isFailed(authenticateStatus)) return EXPIRED;
  if (status === "403" && authorizeStatus !== undefined && /^2\d\d$/.test(authorizeStatus))
    return other("after-authorization");
  if (status === "403") return { kind: "forbidden", gates: CALLING };
  if (status === "500") return { kind: "server-error", gates: [...INVOKING, ...AUTHORIZER] };
  return other("no-permission", status);
}

function isFailed(status: string | undefined): boolean {
  return status !== undefined && /^[45]\d\d$/.test(status);
}

function named(symptom: string): Pick<Failure, "user" | "resource" | "byOrganization"> {
  const [, user, resource] =
    /User: (\S+) is not authorized to perform: \S+ on resource: (\S+)/.exec(symptom) ?? [];
  return {
    ...(user === undefined ? {} : { user }),
    ...(resource === undefined ? {} : { resource: resource.replace(/[.,"']+$/, "") }),
    ...(/in a (service|resource) control policy/.test(symptom) ? { byOrganization: true as const } : {}),
  };
}
