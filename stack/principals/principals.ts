import { parseDocument, Unknown } from "../../iam";
import { managedPolicyDocument } from "../../iam/managed-policies/managed-policies";
import type { PrincipalFacts, PrincipalSource, StackFacts } from "../facts";
import type { Functions } from "../functions/functions";
import { boundaryOf as labelOfBoundary, partOf } from "../labels";
import { labelOf, type ReadableResource, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import {
  attachmentsByPolicy,
  combine,
  markExisting,
  type PolicyAssignments,
  type PrincipalPolicies,
  policyAssignments,
} from "./assignments";
import { readBoundaryOnlyPolicies } from "./boundaries";
import { type Apis, documentSource, type SharedDocuments, sharedDocuments } from "./documents";
import {
  applyAttachments,
  applyOwners,
  type Grant,
  listedWithoutGrant,
  mergeListedGrants,
  type Owner,
} from "./exclusive";
import { labelOfExternal, readExternalPrincipal } from "./external";
import { type Grants, grantReader, shownArn } from "./grants";
import { type Memberships, readMemberships } from "./memberships";
import { arnOf, nameOf, type PrincipalKind, principalFinder, shownName } from "./principal-names";
import { tagsOfRequests } from "./tags";

/** The inputs for the facts of each principal. */
interface PrincipalContext {
  readonly resources: ResourceIndex;
  readonly shared: SharedDocuments;
  readonly policies: Grants;
  readonly assignments: PolicyAssignments;
  readonly groups: Memberships;
  /** The PolicyAttachments of each managed policy. */
  readonly attachments: ReadonlyMap<string, readonly ReadableResource[]>;
}

/**
 * Reads the roles, users and groups with their policies, including principals outside the stack that its resources
 * give policies to.
 */
export function readPrincipals(
  resources: ResourceIndex,
  functions: Functions,
  apis: Apis,
): Pick<StackFacts, "principals" | "boundaryOnlyPolicies"> {
  const shared = sharedDocuments();
  const policies = grantReader({ resources, functions, apis, shared });
  const findPrincipals = principalFinder(resources);
  const context: PrincipalContext = {
    resources,
    shared,
    policies,
    assignments: policyAssignments(resources, policies, findPrincipals),
    groups: readMemberships(resources, findPrincipals),
    attachments: attachmentsByPolicy(resources, policies),
  };
  const principals = [
    ...resources.ofKind("Role").map((planned) => readPrincipal(context, "Role", planned)),
    ...resources.ofKind("User").map((planned) => readPrincipal(context, "User", planned)),
    // A group with members in the plan is evaluated through them; one without members represents a future member.
    ...resources
      .ofKind("Group")
      .flatMap((planned) =>
        context.groups.members.has(planned.urn) ? [] : [readPrincipal(context, "Group", planned)],
      ),
    ...context.assignments.external.map((principal) =>
      readExternalPrincipal(
        resources,
        principal,
        applyExclusiveOwners(context, principal.policies, labelOfExternal(principal)),
      ),
    ),
  ];
  return { principals, boundaryOnlyPolicies: readBoundaryOnlyPolicies(resources, policies) };
}

/** The remaining policies after the resources that remove policies are applied. */
function applyExclusiveOwners(
  { attachments }: PrincipalContext,
  { grants, owners }: { readonly grants: readonly Grant[]; readonly owners: readonly Owner[] },
  ownerName: string,
): PrincipalPolicies {
  return combine([
    ...applyAttachments(applyOwners(grants, owners, ownerName), attachments, ownerName),
    { sources: [], unseen: owners.flatMap((owner) => listedWithoutGrant(owner, grants)) },
  ]);
}

/** The policies of a principal itself, without its groups. */
function policiesWithoutGroups(
  context: PrincipalContext,
  kind: PrincipalKind,
  planned: ReadableResource,
): PrincipalPolicies {
  const { policies, assignments } = context;
  const ownerName = shownName(kind, nameOf(planned));
  const { grants, owners } = assignments.ofPrincipal(planned.urn);
  const listed = policies.listedBy(planned, ownerName);
  return combine([
    applyExclusiveOwners(
      context,
      { grants: mergeListedGrants(listed, grants, ownerName), owners },
      ownerName,
    ),
    {
      sources: [],
      unseen: [
        ...assignments.forAnyPrincipal[kind],
        ...(planned.hasNoProperties
          ? [{ code: "blank-principal", principal: labelOf(planned) } as const]
          : []),
      ],
    },
  ]);
}

function readPrincipal(
  context: PrincipalContext,
  kind: PrincipalKind,
  planned: ReadableResource,
): PrincipalFacts {
  const { resources, groups, shared } = context;
  const scope = scopeOf(resources, planned);
  const membership = kind === "User" ? groups.groupsOf(planned) : { groups: [], unseen: [] };
  const policies = combine([
    policiesWithoutGroups(context, kind, planned),
    ...membership.groups.map((group) => markExisting(policiesWithoutGroups(context, "Group", group), group)),
    { sources: [], unseen: kind === "Group" ? groups.externalMembers(planned) : membership.unseen },
  ]);
  const boundary = planned.resourceType.reads.includes("permissionsBoundary")
    ? boundaryOf(context, planned, readString(planned, "permissionsBoundary"))
    : undefined;
  const name = nameOf(planned);
  const trust =
    kind === "Role"
      ? documentSource(
          planned,
          { property: "assumeRolePolicy", label: partOf("trust policy", `role "${name}"`) },
          "trust",
          shared.parse,
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
    ...markExisting(policies, planned),
    ...(boundary === undefined ? {} : { boundary }),
    ...(trust === undefined ? {} : { trust }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function boundaryOf(
  { policies }: PrincipalContext,
  planned: ReadableResource,
  arn: string | Unknown | undefined,
): PrincipalSource | undefined {
  if (arn === undefined || arn === "") return undefined;
  const [source, ...more] = combine(policies.attached(planned, "permissionsBoundary", arn)).sources;
  const isUnnamed = source !== undefined || typeof arn !== "string";
  const label = isUnnamed
    ? partOf("permissions boundary", labelOf(planned))
    : labelOfBoundary(shownArn(arn).arn, labelOf(planned));
  if (source !== undefined && more.length === 0) return { ...source, label: `${source.label}, the ${label}` };
  // A boundary that grants no action here denies everything; an unknown one may.
  const grantsNothing = typeof arn === "string" && managedPolicyDocument(arn) === "grants-neither";
  return {
    label,
    ...(isUnnamed || grantsNothing ? {} : shownArn(arn)),
    document: grantsNothing
      ? parseDocument({ Version: "2012-10-17", Statement: [] }, "identity")
      : new Unknown(),
  };
}
