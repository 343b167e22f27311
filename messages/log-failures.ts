/**
 * The meaning of a failed request that is not caused by a missing IAM permission: a code, and the status of the answer
 * that shows it.
 */
export interface FailureMeaning {
  readonly code: keyof typeof MEANINGS;
  readonly status?: string;
}

const MEANINGS = {
  "bad-signature": () =>
    "the signature of the request is wrong: its keys, region, service name (execute-api) or signed content",
  "invalid-credentials": () => "the credentials that signed the request are invalid or have expired",
  "not-signed": () =>
    "the request was not signed, or no route of the deployed stage has this method and path",
  timeout: () => "the function took longer than the integration's timeout",
  throttled: () => "a request limit was exceeded",
  "unreadable-answer": () =>
    "the function was invoked, and returned a response that API Gateway cannot process",
  "manage-connections": () =>
    "sending to a client of a WebSocket API requires execute-api:ManageConnections on its @connections, which execute-api:Invoke does not grant",
  "other-action": () =>
    "the message names an action that no route requires: it comes from the route's function or integration",
  "denied-by-authorizer-policy": () =>
    "the Lambda authorizer denied the request: the policy that it returned denies it, or does not allow this route",
  "no-such-function": () =>
    "the function, or the alias or version that the integration names, does not exist",
  "function-not-run": () =>
    "Lambda accepted the request, but could not run the function: see the function's log",
  "authorizer-failed": () => "the Lambda authorizer failed or timed out: see its log",
  "api-key": () => "the route needs an API key that the request did not have",
  waf: () => "AWS WAF blocked the request",
  "no-valid-token": () => "the authorizer found no valid token in the request",
  "function-failed": () =>
    "the function was invoked and failed, or returned a response that API Gateway cannot process: see the function's log",
  quota: () => "the quota of the usage plan was reached",
  "lambda-authorizer-refused": () => "the route's Lambda authorizer denied the request: see its log",
  "token-refused": () =>
    "the route's authorizer rejected the token, for example because it has none of the route's scopes",
  "authorizer-refused": () => "the authorizer of the route denied the request",
  configuration: () => "the API's configuration is wrong, as the message describes",
  "after-authorization": () =>
    "the caller was authorized, and the request was denied later, by AWS WAF or by the function itself",
  "function-answered": (status: string) =>
    `the function was invoked and its response had status ${status}: see the function's log`,
  "no-permission": (status: string) => `a missing IAM permission never causes status ${status}`,
} as const;

export function showFailureMeaning({ code, status = "unknown" }: FailureMeaning): string {
  return MEANINGS[code](status);
}
