import type { AuthorizerFunctionVerdict } from "./authorizer-function/verdict";
import type { CallerCredentialsVerdict, CallerFunctionVerdict } from "./caller-function/verdict";
import type { CallerRouteVerdict } from "./caller-route/verdict";
import type { ExternalApiVerdict } from "./external-api/verdict";
import type { FunctionUrlVerdict } from "./function-url/verdict";
import type { ResourcePolicyVerdict } from "./resource-policy/verdict";
import type { RoleFunctionVerdict } from "./role-function/verdict";
import type { RouteFunctionVerdict } from "./route-function/verdict";

/** Whose rule it is: AWS's, which AWS enforces with a 403 or 500, or this pack's two-step rule. */
export type Rule = "aws" | "two-step";

/** The properties of a gate, as one row of the table. */
export interface GateEntry {
  /** The heading of its column in reports, where there is little room. */
  readonly column: string;
  /** The question in general. */
  readonly question: string;
  /** The statement that an answer affirms or denies, with placeholders for its subjects (`messages/names.ts`). */
  readonly answers: string;
  /** The same for the causes of verdicts that are about another principal or permission. */
  readonly answersOn?: Readonly<Record<string, string>>;
  /** Whose permission the question is about: `everyone` includes callers without an identity. */
  readonly principal: "everyone" | "caller" | "api-gateway" | "role";
  /** What the principal is to call or invoke; `request` is what API Gateway sends to Lambda, apart from permissions. */
  readonly resource: "route" | "authorizer" | "function" | "function-url" | "external-api" | "request";
  /** The actions that it requires. */
  readonly actions: readonly string[];
  readonly rule: Rule;
  /** The status code that a caller gets when the gate denies the request. */
  readonly status: "403" | "500" | undefined;
  /** The requests that pass it: those to every route, those to some routes, or requests that are not to routes. */
  readonly appliesTo: "every-route" | "some-routes" | "other-requests";
  /** The policies that report its verdicts. */
  readonly policies: readonly string[];
  /** API Gateway may have to assume a role first, and fails if it cannot. */
  readonly assumesRole?: true;
  /** The name in the JSON formats, where it differs: it is public and does not change. */
  readonly reportedAs?: string;
}

/** It has no verdicts and no folder: policies on single resources find the requests that Lambda does not accept. */
export const INTEGRATION_REQUEST = "integration-request";

const ROLE_INVOKES = "{role} can invoke {function}";
const ROLE_TRUSTS = "{role} trusts {service}";

/**
 * The gates, in the order in which a request passes them, with all of their properties. Loaded by the page of the HTML
 * report, and with the policies when the pack starts, so it imports nothing but types.
 */
export const GATES = {
  "resource-policy": {
    column: "POLICY",
    question: "Does the API's resource policy allow requests to a route without IAM authorization?",
    answers: "the resource policy allows requests to {routes}",
    principal: "everyone",
    resource: "route",
    actions: ["execute-api:Invoke"],
    rule: "aws",
    status: "403",
    appliesTo: "some-routes",
    policies: ["rest-api-resource-policy", "caller-execute-api-invoke"],
  },
  "caller-route": {
    column: "CALL",
    question: "Can the caller call the route?",
    answers: "{caller} can call {routes}",
    principal: "caller",
    resource: "route",
    actions: ["execute-api:Invoke"],
    rule: "aws",
    status: "403",
    appliesTo: "every-route",
    policies: ["caller-execute-api-invoke"],
  },
  "authorizer-function": {
    column: "AUTHORIZER",
    question: "Can API Gateway invoke the route's Lambda authorizer?",
    answers: "{function} allows {service} to invoke it for {authorizer}",
    answersOn: {
      "role-policies": ROLE_INVOKES,
      "role-in-another-account": ROLE_INVOKES,
      "role-outside-stack": ROLE_INVOKES,
      "trust-policy": ROLE_TRUSTS,
    },
    principal: "api-gateway",
    resource: "authorizer",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    appliesTo: "every-route",
    policies: ["authorizer-function-permission"],
    assumesRole: true,
  },
  "route-function": {
    column: "GRANT",
    question: "Does the function allow API Gateway to invoke it?",
    answers: "{function} allows {service} to invoke it",
    principal: "api-gateway",
    resource: "function",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    appliesTo: "every-route",
    policies: ["route-function-permission"],
  },
  "role-function": {
    column: "ROLE",
    question: "Can the credentials role invoke the function, and does it trust API Gateway?",
    answers: ROLE_INVOKES,
    answersOn: { "trust-policy": ROLE_TRUSTS },
    principal: "role",
    resource: "function",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    appliesTo: "every-route",
    policies: ["integration-role-lambda-invoke"],
    assumesRole: true,
  },
  "caller-credentials-function": {
    column: "CALLER",
    question: "Can the caller invoke the function?",
    answers: "{caller} can invoke {function}",
    principal: "caller",
    resource: "function",
    actions: ["lambda:InvokeFunction"],
    rule: "aws",
    status: "500",
    appliesTo: "every-route",
    policies: ["caller-credentials-lambda-invoke"],
    reportedAs: "caller-function",
  },
  /** The same question where AWS does not evaluate it; reports have one column for both. */
  "caller-function": {
    column: "CALLER",
    question: "Can the caller invoke the function?",
    answers: "{caller} can invoke {function}",
    principal: "caller",
    resource: "function",
    actions: ["lambda:InvokeFunction"],
    rule: "two-step",
    status: undefined,
    appliesTo: "every-route",
    policies: ["iam-route-caller-lambda-invoke"],
  },
  "function-url": {
    column: "URL",
    question: "Can the caller call the function URL?",
    answers: "{caller} can call the function URL of {function}",
    principal: "caller",
    resource: "function-url",
    actions: ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
    rule: "aws",
    status: "403",
    appliesTo: "other-requests",
    policies: ["function-url-caller-lambda-invoke"],
  },
  "external-api": {
    column: "OUTSIDE",
    question: "Can the caller of an API outside the stacks invoke the function behind it?",
    answers: "{caller} can invoke the function behind {api}",
    principal: "caller",
    resource: "external-api",
    actions: ["lambda:InvokeFunction"],
    rule: "two-step",
    status: undefined,
    appliesTo: "other-requests",
    policies: ["external-api-caller-lambda-invoke"],
    reportedAs: "outside-api",
  },
  [INTEGRATION_REQUEST]: {
    column: "REQUEST",
    question: "Does API Gateway send a request that Lambda accepts?",
    answers: "{service} sends a request that Lambda accepts for {routes}",
    principal: "api-gateway",
    resource: "request",
    actions: [],
    rule: "aws",
    status: "500",
    appliesTo: "some-routes",
    policies: [],
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
 * A decision with everything that a message or a report needs to explain it. Gate and cause determine its fields.
 * Created only in the folders of the gates.
 */
export type Verdict = Verdicts[Gate];

/** The gates that have verdicts. */
export type Gate = keyof Verdicts;

/** Whose rule a verdict is based on. AWS serves a request that only the two-step rule denies. */
export function ruleOf({ gate }: { readonly gate: Gate }): Rule {
  return GATES[gate].rule;
}

type AnyGate = keyof typeof GATES;

/** The policies that report gates. */
export type GatePolicy = (typeof GATES)[AnyGate]["policies"][number];

/** Whose rule a policy enforces: that of the gates it reports. */
export function ruleOfPolicy(policy: GatePolicy): Rule {
  const entries = Object.values<GateEntry>(GATES);
  return entries.some(({ rule, policies }) => rule === "two-step" && policies.includes(policy))
    ? "two-step"
    : "aws";
}

type ReportedAs<G extends AnyGate> = (typeof GATES)[G] extends { readonly reportedAs: infer Name } ? Name : G;

/** The names of gates in reports. */
export type ReportedGate = { [G in AnyGate]: ReportedAs<G> }[AnyGate];

/** The name of a gate in the JSON formats. */
export function reportedAs(gate: AnyGate): ReportedGate {
  const { reportedAs: name = gate }: GateEntry = GATES[gate];
  return name as ReportedGate;
}
