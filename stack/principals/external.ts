import { type Hole, type Origin, text, Unknown, type UnknownSubject } from "../../iam";
import type { PrincipalFacts } from "../facts";
import type { Planned } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import type { Owner } from "./exclusive";
import { type Given, type Held, ofExisting } from "./given";
import { type PrincipalKind, shownName } from "./names";

/** A principal that the stack gives policies to and does not create: its other policies are not in the plan. */
export interface ExternalPrincipal {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The first resource that names it; findings about it are attached to that. */
  readonly by: Planned;
  readonly given: Given;
  /** Set when the plan does not show its name: the dependencies of the name. */
  readonly hidden?: readonly Origin[];
}

export function labelOfExternal({ kind, name, hidden }: ExternalPrincipal): string {
  return hidden === undefined ? shownName(kind, name) : name;
}

export function externalFacts(
  resources: ResourceIndex,
  externalPrincipal: ExternalPrincipal,
  { sources, unseen }: Held,
): PrincipalFacts {
  const { kind, name, by, given, hidden } = externalPrincipal;
  const { partition, account } = scopeOf(resources, by);
  const label = labelOfExternal(externalPrincipal);
  const path: Hole = { id: `path of ${label}`, shape: "any", label: "its path", origins: [] };
  return {
    urn: by.urn,
    kind: kind.toLowerCase() as PrincipalFacts["kind"],
    name,
    label,
    arn: text("arn:", partition, ":iam::", account, `:${kind.toLowerCase()}/`, path, hidden ? "" : name),
    account,
    sources: sources.map(ofExisting),
    unseen: [
      ...unseen,
      ...otherPolicies(kind, { principal: label, isNamed: hidden === undefined }, given.owners),
    ],
    ...(kind === "Role" ? { trust: new Unknown() } : {}),
  };
}

/**
 * Reasons for further policies of a principal that is not in the stack, where no resource of the stack owns them all.
 */
function otherPolicies(
  kind: PrincipalKind,
  who: { readonly principal: string; readonly isNamed: boolean },
  owners: readonly Owner[],
): readonly UnknownSubject[] {
  const [open, ...more] = (["inline", "managed"] as const).filter(
    (of) => !owners.some((owner) => owner.of === of),
  );
  const code = "other-policies";
  if (open !== undefined) return [{ code, ...who, ...(more.length > 0 ? {} : { kind: open }) }];
  return kind === "User" ? [{ code, ...who, kind: "groups" }] : [];
}
