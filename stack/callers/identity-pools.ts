import { type Hole, type Origin, text, Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { PoolRole } from "../facts";
import { VALUES } from "../labels";
import { fieldOf, labelOf, type Planned, read, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";

/**
 * The roles that Cognito identity pools assign to their identities: one for authenticated and one for unauthenticated
 * identities, and others by rules on the claims of a login.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 */
export function readPoolRoles(resources: ResourceIndex): readonly PoolRole[] {
  return resources.ofKind("PoolRoles").flatMap((planned) => {
    const shown = readString(planned, "identityPoolId");
    if (shown === undefined) return [];
    const pool = typeof shown === "string" ? text(shown) : text(unknownPool(planned, shown.origins));
    const given = (property: string, arn: unknown, authenticated: boolean): readonly PoolRole[] => {
      const role = roleOf(resources, planned, property, arn);
      return role === undefined
        ? []
        : [{ urn: planned.urn, label: labelOf(planned), pool, authenticated, role }];
    };
    const roles = read(planned, "roles");
    return [
      ...given("roles", fieldOf(roles, "authenticated"), true),
      ...given("roles", fieldOf(roles, "unauthenticated"), false),
      ...listed(read(planned, "roleMappings"))
        .flatMap((mapping) =>
          listed(
            fieldOf(mapping, "mappingRules") ?? fieldOf(fieldOf(mapping, "rulesConfiguration"), "rules"),
          ),
        )
        .flatMap((rule) => given("roleMappings", fieldOf(rule, "roleArn"), true)),
    ];
  });
}

/** The role with an ARN; when the ARN is unknown, the only role that the property depends on. */
function roleOf(
  resources: ResourceIndex,
  planned: Planned,
  property: string,
  arn: unknown,
): PoolRole["role"] | undefined {
  if (typeof arn !== "string" && !(arn instanceof Unknown)) return undefined;
  const role = credentialsOf(resources, arn, planned, property);
  return role.mode === "role" ? role : undefined;
}

function unknownPool({ urn }: Planned, from: readonly Origin[]): Hole {
  return { id: `identity-pool ${urn}`, shape: "tail", label: VALUES.identityPool, origins: from };
}

/** The items of a list, or of a map with arbitrary keys. */
function listed(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
