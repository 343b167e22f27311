import { EXECUTE_API_INVOKE, INVOKE_FUNCTION, isRegion, partitionOfRegion } from "../../aws";
import { actionMatch } from "../evaluate/statement";
import type { ArnPattern } from "../text/arn";
import { leftoverIn } from "../text/leftovers";
import { matchPattern } from "../text/match";
import type { Pattern, PatternPiece } from "../text/pattern";
import { type Hole, show, type Text } from "../text/text";
import type { Trilean } from "../text/trilean";
import type { LintFault, LintFinding, QuotedArn } from "./lint";
import { isAboutCalls } from "./lint-actions";
import type { Statement, Template } from "./types";

/** The services of the statement's actions; `undefined` when some actions are of any service, or unknown. */
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
 * The partition of the document: IAM refuses ARNs of another partition.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export interface DocumentPlace {
  readonly partition?: string | undefined;
}

/** A mistake, and whether IAM refuses the whole document because of it. */
interface ResourceFault {
  readonly fault: LintFault;
  readonly isRefused?: true;
}

/**
 * Mistakes in the resources of a statement. Resources are alternatives: one that can never match has no effect next to
 * one that can, so the statement is wrong only where none can match
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
  const findings = (faults: readonly ResourceFault[]): readonly LintFinding[] =>
    faults.map(({ fault }) => ({ ...fault, statement: label }));
  const refused = faults.filter(({ isRefused }) => isRefused);
  if (refused.length > 0) return findings(refused);
  if (!isAboutCalls(statement)) return [];
  const valid = entries.filter(({ fault }) => fault === undefined).map(({ template }) => template);
  if (valid.length === 0) return findings(faults);
  if (statement.effect !== "Allow" || services === undefined) return [];
  if (valid.some((template) => [...services].some((service) => isOfService(template, service) !== "no")))
    return [];
  return faults.length > 0 ? findings(faults) : actionsWithoutResource(statement, services);
}

function isOfService({ arn }: Template, service: string): Trilean {
  const field = arn?.fields?.[2];
  return field === undefined ? "unknown" : matchPattern(field, [service]);
}

function resourceFault(
  template: Template,
  services: ReadonlySet<string> | undefined,
  place: DocumentPlace,
): ResourceFault | undefined {
  const arn = quotedArn(template.text);
  if (isNotAnArn(template.text))
    return { fault: placeholder(template.text, arn) ?? { code: "not-an-arn" }, isRefused: true };
  const partition = template.arn && wrongPartition(template.arn, arn, place);
  if (partition !== undefined) return partition;
  const fault =
    placeholder(template.text, arn) ??
    pseudoParameter(template.text, arn) ??
    (template.arn && arnFault(template.arn, arn, services));
  return fault && { fault };
}

/** `MalformedPolicyDocument: Partition "aws" is not valid for resource "arn:aws:lambda:us-gov-west-1:…"` */
function wrongPartition(
  { fields }: ArnPattern,
  arn: QuotedArn,
  { partition: documentPartition }: DocumentPlace,
): ResourceFault | undefined {
  const [partition, region] = [fields?.[1]?.literal, fields?.[3]?.literal];
  if (partition === undefined) return undefined;
  const isPartition = /^aws(-[a-z]+)*$/.test(partition);
  if (!isPartition || (documentPartition !== undefined && partition !== documentPartition))
    return {
      fault: { code: "partition", arn, ...(isPartition ? { partition } : {}), documentPartition },
      isRefused: true,
    };
  if (region === undefined || !isRegion(region)) return undefined;
  const regionPartition = partitionOfRegion(region);
  return regionPartition === partition
    ? undefined
    : { fault: { code: "partition", arn, partition, region, regionPartition } };
}

const MAX_LENGTH = 200;

/**
 * An ARN that a message may quote, in at most 200 characters; `undefined` for any other text, which may be a secret.
 */
export function quotedArn(text: Text): QuotedArn {
  const arn = show(text);
  if (!arn.startsWith("arn:")) return undefined;
  return arn.length > MAX_LENGTH ? `${arn.slice(0, MAX_LENGTH - 1)}…` : arn;
}

function placeholder(text: Text, arn: QuotedArn): LintFault | undefined {
  const leftover = leftoverIn(text.map((piece) => (typeof piece === "string" ? piece : "\u0000")).join(""));
  return leftover === undefined ? undefined : { code: "leftover", arn, leftover };
}

function pseudoParameter(text: Text, arn: QuotedArn): LintFault | undefined {
  const hasPseudoParameter = text.some((piece) => typeof piece === "string" && /\$\{AWS::\w+\}/i.test(piece));
  return hasPseudoParameter ? { code: "pseudo-parameter", arn } : undefined;
}

function isNotAnArn(text: Text): boolean {
  const [first] = text;
  // A hole may be the beginning of an ARN, and so may a leading wildcard.
  if (first !== undefined && (typeof first !== "string" || /^[*?]/.test(first) || first.startsWith("arn:")))
    return false;
  return !(typeof first === "string" && "arn:".startsWith(first) && text.length > 1);
}

function wildcardOf(piece: PatternPiece): string {
  return typeof piece === "object" && "wildcard" in piece ? piece.wildcard : "";
}

function arnFault(
  { fields }: ArnPattern,
  arn: QuotedArn,
  services: ReadonlySet<string> | undefined,
): LintFault | undefined {
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
  const [start] = resource.pieces;
  const isDomainName = typeof start === "string" && start.startsWith("/domainnames/");
  if (
    name === "apigateway" &&
    account.literal === "lambda" &&
    (services === undefined || services.has("lambda"))
  )
    return { code: "invoke-arn", arn };
  if (
    name !== undefined &&
    OFTEN_MIXED_UP.has(name) &&
    services &&
    !services.has(name) &&
    areCallServices(services)
  )
    return { code: "other-service", arn, service: name, services: [...services] };
  if (name !== "lambda" && name !== "execute-api") return undefined;
  for (const [field, pattern] of [
    ["region", region],
    ["account", account],
  ] as const)
    if (pattern.literal === "" && !isDomainName) return { code: "empty-field", arn, field, service: name };
  if (name === "lambda") return functionFault(resource, arn, services);
  return isDomainName ? undefined : apiFault(resource, arn);
}

const OFTEN_MIXED_UP = new Set(["lambda", "execute-api", "apigateway"]);

function areCallServices(services: ReadonlySet<string>): boolean {
  return [...services].every((service) => service === "lambda" || service === "execute-api");
}

function functionFault(
  { literal }: Pattern,
  arn: QuotedArn,
  services: ReadonlySet<string> | undefined,
): LintFault | undefined {
  if (services === undefined || !services.has("lambda") || literal === undefined || literal.includes(":"))
    return undefined;
  return { code: "not-a-function", arn };
}

function apiFault(resource: Pattern, arn: QuotedArn): LintFault | undefined {
  // A hole of unknown shape may be the rest of the ARN.
  if (resource.pieces.some((piece) => typeof piece === "object" && "shape" in piece && piece.shape === "any"))
    return undefined;
  const text = resource.pieces
    .map((piece) =>
      typeof piece === "string" ? piece : wildcardOf(piece) || ((piece as Hole).varies ? "*" : "x"),
    )
    .join("");
  if (/(^|[^$])\{[^{}]{0,200}\}/.test(text)) return { code: "path-parameter", arn };
  if (text.includes("//")) return { code: "double-slash", arn };
  const parts = text.split("/");
  if (/[*?]/.test(text) || parts.length > 3 || (parts.length === 3 && parts[2] !== "")) return undefined;
  const isStageMissing = parts.length === 1 || (parts.length === 2 && parts[1] === "");
  return { code: "no-stage-or-method", arn, missing: isStageMissing ? "stage" : "method" };
}

/** An allowed action for which the statement has no resource of the action's service. */
function actionsWithoutResource(
  statement: Statement,
  services: ReadonlySet<string> | undefined,
): readonly LintFinding[] {
  const { resource, label, effect } = statement;
  if (effect !== "Allow" || services === undefined || resource === undefined) return [];
  return (
    [
      [INVOKE_FUNCTION, "lambda"],
      [EXECUTE_API_INVOKE, "execute-api"],
    ] as const
  ).flatMap(([action, service]): readonly LintFinding[] => {
    if (!services.has(service) || actionMatch(statement, action) === "no") return [];
    if (resource.templates.some((template) => isOfService(template, service) !== "no")) return [];
    return [{ code: "no-resource-for-action", action, service, statement: label }];
  });
}
