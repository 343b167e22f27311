import { API_GATEWAY } from "../aws";
import {
  describeLambdaPermissionScope,
  type LambdaPermissionScopeProblem,
} from "../messages/policies/lambda-permission-scope";
import { type ReadableResource, read, readString } from "../stack";
import {
  LEAST_PRIVILEGE,
  type Metadata,
  type ResourcePolicy,
  resourcePolicy,
} from "./framework/create-policy";

const metadata: Metadata = {
  name: "lambda-permission-scope",
  displayName: "Function permissions are no wider than intended",
  description:
    "A function permission allows API Gateway to invoke the function for any API in any account, or allows everyone.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "Give the permission a source ARN of the API, or name the principal.",
  framework: LEAST_PRIVILEGE,
};

export const lambdaPermissionScope: ResourcePolicy = resourcePolicy(metadata, {
  kinds: ["Permission"],
  problems: scopeProblems,
  describe: describeLambdaPermissionScope,
});

const RESTRICTIONS = [
  "sourceArn",
  "sourceAccount",
  "principalOrgId",
  "eventSourceToken",
  "functionUrlAuthType",
  "invokedViaFunctionUrl",
];

export function scopeProblems(planned: ReadableResource): readonly LambdaPermissionScopeProblem[] {
  const principal = readString(planned, "principal");
  const isSet = (property: string): boolean => {
    const value = planned.resourceType.reads.includes(property) ? read(planned, property) : undefined;
    return value !== undefined && value !== "";
  };
  if (principal === API_GATEWAY && !isSet("sourceArn")) return [{ code: "any-api" }];
  if (principal === "*" && !RESTRICTIONS.some(isSet)) return [{ code: "everyone" }];
  return [];
}
