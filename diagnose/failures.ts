import type { GateName } from "../report/model";
import type { FailureEntry } from "./model";
import type { LogRecord } from "./records";

/** What a record says went wrong. */
export type FailureKind = FailureEntry["kind"];

/** What a request failed for, as far as its record says so. */
export interface Failure {
  readonly kind: FailureKind;
  /** The words of AWS. */
  readonly symptom: string;
  /** The gates that fail so. */
  readonly gates: readonly GateName[];
  /** What it means, where no permission of IAM is missing. */
  readonly meaning?: string;
  /** Whom and what the message names: `User: … is not authorized to perform: … on resource: …`. */
  readonly user?: string;
  readonly resource?: string;
}

const INVOKING: readonly GateName[] = ["route-function", "role-function", "caller-function"];
const CALLING: readonly GateName[] = ["caller-route", "resource-policy"];

interface Rule {
  readonly kind: FailureKind;
  readonly words: RegExp;
  readonly gates: readonly GateName[];
  readonly meaning?: string;
}

/**
 * By the words of the message, the most telling first.
 * https://repost.aws/knowledge-center/api-gateway-lambda-template-invoke-error
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const BY_WORDS: readonly Rule[] = [
  {
    kind: "role-not-assumed",
    words: /permission to assume the provided role/,
    gates: ["role-function", "authorizer-function"],
  },
  {
    kind: "authorizer-not-invoked",
    words: /configuration error: Authorizer error/,
    gates: ["authorizer-function"],
  },
  {
    kind: "function-not-invoked",
    words: /Invalid permissions on Lambda function|The IAM role configured on the integration/,
    gates: INVOKING,
  },
  {
    kind: "caller-not-authorized",
    words: /is not authorized to perform: execute-api:Invoke/,
    gates: CALLING,
  },
  {
    kind: "refused-by-authorizer",
    words: /User is not authorized to access this resource/,
    gates: [],
    meaning:
      "the Lambda authorizer refused the request: the policy that it returned denies it, or allows no such route",
  },
];

/**
 * By the type of the gateway response, and what those say that are no matter of IAM.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const BY_TYPE: Readonly<Record<string, Omit<Rule, "words">>> = {
  API_CONFIGURATION_ERROR: { kind: "function-not-invoked", gates: INVOKING },
  AUTHORIZER_CONFIGURATION_ERROR: { kind: "authorizer-not-invoked", gates: ["authorizer-function"] },
  AUTHORIZER_FAILURE: {
    kind: "other",
    gates: [],
    meaning: "the Lambda authorizer failed, or took too long: its own log says why",
  },
  ACCESS_DENIED: { kind: "forbidden", gates: CALLING },
  MISSING_AUTHENTICATION_TOKEN: {
    kind: "other",
    gates: [],
    meaning: "the request was not signed, or no route of the deployed stage has this method and path",
  },
  INVALID_SIGNATURE: {
    kind: "other",
    gates: [],
    meaning:
      "the signature of the request is wrong: its keys, region, service name (execute-api) or what was signed",
  },
  EXPIRED_TOKEN: {
    kind: "other",
    gates: [],
    meaning: "the credentials that signed the request have expired",
  },
  INVALID_API_KEY: {
    kind: "other",
    gates: [],
    meaning: "the route needs an API key that the request did not have",
  },
  WAF_FILTERED: { kind: "other", gates: [], meaning: "AWS WAF blocked the request" },
  UNAUTHORIZED: { kind: "other", gates: [], meaning: "the authorizer found no valid token in the request" },
  INTEGRATION_FAILURE: {
    kind: "other",
    gates: [],
    meaning:
      "the function was invoked and failed, or answered what API Gateway cannot read: its own log says why",
  },
  INTEGRATION_TIMEOUT: {
    kind: "other",
    gates: [],
    meaning: "the function took longer than the integration's timeout",
  },
  THROTTLED: { kind: "other", gates: [], meaning: "a limit of requests was reached" },
  QUOTA_EXCEEDED: { kind: "other", gates: [], meaning: "the quota of the usage plan was reached" },
};

/** What failed in a request; `undefined` where it did not. */
export function failureOf({ fields }: LogRecord): Failure | undefined {
  const { status, responseType, error, integrationError, authorizerError } = fields;
  if (status !== undefined && Number(status) < 400) return undefined;
  const messages = [integrationError, authorizerError, error].filter((text) => text !== undefined);
  for (const { words, ...rule } of BY_WORDS) {
    const symptom = messages.find((text) => words.test(text));
    if (symptom !== undefined) return { ...rule, symptom, ...named(symptom) };
  }
  const symptom = messages[0] ?? responseType ?? `status ${status ?? "unknown"}`;
  if (authorizerError !== undefined && /permission|not authorized/i.test(authorizerError))
    return { kind: "authorizer-not-invoked", symptom: authorizerError, gates: ["authorizer-function"] };
  const typed = responseType === undefined ? undefined : BY_TYPE[responseType];
  if (typed !== undefined) return { ...typed, symptom };
  return { symptom, ...byStatus(fields) };
}

function byStatus({ status, integrationStatus }: LogRecord["fields"]): Omit<Failure, "symptom"> {
  // Lambda answered, so API Gateway was let through to it.
  const answered =
    integrationStatus !== undefined && /^[2345]\d\d$/.test(integrationStatus) && integrationStatus !== "403";
  if (status === "403" && !answered) return { kind: "forbidden", gates: CALLING };
  if (status === "500" && !answered)
    return { kind: "server-error", gates: [...INVOKING, "authorizer-function"] };
  return {
    kind: "other",
    gates: [],
    meaning: answered
      ? `the function was invoked and its answer made status ${status ?? "unknown"}: its own log says why`
      : `no permission of IAM fails with status ${status ?? "unknown"}`,
  };
}

function named(symptom: string): Pick<Failure, "user" | "resource"> {
  const [, user, resource] =
    /User: (\S+) is not authorized to perform: \S+ on resource: (\S+)/.exec(symptom) ?? [];
  return {
    ...(user === undefined ? {} : { user }),
    ...(resource === undefined ? {} : { resource: resource.replace(/[.,"']+$/, "") }),
  };
}
