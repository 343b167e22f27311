import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import fc from "fast-check";
import { Access, principalOf } from "../../access";
import { callersOfRoutes } from "../../access/gates/caller-function/callers";
import { NO_DECLARED_CALLERS } from "../../access/gates/caller-route/declared-callers";
import { readStack } from "../../stack";
import { type PlannedResource, plan } from "../../testing";
import { asSdkResources } from "../support/outcomes";
import { caller, endpoint, makeFunction, stage } from "../support/programs";

/**
 * Determines the callers, and the callers without access to the function, by an independent evaluation of IAM: literal
 * policies, regular expressions and the evaluation order of AWS's documentation. It uses no code of the pack.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
}

type Document = readonly Statement[];

function matches(pattern: string, value: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*");
  return new RegExp(`^${source}$`, "i").test(value);
}

function applies(statement: Statement, action: string, resource: string): boolean {
  const matchesAny = (patterns: readonly string[] | undefined, value: string): boolean =>
    (patterns ?? []).some((pattern) => matches(pattern, value));
  return (
    (statement.Action === undefined
      ? !matchesAny(statement.NotAction, action)
      : matchesAny(statement.Action, action)) &&
    (statement.Resource === undefined
      ? !matchesAny(statement.NotResource, resource)
      : matchesAny(statement.Resource, resource))
  );
}

function isAllowed(policy: Document, boundary: Document | undefined, action: string, resource: string) {
  const hasMatching = (document: Document, effect: Statement["Effect"]): boolean =>
    document.some((statement) => statement.Effect === effect && applies(statement, action, resource));
  if (hasMatching(policy, "Deny") || (boundary !== undefined && hasMatching(boundary, "Deny"))) return false;
  return hasMatching(policy, "Allow") && (boundary === undefined || hasMatching(boundary, "Allow"));
}

const ROUTES = [
  { verb: "GET", part: "orders" },
  { verb: "POST", part: "items" },
] as const;

/** One principal of each type for each way to attach a policy. */
const PRINCIPALS = ["role", "attached", "user", "member", "bounded"] as const;
type TestPrincipal = (typeof PRINCIPALS)[number];

function program(): void {
  const api = new aws.apigateway.RestApi("shop");
  const endpoints = ROUTES.map(({ verb, part }) =>
    endpoint(part, api, verb, part, makeFunction(part, { name: part }).invokeArn),
  );
  stage("prod", api, endpoints);
  const policy = "{}";
  new aws.iam.RolePolicy("role-policy", { role: caller("role").name, policy });
  const shared = new aws.iam.Policy("attached-policy", { policy });
  new aws.iam.RolePolicyAttachment("attached", { role: caller("attached").name, policyArn: shared.arn });
  new aws.iam.UserPolicy("user-policy", { user: new aws.iam.User("user").name, policy });
  const group = new aws.iam.Group("group");
  new aws.iam.GroupPolicy("member-policy", { group: group.name, policy });
  new aws.iam.GroupMembership("member", { group: group.name, users: [new aws.iam.User("member").name] });
  const boundary = new aws.iam.Policy("boundary", { policy });
  const hasBoundary = caller("bounded", { permissionsBoundary: boundary.arn });
  new aws.iam.RolePolicy("bounded-policy", { role: hasBoundary.name, policy });
}

interface Stack {
  readonly planned: readonly PlannedResource[];
  readonly execution: string;
  readonly functions: readonly string[];
}

function outputOf(planned: readonly PlannedResource[], name: string, type: string, property: string): string {
  const found = planned.find((resource) => resource.name === name && resource.type.endsWith(`:${type}`));
  return String(found?.outputs[property]);
}

const documents = ({ execution, functions }: Stack): fc.Arbitrary<Document> => {
  const place = execution.split("/")[0]?.replace(/[^:]*$/, "") ?? "";
  const resources = [
    "*",
    `${execution}/*`,
    `${execution}/prod/GET/orders`,
    `${execution}/*/POST/*`,
    `${execution}/dev/*`,
    `${place}*`,
    `${place}abcdef1234/*`,
    "arn:aws:execute-api:*:*:*",
    "arn:aws:lambda:*:*:function:*",
    "arn:aws:lambda:*:*:function:orders",
    "arn:aws:s3:::bucket/*",
    ...functions,
    ...functions.map((arn) => `${arn}:live`),
  ];
  const actions = [
    "*",
    "execute-api:*",
    "execute-api:Invoke",
    "execute-api:ManageConnections",
    "lambda:*",
    "lambda:Invoke*",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "s3:GetObject",
  ];
  const list = (values: readonly string[]) =>
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
  const oneOrBoth = (name: string, values: readonly string[]) =>
    fc
      .tuple(fc.constantFrom(name, name, `Not${name}`), list(values))
      .map(([key, chosen]) => ({ [key]: chosen }));
  const statement = fc
    .tuple(
      fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
      oneOrBoth("Action", actions),
      oneOrBoth("Resource", resources),
    )
    .map(([Effect, action, resource]) => ({ Effect, ...action, ...resource }) as Statement);
  return fc.array(statement, { minLength: 1, maxLength: 3 });
};

const json = (Statement: Document): string => JSON.stringify({ Version: "2012-10-17", Statement });

function withPolicies(
  planned: readonly PlannedResource[],
  policies: Readonly<Record<string, Document>>,
): readonly PlannedResource[] {
  return planned.map((resource) => {
    const newPolicy = policies[resource.name];
    return newPolicy === undefined
      ? resource
      : { ...resource, outputs: { ...resource.outputs, policy: json(newPolicy) } };
  });
}

describe("callers, and those that may not invoke the function", () => {
  let stack: Stack;
  before(async () => {
    const { resources: planned } = await plan(program, { as: "deployed" });
    stack = {
      planned,
      execution: outputOf(planned, "shop", "RestApi", "executionArn"),
      functions: ROUTES.map(({ part }) => outputOf(planned, part, "Function", "arn")),
    };
  });

  it("are the same as in an independent evaluation of IAM", () => {
    fc.assert(
      fc.property(fc.array(documents(stack), { minLength: 6, maxLength: 6 }), (generated) => {
        const [boundary, ...policyDocuments] = generated as [Document, ...Document[]];
        const policies = Object.fromEntries(
          PRINCIPALS.map((name, at) => [`${name}-policy`, policyDocuments[at] ?? []]),
        );
        const access = new Access(
          readStack(asSdkResources(withPolicies(stack.planned, { ...policies, boundary })), "infer"),
        );
        const verdicts = callersOfRoutes(access, false, NO_DECLARED_CALLERS);
        const deniedOrUnproven = verdicts.filter(({ outcome }) => outcome !== "allowed");
        assert.deepEqual(callersOfRoutes(access, false, NO_DECLARED_CALLERS, "reported"), deniedOrUnproven);
        const reported = deniedOrUnproven.map(
          (verdict) =>
            `${verdict.outcome}: ${principalOf(verdict)?.urn.split("::").at(-1)} ${verdict.target.function?.label}`,
        );
        assert.deepEqual(reported.sort(), expected(stack, policies, boundary).sort());
      }),
      { numRuns: 300 },
    );
  });
});

function expected(
  { execution, functions }: Stack,
  policies: Readonly<Record<string, Document>>,
  boundary: Document,
): string[] {
  return PRINCIPALS.flatMap((name: TestPrincipal) => {
    const policy = policies[`${name}-policy`] ?? [];
    const within = name === "bounded" ? boundary : undefined;
    return ROUTES.flatMap(({ verb, part }, at) =>
      isAllowed(policy, within, "execute-api:Invoke", `${execution}/prod/${verb}/${part}`) &&
      !isAllowed(policy, within, "lambda:InvokeFunction", functions[at] ?? "")
        ? [`denied: ${name} ${part}`]
        : [],
    );
  });
}
