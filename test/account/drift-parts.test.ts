/** Drift of each type of resource, declared with either provider, and differences that are not drift. */
import * as assert from "node:assert/strict";
import { accountData, driftOf, type Existing } from "../../account";
import { describeDrift } from "../../messages/drift";
import { ACCOUNT, documentOf, type Files, filesOf } from "./support";

const OTHER = "999999999999";
const DOCUMENT = documentOf({ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" });
const OTHER_DOCUMENT = documentOf({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`;
const API = "abcdef1234";
const SOURCE = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:${API}/*/*`;
const INVOKE = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;

const arnOf = (kind: string, name: string, account = ACCOUNT): string =>
  `arn:aws:iam::${account}:${kind}/${name}`;

type Parts = Readonly<Record<string, unknown>>;

const role = (parts: Parts = {}, account = ACCOUNT): object => ({
  RoleName: "app",
  RoleId: "AROAAAAAAAAAAAAAAAAAA",
  Path: "/",
  Arn: arnOf("role", "app", account),
  AssumeRolePolicyDocument: DOCUMENT,
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  ...parts,
});
const user = (parts: Parts = {}): object => ({
  UserName: "bob",
  UserId: "AIDAAAAAAAAAAAAAAAAAA",
  Path: "/",
  Arn: arnOf("user", "bob"),
  ...parts,
});
const roles = (...RoleDetailList: readonly object[]): Files => ({ "iam.json": { RoleDetailList } });
const users = (...UserDetailList: readonly object[]): Files => ({ "iam.json": { UserDetailList } });
const inlinePolicy = (PolicyDocument: object): Parts => ({
  RolePolicyList: [{ PolicyName: "own", PolicyDocument }],
});

const statement = (parts: Parts = {}): object => ({
  Sid: "gateway",
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: FUNCTION,
  Condition: { ArnLike: { "AWS:SourceArn": SOURCE } },
  ...parts,
});
const functionPolicy = (...Statement: readonly object[]): Files => ({
  "policy.json": { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement }) },
});
const otherStatement = (resource: string): object => statement({ Resource: resource, Sid: "other" });

const restApi = (policy?: object): Parts => ({
  id: API,
  name: "shop",
  rootResourceId: "root000001",
  endpointConfiguration: { types: ["REGIONAL"] },
  ...(policy === undefined ? {} : { policy: JSON.stringify(policy).replaceAll('"', '\\"') }),
});
const methods = (method: Parts = {}, integration: Parts = {}): Files => ({
  "api.json": restApi(),
  "resources.json": {
    items: [
      { id: "root000001", path: "/" },
      {
        id: "res0000001",
        path: "/orders",
        parentId: "root000001",
        pathPart: "orders",
        resourceMethods: {
          GET: {
            httpMethod: "GET",
            authorizationType: "AWS_IAM",
            methodIntegration: { type: "AWS_PROXY", httpMethod: "POST", uri: INVOKE, ...integration },
            ...method,
          },
        },
      },
    ],
  },
});
const http = (route: Parts = {}, integration: Parts = {}): Files => ({
  "http.json": {
    ApiId: "http123456",
    Name: "web",
    ProtocolType: "HTTP",
    ApiEndpoint: "https://http123456.execute-api.eu-west-1.amazonaws.com",
  },
  "routes-http123456.json": {
    Items: [
      {
        RouteId: "rt00001",
        RouteKey: "GET /orders",
        Target: "integrations/int0001",
        AuthorizationType: "AWS_IAM",
        ...route,
      },
    ],
  },
  "integrations-http123456.json": {
    Items: [
      { IntegrationId: "int0001", IntegrationType: "AWS_PROXY", IntegrationUri: FUNCTION, ...integration },
    ],
  },
});

let number = 0;
function resource(type: string, props: Parts, more: Partial<Existing> = {}): Existing {
  number += 1;
  return {
    urn: `urn:pulumi:dev::shop::${type}::r${number}`,
    type,
    name: `r${number}`,
    props,
    inputs: props,
    ...more,
  };
}

const aws = {
  role: (parts: Parts = {}) =>
    resource("aws:iam/role:Role", {
      name: "app",
      arn: arnOf("role", "app"),
      uniqueId: "AROAAAAAAAAAAAAAAAAAA",
      assumeRolePolicy: JSON.stringify(DOCUMENT),
      ...parts,
    }),
  rolePolicy: () =>
    resource("aws:iam/rolePolicy:RolePolicy", { role: "app", name: "own", policy: JSON.stringify(DOCUMENT) }),
  permission: (parts: Parts = {}) =>
    resource("aws:lambda/permission:Permission", {
      statementId: "gateway",
      function: "orders",
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: SOURCE,
      ...parts,
    }),
  function: () => resource("aws:lambda/function:Function", { name: "orders", arn: FUNCTION }),
  method: (parts: Parts = {}) =>
    resource("aws:apigateway/method:Method", {
      restApi: API,
      resourceId: "res0000001",
      httpMethod: "GET",
      authorization: "AWS_IAM",
      authorizerId: "",
      ...parts,
    }),
  integration: (parts: Parts = {}) =>
    resource("aws:apigateway/integration:Integration", {
      restApi: API,
      resourceId: "res0000001",
      httpMethod: "GET",
      type: "AWS_PROXY",
      uri: INVOKE,
      credentials: "",
      ...parts,
    }),
};
const native = {
  role: (parts: Parts = {}) =>
    resource("aws-native:iam:Role", {
      roleName: "app",
      arn: arnOf("role", "app"),
      roleId: "AROAAAAAAAAAAAAAAAAAA",
      assumeRolePolicyDocument: DOCUMENT,
      ...parts,
    }),
  permission: (parts: Parts = {}) =>
    resource("aws-native:lambda:Permission", {
      functionName: "orders",
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: SOURCE,
      ...parts,
    }),
  method: (integration: Parts = {}) =>
    resource("aws-native:apigateway:Method", {
      restApiId: API,
      resourceId: "res0000001",
      httpMethod: "GET",
      authorizationType: "AWS_IAM",
      integration: { type: "AWS_PROXY", uri: INVOKE, ...integration },
    }),
};

type Case = readonly [
  difference: string,
  existing: readonly Existing[],
  files: Files,
  ...drifts: readonly string[],
];

const CASES: readonly Case[] = [
  // Roles, users and groups
  ["an unchanged role", [aws.role(), native.role()], roles(role())],
  [
    "another trust policy",
    [aws.role(), native.role()],
    roles(role({ AssumeRolePolicyDocument: OTHER_DOCUMENT })),
    "the trust policy of app differs between AWS and the state",
    "the trust policy of app differs between AWS and the state",
  ],
  [
    "a role that was re-created",
    [aws.role(), native.role()],
    roles(role({ RoleId: "AROABBBBBBBBBBBBBBBBB" })),
    "app was deleted and re-created in AWS: policies that refer to it by ARN may no longer apply to it",
    "app was deleted and re-created in AWS: policies that refer to it by ARN may no longer apply to it",
  ],
  [
    "a role of the same name in another account",
    [aws.role()],
    roles(role({ AssumeRolePolicyDocument: OTHER_DOCUMENT }, OTHER)),
  ],
  [
    "a role that AWS does not have",
    [aws.role()],
    {
      "iam.json": {
        RoleDetailList: [role({ RoleName: "x", Arn: arnOf("role", "x") })],
        UserDetailList: [],
        GroupDetailList: [],
        Policies: [],
      },
    },
    "app is in the state, but no longer in AWS",
  ],
  [
    "a role that a list of some roles does not have",
    [aws.role()],
    roles(role({ RoleName: "x", Arn: arnOf("role", "x") })),
  ],
  [
    "a role that a page of a list does not have",
    [aws.role()],
    {
      "iam.json": {
        RoleDetailList: [role({ RoleName: "x", Arn: arnOf("role", "x") })],
        UserDetailList: [],
        GroupDetailList: [],
        Policies: [],
        IsTruncated: true,
      },
    },
  ],
  [
    "an unchanged permissions boundary",
    [aws.role({ permissionsBoundary: BOUNDARY })],
    roles(
      role({ PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: BOUNDARY } }),
    ),
  ],
  [
    "a removed permissions boundary",
    [aws.role({ permissionsBoundary: BOUNDARY })],
    roles(role()),
    `the permissions boundary ${BOUNDARY} of app is in the state, but no longer in AWS`,
  ],
  [
    "an added permissions boundary",
    [aws.role({ permissionsBoundary: "" }), native.role()],
    roles(role({ PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY } })),
    `the permissions boundary ${BOUNDARY} of app is set in AWS, but not in the state`,
    `the permissions boundary ${BOUNDARY} of app is set in AWS, but not in the state`,
  ],
  [
    "another permissions boundary",
    [aws.role({ permissionsBoundary: BOUNDARY })],
    roles(role({ PermissionsBoundary: { PermissionsBoundaryArn: `${BOUNDARY}2` } })),
    `the permissions boundary of app in AWS is not ${BOUNDARY}, which the state has`,
  ],
  [
    "a removed permissions boundary of a user",
    [
      resource("aws:iam/user:User", {
        name: "bob",
        arn: arnOf("user", "bob"),
        permissionsBoundary: BOUNDARY,
      }),
    ],
    users(user()),
    `the permissions boundary ${BOUNDARY} of bob is in the state, but no longer in AWS`,
  ],

  // Inline policies
  ["an unchanged inline policy", [aws.role(), aws.rolePolicy()], roles(role(inlinePolicy(DOCUMENT)))],
  [
    "a removed inline policy",
    [aws.role(), aws.rolePolicy()],
    roles(role()),
    'the inline policy "own" of app is in the state, but no longer in AWS',
  ],
  [
    "a changed inline policy of aws-native",
    [resource("aws-native:iam:RolePolicy", { roleName: "app", policyName: "own", policyDocument: DOCUMENT })],
    roles(role(inlinePolicy(OTHER_DOCUMENT))),
    'the inline policy "own" of app differs between AWS and the state',
  ],
  [
    "changed inlinePolicies of a role",
    [
      aws.role({ inlinePolicies: [{ name: "own", policy: JSON.stringify(DOCUMENT) }] }),
      native.role({ policies: [{ policyName: "own", policyDocument: DOCUMENT }] }),
    ],
    roles(role()),
    'the inline policy "own" of app is in the state, but no longer in AWS',
    'the inline policy "own" of app is in the state, but no longer in AWS',
  ],
  [
    "inline policies that are in the state only because of a refresh",
    [
      {
        ...aws.role({ inlinePolicies: [{ name: "own", policy: JSON.stringify(DOCUMENT) }] }),
        inputs: { name: "app" },
      },
    ],
    roles(role()),
  ],
  [
    "changed inline policies of a user and a group",
    [
      resource("aws:iam/userPolicy:UserPolicy", {
        user: "bob",
        name: "own",
        policy: JSON.stringify(DOCUMENT),
      }),
      resource("aws:iam/groupPolicy:GroupPolicy", {
        group: "devs",
        name: "own",
        policy: JSON.stringify(DOCUMENT),
      }),
    ],
    {
      "iam.json": {
        UserDetailList: [user()],
        GroupDetailList: [{ GroupName: "devs", Arn: arnOf("group", "devs"), GroupPolicyList: [] }],
      },
    },
    'the inline policy "own" of bob is in the state, but no longer in AWS',
    'the inline policy "own" of devs is in the state, but no longer in AWS',
  ],
  [
    "roles of one name in two accounts, one of which is the stack's",
    [aws.role(), aws.rolePolicy()],
    roles(role({}, OTHER), role(inlinePolicy(DOCUMENT))),
  ],
  [
    "roles of one name in two accounts, if the stack's account is unknown",
    [aws.rolePolicy()],
    roles(role({}, OTHER), role()),
  ],
  [
    "a role in an account other than the provider's",
    [aws.function(), aws.rolePolicy()],
    roles(role({}, OTHER)),
  ],

  // Attachments and memberships
  [
    "removed attachments",
    [
      aws.role(),
      resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "app", policyArn: READ_ONLY }),
      resource("aws:iam/policyAttachment:PolicyAttachment", {
        policyArn: READ_ONLY,
        roles: ["app", "unknown"],
      }),
      native.role({ managedPolicyArns: [READ_ONLY] }),
      resource("aws-native:iam:ManagedPolicy", {
        policyArn: BOUNDARY,
        policyDocument: DOCUMENT,
        roles: ["app"],
      }),
    ],
    roles(role()),
    `the attachment of ${READ_ONLY} to app is in the state, but no longer in AWS`,
    `the attachment of ${READ_ONLY} to app is in the state, but no longer in AWS`,
    `the attachment of ${READ_ONLY} to app is in the state, but no longer in AWS`,
    `the attachment of ${BOUNDARY} to app is in the state, but no longer in AWS`,
  ],
  [
    "unchanged attachments",
    [resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "app", policyArn: READ_ONLY })],
    roles(role({ AttachedManagedPolicies: [{ PolicyArn: READ_ONLY }] })),
  ],
  [
    "changed group memberships",
    [
      resource("aws:iam/userGroupMembership:UserGroupMembership", { user: "bob", groups: ["devs", "ops"] }),
      resource("aws:iam/groupMembership:GroupMembership", { group: "devs", users: ["bob", "eve"] }),
      resource("aws-native:iam:User", { userName: "bob", arn: arnOf("user", "bob"), groups: ["ops"] }),
    ],
    users(user({ GroupList: ["ops"] })),
    "the membership of bob in group devs is in the state, but no longer in AWS",
    "the membership of bob in group devs is in the state, but no longer in AWS",
  ],
  [
    "a managed policy with several versions",
    [
      resource("aws:iam/policy:Policy", {
        name: "boundary",
        arn: BOUNDARY,
        policy: JSON.stringify(DOCUMENT),
      }),
      resource("aws-native:iam:ManagedPolicy", { policyArn: BOUNDARY, policyDocument: OTHER_DOCUMENT }),
    ],
    {
      "iam.json": {
        Policies: [
          {
            PolicyName: "boundary",
            Arn: BOUNDARY,
            DefaultVersionId: "v2",
            PolicyVersionList: [
              { VersionId: "v3", IsDefaultVersion: false, Document: OTHER_DOCUMENT },
              { VersionId: "v2", IsDefaultVersion: true, Document: DOCUMENT },
            ],
          },
        ],
      },
    },
    "the managed policy boundary differs between AWS and the state",
  ],

  // Functions
  [
    "an unchanged permission",
    [aws.permission(), native.permission({ awsId: "gateway" }), native.permission()],
    functionPolicy(statement()),
  ],
  [
    "a removed permission",
    [aws.permission(), native.permission({ awsId: "gateway" })],
    functionPolicy(statement({ Sid: "other" })),
    'the statement "gateway" in the resource policy of orders is in the state, but no longer in AWS',
    'the statement "gateway" in the resource policy of orders is in the state, but no longer in AWS',
  ],
  [
    "a permission with another source ARN",
    [aws.permission()],
    functionPolicy(statement({ Condition: { ArnLike: { "AWS:SourceArn": `${SOURCE}/x` } } })),
    'the statement "gateway" in the resource policy of orders differs between AWS and the state',
  ],
  [
    "a permission for everyone",
    [aws.permission({ principal: "*" })],
    functionPolicy(statement()),
    'the statement "gateway" in the resource policy of orders differs between AWS and the state',
  ],
  [
    "a permission for an account, as Lambda writes it",
    [
      aws.permission({
        principal: OTHER,
        sourceArn: undefined,
        principalOrgId: "o-abcdefghij",
        functionUrlAuthType: "AWS_IAM",
        action: "lambda:InvokeFunctionUrl",
      }),
    ],
    functionPolicy(
      statement({
        Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
        Action: "lambda:InvokeFunctionUrl",
        Condition: {
          StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij", "lambda:FunctionUrlAuthType": "AWS_IAM" },
        },
      }),
    ),
  ],
  [
    "a permission for a role that was deleted",
    [aws.permission({ principal: arnOf("role", "app"), sourceArn: undefined })],
    functionPolicy(statement({ Principal: { AWS: "AROAJQABLZS4A3QDU576Q" }, Condition: undefined })),
  ],
  [
    "the function of the same name in another region",
    [aws.function(), aws.permission()],
    functionPolicy(otherStatement(FUNCTION.replace("eu-west-1", "us-east-1"))),
  ],
  [
    "the function of the same name in another account",
    [aws.function(), aws.permission()],
    functionPolicy(otherStatement(FUNCTION.replace(ACCOUNT, OTHER))),
  ],
  [
    "a function by its ARN in another region",
    [aws.permission({ function: FUNCTION })],
    functionPolicy(otherStatement(FUNCTION.replace("eu-west-1", "us-east-1"))),
  ],
  ["an alias of the function", [aws.permission()], functionPolicy(otherStatement(`${FUNCTION}:live`))],
  [
    "a permission on an alias",
    [aws.permission({ qualifier: "live" })],
    functionPolicy(otherStatement(`${FUNCTION}:live`)),
    'the statement "gateway" in the resource policy of orders is in the state, but no longer in AWS',
  ],
  [
    "a changed resource-based policy of a function",
    [
      resource("aws:lambda/resourcePolicy:ResourcePolicy", {
        resourceArn: FUNCTION,
        policy: JSON.stringify(DOCUMENT),
      }),
    ],
    functionPolicy(statement()),
    "the resource policy of orders differs between AWS and the state",
  ],
  [
    "a changed function URL",
    [
      resource("aws:lambda/functionUrl:FunctionUrl", {
        functionName: "orders",
        functionArn: FUNCTION,
        authorizationType: "AWS_IAM",
      }),
      resource("aws-native:lambda:Url", {
        targetFunctionArn: FUNCTION,
        functionArn: FUNCTION,
        authType: "NONE",
      }),
    ],
    {
      "url.json": {
        FunctionUrl: "https://x.lambda-url.eu-west-1.on.aws/",
        FunctionArn: FUNCTION,
        AuthType: "NONE",
      },
    },
    "the authorization of the function URL of orders differs between AWS and the state",
  ],

  // APIs
  [
    "an API's resource policy as API Gateway formats it",
    [
      resource("aws:apigateway/restApiPolicy:RestApiPolicy", {
        restApiId: API,
        policy: JSON.stringify(
          documentOf({
            Effect: "Allow",
            Principal: "*",
            Action: "execute-api:Invoke",
            Resource: "execute-api:/*",
          }),
        ),
      }),
      resource("aws-native:apigateway:RestApi", {
        restApiId: API,
        policy: documentOf({
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: "execute-api:Invoke",
          Resource: "execute-api:/*",
        }),
      }),
    ],
    {
      "api.json": restApi(
        documentOf({
          Effect: "Allow",
          Principal: "*",
          Action: "execute-api:Invoke",
          Resource: `arn:aws:execute-api:eu-west-1:${ACCOUNT}:${API}/*`,
        }),
      ),
    },
  ],
  [
    "a removed and a changed resource policy of an API",
    [
      resource("aws:apigateway/restApiPolicy:RestApiPolicy", {
        restApiId: API,
        policy: JSON.stringify(DOCUMENT),
      }),
    ],
    { "api.json": restApi() },
    "the resource policy of API shop is in the state, but no longer in AWS",
  ],
  [
    "a changed policy argument of an API",
    [resource("aws:apigateway/restApi:RestApi", { id: API, policy: JSON.stringify(DOCUMENT) })],
    { "api.json": restApi(OTHER_DOCUMENT) },
    "the resource policy of API shop differs between AWS and the state",
  ],
  [
    "an API's resource policy that the program does not set",
    [
      resource(
        "aws:apigateway/restApi:RestApi",
        { id: API, policy: JSON.stringify(DOCUMENT) },
        { inputs: {} },
      ),
    ],
    { "api.json": restApi(OTHER_DOCUMENT) },
  ],
  ["an unchanged method", [aws.method(), aws.integration(), native.method()], methods()],
  [
    "a method with another authorization",
    [aws.method()],
    methods({ authorizationType: "NONE" }),
    "the method r# of API shop differs between AWS and the state",
  ],
  [
    "integrations with other credentials",
    [aws.integration(), native.method()],
    methods({}, { credentials: arnOf("role", "app") }),
    "the integration r# of API shop differs between AWS and the state",
    "the integration r# of API shop differs between AWS and the state",
  ],
  [
    "an integration with another function",
    [aws.integration()],
    methods({}, { uri: INVOKE.replace("orders", "refunds") }),
    "the integration r# of API shop differs between AWS and the state",
  ],
  [
    "a removed method",
    [aws.method({ httpMethod: "POST" })],
    methods(),
    "the method r# of API shop is in the state, but no longer in AWS",
  ],
  [
    "methods if the account data has only one page",
    [aws.method({ httpMethod: "POST" })],
    { ...methods(), "resources.json": { ...(methods()["resources.json"] as object), position: "x" } },
  ],
  [
    "methods if --embed methods was omitted",
    [aws.method()],
    {
      "api.json": restApi(),
      "resources.json": { items: [{ id: "root000001", path: "/", resourceMethods: { GET: {} } }] },
    },
  ],
  [
    "a route whose integration has either form of URI",
    [
      resource("aws:apigatewayv2/route:Route", {
        id: "rt00001",
        apiId: "http123456",
        routeKey: "GET /orders",
        target: "integrations/int0001",
        authorizationType: "AWS_IAM",
      }),
      resource("aws:apigatewayv2/integration:Integration", {
        id: "int0001",
        apiId: "http123456",
        integrationType: "AWS_PROXY",
        integrationUri: INVOKE,
      }),
    ],
    http(),
  ],
  [
    "a route of aws-native with another authorization",
    [
      resource("aws-native:apigatewayv2:Route", {
        routeId: "rt00001",
        apiId: "http123456",
        routeKey: "GET /orders",
        target: "integrations/int0001",
        authorizationType: "AWS_IAM",
      }),
    ],
    http({ AuthorizationType: "NONE" }),
    "the route r# of API web differs between AWS and the state",
  ],
  [
    "a removed route",
    [resource("aws:apigatewayv2/route:Route", { id: "rt99999", apiId: "http123456", routeKey: "GET /x" })],
    http(),
    "the route r# of API web is in the state, but no longer in AWS",
  ],
];

describe("drift of each type of resource", () => {
  for (const [difference, existing, files, ...drifts] of CASES)
    it(`${drifts.length === 0 ? "is not reported" : "is reported"}: ${difference}`, () => {
      const found = driftOf(accountData(filesOf(files), []), existing).map((drift) => {
        assert.equal(drift.asOf, "2026-11-27");
        return describeDrift(drift)
          .replace(" (account data as of 2026-11-27)", "")
          .replace(/\br\d+\b/, "r#");
      });
      assert.deepEqual(found, drifts);
    });

  it("is not reported if the resource was modified after the account data was written", () => {
    const written = "2026-11-27T12:00:00.000Z";
    const data = accountData(
      filesOf(roles(role())).map((file) => ({ ...file, written })),
      [],
    );
    const changed = (modified: string): number =>
      driftOf(data, [aws.role(), { ...aws.rolePolicy(), modified }]).length;
    assert.deepEqual([changed("2026-11-27T12:00:01Z"), changed("2026-11-27T11:59:59Z")], [0, 1]);
  });

  it("is determined by the newest account data", () => {
    const [before, after] = [filesOf(roles(role())), filesOf(roles(role(inlinePolicy(DOCUMENT))))].map(
      (files, at) => files.map((file) => ({ ...file, written: `2026-11-27T1${at}:00:00.000Z` })),
    );
    const existing = [aws.role(), aws.rolePolicy()];
    for (const files of [
      [...(before ?? []), ...(after ?? [])],
      [...(after ?? []), ...(before ?? [])],
    ])
      assert.deepEqual(driftOf(accountData(files, []), existing), []);
  });

  it("prints no value of a policy, a condition or an environment", () => {
    const secret = "s3cr3t-token";
    const existing = [aws.permission({ eventSourceToken: secret })];
    const [drift] = driftOf(accountData(filesOf(functionPolicy(statement())), []), existing);
    assert.ok(drift !== undefined && !JSON.stringify(drift).includes(secret));
  });
});
