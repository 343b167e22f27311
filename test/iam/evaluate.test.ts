import assert from "node:assert/strict";
import {
  allowStatements,
  apiGatewayServiceContext,
  assumeRoleContext,
  type Decision,
  decide,
  decideTrust,
  directCallContext,
  functionArn,
  type IdentityPolicies,
  mayAllow,
  PartlyKnown,
  type Principal,
  parseDocument,
  type Reason,
  show,
  type Trilean,
  text,
  Unknown,
  withUnknownAnswer,
} from "../../iam";
import { statementsFor } from "../../iam/evaluate/statement";
import { explain } from "../../messages/decisions";
import {
  ACCOUNT,
  ALLOW_ALL,
  API,
  type Case,
  context,
  decideCase,
  describeUnknown,
  FUNCTION,
  FUNCTION_ARN,
  GATEWAY,
  hole,
  MAY_NOT_APPLY,
  OTHER_ACCOUNT,
  ROLE,
  source,
  statements,
  USER,
  unseen,
} from "./support";

const ALLOW = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };
const DENY = { ...ALLOW, Effect: "Deny" };
const NOTHING = statements({ Effect: "Allow", Action: "s3:*", Resource: "*" });
const logic = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html";
const eval_ =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html";
const boundaries = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html";

/** A statement of a resource policy with this Principal. */
const to = (principal: unknown, more: object = {}) => ({ ...ALLOW, Principal: principal, ...more });
const role = { AWS: `arn:aws:iam::${ACCOUNT}:role/caller` };
const session = { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/caller/s1` };
const user = { AWS: `arn:aws:iam::${ACCOUNT}:user/ann` };

type Row = readonly [name: string, given: Case, answer: Trilean, reason?: Reason];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [name, given, answer, reason] of rows)
      it(`${name}: ${answer}`, () => {
        const decision = decideCase(given);
        assert.equal(decision.answer, answer);
        if (reason) assert.equal(decision.reason, reason);
        assert.equal(decision.unknowns.length > 0, answer === "unknown");
        assert.equal(decision.reason === "undecided", answer === "unknown");
      });
  });
}

table(`within one account (${logic})`, [
  ["no statement allows it", { identity: [NOTHING] }, "no", "no-allow"],
  ["no policies", {}, "no", "no-allow"],
  [
    "an identity-based policy allows it",
    { identity: [statements(ALLOW)] },
    "yes",
    "allowed-by-identity-policy",
  ],
  ["one of many documents allows it", { identity: [NOTHING, statements(ALLOW)] }, "yes"],
  ["a deny overrides an allow", { identity: [statements(ALLOW, DENY)] }, "no", "explicit-deny"],
  ["a deny in another document", { identity: [statements(ALLOW), statements(DENY)] }, "no", "explicit-deny"],
  [
    "a deny of the resource",
    { identity: [statements(ALLOW)], resourcePolicies: [statements({ ...DENY, Principal: "*" })] },
    "no",
    "explicit-deny",
  ],
  [
    "a deny of another action",
    { identity: [statements(ALLOW, { ...DENY, Action: "lambda:DeleteFunction" })] },
    "yes",
  ],
  [
    "the resource allows the role",
    { resourcePolicies: [statements(to(role))] },
    "yes",
    "allowed-by-resource-policy",
  ],
  [
    "the resource allows the user",
    { principal: USER, resourcePolicies: [statements(to(user))] },
    "yes",
    "allowed-by-resource-policy",
  ],
  [
    "the resource allows another role",
    { resourcePolicies: [statements(to({ AWS: `arn:aws:iam::${ACCOUNT}:role/other` }))] },
    "no",
  ],
  ["the resource allows everyone", { resourcePolicies: [statements(to("*"))] }, "yes"],
  ["the resource allows every AWS principal", { resourcePolicies: [statements(to({ AWS: "*" }))] }, "yes"],
  [
    "the resource policy names the account, which delegates to identity-based policies",
    { resourcePolicies: [statements(to({ AWS: ACCOUNT }))] },
    "no",
    "no-allow",
  ],
  [
    "the resource policy names the account by its root",
    { resourcePolicies: [statements(to({ AWS: `arn:aws:iam::${ACCOUNT}:root` }))] },
    "no",
  ],
  [
    "a deny for the account applies to its roles",
    {
      identity: [statements(ALLOW)],
      resourcePolicies: [statements({ ...DENY, Principal: { AWS: ACCOUNT } })],
    },
    "no",
    "explicit-deny",
  ],
  ["the resource allows one session", { resourcePolicies: [statements(to(session))] }, "unknown"],
  [
    "the resource allows a session of another role",
    { resourcePolicies: [statements(to({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/other/s` }))] },
    "no",
  ],
  [
    "the resource allows a session of a role with the user's name",
    {
      principal: USER,
      resourcePolicies: [statements(to({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/ann/s` }))],
    },
    "no",
  ],
  [
    "the resource allows a user with the role's name",
    { resourcePolicies: [statements(to({ AWS: `arn:aws:iam::${ACCOUNT}:user/caller` }))] },
    "no",
  ],
  [
    "a statement for a service does not apply to a role",
    { resourcePolicies: [statements(to({ Service: "apigateway.amazonaws.com" }))] },
    "no",
  ],
]);

table(`across accounts (${logic})`, [
  [
    "both allow",
    { sameAccount: "no", identity: [statements(ALLOW)], resourcePolicies: [statements(to(role))] },
    "yes",
  ],
  [
    "both allow, by account",
    {
      sameAccount: "no",
      identity: [statements(ALLOW)],
      resourcePolicies: [statements(to({ AWS: ACCOUNT }))],
    },
    "yes",
  ],
  [
    "both allow a user, by account",
    {
      principal: USER,
      sameAccount: "no",
      identity: [statements(ALLOW)],
      resourcePolicies: [statements(to({ AWS: ACCOUNT }))],
    },
    "yes",
  ],
  ["only the identity", { sameAccount: "no", identity: [statements(ALLOW)] }, "no", "cross-account"],
  [
    "only the resource",
    { sameAccount: "no", identity: [NOTHING], resourcePolicies: [statements(to(role))] },
    "no",
    "cross-account",
  ],
  ["neither", { sameAccount: "no", identity: [NOTHING] }, "no", "no-allow"],
  [
    "unknown whether same account; both",
    { sameAccount: "unknown", identity: [statements(ALLOW)], resourcePolicies: [statements(to(role))] },
    "yes",
  ],
  ["unknown whether same account; one", { sameAccount: "unknown", identity: [statements(ALLOW)] }, "unknown"],
  ["unknown whether same account; neither", { sameAccount: "unknown" }, "no"],
]);

table(`permissions boundaries (${boundaries}, ${eval_})`, [
  [
    "the boundary allows the action",
    { identity: [statements(ALLOW)], boundary: statements(ALLOW_ALL) },
    "yes",
  ],
  [
    "the boundary does not allow the action",
    { identity: [statements(ALLOW)], boundary: NOTHING },
    "no",
    "permissions-boundary",
  ],
  ["a boundary grants nothing", { identity: [NOTHING], boundary: statements(ALLOW_ALL) }, "no", "no-allow"],
  [
    "a deny in the boundary",
    { identity: [statements(ALLOW)], boundary: statements(ALLOW_ALL, DENY) },
    "no",
    "explicit-deny",
  ],
  [
    "limits an allow for the role in a resource policy",
    { boundary: NOTHING, resourcePolicies: [statements(to(role))] },
    "no",
  ],
  [
    "does not limit an allow for the user in a resource policy",
    { principal: USER, boundary: NOTHING, resourcePolicies: [statements(to(user))] },
    "yes",
  ],
  [
    "has no documented effect on an allow for everyone",
    { boundary: NOTHING, resourcePolicies: [statements(to("*"))] },
    "unknown",
  ],
  [
    "does not limit an allow for everyone with a role's ARN",
    {
      boundary: NOTHING,
      resourcePolicies: [statements(to("*", { Condition: { ArnLike: { "aws:PrincipalArn": role.AWS } } }))],
    },
    "yes",
    "allowed-by-resource-policy",
  ],
  [
    "may limit an allow for everyone under another condition",
    {
      boundary: NOTHING,
      resourcePolicies: [statements(to("*", { Condition: { Bool: { "aws:SecureTransport": "true" } } }))],
    },
    "unknown",
  ],
  [
    "may limit an allow for everyone with any ARN",
    {
      boundary: NOTHING,
      resourcePolicies: [statements(to("*", { Condition: { Null: { "aws:PrincipalArn": "false" } } }))],
    },
    "unknown",
  ],
  [
    "may limit an allow for everyone except one role's ARN",
    {
      boundary: NOTHING,
      resourcePolicies: [
        statements(to("*", { Condition: { ArnNotLike: { "aws:PrincipalArn": `${role.AWS}2` } } })),
      ],
    },
    "unknown",
  ],
  ["neither allows", { identity: [NOTHING], boundary: NOTHING }, "no", "no-allow"],
  ["an unknown boundary", { identity: [statements(ALLOW)], boundary: new Unknown() }, "unknown"],
  ["an unknown boundary where nothing allows", { identity: [NOTHING], boundary: new Unknown() }, "no"],
]);

const gateway = (more: Case): Case => ({
  principal: GATEWAY,
  context: apiGatewayServiceContext({ sourceArn: [`${API}/prod/GET/pets`], sourceAccount: [ACCOUNT] }),
  ...more,
});
const byGateway = (condition?: unknown) =>
  statements(
    to({ Service: "apigateway.amazonaws.com" }, condition === undefined ? {} : { Condition: condition }),
  );

table("a service and accounts", [
  [
    "a service does not need the same account",
    gateway({ sameAccount: "no", resourcePolicies: [byGateway()] }),
    "yes",
  ],
  [
    "a service without an allow",
    gateway({ sameAccount: "no", resourcePolicies: [NOTHING] }),
    "no",
    "no-allow",
  ],
]);

table("API Gateway as a service (https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html)", [
  ["no resource policy", gateway({}), "no"],
  ["without a source ARN", gateway({ resourcePolicies: [byGateway()] }), "yes"],
  [
    "its source ARN",
    gateway({ resourcePolicies: [byGateway({ ArnLike: { "AWS:SourceArn": `${API}/*/GET/pets` } })] }),
    "yes",
  ],
  [
    "the bare execution ARN",
    gateway({ resourcePolicies: [byGateway({ ArnLike: { "AWS:SourceArn": API } })] }),
    "no",
  ],
  [
    "its account",
    gateway({ resourcePolicies: [byGateway({ StringEquals: { "aws:SourceAccount": ACCOUNT } })] }),
    "yes",
  ],
  [
    "another account",
    gateway({ resourcePolicies: [byGateway({ StringEquals: { "aws:SourceAccount": OTHER_ACCOUNT } })] }),
    "no",
  ],
  [
    "an organization, since a service belongs to none",
    gateway({ resourcePolicies: [byGateway({ StringEquals: { "aws:PrincipalOrgID": "o-1" } })] }),
    "no",
  ],
  [
    "another service",
    gateway({ resourcePolicies: [statements(to({ Service: "events.amazonaws.com" }))] }),
    "no",
  ],
  ...["APIGateway.amazonaws.com", "apigateway.us-east-1.amazonaws.com", "apigateway.amazonaws.com.cn"].map(
    (Service): Row => [
      `a service's name that may be another form of it, ${Service}`,
      gateway({ resourcePolicies: [statements(to({ Service }))] }),
      "unknown",
    ],
  ),
  [
    "a service with a longer name",
    gateway({ resourcePolicies: [statements(to({ Service: "apigateway.amazonaws.com.example" }))] }),
    "no",
  ],
  [
    "a service with a similar name",
    gateway({ resourcePolicies: [statements(to({ Service: "apigateway2.amazonaws.com" }))] }),
    "no",
  ],
  ["everyone", gateway({ resourcePolicies: [statements(to("*"))] }), "yes"],
  ["a role", gateway({ resourcePolicies: [statements(to(role))] }), "no"],
  [
    "another case in the action",
    gateway({
      resourcePolicies: [
        statements(to({ Service: "apigateway.amazonaws.com" }, { Action: "lambda:invokeFunction" })),
      ],
    }),
    "yes",
  ],
  [
    "another action",
    gateway({
      resourcePolicies: [
        statements(to({ Service: "apigateway.amazonaws.com" }, { Action: "lambda:InvokeFunctionUrl" })),
      ],
    }),
    "no",
  ],
  [
    "an unknown source ARN",
    gateway({ resourcePolicies: [byGateway({ ArnLike: { "AWS:SourceArn": new Unknown() } })] }),
    "unknown",
  ],
  [
    "unknown statements",
    gateway({ resourcePolicies: { sources: [], unseen: [unseen("an import")] } }),
    "unknown",
  ],
  [
    "for calls with lambda:InvokedViaFunctionUrl false",
    gateway({ resourcePolicies: [byGateway({ Bool: { "lambda:InvokedViaFunctionUrl": "false" } })] }),
    "unknown",
  ],
  [
    "for calls with lambda:InvokedViaFunctionUrl false, IfExists",
    gateway({ resourcePolicies: [byGateway({ BoolIfExists: { "lambda:InvokedViaFunctionUrl": "false" } })] }),
    "yes",
  ],
  [
    "for calls with lambda:InvokedViaFunctionUrl true",
    gateway({ resourcePolicies: [byGateway({ Bool: { "lambda:InvokedViaFunctionUrl": "true" } })] }),
    "no",
  ],
]);

const elements = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements";
table(`what decides (${eval_})`, [
  [
    "a resource policy that names the user, since a boundary limits only the user's own policies",
    {
      principal: USER,
      identity: [statements(ALLOW)],
      boundary: NOTHING,
      resourcePolicies: [statements(to(user))],
    },
    "yes",
    "allowed-by-resource-policy",
  ],
  [
    "across accounts, the resource policy that is missing, and not the boundary that allows it",
    {
      identity: [statements(ALLOW)],
      boundary: statements(ALLOW_ALL),
      resourcePolicies: [],
      sameAccount: "no",
    },
    "no",
    "cross-account",
  ],
  [
    "no allow, though there may be a deny",
    { identity: [statements({ ...DENY, Condition: { StringEquals: { "aws:SourceIp": "x" } } })] },
    "no",
    "no-allow",
  ],
]);

const withStatement = (patch: object): Case => ({ identity: [statements({ ...ALLOW, ...patch })] });
const withoutElements = (statement: object, ...names: string[]): object =>
  Object.fromEntries(Object.entries(statement).filter(([name]) => !names.includes(name)));
table(`Action and NotAction (${elements}_action.html, ${elements}_notaction.html)`, [
  ["no case", withStatement({ Action: "LAMBDA:INVOKEFUNCTION" }), "yes"],
  ["a star in the name", withStatement({ Action: "lambda:Invoke*" }), "yes"],
  ["a question mark", withStatement({ Action: "lambda:InvokeFunctio?" }), "yes"],
  ["a list", withStatement({ Action: ["s3:*", "lambda:*"] }), "yes"],
  ["everything", withStatement({ Action: "*" }), "yes"],
  ["any service", withStatement({ Action: "*:*" }), "yes"],
  ["a name that is not an action", withStatement({ Action: "lambda:Invoke" }), "no"],
  [
    "NotAction with another action",
    { identity: [statements({ ...withoutElements(ALLOW, "Action"), NotAction: "iam:*" })] },
    "yes",
  ],
  [
    "NotAction with the same action",
    { identity: [statements({ ...withoutElements(ALLOW, "Action"), NotAction: ["iam:*", "lambda:*"] })] },
    "no",
  ],
  [
    "a deny of every other action",
    { identity: [statements(ALLOW, { ...withoutElements(DENY, "Action"), NotAction: "lambda:*" })] },
    "yes",
  ],
  [
    "a deny of all actions except others",
    { identity: [statements(ALLOW, { ...withoutElements(DENY, "Action"), NotAction: "iam:*" })] },
    "no",
  ],
  ["an unknown action", withStatement({ Action: new Unknown() }), "unknown"],
  [
    "an unknown action of another service",
    withStatement({ Action: new PartlyKnown(text("s3:", hole("any"))) }),
    "no",
  ],
  ["an unknown deny", { identity: [statements(ALLOW, { ...DENY, Action: new Unknown() })] }, "unknown"],
  [
    "an unknown effect alongside an allow",
    { identity: [statements(ALLOW, { ...ALLOW, Effect: new Unknown() })] },
    "unknown",
  ],
  [
    "an unknown effect on something else",
    { identity: [statements(ALLOW, { ...ALLOW, Action: "s3:*", Effect: new Unknown() })] },
    "yes",
  ],
]);
table(`Resource and NotResource (${elements}_resource.html, ${elements}_notresource.html)`, [
  ["a list", withStatement({ Resource: ["arn:aws:s3:::a", FUNCTION_ARN] }), "yes"],
  [
    "NotResource with another function",
    { identity: [statements({ ...withoutElements(ALLOW, "Resource"), NotResource: `${FUNCTION_ARN}2` })] },
    "yes",
  ],
  [
    "NotResource with the same function",
    { identity: [statements({ ...withoutElements(ALLOW, "Resource"), NotResource: FUNCTION_ARN })] },
    "no",
  ],
  [
    "a variable",
    {
      ...withStatement({ Resource: "arn:aws:lambda:*:*:function:${aws:username}-*" }),
      principal: USER,
      resource: ["arn:aws:lambda:us-east-1:1:function:ann-x"],
    },
    "yes",
  ],
  [
    "a variable with another value",
    {
      ...withStatement({ Resource: "arn:aws:lambda:*:*:function:${aws:username}-*" }),
      principal: USER,
      resource: ["arn:aws:lambda:us-east-1:1:function:bob-x"],
    },
    "no",
  ],
  [
    "a variable that a role does not have",
    withStatement({ Resource: "arn:aws:lambda:*:*:function:${aws:username}" }),
    "no",
  ],
  [
    "a tag with an unknown value",
    withStatement({ Resource: "arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}" }),
    "unknown",
  ],
  [
    "a tag with an unknown value in a name that cannot match",
    withStatement({ Resource: "arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}-x" }),
    "no",
  ],
  [
    "a variable in the account field, which IAM does not support",
    withStatement({ Resource: "arn:aws:lambda:us-east-1:${aws:PrincipalAccount}:function:orders" }),
    "unknown",
  ],
  [
    "a variable in the account field of another function's ARN",
    withStatement({ Resource: "arn:aws:lambda:us-east-1:${aws:PrincipalAccount}:function:users" }),
    "no",
  ],
  ["a Resource that is not an ARN, which IAM refuses", withStatement({ Resource: "orders" }), "unknown"],
  [
    "a misspelled Condition, which IAM refuses",
    withStatement({ Condtion: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } } }),
    "unknown",
  ],
  ["a misspelled Condition in an unrelated statement", withStatement({ Action: "s3:*", Condtion: {} }), "no"],
  [
    "an unsupported element of the document",
    { identity: [{ ...statements(ALLOW), Statements: [] }] },
    "unknown",
  ],
  [
    "a NotResource that is not an ARN",
    { identity: [statements({ ...withoutElements(ALLOW, "Resource"), NotResource: "orders" })] },
    "unknown",
  ],
  ["an unknown resource", withStatement({ Resource: new Unknown() }), "unknown"],
  [
    "an unknown resource alongside one that matches",
    withStatement({ Resource: [new Unknown(), "*"] }),
    "yes",
  ],
]);
it("a Deny with NotPrincipal of a role can apply to that role if its boundary is unknown", () => {
  const decided = (identity: IdentityPolicies | undefined): Trilean =>
    decide({
      request: {
        principal: ROLE,
        action: "lambda:InvokeFunction",
        resource: FUNCTION,
        context: directCallContext({ caller: ROLE }),
      },
      identity,
      resource: {
        sources: [
          source(
            statements(to(session), { ...DENY, NotPrincipal: { AWS: [role.AWS, ACCOUNT] } }),
            "resource",
          ),
        ],
        unseen: [],
      },
      sameAccount: "yes",
    }).parts?.deny ?? "yes";
  assert.equal(decided(undefined), "unknown");
  assert.equal(decided({ sources: [], unseen: [] }), "no");
});
const keysPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";
const when = (Condition: object, more: Partial<Case> = {}): Case => ({
  ...withStatement({ Action: "*", Resource: "*", Condition }),
  ...more,
});
table(`keys that the ARN of the resource answers (${keysPage})`, [
  ["its account", when({ StringEquals: { "aws:ResourceAccount": ACCOUNT } }), "yes"],
  ["another account", when({ StringEquals: { "aws:ResourceAccount": OTHER_ACCOUNT } }), "no"],
  ["its region", when({ StringEquals: { "aws:RequestedRegion": "us-east-1" } }), "yes"],
  ["another region", when({ StringEquals: { "aws:RequestedRegion": "eu-west-1" } }), "no"],
  [
    "the account, for an ARN without an account",
    when({ StringEquals: { "aws:ResourceAccount": ACCOUNT } }, { resource: ["arn:aws:s3:::bucket"] }),
    "unknown",
  ],
  [
    "the region, for an ARN without a region",
    when({ StringEquals: { "aws:RequestedRegion": "us-east-1" } }, { resource: ["arn:aws:s3:::bucket"] }),
    "unknown",
  ],
  [
    "account and region of an unknown ARN",
    when({ StringEquals: { "aws:ResourceAccount": ACCOUNT } }, { resource: [hole("any")] }),
    "unknown",
  ],
  [
    "the region of the request",
    when(
      { StringEquals: { "aws:ResourceAccount": OTHER_ACCOUNT } },
      { context: context({ "aws:ResourceAccount": [OTHER_ACCOUNT] }) },
    ),
    "yes",
  ],
]);
it("the statements for an action are searched once", () => {
  const document = parseDocument(statements(ALLOW, { ...ALLOW, Action: "s3:*" }), "identity");
  const [invoke, put] = ["lambda:InvokeFunction", "s3:PutObject"].map((action) =>
    statementsFor(document, action),
  );
  assert.deepEqual(
    invoke?.map(({ statement }) => statement.index),
    [0],
  );
  assert.equal(statementsFor(document, "lambda:InvokeFunction"), invoke);
  assert.equal(statementsFor(document, "s3:PutObject"), put);
});
table(`Principal and NotPrincipal (${elements}_principal.html, ${elements}_notprincipal.html)`, [
  [
    "an allow for everyone except another role, which AWS documents as unsupported",
    {
      resourcePolicies: [
        statements({ ...ALLOW, NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/other` } }),
      ],
    },
    "unknown",
  ],
  [
    "a deny for everyone except another role",
    {
      identity: [statements(ALLOW)],
      resourcePolicies: [
        statements({ ...DENY, NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/other` } }),
      ],
    },
    "no",
  ],
  [
    "a deny for everyone except the role and its account",
    {
      identity: [statements(ALLOW)],
      resourcePolicies: [statements({ ...DENY, NotPrincipal: { AWS: [role.AWS, ACCOUNT] } })],
    },
    "yes",
  ],
  [
    "the same deny for a principal with a permissions boundary",
    {
      identity: [statements(ALLOW)],
      boundary: statements(ALLOW_ALL),
      resourcePolicies: [statements({ ...DENY, NotPrincipal: { AWS: [role.AWS, ACCOUNT] } })],
    },
    "no",
  ],
  [
    "the same deny for a principal with an unknown permissions boundary",
    {
      identity: {
        sources: [source(statements(ALLOW))],
        unseen: [],
        boundary: { label: "boundary", document: new Unknown() },
      },
      resourcePolicies: [
        statements({ ...ALLOW, Principal: user }, { ...DENY, NotPrincipal: { AWS: [user.AWS, ACCOUNT] } }),
      ],
      principal: USER,
    },
    "unknown",
  ],
  [
    "the same deny for a boundary that may not be in effect",
    {
      identity: {
        sources: [source(statements(ALLOW))],
        unseen: [],
        boundary: {
          ...source(statements(ALLOW_ALL)),
          mayNotApply: MAY_NOT_APPLY,
        },
      },
      resourcePolicies: [
        statements({ ...ALLOW, Principal: user }, { ...DENY, NotPrincipal: { AWS: [user.AWS, ACCOUNT] } }),
      ],
      principal: USER,
    },
    "unknown",
  ],
  [
    "the same deny for a boundary that IAM refuses",
    {
      identity: [statements(ALLOW)],
      boundary: "{",
      resourcePolicies: [statements({ ...DENY, NotPrincipal: { AWS: [role.AWS, ACCOUNT] } })],
    },
    "unknown",
  ],
  [
    "the same deny for a service, which has no boundary",
    gateway({
      resourcePolicies: [
        statements(
          { ...ALLOW, Principal: { Service: "apigateway.amazonaws.com" } },
          { ...DENY, NotPrincipal: { Service: "apigateway.amazonaws.com" } },
        ),
      ],
    }),
    "yes",
  ],
  [
    "an allow for everyone except the role and its account",
    { resourcePolicies: [statements({ ...ALLOW, NotPrincipal: { AWS: [role.AWS, ACCOUNT] } })] },
    "no",
  ],
  [
    "a deny for everyone except the role, without its account",
    { identity: [statements(ALLOW)], resourcePolicies: [statements({ ...DENY, NotPrincipal: role })] },
    "unknown",
  ],
  [
    "a deny for everyone except a user, without its account",
    {
      principal: USER,
      identity: [statements(ALLOW)],
      resourcePolicies: [statements({ ...DENY, NotPrincipal: user })],
    },
    "unknown",
  ],
  [
    "a deny for everyone except a user and its account",
    {
      principal: USER,
      identity: [statements(ALLOW)],
      resourcePolicies: [statements({ ...DENY, NotPrincipal: { AWS: [user.AWS, ACCOUNT] } })],
    },
    "yes",
  ],
  [
    "a deny with NotPrincipal *",
    { identity: [statements(ALLOW)], resourcePolicies: [statements({ ...DENY, NotPrincipal: "*" })] },
    "yes",
  ],
  [
    "an allow for everyone except API Gateway",
    gateway({
      resourcePolicies: [statements({ ...ALLOW, NotPrincipal: { Service: "apigateway.amazonaws.com" } })],
    }),
    "no",
  ],
  [
    "an identity provider, which may be that of the role's session",
    { resourcePolicies: [statements(to({ Federated: "cognito-identity.amazonaws.com" }))] },
    "unknown",
  ],
  [
    "a federated user session",
    { resourcePolicies: [statements(to({ AWS: `arn:aws:sts::${ACCOUNT}:federated-user/ann` }))] },
    "no",
  ],
  [
    "an identity provider and a user",
    {
      principal: USER,
      resourcePolicies: [statements(to({ Federated: "cognito-identity.amazonaws.com" }))],
    },
    "no",
  ],
  [
    "a wildcard for a service, which IAM refuses",
    gateway({ resourcePolicies: [statements(to({ Service: "*" }))] }),
    "unknown",
  ],
  [
    "a wildcard for a service does not match a role",
    { resourcePolicies: [statements(to({ Service: "*" }))] },
    "no",
  ],
  [
    "a wildcard for an identity provider is not a service",
    gateway({ resourcePolicies: [statements(to({ Federated: "*" }))] }),
    "no",
  ],
  [
    "a canonical user",
    {
      sameAccount: "no",
      identity: [statements(ALLOW)],
      resourcePolicies: [statements(to({ CanonicalUser: "79a5" }))],
    },
    "unknown",
  ],
  [
    "a canonical user, for a user",
    {
      principal: USER,
      sameAccount: "no",
      identity: [statements(ALLOW)],
      resourcePolicies: [statements(to({ CanonicalUser: "79a5" }))],
    },
    "unknown",
  ],
  [
    "a canonical user is not a service",
    gateway({ resourcePolicies: [statements(to({ CanonicalUser: "79a5" }))] }),
    "no",
  ],
  [
    "the id of a deleted user",
    { resourcePolicies: [statements(to({ AWS: "AIDAJQABLZS4A3QDU576Q" }))] },
    "unknown",
  ],
  ["an unknown principal", { resourcePolicies: [statements(to(new Unknown()))] }, "unknown"],
  [
    "an unknown AWS principal may be everyone",
    gateway({ resourcePolicies: [statements(to({ AWS: new Unknown() }))] }),
    "unknown",
  ],
  [
    "an unknown service is not a role",
    { resourcePolicies: [statements(to({ Service: new Unknown() }))] },
    "no",
  ],
  [
    "an anonymous request",
    { principal: { kind: "anonymous" }, resourcePolicies: [statements(to("*"))] },
    "yes",
  ],
  [
    "an anonymous request to AWS accounts",
    { principal: { kind: "anonymous" }, resourcePolicies: [statements(to({ AWS: ACCOUNT }))] },
    "no",
  ],
]);

table("unknown policies", [
  ["a document", { identity: [new Unknown()] }, "unknown"],
  ["a document alongside an allow may deny", { identity: [statements(ALLOW), new Unknown()] }, "unknown"],
  ["a document alongside a deny", { identity: [statements(DENY), new Unknown()] }, "no", "explicit-deny"],
  ["a document that IAM refuses", { identity: ["{"] }, "unknown"],
  [
    "further policies, while no statement allows",
    { identity: { sources: [], unseen: [unseen("an attachment")] } },
    "unknown",
  ],
  [
    "further policies, while a statement allows",
    { identity: { sources: [source(statements(ALLOW))], unseen: [unseen("an attachment")] } },
    "yes",
  ],
  [
    "further policies, while a statement denies",
    { identity: { sources: [source(statements(DENY))], unseen: [unseen("an attachment")] } },
    "no",
  ],
  ["unknown policies of a role", { identity: { sources: [], unseen: [unseen("?")] } }, "unknown"],
]);

describe("documents that may not be in effect", () => {
  const uncertainSource = (document: unknown) => ({ ...source(document), mayNotApply: MAY_NOT_APPLY });
  const decideWith = (...sources: ReturnType<typeof source>[]): Decision =>
    decideCase({ identity: { sources, unseen: [] } });
  const rows: readonly [string, () => Decision, Trilean][] = [
    ["may allow", () => decideWith(uncertainSource(statements(ALLOW))), "unknown"],
    ["may deny", () => decideWith(source(statements(ALLOW)), uncertainSource(statements(DENY))), "unknown"],
    [
      "do not change the result of an allow",
      () => decideWith(source(statements(ALLOW)), uncertainSource(statements(ALLOW))),
      "yes",
    ],
    [
      "do not change the result of a deny",
      () => decideWith(source(statements(DENY)), uncertainSource(statements(ALLOW))),
      "no",
    ],
    ["cannot allow another action", () => decideWith(uncertainSource(NOTHING)), "no"],
    [
      "may be a boundary",
      () =>
        decideCase({
          identity: {
            sources: [source(statements(ALLOW))],
            unseen: [],
            boundary: uncertainSource(statements(ALLOW_ALL)),
          },
        }),
      "unknown",
    ],
  ];
  for (const [name, decided, expected] of rows)
    it(`${name}: ${expected}`, () => assert.equal(decided().answer, expected));
  it("have an unknown with the reason", () => {
    assert.deepEqual(decideWith(uncertainSource(statements(ALLOW))).unknowns.map(describeUnknown), [
      {
        subject: "whether it keeps the document, since a list removes policies that it does not list",
        from: [],
        resolution: "add it to the list in a list, or remove it from the program",
        could: "allow",
      },
    ]);
    assert.deepEqual(explain(decideWith(uncertainSource(statements(ALLOW)))), [
      "Undecided: statement 1 in policy, which may not be in effect",
    ]);
  });
  it("have other unknowns first", () =>
    assert.deepEqual(
      decideWith(uncertainSource(statements({ ...ALLOW, Resource: new Unknown() })))
        .unknowns.map(describeUnknown)
        .map(({ subject }) => subject),
      ["the Resource of statement 1 in policy"],
    ));
  it("cover no action with certainty", () => {
    assert.equal(mayAllow([uncertainSource(statements(ALLOW))], "lambda:InvokeFunction"), "unknown");
    assert.deepEqual(
      allowStatements([uncertainSource(statements(ALLOW))], "lambda:InvokeFunction").map(
        ({ action }) => action,
      ),
      ["unknown"],
    );
  });
});

describe("evidence", () => {
  const lines = (given: Case): string => explain(decideCase(given)).join("\n");
  const label = "in identity policy 0";
  const rows: readonly [string, Case, string][] = [
    ["an allow", { identity: [statements(ALLOW)] }, `Allowed by statement 1 ${label}`],
    [
      "a deny",
      { identity: [statements(ALLOW, { ...DENY, Sid: "Stop" })] },
      `Explicit deny: Sid "Stop" ${label}`,
    ],
    [
      "the related action",
      {
        identity: [
          statements({ Sid: "CallApi", Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }),
        ],
      },
      `Nearest: Sid "CallApi" ${label} allows execute-api:Invoke, not lambda:InvokeFunction`,
    ],
    [
      "a qualifier that the request lacks",
      { identity: [statements({ ...ALLOW, Resource: `${FUNCTION_ARN}:live` })] },
      `Nearest: statement 1 ${label} allows it on ${FUNCTION_ARN}:live, whose qualifier does not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "the nearest of several",
      {
        identity: [
          statements(
            { ...ALLOW, Resource: "arn:aws:lambda:eu-west-1:*:function:orders" },
            { ...ALLOW, Resource: `${FUNCTION_ARN}s` },
          ),
        ],
      },
      `Nearest: statement 2 ${label} allows it on ${FUNCTION_ARN}s, whose function name does not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "a source ARN",
      gateway({ resourcePolicies: [byGateway({ ArnLike: { "AWS:SourceArn": `${API}/*/POST/*` } })] }),
      `Nearest: statement 1 in resource policy requires ArnLike AWS:SourceArn ${API}/*/POST/*, whose method does not match: the request has ${API}/prod/GET/pets`,
    ],
    [
      "another service",
      gateway({ resourcePolicies: [statements(to({ Service: "events.amazonaws.com" }))] }),
      "Nearest: statement 1 in resource policy is for events.amazonaws.com, not for apigateway.amazonaws.com",
    ],
    [
      "an absent key",
      gateway({ resourcePolicies: [byGateway({ StringEquals: { "aws:PrincipalOrgID": "o-1" } })] }),
      "Nearest: statement 1 in resource policy requires StringEquals aws:PrincipalOrgID; the request has no aws:PrincipalOrgID",
    ],
    [
      "an undecided condition",
      { identity: [statements({ ...ALLOW, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } })] },
      `Undecided: statement 1 ${label} requires IpAddress aws:SourceIp, and whether the request meets this is unknown`,
    ],
    ["no related statement", { identity: [NOTHING] }, ""],
  ];
  for (const [name, given, expected] of rows) it(name, () => assert.equal(lines(given), expected));

  it("reports an unknown Effect", () => {
    const given = { identity: [statements({ ...ALLOW, Effect: new Unknown() })] };
    assert.match(lines(given), /^Undecided: statement 1 in identity policy 0 has an unknown Effect$/);
    assert.deepEqual(
      decideCase(given)
        .unknowns.map(describeUnknown)
        .map(({ subject }) => subject),
      ["the Effect of statement 1 in identity policy 0"],
    );
  });
  it("names other actions of Lambda and API Gateway before those of other services", () => {
    const otherServices = {
      Effect: "Allow",
      Action: ["s3:GetObject", "execute-api:ManageConnections"],
      Resource: "*",
    };
    assert.match(
      lines({ identity: [statements(otherServices)] }),
      /allows execute-api:ManageConnections, not lambda/,
    );
    const sameServices = { ...otherServices, Action: ["s3:GetObject", "lambda:GetFunction"] };
    assert.match(
      lines({ identity: [statements(otherServices, sameServices)] }),
      /statement 2 .* allows lambda:GetFunction, not/,
    );
  });
  it("has no mismatch if everything matches", () =>
    assert.equal(
      "miss" in (decideCase({ identity: [statements(ALLOW)] }).decidedBy ?? { mismatch: 1 }),
      false,
    ));
  it("reports the Allow that applies", () => {
    const { decidedBy } = decideCase({ identity: [statements(ALLOW)] });
    assert.deepEqual([decidedBy?.effect, decidedBy?.applies], ["Allow", "yes"]);
  });
  it("distinguishes NotAction, NotResource and NotPrincipal", () => {
    const withNotResource = { ...withoutElements(ALLOW, "Resource"), NotResource: FUNCTION_ARN };
    assert.match(
      lines({ identity: [statements(withNotResource)] }),
      /allows it on all except arn:aws:lambda/,
    );
    const notPrincipalMatch = { ...ALLOW, NotPrincipal: { AWS: "*" } };
    assert.match(
      lines({ resourcePolicies: [statements(notPrincipalMatch)] }),
      /is for all except \*, not for arn:aws:iam/,
    );
    const notLambda = { ...withoutElements(ALLOW, "Action"), NotAction: "lambda:*" };
    assert.match(
      lines({ identity: [statements(notLambda)] }),
      /allows all except lambda:\*, not lambda:InvokeFunction/,
    );
  });
  it("shows no condition values and no Resource that is not an ARN", () => {
    const secret = "hunter2-hunter2";
    const all = [
      decideCase({
        identity: [statements({ ...ALLOW, Condition: { StringEquals: { "aws:PrincipalAccount": secret } } })],
      }),
      decideCase({ identity: [statements({ ...ALLOW, Resource: secret })] }),
      decideCase({ identity: [statements({ ...ALLOW, Resource: [secret, new Unknown()] })] }),
      decideCase(
        gateway({ resourcePolicies: [byGateway({ StringEquals: { "lambda:EventSourceToken": secret } })] }),
      ),
      decideCase(gateway({ resourcePolicies: [statements(to({ Service: `${secret}!` }))] })),
      decideCase({
        identity: [statements({ ...withoutElements(ALLOW, "Action"), NotAction: [secret, "lambda:*"] })],
      }),
      decideCase({ identity: [statements({ ...ALLOW, Condition: { [secret]: { "aws:SourceIp": "x" } } })] }),
      decideCase({ identity: [statements({ ...ALLOW, Condition: { StringEquals: { [secret]: "x" } } })] }),
    ];
    for (const decision of all)
      assert.ok(
        !JSON.stringify([
          explain(decision),
          decision.unknowns,
          { ...decision.decidedBy, source: 0 },
        ]).includes(secret),
      );
  });
  it("is bounded in length", () => {
    const long = decideCase({
      identity: [
        statements({
          ...ALLOW,
          Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${"x".repeat(9_000)}`,
        }),
      ],
    });
    assert.ok((explain(long)[0] ?? "").length < 700);
  });
  it("names the unknown value and its dependencies", () => {
    const from = [{ key: "urn:role", label: "role x" }];
    const unknowns = (given: Case) =>
      decideCase(given)
        .unknowns.map(describeUnknown)
        .map(({ subject, from, could }) => [subject, from, could]);
    assert.deepEqual(unknowns({ identity: [new Unknown(from)] }), [
      ["the document of identity policy 0", ["role x"], "either"],
    ]);
    assert.deepEqual(unknowns({ identity: [statements({ ...ALLOW, Resource: new Unknown(from) })] }), [
      ["the Resource of statement 1 in identity policy 0", ["role x"], "allow"],
    ]);
    assert.deepEqual(unknowns({ identity: [statements(ALLOW, { ...DENY, Action: new Unknown(from) })] }), [
      ["the Action of statement 2 in identity policy 0", ["role x"], "deny"],
    ]);
  });
  it("shows whether an allow or a deny is unknown", () => {
    assert.deepEqual(decideCase({ identity: [statements(ALLOW), new Unknown()] }).parts, {
      allow: "yes",
      deny: "unknown",
    });
    assert.deepEqual(decideCase({ identity: [statements({ ...ALLOW, Action: new Unknown() })] }).parts, {
      allow: "unknown",
      deny: "no",
    });
  });
  it("can be unknown for a reason outside of the documents", () => {
    const decision: Decision = decideCase({ identity: [statements(ALLOW)] });
    const unknown = { subject: { code: "called-function" }, dependsOn: [] } as const;
    const open = withUnknownAnswer(decision, unknown);
    assert.deepEqual([open.answer, open.reason, open.unknowns], ["unknown", decision.reason, [unknown]]);
    assert.deepEqual([open.decidedBy, open.parts], [decision.decidedBy, decision.parts]);
  });
});

describe("unknowns", () => {
  const unknownsOf = (given: Case) =>
    decideCase(given)
      .unknowns.map(describeUnknown)
      .map(({ subject, from, could }) => ({ subject, from, could }));
  const general = (subject: string) => ({ subject, from: [], could: "allow" });
  it("include whether the principal and resource are in the same account", () =>
    assert.deepEqual(unknownsOf({ sameAccount: "unknown", identity: [statements(ALLOW)] }), [
      general("whether the principal and the resource are in the same account"),
    ]));
  it("include whether a boundary limits an allow for everyone", () =>
    assert.deepEqual(unknownsOf({ boundary: NOTHING, resourcePolicies: [statements(to("*"))] }), [
      general("whether the permissions boundary limits what is allowed to everyone"),
    ]));
  it("include only the boundary if nothing else is unknown", () =>
    assert.deepEqual(unknownsOf({ identity: [statements(ALLOW)], boundary: new Unknown() }), [
      { subject: "the document of boundary", from: [], could: "either" },
    ]));
  it("include every unknown value", () =>
    assert.deepEqual(
      unknownsOf({
        identity: { sources: [], unseen: [unseen("an attachment")] },
        resourcePolicies: { sources: [], unseen: [unseen("an import")] },
      }),
      [general("the policy that an attachment attaches"), general("the policy that an import attaches")],
    ));
  it("include missing policies", () =>
    assert.deepEqual(
      decide({
        request: {
          principal: ROLE,
          action: "lambda:InvokeFunction",
          resource: FUNCTION,
          context: directCallContext({ caller: ROLE }),
        },
        sameAccount: "yes",
      })
        .unknowns.map(describeUnknown)
        .map(({ subject }) => subject),
      ["the policies of the principal, which are not in the plan"],
    ));
  it("do not include values that cannot change the result", () => {
    const unknownDeny = { ...DENY, Sid: "Perhaps", Action: new Unknown() };
    assert.deepEqual(
      unknownsOf({
        identity: {
          sources: [source(statements(ALLOW, { ...ALLOW, Action: new Unknown() }, unknownDeny))],
          unseen: [unseen("more")],
        },
      }).map(({ subject }) => subject),
      ['the Action of Sid "Perhaps" in policy'],
    );
  });
  it("are at most twenty, without repetition", () => {
    const manyStatements = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...ALLOW, Sid: `s${at}`, Action: new Unknown() }));
    assert.equal(unknownsOf({ identity: [statements(...manyStatements(30))] }).length, 20);
    assert.equal(unknownsOf({ identity: [statements(...manyStatements(20))] }).length, 20);
    assert.deepEqual(
      unknownsOf({ identity: [statements({ ...ALLOW, Effect: new Unknown() })] }).map(({ could }) => could),
      ["either"],
    );
    const twice = { ...ALLOW, Sid: "Same", Action: new Unknown() };
    assert.deepEqual(
      unknownsOf({ resourcePolicies: [statements(to(role, twice), to(role, twice))] }).map(
        ({ could }) => could,
      ),
      ["allow"],
    );
  });
  it("include the missing policy across accounts", () => {
    const nearStatement = { ...ALLOW, Resource: `${FUNCTION_ARN}2` };
    const nearest = (given: Case) => decideCase({ ...given, sameAccount: "no" }).decidedBy?.source.label;
    const otherStatements = statements(to(role, { Resource: `${FUNCTION_ARN}2` }));
    assert.equal(
      nearest({ identity: [statements(ALLOW)], resourcePolicies: [otherStatements] }),
      "resource policy",
    );
    assert.equal(
      nearest({ identity: [statements(nearStatement)], resourcePolicies: [statements(to(role))] }),
      "identity policy 0",
    );
  });
  it("include the boundary that does not allow the action", () =>
    assert.equal(
      decideCase({
        identity: [statements(ALLOW)],
        boundary: statements({ ...ALLOW, Resource: `${FUNCTION_ARN}2` }),
      }).decidedBy?.source.label,
      "boundary",
    ));
  it("include an unknown trust policy", () =>
    assert.deepEqual(
      decideTrust({
        trust: new Unknown(),
        request: {
          principal: GATEWAY,
          action: "sts:AssumeRole",
          resource: [`arn:aws:iam::${ACCOUNT}:role/r`],
          context: assumeRoleContext({}),
        },
      })
        .unknowns.map(describeUnknown)
        .map(({ subject }) => subject),
      ["the document of trust policy"],
    ));
});

describe("values that vary by request", () => {
  const verb = hole("word", { id: "verb", name: "the method", oneOf: ["GET", "PUT"], varies: true });
  const id = hole("segment", { id: "id", name: "{id}", varies: true });
  const route = text(`${API}/prod/`, verb, "/pets/", id);
  const call = (...resources: string[]): Decision =>
    decideCase({
      action: "execute-api:Invoke",
      resource: route,
      identity: resources.map((Resource) =>
        statements({ Effect: "Allow", Action: "execute-api:Invoke", Resource }),
      ),
    });
  it("are allowed if each method has a statement", () =>
    assert.equal(call(`${API}/prod/GET/*`, `${API}/prod/PUT/*`).answer, "yes"));
  it("are unknown if one of two methods is allowed", () => {
    const decision = call(`${API}/prod/GET/*`);
    assert.equal(decision.answer, "unknown");
    assert.deepEqual(decision.unknowns.map(describeUnknown), [
      { subject: "the method: allowed for GET; denied for PUT", from: [], varies: true, could: "either" },
    ]);
  });
  it("have a result for each value", () => {
    const all = { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" };
    const decided = (...list: object[]): Decision =>
      decideCase({ action: "execute-api:Invoke", resource: route, identity: [statements(...list)] });
    const get = `${API}/prod/GET/*`;
    assert.deepEqual(decided({ ...all, Resource: get }).parts, { allow: "unknown", deny: "no" });
    assert.deepEqual(decided(all, { ...all, Effect: "Deny", Resource: get }).parts, {
      allow: "yes",
      deny: "unknown",
    });
  });
  it("are the same in the condition keys of a request", () => {
    const decided = (...methods: string[]): Trilean =>
      decideCase({
        action: "execute-api:Invoke",
        resource: route,
        context: {
          keys: new Map([
            ["aws:k", { state: "present", values: [["other"], text("by ", verb)] }],
            ["aws:l", { state: "present", values: [["other"]] }],
          ]),
          otherKeys: "absent",
        },
        identity: [
          statements({
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: `${API}/prod/GET/*`,
            Condition: {
              "ForAnyValue:StringEquals": { "aws:k": methods },
              "ForAllValues:StringEquals": { "aws:l": "other" },
            },
          }),
          statements({ Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/prod/PUT/*` }),
        ],
      }).answer;
    assert.equal(decided("by GET"), "yes");
    assert.equal(decided("by PUT"), "unknown");
  });
  it("have evidence of a statement that does not cover all values", () => {
    const { decidedBy, reason } = call(`${API}/prod/GET/*`);
    assert.equal(reason, "undecided");
    const mismatch = decidedBy?.mismatch;
    assert.equal(mismatch?.element === "Resource" && mismatch.segment, "verb");
  });
  it("are listed with their results", () => {
    const stage = hole("word", {
      id: "stage",
      name: "the stage",
      oneOf: ["dev", "prod"],
      origins: [{ key: "k", label: "Stage s" }],
    });
    const decision = decideCase({
      action: "execute-api:Invoke",
      resource: text(`${API}/`, stage, "/", verb, "/pets"),
      identity: [
        statements(
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/dev/*` },
          {
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: `${API}/prod/GET/*`,
            Condition: { StringEquals: { "aws:SourceIp": "x" } },
          },
        ),
      ],
    });
    assert.deepEqual(decision.unknowns.map(describeUnknown)[0], {
      subject:
        "the stage, the method: allowed for dev GET, dev PUT; denied for prod PUT; undecided for prod GET",
      from: ["Stage s"],
      could: "either",
    });
    assert.deepEqual(
      decision.unknowns
        .slice(1)
        .map(describeUnknown)
        .map(({ subject }) => subject),
      ["condition aws:SourceIp of statement 2 in identity policy 0"],
    );
  });
  it("are unknown if the result of every value is unknown", () => {
    const decision = decideCase({
      action: "execute-api:Invoke",
      resource: text(`${API}/prod/`, verb, "/pets"),
      identity: [
        statements({
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceIp": "x" } },
        }),
      ],
    });
    assert.deepEqual(
      decision.unknowns.map(describeUnknown).map(({ subject }) => subject),
      ["condition aws:SourceIp of statement 1 in identity policy 0"],
    );
    assert.deepEqual(decision.parts, { allow: "unknown", deny: "no" });
  });
  it("have at most twenty unknowns in total", () => {
    const decision = decideCase({
      action: "execute-api:Invoke",
      resource: text(`${API}/prod/`, verb, "/pets"),
      identity: [
        statements(
          ...Array.from({ length: 15 }, (_, at) => ({
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: `${API}/*/${at % 2 === 0 ? "GET" : "PUT"}/*`,
            Condition: { StringEquals: { [`aws:k${at}`]: new Unknown() } },
          })),
          ...Array.from({ length: 15 }, (_, at) => ({
            Effect: "Deny",
            Action: "execute-api:Invoke",
            Resource: "*",
            Condition: { StringEquals: { [`aws:d${at}`]: new Unknown() } },
          })),
        ),
      ],
      context: { keys: new Map(), otherKeys: "unknown" },
    });
    assert.equal(decision.unknowns.length, 20);
  });
  it("are unknown if there are too many combinations", () => {
    const manyValues = hole("word", { id: "many", oneOf: Array.from({ length: 17 }, (_, at) => `v${at}`) });
    const decided = (Resource: string): Trilean =>
      decideCase({
        action: "execute-api:Invoke",
        resource: text(`${API}/prod/`, manyValues, "/pets"),
        identity: [statements({ Effect: "Allow", Action: "execute-api:Invoke", Resource })],
      }).answer;
    assert.equal(decided(`${API}/*`), "yes");
    assert.equal(decided(`${API}/prod/v1/pets`), "unknown");
    assert.equal(decided(`${API}/prod/w/pets`), "no");
  });
  it("have parts only if all values have the same result", () => {
    assert.deepEqual(call(`${API}/prod/GET/*`).parts, { allow: "unknown", deny: "no" });
    assert.deepEqual(call(`${API}/*`).parts, { allow: "yes", deny: "no" });
  });
  it("are the same value in the condition keys of the request", () => {
    const decision = decideCase({
      action: "execute-api:Invoke",
      resource: text(`${API}/prod/`, verb, "/pets"),
      context: {
        keys: new Map([
          ["aws:verb", { state: "present", values: [[verb]] }],
          ["aws:other", { state: "present", values: [["x"]] }],
        ]),
        otherKeys: "absent",
      },
      identity: ["GET", "PUT"].map((method) =>
        statements({
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: `${API}/prod/${method}/*`,
          Condition: { StringEquals: { "aws:verb": method, "aws:other": "x" } },
        }),
      ),
    });
    assert.equal(decision.answer, "yes");
  });
  it("are denied if no method is allowed", () => assert.equal(call(`${API}/prod/POST/*`).answer, "no"));
  it("are unknown if one of two paths is allowed", () => {
    const decision = call(`${API}/prod/*/pets/a1`);
    assert.equal(decision.answer, "unknown");
    assert.ok(decision.unknowns.every(({ varies }) => varies === true));
  });
  it("do not include other unknown values", () => {
    const decision = decideCase({
      action: "execute-api:Invoke",
      resource: route,
      identity: [
        statements({
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: `${API}/*`,
          Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } },
        }),
      ],
    });
    assert.ok(decision.unknowns.every(({ varies }) => varies !== true));
  });
  it("never contain the braces of a path template", () =>
    assert.equal(call(`${API}/prod/*/pets/{id}/x`).answer, "no"));
});

describe("trust policies (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html)", () => {
  const TRUST = {
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "sts:AssumeRole",
  };
  const trusts = (document: unknown, principal: Principal = GATEWAY): Decision =>
    decideTrust({
      trust: document instanceof Unknown ? document : source(document, "trust"),
      request: {
        principal,
        action: "sts:AssumeRole",
        resource: [`arn:aws:iam::${ACCOUNT}:role/r`],
        context: assumeRoleContext({}),
      },
    });
  const rows: readonly [string, unknown, Trilean, Principal?][] = [
    ["the service", statements(TRUST), "yes"],
    [
      "among others",
      statements({ ...TRUST, Principal: { Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"] } }),
      "yes",
    ],
    ["another service", statements({ ...TRUST, Principal: { Service: "lambda.amazonaws.com" } }), "no"],
    ["another action", statements({ ...TRUST, Action: "sts:AssumeRoleWithSAML" }), "no"],
    ["a deny", statements(TRUST, { ...TRUST, Effect: "Deny", Principal: { AWS: "*" } }), "no"],
    ["* alone, which IAM refuses", statements({ ...TRUST, Principal: "*" }), "unknown"],
    [
      "NotPrincipal, which IAM refuses",
      statements({ Effect: "Allow", Action: "sts:AssumeRole", NotPrincipal: { AWS: ACCOUNT } }),
      "unknown",
    ],
    ["an identity provider", statements({ ...TRUST, Principal: { Federated: "x.example" } }), "no"],
    [
      "a source account, which integrations do not send",
      statements({ ...TRUST, Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } }),
      "no",
    ],
    [
      "an unknown source ARN",
      statements({ ...TRUST, Condition: { ArnLike: { "aws:SourceArn": `${API}/*` } } }),
      "unknown",
    ],
    [
      "a region, which a role has none of",
      statements({ ...TRUST, Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } }),
      "unknown",
    ],
    [
      "the role's own account",
      statements({ ...TRUST, Condition: { StringEquals: { "aws:ResourceAccount": ACCOUNT } } }),
      "yes",
    ],
    [
      "another account than the role's",
      statements({ ...TRUST, Condition: { StringEquals: { "aws:ResourceAccount": OTHER_ACCOUNT } } }),
      "no",
    ],
    ["an unknown document", new Unknown(), "unknown"],
    ["a role", statements({ ...TRUST, Principal: role }), "yes", ROLE],
    ["an account", statements({ ...TRUST, Principal: { AWS: ACCOUNT } }), "yes", ROLE],
    ["a user that is not named", statements(TRUST), "no", USER],
  ];
  for (const [name, document, answer, principal] of rows)
    it(`${name}: ${answer}`, () => assert.equal(trusts(document, principal).answer, answer));
});

describe("actions that principals are intended to have", () => {
  const rows: readonly [string, readonly unknown[], Trilean][] = [
    ["nothing", [], "no"],
    ["the action", [statements(ALLOW)], "yes"],
    ["a wildcard", [statements({ ...ALLOW, Action: "lambda:*" })], "yes"],
    ["other actions", [NOTHING], "no"],
    ["a deny", [statements(DENY)], "no"],
    ["an unknown action", [statements({ ...ALLOW, Action: new Unknown() })], "unknown"],
    ["an unknown effect", [statements({ ...ALLOW, Effect: new Unknown() })], "unknown"],
    ["an unknown document", [new Unknown()], "unknown"],
    ["an unknown document and the action", [new Unknown(), statements(ALLOW)], "yes"],
  ];
  for (const [name, documents, expected] of rows)
    it(`${name}: ${expected}`, () =>
      assert.equal(
        mayAllow(
          documents.map((document) => source(document)),
          "lambda:InvokeFunction",
        ),
        expected,
      ));
  it("have resources in which policy variables vary", () => {
    const list = allowStatements(
      [source(statements({ ...ALLOW, Resource: "arn:aws:lambda:*:*:function:${aws:username}-${*}" }))],
      "lambda:InvokeFunction",
    );
    assert.deepEqual(
      list.flatMap(({ resources }) =>
        resources.map((resource) =>
          resource.map((piece) => (typeof piece === "string" ? piece : piece.varies)),
        ),
      ),
      [["arn:aws:lambda:*:*:function:", true, "-", true]],
    );
  });
  it("have resources with other text unchanged", () => {
    const written = "arn:aws:lambda:*:*:function:${aws:username}";
    const account = hole("digits", { name: "account" });
    const list = (document: object): readonly string[] =>
      allowStatements([source(document)], "lambda:InvokeFunction").flatMap(({ resources }) =>
        resources.map(show),
      );
    assert.deepEqual(list({ Version: "2008-10-17", Statement: { ...ALLOW, Resource: written } }), [written]);
    const partlyKnown = new PartlyKnown(text("arn:aws:lambda:*:", account, ":function:${aws:username}"));
    assert.deepEqual(list(statements({ ...ALLOW, Resource: partlyKnown })), [
      "arn:aws:lambda:*:<account>:function:<value of ${aws:username}>",
    ]);
  });
  it("do not include unknown documents and empty resources", () => {
    assert.deepEqual(
      allowStatements([{ label: "hidden", document: new Unknown() }], "lambda:InvokeFunction"),
      [],
    );
    const trust = source(
      statements({ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }),
      "trust",
    );
    assert.deepEqual(
      allowStatements([trust], "sts:AssumeRole").map(({ resources }) => resources),
      [[]],
    );
  });
  it("include the statements that allow an action with their resources", () => {
    const list = allowStatements(
      [
        source(
          statements(ALLOW, DENY, {
            ...withoutElements(ALLOW, "Resource"),
            NotResource: "arn:aws:lambda:*:*:function:x",
            Condition: { Bool: { "aws:SecureTransport": "true" } },
          }),
        ),
        source(new Unknown()),
      ],
      "lambda:InvokeFunction",
    );
    assert.deepEqual(
      list.map(({ statement, resources, except, action, conditional }) => [
        statement,
        resources,
        except,
        action,
        conditional,
      ]),
      [
        ["statement 1", [[FUNCTION_ARN]], [], "yes", false],
        ["statement 3", [["*"]], [["arn:aws:lambda:*:*:function:x"]], "yes", true],
      ],
    );
  });
});

describe("functions of a stack", () => {
  const at = {
    partition: ["aws"],
    region: [hole("word", { id: "region" })],
    account: [hole("digits", { id: "account" })],
  } as const;
  const orders = functionArn({ ...at, name: [hole("word", { id: "orders", universe: "functions" })] });
  const users = functionArn({ ...at, name: [hole("word", { id: "users", universe: "functions" })] });
  const granted = (resource: unknown): Trilean =>
    decideCase({ resource: orders, identity: [statements({ ...ALLOW, Resource: resource })] }).answer;
  it("are equal to themselves while they are unknown", () =>
    assert.equal(granted(new PartlyKnown(orders)), "yes"));
  it("are distinct from each other", () => assert.equal(granted(new PartlyKnown(users)), "no"));
  it("are distinct from their qualified ARNs", () =>
    assert.equal(granted(new PartlyKnown(text(orders, ":*"))), "no"));
  it("are covered by wildcards", () => assert.equal(granted("arn:aws:lambda:*:*:function:*"), "yes"));
  it("can be a function that is named literally", () => assert.equal(granted(FUNCTION_ARN), "unknown"));
  it("have the condition keys of the resource", () =>
    assert.equal(
      decideCase({
        resource: FUNCTION,
        identity: [
          statements({
            ...ALLOW,
            Condition: {
              StringEquals: { "aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "us-east-1" },
            },
          }),
        ],
      }).answer,
      "yes",
    ));
});
