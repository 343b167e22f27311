import { API_GATEWAY, HTTP_METHODS, isRegion, partitionOfRegion } from "../aws";
import { leftoverIn, match, text } from "../iam";
import {
  describeLambdaPermissionSourceArn,
  type LambdaPermissionSourceArnProblem,
  type SourceArnMismatch,
} from "../messages/policies/lambda-permission-source-arn";
import { nameOf, partitionOf, type ReadableResource, readString } from "../stack";
import { type Metadata, type ResourcePolicy, resourcePolicy } from "./framework/create-policy";
import type { Remediation } from "./framework/definition";

const metadata: Metadata = {
  name: "lambda-permission-source-arn",
  displayName: "Source ARNs of permissions for API Gateway can match",
  description: "A function permission for API Gateway has a source ARN that no request can ever match.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Write the source ARN as `${api.executionArn}/<stage>/<method>/<path>` with * where any value is allowed.",
};

export const lambdaPermissionSourceArn: ResourcePolicy = resourcePolicy(metadata, {
  kinds: ["Permission"],
  problems: sourceArnProblems,
  describe: describeLambdaPermissionSourceArn,
  remediate: remediation,
});

/**
 * The region of an ARN determines its partition. Other mistakes have several corrections, and forms that only REST or
 * only HTTP APIs never present are left to a policy that knows the API.
 */
function remediation(planned: ReadableResource): Remediation | undefined {
  const [problem] = sourceArnProblems(planned);
  if (problem === undefined) return undefined;
  const { arn } = problem;
  const [prefix = "", , ...fields] = arn.split(":");
  const [, region = ""] = fields;
  if (!isRegion(region)) return undefined;
  const value = [prefix, partitionOfRegion(region), ...fields].join(":");
  if (value === arn || sourceArnMismatch(value, partitionOf(planned)) !== undefined) return undefined;
  return { path: [nameOf(planned, "sourceArn")], value };
}

export function sourceArnProblems(planned: ReadableResource): readonly LambdaPermissionSourceArnProblem[] {
  const arn = readString(planned, "sourceArn");
  const principal = readString(planned, "principal");
  if (typeof arn !== "string" || arn === "" || arn.length > 4096) return [];
  if (principal !== API_GATEWAY) return [];
  const mismatch = sourceArnMismatch(arn, partitionOf(planned));
  return mismatch === undefined ? [] : [{ arn, ...mismatch }];
}

/** @param stackPartition the partition that the permission is deployed to, as far as it is known */
export function sourceArnMismatch(
  arn: string,
  stackPartition: string | undefined,
): SourceArnMismatch | undefined {
  return leftover(arn) ?? malformed(arn) ?? wrongPartition(arn, stackPartition) ?? unreachable(arn);
}

/** A path may be `/null` or `/None`: in a path, only unambiguous leftovers are reported. */
function leftover(arn: string): SourceArnMismatch | undefined {
  const [api = ""] = arn.split("/", 1);
  const leftoverText = leftoverIn(api) ?? leftoverIn(arn.replace(/(?<=\/)(None|null|NaN)(?=\/|$)/g, ""));
  return leftoverText === undefined ? undefined : { code: "leftover" };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html#lambda-AddPermission-request-SourceArn */
function malformed(arn: string): SourceArnMismatch | undefined {
  const [prefix, partition = "", service = "", region = "", account = "", ...resource] = arn.split(":");
  if (service === "apigateway") return { code: "management-arn" };
  if (prefix !== "arn" || resource.length === 0) return { code: "not-an-arn" };
  if (/[*?]/.test(`${partition}${region}${account}`)) return { code: "wildcard" };
  if (service !== "execute-api") return { code: "other-service", service };
  return region === "" || account === "" ? { code: "empty-field" } : undefined;
}

/**
 * API Gateway presents an ARN of the region's own partition.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
 */
function wrongPartition(arn: string, stackPartition: string | undefined): SourceArnMismatch | undefined {
  const [, partition = "", , region = ""] = arn.split(":");
  const expected = isRegion(region) ? partitionOfRegion(region) : stackPartition;
  if (expected === undefined || partition === expected) return undefined;
  return { code: "partition", partition, expected, ...(isRegion(region) ? { region } : {}) };
}

/**
 * Compares with the forms that API Gateway presents, with any possible value for each part. An id does not distinguish
 * REST from HTTP APIs, so forms that only one of them never presents (`ANY` for the method, a trailing slash) are left
 * to `route-function-permission`, which knows the API.
 */
function unreachable(arn: string): SourceArnMismatch | undefined {
  const resource = arn.split(":").slice(5).join(":");
  return reaches(resource) ? undefined : { code: "too-short" };
}

const word = (id: string) => ({
  id,
  shape: "word" as const,
  label: { code: "request" } as const,
  origins: [],
});
const PATH = { id: "path", shape: "tail" as const, label: { code: "path" } as const, origins: [] };
const METHOD = { ...word("method"), oneOf: [...HTTP_METHODS, "ANY"] };

function reaches(resource: string): boolean {
  const pattern = text(resource);
  const api = word("api");
  const stage = word("stage");
  return [
    // The root of a REST API has an empty path.
    text(api, "/", stage, "/", METHOD, "/"),
    text(api, "/", stage, "/", METHOD, "/", PATH),
    // Route keys of WebSocket APIs and `$default`; authorizers.
    text(api, "/", stage, "/", word("key")),
  ].some((subject) => match(pattern, subject) !== "no");
}
