import { EXECUTE, INVOKE, isRegion, partitionOfRegion } from "../../aws";
import { actionMatch } from "../evaluate/statement";
import type { ArnPattern } from "../text/arn";
import { leftoverIn } from "../text/leftovers";
import { matchPattern, type Pattern, type PatternPiece } from "../text/pattern";
import { type Hole, show, type Text } from "../text/text";
import type { Trilean } from "../text/trilean";
import type { LintFinding } from "./lint";
import { isAboutCalls } from "./lint-actions";
import type { Statement, Template } from "./types";

export const FUNCTION_FIX = "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME";
export const API_FIX = "name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/path, * for any";

/** The services of the statement's actions; `undefined` when some are of any service, or unknown. */
function servicesOf({ action }: Statement): ReadonlySet<string> | undefined {
  const services = new Set<string>();
  for (const text of action.texts) {
    const [first] = text;
    const colon = typeof first === "string" ? first.indexOf(":") : -1;
    if (action.not || typeof first !== "string" || colon < 1 || first[0] === "*") return undefined;
    services.add(first.slice(0, colon).toLowerCase());
  }
  return services;
}

/**
 * Where the document stands: ARNs of another partition than that are refused there.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export interface DocumentPlace {
  readonly partition?: string | undefined;
}

interface Fault extends Finding {
  /** IAM refuses the document for it, whatever else stands in it. */
  readonly refused?: true;
}

/**
 * What is wrong with the resources of a statement. They are alternatives, so one that can never match is idle alongside one
 * that can: the statement is wrong only where none can
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
 */
export function resourceFindings(statement: Statement, place: DocumentPlace): readonly LintFinding[] {
  const { resource, label } = statement;
  if (resource === undefined || resource.not) return [];
  const services = servicesOf(statement);
  const entries = resource.templates.map((template) => ({
    template,
    fault: resourceFault(template, services, place),
  }));
  const faults = entries.flatMap(({ fault }) => fault ?? []);
  const told = (some: readonly Fault[]): readonly LintFinding[] =>
    some.map(({ code, message, fix }) => ({ code, message, fix, statement: label }));
  const refused = faults.filter((fault) => fault.refused);
  if (refused.length > 0) return told(refused);
  if (!isAboutCalls(statement)) return [];
  const live = entries.filter(({ fault }) => fault === undefined).map(({ template }) => template);
  if (live.length === 0) return told(faults);
  if (statement.effect !== "Allow" || services === undefined) return [];
  if (live.some((template) => [...services].some((service) => isOfService(template, service) !== "no")))
    return [];
  return faults.length > 0 ? told(faults) : uncovered(statement, services);
}

function isOfService({ arn }: Template, service: string): Trilean {
  const field = arn?.fields?.[2];
  return field === undefined ? "unknown" : matchPattern(field, [service]);
}

type Finding = Omit<LintFinding, "statement">;

function resourceFault(
  template: Template,
  services: ReadonlySet<string> | undefined,
  place: DocumentPlace,
): Fault | undefined {
  const shown = shownArn(template.text);
  const notArn = notAnArn(template.text);
  if (notArn !== undefined) return { ...(placeholder(template.text, shown) ?? notArn), refused: true };
  return (
    (template.arn && wrongPartition(template.arn, shown, place)) ??
    placeholder(template.text, shown) ??
    pseudoParameter(template.text, shown) ??
    (template.arn && arnFinding(template.arn, shown, services))
  );
}

/** `MalformedPolicyDocument: Partition "aws" is not valid for resource "arn:aws:lambda:us-gov-west-1:…"` */
function wrongPartition({ fields }: ArnPattern, shown: string, place: DocumentPlace): Fault | undefined {
  const [partition, region] = [fields?.[1]?.literal, fields?.[3]?.literal];
  if (partition === undefined) return undefined;
  const fix = "take the partition from aws.getPartition, or the whole ARN from the resource";
  const isNone = !/^aws(-[a-z]+)*$/.test(partition);
  if (isNone || (place.partition !== undefined && partition !== place.partition))
    return {
      code: "partition",
      message: `${shown} is of ${isNone ? "no partition" : `partition ${partition}, while its policy is made in ${place.partition}`}: IAM refuses the document (MalformedPolicyDocument: Partition "${isNone ? "…" : partition}" is not valid for resource)`,
      fix,
      refused: true,
    };
  if (region === undefined || !isRegion(region) || partitionOfRegion(region) === partition) return undefined;
  return {
    code: "partition",
    message: `${shown} is of partition ${partition}, while region ${region} is in ${partitionOfRegion(region)}`,
    fix,
  };
}

export function shownArn(text: Text): string {
  const shown = show(text);
  const clipped = shown.length > 200 ? `${shown.slice(0, 199)}…` : shown;
  return shown.startsWith("arn:") ? clipped : "a Resource";
}

function placeholder(text: Text, shown: string): Finding | undefined {
  const leftover = leftoverIn(text.map((piece) => (typeof piece === "string" ? piece : "\u0000")).join(""));
  if (leftover === undefined) return undefined;
  return {
    code: "placeholder",
    message: `${shown} holds "${leftover}" in place of a value`,
    fix: "put outputs together as outputs, not as strings, and check that the value is set",
  };
}

function pseudoParameter(text: Text, shown: string): Finding | undefined {
  if (!text.some((piece) => typeof piece === "string" && /\$\{AWS::\w+\}/i.test(piece))) return undefined;
  return {
    code: "pseudo-parameter",
    message: `${shown} holds a pseudo parameter of CloudFormation, which IAM does not fill in`,
    fix: "put the account, region or partition there: aws.getCallerIdentity, aws.getRegion, aws.getPartition",
  };
}

function notAnArn(text: Text): Finding | undefined {
  const [first] = text;
  // A hole may hold the beginning of an ARN; a leading wildcard may too.
  if (first !== undefined && (typeof first !== "string" || /^[*?]/.test(first) || first.startsWith("arn:")))
    return undefined;
  if (typeof first === "string" && "arn:".startsWith(first) && text.length > 1) return undefined;
  return {
    code: "not-an-arn",
    message: 'a Resource is neither an ARN nor "*": IAM refuses the document (MalformedPolicyDocument)',
    fix: `${FUNCTION_FIX}; or ${API_FIX}`,
  };
}

function wildcardOf(piece: PatternPiece): string {
  return typeof piece === "object" && "wildcard" in piece ? piece.wildcard : "";
}

function arnFinding(
  { fields }: ArnPattern,
  shown: string,
  services: ReadonlySet<string> | undefined,
): Finding | undefined {
  if (fields === undefined) return undefined;
  const [, , service, region, account, resource] = fields as readonly [
    Pattern,
    Pattern,
    Pattern,
    Pattern,
    Pattern,
    Pattern,
  ];
  const name = service.literal;
  const [head] = resource.pieces;
  const domain = typeof head === "string" && head.startsWith("/domainnames/");
  if (
    name === "apigateway" &&
    account.literal === "lambda" &&
    (services === undefined || services.has("lambda"))
  )
    return {
      code: "invoke-arn",
      message: `${shown} is the ARN that integrations call a function by, not the ARN of the function`,
      fix: `use the function's arn in place of its invokeArn; ${FUNCTION_FIX}`,
    };
  if (name !== undefined && OFTEN_MIXED_UP.has(name) && services && !services.has(name) && ours(services))
    return {
      code: "other-service",
      message: `${shown} is of ${name}, while the statement's actions are of ${[...services].join(", ")}`,
      fix: services.has("lambda") ? FUNCTION_FIX : API_FIX,
    };
  if (name !== "lambda" && name !== "execute-api") return undefined;
  for (const [field, pattern] of [
    ["region", region],
    ["account", account],
  ] as const)
    if (pattern.literal === "" && !domain)
      return {
        code: "empty-field",
        message: `${shown} has no ${field}`,
        fix: name === "lambda" ? FUNCTION_FIX : API_FIX,
      };
  if (name === "lambda") return functionFinding(resource, shown, services);
  return domain ? undefined : apiFinding(resource, shown);
}

const OFTEN_MIXED_UP = new Set(["lambda", "execute-api", "apigateway"]);

function ours(services: ReadonlySet<string>): boolean {
  return [...services].every((service) => service === "lambda" || service === "execute-api");
}

function functionFinding(
  resource: Pattern,
  shown: string,
  services: ReadonlySet<string> | undefined,
): Finding | undefined {
  const { literal } = resource;
  if (services === undefined || !services.has("lambda") || literal === undefined || literal.includes(":"))
    return undefined;
  return {
    code: "not-a-function",
    message: `${shown} lacks "function:" before the name`,
    fix: FUNCTION_FIX,
  };
}

function apiFinding(resource: Pattern, shown: string): Finding | undefined {
  // What a hole of unknown shape holds may be the rest of the ARN.
  if (resource.pieces.some((piece) => typeof piece === "object" && "shape" in piece && piece.shape === "any"))
    return undefined;
  const text = resource.pieces
    .map((piece) =>
      typeof piece === "string" ? piece : wildcardOf(piece) || ((piece as Hole).varies ? "*" : "x"),
    )
    .join("");
  if (/(^|[^$])\{[^{}]{0,200}\}/.test(text))
    return {
      code: "path-parameter",
      message: `${shown} has a path parameter in braces; callers are checked against the path they request`,
      fix: "write * for the parameter: …/GET/pets/*",
    };
  if (text.includes("//"))
    return {
      code: "double-slash",
      message: `${shown} has two slashes in a row`,
      fix: "write one: …/STAGE/VERB/path; paths of routes begin with a slash already",
    };
  const parts = text.split("/");
  if (!/[*?]/.test(text) && (parts.length < 3 || (parts.length === 3 && parts[2] === "")))
    return {
      code: "no-stage-or-verb",
      message: `${shown} has no ${parts.length === 1 || (parts.length === 2 && parts[1] === "") ? "stage" : "verb"}; no request has so short an ARN`,
      fix: "end it with /* for all routes, or with STAGE/VERB/path",
    };
  return undefined;
}

/** An allowed action for which no resource of the statement is of the action's service. */
function uncovered(statement: Statement, services: ReadonlySet<string> | undefined): readonly LintFinding[] {
  const { resource, label, effect } = statement;
  if (effect !== "Allow" || services === undefined || resource === undefined) return [];
  return ([INVOKE, EXECUTE] as const).flatMap((action): readonly LintFinding[] => {
    const service = action.slice(0, action.indexOf(":"));
    if (!services.has(service) || actionMatch(statement, action) === "no") return [];
    if (resource.templates.some((template) => isOfService(template, service) !== "no")) return [];
    return [
      {
        code: "no-resource-for-action",
        statement: label,
        message: `${action} is allowed on no ${service === "lambda" ? "function" : "API"}: every Resource is of another service`,
        fix: `add a statement that allows ${action}; ${service === "lambda" ? FUNCTION_FIX : API_FIX}`,
      },
    ];
  });
}
