import { parseDocument, Unknown } from "../../iam";
import { managedPolicyDocument } from "../../iam/managed-policies/managed-policies";
import type { PrincipalFacts, PrincipalSource, StackFacts } from "../facts";
import type { Functions } from "../functions/functions";
import { boundaryOf as labelOfBoundary, partOf } from "../labels";
import { labelOf, type Planned, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import { onlyBoundaries } from "./boundaries";
import { type Apis, documentSource, sharedDocuments } from "./documents";
import { type Grant, missingFrom, type Owner, withAttachments, withListed, withOwners } from "./exclusive";
import { externalFacts, labelOfExternal } from "./external";
import {
  attachmentsByPolicy,
  type GivenPolicies,
  givenPolicies,
  type Held,
  ofHolder,
  together,
} from "./given";
import { type Grants, grantsOf, shownArn } from "./grants";
import { type Memberships, memberships } from "./memberships";
import { arnOf, nameOf, type PrincipalKind, principalsByName, shownName } from "./names";
import { tagsOfRequests } from "./tags";

/** The inputs for the facts of each principal. */
interface Holdings {
  readonly resources: ResourceIndex;
  readonly policies: Grants;
  readonly given: GivenPolicies;
  readonly groups: Memberships;
  /** The PolicyAttachments of each managed policy. */
  readonly attachments: ReadonlyMap<string, readonly Planned[]>;
}

export function readPrincipals(
  resources: ResourceIndex,
  functions: Functions,
  apis: Apis,
): Pick<StackFacts, "principals" | "boundaryOnlyPolicies"> {
  const policies = grantsOf({ resources, functions, apis, shared: sharedDocuments() });
  const named = principalsByName(resources);
  const holdings: Holdings = {
    resources,
    policies,
    given: givenPolicies(resources, policies, named),
    groups: memberships(resources, named),
    attachments: attachmentsByPolicy(resources, policies),
  };
  const principals = [
    ...resources.of("Role").map((planned) => factsOf(holdings, "Role", planned)),
    ...resources.of("User").map((planned) => factsOf(holdings, "User", planned)),
    // A group with members in the plan is evaluated through them; one without members represents a future member.
    ...resources
      .of("Group")
      .flatMap((planned) =>
        holdings.groups.members.has(planned.urn) ? [] : [factsOf(holdings, "Group", planned)],
      ),
    ...holdings.given.external.map((principal) =>
      externalFacts(resources, principal, applied(holdings, principal.given, labelOfExternal(principal))),
    ),
  ];
  return { principals, boundaryOnlyPolicies: onlyBoundaries(resources, policies) };
}

/** The policies that are left after resources that remove policies are applied. */
function applied(
  { attachments }: Holdings,
  { grants, owners }: { readonly grants: readonly Grant[]; readonly owners: readonly Owner[] },
  ownerName: string,
): Held {
  return together([
    ...withAttachments(withOwners(grants, owners, ownerName), attachments, ownerName),
    { sources: [], unseen: owners.flatMap((owner) => missingFrom(owner, grants)) },
  ]);
}

/** The policies of a principal itself, without its groups. */
function heldBy(holdings: Holdings, kind: PrincipalKind, planned: Planned): Held {
  const { policies, given } = holdings;
  const ownerName = shownName(kind, nameOf(planned));
  const { grants, owners } = given.to(planned.urn);
  const listed = policies.listedBy(planned, ownerName);
  return together([
    applied(holdings, { grants: withListed(listed, grants, ownerName), owners }, ownerName),
    {
      sources: [],
      unseen: [
        ...given.anyone[kind],
        ...(planned.blank ? [{ code: "blank-principal", principal: labelOf(planned) } as const] : []),
      ],
    },
  ]);
}

function factsOf(holdings: Holdings, kind: PrincipalKind, planned: Planned): PrincipalFacts {
  const { resources, groups } = holdings;
  const scope = scopeOf(resources, planned);
  const member = kind === "User" ? groups.ofUser(planned) : { groups: [], unseen: [] };
  const held = together([
    heldBy(holdings, kind, planned),
    ...member.groups.map((group) => ofHolder(heldBy(holdings, "Group", group), group)),
    { sources: [], unseen: kind === "Group" ? groups.ofOthers(planned) : member.unseen },
  ]);
  const boundary = planned.term.reads.includes("permissionsBoundary")
    ? boundaryOf(holdings, planned, readString(planned, "permissionsBoundary"))
    : undefined;
  const name = nameOf(planned);
  const trust =
    kind === "Role"
      ? documentSource(
          planned,
          { property: "assumeRolePolicy", label: partOf("trust policy", `role "${name}"`) },
          "trust",
        )
      : undefined;
  const tags = tagsOfRequests(planned, trust);
  return {
    urn: planned.urn,
    kind: kind.toLowerCase() as PrincipalFacts["kind"],
    name,
    label: shownName(kind, name),
    arn: arnOf(resources, kind, planned),
    account: scope.account,
    ...ofHolder(held, planned),
    ...(boundary === undefined ? {} : { boundary }),
    ...(trust === undefined ? {} : { trust }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function boundaryOf(
  { policies }: Holdings,
  planned: Planned,
  arn: string | Unknown | undefined,
): PrincipalSource | undefined {
  if (arn === undefined || arn === "") return undefined;
  const [only, ...more] = together(policies.attached(planned, "permissionsBoundary", arn)).sources;
  const isUnnamed = only !== undefined || typeof arn !== "string";
  const label = isUnnamed
    ? partOf("permissions boundary", labelOf(planned))
    : labelOfBoundary(shownArn(arn).arn, labelOf(planned));
  if (only !== undefined && more.length === 0) return { ...only, label: `${only.label}, the ${label}` };
  // A boundary that grants no action here denies everything; an unknown one may.
  const granting = typeof arn === "string" && managedPolicyDocument(arn) === "grants-neither";
  return {
    label,
    ...(isUnnamed || granting ? {} : shownArn(arn)),
    document: granting ? parseDocument({ Version: "2012-10-17", Statement: [] }, "identity") : new Unknown(),
  };
}
