import { text } from "../../iam";
import type { PoolRole } from "../facts";
import { fieldOf, labelOf, read, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";

/**
 * The roles that Cognito identity pools give to their identities: one each to those that have logged in and to those
 * that have not, and others by rules on what a login says of them.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 */
export function readPoolRoles(reading: ResourceIndex): readonly PoolRole[] {
  return reading.of("PoolRoles").flatMap((planned) => {
    const pool = readString(planned, "identityPoolId");
    if (typeof pool !== "string") return [];
    const given = (arn: unknown, authenticated: boolean): readonly PoolRole[] =>
      typeof arn !== "string"
        ? []
        : [
            {
              urn: planned.urn,
              label: labelOf(planned),
              pool,
              authenticated,
              role: { mode: "role", arn: text(arn), from: [] },
            },
          ];
    const roles = read(planned, "roles");
    return [
      ...given(fieldOf(roles, "authenticated"), true),
      ...given(fieldOf(roles, "unauthenticated"), false),
      ...listed(read(planned, "roleMappings"))
        .flatMap((mapping) =>
          listed(
            fieldOf(mapping, "mappingRules") ?? fieldOf(fieldOf(mapping, "rulesConfiguration"), "rules"),
          ),
        )
        .flatMap((rule) => given(fieldOf(rule, "roleArn"), true)),
    ];
  });
}

/** The items of a list, or of a map by names of the program's choice. */
function listed(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
