import { isObject } from "../iam";
import { type Entry, objects } from "./resource";

type Kind = "service" | "resource";

/** A control policy of an organization, as far as one output shows it. */
export interface ControlPolicy {
  readonly kind: Kind;
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  /** Its document, where the output contains it. */
  readonly content?: string;
}

/** An output about the control policies of an organization. */
export interface OrganizationContent {
  readonly policies: readonly ControlPolicy[];
  /** The policies attached to the root, an organizational unit or an account. */
  readonly isAttached: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  SERVICE_CONTROL_POLICY: "service",
  RESOURCE_CONTROL_POLICY: "resource",
};

/** Whether it is output of AWS Organizations about a policy of any type. */
export function isPolicySummary(entry: unknown): boolean {
  return (
    isObject(entry) &&
    typeof entry.Type === "string" &&
    /^arn:[^:]+:organizations:/.test(String(entry.Arn ?? ""))
  );
}

/**
 * A policy from `aws organizations describe-policy`.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html
 */
export function describedPolicy(value: Entry): OrganizationContent {
  const { PolicySummary, Content } = value.Policy as Entry;
  const policies = controlPolicy(PolicySummary).map((policy) =>
    typeof Content === "string" ? { ...policy, content: Content } : policy,
  );
  return { policies, isAttached: false };
}

/**
 * The policies from `aws organizations list-policies-for-target`: one level. The output does not name the target.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
 */
export function attachedPolicies(value: Entry): OrganizationContent {
  return { policies: objects(value.Policies).flatMap(controlPolicy), isAttached: true };
}

function controlPolicy(summary: unknown): readonly ControlPolicy[] {
  if (!isObject(summary)) return [];
  const { Id: id, Arn: arn, Name: name, Type } = summary;
  const kind = KINDS[String(Type)];
  if (kind === undefined || typeof id !== "string" || typeof arn !== "string") return [];
  return [{ kind, id, arn, name: typeof name === "string" ? name : id }];
}

/**
 * The policies that AWS attaches to every target by default: they allow everything, and cannot be changed.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
const FULL_ACCESS: Readonly<Record<string, string>> = {
  "p-FullAWSAccess": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  "p-RCPFullAWSAccess":
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
};

/** A control policy, with the date of its document. */
export interface DatedPolicy extends ControlPolicy {
  readonly asOf: string;
}

/** The control policies of one type. */
export interface Organization {
  readonly kind: Kind;
  /** The policies that are attached to each target. `isComplete`: no page is missing. */
  readonly levels: readonly { readonly policies: readonly DatedPolicy[]; readonly isComplete: boolean }[];
  /** Policies with a document that no list contains. */
  readonly unattached: readonly DatedPolicy[];
  /** The account that no control policy applies to, where an ARN contains it. */
  readonly managementAccount?: string;
}

interface OrganizationFile {
  readonly organization: OrganizationContent;
  readonly truncated: boolean;
  readonly asOf: string;
}

/** The control policies of each type in files, the newest first. */
export function organizations(newestFirst: readonly OrganizationFile[]): readonly Organization[] {
  const documents = new Map<string, DatedPolicy>();
  for (const { organization, asOf } of newestFirst)
    for (const policy of organization.policies)
      if (policy.content !== undefined && !documents.has(policy.arn))
        documents.set(policy.arn, { ...policy, asOf });
  const lists = newestFirst.filter(({ organization }) => organization.isAttached);
  const attached = new Set(lists.flatMap(({ organization }) => organization.policies.map(({ arn }) => arn)));
  return (["service", "resource"] as const).flatMap((kind) => {
    const levels = lists
      .map(({ organization, truncated, asOf }) => ({
        isComplete: !truncated,
        policies: withAlwaysAttached(organization.policies.filter((policy) => policy.kind === kind)).map(
          (policy) => documents.get(policy.arn) ?? known({ ...policy, asOf }),
        ),
      }))
      .filter(({ policies }) => policies.length > 0);
    const unattached = [...documents.values()].filter(
      (policy) => policy.kind === kind && !attached.has(policy.arn),
    );
    const allPolicies = [...levels.flatMap(({ policies }) => policies), ...unattached];
    const managementAccount = allPolicies
      .map(({ arn }) => /^arn:[^:]+:organizations::(\d{12}):/.exec(arn)?.[1])
      .find((account) => account !== undefined);
    return allPolicies.length === 0
      ? []
      : [{ kind, levels, unattached, ...(managementAccount === undefined ? {} : { managementAccount }) }];
  });
}

const RCP_FULL_ACCESS: ControlPolicy = {
  kind: "resource",
  id: "p-RCPFullAWSAccess",
  arn: "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",
  name: "RCPFullAWSAccess",
};

/**
 * It cannot be detached: a list without it is incomplete, and must not deny everything.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
function withAlwaysAttached(policies: readonly ControlPolicy[]): readonly ControlPolicy[] {
  const isCut =
    policies.some(({ kind }) => kind === "resource") && !policies.some(({ id }) => id === RCP_FULL_ACCESS.id);
  return isCut ? [...policies, RCP_FULL_ACCESS] : policies;
}

function known(policy: DatedPolicy): DatedPolicy {
  const content = /^arn:[^:]+:organizations::aws:/.test(policy.arn) ? FULL_ACCESS[policy.id] : undefined;
  return content === undefined ? policy : { ...policy, content };
}
