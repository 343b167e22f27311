import { type Origin, show, type Text, Unknown } from "../iam";
import type { FunctionTarget, Route } from "../stack";

/** A route in messages: its known part, as text. */
export interface RouteName {
  readonly verb: string;
  readonly path: string;
  /** It represents all routes of an unknown body. */
  readonly isUnread?: true;
}

/** A function in messages. */
export interface TargetName {
  /** It is in the stack. */
  readonly function?: string;
  readonly qualifier?: string;
  readonly arn?: string;
}

/** Reasons why gates leave a value unknown; see `iam/evaluate/unknowns.ts`. */
declare module "../iam/evaluate/unknowns" {
  interface UnknownSubjects {
    "caller-in-account": { readonly principal: string; readonly api: string };
    /** Whether a principal whose AWS managed policy allows it to call every API calls this one. */
    "general-caller": { readonly principal: string; readonly isExternal?: true };
    "intended-caller": { readonly principal: string; readonly route: RouteName; readonly api: string };
    /** Whether a caller is intended for a route, or for routes of another kind, of which one is named. */
    "intended-route": {
      readonly principal: string;
      readonly route: RouteName;
      readonly api: string;
      readonly otherRoute: RouteName;
      readonly hasFunction: boolean;
    };
    "literal-grant": { readonly source: string };
    "external-role": { readonly arn?: string };
    "resource-policy-outside-stack": { readonly api: string; readonly id?: string; readonly region?: string };
    "resource-policy-in-body": { readonly api: string };
    "resource-policy-set": { readonly api: string };
    "resource-policy-kept": { readonly policy: string };
    "resource-policy-at-deployment": { readonly api: string };
    "vpc-endpoint": { readonly api: string; readonly endpoints: readonly string[] };
    "route-target": { readonly route: RouteName };
    "route-authorization": { readonly route: RouteName };
    "integration-target": { readonly integration: string };
    "integration-in-body": { readonly target: TargetName };
    /** The credentials of an integration or authorizer. */
    credentials: { readonly label: string };
    "authorizer-used": { readonly authorizer: string; readonly api: string };
    /** The function of the call. */
    "called-function": unknown;
    "called-qualifier": { readonly function?: string };
    "called-target": { readonly target: TargetName; readonly likely: TargetName };
    "function-policy": unknown;
    "function-policy-outside-stack": { readonly arn: string };
    "function-of-permission": { readonly permission: string };
    "remaining-methods": { readonly path: string; readonly route: RouteName };
    "any-in-source-arn": unknown;
    "url-authorization": { readonly url: string };
    "url-function": { readonly url: string };
    "url-signer": { readonly origin: string };
    /** The resource policy of the target of a service integration. */
    "called-resource-policy": { readonly action: string };
    "both-actions": { readonly source: string };
    /** The callers of a URL that accepts every signature. */
    "callers-of-url": unknown;
    "grantee-policies": { readonly grantee: Grantee };
    "grantee-account": { readonly grantee: Grantee };
    "grantee-allowed": { readonly grantee: Grantee; readonly action: string };
  }

  interface Resolutions {
    "declare-stage": unknown;
    "preview-after-api": unknown;
    "preview-after-api-or-name-function": unknown;
    "preview-caller-stack": unknown;
    "preview-role-stack": unknown;
    "preview-function-stack-or-grant": unknown;
    "preview-function-stack-or-permit": unknown;
    "document-shown": unknown;
    "separate-document": unknown;
    "write-known-function-arn": unknown;
    "function-shown": unknown;
    "permit-or-preview-body": unknown;
    "any-method": unknown;
    "any-method-or-preview-routes": unknown;
    "declare-resource-policy": unknown;
    "same-vpc-endpoints": unknown;
    "origin-access-control": unknown;
    "second-permission": unknown;
  }
}

/** Parts of requests to routes and functions. */
declare module "../iam/text/hole-labels" {
  interface HoleLabels {
    "connection-id": unknown;
    method: unknown;
    path: unknown;
    qualifier: unknown;
    /** The methods that no other route of a path handles. */
    "remaining-methods": unknown;
    role: unknown;
    stage: unknown;
  }
}

/** A principal outside the stack that a resource policy of a function or an API names. */
export type Grantee =
  | { readonly kind: "service"; readonly name: string }
  /** A resource whose requests a service makes: a distribution. */
  | { readonly kind: "resource"; readonly label: string }
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "organization"; readonly organization: string }
  | { readonly kind: "principal"; readonly arn: string }
  | { readonly kind: "everyone" };

/** The method and path of a route for messages, with holes as `<label>`. */
export function routeName({ verb, path, unknownBody }: Route): RouteName {
  return { verb, path: pathName(path), ...(unknownBody === undefined ? {} : { isUnread: true as const }) };
}

/** A path for messages, with holes as `<label>`. */
export function pathName(path: Text): string {
  return show(path);
}

/**
 * The label and qualifier of a function of the stack, or the ARN of another function; empty where the function is
 * unknown.
 */
export function targetName({ function: fn, arn, qualifier }: FunctionTarget): TargetName {
  if (fn === undefined) return arn instanceof Unknown ? {} : { arn: show(arn) };
  return { function: fn.label, ...(qualifier === undefined ? {} : { qualifier: show(qualifier) }) };
}

/** The values on which an unknown value depends. */
export function dependenciesOf(value: unknown): readonly Origin[] {
  return value instanceof Unknown ? value.origins : [];
}
