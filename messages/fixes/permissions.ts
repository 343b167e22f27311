import { type Answer, seenFrom } from "../../access";
import type { AuthorizerFunctionVerdict } from "../../access/gates/authorizer-function/verdict";
import type { FunctionUrlVerdict } from "../../access/gates/function-url/verdict";
import type { RouteFunctionVerdict } from "../../access/gates/route-function/verdict";
import { equal, known, splitArn, type Trilean, Unknown } from "../../iam";
import {
  type Api,
  type Authorizer,
  type FunctionTarget,
  type PrincipalFacts,
  type Route,
  serviceOf,
} from "../../stack";
import { executionArn, functionArn, literalArn } from "../arns";
import { type Code, isWritten, pasteable } from "../code";
import { printable } from "../printable";
import { References, resourceName } from "../references";
import type { Phrase, Properties, ResourceSnippet } from "../snippets";
import { type Fix, withReferences } from "./fix";

/**
 * A permission must be in the region of its function, which may differ from that of the API's provider.
 * https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
 */
function regionField(api: Api, { function: fn, arn }: FunctionTarget, names: References): Properties {
  const type = names.typeOf(fn?.urn);
  if (type === undefined || type.startsWith("aws-native:") || arn instanceof Unknown) return [];
  const { provider, region: functionRegion } = fn?.placement ?? {};
  if (functionRegion !== undefined || names.typeOf(provider) !== undefined) return [];
  if (seenFrom(arn, { api }).api === api) return [];
  const region = splitArn(arn)?.region;
  return region !== undefined && isWritten(region) ? [["region", [pasteable(region)]]] : [];
}

/** An answer on a function. */
type FunctionVerdict = Pick<Answer, "inferredFrom"> & { readonly target: FunctionTarget };

/** The phrases for a version or an alias in place of the function itself. */
interface QualifierPhrases {
  readonly version: (fn: string) => Phrase;
  readonly alias: (fn: string, name: string) => Phrase;
}

const MAX_ALIASES = 3;

/**
 * The alternative for a route that calls a version or an alias. The fix itself is for the unqualified function where the
 * plan does not show the qualifier.
 */
export function qualifierAlternatives(
  { inferredFrom, target }: FunctionVerdict,
  names: References,
  { version, alias }: QualifierPhrases,
): Phrase {
  const fn = target.function;
  if (fn === undefined || target.qualifier !== undefined || inferredFrom.length === 0) return [];
  if (names.typeOf(fn.urn)?.startsWith("aws:") !== true) return [];
  const published: Phrase = fn.publishesVersions
    ? ["If the route calls the published version (qualifiedInvokeArn), ", ...version(fn.urn), "."]
    : [];
  const aliases = (target.mayHaveQualifier ? (target.otherQualifiers ?? []) : [])
    .filter(isWritten)
    .slice(0, MAX_ALIASES)
    .map(pasteable)
    .map((name): Phrase => [`If the route calls alias ${printable(name)}, `, ...alias(fn.urn, name), "."]);
  return [published, ...aliases]
    .filter((phrase) => phrase.length > 0)
    .flatMap((phrase, index): Phrase => (index === 0 ? phrase : [" ", ...phrase]));
}

/** The argument of a permission for a version or an alias. */
function addedQualifier(names: References): QualifierPhrases {
  return {
    version: (fn) => ["add ", { argument: "qualifier", value: [names.property(fn, "version")] }],
    alias: (_, name) => ["add ", { argument: "qualifier", value: [name] }],
  };
}

/** A permission on a function: its action, and the properties that define its principal. */
interface Permission {
  readonly name: string;
  readonly target: FunctionTarget;
  readonly action?: string;
  readonly fields: Properties;
}

function permission(
  { name, target, action = "lambda:InvokeFunction", fields }: Permission,
  names: References,
): ResourceSnippet {
  const targetFields = permissionTarget(target, names);
  const properties = [
    ["action", [action]] as const,
    ...fields.slice(0, 1),
    ...targetFields.properties,
    ...fields.slice(1),
  ];
  const { provider, region } = target.function?.placement ?? {};
  const isNamed = provider !== undefined && names.typeOf(provider) !== undefined;
  return {
    kind: "resource",
    provider: targetFields.provider,
    module: "lambda",
    type: "Permission",
    name,
    properties: region === undefined ? properties : [...properties, ["region", [region]]],
    ...(isNamed ? { providerUrn: names.resource(provider) } : {}),
  };
}

/** The arguments that name the function of a permission: aws-native has no separate property for the qualifier. */
function permissionTarget(
  target: FunctionTarget,
  names: References,
): Pick<ResourceSnippet, "provider" | "properties"> {
  const { function: fn, arn, qualifier, qualifierUrn } = target;
  const type = names.typeOf(fn?.urn);
  if (type?.startsWith("aws-native:"))
    return { provider: "aws-native", properties: [["functionName", functionArn(target, names)]] };
  if (fn === undefined || type === undefined) {
    const base = arn instanceof Unknown ? "<the function's ARN>" : literalArn(arn);
    const end = qualifier === undefined ? "" : `:${pasteable(qualifier)}`;
    const name = end !== "" && base.endsWith(end) ? base.slice(0, -end.length) : base;
    return { provider: "aws", properties: [["function", [name]], ...qualifierField(end.slice(1))] };
  }
  const functionField = ["function", [names.property(fn.urn, "name")]] as const;
  if (qualifier === undefined) return { provider: "aws", properties: [functionField] };
  const qualifierType = names.typeOf(qualifierUrn);
  if (qualifierUrn !== undefined && qualifierUrn !== fn.urn && qualifierType !== undefined)
    return {
      provider: "aws",
      properties: [functionField, ["qualifier", [names.property(qualifierUrn, "name")]]],
    };
  if (fn.publishesVersions && !/\D/.test(known(qualifier) ?? ""))
    return {
      provider: "aws",
      properties: [functionField, ["qualifier", [names.property(fn.urn, "version")]]],
    };
  return { provider: "aws", properties: [functionField, ...qualifierField(pasteable(qualifier))] };
}

function qualifierField(qualifier: string): Properties {
  return qualifier === "" ? [] : [["qualifier", [qualifier]]];
}

export type AccountScope = Pick<Api["scope"], "account" | "isAccountAssumed">;

/** Whether a function, and with it its permissions, is in an account. */
export function isInAccount(
  { arn, function: fn }: FunctionTarget,
  { account, isAccountAssumed }: AccountScope,
): Trilean {
  const functionAccount = arn instanceof Unknown ? undefined : splitArn(arn)?.account;
  // Possibly only its own provider names an account, and the other resources are in another account.
  const isUncertain = isAccountAssumed && fn?.placement.provider !== undefined && !fn.scope.isAccountAssumed;
  if (functionAccount === undefined) return "yes";
  return isUncertain ? "unknown" : equal(functionAccount, account);
}

/** A hint for a permission on one of these functions, where the function may be in another account. */
export function accountHint(targets: readonly FunctionTarget[], ownAccount: AccountScope): string {
  const answers = targets.map((target) => isInAccount(target, ownAccount));
  if (answers.every((answer) => answer === "yes")) return "";
  return ` with the provider of the function, which ${answers.includes("no") ? "is" : "may be"} in another account`;
}

/** The permission that a route without credentials needs. */
export function routePermission(verdict: RouteFunctionVerdict): Fix {
  const {
    routes: [route],
    target,
  } = verdict;
  if (route === undefined) return { text: "allow the API to invoke the function." };
  const name = resourceName(labelOf(target), "allows", route.api.urn, route.verb, pasteable(route.path));
  return servicePermission(verdict, { api: route.api, name, tail: () => [routeTail(route)] });
}

interface ServicePermission {
  readonly api: Api;
  readonly name: string;
  /** The part after the execution ARN. */
  readonly tail: (names: References) => Code;
}

/** A permission for the API's service on the function of a verdict. */
function servicePermission(
  verdict: RouteFunctionVerdict | AuthorizerFunctionVerdict,
  { api, name, tail }: ServicePermission,
): Fix {
  const { target } = verdict;
  const names = new References(permissionLocation(target, api));
  const sourceArn = executionArn(api, tail(names), names, target);
  const fields: Properties = [
    ["principal", [serviceOf(api).principal]],
    ["sourceArn", sourceArn],
    ...regionField(api, target, names),
  ];
  const snippets = [permission({ name, target, fields }, names)];
  const alternative = qualifierAlternatives(verdict, names, addedQualifier(names));
  const hint = accountHint([target], api.scope);
  return withReferences({ text: `add this permission${hint}`, snippets }, alternative, names);
}

/** The part after the execution ARN, for a route on each stage or of a form of API without stages. */
function routeTail(route: Route): string {
  if (route.unknownBody !== undefined) return "*/*";
  if (route.request !== undefined) return pasteable(route.request);
  if (route.path.length === 0) return `*/${route.verb}`;
  return `*/${route.verb === "ANY" ? "*" : route.verb}${pasteable(route.path)}`;
}

/** The permission that a Lambda authorizer without credentials needs. */
export function authorizerPermission(verdict: AuthorizerFunctionVerdict): Fix {
  const { authorizer, target } = verdict;
  const { api, urn } = authorizer;
  const name = resourceName(labelOf(target), "allows", api.urn, "authorizer", urn);
  const tail = (names: References): Code => ["authorizers/", ...authorizerId(authorizer, names)];
  return servicePermission(verdict, { api, name, tail });
}

/** An authorizer in the API's OpenAPI document is not a separate resource. */
function authorizerId({ urn }: Authorizer, names: References): Code {
  const type = names.typeOf(urn);
  if (type === undefined || !/[:/]Authorizer$/.test(type)) return ["*"];
  return [names.property(urn, type.startsWith("aws-native:") ? "authorizerId" : "id")];
}

/** A permission is declared where the function is, and names an API of the same program by reference. */
function permissionLocation({ function: fn }: FunctionTarget, api: Api): string {
  return fn?.urn ?? api.urn;
}

function labelOf({ function: fn, arn }: FunctionTarget): string {
  if (fn !== undefined) return fn.urn;
  return arn instanceof Unknown ? "function" : (pasteable(arn).split(":function:").pop() ?? "function");
}

/** Restricts a permission to requests through the URL. */
const URL_RESTRICTIONS: Readonly<Record<string, Properties[number]>> = {
  "lambda:InvokeFunctionUrl": ["functionUrlAuthType", ["NONE"]],
  "lambda:InvokeFunction": ["invokedViaFunctionUrl", true],
};

/** The permissions that a function URL without authorization needs. */
export function urlPermissions({
  actions,
  target,
  functionUrl,
}: Extract<FunctionUrlVerdict, { readonly cause: "everyone" }>): Fix {
  const names = new References(functionUrl.urn);
  const snippets = actions.map((action) => {
    const name = resourceName(labelOf(target), "allows", "everyone", action.replace("lambda:", ""));
    const urlRestriction = URL_RESTRICTIONS[action];
    const fields = [["principal", ["*"]] as const, ...(urlRestriction === undefined ? [] : [urlRestriction])];
    return permission({ name, target, action, fields }, names);
  });
  const these = snippets.length > 1 ? "these permissions" : "this permission";
  return withReferences({ text: `add ${these}`, snippets }, [], names);
}

/** The permissions that allow a principal to invoke functions, one for each. */
export function permissionsFor(
  targets: readonly FunctionTarget[],
  { urn, arn }: PrincipalFacts,
  names: References,
): readonly ResourceSnippet[] {
  const caller = names.typeOf(urn) === undefined ? pasteable(arn) : names.property(urn, "arn");
  return targets.map((target) =>
    permission(
      { name: resourceName(labelOf(target), "allows", urn), target, fields: [["principal", [caller]]] },
      names,
    ),
  );
}
