import { seenFrom, showRoute, showTarget, type Verdict } from "../access";
import { type Doubt, explain, show, type Text, takenAway, Unknown, unknownHoles } from "../iam";
import { type PrincipalSource, type Route, SECRET, withoutPlaceholders } from "../stack";
import { printable } from "./printable";

/** Longer lists are cut, with how many are left out. */
const MOST_ROUTES = 12;
const LONGEST_LINE = 1000;
/** No message that is meant to be read comes near. */
const LONGEST_MESSAGE = 8000;

/** What a policy says of an answer, in parts: its message and what a report shows are made of the same. */
export interface Said {
  /** Who, which routes, which function, what is missing: one sentence. */
  readonly finding: string;
  /** Whose rule it is, and how it works. */
  readonly why?: string;
  /** What a caller sees, in AWS's own words: one sentence. */
  readonly symptom: string;
  /** What decided, a line each. */
  readonly evidence: readonly string[];
  /** What it was concluded from, and the ways out when that is wrong. */
  readonly inference?: string | undefined;
  /** What to do, followed by what to paste. */
  readonly fix?: string | undefined;
}

/** The message of a violation. */
export function violation(said: Said, policy: string): string {
  return message([
    said.finding,
    `Why: ${said.why === undefined ? "" : `${said.why} `}${said.symptom}`,
    ...said.evidence.map((line) => `  - ${line}`),
    said.inference?.split("\n"),
    said.fix === undefined ? undefined : `Fix: ${said.fix}`.split("\n"),
    page(policy),
  ]);
}

/**
 * Makes one message of its parts: the finding, the reasons, the fix, the page. A part is one line, whatever names are
 * in it; what has several is a list of them.
 */
export function message(parts: readonly (string | readonly string[] | undefined)[]): string {
  const lines = parts
    .flat()
    .filter((line): line is string => line !== undefined && line !== "")
    .map(shownLine);
  const last = lines.pop() ?? "";
  const shown: string[] = [];
  let length = last.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > LONGEST_MESSAGE) return [...shown, "…", last].join("\n");
    shown.push(line);
  }
  return [...shown, last].join("\n");
}

function shownLine(line: string): string {
  // What is cut off need not be made printable, and may be megabytes.
  const shown = printable(start(withoutPlaceholders(line), 2 * LONGEST_LINE));
  return shown.length > LONGEST_LINE ? `${start(shown, LONGEST_LINE)}…` : shown;
}

/** So many characters of a text, and no half of one. */
function start(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

/** Where the pack is developed; `package.json` names it too. */
export const REPOSITORY = "https://github.com/apigateway-lambda-access/apigateway-lambda-access";

/** The address of a policy's page. */
export function pageUrl(policy: string): string {
  return `${REPOSITORY}/blob/main/docs/policies/${policy}.md`;
}

export function page(policy: string): string {
  return `More: ${pageUrl(policy)}`;
}

/** `GET /orders and POST /orders of API orders` */
export function showRoutes(routes: readonly Route[]): string {
  const byApi = new Map<string, Set<string>>();
  for (const route of routes)
    byApi.set(route.api.name, (byApi.get(route.api.name) ?? new Set()).add(showRoute(route)));
  return [...byApi].map(([api, some]) => `${list([...some].sort())} of API ${api}`).join("; ");
}

export function list(items: readonly string[]): string {
  const shown = items.slice(0, MOST_ROUTES);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** `function orders`, `function orders:live` */
export function showFunction(verdict: Verdict): string {
  const { target } = verdict;
  if (target === undefined) return "the function";
  if (target.function === undefined) return printable(showTarget(target));
  const qualifier = target.qualifier === undefined ? "" : `:${show(target.qualifier)}`;
  return printable(`function ${target.function.label}${qualifier}`);
}

/** `role "caller"`: the principal that an answer is about. */
export function whoOf({ principal }: Verdict, otherwise: string): string {
  return printable(principal?.label ?? otherwise);
}

/** What decided, one line for each piece of evidence. */
export function evidence(verdict: Verdict): readonly string[] {
  const { decision, notes } = verdict;
  if (decision === undefined) return notes;
  const source: PrincipalSource | undefined = decision.decidedBy?.source;
  // Nobody has read its statements: they were concluded from what it is computed from.
  if (source?.inferredFrom !== undefined) {
    const from = list(source.inferredFrom.map((origin) => origin.label));
    return [`Not shown: ${source.label}, computed from ${from} and taken to grant just that`, ...notes];
  }
  return [...explain(decision), ...notes];
}

/** What would change an allowed answer. */
export function change({ decision, notes }: Verdict): string {
  const source: PrincipalSource | undefined = decision?.decidedBy?.source;
  if (source?.inferredFrom !== undefined)
    return `${source.label}, once it is shown, may grant less than it is taken to`;
  const away = decision && takenAway(decision);
  if (away !== undefined) return away;
  return notes.length > 0
    ? "what stands above no longer being so, or a Deny that covers it"
    : "a Deny that covers it";
}

/** The question that an answer is to, in words: `role "caller" may invoke function orders`. */
export function questionOf(verdict: Verdict): string {
  const fn = showFunction(verdict);
  const who = whoOf(verdict, verdict.call?.label ?? "the caller");
  const role = whoOf(verdict, "the credentials role");
  switch (verdict.gate) {
    case "caller may call the route":
      return `${who} may call ${showRoutes(verdict.routes)}`;
    case "caller may invoke the function":
    case "caller's credentials may invoke the function":
      return `${who} may invoke ${fn}`;
    case "caller may call the function URL":
      return `${verdict.functionUrl?.authorization === "NONE" ? "everybody" : (verdict.grantee?.label ?? who)} may call the function URL of ${fn}`;
    case "caller of an API outside the stack may invoke":
      return `${who} may invoke the function behind ${verdict.asked ?? "an API outside the stack"}`;
    case "function lets API Gateway in":
      return `${fn} lets API Gateway in`;
    case "function lets API Gateway in for the authorizer":
      return verdict.principal === undefined
        ? `${fn} lets API Gateway in for ${verdict.authorizer?.label ?? "the authorizer"}`
        : roleQuestion(verdict, role, fn);
    case "integration role may invoke the function":
      return roleQuestion(verdict, role, fn);
  }
}

function roleQuestion(verdict: Verdict, role: string, fn: string): string {
  return verdict.cause === "role not trusted" ? `${role} trusts API Gateway` : `${role} may invoke ${fn}`;
}

/** The ways out of an inference that is wrong. */
export function inference(verdict: Verdict): string | undefined {
  if (verdict.inferredFrom.length === 0) return undefined;
  const from = list(verdict.inferredFrom.map((origin) => printable(origin.label)));
  return [
    `Inferred: this preview does not show every value; concluded from what they are computed from: ${from}.`,
    ...waysOut(verdict),
  ].join("\n");
}

const PROVE =
  'If that is wrong, set "whenUnknown": "prove" for this policy: it then concludes nothing from unknown values.';

function waysOut({ principal, gate, cause }: Verdict): readonly string[] {
  if (principal === undefined)
    return [
      PROVE,
      ...(cause === "no permission at all"
        ? ["A permission made inside a callback of apply is not in a preview: make it outside."]
        : []),
    ];
  // Where all documents are shown, nothing in them is in the way: it is the function that was concluded.
  const hidden = principal.sources.some(({ inferredFrom }) => inferredFrom !== undefined);
  return [
    ...(hidden
      ? [
          "If that is wrong, there are three ways out: name the function's ARN in the document (with pulumi.interpolate or",
          "pulumi.all: no preview runs what stands inside a callback of apply), put a literal grant in a document of its own,",
          'or set "whenUnknown": "prove" for this policy.',
        ]
      : [PROVE]),
    ...(gate === "integration role may invoke the function" ||
    gate === "function lets API Gateway in for the authorizer"
      ? []
      : [`Exempt ${printable(principal.label)} if it is not meant to call the API at all.`]),
  ];
}

/** What is unknown, and what it is computed from. */
export function showDoubt(doubt: Doubt): string {
  const others = [...new Set(doubt.from)].filter((label) => label !== SECRET.label);
  const from = others.length > 0 ? `, computed from ${list(others)}` : "";
  return `${doubt.what}${from}${isEncrypted(doubt) ? ": it is encrypted in the state" : ""}`;
}

function isEncrypted({ from }: Doubt): boolean {
  return from.includes(SECRET.label);
}

/** What settles doubts of which no more can be said than what they are computed from. */
const SETTLE = "preview again once the resources named above exist, or write their values out";

/** https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
const DECRYPT = "export the stack with its secrets in clear text (pulumi stack export --show-secrets)";

/** What settles a doubt itself; `undefined` when it is what it is computed from. */
function settlementOf(doubt: Doubt): string | undefined {
  if (isEncrypted(doubt)) return DECRYPT;
  if (doubt.settle !== undefined) return doubt.settle;
  if (doubt.varies) return "let it cover every request to the route, or none";
  return doubt.from.length > 0
    ? undefined
    : "write it out in this stack; where no later preview shows it either, exempt the resource";
}

/** What settles doubts, each way once. */
export function settlements(doubts: readonly Doubt[]): readonly string[] {
  return [...new Set(doubts.map((doubt) => settlementOf(doubt) ?? SETTLE))];
}

const MOST_DOUBTS = 8;

/** Doubts, one a line, each with what settles it. */
export function showDoubts(doubts: readonly Doubt[]): readonly string[] {
  const lines = new Map<string, Doubt>();
  for (const doubt of doubts) {
    const settle = settlementOf(doubt);
    lines.set(
      `  - Unknown: ${showDoubt(doubt)}.${settle === undefined ? "" : ` To settle it: ${settle}.`}`,
      doubt,
    );
  }
  const shown = [...lines].slice(0, MOST_DOUBTS);
  const more = lines.size - shown.length;
  return [
    ...shown.map(([line]) => line),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    ...(shown.some(([, doubt]) => settlementOf(doubt) === undefined) ? [`To settle it: ${SETTLE}.`] : []),
  ];
}

/** What to write as a Resource, and what its wildcards stand for that the plan does not show. */
export interface Pasted {
  readonly resource: string;
  readonly instead: readonly string[];
}

/** An ARN to paste: a wildcard stands where the plan does not show a part, or where each request differs. */
export function pasted(arn: Text): Pasted {
  return {
    resource: pasteable(arn.map((piece) => (typeof piece === "string" ? piece : "*")).join("")),
    instead: [...new Set([...placeholdersIn(show(arn)), ...unknownHoles(arn).map((hole) => hole.label)])],
  };
}

/** The function's ARN as an identity policy would name it. */
function functionArnForPolicy(verdict: Verdict): Pasted {
  const arn = verdict.target?.arn;
  if (arn === undefined || arn instanceof Unknown) return { resource: "the function's ARN", instead: [] };
  const written = pasted(arn);
  // A wildcard for the name would grant every function.
  return written.resource.includes(":function:*")
    ? { resource: `<the ARN of ${showFunction(verdict)}>`, instead: [] }
    : written;
}

const PLACEHOLDER = /\uE000([^\uE000-\uE002]*)\uE002\d+\uE001/g;

/** Placeholders for what has no value yet cannot be pasted: they become wildcards. */
export function pasteable(value: string): string {
  return value.replace(PLACEHOLDER, "*");
}

/** What the placeholders in a value stand for. */
function placeholdersIn(value: string): readonly string[] {
  return [...value.matchAll(PLACEHOLDER)].map(([, label]) => label ?? "");
}

/**
 * A source ARN of the API as a program writes it. An API of another stack has no variable in this program, and to a
 * function of another region the API is presented with that region.
 */
export function sourceArnOf({ api, target }: Verdict, tail: string): string {
  if (api?.outside) return JSON.stringify(`${show(api.executionArn)}/${tail}`);
  const arn = target?.arn;
  const usual = `pulumi.interpolate\`\${api.executionArn}/${tail}\``;
  if (api === undefined || arn === undefined || arn instanceof Unknown) return usual;
  const seen = seenFrom(arn, { api }).api;
  const place = show(seen.executionArn).split(":").slice(0, 5).join(":");
  return seen === api ? usual : `pulumi.interpolate\`${place}:\${api.id}/${tail}\``;
}

/** Where an allow is missing: in a policy of the principal, or in the boundary of what its policies may allow. */
export function placeOfAllow({ decision }: Verdict, who: string): string {
  return decision?.reason === "permissions boundary"
    ? `the permissions boundary of ${who}`
    : `a policy of ${who}`;
}

/** What to add to a policy. */
export function statementFix(where: string, action: string, { resource, instead }: Pasted): string {
  const statement = { Effect: "Allow", Action: action, Resource: resource };
  const wider = instead.length > 0 ? ` (with * for ${list(instead)}, which the plan does not show)` : "";
  return `add this statement to ${where}${wider}:\n${JSON.stringify(statement, undefined, 2)}`;
}

/** What a caller that may not invoke the function lacks. */
export function whatIsMissing({ decision }: Verdict): string {
  if (decision?.lacking === "resource")
    return "it is of another account, and the function's resource policy does not name it";
  if (decision?.reason === "permissions boundary")
    return "its permissions boundary does not allow lambda:InvokeFunction";
  return `lambda:InvokeFunction is ${decision?.reason === "explicit deny" ? "denied" : "missing"}`;
}

/** What lets a principal of another account invoke the function, beside its own policies. */
function permissionForCaller({ principal, target }: Verdict): string {
  const name = target?.function?.label ?? "the function's ARN";
  const qualifier = target?.qualifier;
  return [
    `new aws.lambda.Permission("${(principal?.name ?? "caller").replace(/[^\w-]/g, "-")}-invokes", {`,
    '  action: "lambda:InvokeFunction",',
    `  principal: ${JSON.stringify(show(principal?.arn ?? []))},`,
    `  function: ${JSON.stringify(name)},`,
    ...(qualifier === undefined ? [] : [`  qualifier: ${JSON.stringify(show(qualifier))},`]),
    "});",
  ].join("\n");
}

/** What mends a principal that may not invoke the function. */
export function invokeFix(
  verdict: Verdict,
  who: string,
  kind: "caller" | "role",
  action = "lambda:InvokeFunction",
): string {
  if (verdict.decision?.lacking === "resource" && action === "lambda:InvokeFunction")
    return `add this permission (the policies of ${who} allow it already; across accounts both have to):\n${permissionForCaller(verdict)}`;
  return verdict.decision?.reason === "explicit deny"
    ? `take the function out of the Deny that applies to this ${kind}.`
    : statementFix(placeOfAllow(verdict, who), action, functionArnForPolicy(verdict));
}
