/**
 * Labels for subjects that have no name in Pulumi: parts of resources and of bodies, and unknown values. They are nouns
 * that sentences quote like the names of resources; no code compares them.
 */

/** `GET /orders in the body of RestApi orders-api` */
export function inBody(part: string, api: string): string {
  return `${part} in the body of ${api}`;
}

/** `the path of Resource orders` */
export function thePartOf(part: string, resource: string): string {
  return `the ${part} of ${resource}`;
}

/** `route key of Route orders` */
export function partOf(part: string, resource: string): string {
  return `${part} of ${resource}`;
}

/** `stage variable fn of stage prod, which it does not have` */
export function stageVariable(name: string, stage: string | undefined, isSet: boolean): string {
  const stageText = stage === undefined ? "" : ` ${stage}`;
  return `stage variable ${name} of stage${stageText}${isSet ? "" : ", which it does not have"}`;
}

/** `the role that RolePolicy orders names` */
export function principalNamedBy(kind: string, resource: string): string {
  return `the ${kind} that ${resource} names`;
}

/** `permissions boundary arn:aws:iam::123456789012:policy/limit of Role orders` */
export function boundaryOf(arn: string | undefined, resource: string): string {
  return `permissions boundary ${arn ?? "that it names"} of ${resource}`;
}

/** `all operations of a body after its first 1000` */
export function operationsAfter(count: number): string {
  return `all operations of a body after its first ${count}`;
}

export const VALUES = {
  notOpenApi: "a body that is not an OpenAPI document",
  object: "an object in S3",
  policyTooLarge: "a policy that is too large or too deeply nested",
  secret: "a secret that is encrypted in the state",
  yamlTooLarge: "a YAML body of more than 6 MB",
} as const;
