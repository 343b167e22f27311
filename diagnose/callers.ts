import { known, Unknown } from "../iam";
import { externalPrincipal, type PrincipalFacts, type StackFacts } from "../stack";
import type { Failure } from "./failures";
import type { Identifiers } from "./identifiers";
import type { LogRecord } from "./records";

/** The caller of a request. */
export type Caller =
  | {
      readonly kind: "principal";
      readonly principals: readonly PrincipalFacts[];
      readonly loggedAs: string;
      /** Its unique ID, which differs from the one in the state. */
      readonly newId?: string;
    }
  /** A principal that is not in the stacks. */
  | { readonly kind: "external"; readonly principal: PrincipalFacts; readonly loggedAs: string }
  /** The record has an ID that no state contains. */
  | { readonly kind: "unknown"; readonly loggedAs: string }
  | { readonly kind: "anonymous" }
  /** The record does not identify the caller. */
  | { readonly kind: "not-said" };

/**
 * The prefix of a principal's ARN, and the corresponding principal of the stacks; a federated user has a session's
 * policies.
 */
const PRINCIPAL_KINDS: ReadonlyMap<string, PrincipalFacts["kind"]> = new Map([
  ["user", "user"],
  ["role", "role"],
  ["assumed-role", "role"],
]);

/** Finds the caller among the roles and users of the stacks. */
export class CallerFinder {
  private readonly principalsByUrn: ReadonlyMap<string, PrincipalFacts>;
  /** The principals (URNs) whose unique ID is known. */
  private readonly urnsWithId: ReadonlySet<string>;

  constructor(
    private readonly facts: Pick<StackFacts, "principals" | "poolRoles" | "controlPoliciesOf">,
    private readonly identifiers: Identifiers,
    areIdsReal: boolean,
  ) {
    this.urnsWithId = new Set(areIdsReal ? identifiers.principals.values() : []);
    this.principalsByUrn = new Map(facts.principals.map((principal) => [principal.urn, principal]));
  }

  find({ fields }: LogRecord, { user }: Failure): Caller {
    const ids = [fields.caller, fields.userArn].filter((id) => id !== undefined);
    for (const id of ids) {
      const [uniqueId = ""] = id.split(":");
      const principal = this.principalsByUrn.get(this.identifiers.principals.get(uniqueId) ?? "");
      if (principal !== undefined) return { kind: "principal", principals: [principal], loggedAs: id };
    }
    if (user === "anonymous") return { kind: "anonymous" };
    const arn = [fields.userArn, user, fields.caller].find((id) => id?.startsWith("arn:"));
    if (arn !== undefined) return this.withNewId(this.callerOfArn(arn), ids);
    const identity = fields.identityId ?? fields.identityPool ?? fields.identityProvider;
    const roles = identity === undefined ? [] : this.rolesOfPool(fields);
    if (identity !== undefined && roles.length > 0)
      return { kind: "principal", principals: roles, loggedAs: identity };
    const unknown = ids[0] ?? identity;
    if (unknown !== undefined) return { kind: "unknown", loggedAs: unknown };
    return { kind: "not-said" };
  }

  /**
   * A role or user with the same name as in the state and another unique ID was re-created.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
   */
  private withNewId(caller: Caller, ids: readonly string[]): Caller {
    const newId = ids.map((id) => id.split(":")[0] ?? "").find((id) => /^A(RO|ID)A[A-Z0-9]{12,}$/.test(id));
    if (newId === undefined || caller.kind !== "principal") return caller;
    return caller.principals.every(({ urn }) => this.urnsWithId.has(urn)) ? { ...caller, newId } : caller;
  }

  /**
   * The ARN of a role's session has the role's name without its path.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
   */
  private callerOfArn(arn: string): Caller {
    const [, partition = "", account = "", resource = ""] =
      /^arn:([^:]*):(?:iam|sts)::(\d*):(.*)$/.exec(arn) ?? [];
    const [kind = "", ...parts] = resource.split("/");
    const name = kind === "assumed-role" ? parts[0] : parts.at(-1);
    const principals = this.facts.principals.filter(
      (principal) =>
        principal.kind === PRINCIPAL_KINDS.get(kind) &&
        principal.name === name &&
        (known(principal.account) ?? account) === account,
    );
    if (principals.length > 0) return { kind: "principal", principals, loggedAs: arn };
    const roleArn = kind === "assumed-role" ? `arn:${partition}:iam::${account}:role/${name}` : arn;
    return {
      kind: "external",
      principal: externalPrincipal(roleArn.replaceAll("*", ""), this.facts),
      loggedAs: arn,
    };
  }

  /**
   * The possible roles of an identity: the roles of its pool, or of all pools if the record does not name the pool.
   * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
   */
  private rolesOfPool({ identityPool, identityType, identityProvider }: LogRecord["fields"]) {
    const pools = new Set(this.facts.poolRoles.flatMap(({ pool }) => known(pool) ?? []));
    // The ID of an identity has the same format as that of a pool.
    const pool = identityPool !== undefined && pools.has(identityPool) ? identityPool : undefined;
    const isAuthenticated =
      identityType === undefined
        ? identityProvider !== undefined || undefined
        : identityType === "authenticated";
    const arns = new Set(
      this.facts.poolRoles
        .filter((role) => pool === undefined || known(role.pool) === pool)
        .filter(({ authenticated }) => isAuthenticated === undefined || authenticated === isAuthenticated)
        .flatMap(({ role }) => (role.arn instanceof Unknown ? [] : (known(role.arn) ?? []))),
    );
    const rolesInStacks = this.facts.principals.filter((principal) =>
      arns.delete(known(principal.arn) ?? ""),
    );
    return [...rolesInStacks, ...[...arns].map((arn) => externalPrincipal(arn, this.facts))];
  }
}
