import { type Answer, callerArn, seenFrom, stageNames } from "../access";
import type { AuthorizerFunctionVerdict } from "../access/gates/authorizer-function/verdict";
import type { FunctionUrlVerdict } from "../access/gates/function-url/verdict";
import type { RouteFunctionVerdict } from "../access/gates/route-function/verdict";
import { MANAGE_CONNECTIONS } from "../aws";
import { type Decision, equal, known, splitArn, type Trilean, text, Unknown } from "../iam";
import {
  type Api,
  type Authorizer,
  type FunctionTarget,
  type FunctionUrl,
  type PrincipalFacts,
  type Route,
  serviceOf,
} from "../stack";
import { executionArn, functionArn, literalArn, wildcardsOfTarget } from "./arns";
import { type Code, isWritten, pasteable } from "./code";
import type { Fix } from "./fix";
import { showFunctionTarget } from "./names";
import { printable } from "./printable";
import { References, resourceName } from "./references";
import type { Phrase, Properties, ResourceSnippet } from "./snippets";
import { list } from "./text";

/**
 * A permission is made where its function is, which is another region than that of the API's provider.
 * https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
 */
function regionField(api: Api, { function: fn, arn }: FunctionTarget, names: References): Properties {
  const type = names.typeOf(fn?.urn);
  if (type === undefined || type.startsWith("aws-native:") || arn instanceof Unknown) return [];
  const { provider, region: own } = fn?.placement ?? {};
  if (own !== undefined || names.typeOf(provider) !== undefined) return [];
  if (seenFrom(arn, { api }).api === api) return [];
  const region = splitArn(arn)?.region;
  return region !== undefined && isWritten(region) ? [["region", [pasteable(region)]]] : [];
}

/** An answer on a function. */
type OnFunction = Pick<Answer, "inferredFrom"> & { readonly target: FunctionTarget };

/** How a version or an alias is written in place of the function itself. */
interface Qualified {
  readonly version: (fn: string) => Phrase;
  readonly alias: (fn: string, name: string) => Phrase;
}

const MOST_ALIASES = 3;

/** A plan that does not show which of them a route calls has the function's own ARN in the fix. */
function otherwiseCalled(
  { inferredFrom, target }: OnFunction,
  names: References,
  { version, alias }: Qualified,
): Phrase {
  const fn = target.function;
  if (fn === undefined || target.qualifier !== undefined || inferredFrom.length === 0) return [];
  if (names.typeOf(fn.urn)?.startsWith("aws:") !== true) return [];
  const published: Phrase = fn.publishes
    ? ["If the route calls the published version (qualifiedInvokeArn), ", ...version(fn.urn), "."]
    : [];
  const aliases = (target.mayBeQualified ? (target.otherQualifiers ?? []) : [])
    .filter(isWritten)
    .slice(0, MOST_ALIASES)
    .map(pasteable)
    .map((name): Phrase => [`If the route calls alias ${printable(name)}, `, ...alias(fn.urn, name), "."]);
  return [published, ...aliases]
    .filter((phrase) => phrase.length > 0)
    .flatMap((phrase, at): Phrase => (at === 0 ? phrase : [" ", ...phrase]));
}

/** What a permission has besides. */
function addedQualifier(names: References): Qualified {
  return {
    version: (fn) => ["add ", { argument: "qualifier", value: [names.property(fn, "version")] }],
    alias: (_, name) => ["add ", { argument: "qualifier", value: [name] }],
  };
}

/** What the code of a fix needs besides itself. */
export function withReferences(
  fix: Omit<Fix, "alternative" | "references">,
  alternative: Phrase,
  names: References,
): Fix {
  return { ...fix, ...(alternative.length === 0 ? {} : { alternative }), references: names.urns };
}

/** The resource that allows a principal to invoke a function. */
/** A permission on a function: what it allows, and the properties that say whom. */
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
  const on = permissionTarget(target, names);
  const properties = [
    ["action", [action]] as const,
    ...fields.slice(0, 1),
    ...on.properties,
    ...fields.slice(1),
  ];
  const { provider, region } = target.function?.placement ?? {};
  const isNamed = provider !== undefined && names.typeOf(provider) !== undefined;
  return {
    kind: "resource",
    provider: on.provider,
    module: "lambda",
    type: "Permission",
    name,
    properties: region === undefined ? properties : [...properties, ["region", [region]]],
    ...(isNamed ? { madeWith: names.whole(provider) } : {}),
  };
}

/** Which function a permission is on: aws-native has no property of its own for the qualifier. */
function permissionTarget(
  target: FunctionTarget,
  names: References,
): Pick<ResourceSnippet, "provider" | "properties"> {
  const { function: fn, arn, qualifier, qualifiedBy } = target;
  const type = names.typeOf(fn?.urn);
  if (type?.startsWith("aws-native:"))
    return { provider: "aws-native", properties: [["functionName", functionArn(target, names)]] };
  if (fn === undefined || type === undefined) {
    const base = arn instanceof Unknown ? "<the function's ARN>" : literalArn(arn);
    const end = qualifier === undefined ? "" : `:${pasteable(qualifier)}`;
    const name = end !== "" && base.endsWith(end) ? base.slice(0, -end.length) : base;
    return { provider: "aws", properties: [["function", [name]], ...qualifierField(end.slice(1))] };
  }
  const named = ["function", [names.property(fn.urn, "name")]] as const;
  if (qualifier === undefined) return { provider: "aws", properties: [named] };
  const ofQualifier = names.typeOf(qualifiedBy);
  if (qualifiedBy !== undefined && qualifiedBy !== fn.urn && ofQualifier !== undefined)
    return { provider: "aws", properties: [named, ["qualifier", [names.property(qualifiedBy, "name")]]] };
  if (fn.publishes && !/\D/.test(known(qualifier) ?? ""))
    return { provider: "aws", properties: [named, ["qualifier", [names.property(fn.urn, "version")]]] };
  return { provider: "aws", properties: [named, ...qualifierField(pasteable(qualifier))] };
}

function qualifierField(qualifier: string): Properties {
  return qualifier === "" ? [] : [["qualifier", [qualifier]]];
}

type Home = Pick<Api["scope"], "account" | "accountAssumed">;

/** Whether a function is in an account, where its permissions are made too. */
function isIn({ arn, function: fn }: FunctionTarget, { account, accountAssumed }: Home): Trilean {
  const its = arn instanceof Unknown ? undefined : splitArn(arn)?.account;
  // Its own provider may be the only one that names an account, and the others be in another.
  const isGuess = accountAssumed && fn?.placement.provider !== undefined && !fn.scope.accountAssumed;
  if (its === undefined) return "yes";
  return isGuess ? "unknown" : equal(its, account);
}

/** What is said of a permission on one of these functions, seen from an account. */
function inItsAccount(targets: readonly FunctionTarget[], home: Home): string {
  const answers = targets.map((target) => isIn(target, home));
  if (answers.every((answer) => answer === "yes")) return "";
  return ` with the provider of the function, which ${answers.includes("no") ? "is" : "may be"} in another account`;
}

const BY_API_GATEWAY = ["principal", ["apigateway.amazonaws.com"]] as const;

/** The permission that a route without credentials needs. */
export function routePermission(verdict: RouteFunctionVerdict): Fix {
  const {
    routes: [route],
    target,
  } = verdict;
  if (route === undefined) return { text: "allow API Gateway to invoke the function." };
  const name = resourceName(labelOf(target), "allows", route.api.urn, route.verb, pasteable(route.path));
  return gatewayPermission(verdict, { api: route.api, name, tail: () => [routeTail(route)] });
}

interface GatewayPermission {
  readonly api: Api;
  readonly name: string;
  /** What follows the execution ARN. */
  readonly tail: (names: References) => Code;
}

/** A permission for API Gateway on the function of a verdict. */
function gatewayPermission(
  verdict: RouteFunctionVerdict | AuthorizerFunctionVerdict,
  { api, name, tail }: GatewayPermission,
): Fix {
  const { target } = verdict;
  const names = new References(homeOf(target, api));
  const sourceArn = executionArn(api, tail(names), names, target);
  const fields: Properties = [BY_API_GATEWAY, ["sourceArn", sourceArn], ...regionField(api, target, names)];
  const snippets = [permission({ name, target, fields }, names)];
  const instead = otherwiseCalled(verdict, names, addedQualifier(names));
  const where = inItsAccount([target], api.scope);
  return withReferences({ text: `add this permission${where}:`, snippets }, instead, names);
}

/** What follows the execution ARN for a route on each stage. */
function routeTail(route: Route): string {
  if (route.unread !== undefined) return "*/*";
  if (route.path.length === 0) return `*/${route.verb}`;
  return `*/${route.verb === "ANY" ? "*" : route.verb}${pasteable(route.path)}`;
}

/** The permission that a Lambda authorizer without credentials needs. */
export function authorizerPermission(verdict: AuthorizerFunctionVerdict): Fix {
  const { authorizer, target } = verdict;
  const { api, urn } = authorizer;
  const name = resourceName(labelOf(target), "allows", api.urn, "authorizer", urn);
  const tail = (names: References): Code => ["authorizers/", ...authorizerId(authorizer, names)];
  return gatewayPermission(verdict, { api, name, tail });
}

/** An authorizer that is in the API's OpenAPI document is not a resource of its own. */
function authorizerId({ urn }: Authorizer, names: References): Code {
  const type = names.typeOf(urn);
  if (type === undefined || !/[:/]Authorizer$/.test(type)) return ["*"];
  return [names.property(urn, type.startsWith("aws-native:") ? "authorizerId" : "id")];
}

/** A permission is declared where the function is, and names an API of the same program by reference. */
function homeOf({ function: fn }: FunctionTarget, api: Api): string {
  return fn?.urn ?? api.urn;
}

function labelOf({ function: fn, arn }: FunctionTarget): string {
  if (fn !== undefined) return fn.urn;
  return arn instanceof Unknown ? "function" : (pasteable(arn).split(":function:").pop() ?? "function");
}

/** What to say of a permission so that it is for requests by the URL only. */
const BY_URL: Readonly<Record<string, Properties[number]>> = {
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
    const how = BY_URL[action];
    const fields = [["principal", ["*"]] as const, ...(how === undefined ? [] : [how])];
    return permission({ name, target, action, fields }, names);
  });
  const these = snippets.length > 1 ? "these permissions" : "this permission";
  return withReferences({ text: `add ${these}:`, snippets }, [], names);
}

/** An answer on a principal that lacks something. */
export interface Lacking extends Pick<Answer, "urn" | "routes" | "inferredFrom"> {
  readonly principal: PrincipalFacts;
  readonly decision: Pick<Decision, "reason" | "lacking">;
}

/** Where an allow is missing: in a policy of the principal, or in what limits what its policies may allow. */
function placeOfAllow({ decision, principal }: Lacking): string {
  const holder = holderOf(principal);
  if (decision.reason === "control-policies")
    return `the service control policies of the account of ${holder}, at each level that does not allow it`;
  return decision.reason === "permissions-boundary"
    ? `the permissions boundary of ${holder}`
    : `a policy of ${holder}`;
}

/** A principal by its logical name, which stays what it is when the engine draws another physical one. */
export function holderOf(principal: PrincipalFacts): string {
  if (principal.external) return printable(principal.label);
  return printable(
    `${principal.kind} ${JSON.stringify(principal.urn.slice(principal.urn.lastIndexOf("::") + 2))}`,
  );
}

const MOST_RESOURCES = 20;

/** A statement with what of its resources is shown, and how many more there are. */
interface NewStatement {
  readonly place: string;
  readonly action: string;
  readonly resources: readonly Code[];
  readonly rest: number;
  readonly names: References;
  readonly wildcards: readonly string[];
  /** What may be written in place of it. */
  readonly instead?: Phrase;
}

export function statementFix(statement: NewStatement): Fix {
  const { place, action, resources, rest, names, wildcards, instead = [] } = statement;
  const wider = wildcards.length > 0 ? ` (with * for ${list(wildcards)}, which is unknown)` : "";
  const others = rest > 0 ? [`Add the ${rest} other resources to it in the same way.`] : [];
  return withReferences(
    {
      text: `add this statement to ${place}${wider}:`,
      snippets: [{ kind: "statement", action, resources }],
    },
    [...others, ...(others.length > 0 && instead.length > 0 ? [" "] : []), ...instead],
    names,
  );
}

export interface LackingFunction extends Lacking {
  readonly target: FunctionTarget;
  /** The function URLs that it is about, where it is about several. */
  readonly alike?: readonly Pick<FunctionUrl, "target">[];
}

/** The functions that an answer is about. */
export function targetsOf({ target, alike }: LackingFunction): readonly FunctionTarget[] {
  return alike === undefined ? [target] : alike.map((url) => url.target);
}

interface InvokeFixOptions {
  readonly action?: string;
  /** A function in another account has to allow it, too. */
  readonly byBothAccounts?: boolean;
}

/** What allows a principal to do to functions what the given answers deny it. */
export function invokeFix(
  verdicts: readonly [LackingFunction, ...LackingFunction[]],
  { action = "lambda:InvokeFunction", byBothAccounts = false }: InvokeFixOptions = {},
): Fix {
  const [verdict] = verdicts;
  const targets = verdicts.flatMap(targetsOf);
  const { decision, principal } = verdict;
  const who = holderOf(principal);
  if (decision.reason === "explicit-deny")
    return {
      text: `exclude ${list([...new Set(targets.map(showFunctionTarget))])} from the Deny that applies to ${who}.`,
    };
  if (decision.lacking === "resource" && action === "lambda:InvokeFunction")
    return callerPermissions(targets, principal, homeOfCaller(verdict, principal));
  const names = new References(verdict.urn);
  const some = targets.slice(0, MOST_RESOURCES);
  const resources = some.map((target) => functionArn(target, names));
  const wildcards = [...new Set(some.flatMap((target) => wildcardsOfTarget(target, names)))];
  const rest = targets.length - some.length;
  const place = placeOfAllow(verdict);
  const instead = qualifiedInstead(verdicts, names);
  const abroad =
    byBothAccounts && decision.reason === "no-allow"
      ? some.filter((target) => isIn(target, homeOfCaller(verdict, principal)) !== "yes")
      : [];
  const fix = statementFix({ place, action, resources, rest, names, wildcards, instead });
  if (abroad.length === 0) return fix;
  return {
    ...fix,
    text: `${fix.text.replace(/:$/, "")}, and permissions${inItsAccount(abroad, homeOfCaller(verdict, principal))} (across accounts both have to allow it):`,
    snippets: [...(fix.snippets ?? []), ...permissionsFor(abroad, principal, names)],
    references: names.urns,
  };
}

/** The account of a principal, which is assumed where that of the API is. */
function homeOfCaller({ routes }: Lacking, { account }: PrincipalFacts): Home {
  return routes[0]?.api.scope.accountAssumed ? { account, accountAssumed: true } : { account };
}

/** The same for a statement, which names a function by its ARN. */
function qualifiedInstead(verdicts: readonly LackingFunction[], names: References): Phrase {
  for (const verdict of verdicts) {
    const phrase = otherwiseCalled(verdict, names, {
      version: (fn) => [
        "name ",
        [names.property(fn, "qualifiedArn")],
        " in place of ",
        [names.property(fn, "arn")],
      ],
      alias: (fn, name) => [
        "name ",
        [names.property(fn, "arn"), `:${name}`],
        " in place of ",
        [names.property(fn, "arn")],
      ],
    });
    if (phrase.length > 0) return phrase;
  }
  return [];
}

/** What allows a principal in another account to invoke functions, in addition to its own policies. */
function callerPermissions(targets: readonly FunctionTarget[], principal: PrincipalFacts, home: Home): Fix {
  const [first] = targets;
  const names = new References(first?.function?.urn ?? principal.urn);
  const snippets = permissionsFor(targets.slice(0, MOST_RESOURCES), principal, names);
  const these = snippets.length > 1 ? "these permissions" : "this permission";
  const who = holderOf(principal);
  const where = inItsAccount(targets, home);
  const text = `add ${these}${where} (the policies of ${who} allow it already; across accounts both have to):`;
  return withReferences({ text, snippets }, [], names);
}

function permissionsFor(
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

/** What lets a principal call routes. */
export function callFix(verdict: Lacking): Fix {
  const names = new References(verdict.urn);
  const resources = verdict.routes.slice(0, MOST_RESOURCES).map((route) => routeArn(route, names));
  return statementFix({
    place: placeOfAllow(verdict),
    action: serviceOf(verdict.routes[0]?.api ?? {}).action,
    resources,
    rest: verdict.routes.length - resources.length,
    names,
    wildcards: [],
  });
}

/** What lets a role send to the clients of a WebSocket API. */
export function connectionsFix(api: Api, home: string, holder: string): Fix {
  const names = new References(home);
  const resource = executionArn(api, ["*/*/@connections/*"], names);
  return statementFix({
    place: `a policy of ${holder}`,
    action: MANAGE_CONNECTIONS,
    resources: [resource],
    rest: 0,
    names,
    wildcards: [],
  });
}

/**
 * What the resource policy of an API says of routes, in the form that needs no API id.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
 */
export function resourcePolicyFix(routes: readonly Route[], policy: string): Fix {
  const each = [
    ...new Set(routes.slice(0, MOST_RESOURCES).map((route) => `"execute-api:/${routeTailOf(route)}"`)),
  ];
  return {
    text: `in ${policy}, name the stage, method and path of the routes:`,
    code: `"Resource": [${each.join(", ")}]`,
  };
}

/** What follows the execution ARN for a request to a route: stage, method and path. */
function routeTailOf(route: Route): string {
  const [stage] = stageNames(route, "caller");
  const request = callerArn({ ...route, api: { ...route.api, executionArn: text("-") } }, stage ?? ["*"]);
  return pasteable(request).replace(/^-\//, "");
}

/** One route as a policy names it: stage, method and path, with `*` where each request differs. */
function routeArn(route: Route, names: References): Code {
  const { api } = route;
  const tail = routeTailOf(route);
  // A wildcard for an id that is not known yet would grant every API.
  const id = splitArn(api.executionArn)?.resource;
  if (names.typeOf(api.urn) === undefined && id !== undefined && !isWritten(id))
    return [`<the execution ARN of API ${api.name}>/${tail}`];
  return executionArn(api, [tail], names);
}
