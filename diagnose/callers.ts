import { known, Unknown } from "../iam";
import { externalPrincipal, type PrincipalFacts, type StackFacts } from "../stack";
import type { Failure } from "./failures";
import type { Identifiers } from "./identifiers";
import type { LogRecord } from "./records";

/** Who called. */
export type Caller =
  | { readonly kind: "principal"; readonly principals: readonly PrincipalFacts[]; readonly as: string }
  /** Somebody whom the stacks do not hold. */
  | { readonly kind: "external"; readonly principal: PrincipalFacts; readonly as: string }
  /** The record has an id that no state knows. */
  | { readonly kind: "unknown"; readonly as: string }
  | { readonly kind: "anonymous" }
  /** The record does not say. */
  | { readonly kind: "not-said" };

/** Finds who called among the roles and users of the stacks. */
export class CallerFinder {
  private readonly byUrn: ReadonlyMap<string, PrincipalFacts>;

  constructor(
    private readonly facts: Pick<StackFacts, "principals" | "poolRoles" | "controlOf">,
    private readonly identifiers: Identifiers,
  ) {
    this.byUrn = new Map(facts.principals.map((principal) => [principal.urn, principal]));
  }

  find({ fields }: LogRecord, { user }: Failure): Caller {
    const ids = [fields.caller, fields.userArn].filter((id) => id !== undefined);
    for (const id of ids) {
      const [uniqueId = ""] = id.split(":");
      const principal = this.byUrn.get(this.identifiers.principals.get(uniqueId) ?? "");
      if (principal !== undefined) return { kind: "principal", principals: [principal], as: id };
    }
    if (user === "anonymous") return { kind: "anonymous" };
    const arn = [fields.userArn, user, fields.caller].find((id) => id?.startsWith("arn:"));
    if (arn !== undefined) return this.byArn(arn);
    const roles = this.rolesOfPool(fields.identityPool);
    if (roles.length > 0) return { kind: "principal", principals: roles, as: fields.identityPool ?? "" };
    const [unknown] = ids;
    if (unknown !== undefined) return { kind: "unknown", as: unknown };
    return { kind: "not-said" };
  }

  /**
   * The ARN of a role's session has the role's name and not its path.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
   */
  private byArn(arn: string): Caller {
    const [, partition = "", account = "", resource = ""] =
      /^arn:([^:]*):(?:iam|sts)::(\d*):(.*)$/.exec(arn) ?? [];
    const [kind = "", ...parts] = resource.split("/");
    const wanted = kind === "user" ? "user" : "role";
    const name = kind === "assumed-role" ? parts[0] : parts.at(-1);
    const principals = this.facts.principals.filter(
      (one) => one.kind === wanted && one.name === name && (known(one.account) ?? account) === account,
    );
    if (principals.length > 0) return { kind: "principal", principals, as: arn };
    const declared = kind === "assumed-role" ? `arn:${partition}:iam::${account}:role/${name}` : arn;
    return {
      kind: "external",
      principal: externalPrincipal(declared.replaceAll("*", ""), this.facts),
      as: arn,
    };
  }

  private rolesOfPool(pool: string | undefined): readonly PrincipalFacts[] {
    const arns = new Set(
      this.facts.poolRoles
        .filter((role) => pool !== undefined && known(role.pool) === pool)
        .flatMap(({ role }) => (role.arn instanceof Unknown ? [] : (known(role.arn) ?? []))),
    );
    return this.facts.principals.filter((principal) => arns.has(known(principal.arn) ?? ""));
  }
}
