import { equal, type Origin, type Text, text, Unknown } from "../../iam";
import { appendTo } from "../pulumi/keys";
import { type ReadableResource, read, readString, SECRET } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";

export const PRINCIPAL_KINDS = ["Role", "User", "Group"] as const;
/** A kind of IAM entity with policies, as a {@link ResourceKind}. */
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** A principal outside the stack, for messages: `role "deploy"`. */
export function shownName(kind: PrincipalKind, name: string): string {
  return `${kind.toLowerCase()} "${name}"`;
}

/** The name of a principal in AWS, or while that is unknown the name of its resource in the program. */
export function nameOf(planned: ReadableResource): string {
  const name = readString(planned, "name");
  return typeof name === "string" ? name : planned.name;
}

/** The ARN of a role, user or group. */
export function arnOf(resources: ResourceIndex, kind: PrincipalKind, planned: ReadableResource): Text {
  const arn = readString(planned, "arn");
  if (typeof arn === "string") return text(arn);
  const { partition, account } = scopeOf(resources, planned);
  const name = readString(planned, "name");
  const path = readString(planned, "path");
  return text(
    ...[text("arn:"), partition, text(":iam::"), account, text(`:${kind.toLowerCase()}`)],
    typeof path === "string" && path.startsWith("/") ? path : "/",
    typeof name === "string" ? name : text(resources.unassigned(planned, "name")),
  );
}

/** The principals that a property names. */
export interface FoundPrincipals {
  readonly inStack: readonly ReadableResource[];
  /** Names that no principal of the stack has. */
  readonly external: readonly string[];
  /** It names a principal that the plan does not show and that may have no dependencies. */
  readonly isEncrypted: boolean;
  /** The dependencies of an unknown name that is not a principal of the stack. */
  readonly nameOrigins: readonly Origin[];
}

/** Finds the principals that a property names, by value or by dependency. */
export type PrincipalFinder = (
  kind: PrincipalKind,
  planned: ReadableResource,
  property: string,
) => FoundPrincipals;

/** Finds the principals that a property names: one name or a list, by value or by dependency. */
export function principalFinder(resources: ResourceIndex): PrincipalFinder {
  const names = {
    Role: new Map<string, ReadableResource[]>(),
    User: new Map<string, ReadableResource[]>(),
    Group: new Map<string, ReadableResource[]>(),
  };
  for (const kind of PRINCIPAL_KINDS)
    for (const planned of resources.ofKind(kind)) {
      const name = nameOf(planned);
      appendTo(names[kind], name, planned);
    }
  const principalsNamed = (
    kind: PrincipalKind,
    name: string,
    resource: ReadableResource,
  ): readonly ReadableResource[] => {
    const sameName = (names[kind].get(name) ?? []).filter((planned) => mayShareAccount(planned, resource));
    // Accounts differ by provider: of several roles with one name, the one of the same provider is intended.
    const sameProvider = sameName.filter(
      (planned) => planned.resource.provider?.urn === resource.resource.provider?.urn,
    );
    return sameProvider.length > 0 ? sameProvider : sameName;
  };
  const mayShareAccount = (a: ReadableResource, b: ReadableResource): boolean =>
    equal(scopeOf(resources, a).account, scopeOf(resources, b).account) !== "no";
  return (kind, planned, property) => {
    const value = read(planned, property);
    const values = Array.isArray(value) ? value : [value];
    const knownNames = values.filter((value) => typeof value === "string" && value !== "");
    const principals = knownNames.flatMap((value) => principalsNamed(kind, value, planned));
    const unmatched = knownNames.filter((value) => principalsNamed(kind, value, planned).length === 0);
    const dependencies = plannedDependencies(resources, planned, property)
      // A role name that depends on a function is that of the function's execution role.
      .flatMap((planned) =>
        kind === "Role" && planned.kind === "Function" ? rolesOf(resources, planned) : [planned],
      )
      .filter((planned) => planned.kind === kind);
    // A name that no principal is known to have is that of a principal that it depends on and whose name is unknown.
    const withUnknownName = dependencies.filter((planned) => readString(planned, "name") instanceof Unknown);
    const hasUnknown = values.some((value) => value instanceof Unknown);
    const isEncrypted = values.some((value) => value instanceof Unknown && value.origins.includes(SECRET));
    const intended = hasUnknown ? dependencies : unmatched.length > 0 ? withUnknownName : [];
    return {
      inStack: [...new Set([...principals, ...intended])],
      external: withUnknownName.length > 0 ? [] : unmatched,
      isEncrypted,
      nameOrigins:
        hasUnknown && !isEncrypted && dependencies.length === 0 ? originsOf(planned, property) : [],
    };
  };
}

/** The roles of the stack that a function may run as. */
function rolesOf(resources: ResourceIndex, fn: ReadableResource): readonly ReadableResource[] {
  return plannedDependencies(resources, fn, "role");
}
