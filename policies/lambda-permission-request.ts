import { API_GATEWAY, isRegion, partitionOfRegion } from "../aws";
import { known, Unknown } from "../iam";
import {
  describeLambdaPermissionRequest,
  type LambdaPermissionRequestProblem,
  type PermissionsOnFunction,
} from "../messages/policies/lambda-permission-request";
import type { FunctionTarget, Permission, StackFacts } from "../stack";
import { byUrn, groupBy, textKey } from "../stack/pulumi/keys";
import { type Metadata, type PlacedProblem, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "lambda-permission-request",
  displayName: "Function permissions are accepted by Lambda",
  description:
    "A function permission that Lambda refuses or that has no effect: a duplicate statement id, a resource policy that exceeds the size limit, functionUrlAuthType with another action, the qualifier $LATEST, or a principal other than the intended service.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Give each permission a unique statement id, and use one permission for all routes of an API.",
};

export const lambdaPermissionRequest: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["permission"] },
  [],
  (stack) => ({
    findings: stack.findings(requestProblems(stack.access().facts), ({ urn, problem }) => ({
      urn,
      message: describeLambdaPermissionRequest(problem, stack.languageOf(urn)),
    })),
  }),
);

type PlacedRequestProblem = PlacedProblem<LambdaPermissionRequestProblem>;

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export function requestProblems({
  permissions,
  functionPolicies,
}: Pick<StackFacts, "permissions" | "functionPolicies">): readonly PlacedRequestProblem[] {
  const groups = byFunction(permissions);
  return [
    ...permissions.flatMap((permission) =>
      problemsOf(permission).map((problem) => ({ urn: permission.urn, problem })),
    ),
    ...groups.flatMap(duplicateStatementIds),
    ...groups.flatMap(oversizedPolicies),
    ...functionPolicies.flatMap(({ urn, source: { document } }): readonly PlacedRequestProblem[] => {
      const size = document === undefined || document instanceof Unknown ? undefined : document.size;
      return size === undefined || size <= MAX_POLICY_SIZE ? [] : [{ urn, problem: tooManyBytes(size) }];
    }),
  ];
}

/** Reasons for which Lambda refuses a permission regardless of others. */
function problemsOf({ target, request, sourceArn }: Permission): readonly LambdaPermissionRequestProblem[] {
  return [
    urlAuthTypeProblem(request),
    latestProblem(target),
    partitionProblem(request.functionName, "function", request.partition),
    partitionProblem(request.principal, "principal", request.partition),
    principalProblem(request.principal, sourceArn),
  ].filter((problem) => problem !== undefined);
}

function urlAuthTypeProblem({
  action,
  functionUrlAuthType,
}: Permission["request"]): LambdaPermissionRequestProblem | undefined {
  if (typeof functionUrlAuthType !== "string" || functionUrlAuthType === "" || typeof action !== "string")
    return undefined;
  // AWS does not document Lambda's response to a wildcard.
  if (!/^lambda:[a-z]+$/i.test(action) || /^lambda:InvokeFunctionUrl$/i.test(action)) return undefined;
  return { code: "function-url-auth-type", action };
}

/** `$LATEST` does not support policies: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
function latestProblem({ qualifier }: FunctionTarget): LambdaPermissionRequestProblem | undefined {
  return qualifier === undefined || known(qualifier) !== "$LATEST" ? undefined : { code: "latest" };
}

/** Compares the partition of a region, or else of the stack, with the one in an ARN. */
function partitionProblem(
  value: unknown,
  setting: "function" | "principal",
  stackPartition: string | undefined,
): LambdaPermissionRequestProblem | undefined {
  const [, partition = "", region = ""] =
    typeof value === "string" ? (/^arn:([a-z-]+):[a-z]+:([^:]*):/.exec(value) ?? []) : [];
  const expected = isRegion(region) ? partitionOfRegion(region) : stackPartition;
  if (partition === "" || expected === undefined || partition === expected) return undefined;
  return { code: "partition", setting, partition, expected, ...(isRegion(region) ? { region } : {}) };
}

/**
 * Misspellings of API Gateway's principal: https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html. As
 * reported for China: https://github.com/serverless/serverless/issues/5365
 */
const LOOKALIKES =
  /^(execute-api|api-?gateway(-?v2)?)(\.amazonaws\.com(\.cn)?|\.aws\.com|\.com)?$|^amazonaws\.com(\.cn)?$/i;

function principalProblem(
  principal: unknown,
  sourceArn: unknown,
): LambdaPermissionRequestProblem | undefined {
  if (typeof principal !== "string" || principal.toLowerCase() === API_GATEWAY) return undefined;
  const hasSourceArnOfApi = typeof sourceArn === "string" && /^arn:[^:]*:execute-api:/.test(sourceArn);
  const isOtherService =
    hasSourceArnOfApi && /^(?!apigateway\.)[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal);
  return isOtherService || LOOKALIKES.test(principal)
    ? { code: "principal", principal, hasSourceArnOfApi }
    : undefined;
}

/** The permissions on one function, version or alias, as far as their targets are known. */
function byFunction(permissions: readonly Permission[]): readonly (readonly Permission[])[] {
  const withArns = permissions.flatMap((permission) => {
    const { arn, inferredFrom, mayHaveQualifier, otherQualifiers } = permission.target;
    // A qualifier that is appended to an unknown ARN cannot be seen.
    const isKnown = inferredFrom === undefined && !mayHaveQualifier && !otherQualifiers;
    return arn instanceof Unknown || !isKnown ? [] : [{ arn, permission }];
  });
  return groupBy(withArns, ({ arn }) => textKey(arn)).map((group) =>
    group.map(({ permission }) => permission).sort(byUrn),
  );
}

function duplicateStatementIds(permissions: readonly Permission[]): readonly PlacedRequestProblem[] {
  const first = new Map<string, Permission>();
  return permissions.flatMap((permission): readonly PlacedRequestProblem[] => {
    const { statementId } = permission.request;
    if (typeof statementId !== "string" || statementId === "") return [];
    const earlier = first.get(statementId);
    if (earlier === undefined) {
      first.set(statementId, permission);
      return [];
    }
    return [
      { urn: permission.urn, problem: { code: "statement-id", statementId, otherPermission: earlier.label } },
    ];
  });
}

/** "Resource-based policy: 20 KB": https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_POLICY_SIZE = 20_480;
const FRAME = '{"Version":"2012-10-17","Id":"default","Statement":[]}'.length;

function oversizedPolicies(permissions: readonly Permission[]): readonly PlacedRequestProblem[] {
  const size = permissions.reduce((sum, { request }) => sum + request.size + 1, FRAME - 1);
  const last = permissions[permissions.length - 1];
  if (size <= MAX_POLICY_SIZE || last === undefined) return [];
  const { function: fn, qualifier } = last.target;
  const alias = qualifier === undefined ? undefined : known(qualifier);
  const problem = tooManyBytes(size, {
    count: permissions.length,
    ...(fn === undefined ? {} : { function: fn.label }),
    ...(alias === undefined ? {} : { qualifier: alias }),
  });
  return [{ urn: fn?.urn ?? last.urn, problem }];
}

function tooManyBytes(size: number, permissions?: PermissionsOnFunction): LambdaPermissionRequestProblem {
  return {
    code: "policy-size",
    size,
    limit: MAX_POLICY_SIZE,
    ...(permissions === undefined ? {} : { permissions }),
  };
}
