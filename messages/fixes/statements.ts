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
import { type Home, inItsAccount, isIn, otherwiseCalled, permissionsFor } from "./permissions";

/** An answer on a principal that lacks something. */
export interface Lacking extends Pick<Answer, "urn" | "routes" | "inferredFrom"> {
  readonly principal: PrincipalFacts;
  readonly decision: Pick<Decision, "reason" | "missingAllow">;
}

/** Where an allow is missing: in a policy of the principal, or in what limits what its policies may allow. */
function placeOfAllow({ decision, principal }: Lacking): string {
  const holder = principalName(principal);
  if (decision.reason === "control-policies")
    return `the service control policies of the account of ${holder}, at each level that does not allow it`;
  return decision.reason === "permissions-boundary"
    ? `the permissions boundary of ${holder}`
    : `a policy of ${holder}`;
}

/** A principal by its logical name, which stays what it is when the engine draws another physical one. */
export function principalName(principal: PrincipalFacts): string {
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
  const who = principalName(principal);
  if (decision.reason === "explicit-deny")
    return {
      text: `exclude ${list([...new Set(targets.map(showFunctionTarget))])} from the Deny that applies to ${who}.`,
    };
  if (decision.missingAllow === "resource" && action === "lambda:InvokeFunction")
    return callerPermissions(targets, principal, homeOfCaller(verdict, principal));
  const names = new References(verdict.urn);
  const listed = targets.slice(0, MOST_RESOURCES);
  const resources = listed.map((target) => functionArn(target, names));
  const wildcards = [...new Set(listed.flatMap((target) => wildcardsOfTarget(target, names)))];
  const rest = targets.length - listed.length;
  const place = placeOfAllow(verdict);
  const instead = qualifiedInstead(verdicts, names);
  const abroad =
    byBothAccounts && decision.reason === "no-allow"
      ? listed.filter((target) => isIn(target, homeOfCaller(verdict, principal)) !== "yes")
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
  return routes[0]?.api.scope.isAccountAssumed ? { account, isAccountAssumed: true } : { account };
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
  const who = principalName(principal);
  const where = inItsAccount(targets, home);
  const text = `add ${these}${where} (the policies of ${who} allow it already; across accounts both have to):`;
  return withReferences({ text, snippets }, [], names);
}

/** What allows a principal to call routes. */
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

/** What allows a role to send to the clients of a WebSocket API. */
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
 * The routes in the resource policy of an API, in the form that needs no API id.
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
