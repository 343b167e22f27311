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

/** Types of policies that a principal has. */
export type PolicyKind = "inline" | "managed";
