import {
  type ControlPolicies,
  equal,
  known,
  or,
  type PolicySource,
  parseDocument,
  type Text,
  type Trilean,
  Unknown,
} from "../iam";
import { isPlaceholder, type PrincipalFacts, type StackFacts } from "../stack";
import { controlLabel } from "./labels";
import type { DatedPolicy, Organization } from "./organizations";
import { isOfAccount } from "./resource";

/**
 * The effect of the control policies of account data on a principal. They are assumed to be those of the account of the
 * stack, since they do not name an account. They limit no principal and no role of the management account, and no
 * service-linked role.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
export function controlPoliciesFrom(
  organizations: readonly Organization[],
  facts: StackFacts,
): StackFacts["controlPoliciesOf"] {
  if (organizations.length === 0) return undefined;
  const policiesByOrganization = organizations.map((organization) => ({
    organization,
    policies: policiesOf(organization),
  }));
  const accounts = accountsOf(facts);
  return (principal) => {
    if (isServiceLinked(principal)) return {};
    const inStack = or(accounts.map((account) => isSame(principal.account, account)));
    if (accounts.length > 0 && inStack === "no") return {};
    const isCertain = accounts.length === 1 && inStack === "yes";
    return Object.fromEntries(
      policiesByOrganization.flatMap(({ organization: { kind, managementAccount }, policies }) => {
        const isManaged =
          managementAccount === undefined ? "no" : equal(principal.account, [managementAccount]);
        if (isManaged === "yes") return [];
        const applies: ControlPolicies =
          isCertain && isManaged === "no"
            ? policies
            : {
                ...policies,
                mayNotApply: { code: "control-policy-account", kind, principal: principal.label },
              };
        return [[`${kind}Control`, applies]];
      }),
    );
  };
}

function policiesOf({ kind, levels, unattached }: Organization): ControlPolicies {
  const source = (policy: DatedPolicy): PolicySource => sourceOf(policy);
  return {
    kind,
    levels: levels.map(({ policies, isComplete }) => ({
      sources: policies.map(source),
      unseen: isComplete ? [] : [{ code: "control-policy-list", kind }],
    })),
    unattached: unattached.map((policy) => ({
      ...source(policy),
      mayNotApply: { subject: { code: "control-policy-list", kind } },
    })),
  };
}

function sourceOf(policy: DatedPolicy): PolicySource {
  const { kind, arn, content } = policy;
  return {
    ...(content === undefined ? { arn } : {}),
    control: kind,
    label: controlLabel(policy),
    document:
      content === undefined
        ? new Unknown()
        : parseDocument(content, kind === "service" ? "identity" : "resource"),
  };
}

/** A principal whose account is unknown may be in any account. */
function isSame(first: Text, second: Text): Trilean {
  return isPlaceholder(first) === isPlaceholder(second) ? equal(first, second) : "unknown";
}

/** The accounts of the stack's own resources, without duplicates. */
function accountsOf({ apis, functions, principals }: StackFacts): readonly Text[] {
  const accounts = [
    ...apis.filter(({ external }) => !external).map(({ scope }) => scope.account),
    ...functions.map(({ scope }) => scope.account),
    ...principals.filter(({ urn }) => !isOfAccount(urn)).map(({ account }) => account),
  ];
  return [...new Map(accounts.map((account) => [JSON.stringify(account), account])).values()];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html */
function isServiceLinked({ kind, arn }: PrincipalFacts): boolean {
  return kind === "role" && known(arn)?.includes(":role/aws-service-role/") === true;
}
