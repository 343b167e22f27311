import { API_GATEWAY, HTTP_METHODS, isRegion, partitionOfRegion } from "../aws";
import { leftoverIn, match, text } from "../iam";
import { argument, type Language, message, type Phrase, writeExample } from "../messages";
import { nameOf, type Planned, partitionOf, readString } from "../stack";
import type { Remediation } from "./definition";
import { type Metadata, type ResourcePolicy, resourcePolicy } from "./framework";

const metadata: Metadata = {
  name: "lambda-permission-source-arn",
  displayName: "Source ARNs of permissions for API Gateway can match",
  description: "A function permission for API Gateway has a source ARN that no request can ever match.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Write the source ARN as `${api.executionArn}/<stage>/<verb>/<path>` with * where any value may be.",
};

export const lambdaPermissionSourceArn: ResourcePolicy = resourcePolicy(
  metadata,
  ["Permission"],
  (planned, language) => {
    const wrong = faultOf(planned, language);
    return wrong === undefined ? [] : [wrong];
  },
  { remediate: remediated },
);

/**
 * The region of an ARN says which partition it is of. Whatever else is wrong has several right values, and what only
 * REST or only HTTP APIs never present is for a policy that knows the API.
 */
function remediated(planned: Planned): Remediation | undefined {
  const arn = readString(planned, "sourceArn");
  if (typeof arn !== "string" || faultOf(planned, "json") === undefined) return undefined;
  const [prefix = "", , ...rest] = arn.split(":");
  const [, region = ""] = rest;
  if (!isRegion(region)) return undefined;
  const value = [prefix, partitionOfRegion(region), ...rest].join(":");
  if (value === arn || faultIn(value, planned) !== undefined) return undefined;
  return { path: [nameOf(planned, "sourceArn")], value };
}

interface Fault {
  readonly what: string;
  readonly fix: Phrase;
}

function faultOf(planned: Planned, language: Language): string | undefined {
  const arn = readString(planned, "sourceArn");
  const principal = readString(planned, "principal");
  if (typeof arn !== "string" || arn === "" || arn.length > 4096) return undefined;
  if (principal !== API_GATEWAY) return undefined;
  const fault = faultIn(arn, planned);
  if (fault === undefined) return undefined;
  const shown = arn.length > 300 ? `${arn.slice(0, 300)}…` : arn;
  return message([
    `The source ARN ${shown} of this permission can never match: ${fault.what}.`,
    "Why: AWS's own rule. API Gateway presents API/stage/verb/path with the request's own verb and the path as the route writes it, and callers get 500 \"Execution failed due to configuration error: Invalid permissions on Lambda function\".",
    `Fix: ${writeExample(fault.fix, language)}`,
  ]);
}

function faultIn(arn: string, planned: Planned): Fault | undefined {
  return leftover(arn) ?? malformed(arn) ?? wrongPartition(arn, partitionOf(planned)) ?? unreachable(arn);
}

const EXECUTION_ARN = { urn: "api", property: "executionArn" };
const REFERENCE = argument("sourceArn", EXECUTION_ARN, "/*/GET/path");

/** A path may be written `/null` or `/None`: in it only what nobody writes is a leftover. */
function leftover(arn: string): Fault | undefined {
  const [api = ""] = arn.split("/", 1);
  const found = leftoverIn(api) ?? leftoverIn(arn.replace(/(?<=\/)(None|null|NaN)(?=\/|$)/g, ""));
  return found === undefined
    ? undefined
    : {
        what: "a value that was not there was converted to a string",
        fix: ["build it from outputs: ", REFERENCE],
      };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html#lambda-AddPermission-request-SourceArn */
function malformed(arn: string): Fault | undefined {
  const [prefix, partition = "", service = "", region = "", account = "", ...rest] = arn.split(":");
  if (service === "apigateway")
    return {
      what: "arn:aws:apigateway: names the API for managing it; requests come from execute-api",
      fix: ["use the API's execution ARN: ", REFERENCE],
    };
  if (prefix !== "arn" || rest.length === 0)
    return { what: "it is not an ARN", fix: ["use the API's execution ARN: ", REFERENCE] };
  if (/[*?]/.test(`${partition}${region}${account}`))
    return {
      what: "AWS takes no wildcard for the partition, region or account of a source ARN",
      fix: ["name them; the API's execution ARN does: ", REFERENCE],
    };
  if (service !== "execute-api")
    return {
      what: `it names ${service || "no service"}, not execute-api`,
      fix: ["use the API's execution ARN: ", REFERENCE],
    };
  if (region === "" || account === "")
    return { what: "its region or account is empty", fix: ["use the API's execution ARN: ", REFERENCE] };
  return undefined;
}

/**
 * API Gateway presents an ARN of the region's own partition.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
 */
function wrongPartition(arn: string, own: string | undefined): Fault | undefined {
  const [, partition = "", , region = ""] = arn.split(":");
  const expected = isRegion(region) ? partitionOfRegion(region) : own;
  if (expected === undefined || partition === expected) return undefined;
  return {
    what: `it is of partition ${/^[a-z-]{1,20}$/.test(partition) ? partition : "unknown"}, while ${isRegion(region) ? `region ${region}` : "its stack"} is in ${expected}`,
    fix: ["use the API's execution ARN: ", REFERENCE],
  };
}

/**
 * Compares with the forms that API Gateway presents, each part of them being anything it can be. An id does not show
 * REST from HTTP APIs, so what only one of them never presents (`ANY` for the verb, a slash at the end) is left to
 * `route-function-permission`, which knows the API.
 */
function unreachable(arn: string): Fault | undefined {
  const resource = arn.split(":").slice(5).join(":");
  if (reaches(resource)) return undefined;
  return {
    what: "it ends before the stage, verb and path",
    fix: [
      "add them: ",
      REFERENCE,
      ", or ",
      argument("sourceArn", EXECUTION_ARN, "/*"),
      " for every route of the API",
    ],
  };
}

const word = (id: string) => ({ id, shape: "word" as const, label: id, from: [] });
const PATH = { id: "path", shape: "tail" as const, label: "path", from: [] };
const VERB = { ...word("verb"), oneOf: [...HTTP_METHODS, "ANY"] };

function reaches(resource: string): boolean {
  const pattern = text(resource);
  const api = word("API id");
  const stage = word("stage");
  return [
    // The root of a REST API has an empty path.
    text(api, "/", stage, "/", VERB, "/"),
    text(api, "/", stage, "/", VERB, "/", PATH),
    // Route keys of WebSocket APIs and `$default`; authorizers.
    text(api, "/", stage, "/", word("route key")),
  ].some((subject) => match(pattern, subject) !== "no");
}
