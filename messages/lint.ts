import type { DocumentProblem, LintFault, LintFinding, QuotedArn } from "../iam";
import { showProblem } from "./document-problems";

/** Mistakes in identity-based policies, and their fixes. */

/** Mistakes that can have a code: several share one type. */
type FaultOf<Code extends LintFault["code"], Fault = LintFault> = Fault extends { readonly code: infer Codes }
  ? Code extends Codes
    ? Fault
    : never
  : never;

function arnText(arn: QuotedArn): string {
  return arn ?? "a Resource";
}

const RESOURCES = { lambda: "function", "execute-api": "API" } as const;

const FIXES = {
  lambda: "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME",
  "execute-api": "name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, * for any",
} as const;

const MESSAGES: { readonly [Code in LintFault["code"]]: (fault: FaultOf<Code>) => string } = {
  malformed: ({ problem }) =>
    `${showProblem(problem)}: ${problem.code === "duplicate-key" ? "one of the two values is lost" : "IAM refuses it (MalformedPolicyDocument)"}`,
  version: ({ problem }) => `${showProblem(problem)}: IAM refuses the document`,
  size: (fault) => {
    if ("problem" in fault) return `${showProblem(fault.problem)}: IAM refuses it (LimitExceeded)`;
    const documents = fault.documents > 1 ? "the documents have" : "the document has";
    const limited =
      fault.quota === "managed" ? "a managed policy" : `all inline policies of a ${fault.quota} together`;
    return `${documents} ${fault.size} characters without white space; the limit for ${limited} is ${fault.limit} (LimitExceeded)`;
  },
  "unknown-action": ({ written }) =>
    written === undefined ? "an action does not exist" : `the action "${written}" does not exist`,
  "not-an-arn": () =>
    'a Resource is neither an ARN nor "*": IAM refuses the document (MalformedPolicyDocument)',
  "invoke-arn": ({ arn }) => `${arnText(arn)} is the function's invoke ARN for integrations, not its ARN`,
  "other-service": ({ arn, service, services }) =>
    `${arnText(arn)} is a resource of ${service}, but the statement's actions are of ${services.join(", ")}`,
  "no-resource-for-action": ({ action, service }) =>
    `${action} is not allowed on any ${RESOURCES[service]}: every Resource is of another service`,
  "not-a-function": ({ arn }) => `${arnText(arn)} lacks "function:" before the name`,
  "path-parameter": ({ arn }) =>
    `${arnText(arn)} contains a path parameter in braces, but IAM compares the path of the request`,
  "no-stage-or-method": ({ arn, missing }) =>
    `${arnText(arn)} has no ${missing}, which the ARN of every request has`,
  "double-slash": ({ arn }) => `${arnText(arn)} contains two slashes in a row`,
  leftover: ({ arn, leftover }) => `${arnText(arn)} contains "${leftover}" in place of a value`,
  "pseudo-parameter": ({ arn }) =>
    `${arnText(arn)} contains a pseudo parameter of CloudFormation, which IAM does not replace`,
  "empty-field": ({ arn, field }) => `${arnText(arn)} has no ${field}`,
  partition: (fault) => {
    const arn = arnText(fault.arn);
    if ("region" in fault)
      return `${arn} is in partition ${fault.partition}, but region ${fault.region} is in ${fault.regionPartition}`;
    const { partition, documentPartition } = fault;
    const fails =
      partition === undefined
        ? "does not have a valid partition"
        : `is in partition ${partition}, but its policy is created in ${documentPartition}`;
    return `${arn} ${fails}: IAM refuses the document (MalformedPolicyDocument: Partition "${partition ?? "…"}" is not valid for resource)`;
  },
  scope: (fault) =>
    `${fault.action} is allowed on every ${RESOURCES[fault.service]}${"arn" in fault ? ` of ${arnText(fault.arn)}` : ""}`,
};

export function lintMessage(finding: LintFinding): string {
  const show = MESSAGES[finding.code] as (fault: LintFault) => string;
  return show(finding);
}

export function lintFix(finding: LintFinding): string {
  switch (finding.code) {
    case "malformed":
      return problemFix(finding.problem);
    case "version":
      return 'write "Version": "2012-10-17"';
    case "size":
      return "problem" in finding
        ? problemFix(finding.problem)
        : "split it into several managed policies, or use wildcards in place of lists";
    case "unknown-action":
      return `did you mean ${finding.suggestion}?`;
    case "not-an-arn":
      return `${FIXES.lambda}; or ${FIXES["execute-api"]}`;
    case "invoke-arn":
      return `use the function's arn in place of its invokeArn; ${FIXES.lambda}`;
    case "other-service":
      return FIXES[finding.services.includes("lambda") ? "lambda" : "execute-api"];
    case "no-resource-for-action":
      return `add a statement that allows ${finding.action}; ${FIXES[finding.service]}`;
    case "not-a-function":
      return FIXES.lambda;
    case "path-parameter":
      return "write * for the parameter: …/GET/pets/*";
    case "no-stage-or-method":
      return "end it with /* for all routes, or with STAGE/METHOD/path";
    case "double-slash":
      return "write one: …/STAGE/METHOD/path; paths of routes already begin with a slash";
    case "leftover":
      return "combine outputs with the SDK's functions for outputs instead of string concatenation, and check that the value is set";
    case "pseudo-parameter":
      return "use the account, region or partition: aws.getCallerIdentity, aws.getRegion, aws.getPartition";
    case "empty-field":
    case "scope":
      return FIXES[finding.service];
    case "partition":
      return "get the partition from aws.getPartition, or use the ARN of the resource";
  }
}

function problemFix(problem: DocumentProblem): string {
  switch (problem.code) {
    case "not-json":
    case "not-an-object":
      return "use a JSON object with Version and Statement, from JSON.stringify or aws.iam.getPolicyDocument";
    case "unknown-element":
      return "correct its spelling or remove it: a statement has Sid, Effect, Action, Resource and Condition, case-sensitive";
    case "effect":
      return 'write "Effect": "Allow" or "Effect": "Deny"';
    case "action":
      return "write the action with its service: lambda:InvokeFunction, execute-api:Invoke";
    case "sid":
      return "use letters and digits, and another Sid for each statement";
    case "duplicate-key":
      return "write one list with all values";
    case "operator":
      return "use one of IAM's condition operators, such as StringEquals or ArnLike, case-sensitive";
    case "too-large":
      return "split it into several policies";
    case "prohibited-element":
      return "remove it: the principal is the identity that the policy is attached to";
    case "wrong-type":
      return "use strings and lists of strings";
    default:
      return `correct it: ${showProblem(problem)}`;
  }
}
