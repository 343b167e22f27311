import { type Answer, callerArn, stageNames } from "../../access";
import { MANAGE_CONNECTIONS } from "../../aws";
import { type Decision, splitArn, text } from "../../iam";
import {
  type Api,
  type FunctionTarget,
  type FunctionUrl,
  type PrincipalFacts,
  type Route,
  serviceOf,
} from "../../stack";
import { executionArn, functionArn, wildcardsOfTarget } from "../arns";
import { type Code, isWritten, pasteable } from "../code";
import { showFunctionTarget } from "../names";
import { printable } from "../printable";
import { References } from "../references";
import type { Phrase } from "../snippets";
import { list } from "../text";
import { type Fix, withReferences } from "./fix";
import {
  type AccountScope,
  accountHint,
  isInAccount,
  permissionsFor,
  qualifierAlternatives,
} from "./permissions";

/** A verdict on a principal that lacks a permission. */
export interface PrincipalVerdict extends Pick<Answer, "urn" | "routes" | "inferredFrom"> {
  readonly principal: PrincipalFacts;
  readonly decision: Pick<Decision, "reason" | "missingAllow">;
}

/** The policy that lacks an allow: a policy of the principal, its boundary or a control policy. */
function policyToChange({ decision, principal }: PrincipalVerdict): string {
  const name = principalName(principal);
  if (decision.reason === "control-policies")
    return `the service control policies of the account of ${name}, at each level that does not allow it`;
  return decision.reason === "permissions-boundary"
    ? `the permissions boundary of ${name}`
    : `a policy of ${name}`;
}

/** A principal by its logical name, which does not change when the engine generates another physical name. */
export function principalName(principal: PrincipalFacts): string {
  if (principal.external) return printable(principal.label);
  return printable(
    `${principal.kind} ${JSON.stringify(principal.urn.slice(principal.urn.lastIndexOf("::") + 2))}`,
  );
}

const MAX_RESOURCES = 20;

/** A statement with the resources that are shown, and the number of those that are omitted. */
interface NewStatement {
  readonly place: string;
  readonly action: string;
  readonly resources: readonly Code[];
  readonly omitted: number;
  readonly names: References;
  readonly wildcards: readonly string[];
  /** An alternative to the statement. */
  readonly alternative?: Phrase;
}

export function statementFix(statement: NewStatement): Fix {
  const { place, action, resources, omitted, names, wildcards, alternative = [] } = statement;
  const wider =
    wildcards.length > 0
      ? ` (with * for ${list(wildcards)}, which ${wildcards.length > 1 ? "are" : "is"} unknown)`
      : "";
  const furtherResources = omitted > 0 ? [`Add the ${omitted} other resources to it in the same way.`] : [];
  return withReferences(
    {
      text: `add this statement to ${place}${wider}`,
      snippets: [{ kind: "statement", action, resources }],
    },
    [
      ...furtherResources,
      ...(furtherResources.length > 0 && alternative.length > 0 ? [" "] : []),
      ...alternative,
    ],
    names,
  );
}

export interface PrincipalFunctionVerdict extends PrincipalVerdict {
  readonly target: FunctionTarget;
  /** The function URLs that it is about, where it is about several. */
  readonly urlGroup?: readonly Pick<FunctionUrl, "target">[];
}

/** The functions that an answer is about. */
export function targetsOf({ target, urlGroup }: PrincipalFunctionVerdict): readonly FunctionTarget[] {
  return urlGroup === undefined ? [target] : urlGroup.map((url) => url.target);
}

interface InvokeFixOptions {
  readonly action?: string;
  /** A function in another account has to allow it, too. */
  readonly byBothAccounts?: boolean;
}

/** Allows a principal the action on functions that the given verdicts deny. */
export function invokeFix(
  verdicts: readonly [PrincipalFunctionVerdict, ...PrincipalFunctionVerdict[]],
  { action = "lambda:InvokeFunction", byBothAccounts = false }: InvokeFixOptions = {},
): Fix {
  const [verdict] = verdicts;
  const targets = verdicts.flatMap(targetsOf);
  const { decision, principal } = verdict;
  const caller = principalName(principal);
  if (decision.reason === "explicit-deny")
    return {
      text: `exclude ${list([...new Set(targets.map(showFunctionTarget))])} from the Deny that applies to ${caller}.`,
    };
  if (decision.missingAllow === "resource" && action === "lambda:InvokeFunction")
    return callerPermissions(targets, principal, accountOfCaller(verdict, principal));
  const names = new References(verdict.urn);
  const listed = targets.slice(0, MAX_RESOURCES);
  const resources = listed.map((target) => functionArn(target, names));
  const wildcards = [...new Set(listed.flatMap((target) => wildcardsOfTarget(target, names)))];
  const omitted = targets.length - listed.length;
  const place = policyToChange(verdict);
  const alternative = qualifierAlternative(verdicts, names);
  const inOtherAccounts =
    byBothAccounts && decision.reason === "no-allow"
      ? listed.filter((target) => isInAccount(target, accountOfCaller(verdict, principal)) !== "yes")
      : [];
  const fix = statementFix({ place, action, resources, omitted, names, wildcards, alternative });
  if (inOtherAccounts.length === 0) return fix;
  return {
    ...fix,
    text: `${fix.text}, and permissions${accountHint(inOtherAccounts, accountOfCaller(verdict, principal))} (across accounts both have to allow it)`,
    snippets: [...(fix.snippets ?? []), ...permissionsFor(inOtherAccounts, principal, names)],
    references: names.urns,
  };
}

/** The account of a principal, which is assumed where that of the API is. */
function accountOfCaller({ routes }: PrincipalVerdict, { account }: PrincipalFacts): AccountScope {
  return routes[0]?.api.scope.isAccountAssumed ? { account, isAccountAssumed: true } : { account };
}

/** {@link qualifierAlternatives} for a statement, which names a function by its ARN. */
function qualifierAlternative(verdicts: readonly PrincipalFunctionVerdict[], names: References): Phrase {
  for (const verdict of verdicts) {
    const phrase = qualifierAlternatives(verdict, names, {
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

/** Allows a principal in another account to invoke functions, in addition to its own policies. */
function callerPermissions(
  targets: readonly FunctionTarget[],
  principal: PrincipalFacts,
  location: AccountScope,
): Fix {
  const [first] = targets;
  const names = new References(first?.function?.urn ?? principal.urn);
  const snippets = permissionsFor(targets.slice(0, MAX_RESOURCES), principal, names);
  const these = snippets.length > 1 ? "these permissions" : "this permission";
  const caller = principalName(principal);
  const hint = accountHint(targets, location);
  const text = `add ${these}${hint} (the policies of ${caller} allow it already; across accounts both have to)`;
  return withReferences({ text, snippets }, [], names);
}

/** Allows a principal to call routes. */
export function callFix(verdict: PrincipalVerdict): Fix {
  const names = new References(verdict.urn);
  const resources = verdict.routes.slice(0, MAX_RESOURCES).map((route) => routeArn(route, names));
  return statementFix({
    place: policyToChange(verdict),
    action: serviceOf(verdict.routes[0]?.api ?? {}).action,
    resources,
    omitted: verdict.routes.length - resources.length,
    names,
    wildcards: [],
  });
}

/** Allows a role to send messages to the clients of a WebSocket API. */
export function connectionsFix(api: Api, location: string, roleName: string): Fix {
  const names = new References(location);
  const resource = executionArn(api, ["*/*/@connections/*"], names);
  return statementFix({
    place: `a policy of ${roleName}`,
    action: MANAGE_CONNECTIONS,
    resources: [resource],
    omitted: 0,
    names,
    wildcards: [],
  });
}

/**
 * The routes in the resource policy of an API, in the form that needs no API id.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
 */
export function resourcePolicyFix(routes: readonly Route[], policy: string): Fix {
  const each = [
    ...new Set(routes.slice(0, MAX_RESOURCES).map((route) => `"execute-api:/${routeTailOf(route)}"`)),
  ];
  return {
    text: `in ${policy}, name the stage, method and path of the routes`,
    code: `"Resource": [${each.join(", ")}]`,
  };
}

/** The part after the execution ARN, for a request to a route: stage, method and path. */
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
