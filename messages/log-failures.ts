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
    "the signature of the request is wrong: its keys, region, service name (execute-api) or what was signed",
  "invalid-credentials": () => "the credentials that signed the request are invalid or have expired",
  "not-signed": () =>
    "the request was not signed, or no route of the deployed stage has this method and path",
  timeout: () => "the function took longer than the integration's timeout",
  throttled: () => "a limit of requests was reached",
  "unreadable-answer": () => "the function was invoked, and answered what API Gateway cannot read",
  "manage-connections": () =>
    "sending to a client of a WebSocket API takes execute-api:ManageConnections on its @connections, which execute-api:Invoke does not give",
  "other-action": () =>
    "the message names another action than those of a route: it comes of what the route's function or integration does",
  "denied-by-authorizer-policy": () =>
    "the Lambda authorizer refused the request: the policy that it returned denies it, or allows no such route",
  "no-such-function": () => "the function, or the alias or version that the integration names, is not there",
  "function-not-run": () => "Lambda took the request, and could not run the function: its own log says why",
  "authorizer-failed": () => "the Lambda authorizer failed, or took too long: its own log says why",
  "api-key": () => "the route needs an API key that the request did not have",
  waf: () => "AWS WAF blocked the request",
  "no-valid-token": () => "the authorizer found no valid token in the request",
  "function-failed": () =>
    "the function was invoked and failed, or answered what API Gateway cannot read: its own log says why",
  quota: () => "the quota of the usage plan was reached",
  "lambda-authorizer-refused": () =>
    "the route's Lambda authorizer refused the request: its own log says why",
  "token-refused": () =>
    "the route's authorizer refused the token, as it does one that has none of the route's scopes",
  "authorizer-refused": () => "the authorizer of the route refused the request",
  configuration: () => "the API's configuration is wrong, in what the message says",
  "after-authorization": () =>
    "the caller was authorized, and something after that refused the request: AWS WAF or the function itself",
  "function-answered": (status: string) =>
    `the function was invoked and its answer made status ${status}: its own log says why`,
  "no-permission": (status: string) => `no permission of IAM fails with status ${status}`,
} as const;

export function showFailureMeaning({ code, status = "unknown" }: FailureMeaning): string {
  return MEANINGS[code](status);
}
