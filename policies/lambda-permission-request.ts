import { API_GATEWAY, isRegion, partitionOfRegion } from "../aws";
import { known, Unknown } from "../iam";
import {
  argument,
  type Language,
  type LanguageOf,
  message,
  type Phrase,
  page,
  writeExample,
} from "../messages";
import { printable } from "../messages/printable";
import type { FunctionTarget, Permission, StackFacts } from "../stack";
import { key } from "../stack/pulumi/keys";
import { type Finding, type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "lambda-permission-request",
  displayName: "Function permissions are taken by Lambda",
  description:
    "A function permission that Lambda refuses: a statement id that another one has, a resource policy that gets too long, functionUrlAuthType with another action, a version that takes none, or a principal that is not the service it is for.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Give each permission a statement id of its own, and API Gateway one permission for all routes of an API.",
};

export const lambdaPermissionRequest: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["permission"] },
  [],
  (stack) => ({
    findings: requestFindings(stack.access().facts, stack.languageOf),
  }),
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
function requestFindings(facts: StackFacts, languageOf: LanguageOf): readonly Finding[] {
  const finding = ({ urn, fault }: Found): Finding => ({ urn, message: said(fault, languageOf(urn)) });
  const groups = byFunction(facts.permissions);
  return [
    ...facts.permissions.flatMap((permission) =>
      faultsOf(permission).map((fault) => finding({ urn: permission.urn, fault })),
    ),
    ...groups.flatMap(conflicts).map(finding),
    ...groups.flatMap(tooLong).map(finding),
    ...facts.functionPolicies.flatMap(({ urn, source: { document } }): readonly Finding[] => {
      const size = document === undefined || document instanceof Unknown ? undefined : document.size;
      return size === undefined || size <= LONGEST_POLICY
        ? []
        : [finding({ urn, fault: lengthFault("this resource policy", size) })];
    }),
  ];
}

interface Fault {
  readonly what: string;
  /** How AWS says it. */
  readonly symptom: string;
  readonly fix: string | Phrase;
}

/** A fault, and the resource that it is reported on. */
interface Found {
  readonly urn: string;
  readonly fault: Fault;
}

const REFERENCE = "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html";

function said({ what, symptom, fix }: Fault, language: Language): string {
  return message([
    `${what}.`,
    `Why: AWS's own rule (${REFERENCE}). ${symptom}`,
    `Fix: ${writeExample(fix, language)}`,
    page(metadata.name),
  ]);
}

/** What Lambda says against a permission whatever others there are. */
function faultsOf({ target, request, sourceArn }: Permission): readonly Fault[] {
  return [
    urlAuthFault(request),
    latestFault(target),
    partitionFault(request.functionName, "function", request.partition),
    partitionFault(request.principal, "principal", request.partition),
    principalFault(request.principal, sourceArn),
  ].filter((fault) => fault !== undefined);
}

/** As reported: https://github.com/RJPearson94/terraform-aws-open-next/issues/73 */
function urlAuthFault({ action, functionUrlAuthType }: Permission["request"]): Fault | undefined {
  if (typeof functionUrlAuthType !== "string" || functionUrlAuthType === "" || typeof action !== "string")
    return undefined;
  // What Lambda says to a wildcard is documented nowhere.
  if (!/^lambda:[a-z]+$/i.test(action) || /^lambda:InvokeFunctionUrl$/i.test(action)) return undefined;
  return {
    what: `This permission has functionUrlAuthType with the action ${action}, and only lambda:InvokeFunctionUrl takes it`,
    symptom:
      'The deployment fails with "InvalidParameterValueException: FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action".',
    fix: [{ argument: "invokedViaFunctionUrl", value: true }, " in place of functionUrlAuthType"],
  };
}

/**
 * "Version $LATEST" takes no policy: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html. As reported:
 * https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/36
 */
function latestFault({ qualifier }: FunctionTarget): Fault | undefined {
  return qualifier === undefined || known(qualifier) !== "$LATEST"
    ? undefined
    : {
        what: "This permission is on the qualifier $LATEST, which takes none",
        symptom:
          'The deployment fails with "InvalidParameterValueException: We currently do not support adding policies for $LATEST."',
        fix: "leave the qualifier out and call the function by its unqualified ARN, or use an alias for both",
      };
}

/** The partition of a region, or else of the stack, against the one that an ARN names. */
function partitionFault(value: unknown, name: string, own: string | undefined): Fault | undefined {
  const [, partition = "", region = ""] =
    typeof value === "string" ? (/^arn:([a-z-]+):[a-z]+:([^:]*):/.exec(value) ?? []) : [];
  const expected = isRegion(region) ? partitionOfRegion(region) : own;
  if (partition === "" || expected === undefined || partition === expected) return undefined;
  return {
    what: `The ${name} of this permission is of partition ${partition}, while ${isRegion(region) ? `region ${region}` : "its stack"} is in ${expected}`,
    symptom:
      name === "principal"
        ? 'Lambda refuses a principal that it does not find: "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again."'
        : "There is no such function.",
    fix: "name the resource by its own arn, or take the partition from aws.getPartition",
  };
}

/**
 * Names that are intended for API Gateway's principal: https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html. As
 * reported: https://github.com/Pocket/terraform-modules/pull/1037, and of China https://github.com/serverless/serverless/issues/5365
 */
const LOOKALIKES =
  /^(execute-api|api-?gateway(-?v2)?)(\.amazonaws\.com(\.cn)?|\.aws\.com|\.com)?$|^amazonaws\.com(\.cn)?$/i;

function principalFault(principal: unknown, sourceArn: unknown): Fault | undefined {
  if (typeof principal !== "string" || principal.toLowerCase() === API_GATEWAY) return undefined;
  const isForApi = typeof sourceArn === "string" && /^arn:[^:]*:execute-api:/.test(sourceArn);
  const isOther = isForApi && /^(?!apigateway\.)[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal);
  if (!isOther && !LOOKALIKES.test(principal)) return undefined;
  return {
    what: `The principal of this permission is ${printable(principal)}${isForApi ? ", and its source ARN is of an API" : ""}: only ${API_GATEWAY} calls a function for an API`,
    symptom:
      'A name that no service has fails the deployment with "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again."; with that of another service callers get 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    fix: [argument("principal", API_GATEWAY)],
  };
}

/** The permissions on one function, version or alias, as far as it is shown on which they are. */
function byFunction(permissions: readonly Permission[]): readonly (readonly Permission[])[] {
  const groups = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const { arn, inferredFrom, mayBeQualified, otherQualifiers } = permission.target;
    // A qualifier written behind an ARN that is not shown leaves no trace.
    if (arn instanceof Unknown || inferredFrom !== undefined || mayBeQualified || otherQualifiers) continue;
    const group = groups.get(key(arn));
    if (group === undefined) groups.set(key(arn), [permission]);
    else group.push(permission);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => (a.urn < b.urn ? -1 : 1)));
}

/** As reported: https://github.com/hashicorp/terraform-provider-aws/issues/1524 */
function conflicts(permissions: readonly Permission[]): readonly Found[] {
  const first = new Map<string, Permission>();
  return permissions.flatMap((permission): readonly Found[] => {
    const { statementId } = permission.request;
    if (typeof statementId !== "string" || statementId === "") return [];
    const earlier = first.get(statementId);
    if (earlier === undefined) {
      first.set(statementId, permission);
      return [];
    }
    const fault: Fault = {
      what: `This permission has the statement id ${printable(statementId)}, as ${printable(earlier.label)} has on the same function`,
      symptom: `The deployment fails with "ResourceConflictException: The statement id (${printable(statementId)}) provided already exists. Please provide a new statement id, or remove the existing statement."`,
      fix: "give each a statementId of its own, or leave it out for the provider to make one",
    };
    return [{ urn: permission.urn, fault }];
  });
}

/**
 * "Resource-based policy: 20 KB": https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. As reported:
 * https://github.com/adobe/helix-deploy/issues/24
 */
const LONGEST_POLICY = 20_480;
const FRAME = '{"Version":"2012-10-17","Id":"default","Statement":[]}'.length;

function tooLong(permissions: readonly Permission[]): readonly Found[] {
  const size = permissions.reduce((sum, { request }) => sum + request.size + 1, FRAME - 1);
  const last = permissions[permissions.length - 1];
  if (size <= LONGEST_POLICY || last === undefined) return [];
  const whose = `the resource policy of ${nameOf(last.target)} with its ${permissions.length} permissions`;
  return [{ urn: last.target.function?.urn ?? last.urn, fault: lengthFault(whose, size) }];
}

function nameOf({ function: fn, qualifier }: FunctionTarget): string {
  const alias = qualifier === undefined ? undefined : known(qualifier);
  return `${fn === undefined ? "a function" : `function ${printable(fn.label)}`}${alias === undefined ? "" : `:${printable(alias)}`}`;
}

function lengthFault(whose: string, size: number): Fault {
  return {
    what: `${whose[0]?.toUpperCase()}${whose.slice(1)} has at least ${size} bytes, of ${LONGEST_POLICY} that Lambda takes`,
    symptom: `The deployment fails with "PolicyLengthExceededException: The final policy size (${size}) is bigger than the limit (${LONGEST_POLICY})."`,
    fix: [
      "one permission for all routes of an API in place of one for each: ",
      argument("sourceArn", { urn: "api", property: "executionArn" }, "/*"),
    ],
  };
}
