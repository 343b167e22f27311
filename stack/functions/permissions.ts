import { INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../../aws";
import {
  equal,
  known,
  type NotInEffect,
  type Origin,
  type PolicyDocument,
  parseDocument,
  splitArn,
  type Text,
  text,
  Unknown,
} from "../../iam";
import type { ApiPart } from "../apis/api-form";
import type { FunctionPolicy, FunctionUrl, Permission, PermissionRequest } from "../facts";
import {
  type Apis,
  asPattern,
  dependencySubjects,
  documentSource,
  executeApiPatterns,
} from "../principals/documents";
import { arnOf } from "../principals/principal-names";
import { cached } from "../pulumi/keys";
import { labelOf, type ReadableResource, readString } from "../pulumi/properties";
import { isBefore, partitionOf, providerVersion } from "../pulumi/provider";
import {
  originsOf,
  plannedDependencies,
  type ResourceIndex,
  type WhenUnknown,
} from "../pulumi/resource-index";
import type { Functions, FunctionTarget } from "./functions";

/**
 * The Principal element that AWS writes to the function's resource policy for the `principal` of `AddPermission`.
 * https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html#lambda-AddPermission-request-Principal
 */
export function principalElement(principal: string | Unknown | undefined): unknown {
  if (principal === undefined || principal instanceof Unknown) return principal ?? new Unknown();
  if (principal === "*") return "*";
  return /^(\d{12}|arn:)/.test(principal) ? { AWS: principal } : { Service: principal };
}

/**
 * Nearly every permission is for a service. A permission whose properties are all unknown, such as one that is not
 * among the targets of a preview, is assumed to be for a service rather than for a role or user.
 */
function isService(principal: string | Unknown | undefined, whenUnknown: WhenUnknown): boolean {
  if (typeof principal === "string") return principal.endsWith(".amazonaws.com");
  return whenUnknown === "infer" && (principal === undefined || principal.origins.length === 0);
}

/** The conditions that `AddPermission` derives from its arguments. */
const CONDITIONS = [
  ["sourceArn", "ArnLike", "aws:SourceArn"],
  ["sourceAccount", "StringEquals", "aws:SourceAccount"],
  ["principalOrgId", "StringEquals", "aws:PrincipalOrgID"],
  ["eventSourceToken", "StringEquals", "lambda:EventSourceToken"],
  ["functionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"],
  ["invokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"],
] as const;

/**
 * The function that a Permission or a URL is on: its name and `qualifier` may each contain the qualifier. `undefined`
 * when it names no function, which the provider would reject.
 */
function qualifiedTarget(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
  property: "function" | "functionName",
): FunctionTarget | undefined {
  const unqualified = functions.targetOf(planned, property);
  if (unqualified === undefined) return undefined;
  if (!planned.resourceType.reads.includes("qualifier")) return unqualified;
  // Where there is a property for qualifiers, the function's name is expected to have none.
  const { mayHaveQualifier: _may, otherQualifiers: _others, ...target } = unqualified;
  const qualifier = readString(planned, "qualifier");
  if (qualifier === undefined || qualifier === "" || target.qualifier !== undefined) return target;
  const fn = target.function;
  if (fn === undefined) {
    if (target.arn instanceof Unknown) return { ...target, arn: new Unknown() };
    if (qualifier instanceof Unknown)
      return (
        aliasOutsideStack(resources, functions, planned, target.arn) ?? { ...target, arn: new Unknown() }
      );
    return { ...target, arn: text(target.arn, ":", qualifier), qualifier: text(qualifier) };
  }
  if (typeof qualifier === "string")
    return { function: fn, arn: text(fn.arn, ":", qualifier), qualifier: text(qualifier) };
  const dependencies = plannedDependencies(resources, planned, "qualifier");
  const [only] = dependencies
    .flatMap((planned) => functions.functionOf(planned) ?? [])
    .filter((target) => target.function === fn);
  const inferredFrom = originsOf(planned, "qualifier");
  if (only === undefined || resources.whenUnknown === "prove")
    return { function: fn, arn: qualifier, inferredFrom };
  if (only.qualifier !== undefined) return { ...only, inferredFrom };
  // A qualifier that depends on the function itself can only be its latest version.
  const version = text(resources.unassigned(resources.byUrn(fn.urn) ?? planned, "version"));
  return { function: fn, arn: text(fn.arn, ":", version), qualifier: version, inferredFrom };
}

/** The alias of a function outside the stack that a qualifier depends on. */
function aliasOutsideStack(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
  arn: Text,
): FunctionTarget | undefined {
  if (resources.whenUnknown === "prove") return undefined;
  const [only, ...more] = plannedDependencies(resources, planned, "qualifier")
    .flatMap((planned) => functions.functionOf(planned) ?? [])
    .filter(
      (alias) =>
        alias.qualifier !== undefined &&
        !(alias.arn instanceof Unknown) &&
        equal(alias.arn, text(arn, ":", alias.qualifier)) === "yes",
    );
  return only === undefined || more.length > 0
    ? undefined
    : { ...only, inferredFrom: originsOf(planned, "qualifier") };
}

/** A principal that depends on one role or user of the stack can only be that principal's ARN. */
function principalOf(resources: ResourceIndex, planned: ReadableResource): string | Unknown | undefined {
  const principal = readString(planned, "principal");
  if (!(principal instanceof Unknown) || resources.whenUnknown === "prove") return principal;
  const [only, ...more] = plannedDependencies(resources, planned, "principal");
  if (more.length > 0 || (only?.kind !== "Role" && only?.kind !== "User")) return principal;
  return known(arnOf(resources, only.kind, only)) ?? principal;
}

/**
 * A source ARN for a function in another region than the API contains that region, which its dependencies do not show.
 */
function withRegionOf({ arn }: FunctionTarget, pattern: string): string {
  const region = arn instanceof Unknown ? undefined : known(splitArn(arn)?.region ?? []);
  const fields = pattern.split(":");
  return region ? [...fields.slice(0, 3), region, ...fields.slice(4)].join(":") : pattern;
}

/**
 * A source ARN contains the API's id. When it depends on a Method or a Resource alone, the id can only come from their
 * `restApi` (for a Route, from `apiId`), and it is then unknown whether the ARN also contains the method and path.
 */
function apiOnly(parts: readonly ApiPart[]): readonly ApiPart[] {
  const [only, ...more] = parts;
  if (only === undefined || more.length > 0) return parts;
  const { verb: _verb, path: _path, routeKey: _routeKey, ...api } = only;
  return [api];
}

/** Whether it covers more than the API itself. */
function isBeyondApi(part: ApiPart): boolean {
  return Object.keys(part).length > 1;
}

/** The possible targets of an unknown source ARN. */
interface InferredSourceArns {
  /** The stage, method, path or authorizer among its dependencies, or the whole API. */
  readonly partSourceArns: readonly string[];
  /** The whole API, where that is more: with a stage or a route, it may contain only the API's id. */
  readonly apiSourceArns: readonly string[];
}

function inferredSourceArns(parts: readonly ApiPart[], target: FunctionTarget): InferredSourceArns {
  const patterns = (parts: readonly ApiPart[]) => [
    ...new Set(
      executeApiPatterns(parts, asPattern).flatMap((pattern) => [pattern, withRegionOf(target, pattern)]),
    ),
  ];
  const partSourceArns = patterns(apiOnly(parts));
  // Apart from the API itself an authorizer can only provide its own id.
  const wholeApis = new Set(parts.flatMap((part) => (isBeyondApi(part) ? [] : [part.api])));
  const undetermined = parts.filter(({ api, authorizer }) => authorizer === undefined || !wholeApis.has(api));
  const apiSourceArns = patterns(undetermined.filter(isBeyondApi).map(({ api }) => ({ api })));
  return {
    partSourceArns,
    apiSourceArns: apiSourceArns.every((pattern) => partSourceArns.includes(pattern)) ? [] : apiSourceArns,
  };
}

/**
 * The statements that permissions add to resource policies of functions. A permission on a function that cannot be
 * determined is omitted; one that a policy of the stack replaces may not be in effect.
 */
export function readPermissions(
  resources: ResourceIndex,
  functions: Functions,
  apis: Apis,
  policies: readonly FunctionPolicy[],
): readonly Permission[] {
  // A policy from account data is already in effect and replaces no statement.
  const replacingPolicyOf = policyFinder(policies.filter(({ isComplete }) => !isComplete));
  const documentOf = documentCache();
  return resources.ofKind("Permission").flatMap((planned): readonly Permission[] => {
    const label = labelOf(planned);
    const target = qualifiedTarget(resources, functions, planned, "function");
    if (target === undefined) return [];
    const replacingPolicy = replacingPolicyOf(target);
    const sourceArn = readString(planned, "sourceArn");
    const { partSourceArns, apiSourceArns } =
      sourceArn instanceof Unknown && resources.whenUnknown === "infer"
        ? inferredSourceArns(
            dependencySubjects({ resources, functions, apis }, planned, "sourceArn").apiParts,
            target,
          )
        : NO_SOURCE_ARNS;
    const principal = principalOf(resources, planned);
    const documentFor = (sourceArns: readonly string[]) =>
      documentOf(statementOf(planned, principal, sourceArns));
    return [
      {
        urn: planned.urn,
        label,
        target,
        source: {
          label,
          key: planned.urn,
          document: documentFor(partSourceArns),
          ...(replacingPolicy === undefined
            ? {}
            : { mayNotApply: replacedPermission(label, replacingPolicy.source.label) }),
        },
        ...(apiSourceArns.length === 0
          ? {}
          : {
              mayCover: {
                label,
                key: planned.urn,
                document: documentFor(apiSourceArns),
                mayNotApply: unknownSourceArn(label, originsOf(planned, "sourceArn")),
              },
            }),
        isForService: isService(principal, resources.whenUnknown),
        sourceArn,
        sourceArnOrigins:
          sourceArn instanceof Unknown && resources.whenUnknown === "infer" ? sourceArn.origins : [],
        request: requestOf(planned, target),
        inferredFrom: [
          ...(partSourceArns.length > 0 ? originsOf(planned, "sourceArn") : []),
          ...(readString(planned, "function") instanceof Unknown ? originsOf(planned, "function") : []),
        ],
      },
    ];
  });
}

/** Parses each statement once: on a first preview the permissions of one function for one API are all equal. */
function documentCache(): (statement: Readonly<Record<string, unknown>>) => PolicyDocument | Unknown {
  const documents = new Map<string, PolicyDocument | Unknown>();
  return (statement) => {
    const read = () => parseDocument({ Version: "2012-10-17", Statement: [statement] }, "resource");
    // An unknown value is equal to no other.
    let isKnown = true;
    const id = JSON.stringify(statement, (_, value: unknown) => {
      if (value instanceof Unknown) isKnown = false;
      return value;
    });
    return isKnown ? cached(documents, id, read) : read();
  };
}

const NO_SOURCE_ARNS: InferredSourceArns = { partSourceArns: [], apiSourceArns: [] };

/** The statement that `AddPermission` derives from its arguments. */
function statementOf(
  planned: ReadableResource,
  principal: string | Unknown | undefined,
  inferredSourceArns: readonly string[],
): Readonly<Record<string, unknown>> {
  const conditions: Record<string, Record<string, unknown>> = {};
  for (const [property, operator, key] of CONDITIONS) {
    const value = readString(planned, property);
    // The provider sends no `invokedViaFunctionUrl: false`, and AWS adds a condition for `true` only.
    if (value === undefined || value === "" || (property === "invokedViaFunctionUrl" && value === "false"))
      continue;
    conditions[operator] ??= {};
    conditions[operator][key] =
      property === "sourceArn" && inferredSourceArns.length > 0 ? inferredSourceArns : value;
  }
  const statementId = readString(planned, "statementId");
  return {
    ...(typeof statementId === "string" ? { Sid: statementId } : {}),
    Effect: "Allow",
    Principal: principalElement(principal),
    Action: readString(planned, "action") ?? "",
    // The permission's target decides which ARN the statement is on: Lambda has one policy for a function and one for
    // each of its versions and aliases.
    Resource: "*",
    ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
  };
}

function unknownSourceArn(permission: string, origins: readonly Origin[]): NotInEffect {
  return {
    subject: { code: "inferred-source-arn", permission, dependsOn: origins.map(({ label }) => label) },
    resolution: { code: "preview-after-api-for-source-arn" },
  };
}

/** The arguments of its `AddPermission` request, without inferred values. */
function requestOf(planned: ReadableResource, target: FunctionTarget): PermissionRequest {
  const principal = readString(planned, "principal");
  return {
    statementId: readString(planned, "statementId"),
    action: readString(planned, "action"),
    principal,
    functionName: readString(planned, "function"),
    functionUrlAuthType: readString(planned, "functionUrlAuthType"),
    partition: partitionOf(planned),
    size: sizeOf({ ...statementOf(planned, principal, []), Resource: target.arn }),
  };
}

/** The length of a statement as JSON without white space and without unknown values. */
function sizeOf(statement: Readonly<Record<string, unknown>>): number {
  const statementJson = JSON.stringify(statement, (name, value: unknown) =>
    value instanceof Unknown
      ? ""
      : name === "Resource" && Array.isArray(value)
        ? value.filter((piece) => typeof piece === "string").join("")
        : value,
  );
  return Buffer.byteLength(statementJson);
}

/** Finds the resource policy that is, or may be, on the same function, version or alias. */
function policyFinder(
  policies: readonly FunctionPolicy[],
): (target: FunctionTarget) => FunctionPolicy | undefined {
  const byArn = new Map<string, FunctionPolicy>();
  const withUnknownArn: FunctionPolicy[] = [];
  for (const policy of policies) {
    const { arn } = policy.target;
    const knownArn = arn instanceof Unknown ? undefined : known(arn);
    if (knownArn === undefined) withUnknownArn.push(policy);
    else byArn.set(knownArn, policy);
  }
  return ({ arn }) => {
    if (arn instanceof Unknown) return policies[0];
    const knownArn = known(arn);
    const mayBe = ({ target }: FunctionPolicy): boolean =>
      target.arn instanceof Unknown || equal(target.arn, arn) !== "no";
    return knownArn === undefined
      ? policies.find(mayBe)
      : (byArn.get(knownArn) ?? withUnknownArn.find(mayBe));
  };
}

/**
 * A resource policy document replaces all statements on the function when it is applied; permissions that are applied
 * later add theirs to it (https://www.pulumi.com/registry/packages/aws/api-docs/lambda/resourcepolicy/).
 */
function replacedPermission(permission: string, policy: string): NotInEffect {
  return {
    subject: { code: "replaced-permission", permission, policy },
    resolution: { code: "add-to-document", policy },
  };
}

/** `aws.lambda.ResourcePolicy`: a function's whole resource policy as one document. */
export function readFunctionPolicies(
  resources: ResourceIndex,
  functions: Functions,
): readonly FunctionPolicy[] {
  return resources.ofKind("FunctionPolicy").flatMap((planned): readonly FunctionPolicy[] => {
    const target = functions.targetOf(planned, "resourceArn");
    if (target === undefined) return [];
    const hasNoDependencies = target.arn instanceof Unknown && target.arn.origins.length === 0;
    return [
      {
        urn: planned.urn,
        target,
        source: documentSource(planned, { property: "policy", label: labelOf(planned) }, "resource"),
        isFunctionUnknown: hasNoDependencies && resources.whenUnknown === "infer",
        ...(planned.resource.fromAccountData === undefined ? {} : { isComplete: true as const }),
      },
    ];
  });
}

/** The first version of `@pulumi/aws` whose FunctionUrl creates both permissions. */
const CREATES_BOTH_PERMISSIONS = [7, 16, 0] as const;

/**
 * The permissions for everyone of a URL without authorization: from `aws.lambda.FunctionUrl` both permissions
 * (https://github.com/hashicorp/terraform-provider-aws/pull/44858), before that the first of them, and from
 * `aws-native`, as from CloudFormation, none
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-none).
 */
function permissionsForEveryone(planned: ReadableResource): readonly string[] {
  if (planned.type.startsWith("aws-native:")) return [];
  const version = providerVersion(planned.resource);
  return version !== undefined && isBefore(version, CREATES_BOTH_PERMISSIONS)
    ? [INVOKE_FUNCTION_URL]
    : [INVOKE_FUNCTION_URL, INVOKE_FUNCTION];
}

/** The function URLs of a stack. AWS requires an authorization type; where the plan has none, it is `NONE`. */
export function readFunctionUrls(resources: ResourceIndex, functions: Functions): readonly FunctionUrl[] {
  return resources.ofKind("FunctionUrl").flatMap((planned): readonly FunctionUrl[] => {
    const target = qualifiedTarget(resources, functions, planned, "functionName");
    if (target === undefined) return [];
    const authorization = readString(planned, "authorizationType") ?? "NONE";
    const actionsForEveryone = permissionsForEveryone(planned);
    return [
      {
        urn: planned.urn,
        label: labelOf(planned),
        target,
        authorization,
        actionsForEveryone,
      },
    ];
  });
}
