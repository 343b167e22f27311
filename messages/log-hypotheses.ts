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
    "the result may depend on fields that the log does not contain: log $context.stage, $context.httpMethod and $context.path",
  "api-in-other-stack": ({ id }) => `API ${id} belongs to another stack: add its state`,
  "domain-in-other-stack": ({ domain }) =>
    `the stacks have no API mapping for the domain name ${domain}: add the state of the stack that maps it`,
  "route-not-logged": () =>
    "the log does not show which route was called: log $context.resourcePath, httpMethod and apiId (for HTTP and WebSocket APIs routeKey)",
  "route-outside-stacks": ({ requested }) =>
    `no route of the stacks matches ${requested}: the route was created outside of them, or the record belongs to another API`,
  "which-route": ({ count, fields }) =>
    `the log does not show which of ${count} routes was called: log ${ROUTE_FIELDS[fields]}`,
  "caller-not-logged": () =>
    "the log does not identify the caller: log $context.identity.caller or $context.identity.userArn",
  "identity-pool-in-other-stack": ({ pool }) =>
    `the stacks do not show the roles of the identity pool of ${pool}: add the state of its stack`,
  "unknown-id": ({ id }) =>
    `${id} is not a role or user of these states: a program that is run has simulated IDs, and a replaced role has a new ID`,
  "principal-replaced": ({ label, newId }) =>
    `${label} was deleted and re-created as ${newId}: it may lack policies that the state has, and resource policies that name it still refer to the deleted one until they are saved again; "pulumi refresh" updates the state`,

  // Differences between AWS and the stacks
  "permission-removed": ({ stage }) =>
    `the permission in the state no longer exists in AWS, for example because it was removed manually: the function's policy${stage === undefined ? "" : ` has to cover stage ${stage}`}; "pulumi refresh" updates the state`,
  "function-replaced": () =>
    "the function was deleted and re-created without its permissions; or the alias or version that the route calls no longer exists",
  "trust-policy-drift": () =>
    "the role's trust policy in AWS differs from the state, or the role was deleted and re-created",
  "authorizer-drift": () =>
    "the permission of the authorizer's function no longer exists in AWS, or the deployed stage uses another authorizer than the state: the authorizer names its function",
  "authorizer-refusal": () => "the route's authorizer denied the request: its response is not in the state",
  "authorization-drift": () =>
    "the route requires no IAM credentials, so the deployed stage has another authorization than the state, or the request was denied earlier",
  "conditions-not-met": ({ keys, fields }) =>
    `the request did not meet the conditions of the API's resource policy (${keys.join(", ")})${fields.length === 0 ? "" : `: log ${fields.join(" and ")}`}`,
  "resource-policy-drift": () =>
    "the API's resource policy was changed outside of the stacks, or after the stage was last deployed: a change takes effect with the next deployment",
  "older-integration": () =>
    "the stage serves an older deployment, whose integration calls another function or has other credentials than the state",
  "older-request": () =>
    "the stage serves an older deployment, whose integration has another method than POST, or another URI than the state",
  waf: () =>
    "AWS WAF blocked it before IAM was evaluated: log $context.error.responseType, which is then WAF_FILTERED",
  "vpc-endpoint-policy": () =>
    "the policy of the VPC endpoint that the request came through does not allow it",
  "function-error": () =>
    "the function itself failed: log $context.integration.error (for HTTP APIs $context.integrationErrorMessage), which shows whether it was invoked",
  "policy-drift": ({ arn }) => `the policies of ${arn} in AWS differ from the state (drift)`,
  "control-policy": ({ action }) =>
    `a service control policy of the organization denies ${action}, at the account or above it; or a session policy was passed when the role was assumed`,
  propagation: () =>
    "the request was made before a change of permissions had propagated, which takes seconds: compare its time with that of the last change",
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
