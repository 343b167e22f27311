import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

/** Callers that are roles for federated identities: Cognito identity pools, SAML and OpenID Connect. */
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const only = [INVOKE, CREDENTIALS, EXECUTE, "unproven-access"];

type Grants = (base: Base) => aws.iam.PolicyStatement[];
const executeGrants: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
];
const bothGrants: Grants = (base) => [...executeGrants(base), allow("lambda:InvokeFunction", base.fn.arn)];

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

const trustStatement = (aud: pulumi.Input<string>, amr: string, more: object = {}) => ({
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
  /** The role is assigned by a rule of a role mapping instead of by the pool's roles. */
  readonly mapped?: boolean;
  readonly attached?: false;
}

const withPool = ({
  login = "authenticated",
  grants = bothGrants,
  trust,
  callerCredentials,
  mapped,
  attached,
}: Pool) =>
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
      const statement = trust?.(identities, login) ?? trustStatement(identities.id, login);
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

const LACKS_INVOKE = [`${INVOKE} @ visitor`];
// The trust policy contains the pool's id, so it is unknown on a first preview.
const UNTRUSTED = { "first-preview": [], deployed: [`${EXECUTE} @ visitor`] };

for (const login of ["authenticated", "unauthenticated"] as const)
  cases(`${login} identities of an identity pool`, [
    { name: "role with both actions", program: withPool({ login }), expected: [] },
    {
      name: "role without lambda:InvokeFunction",
      program: withPool({ login, grants: executeGrants }),
      expected: LACKS_INVOKE,
    },
    // Cognito's scope-down policy for unauthenticated identities allows both services.
    {
      name: "caller credentials, role with both actions",
      program: withPool({ login, callerCredentials: true }),
      expected: [],
    },
    {
      name: "caller credentials, role without lambda:InvokeFunction",
      program: withPool({ login, callerCredentials: true, grants: executeGrants }),
      expected: [`${CREDENTIALS} @ visitor`],
    },
    {
      name: "role without grants on the API",
      program: withPool({ login, grants: () => [allow("mobileanalytics:PutEvents", "*")] }),
      expected: [],
    },
    {
      name: "grant on a path with the identity's id, role with both actions",
      program: withPool({
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
      name: "grant on a path with the identity's id, role without lambda:InvokeFunction",
      program: withPool({
        login,
        grants: ({ api }) => [
          allow(
            "execute-api:Invoke",
            pulumi.interpolate`${api.executionArn}/*/GET/orders/\${cognito-identity.amazonaws.com:sub}`,
          ),
        ],
      }),
      expected: LACKS_INVOKE,
    },
    {
      name: "trust policy for another identity pool",
      program: withPool({
        login,
        trust: () => trustStatement("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      // This trust policy contains no unknown value.
      expected: UNTRUSTED,
    },
    {
      name: "trust policy for the other kind of identities",
      program: withPool({
        login,
        trust: ({ id }) =>
          trustStatement(id, login === "authenticated" ? "unauthenticated" : "authenticated"),
      }),
      // `amr` also contains the name of the login provider, which may be this text.
      expected: login === "authenticated" ? [] : UNTRUSTED,
    },
    {
      name: "trust policy for both kinds of identities",
      program: withPool({ login, trust: ({ id }) => trustStatement(id, "*") }),
      expected: [],
    },
    {
      name: "trust policy for a service",
      program: withPool({
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
      name: "trust policy without a condition on the kind of identity",
      program: withPool({
        login,
        trust: ({ id }) =>
          trustStatement(id, login, {
            Condition: { StringEquals: { "cognito-identity.amazonaws.com:sub": "us-east-1:someone" } },
          }),
      }),
      expected: [],
    },
    {
      name: "trust policy with a misspelled condition key",
      program: withPool({
        login,
        trust: ({ id }) =>
          trustStatement(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id },
              "ForAnyValue:StringLike": { "cognito-identity.amazon.com:amr": login },
            },
          }),
      }),
      expected: UNTRUSTED,
    },
    {
      name: "trust policy with a condition key that does not exist",
      program: withPool({
        login,
        trust: () =>
          trustStatement("", login, {
            Condition: { StringEquals: { "cognito-identity.amazonaws.com:audience": "us-east-1:pool" } },
          }),
      }),
      expected: [`${EXECUTE} @ visitor`],
    },
    {
      name: "trust policy with a misspelled key in a negated condition",
      program: withPool({
        login,
        trust: ({ id }) =>
          trustStatement(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id },
              StringNotEquals: { "cognito-identity.amazon.com:amr": "someone" },
            },
          }),
      }),
      expected: [],
    },
    {
      name: "trust policy with a global condition key",
      program: withPool({
        login,
        trust: ({ id }) =>
          trustStatement(id, login, {
            Condition: {
              StringEquals: { "cognito-identity.amazonaws.com:aud": id, "aws:RequestedRegion": "us-east-1" },
            },
          }),
      }),
      expected: [],
    },
    {
      name: "trust policy with a Deny",
      program: withPool({
        login,
        trust: ({ id }) => [trustStatement(id, login), trustStatement(id, login, { Effect: "Deny" })],
      }),
      expected: UNTRUSTED,
    },
    {
      name: "role that is not attached to the pool",
      program: withPool({
        login,
        attached: false,
        trust: () => trustStatement("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      expected: [],
    },
    {
      name: "trust policy for another identity pool, role without grants on the API",
      program: withPool({
        login,
        grants: () => [allow("s3:GetObject", "*")],
        trust: () => trustStatement("us-east-1:00000000-0000-0000-0000-000000000000", login),
      }),
      expected: [],
    },
  ]);

cases("roles from the rules of a role mapping", [
  { name: "role with both actions", program: withPool({ mapped: true }), expected: [] },
  {
    name: "role without lambda:InvokeFunction",
    program: withPool({ mapped: true, grants: executeGrants }),
    expected: LACKS_INVOKE,
  },
  {
    name: "trust policy for another login provider",
    program: withPool({ mapped: true, trust: ({ id }) => trustStatement(id, "graph.facebook.com") }),
    expected: [],
  },
  {
    name: "trust policy for another identity pool",
    program: withPool({
      mapped: true,
      trust: () => trustStatement("us-east-1:00000000-0000-0000-0000-000000000000", "*"),
    }),
    expected: UNTRUSTED,
  },
  {
    name: "trust policy for unauthenticated identities",
    program: withPool({ mapped: true, trust: ({ id }) => trustStatement(id, "unauthenticated") }),
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

const withTrust = (trust: object, grants: Grants) =>
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

const invokeIf =
  (condition: Record<string, Record<string, string>>): Grants =>
  (base) => [
    ...executeGrants(base),
    { ...allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:orders"), Condition: condition },
  ];

for (const [name, trust] of Object.entries(TRUSTS))
  cases(`roles for ${name}`, [
    { name: "role with both actions", program: withTrust(trust, bothGrants), expected: [] },
    {
      name: "role without lambda:InvokeFunction",
      program: withTrust(trust, executeGrants),
      expected: LACKS_INVOKE,
    },
  ]);

// On a first preview the document with these conditions is unknown.
cases(
  "lambda:InvokeFunction with a condition on the session",
  (
    [
      [
        "aws:FederatedProvider",
        { StringEquals: { "aws:FederatedProvider": "cognito-identity.amazonaws.com" } },
        ["unproven-access @ visitor"],
      ],
      ["aws:userid", { StringLike: { "aws:userid": "*:deploy" } }, ["unproven-access @ visitor"]],
      ["aws:PrincipalTag", { StringEquals: { "aws:PrincipalTag/team": "shop" } }, LACKS_INVOKE],
      [
        "aws:SourceIdentity",
        { StringEquals: { "aws:SourceIdentity": "ann" } },
        ["unproven-access @ visitor"],
      ],
      [
        "cognito-identity.amazonaws.com:aud",
        { StringEquals: { "cognito-identity.amazonaws.com:aud": "x" } },
        ["unproven-access @ visitor"],
      ],
      ["aws:CalledVia", { StringEquals: { "aws:CalledVia": "cloudformation.amazonaws.com" } }, LACKS_INVOKE],
      ["aws:PrincipalIsAWSService", { Bool: { "aws:PrincipalIsAWSService": "true" } }, LACKS_INVOKE],
      ["aws:PrincipalType AssumedRole", { StringEquals: { "aws:PrincipalType": "AssumedRole" } }, []],
      ["aws:PrincipalType User", { StringEquals: { "aws:PrincipalType": "User" } }, LACKS_INVOKE],
    ] as const
  ).map(([name, condition, expected]) => ({
    name,
    program: withTrust(TRUSTS.SAML as object, invokeIf(condition as never)),
    expected: { "first-preview": LACKS_INVOKE, deployed: expected },
  })),
);
