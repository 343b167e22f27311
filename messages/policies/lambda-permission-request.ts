import { API_GATEWAY } from "../../aws";
import { type Language, writeExample } from "../languages";
import { printable } from "../printable";
import { argument, type Phrase } from "../snippets";
import { message, page } from "../text";
import { INVALID_PERMISSIONS } from "../verdicts/parts";

/** Why Lambda refuses a permission, or a resource policy. */
export type LambdaPermissionRequestProblem =
  /** It has functionUrlAuthType with another action than lambda:InvokeFunctionUrl. */
  | { readonly code: "function-url-auth-type"; readonly action: string }
  /** It is on the qualifier $LATEST. */
  | { readonly code: "latest" }
  /** An ARN names a partition that its region is not in; without a known region, that the stack is not in. */
  | {
      readonly code: "partition";
      readonly setting: "function" | "principal";
      readonly partition: string;
      readonly expected: string;
      readonly region?: string;
    }
  /** The principal is a misspelling of API Gateway's. */
  | { readonly code: "principal"; readonly principal: string; readonly hasSourceArnOfApi: boolean }
  /** Another permission on the same function has its statement id. */
  | { readonly code: "statement-id"; readonly statementId: string; readonly otherPermission: string }
  /** A resource policy has more bytes than Lambda accepts: one document, or all permissions on a function. */
  | {
      readonly code: "policy-size";
      readonly size: number;
      readonly limit: number;
      readonly permissions?: PermissionsOnFunction;
    };

export interface PermissionsOnFunction {
  readonly count: number;
  /** The function's name in the program, where it is part of it. */
  readonly function?: string;
  readonly qualifier?: string;
}

interface Parts {
  /** One sentence, without a full stop. */
  readonly finding: string;
  /** AWS's error message. */
  readonly symptom: string;
  readonly fix: string | Phrase;
}

type Code = LambdaPermissionRequestProblem["code"];
type ProblemOf<C extends Code> = Extract<LambdaPermissionRequestProblem, { readonly code: C }>;

const PARTS: { readonly [C in Code]: (problem: ProblemOf<C>) => Parts } = {
  // As reported: https://github.com/RJPearson94/terraform-aws-open-next/issues/73
  "function-url-auth-type": ({ action }) => ({
    finding: `This permission has functionUrlAuthType with the action ${action}, but only lambda:InvokeFunctionUrl supports it`,
    symptom:
      'The deployment fails with "InvalidParameterValueException: FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action".',
    fix: [{ argument: "invokedViaFunctionUrl", value: true }, " instead of functionUrlAuthType"],
  }),
  // As reported: https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/36
  latest: () => ({
    finding: "This permission is on the qualifier $LATEST, which does not support permissions",
    symptom:
      'The deployment fails with "InvalidParameterValueException: We currently do not support adding policies for $LATEST."',
    fix: "omit the qualifier and invoke the function by its unqualified ARN, or use the same alias for both",
  }),
  partition: ({ setting, partition, expected, region }) => ({
    finding: `The ${setting} of this permission is in partition ${partition}, but ${region === undefined ? "its stack" : `region ${region}`} is in ${expected}`,
    symptom:
      setting === "principal"
        ? 'Lambda refuses a principal that does not exist: "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again."'
        : "No function has this ARN.",
    fix: "use the arn of the resource, or get the partition from aws.getPartition",
  }),
  // As reported: https://github.com/Pocket/terraform-modules/pull/1037
  principal: ({ principal, hasSourceArnOfApi }) => ({
    finding: `The principal of this permission is ${printable(principal)}${hasSourceArnOfApi ? ", although its source ARN is the ARN of an API" : ""}: only ${API_GATEWAY} calls a function for an API`,
    symptom: `If no service has this name, the deployment fails with "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again."; if another service has it, callers get ${INVALID_PERMISSIONS}.`,
    fix: [argument("principal", API_GATEWAY)],
  }),
  // As reported: https://github.com/hashicorp/terraform-provider-aws/issues/1524
  "statement-id": ({ statementId, otherPermission }) => ({
    finding: `This permission has the statement id ${printable(statementId)}, which ${printable(otherPermission)} already has on the same function`,
    symptom: `The deployment fails with "ResourceConflictException: The statement id (${printable(statementId)}) provided already exists. Please provide a new statement id, or remove the existing statement."`,
    fix: "give each permission a unique statementId, or omit it so that the provider generates one",
  }),
  // As reported: https://github.com/adobe/helix-deploy/issues/24
  "policy-size": ({ size, limit, permissions }) => ({
    finding: `${permissions === undefined ? "This resource policy" : policyOf(permissions)} has at least ${size} bytes; Lambda's limit is ${limit}`,
    symptom: `The deployment fails with "PolicyLengthExceededException: The final policy size (${size}) is bigger than the limit (${limit})."`,
    fix: [
      "use one permission for all routes of an API instead of one for each: ",
      argument("sourceArn", { urn: "api", property: "executionArn" }, "/*"),
    ],
  }),
};

function policyOf({ count, function: label, qualifier }: PermissionsOnFunction): string {
  const name = label === undefined ? "a function" : `function ${printable(label)}`;
  const qualifiedName = qualifier === undefined ? name : `${name}:${printable(qualifier)}`;
  return `The resource policy of ${qualifiedName} with its ${count} permissions`;
}

export function describeLambdaPermissionRequest(
  problem: LambdaPermissionRequestProblem,
  language: Language,
): string {
  const parts = PARTS[problem.code] as (problem: LambdaPermissionRequestProblem) => Parts;
  const { finding, symptom, fix } = parts(problem);
  return message([
    `${finding}.`,
    `Why: AWS's own rule (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html). ${symptom}`,
    `Fix: ${writeExample(fix, language)}`,
    page("lambda-permission-request"),
  ]);
}
