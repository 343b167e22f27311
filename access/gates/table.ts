import type { AuthorizerFunctionVerdict } from "./authorizer-function/verdict";
import type { CallerCredentialsVerdict, CallerFunctionVerdict } from "./caller-function/verdict";
import type { CallerRouteVerdict } from "./caller-route/verdict";
import type { ExternalApiVerdict } from "./external-api/verdict";
import type { FunctionUrlVerdict } from "./function-url/verdict";
import type { ResourcePolicyVerdict } from "./resource-policy/verdict";
import type { RoleFunctionVerdict } from "./role-function/verdict";
import type { RouteFunctionVerdict } from "./route-function/verdict";

/** Who asks for what a gate asks: AWS, which answers 403 or 500 otherwise, or this pack alone. */
export type Rule = "aws" | "two-step";

export interface GateEntry {
  /** The head of its column in reports, where there is little room. */
  readonly column: string;
  /** The question in general. */
  readonly question: string;
  /** What a verdict answers, with placeholders for what it is about (`messages/names.ts`). */
  readonly answers: string;
  /** What it asks in a word, for those who look for it: two gates may ask the same. */
  readonly questionCode: string;
  /** The actions that it asks for. */
  readonly actions: readonly string[];
  readonly rule: Rule;
  /** What a caller gets where it fails. */
  readonly status: "403" | "500" | undefined;
  /** Whether requests to routes meet it: to every route, to those of which there is something to ask, or to none. */
  readonly metBy: "every-route" | "some-routes" | "other-requests";
  /** The policies that report it. */
  readonly policies: readonly string[];
  /** Whether it is about someone who calls, rather than about API Gateway or a role that it assumes. */
  readonly isOfCaller: boolean;
  /** API Gateway may have to assume a role first, and fails where it cannot. */
  readonly assumesRole?: true;
  /** The name in reports, where that is another: it is public, and stays. */
  readonly reportedAs?: string;
}

/**
 * The gates, in the order in which a request meets them. Whatever else has to be said of a gate is looked up here. Loaded
 * by the page of the HTML report as well, so it imports nothing but types.
 */
export const GATES = {
  "resource-policy": {
    column: "POLICY",
    question: "Does the API's resource policy allow requests to a route without IAM authorization?",
    answers: "the resource policy allows requests to {routes}",
    questionCode: "allows-requests",
    actions: ["execute-api:Invoke"],
    rule: "aws",
    status: "403",
    metBy: "some-routes",
    policies: ["rest-api-resource-policy"],
    isOfCaller: false,
  },
  "caller-route": {
    column: "CALL",
    question: "May the caller call the route?",
    answers: "{caller} may call {routes}",
    questionCode: "caller-calls",
    actions: ["execute-api:Invoke"],
    rule: "aws",
    status: "403",
    metBy: "every-route",
    policies: ["caller-execute-api-invoke"],
    isOfCaller: true,
  },
  "authorizer-function": {
    column: "AUTHORIZER",
    question: "May API Gateway invoke the route's Lambda authorizer?",
    answers: "{function} allows API Gateway to invoke it for {authorizer}",
    questionCode: "authorizer-invoked",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    metBy: "every-route",
    policies: ["authorizer-function-permission"],
    isOfCaller: false,
    assumesRole: true,
  },
  "route-function": {
    column: "GRANT",
    question: "Does the function allow API Gateway to invoke it?",
    answers: "{function} allows API Gateway to invoke it",
    questionCode: "allows-api-gateway",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    metBy: "every-route",
    policies: ["route-function-permission"],
    isOfCaller: false,
  },
  "role-function": {
    column: "ROLE",
    question: "May the credentials role invoke the function, and does it trust API Gateway?",
    answers: "{role} may invoke {function}",
    questionCode: "role-invokes",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    metBy: "every-route",
    policies: ["integration-role-lambda-invoke"],
    isOfCaller: false,
    assumesRole: true,
  },
  "caller-credentials-function": {
    column: "CALLER",
    question: "May the caller invoke the function?",
    answers: "{caller} may invoke {function}",
    questionCode: "caller-invokes",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    metBy: "every-route",
    policies: ["caller-credentials-lambda-invoke"],
    isOfCaller: true,
    reportedAs: "caller-function",
  },
  /** The same question where AWS does not ask it; reports have one column for both. */
  "caller-function": {
    column: "CALLER",
    question: "May the caller invoke the function?",
    answers: "{caller} may invoke {function}",
    questionCode: "caller-invokes",
    actions: ["lambda:InvokeFunction"],
    rule: "two-step",
    status: undefined,
    metBy: "every-route",
    policies: ["iam-route-caller-lambda-invoke"],
    isOfCaller: true,
  },
  "function-url": {
    column: "URL",
    question: "May the caller call the function URL?",
    answers: "{caller} may call the function URL of {function}",
    questionCode: "url-called",
    actions: ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
    rule: "aws",
    status: "403",
    metBy: "other-requests",
    policies: ["function-url-caller-lambda-invoke"],
    isOfCaller: true,
  },
  "external-api": {
    column: "OUTSIDE",
    question: "May the caller of an API outside the stacks invoke the function behind it?",
    answers: "{caller} may invoke the function behind {api}",
    questionCode: "invokes-behind-api",
    actions: ["lambda:InvokeFunction"],
    rule: "two-step",
    status: undefined,
    metBy: "other-requests",
    policies: ["external-api-caller-lambda-invoke"],
    isOfCaller: true,
    reportedAs: "outside-api",
  },
} as const satisfies Readonly<Record<string, GateEntry>>;

/** The verdicts of each gate. */
interface Verdicts {
  "resource-policy": ResourcePolicyVerdict;
  "caller-route": CallerRouteVerdict;
  "authorizer-function": AuthorizerFunctionVerdict;
  "route-function": RouteFunctionVerdict;
  "role-function": RoleFunctionVerdict;
  "caller-credentials-function": CallerCredentialsVerdict;
  "caller-function": CallerFunctionVerdict;
  "function-url": FunctionUrlVerdict;
  "external-api": ExternalApiVerdict;
}

/**
 * An answer with everything that a message or a report needs to explain it. Gate and cause determine its fields.
 * Created only in the folders of the gates.
 */
export type Verdict = Verdicts[Gate];

/** The question that was asked, in one word for each gate. */
export type Gate = keyof typeof GATES;

/** The questions that gates ask. */
export type Question = (typeof GATES)[Gate]["questionCode"];

/** Whose rule a verdict is based on. AWS serves a request that only the two-step rule denies. */
export function ruleOf({ gate }: { readonly gate: Gate }): Rule {
  return GATES[gate].rule;
}

type ReportedAs<G extends Gate> = (typeof GATES)[G] extends { readonly reportedAs: infer Name } ? Name : G;

/** The names of gates in reports. */
export type ReportedGate = { [G in Gate]: ReportedAs<G> }[Gate];

export function reportedAs(gate: Gate): ReportedGate {
  const { reportedAs: name = gate }: GateEntry = GATES[gate];
  return name as ReportedGate;
}
