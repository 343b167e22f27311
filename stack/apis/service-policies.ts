import {
  type ArnParts,
  equal,
  type Hole,
  known,
  type Source,
  show,
  splitArn,
  type Text,
  text,
  Unknown,
} from "../../iam";
import type { ServicePolicy, ServiceTarget } from "../facts";
import { partOf } from "../labels";
import { documentSource } from "../principals/documents";
import { isPlaceholder } from "../pulumi/placeholders";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  nameOf,
  type Planned,
  read,
  readString,
} from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";

/**
 * The services whose resources have policies of their own, which may allow a role more than its own policies:
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
function serviceOf({ type }: Planned): string {
  return SERVICES[type.split(/[:/]/)[1] ?? ""] ?? "";
}

/** The targets that integrations call, by URN. */
export function readCalledResources(resources: ResourceIndex): ReadonlyMap<string, ServiceTarget> {
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
const HEADS: Readonly<Record<string, string>> = {
  dynamodb: "table/",
  events: "event-bus/",
  kinesis: "stream/",
};

const SOME_ACCOUNT: Hole = {
  id: "called-account",
  shape: "digits",
  label: "its account",
  origins: [],
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
function arnOf(resources: ResourceIndex, planned: Planned): Text {
  const [arn, name] = [readString(planned, "arn"), readString(planned, "name")];
  if (typeof arn === "string") return text(arn);
  if (typeof name !== "string") return text(resources.unassigned(planned, "arn"));
  const { partition, region, isAccountAssumed, ...scope } = scopeOf(resources, planned);
  const account = isAccountAssumed ? text(SOME_ACCOUNT) : scope.account;
  const service = serviceOf(planned);
  return service === "s3"
    ? text("arn:", partition, ":s3:::", name)
    : text("arn:", partition, `:${service}:`, region, ":", account, `:${HEADS[service] ?? ""}${name}`);
}

/** The target in a request's ARN: for an object, its bucket. */
export function calledByArn(
  called: ReadonlyMap<string, ServiceTarget>,
  resource: Text,
): ServiceTarget | undefined {
  const arn = show(resource);
  const bucket = /^arn:[^:]*:s3:::[^/]+(?=\/)/.exec(arn)?.[0];
  const named = splitArn(bucket === undefined ? resource : text(bucket));
  return arn.startsWith("arn:") && named !== undefined
    ? [...called.values()].find((resource) => isNamed(resource, named))
    : undefined;
}

/** The account of a resource that does not exist yet may be unknown while the program writes it as a literal. */
function isNamed({ arn }: ServiceTarget, named: ArnParts): boolean {
  const own = splitArn(arn);
  if (own === undefined) return false;
  const isShown = (part: Text): boolean => known(part) !== undefined && !isPlaceholder(part);
  const mayBe = (part: "account" | "region"): boolean =>
    !isShown(own[part]) || !isShown(named[part]) || equal(own[part], named[part]) === "yes";
  return (
    equal(own.service, named.service) === "yes" &&
    equal(own.resource, named.resource) === "yes" &&
    mayBe("account") &&
    mayBe("region")
  );
}

/** The resource policies of the targets that integrations call. */
export function readServicePolicies(resources: ResourceIndex): readonly ServicePolicy[] {
  const own = resources.ofKind("ServiceResource").flatMap((planned): readonly ServicePolicy[] => {
    const given = read(planned, "policy");
    if (given === undefined || given === "") return [];
    // `aws-native:dynamodb:Table` has it one field deeper.
    const document = serviceOf(planned) === "dynamodb" ? fieldOf(given, "policyDocument") : given;
    const source = documentSource(
      planned,
      { property: "policy", label: label(planned), given: document },
      "resource",
    );
    return [{ service: serviceOf(planned), target: planned.urn, source }];
  });
  const named = namesOf(resources);
  const others = resources.ofKind("ServicePolicy").map((planned): ServicePolicy => {
    const on = resourceOf(resources, planned, named);
    return {
      service: serviceOf(planned),
      ...(on === undefined ? {} : { target: on }),
      source: sourceOf(planned),
    };
  });
  return [...own, ...others];
}

const label = (planned: Planned): string => partOf("resource policy", labelOf(planned));

/** The URNs of targets, by service and by the names, ids, URLs and ARNs that programs use for them. */
function namesOf(resources: ResourceIndex): ReadonlyMap<string, string> {
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
function resourceOf(
  resources: ResourceIndex,
  planned: Planned,
  named: ReadonlyMap<string, string>,
): string | undefined {
  const on = [read(planned, "on")].flat();
  const [value, ...several] = on;
  if (several.length > 0) return undefined;
  if (typeof value === "string") return named.get(`${serviceOf(planned)} ${value}`) ?? `elsewhere ${value}`;
  const [only, ...more] = dependenciesOf(planned, "on").filter(({ urn }) =>
    resources.ofKind("ServiceResource").some((planned) => planned.urn === urn),
  );
  return more.length > 0 ? undefined : only?.urn;
}

function sourceOf(planned: Planned): Source {
  const given = read(planned, "policy");
  if (given !== undefined)
    return documentSource(planned, { property: "policy", label: label(planned), given }, "resource");
  return documentSource(
    planned,
    { property: "policy", label: label(planned), given: statementsOf(planned) },
    "resource",
  );
}

/**
 * A permission on an event bus: for everyone or for an account, unless it is given as a statement.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
 */
function statementsOf(planned: Planned): unknown {
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
