import { callerArn, seenFrom, stageNames, type Verdict } from "../access";
import { MANAGE_CONNECTIONS } from "../aws";
import { known, splitArn, type Text, text, Unknown } from "../iam";
import type { Api, Authorizer, FunctionTarget, PrincipalFacts, Route } from "../stack";
import { type Code, expression, isWritten, objectCode, pasteable, property, wildcardsOf } from "./code";
import { showFunctionTarget } from "./names";
import { printable } from "./printable";
import { References, resourceName } from "./references";
import { list } from "./text";

/** What to do about a finding. */
export interface Fix {
  /** In words; a colon at its end where code follows. */
  readonly text: string;
  /** What to paste into the program. */
  readonly code?: string;
  /** Another way, in words: one sentence. */
  readonly alternative?: string;
}

/** A fix as messages print it. */
export function fixText({ text, code, alternative }: Fix): string {
  return [
    text,
    ...(code === undefined ? [] : [code]),
    ...(alternative === undefined ? [] : [alternative]),
  ].join("\n");
}

/** `orders is Function "orders", shop is RestApi "shop"`, after what it explains. */
function where(references: References): string {
  const legend = references.legend();
  return legend === "" ? "" : `, where ${legend}`;
}

/** The ARN of a function, version or alias as a policy names it. */
function functionArn({ function: fn, arn, qualifier, qualifiedBy }: FunctionTarget, names: References): Code {
  const type = names.typeOf(fn?.urn);
  if (fn === undefined || type === undefined)
    return [arn instanceof Unknown ? "<the function's ARN>" : literalArn(arn)];
  const ofQualifier = names.typeOf(qualifiedBy);
  if (qualifiedBy !== undefined && qualifiedBy !== fn.urn && ofQualifier !== undefined)
    return [property(names.of(qualifiedBy), ARN_OF_QUALIFIER[ofQualifier] ?? "arn")];
  const variable = names.of(fn.urn);
  if (qualifier === undefined) return [property(variable, "arn")];
  if (fn.publishes && !/\D/.test(known(qualifier) ?? "")) return [property(variable, "qualifiedArn")];
  return [property(variable, "arn"), `:${pasteable(qualifier)}`];
}

/** A wildcard for the name would grant every function. */
function literalArn(arn: Exclude<FunctionTarget["arn"], Unknown>): string {
  const written = pasteable(arn);
  return written.includes(":function:*") ? "<the function's ARN>" : written;
}

const ARN_OF_QUALIFIER: Readonly<Record<string, string>> = {
  "aws-native:lambda:Alias": "aliasArn",
  "aws-native:lambda:Version": "functionArn",
};

/** What is written for an ARN of a function that no resource of the program has. */
function wildcardsOfTarget({ function: fn, arn }: FunctionTarget, names: References): readonly string[] {
  return arn instanceof Unknown || names.typeOf(fn?.urn) !== undefined ? [] : wildcardsOf(arn);
}

/** `pulumi.interpolate` of an API's execution ARN and what follows it, as a function of another region sees it too. */
function executionArn(api: Api, tail: Code, names: References, target?: FunctionTarget): Code {
  const type = names.typeOf(api.urn);
  if (api.external || type === undefined) return [`${pasteable(api.executionArn)}/`, ...tail];
  const arn = target?.arn;
  const seen = arn === undefined || arn instanceof Unknown ? api : seenFrom(arn, { api }).api;
  const variable = names.of(api.urn);
  const native = type.startsWith("aws-native:");
  if (seen === api && !native) return [property(variable, "executionArn"), "/", ...tail];
  return [
    ...place(seen.executionArn, native ? "awsNative" : "aws"),
    property(variable, native ? nativeId(type) : "id"),
    "/",
    ...tail,
  ];
}

/**
 * What each provider answers where a plan does not show the value: AWS takes no wildcard for the partition, region or
 * account of a source ARN. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
const PLACE = {
  aws: {
    partition: { property: "aws.getPartitionOutput().partition" },
    region: { property: "aws.getRegionOutput().region" },
    account: { property: "aws.getCallerIdentityOutput().accountId" },
  },
  awsNative: {
    partition: { property: "awsNative.getPartitionOutput().partition" },
    region: { property: "awsNative.getRegionOutput().region" },
    account: { property: "awsNative.getAccountIdOutput().accountId" },
  },
} as const;

/** `arn:aws:execute-api:us-east-1:123456789012:` */
function place(arn: Text, provider: keyof typeof PLACE): Code {
  const { partition, region, account } = splitArn(arn) ?? {};
  const answers = PLACE[provider];
  const written = (value: Text | undefined, otherwise: Code[number]): Code[number] =>
    value !== undefined && isWritten(value) ? pasteable(value) : otherwise;
  return [
    "arn:",
    written(partition, answers.partition),
    ":execute-api:",
    written(region, answers.region),
    ":",
    written(account, answers.account),
    ":",
  ];
}

/**
 * A permission is made where its function is, which is another region than that of the API's provider.
 * https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
 */
function regionField(api: Api, { function: fn, arn }: FunctionTarget, names: References): Fields {
  const type = names.typeOf(fn?.urn);
  if (type === undefined || type.startsWith("aws-native:") || arn instanceof Unknown) return [];
  if (seenFrom(arn, { api }).api === api) return [];
  const region = splitArn(arn)?.region;
  return region !== undefined && isWritten(region) ? [["region", JSON.stringify(pasteable(region))]] : [];
}

/** A plan that does not show which of the two a route calls has the function's own ARN in the fix. */
function versionInstead(
  { inferredFrom, target }: Verdict,
  names: References,
  instead: (variable: string) => string,
): Pick<Fix, "alternative"> {
  const fn = target?.function;
  if (fn?.publishes !== true || target?.qualifier !== undefined || inferredFrom.length === 0) return {};
  if (names.typeOf(fn.urn)?.startsWith("aws:") !== true) return {};
  return {
    alternative: `If the route calls the published version (qualifiedInvokeArn), ${instead(names.of(fn.urn))}.`,
  };
}

type Fields = readonly (readonly [name: string, code: string])[];

function nativeId(type: string): string {
  return type.startsWith("aws-native:apigatewayv2:") ? "apiId" : "restApiId";
}

/** The resource that allows a principal to invoke a function. */
function permission(
  name: string,
  target: FunctionTarget,
  fields: Fields,
  names: References,
  action = "lambda:InvokeFunction",
): string {
  const on = permissionTarget(target, names);
  const body = [
    ["action", JSON.stringify(action)] as const,
    ...fields.slice(0, 1),
    ...on.fields,
    ...fields.slice(1),
  ];
  return `new ${on.provider}.lambda.Permission(${JSON.stringify(name)}, ${objectCode(body)});`;
}

/** Which function a permission is on: aws-native has no property of its own for the qualifier. */
function permissionTarget(
  target: FunctionTarget,
  names: References,
): { readonly provider: "aws" | "awsNative"; readonly fields: Fields } {
  const { function: fn, arn, qualifier, qualifiedBy } = target;
  const type = names.typeOf(fn?.urn);
  if (type?.startsWith("aws-native:"))
    return { provider: "awsNative", fields: [["functionName", expression(functionArn(target, names))]] };
  if (fn === undefined || type === undefined) {
    const base = arn instanceof Unknown ? "<the function's ARN>" : literalArn(arn);
    const end = qualifier === undefined ? "" : `:${pasteable(qualifier)}`;
    const name = end !== "" && base.endsWith(end) ? base.slice(0, -end.length) : base;
    return { provider: "aws", fields: [["function", JSON.stringify(name)], ...qualifierField(end.slice(1))] };
  }
  const variable = names.of(fn.urn);
  const named = ["function", property(variable, "name").property] as const;
  if (qualifier === undefined) return { provider: "aws", fields: [named] };
  const ofQualifier = names.typeOf(qualifiedBy);
  if (qualifiedBy !== undefined && qualifiedBy !== fn.urn && ofQualifier !== undefined)
    return {
      provider: "aws",
      fields: [named, ["qualifier", property(names.of(qualifiedBy), "name").property]],
    };
  if (fn.publishes && !/\D/.test(known(qualifier) ?? ""))
    return { provider: "aws", fields: [named, ["qualifier", property(variable, "version").property]] };
  return { provider: "aws", fields: [named, ...qualifierField(pasteable(qualifier))] };
}

function qualifierField(qualifier: string): Fields {
  return qualifier === "" ? [] : [["qualifier", JSON.stringify(qualifier)]];
}

const BY_API_GATEWAY = ["principal", '"apigateway.amazonaws.com"'] as const;

/** The permission that a route without credentials needs. */
export function routePermission(verdict: Verdict): Fix {
  const {
    routes: [route],
    target,
  } = verdict;
  if (route === undefined || target === undefined)
    return { text: "allow API Gateway to invoke the function." };
  const names = new References(homeOf(target, route.api));
  const sourceArn = expression(executionArn(route.api, [routeTail(route)], names, target));
  const name = resourceName(labelOf(target), "allows", route.api.urn, route.verb, pasteable(route.path));
  const fields: Fields = [BY_API_GATEWAY, ["sourceArn", sourceArn], ...regionField(route.api, target, names)];
  const code = permission(name, target, fields, names);
  const instead = versionInstead(verdict, names, (fn) => `add qualifier: ${fn}.version`);
  return { text: `add this permission${where(names)}:`, code, ...instead };
}

/** What follows the execution ARN for a route on each stage. */
function routeTail(route: Route): string {
  if (route.unread !== undefined) return "*/*";
  if (route.path.length === 0) return `*/${route.verb}`;
  return `*/${route.verb === "ANY" ? "*" : route.verb}${pasteable(route.path)}`;
}

/** The permission that a Lambda authorizer without credentials needs. */
export function authorizerPermission(verdict: Verdict): Fix {
  const { authorizer, target } = verdict;
  if (authorizer === undefined || target === undefined)
    return { text: "allow API Gateway to invoke the authorizer's function." };
  const names = new References(homeOf(target, authorizer.api));
  const sourceArn = expression(
    executionArn(authorizer.api, ["authorizers/", ...authorizerId(authorizer, names)], names, target),
  );
  const name = resourceName(labelOf(target), "allows", authorizer.api.urn, "authorizer", authorizer.urn);
  const fields: Fields = [
    BY_API_GATEWAY,
    ["sourceArn", sourceArn],
    ...regionField(authorizer.api, target, names),
  ];
  const code = permission(name, target, fields, names);
  const instead = versionInstead(verdict, names, (fn) => `add qualifier: ${fn}.version`);
  return { text: `add this permission${where(names)}:`, code, ...instead };
}

/** An authorizer that stands in the API's OpenAPI document is no resource of its own. */
function authorizerId({ urn }: Authorizer, names: References): Code {
  const type = names.typeOf(urn);
  if (type === undefined || !/[:/]Authorizer$/.test(type)) return ["*"];
  return [property(names.of(urn), type.startsWith("aws-native:") ? "authorizerId" : "id")];
}

/** A permission stands where the function does, and names an API of the same program by reference. */
function homeOf({ function: fn }: FunctionTarget, api: Api): string {
  return fn?.urn ?? api.urn;
}

function labelOf({ function: fn, arn }: FunctionTarget): string {
  if (fn !== undefined) return fn.urn;
  return arn instanceof Unknown ? "function" : (pasteable(arn).split(":function:").pop() ?? "function");
}

/** What to say of a permission so that it is for requests by the URL only. */
const BY_URL: Readonly<Record<string, readonly [string, string]>> = {
  "lambda:InvokeFunctionUrl": ["functionUrlAuthType", '"NONE"'],
  "lambda:InvokeFunction": ["invokedViaFunctionUrl", "true"],
};

/** The permissions that a function URL without authorization needs. */
export function urlPermissions({ actions, target, functionUrl }: Verdict): Fix {
  if (target === undefined || functionUrl === undefined)
    return { text: "allow everybody to call the function URL." };
  const names = new References(functionUrl.urn);
  const code = actions.map((action) => {
    const name = resourceName(labelOf(target), "allows", "everybody", action.replace("lambda:", ""));
    const how = BY_URL[action];
    const fields = [["principal", '"*"'] as const, ...(how === undefined ? [] : [how])];
    return permission(name, target, fields, names, action);
  });
  const these = code.length > 1 ? "these permissions" : "this permission";
  return { text: `add ${these}${where(names)}:`, code: code.join("\n") };
}

/** A statement, as TypeScript and, where it names nothing by reference, as JSON. */
function statementCode(action: string, resources: readonly Code[]): string {
  const each = [...new Set(resources.map(expression))];
  const [only = '"*"'] = each;
  const resource = each.length > 1 ? `[\n    ${each.join(",\n    ")}\n  ]` : only;
  return `{\n  "Effect": "Allow",\n  "Action": "${action}",\n  "Resource": ${resource}\n}`;
}

/** Where an allow is missing: in a policy of the principal, or in the boundary of what its policies may allow. */
function placeOfAllow({ decision, principal }: Verdict, otherwise: string): string {
  const holder = holderOf(principal, otherwise);
  return decision?.reason === "permissions-boundary"
    ? `the permissions boundary of ${holder}`
    : `a policy of ${holder}`;
}

/** A principal by its logical name, which stays what it is when the engine draws another physical one. */
export function holderOf(principal: PrincipalFacts | undefined, otherwise: string): string {
  if (principal === undefined) return otherwise;
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
}

function statementFix({ place, action, resources, rest, names, wildcards }: NewStatement): Fix {
  const wider = wildcards.length > 0 ? ` (with * for ${list(wildcards)}, which is unknown)` : "";
  return {
    text: `add this statement to ${place}${wider}${where(names)}:`,
    code: statementCode(action, resources),
    ...(rest > 0 ? { alternative: `Add the ${rest} other resources to it in the same way.` } : {}),
  };
}

/** What allows a principal to do to functions what the given answers deny it. */
export function invokeFix(verdicts: readonly Verdict[], who: string, action = "lambda:InvokeFunction"): Fix {
  const [verdict] = verdicts;
  const targets = verdicts.flatMap(({ target }) => target ?? []);
  if (verdict === undefined) return { text: `allow ${action} in a policy of ${who}.` };
  const { decision, principal } = verdict;
  if (decision?.reason === "explicit-deny")
    return {
      text: `exclude ${list([...new Set(targets.map(showFunctionTarget))])} from the Deny that applies to ${who}.`,
    };
  if (decision?.lacking === "resource" && action === "lambda:InvokeFunction" && principal !== undefined)
    return callerPermissions(targets, principal);
  const names = new References(verdict.urn);
  const some = targets.slice(0, MOST_RESOURCES);
  const resources = some.map((target) => functionArn(target, names));
  const wildcards = [...new Set(some.flatMap((target) => wildcardsOfTarget(target, names)))];
  const rest = targets.length - some.length;
  const fix = statementFix({ place: placeOfAllow(verdict, who), action, resources, rest, names, wildcards });
  const open = verdicts.find((one) => versionInstead(one, names, String).alternative !== undefined);
  const instead =
    open === undefined
      ? {}
      : versionInstead(open, names, (fn) => `name ${fn}.qualifiedArn in place of ${fn}.arn`);
  const alternative = [fix.alternative, instead.alternative].filter((one) => one !== undefined).join(" ");
  return { ...fix, ...(alternative === "" ? {} : { alternative }) };
}

/** What allows a principal of another account to invoke functions, in addition to its own policies. */
function callerPermissions(targets: readonly FunctionTarget[], principal: PrincipalFacts): Fix {
  const [first] = targets;
  const names = new References(first?.function?.urn ?? principal.urn);
  const arn =
    names.typeOf(principal.urn) === undefined
      ? JSON.stringify(pasteable(principal.arn))
      : property(names.of(principal.urn), "arn").property;
  const code = targets
    .slice(0, MOST_RESOURCES)
    .map((target) =>
      permission(resourceName(labelOf(target), "allows", principal.urn), target, [["principal", arn]], names),
    );
  const these = code.length > 1 ? "these permissions" : "this permission";
  const who = holderOf(principal, "the caller");
  return {
    text: `add ${these} (the policies of ${who} allow it already; across accounts both have to)${where(names)}:`,
    code: code.join("\n"),
  };
}

/** What lets a principal call routes. */
export function callFix(verdict: Verdict, who: string): Fix {
  const names = new References(verdict.urn);
  const resources = verdict.routes.slice(0, MOST_RESOURCES).map((route) => routeArn(route, names));
  const action = "execute-api:Invoke";
  return statementFix({
    place: placeOfAllow(verdict, who),
    action,
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
