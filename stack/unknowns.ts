/** Reasons why the readers of a stack leave a value unknown; see `iam/evaluate/unknowns.ts`. */
declare module "../iam/evaluate/unknowns" {
  interface UnknownSubjects {
    /** The resource policy of an API that the state has and the program does not set. */
    "resource-policy-may-remain": { readonly api: string };
    /** As above, for a principal's policy that a resource lists. */
    "policy-may-remain": { readonly principal: string; readonly policy: string; readonly resource: string };
    /** A policy that an exclusive list does not name. */
    "policy-not-listed": { readonly principal: string; readonly policy: string; readonly resource: string };
    "policy-list": { readonly kind: PolicyKind; readonly resource: string };
    "listed-policies": { readonly kind: PolicyKind; readonly resource: string };
    "attached-policy": { readonly resource: string };
    /** A managed policy, by its ARN or by the value that names it. */
    "managed-policy": { readonly arn?: string; readonly resource: string };
    "encrypted-principal": { readonly resource: string };
    "blank-principal": { readonly principal: string };
    /** Further policies of a principal that the stack does not create. */
    "other-policies": {
      readonly principal: string;
      readonly isNamed: boolean;
      readonly kind?: PolicyKind | "groups";
    };
    "member-outside-stack": { readonly user: string };
    "group-outside-stack": { readonly resource: string };
    "groups-may-remain": { readonly resource: string };
    "inferred-source-arn": { readonly permission: string; readonly dependsOn: readonly string[] };
    "replaced-permission": { readonly permission: string; readonly policy: string };
  }

  interface Resolutions {
    "set-in-program": { readonly principal?: string };
    "add-to-list": { readonly resource: string };
    "preview-after-api-for-source-arn": unknown;
    "add-to-document": { readonly policy: string };
    "declare-path": unknown;
    "preview-after-resource": { readonly resource: string };
  }
}

/** Unknown values of a stack that are not properties of resources. */
declare module "../iam/text/hole-labels" {
  interface HoleLabels {
    /** The id of the API that a resource names. */
    "api-id": { readonly of: string };
    /** The base path of an OpenAPI body. */
    "base-path": unknown;
    /** The account of the resource that a service integration calls. */
    "called-account": unknown;
    "event-bus": unknown;
    "identity-pool-id": unknown;
    /** The path above a resource. */
    "parent-path": { readonly of: string };
    /** A path in an unknown OpenAPI body. */
    "path-in-body": unknown;
    "provider-account": unknown;
    "provider-partition": unknown;
    "provider-region": unknown;
    /** The resource that a request to an integration names. */
    "resource-in-request": unknown;
    /** A value that a resource puts in its requests. */
    "value-in-requests": { readonly of: string };
    "vpc-id": unknown;
  }
}

/** Types of policies that a principal has. */
export type PolicyKind = "inline" | "managed";
