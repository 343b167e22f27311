import assert from "node:assert/strict";
import { decide, type Principal, parseDocument, type Trilean, Unknown } from "../../iam";
import { context } from "./support";

/**
 * A second evaluator, written from the flow chart of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html alone, over a
 * universe so small that every request and every set of policies in it can be tried.
 */
const ACTIONS = ["lambda:InvokeFunction", "execute-api:Invoke"] as const;
const RESOURCES = [
  "arn:aws:lambda:us-east-1:111111111111:function:a",
  "arn:aws:lambda:us-east-1:111111111111:function:b",
  "arn:aws:lambda:us-east-1:111111111111:function:b:live",
] as const;
const ROLES = ["arn:aws:iam::111111111111:role/r", "arn:aws:iam::222222222222:role/s"] as const;

interface Tiny {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string;
  readonly Resource: string;
  readonly Principal?: string;
  /** `aws:k` must be this. */
  readonly key?: string;
}

interface Asked {
  readonly role: (typeof ROLES)[number];
  readonly action: string;
  readonly resource: string;
  readonly key: string | undefined;
}

/** What one statement of the tiny universe covers, spelled out instead of matched. */
const ACTION_COVERS: Record<string, (action: string) => boolean> = {
  "lambda:InvokeFunction": (action) => action === "lambda:InvokeFunction",
  "lambda:*": (action) => action === "lambda:InvokeFunction",
  "*": () => true,
};
const RESOURCE_COVERS: Record<string, (resource: string) => boolean> = {
  [RESOURCES[0]]: (resource) => resource === RESOURCES[0],
  [`${RESOURCES[1]}:*`]: (resource) => resource === RESOURCES[2],
  "arn:aws:lambda:*:*:function:b*": (resource) => resource !== RESOURCES[0],
};
const PRINCIPAL_COVERS: Record<string, (role: string) => boolean> = {
  "*": () => true,
  [ROLES[0]]: (role) => role === ROLES[0],
  "111111111111": (role) => role === ROLES[0],
};

function covers(statement: Tiny, asked: Asked): boolean {
  return (
    (ACTION_COVERS[statement.Action]?.(asked.action) ?? false) &&
    (RESOURCE_COVERS[statement.Resource]?.(asked.resource) ?? false) &&
    (statement.Principal === undefined || (PRINCIPAL_COVERS[statement.Principal]?.(asked.role) ?? false)) &&
    (statement.key === undefined || statement.key === asked.key)
  );
}

function reference(identity: readonly Tiny[], resource: readonly Tiny[], asked: Asked): Trilean {
  const hits = (statements: readonly Tiny[], effect: string): readonly Tiny[] =>
    statements.filter((one) => one.Effect === effect && covers(one, asked));
  if (hits([...identity, ...resource], "Deny").length > 0) return "no";
  const byIdentity = hits(identity, "Allow").length > 0;
  const byResource = hits(resource, "Allow");
  if (asked.role === ROLES[1]) return byIdentity && byResource.length > 0 ? "yes" : "no";
  // Within the account, naming the account only delegates.
  return byIdentity || byResource.some(({ Principal }) => Principal !== "111111111111") ? "yes" : "no";
}

function documentOf(statements: readonly Tiny[]): object {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ key, Principal, ...rest }) => ({
      ...rest,
      ...(Principal === undefined ? {} : { Principal: Principal === "*" ? "*" : { AWS: Principal } }),
      ...(key === undefined ? {} : { Condition: { StringEquals: { "aws:k": key } } }),
    })),
  };
}

const effects = ["Allow", "Deny"] as const;
const identityStatements: readonly Tiny[] = effects.flatMap((Effect) =>
  Object.keys(ACTION_COVERS).flatMap((Action) =>
    Object.keys(RESOURCE_COVERS).flatMap((Resource) => [
      { Effect, Action, Resource },
      { Effect, Action, Resource, key: "v" },
    ]),
  ),
);
const resourceStatements: readonly Tiny[] = effects.flatMap((Effect) =>
  Object.keys(PRINCIPAL_COVERS).flatMap((Principal) =>
    Object.keys(RESOURCE_COVERS).map((Resource) => ({ Effect, Action: "lambda:*", Resource, Principal })),
  ),
);
const askedAll: readonly Asked[] = ROLES.flatMap((role) =>
  ACTIONS.flatMap((action) =>
    RESOURCES.flatMap((resource) => ["v", "w", undefined].map((key) => ({ role, action, resource, key }))),
  ),
);

/** No statement, or one; and for identities two, which is where order and denies come in. */
function sets(statements: readonly Tiny[], pairs: boolean): readonly (readonly Tiny[])[] {
  return [
    [],
    ...statements.map((one) => [one]),
    ...(pairs ? statements.flatMap((a, at) => statements.slice(at + 1).map((b) => [a, b])) : []),
  ];
}

describe("agreement with a small model of AWS's flow chart", () => {
  it("on every request and every set of policies of a tiny universe", function () {
    this.timeout(300_000);
    let asked = 0;
    const identities = sets(identityStatements, true).map((statements) => ({
      statements,
      document: parseDocument(documentOf(statements), "identity"),
    }));
    const resources = sets(resourceStatements, false).map((statements) => ({
      statements,
      document: parseDocument(documentOf(statements), "resource"),
    }));
    const requests = askedAll.map((one) => ({
      one,
      principal: { kind: "role", arn: [one.role], account: [one.role.slice(13, 25)] } as Principal,
      context: context({ "aws:k": one.key === undefined ? "absent" : [one.key] }),
      resource: [one.resource],
    }));
    for (const identity of identities)
      for (const resource of resources)
        for (const { one, principal, context, resource: arn } of requests) {
          const { answer } = decide({
            request: { principal, action: one.action, resource: arn, context },
            identity: { sources: [{ label: "", document: identity.document }], unseen: [] },
            resource: { sources: [{ label: "", document: resource.document }], unseen: [] },
            sameAccount: one.role === ROLES[0] ? "yes" : "no",
          });
          asked++;
          const expected = reference(identity.statements, resource.statements, one);
          if (answer !== expected)
            assert.fail(
              `${answer}, not ${expected}: ${JSON.stringify([one, identity.statements, resource.statements])}`,
            );
        }
    assert.ok(asked > 400_000, `${asked} questions`);
  });
  it("the model itself says no to an unknown document's allow, and the evaluator does not guess", () => {
    const { answer } = decide({
      request: {
        principal: { kind: "role", arn: [ROLES[0]], account: ["111111111111"] },
        action: ACTIONS[0],
        resource: [RESOURCES[0]],
        context: context({}),
      },
      identity: { sources: [{ label: "", document: new Unknown() }], unseen: [] },
      sameAccount: "yes",
    });
    assert.equal(
      reference([], [], { role: ROLES[0], action: ACTIONS[0], resource: RESOURCES[0], key: undefined }),
      "no",
    );
    assert.equal(answer, "unknown");
  });
});
