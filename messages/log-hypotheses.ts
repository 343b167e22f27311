import { type LogCommand, showLogCommand } from "./log-commands";

/** The fields that a log needs for a request's route to be known. */
export type RouteFields = "api-and-route" | "api" | "method" | "route-key";

/** A possible cause where the stacks do not explain a failed request, as plain data. */
export type LogHypothesis = (
  | {
      readonly code:
        | "which-request"
        | "route-not-logged"
        | "caller-not-logged"
        | "function-replaced"
        | "trust-policy-drift"
        | "authorizer-drift"
        | "authorizer-refusal"
        | "authorization-drift"
        | "resource-policy-drift"
        | "older-integration"
        | "older-request"
        | "waf"
        | "vpc-endpoint-policy"
        | "function-error"
        | "propagation";
    }
  | { readonly code: "api-in-other-stack"; readonly id: string }
  | { readonly code: "domain-in-other-stack"; readonly domain: string }
  | { readonly code: "route-outside-stacks"; readonly requested: string }
  | { readonly code: "which-route"; readonly count: number; readonly fields: RouteFields }
  | { readonly code: "identity-pool-in-other-stack"; readonly pool: string }
  | { readonly code: "unknown-id"; readonly id: string }
  | { readonly code: "principal-replaced"; readonly label: string; readonly newId: string }
  | { readonly code: "permission-removed"; readonly stage: string | undefined }
  | {
      readonly code: "conditions-not-met";
      readonly keys: readonly string[];
      /** The fields of a log that contain the values in a condition. */
      readonly fields: readonly string[];
    }
  | { readonly code: "policy-drift"; readonly arn: string }
  | { readonly code: "control-policy"; readonly action: string }
) & { readonly command?: LogCommand | undefined };

type Sentences = {
  readonly [Code in LogHypothesis["code"]]: (hypothesis: LogHypothesis & { readonly code: Code }) => string;
};

const ROUTE_FIELDS: Readonly<Record<RouteFields, string>> = {
  "api-and-route":
    "$context.apiId, and $context.resourcePath and $context.httpMethod (for HTTP and WebSocket APIs $context.routeKey)",
  api: "$context.apiId",
  method: "$context.resourcePath and $context.httpMethod",
  "route-key": "$context.routeKey",
};

const SENTENCES: Sentences = {
  // Values that the log does not contain
  "which-request": () =>
    "the answer may depend on what the log does not say: log $context.stage, $context.httpMethod and $context.path",
  "api-in-other-stack": ({ id }) => `API ${id} belongs to another stack: give its state too`,
  "domain-in-other-stack": ({ domain }) =>
    `the stacks do not say to which API the domain name ${domain} leads: give the state of the stack that maps it too`,
  "route-not-logged": () =>
    "the log does not say which route was called: log $context.resourcePath, httpMethod and apiId (for HTTP and WebSocket APIs routeKey)",
  "route-outside-stacks": ({ requested }) =>
    `no route of the stacks answers ${requested}: it was made outside of them, or the record is of another API`,
  "which-route": ({ count, fields }) =>
    `the log does not say which of ${count} routes was called: log ${ROUTE_FIELDS[fields]}`,
  "caller-not-logged": () =>
    "the log does not say who called: log $context.identity.caller or $context.identity.userArn",
  "identity-pool-in-other-stack": ({ pool }) =>
    `the stacks do not say which roles the identity pool of ${pool} gives: give the state of the stack that has it too`,
  "unknown-id": ({ id }) =>
    `${id} is not a role or user of these states: a program that is run has ids of its own, and a role that was replaced has a new one`,
  "principal-replaced": ({ label, newId }) =>
    `${label} was deleted and made again as ${newId}: it may have lost policies that the state has, and policies of resources that name it are those of the former one until they are saved again; "pulumi refresh" brings the state up to date`,

  // Differences between AWS and the stacks
  "permission-removed": ({ stage }) =>
    `the permission that the state has is gone in AWS, as when it was removed by hand: the function's policy${stage === undefined ? "" : ` has to cover stage ${stage}`}; "pulumi refresh" brings the state up to date`,
  "function-replaced": () =>
    "the function was deleted and made again, and its permissions went with it; or the alias or version that the route calls is gone",
  "trust-policy-drift": () =>
    "the role's trust policy in AWS is not that of the state, or the role was deleted and made again",
  "authorizer-drift": () =>
    "the permission of the authorizer's function is gone in AWS, or the deployed stage uses another authorizer than the state has: the authorizer names its function",
  "authorizer-refusal": () =>
    "the route's authorizer refused the request: the state does not say what it answers",
  "authorization-drift": () =>
    "the route asks for no IAM credentials, so the deployed stage has another authorization than the state, or something before it refused the request",
  "conditions-not-met": ({ keys, fields }) =>
    `the request did not meet the conditions of the API's resource policy (${keys.join(", ")})${fields.length === 0 ? "" : `: log ${fields.join(" and ")}`}`,
  "resource-policy-drift": () =>
    "the API's resource policy was changed outside of the stacks, or after the stage was last deployed: a change of it takes effect with the next deployment",
  "older-integration": () =>
    "the stage serves an older deployment, whose integration calls another function or has other credentials than the state",
  "older-request": () =>
    "the stage serves an older deployment, whose integration has another method than POST, or another URI than the state",
  waf: () =>
    "AWS WAF refused it before IAM was asked: log $context.error.responseType, which is WAF_FILTERED then",
  "vpc-endpoint-policy": () =>
    "the policy of the VPC endpoint that the request came through does not allow it",
  "function-error": () =>
    "the function failed by itself: log $context.integration.error (for HTTP APIs $context.integrationErrorMessage), which says whether it was invoked",
  "policy-drift": ({ arn }) => `the policies of ${arn} in AWS are not those of the state (drift)`,
  "control-policy": ({ action }) =>
    `a service control policy of the organization denies ${action}, at the account or above it; or the session was given a policy of its own when the role was assumed`,
  propagation: () =>
    "the request came before a change of permissions had reached every part of AWS, which takes seconds: compare its time with that of the last change",
};

export function showLogHypothesis(hypothesis: LogHypothesis): {
  readonly what: string;
  readonly command?: string;
} {
  const sentenceOf = SENTENCES[hypothesis.code] as (hypothesis: LogHypothesis) => string;
  const { command } = hypothesis;
  return {
    what: sentenceOf(hypothesis),
    ...(command === undefined ? {} : { command: showLogCommand(command) }),
  };
}
