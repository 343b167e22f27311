import assert from "node:assert/strict";
import {
  type ControlPolicies,
  decide,
  type Principal,
  parseDocument,
  type Trilean,
  Unknown,
} from "../../iam";
import { context } from "./support";

/**
 * An independent evaluator, written only from the flow chart of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html , for so
 * few values that every request and every set of policies can be tested.
 */
const ACTIONS = ["lambda:InvokeFunction", "execute-api:Invoke"] as const;
const RESOURCES = [
  "arn:aws:lambda:us-east-1:111111111111:function:a",
  "arn:aws:lambda:us-east-1:111111111111:function:b",
  "arn:aws:lambda:us-east-1:111111111111:function:b:live",
] as const;
const ROLES = ["arn:aws:iam::111111111111:role/r", "arn:aws:iam::222222222222:role/s"] as const;

interface TinyStatement {
  readonly Effect: "Allow" | "Deny";
  /** With a leading `!`: everything except this. */
  readonly Action: string;
  /** With a leading `!`: everything except this. */
  readonly Resource: string;
  readonly Principal?: string;
  /** The value of `aws:k`; with a leading `!`, any other value. */
  readonly key?: string;
}

interface EvaluationContext {
  readonly role: (typeof ROLES)[number];
  readonly action: string;
  readonly resource: string;
  readonly key: string | undefined;
}

/** The values that an element covers, listed instead of matched. */
const ACTION_COVERS: Record<string, (action: string) => boolean> = {
  "lambda:InvokeFunction": (action) => action === "lambda:InvokeFunction",
  "lambda:*": (action) => action === "lambda:InvokeFunction",
  "*": () => true,
  "execute-api:Invoke": (action) => action === "execute-api:Invoke",
};
const RESOURCE_COVERS: Record<string, (resource: string) => boolean> = {
  [RESOURCES[0]]: (resource) => resource === RESOURCES[0],
  [`${RESOURCES[1]}:*`]: (resource) => resource === RESOURCES[2],
  "arn:aws:lambda:*:*:function:b*": (resource) => resource !== RESOURCES[0],
  "*": () => true,
};
const PRINCIPAL_COVERS: Record<string, (role: string) => boolean> = {
  "*": () => true,
  [ROLES[0]]: (role) => role === ROLES[0],
  "111111111111": (role) => role === ROLES[0],
};

/** The value, or all other values after a leading `!`. */
function not<T>(written: string, is: (written: string) => T): { is: T; negated: boolean } {
  const negated = written.startsWith("!");
  return { is: is(negated ? written.slice(1) : written), negated };
}

function coversPart(
  table: Record<string, (value: string) => boolean>,
  written: string,
  value: string,
): boolean {
  const { is, negated } = not(written, (pattern) => table[pattern]?.(value) ?? false);
  return is !== negated;
}

function covers(statement: TinyStatement, evaluationContext: EvaluationContext): boolean {
  return (
    coversPart(ACTION_COVERS, statement.Action, evaluationContext.action) &&
    coversPart(RESOURCE_COVERS, statement.Resource, evaluationContext.resource) &&
    (statement.Principal === undefined ||
      (PRINCIPAL_COVERS[statement.Principal]?.(evaluationContext.role) ?? false)) &&
    (statement.key === undefined ||
      (statement.key.startsWith("!")
        ? `!${evaluationContext.key}` !== statement.key
        : evaluationContext.key === statement.key))
  );
}

/**
 * The flow chart, from the top: denies, the organization's resource and service control policies, then the resource's
 * policy, the identity's, the boundary.
 */
function reference(
  { identity, resource, boundary, rcps = [], scps = [] }: Policies,
  evaluationContext: EvaluationContext,
): Trilean {
  const matchingStatements = (
    statements: readonly TinyStatement[] | undefined,
    effect: string,
  ): readonly TinyStatement[] =>
    (statements ?? []).filter(
      (statement) => statement.Effect === effect && covers(statement, evaluationContext),
    );
  const levels = [...rcps, ...scps];
  if (
    matchingStatements([...identity, ...resource, ...(boundary ?? []), ...levels.flat()], "Deny").length > 0
  )
    return "no";
  if (levels.some((level) => matchingStatements(level, "Allow").length === 0)) return "no";
  const within = boundary === undefined || matchingStatements(boundary, "Allow").length > 0;
  const byIdentity = matchingStatements(identity, "Allow").length > 0 && within;
  const byResource = matchingStatements(resource, "Allow");
  if (evaluationContext.role === ROLES[1]) return byIdentity && byResource.length > 0 ? "yes" : "no";
  if (byIdentity) return "yes";
  // Within the account: a statement for the account only delegates, one for the role does not override its boundary,
  // and AWS does not document whether a boundary limits an allow for everyone.
  const named = new Set(byResource.map(({ Principal }) => Principal));
  if (named.has(ROLES[0]) && within) return "yes";
  if (named.has("*")) return within ? "yes" : "unknown";
  return "no";
}

interface Policies {
  readonly identity: readonly TinyStatement[];
  readonly resource: readonly TinyStatement[];
  readonly boundary?: readonly TinyStatement[] | undefined;
  /** The levels: the root, each organizational unit and the account. */
  readonly rcps?: readonly (readonly TinyStatement[])[];
  readonly scps?: readonly (readonly TinyStatement[])[];
}

function documentOf(statements: readonly TinyStatement[]): object {
  const element = (name: string, written: string): object =>
    not(written, (is) => is).negated ? { [`Not${name}`]: written.slice(1) } : { [name]: written };
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ Effect, Action, Resource, key, Principal }) => ({
      Effect,
      ...element("Action", Action),
      ...element("Resource", Resource),
      ...(Principal === undefined ? {} : { Principal: Principal === "*" ? "*" : { AWS: Principal } }),
      ...(key === undefined
        ? {}
        : key.startsWith("!")
          ? { Condition: { StringNotEquals: { "aws:k": key.slice(1) } } }
          : { Condition: { StringEquals: { "aws:k": key } } }),
    })),
  };
}

const effects = ["Allow", "Deny"] as const;
const actions = ["lambda:InvokeFunction", "lambda:*", "*"];
const resources = [RESOURCES[0], `${RESOURCES[1]}:*`, "arn:aws:lambda:*:*:function:b*"];
const principals = Object.keys(PRINCIPAL_COVERS);

function statementsOf(
  actions: readonly string[],
  resources: readonly string[],
  keys: readonly (string | undefined)[],
  principals: readonly (string | undefined)[] = [undefined],
): readonly TinyStatement[] {
  return effects.flatMap((Effect) =>
    actions.flatMap((Action) =>
      resources.flatMap((Resource) =>
        keys.flatMap((key) =>
          principals.map((Principal) => ({
            Effect,
            Action,
            Resource,
            ...(key === undefined ? {} : { key }),
            ...(Principal === undefined ? {} : { Principal }),
          })),
        ),
      ),
    ),
  );
}
const evaluationContexts: readonly EvaluationContext[] = ROLES.flatMap((role) =>
  ACTIONS.flatMap((action) =>
    RESOURCES.flatMap((resource) => ["v", "w", undefined].map((key) => ({ role, action, resource, key }))),
  ),
);

/** No statement or one, and optionally two, which tests order and denies. */
function sets(statements: readonly TinyStatement[], pairs: boolean): readonly (readonly TinyStatement[])[] {
  return [
    [],
    ...statements.map((statement) => [statement]),
    ...(pairs ? statements.flatMap((a, at) => statements.slice(at + 1).map((b) => [a, b])) : []),
  ];
}

/** Evaluates every request for every combination of policies and counts the results. */
function compare(
  identities: readonly (readonly TinyStatement[])[],
  resourcePolicies: readonly (readonly TinyStatement[])[],
  boundaries: readonly (readonly TinyStatement[] | undefined)[],
  organization: Pick<Policies, "rcps" | "scps"> = {},
): Record<Trilean, number> {
  const read = (use: "identity" | "resource") => (statements: readonly TinyStatement[] | undefined) => ({
    statements,
    document: parseDocument(documentOf(statements ?? []), use),
  });
  const identitySources = identities.map(read("identity"));
  const resourceSources = resourcePolicies.map(read("resource"));
  const bounds = boundaries.map(read("identity"));
  const requests = evaluationContexts.map((evaluationContext) => ({
    evaluationContext,
    principal: {
      kind: "role",
      arn: [evaluationContext.role],
      account: [evaluationContext.role.slice(13, 25)],
    } as Principal,
    context: context({ "aws:k": evaluationContext.key === undefined ? "absent" : [evaluationContext.key] }),
    resource: [evaluationContext.resource],
  }));
  const control = (
    kind: ControlPolicies["kind"],
    levels: readonly (readonly TinyStatement[])[] | undefined,
  ): ControlPolicies | undefined =>
    levels && {
      kind,
      levels: levels.map((statements) => ({
        sources: [{ label: "", ...read(kind === "service" ? "identity" : "resource")(statements) }],
        unseen: [],
      })),
      unattached: [],
    };
  const serviceControl = control("service", organization.scps);
  const resourceControl = control("resource", organization.rcps);
  const answers = { yes: 0, no: 0, unknown: 0 };
  for (const identity of identitySources)
    for (const resource of resourceSources)
      for (const bound of bounds)
        for (const { evaluationContext, principal, context, resource: arn } of requests) {
          // IAM rejects a document without statements; here it represents no document.
          const sources = ({ statements, document }: typeof identity) =>
            statements?.length ? [{ label: "", document }] : [];
          const [boundary] = bound.statements === undefined ? [] : [{ label: "", document: bound.document }];
          const { answer } = decide({
            request: { principal, action: evaluationContext.action, resource: arn, context },
            identity: {
              sources: sources(identity),
              unseen: [],
              ...(boundary ? { boundary } : {}),
              ...(serviceControl ? { serviceControl } : {}),
            },
            resourceControl,
            resource: { sources: sources(resource), unseen: [] },
            sameAccount: evaluationContext.role === ROLES[0] ? "yes" : "no",
          });
          answers[answer]++;
          const policies: Policies = {
            identity: identity.statements ?? [],
            resource: resource.statements ?? [],
            boundary: bound.statements,
            ...organization,
          };
          const expected = reference(policies, evaluationContext);
          if (answer !== expected)
            assert.fail(`${answer}, not ${expected}: ${JSON.stringify([evaluationContext, policies])}`);
        }
  return answers;
}

describe("agreement with a model of AWS's flow chart", () => {
  it("for every request and every set of identity-based policies", function () {
    this.timeout(300_000);
    const answers = compare(
      sets(statementsOf(actions, resources, [undefined, "v"]), true),
      sets(statementsOf(["lambda:*"], resources, [undefined], principals), false),
      [undefined],
    );
    assert.equal(answers.yes + answers.no, 667 * 19 * 36);
    assert.ok(answers.yes > 30_000, JSON.stringify(answers));
  });
  it("for every set of resource policies", function () {
    this.timeout(300_000);
    const answers = compare(
      sets(statementsOf(["*"], [`${RESOURCES[1]}:*`], [undefined]), false),
      sets(statementsOf(["lambda:*"], resources, [undefined, "v"], principals), true),
      [undefined],
    );
    assert.equal(answers.yes + answers.no, 3 * 667 * 36);
    assert.ok(answers.yes > 5_000, JSON.stringify(answers));
  });
  it("for every set of permissions boundaries and negated elements", function () {
    this.timeout(300_000);
    const negated = ["lambda:*", "!lambda:InvokeFunction", "!execute-api:Invoke"];
    const answers = compare(
      sets(statementsOf(negated, ["*", `!${RESOURCES[0]}`, RESOURCES[0]], [undefined, "!v"]), false),
      sets(statementsOf(["*"], [RESOURCES[0]], [undefined, "!v"], principals), false),
      [undefined, ...sets(statementsOf(["lambda:*"], ["*", RESOURCES[0]], [undefined, "v"]), false)],
    );
    assert.equal(answers.yes + answers.no + answers.unknown, 37 * 13 * 10 * 36);
    assert.ok(answers.yes > 3_000 && answers.unknown > 2_000, JSON.stringify(answers));
  });
  it("for every set of service and resource control policies at two levels", function () {
    this.timeout(300_000);
    const everything = { Effect: "Allow", Action: "*", Resource: "*" } as const;
    const identities = [[], [everything]];
    const named = { ...everything, Principal: ROLES[0] };
    const levels = sets(statementsOf(["lambda:*", "*"], [RESOURCES[0], "*"], [undefined, "v"]), true).filter(
      // IAM rejects a document without statements; a level without documents allows nothing.
      (statements) => statements.length > 0,
    );
    const total = { yes: 0, no: 0, unknown: 0 };
    const add = (organization: Pick<Policies, "rcps" | "scps">): void => {
      const answers = compare(identities, [[], [named]], [undefined], organization);
      for (const answer of ["yes", "no", "unknown"] as const) total[answer] += answers[answer];
    };
    const withPrincipal = (level: readonly TinyStatement[]) =>
      level.map((statement) => ({ ...statement, Principal: "*" }));
    for (const level of levels) {
      add({ scps: [[everything], level] });
      add({ scps: [level, level.slice(0, 1)], rcps: [withPrincipal(level.slice(-1))] });
      add({ rcps: [withPrincipal([everything]), withPrincipal(level)] });
    }
    assert.equal(total.yes + total.no + total.unknown, 3 * 136 * 4 * 36);
    assert.ok(total.yes > 3_000, JSON.stringify(total));
  });
  it("is limited to known documents: the evaluator returns unknown where the model denies", () => {
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
      reference(
        { identity: [], resource: [] },
        { role: ROLES[0], action: ACTIONS[0], resource: RESOURCES[0], key: undefined },
      ),
      "no",
    );
    assert.equal(answer, "unknown");
  });
});
