/** Facts of a stack as literals, for tests of the gates that run no program. */
import { deepEqual } from "node:assert/strict";
import { Access, type Verdict } from "../../../access";
import { NO_FACTS } from "../../../engine/analyze";
import { type PolicySource, parseDocument, text, Unknown } from "../../../iam";
import type {
  Api,
  FunctionTarget,
  FunctionUrl,
  LambdaFunction,
  LambdaIntegration,
  Permission,
  PrincipalFacts,
  Route,
  StackFacts,
} from "../../../stack";

export const ACCOUNT = "123456789012";
export const OTHER_ACCOUNT = "999999999999";
const SCOPE = { partition: text("aws"), region: text("us-east-1"), account: text(ACCOUNT) };

export const EXECUTION_ARN = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc123`;
export const FUNCTION_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`;
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/caller`;

export const API: Api = {
  urn: "api",
  name: "orders-api",
  kind: "REST",
  id: text("abc123"),
  scope: SCOPE,
  executionArn: text(EXECUTION_ARN),
  policies: [],
  private: "no",
  vpcEndpoints: [],
  exists: true,
};

export const FUNCTION: LambdaFunction = {
  urn: "function",
  label: "orders",
  name: text("orders"),
  arn: text(FUNCTION_ARN),
  scope: SCOPE,
  placement: {},
  publishesVersions: false,
  isDurable: false,
};

export const TARGET: FunctionTarget = { function: FUNCTION, arn: text(FUNCTION_ARN) };

export const UNKNOWN_TARGET: FunctionTarget = { arn: new Unknown() };

export function integration(more: Partial<LambdaIntegration> = {}): LambdaIntegration {
  return {
    urn: "integration",
    label: "integration",
    target: TARGET,
    credentials: { mode: "none" },
    ...more,
  };
}

/** `GET /orders` on stage `v1`. */
export function route(more: Partial<Route> = {}): Route {
  return {
    api: API,
    verb: "GET",
    path: text("/orders"),
    authorization: "AWS_IAM",
    integration: integration(),
    stages: [{ urn: "stage", name: text("v1"), variables: new Map() }],
    definedBy: [],
    ...more,
  };
}

export function document(
  use: "identity" | "resource" | "trust",
  ...statements: readonly object[]
): PolicySource {
  return { label: `${use} policy`, key: `${use} policy`, document: parseDocument(policy(statements), use) };
}

/** A policy document that is unknown as a whole. */
export function unknownDocument(label: string): PolicySource {
  return { label, key: label, document: new Unknown([{ key: label, label }]) };
}

function policy(statements: readonly object[]) {
  return {
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  };
}

export const MAY_CALL = { Action: "execute-api:Invoke", Resource: `${EXECUTION_ARN}/v1/GET/orders` };
export const MAY_INVOKE = { Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };

/** The role `caller` with these statements. */
export function role(statements: readonly object[], more: Partial<PrincipalFacts> = {}): PrincipalFacts {
  return {
    urn: "urn:pulumi:dev::shop::aws:iam/role:Role::caller",
    kind: "role",
    name: "caller",
    label: 'role "caller"',
    arn: text(ROLE_ARN),
    account: text(ACCOUNT),
    sources: [document("identity", ...statements)],
    unseen: [],
    ...more,
  };
}

export function trusting(service: string): PolicySource {
  return document("trust", { Principal: { Service: service }, Action: "sts:AssumeRole" });
}

export const AS_ROLE = { mode: "role", arn: text(ROLE_ARN), origins: [] } as const;

/** A permission on the function, for API Gateway unless the statement has another principal. */
export function permission(statement: object, more: Partial<Permission> = {}): Permission {
  return {
    urn: "permission",
    label: "permission",
    target: TARGET,
    source: document("resource", {
      Principal: { Service: "apigateway.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: FUNCTION_ARN,
      ...statement,
    }),
    isForService: true,
    sourceArn: undefined,
    sourceArnOrigins: [],
    inferredFrom: [],
    request: {
      statementId: undefined,
      action: undefined,
      principal: undefined,
      functionName: undefined,
      functionUrlAuthType: undefined,
      partition: "aws",
      size: 0,
    },
    ...more,
  };
}

/** The condition of a permission for a source ARN. */
export function fromSource(sourceArn: string) {
  return { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } };
}

export function functionUrl(more: Partial<FunctionUrl> = {}): FunctionUrl {
  return {
    urn: "url",
    label: "url",
    target: TARGET,
    authorization: "AWS_IAM",
    actionsForEveryone: [],
    ...more,
  };
}

/** A test case of a gate: facts, and the expected verdicts as `outcome cause` or with their codes of unknowns. */
export interface Row {
  readonly name: string;
  readonly facts: Partial<StackFacts>;
  readonly verdicts: readonly string[];
}

/** A stack with these facts and nothing else. */
export function accessTo(facts: Partial<StackFacts>): Access {
  const routes = facts.routes ?? [];
  return new Access({ ...NO_FACTS, apis: [API], functions: [FUNCTION], ...facts, routes });
}

/** Declares a test for each case. */
export function rows(verdictsOf: (access: Access) => readonly Verdict[], table: readonly Row[]): void {
  for (const { name, facts, verdicts } of table)
    it(name, () => {
      deepEqual(verdictsOf(accessTo(facts)).map(shown).sort(), [...verdicts].sort());
    });
}

function shown({ gate, outcome, cause, unknowns }: Verdict): string {
  return [gate, outcome, cause, ...new Set(unknowns.map(({ subject }) => subject.code))].join(" ");
}
