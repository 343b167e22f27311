import { type Hole, type Origin, text, Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { PoolRole } from "../facts";
import { fieldOf, labelOf, type ReadableResource, read, readString } from "../pulumi/properties";
import type { PropertyPlace, ResourceIndex } from "../pulumi/resource-index";

/**
 * The roles that Cognito identity pools assign to their identities: one for authenticated and one for unauthenticated
 * identities, and others by rules on the claims of a login.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 */
export function readPoolRoles(resources: ResourceIndex): readonly PoolRole[] {
  return resources.ofKind("PoolRoles").flatMap((planned) => {
    const poolId = readString(planned, "identityPoolId");
    if (poolId === undefined) return [];
    const pool = typeof poolId === "string" ? text(poolId) : text(unknownPool(planned, poolId.origins));
    const poolRole = (property: string, arn: unknown, authenticated: boolean): readonly PoolRole[] => {
      const role = roleOf({ resources, planned, property }, arn);
      return role === undefined
        ? []
        : [{ urn: planned.urn, label: labelOf(planned), pool, authenticated, role }];
    };
    const roles = read(planned, "roles");
    return [
      ...poolRole("roles", fieldOf(roles, "authenticated"), true),
      ...poolRole("roles", fieldOf(roles, "unauthenticated"), false),
      ...itemsOf(read(planned, "roleMappings"))
        .flatMap((mapping) =>
          itemsOf(
            fieldOf(mapping, "mappingRules") ?? fieldOf(fieldOf(mapping, "rulesConfiguration"), "rules"),
          ),
        )
        .flatMap((rule) => poolRole("roleMappings", fieldOf(rule, "roleArn"), true)),
    ];
  });
}

/** The role with an ARN; when the ARN is unknown, the only role that the property depends on. */
function roleOf({ resources, planned, property }: PropertyPlace, arn: unknown): PoolRole["role"] | undefined {
  if (typeof arn !== "string" && !(arn instanceof Unknown)) return undefined;
  const role = credentialsOf(resources, arn, planned, property);
  return role.mode === "role" ? role : undefined;
}

function unknownPool({ urn }: ReadableResource, origins: readonly Origin[]): Hole {
  return { id: `identity-pool ${urn}`, shape: "tail", label: { code: "identity-pool-id" }, origins };
}

/** The items of a list, or of a map with arbitrary keys. */
function itemsOf(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
