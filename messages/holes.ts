import type { HoleLabel } from "../iam";

type LabelOf<Code extends HoleLabel["code"]> = Extract<HoleLabel, { readonly code: Code }>;

/** The values that holes represent. */
const HOLES: { readonly [Code in HoleLabel["code"]]: (label: LabelOf<Code>) => string } = {
  // Values of policy documents
  unknown: () => "an unknown value",
  "depends-on": ({ resources }) => `a value that depends on ${resources.join(", ")}`,
  property: ({ property, of }) => `the ${property} of ${of}`,
  named: ({ name }) => name,
  value: ({ of }) => `the value of ${of}`,
  account: () => "the account",
  api: () => "the API",
  arn: () => "the ARN",
  "endpoint-id": () => "the id of the VPC or VPC endpoint",
  function: () => "the function",
  "login-provider": () => "the login provider",
  request: () => "the request",

  // Requests
  "connection-id": () => "the id of the connection",
  method: () => "the request's method",
  path: () => "the request's path",
  qualifier: () => "the qualifier",
  "remaining-methods": () => "the methods that no other route of the path handles",
  role: () => "the role",
  stage: () => "the stage",

  // Values of the stack
  "api-id": ({ of }) => `the id of the API that ${of} names`,
  "base-path": () => "the base path",
  "called-account": () => "the account of the called resource",
  "event-bus": () => "the event bus",
  "identity-pool-id": () => "the id of the identity pool",
  "parent-path": ({ of }) => `the path above ${of}`,
  "path-in-body": () => "the path in the body",
  "provider-account": () => "the provider's account",
  "provider-partition": () => "the provider's partition",
  "provider-region": () => "the provider's region",
  "resource-in-request": () => "the resource in the request",
  "value-in-requests": ({ of }) => `the value from ${of}`,
  "vpc-id": () => "the id of the VPC",
};

/** The value that a hole represents, in a sentence. */
export function showHole(label: HoleLabel): string {
  const show = HOLES[label.code] as (label: HoleLabel) => string;
  return show(label);
}
