import {
  type ArnParts,
  equal,
  type Hole,
  type PolicySource,
  show,
  splitArn,
  type Text,
  text,
  Unknown,
} from "../../iam";
import type { ServicePolicy, ServiceTarget } from "../facts";
import { partOf } from "../labels";
import { documentSource } from "../principals/documents";
import { assigned } from "../pulumi/placeholders";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  nameOf,
  type ReadableResource,
  read,
  readString,
} from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";

/**
 * The services with resource-based policies, which may allow a role more than its own policies:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
const SERVICES: Readonly<Record<string, string>> = {
  sqs: "sqs",
  sns: "sns",
  s3: "s3",
  cloudwatch: "events",
  events: "events",
  dynamodb: "dynamodb",
  kinesis: "kinesis",
};

const WITH_POLICIES: ReadonlySet<string> = new Set(Object.values(SERVICES));

/** Whether the target of an action may have a resource policy. */
export function mayHavePolicy(action: string): boolean {
  return WITH_POLICIES.has(action.split(":")[0] ?? "");
}

/** `sqs` for `aws:sqs/queuePolicy:QueuePolicy`. */
function serviceOf({ type }: ReadableResource): string {
  return SERVICES[type.split(/[:/]/)[1] ?? ""] ?? "";
}

/** The targets that integrations call, by URN. */
export function readServiceTargets(resources: ResourceIndex): ReadonlyMap<string, ServiceTarget> {
  return new Map(
    resources
      .ofKind("ServiceResource")
      .map((planned) => [
        planned.urn,
        { urn: planned.urn, property: nameOf(planned, "arn"), arn: arnOf(resources, planned) },
      ]),
  );
}

/** The part before the name in the ARNs of a service. */
const ARN_NAME_PREFIXES: Readonly<Record<string, string>> = {
  dynamodb: "table/",
  events: "event-bus/",
  kinesis: "stream/",
};

const UNKNOWN_ACCOUNT: Hole = {
  id: "called-account",
  shape: "digits",
  label: { code: "called-account" },
  origins: [],
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
function arnOf(resources: ResourceIndex, planned: ReadableResource): Text {
  const [arn, name] = [readString(planned, "arn"), readString(planned, "name")];
  if (typeof arn === "string") return text(arn);
  if (typeof name !== "string") return text(resources.unassigned(planned, "arn"));
  const { partition, region, isAccountAssumed, ...scope } = scopeOf(resources, planned);
  const account = isAccountAssumed ? text(UNKNOWN_ACCOUNT) : scope.account;
  const service = serviceOf(planned);
  return service === "s3"
    ? text("arn:", partition, ":s3:::", name)
    : text(
        "arn:",
        partition,
        `:${service}:`,
        region,
        ":",
        account,
        `:${ARN_NAME_PREFIXES[service] ?? ""}${name}`,
      );
}

/** The target in a request's ARN: for an object, its bucket. */
export function targetByArn(
  targets: ReadonlyMap<string, ServiceTarget>,
  resource: Text,
): ServiceTarget | undefined {
  const arn = show(resource);
  const bucket = /^arn:[^:]*:s3:::[^/]+(?=\/)/.exec(arn)?.[0];
  const requestedArn = splitArn(bucket === undefined ? resource : text(bucket));
  return arn.startsWith("arn:") && requestedArn !== undefined
    ? [...targets.values()].find((resource) => hasArn(resource, requestedArn))
    : undefined;
}

/** The account of a resource that does not exist yet may be unknown while the program writes it as a literal. */
function hasArn({ arn }: ServiceTarget, requestedArn: ArnParts): boolean {
  const targetArn = splitArn(arn);
  if (targetArn === undefined) return false;
  const mayBe = (part: "account" | "region"): boolean =>
    assigned(targetArn[part]) === undefined ||
    assigned(requestedArn[part]) === undefined ||
    equal(targetArn[part], requestedArn[part]) === "yes";
  return (
    equal(targetArn.service, requestedArn.service) === "yes" &&
    equal(targetArn.resource, requestedArn.resource) === "yes" &&
    mayBe("account") &&
    mayBe("region")
  );
}

/** The resource policies of the targets that integrations call. */
export function readServicePolicies(resources: ResourceIndex): readonly ServicePolicy[] {
  const inlinePolicies = resources.ofKind("ServiceResource").flatMap((planned): readonly ServicePolicy[] => {
    const policy = read(planned, "policy");
    if (policy === undefined || policy === "") return [];
    // In `aws-native:dynamodb:Table` it is one field deeper.
    const document = serviceOf(planned) === "dynamodb" ? fieldOf(policy, "policyDocument") : policy;
    const source = documentSource(
      planned,
      { property: "policy", label: policyLabel(planned), value: document },
      "resource",
    );
    return [{ service: serviceOf(planned), target: planned.urn, source }];
  });
  const targetsByName = targetsByNames(resources);
  const separatePolicies = resources.ofKind("ServicePolicy").map((planned): ServicePolicy => {
    const target = policyTarget(resources, planned, targetsByName);
    return {
      service: serviceOf(planned),
      ...(target === undefined ? {} : { target }),
      source: sourceOf(planned),
    };
  });
  return [...inlinePolicies, ...separatePolicies];
}

const policyLabel = (planned: ReadableResource): string => partOf("resource policy", labelOf(planned));

/** The URNs of targets, by service and by the names, ids, URLs and ARNs that programs use for them. */
function targetsByNames(resources: ResourceIndex): ReadonlyMap<string, string> {
  return new Map(
    resources.ofKind("ServiceResource").flatMap((planned) =>
      ["id", "arn", "name", "url"].flatMap((property): readonly (readonly [string, string])[] => {
        const value = readString(planned, property);
        return typeof value === "string" ? [[`${serviceOf(planned)} ${value}`, planned.urn]] : [];
      }),
    ),
  );
}

/** The target that a policy is certainly on. */
function policyTarget(
  resources: ResourceIndex,
  planned: ReadableResource,
  targetsByName: ReadonlyMap<string, string>,
): string | undefined {
  const targets = [read(planned, "target")].flat();
  const [value, ...moreTargets] = targets;
  if (moreTargets.length > 0) return undefined;
  if (typeof value === "string")
    return targetsByName.get(`${serviceOf(planned)} ${value}`) ?? `elsewhere ${value}`;
  const [only, ...more] = dependenciesOf(planned, "target").filter(({ urn }) =>
    resources.ofKind("ServiceResource").some((planned) => planned.urn === urn),
  );
  return more.length > 0 ? undefined : only?.urn;
}

function sourceOf(planned: ReadableResource): PolicySource {
  const policy = read(planned, "policy");
  if (policy !== undefined)
    return documentSource(
      planned,
      { property: "policy", label: policyLabel(planned), value: policy },
      "resource",
    );
  return documentSource(
    planned,
    { property: "policy", label: policyLabel(planned), value: statementsOf(planned) },
    "resource",
  );
}

/**
 * A permission on an event bus: for everyone or for an account, unless it is given as a statement.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
 */
function statementsOf(planned: ReadableResource): unknown {
  const statement = read(planned, "statement");
  const [principal, action] = [read(planned, "principal"), read(planned, "action") ?? "events:PutEvents"];
  // The permission of an organization.
  if (statement === undefined && read(planned, "condition") !== undefined) return new Unknown();
  return {
    Version: "2012-10-17",
    Statement: [
      statement ?? {
        Effect: "Allow",
        Principal: principal === "*" ? "*" : { AWS: principal },
        Action: action,
        Resource: "*",
      },
    ],
  };
}
