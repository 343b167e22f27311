import { type Hole, type Origin, text, Unknown, type UnknownSubject } from "../../iam";
import type { PrincipalFacts } from "../facts";
import type { ReadableResource } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import { type AssignedPolicies, markSourceExisting, type PrincipalPolicies } from "./assignments";
import type { Owner } from "./exclusive";
import { type PrincipalKind, shownName } from "./principal-names";

/** A principal that the stack gives policies to and does not create: its other policies are not in the plan. */
export interface ExternalPrincipal {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The first resource that names it; findings about it are attached to that. */
  readonly resource: ReadableResource;
  readonly policies: AssignedPolicies;
  /** Set when the plan does not show its name: the dependencies of the name. */
  readonly nameOrigins?: readonly Origin[];
}

/** The name of a principal outside the stack for messages; one with an unknown name has a description in its place. */
export function labelOfExternal({ kind, name, nameOrigins }: ExternalPrincipal): string {
  return nameOrigins === undefined ? shownName(kind, name) : name;
}

/** The facts of a principal outside the stack: the policies that the stack gives to it, and the others as unknown. */
export function readExternalPrincipal(
  resources: ResourceIndex,
  externalPrincipal: ExternalPrincipal,
  { sources, unseen }: PrincipalPolicies,
): PrincipalFacts {
  const { kind, name, resource, policies, nameOrigins } = externalPrincipal;
  const { partition, account } = scopeOf(resources, resource);
  const label = labelOfExternal(externalPrincipal);
  const path: Hole = {
    id: `path of ${label}`,
    shape: "any",
    label: { code: "property", property: "path", of: label },
    origins: [],
  };
  return {
    urn: resource.urn,
    kind: kind.toLowerCase() as PrincipalFacts["kind"],
    name,
    label,
    arn: text("arn:", partition, ":iam::", account, `:${kind.toLowerCase()}/`, path, nameOrigins ? "" : name),
    account,
    sources: sources.map(markSourceExisting),
    unseen: [
      ...unseen,
      ...otherPolicies(kind, { principal: label, isNamed: nameOrigins === undefined }, policies.owners),
    ],
    ...(kind === "Role" ? { trust: new Unknown() } : {}),
  };
}

/**
 * Reasons for further policies of a principal that is not in the stack, where no resource of the stack owns them all.
 */
function otherPolicies(
  kind: PrincipalKind,
  subject: { readonly principal: string; readonly isNamed: boolean },
  owners: readonly Owner[],
): readonly UnknownSubject[] {
  const [unowned, ...more] = (["inline", "managed"] as const).filter(
    (policyKind) => !owners.some((owner) => owner.kind === policyKind),
  );
  const code = "other-policies";
  if (unowned !== undefined) return [{ code, ...subject, ...(more.length > 0 ? {} : { kind: unowned }) }];
  return kind === "User" ? [{ code, ...subject, kind: "groups" }] : [];
}
