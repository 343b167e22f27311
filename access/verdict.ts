import type { Decision, Origin, UnknownReason } from "../iam";
import type {
  Api,
  ApiCall,
  Authorizer,
  FunctionTarget,
  FunctionUrl,
  LambdaIntegration,
  PrincipalFacts,
  Route,
} from "../stack";
import type { Gate } from "./gates/table";
import type { Grantee, TargetName } from "./unknowns";

export type Outcome = "allowed" | "denied" | "unproven";

/** Why, when the answer is not that of a policy document. */
export type Cause =
  | "policies"
  | "caller-credentials-without-iam-authorization"
  | "caller-credentials-with-resource-policy"
  | "role-not-trusted"
  | "identity-pool-not-trusted"
  | "service-not-trusted"
  | "role-in-another-account"
  | "private-api-without-resource-policy"
  | "resource-policy-matches-no-route"
  | "resource-policy-for-principals"
  | "caller-in-another-account"
  | "other-qualifier"
  | "unsigned-requests"
  | "no-permission";

/** A fact that is no evidence of a document. */
export type Note =
  /** A resource makes the call with the credentials of the principal. */
  | { readonly code: "call"; readonly call: string; readonly principal: string }
  /** An identity pool gives the role to identities that have logged in, or have not. */
  | {
      readonly code: "pool-role";
      readonly attachment: string;
      readonly pool?: string;
      readonly authenticated: boolean;
    }
  /** A permission is on another function, version or alias. */
  | { readonly code: "permission"; readonly permission: string; readonly target: TargetName };

/** A stage on which a route fails, and the verbs where some others work. */
export interface FailingStage {
  readonly stage: string;
  readonly verbs?: readonly string[];
}

/** What a role is used by, and the service principal that assumes it for that. */
export interface RoleUser {
  readonly label: string;
  readonly service: string;
}

/** An answer with everything a message or a report needs to say why. */
export interface Verdict {
  readonly gate: Gate;
  readonly outcome: Outcome;
  readonly cause: Cause;
  /** URN of the resource that the answer is about. */
  readonly urn: string;
  readonly routes: readonly Route[];
  readonly api?: Api;
  readonly principal?: PrincipalFacts;
  readonly target?: FunctionTarget;
  readonly integration?: LambdaIntegration;
  readonly authorizer?: Authorizer;
  readonly functionUrl?: FunctionUrl;
  /** Whom a resource policy names as a caller, where that is no principal of the stack, and the policy or permission. */
  readonly grantee?: Grantee & { readonly by: string };
  /** What is to use the principal's credentials and may not. */
  readonly user?: RoleUser;
  /** The call that is in question, where it is one that a service makes as itself. */
  readonly call?: ApiCall;
  /** The answer of the policy documents, with its evidence. */
  readonly decision?: Decision;
  /** The ARN that was asked for, shown for people: a source ARN, an execute-api ARN, a function's ARN. */
  readonly asked?: string;
  /** The actions in question. */
  readonly actions: readonly string[];
  /** The Resource patterns of a statement that match no route. */
  readonly unmatched?: readonly string[];
  /** The stages that fail where others work. */
  readonly failing?: readonly FailingStage[];
  /** Set when the answer was concluded from what unknown values are depend on. */
  readonly inferredFrom: readonly Origin[];
  readonly unknowns: readonly UnknownReason[];
  readonly notes: readonly Note[];
}

const NO_ORIGINS: readonly Origin[] = [];

/** Unions without repetition, in order. */
export function originsTogether(...lists: readonly (readonly Origin[] | undefined)[]): readonly Origin[] {
  // The usual case, and it is asked for each caller and function: nothing was inferred.
  if (lists.every((list) => list === undefined || list.length === 0)) return NO_ORIGINS;
  const byKey = new Map<string, Origin>();
  for (const list of lists) for (const origin of list ?? []) byKey.set(origin.key, origin);
  return [...byKey.values()].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
}
