import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

/** Callers that are roles for identities from elsewhere: of Cognito identity pools, of SAML and OpenID Connect. */
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const only = [INVOKE, CREDENTIALS, EXECUTE, "unproven-access"];

type Grants = (base: Base) => aws.iam.PolicyStatement[];
const executes: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
];
const both: Grants = (base) => [...executes(base), allow("lambda:InvokeFunction", base.fn.arn)];

function cases(title: string, rows: readonly Case[]): void {
  describe(`federated callers: ${title}`, () =>
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["attachment"],
      ),
    ));
}

type Login = "authenticated" | "unauthenticated";

const trusting = (aud: pulumi.Input<string>, amr: string, more: object = {}) => ({
  Effect: "Allow" as const,
  Principal: { Federated: "cognito-identity.amazonaws.com" },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: { "cognito-identity.amazonaws.com:aud": aud },
    "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": amr },
  },
  ...more,
});

interface Pool {
  readonly login?: Login;
  readonly grants?: Grants;
  readonly trust?: (pool: aws.cognito.IdentityPool, login: Login) => object | object[];
  readonly callerCredentials?: boolean;
  /** By a rule on what a login says. */
  readonly mapped?: boolean;
  readonly attached?: false;
}

const pool = ({ login = "authenticated", grants = both, trust, callerCredentials, mapped, attached }: Pool) =>
  restStack({
    caller: false,
    ...(callerCredentials
      ? { permission: false, integration: () => ({ credentials: "arn:aws:iam::*:user/*" }) }
      : {}),
    more: (base) => {
      const identities = new aws.cognito.IdentityPool("pool", {
        identityPoolName: "pool",
        allowUnauthenticatedIdentities: true,
      });
      const statement = trust?.(identities, login) ?? trusting(identities.id, login);
      const role = new aws.iam.Role("visitor", {
        name: "visitor",
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: Array.isArray(statement) ? statement : [statement],
        }),
      });
      new aws.iam.RolePolicy("visitor-policy", {
        role: role.name,
        policy: { Version: "2012-10-17", Statement: grants(base) },
      });
      if (attached === false) return;
      new aws.cognito.IdentityPoolRoleAttachment("attachment", {
        identityPoolId: identities.id,
        roles: mapped ? {} : { [login]: role.arn },
        ...(mapped
          ? {
              roleMappings: [
                {
                  identityProvider: "graph.facebook.com",
                  type: "Rules",
                  ambiguousRoleResolution: "AuthenticatedRole",
                  mappingRules: [{ claim: "isAdmin", matchType: "Equals", value: "paid", roleArn: role.arn }],
                },
              ],
            }
          : {}),
      });
    },
  });

const LACKS = [`${INVOKE} @ visitor`];
// The trust policy holds the pool's id, so a first preview does not show it.
const UNTRUSTED = { "first-preview": [], deployed: [`${EXECUTE} @ visitor`] };

for (const login of ["authenticated", "unauthenticated"] as const)
  cases(`${login} identities of a pool`, [
    { name: "hold both actions", program: pool({ login }), expected: [] },
    { name: "lack lambda", program: pool({ login, grants: executes }), expected: LACKS },
    // The policy that Cognito puts on sessions of those that have not logged in allows both services.
    { name: "hold both, passed through", program: pool({ login, callerCredentials: true }), expected: [] },
    {
      name: "lack lambda, passed through",
      program: pool({ login, callerCredentials: true, grants: executes }),
      expected: [`${CREDENTIALS} @ visitor`],
    },
    {
      name: "are not callers",
      program: pool({ login, grants: () => [allow("mobileanalytics:PutEvents", "*")] }),
      expected: [],
    },
    {
      name: "call paths of their own",
      program: pool({
        login,
        grants: ({ api, fn }) => [
          allow(
            "execute-api:Invoke",
            pulumi.interpolate`${api.executionArn}/*/GET/orders/\${cognito-identity.amazonaws.com:sub}`,
          ),
          allow("lambda:InvokeFunction", fn.arn),
        ],
      }),
      expected: [],
    },
    {
      name: "call paths of their own, and lack lambda",
      program: pool({
        login,
        grants: ({ api }) => [
          allow(
            "execute-api:Invoke",
            pulumi.interpolate`${api.executionArn}/*/GET/orders/\${cognito-identity.amazonaws.com:sub}`,
          ),
        ],
      }),
      expected: LACKS,
    },
    {
      name: "the role is for another pool",
      program: pool({
        login,
        trust: () => trusting("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      // Nothing of this trust policy is unknown.
      expected: UNTRUSTED,
    },
    {
      name: "the role is for the others",
      program: pool({
        login,
        trust: ({ id }) => trusting(id, login === "authenticated" ? "unauthenticated" : "authenticated"),
      }),
      // Whatever name the provider of a login has, it might be that word.
      expected: login === "authenticated" ? [] : UNTRUSTED,
    },
    {
      name: "the role is for both",
      program: pool({ login, trust: ({ id }) => trusting(id, "*") }),
      expected: [],
    },
    {
      name: "the role is for a service",
      program: pool({
        login,
        trust: () => ({
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        }),
      }),
      expected: [`${EXECUTE} @ visitor`],
    },
    {
      name: "the role is for those of an unknown kind",
      program: pool({
        login,
        trust: ({ id }) =>
          trusting(id, login, {
            Condition: { StringEquals: { "cognito-identity.amazonaws.com:sub": "us-east-1:someone" } },
          }),
      }),
      expected: [],
    },
    {
      name: "a misspelt key",
      program: pool({
        login,
        trust: ({ id }) =>
          trusting(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id },
              "ForAnyValue:StringLike": { "cognito-identity.amazon.com:amr": login },
            },
          }),
      }),
      expected: UNTRUSTED,
    },
    {
      name: "a key that the pool's identities do not have",
      program: pool({
        login,
        trust: () =>
          trusting("", login, {
            Condition: { StringEquals: { "cognito-identity.amazonaws.com:audience": "us-east-1:pool" } },
          }),
      }),
      expected: [`${EXECUTE} @ visitor`],
    },
    {
      name: "a misspelt key of a negated condition",
      program: pool({
        login,
        trust: ({ id }) =>
          trusting(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id },
              StringNotEquals: { "cognito-identity.amazon.com:amr": "someone" },
            },
          }),
      }),
      expected: [],
    },
    {
      name: "a global key",
      program: pool({
        login,
        trust: ({ id }) =>
          trusting(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id, "aws:RequestedRegion": "us-east-1" },
            },
          }),
      }),
      expected: [],
    },
    {
      name: "a deny in the trust policy",
      program: pool({
        login,
        trust: ({ id }) => [trusting(id, login), trusting(id, login, { Effect: "Deny" })],
      }),
      expected: UNTRUSTED,
    },
    {
      name: "the role is not one of the pool's",
      program: pool({
        login,
        attached: false,
        trust: () => trusting("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      expected: [],
    },
    {
      name: "the role is for another pool and calls nothing",
      program: pool({
        login,
        grants: () => [allow("s3:GetObject", "*")],
        trust: () => trusting("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      expected: [],
    },
  ]);

cases("roles that a pool gives by rules", [
  { name: "hold both actions", program: pool({ mapped: true }), expected: [] },
  { name: "lack lambda", program: pool({ mapped: true, grants: executes }), expected: LACKS },
  {
    name: "are for another login provider",
    program: pool({ mapped: true, trust: ({ id }) => trusting(id, "graph.facebook.com") }),
    expected: [],
  },
  {
    name: "are for another pool",
    program: pool({
      mapped: true,
      trust: () => trusting("us-east-1:00000000-0000-0000-0000-000000000000", "*"),
    }),
    expected: UNTRUSTED,
  },
  {
    name: "are for those that have not logged in",
    program: pool({ mapped: true, trust: ({ id }) => trusting(id, "unauthenticated") }),
    expected: [],
  },
]);

const TRUSTS: Readonly<Record<string, object>> = {
  SAML: {
    Principal: { Federated: "arn:aws:iam::123456789012:saml-provider/okta" },
    Action: "sts:AssumeRoleWithSAML",
    Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
  },
  "GitHub's OpenID Connect": {
    Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringLike: { "token.actions.githubusercontent.com:sub": "repo:example/shop:*" } },
  },
  "another account": {
    Principal: { AWS: "arn:aws:iam::111122223333:root" },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": "x" } },
  },
  "ECS tasks": { Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" },
  "another Lambda function": { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
};

const assumed = (trust: object, grants: Grants) =>
  restStack({
    caller: false,
    more: (base) => {
      const role = new aws.iam.Role("visitor", {
        name: "visitor",
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", ...trust }],
        }),
      });
      new aws.iam.RolePolicy("visitor-policy", {
        role: role.name,
        policy: { Version: "2012-10-17", Statement: grants(base) },
      });
    },
  });

const when =
  (condition: Record<string, Record<string, string>>): Grants =>
  (base) => [
    ...executes(base),
    { ...allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:orders"), Condition: condition },
  ];

for (const [name, trust] of Object.entries(TRUSTS))
  cases(`roles for ${name}`, [
    { name: "hold both actions", program: assumed(trust, both), expected: [] },
    { name: "lack lambda", program: assumed(trust, executes), expected: LACKS },
  ]);

// On a first preview these conditions are in a document that is not shown.
cases(
  "conditions on the session",
  (
    [
      [
        "its provider",
        { StringEquals: { "aws:FederatedProvider": "cognito-identity.amazonaws.com" } },
        ["unproven-access @ visitor"],
      ],
      ["its name", { StringLike: { "aws:userid": "*:deploy" } }, ["unproven-access @ visitor"]],
      ["its tags", { StringEquals: { "aws:PrincipalTag/team": "shop" } }, LACKS],
      [
        "its source identity",
        { StringEquals: { "aws:SourceIdentity": "ann" } },
        ["unproven-access @ visitor"],
      ],
      [
        "a login of the pool",
        { StringEquals: { "cognito-identity.amazonaws.com:aud": "x" } },
        ["unproven-access @ visitor"],
      ],
      [
        "calls through a service",
        { StringEquals: { "aws:CalledVia": "cloudformation.amazonaws.com" } },
        LACKS,
      ],
      ["a service itself", { Bool: { "aws:PrincipalIsAWSService": "true" } }, LACKS],
      ["a role", { StringEquals: { "aws:PrincipalType": "AssumedRole" } }, []],
      ["a user", { StringEquals: { "aws:PrincipalType": "User" } }, LACKS],
    ] as const
  ).map(([name, condition, expected]) => ({
    name,
    program: assumed(TRUSTS.SAML as object, when(condition as never)),
    expected: { "first-preview": LACKS, deployed: expected },
  })),
);
