import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { CALLER_CREDENTIALS, httpStack } from "../support/http";
import {
  allowDocument,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  type Shop,
  shop,
  stage,
} from "../support/programs";
import { trustOf } from "../support/rest";

/** The callers that the two-step rule applies to; see "Whose rule it is" in the policy's page. */

const INVOKE = "iam-route-caller-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const UNPROVEN = "unproven-access";
const only = [INVOKE, EXECUTE, CREDENTIALS, UNPROVEN];
const URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions";

function cases(title: string, rows: readonly Case[]): void {
  describe(`the two-step rule: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const OTHER_ACCOUNT = "999999999999";
const otherAccount = (
  settings: aws.ProviderArgs = { allowedAccountIds: [OTHER_ACCOUNT], profile: "abroad" },
) => ({
  provider: new aws.Provider("abroad", { region: "us-east-1", ...settings }),
});

/** Allows callers from another account in the API's resource policy, which AWS requires for cross-account access. */
const allowInApiPolicy = ({ api }: Pick<Shop, "api">, principal: pulumi.Input<string>) =>
  new aws.apigateway.RestApiPolicy("app-in", {
    restApiId: api.id,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: "execute-api:Invoke",
        Resource: "execute-api:/*",
      },
    }),
  });

const withShop =
  (make: (base: Shop) => void, integration: Partial<aws.apigateway.IntegrationArgs> = {}) =>
  () =>
    make(shop({}, {}, integration));

cases("callers in another account", [
  {
    name: "role with both actions that the API's resource policy allows",
    program: withShop((base) => {
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { name: "app" }, otherAccount());
      allowInApiPolicy(base, `arn:aws:iam::${OTHER_ACCOUNT}:role/app`);
    }),
    expected: [],
  },
  {
    name: "role with execute-api:Invoke only, which AWS allows",
    program: withShop((base) => {
      roleWithPolicy("app", [executeApi(base)], { name: "app" }, otherAccount());
      allowInApiPolicy(base, `arn:aws:iam::${OTHER_ACCOUNT}:role/app`);
    }),
    // While the API's account is unknown, it may be the caller's account.
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [] },
  },
  {
    name: "user with execute-api:Invoke from a group's attached policy",
    program: withShop((base) => {
      const inOtherAccount = otherAccount();
      const policy = new aws.iam.Policy("call", { policy: allowDocument(executeApi(base)) }, inOtherAccount);
      const group = new aws.iam.Group("staff", {}, inOtherAccount);
      new aws.iam.GroupPolicyAttachment("call", { group: group.name, policyArn: policy.arn }, inOtherAccount);
      const user = new aws.iam.User("anna", {}, inOtherAccount);
      new aws.iam.GroupMembership("staff", { group: group.name, users: [user.name] }, inOtherAccount);
      allowInApiPolicy(base, `arn:aws:iam::${OTHER_ACCOUNT}:root`);
    }),
    expected: { "first-preview": [`${UNPROVEN} @ anna`], deployed: [] },
  },
  {
    name: "role in the account of a provider with assumeRoles",
    program: withShop((base) => {
      const inOtherAccount = otherAccount({
        assumeRoles: [{ roleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/deploy` }],
      });
      allowInApiPolicy(base, roleWithPolicy("app", [executeApi(base)], { name: "app" }, inOtherAccount).arn);
    }),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [] },
  },
  {
    name: "role that the API's resource policy does not allow",
    program: withShop((base) => {
      roleWithPolicy("app", [executeApi(base)], { name: "app" }, otherAccount());
    }),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [`${EXECUTE} @ app`] },
  },
  {
    name: "role that calls an HTTP API",
    program: httpStack({
      caller: false,
      more: ({ api }) => {
        roleWithPolicy("app", [executeApi({ api: api as never })], { name: "app" }, otherAccount());
      },
    }),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [`${EXECUTE} @ app`] },
  },
  {
    name: "declared caller, in a program that contains another account id",
    program: withShop(
      (base) => {
        roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
        new aws.iam.RolePolicy("assume", {
          role: caller("other").name,
          policy: allowDocument(["sts:AssumeRole", "arn:aws:iam::210987654321:role/x"]),
        });
      },
      { credentials: CALLER_CREDENTIALS },
    ),
    config: {
      [CREDENTIALS]: { callers: [{ principal: "arn:aws:iam::123456789012:role/partner" }] },
    },
    expected: [`${UNPROVEN} @ shop`],
  },
]);

/** A route to a function outside the stack, by its ARN. */
const withFunctionArn =
  (arn: string, make: (base: Pick<Shop, "api">) => void, credentials?: string) => () => {
    const api = new aws.apigateway.RestApi("shop");
    const more = credentials === undefined ? {} : { credentials };
    stage("prod", api, [endpoint("orders", api, "GET", "orders", `${URI}/${arn}/invocations`, {}, more)]);
    make({ api });
  };

const EXTERNAL_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere";
const AT_INTEGRATION = `${UNPROVEN} @ orders-integration`;
const withStackReference = (make: (base: Pick<Shop, "api">, arn: pulumi.Output<string>) => void) => () => {
  const arn = new pulumi.StackReference("organization/functions/prod").getOutput("functionArn");
  const api = new aws.apigateway.RestApi("shop");
  const uri = pulumi.interpolate`${URI}/${arn}/invocations`;
  stage("prod", api, [endpoint("orders", api, "GET", "orders", uri)]);
  make({ api }, arn as pulumi.Output<string>);
};

cases("functions outside the stack", [
  {
    name: "caller with known policies without lambda:InvokeFunction",
    program: withFunctionArn(EXTERNAL_FUNCTION, () => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
    }),
    expected: [`${INVOKE} @ app`, AT_INTEGRATION],
    messageIncludes: ["lambda:InvokeFunction is missing", `"Resource": "${EXTERNAL_FUNCTION}"`],
  },
  {
    name: "user with lambda:InvokeFunction on another function",
    program: withFunctionArn(EXTERNAL_FUNCTION, () => {
      const anna = new aws.iam.User("anna");
      new aws.iam.UserPolicy("call", {
        user: anna.name,
        policy: allowDocument(
          ["execute-api:Invoke", "*"],
          ["lambda:InvokeFunction", `${EXTERNAL_FUNCTION}-2`],
        ),
      });
    }),
    expected: [`${INVOKE} @ anna`, AT_INTEGRATION],
  },
  {
    name: "caller with lambda:InvokeFunction",
    program: withFunctionArn(EXTERNAL_FUNCTION, (base) => {
      roleWithPolicy("app", [executeApi(base), ["lambda:InvokeFunction", EXTERNAL_FUNCTION]]);
    }),
    expected: { deployed: [AT_INTEGRATION], "first-preview": [`${UNPROVEN} @ app`] },
  },
  {
    name: "caller with lambda:InvokeFunction, function in another account",
    program: withFunctionArn(EXTERNAL_FUNCTION.replace("123456789012", OTHER_ACCOUNT), () => {
      roleWithPolicy("app", [
        ["execute-api:Invoke", "*"],
        ["lambda:InvokeFunction", "*"],
      ]);
    }),
    expected: [AT_INTEGRATION],
  },
  {
    name: "caller with an unknown document",
    program: withFunctionArn(EXTERNAL_FUNCTION, (base) => {
      roleWithPolicy("app", [executeApi(base)]);
    }),
    expected: {
      "first-preview": [`${UNPROVEN} @ app`],
      deployed: [AT_INTEGRATION, `${INVOKE} @ app`],
    },
  },
  {
    name: "caller with a managed policy from another stack",
    program: withFunctionArn(EXTERNAL_FUNCTION, () => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]], {
        managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"],
      });
    }),
    expected: [`${UNPROVEN} @ app`],
  },
  {
    name: "caller that a permission in the stack allows",
    program: withFunctionArn(EXTERNAL_FUNCTION, () => {
      const app = roleWithPolicy("app", [["execute-api:Invoke", "*"]], { name: "app" });
      new aws.lambda.Permission("app", {
        action: "lambda:InvokeFunction",
        function: EXTERNAL_FUNCTION,
        principal: app.arn,
      });
    }),
    expected: [AT_INTEGRATION],
  },
  {
    name: "caller credentials, caller without lambda:InvokeFunction",
    program: withFunctionArn(
      EXTERNAL_FUNCTION,
      () => {
        roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
      },
      CALLER_CREDENTIALS,
    ),
    expected: [`${UNPROVEN} @ app`],
  },
  {
    name: "function from a StackReference, caller without lambda:InvokeFunction",
    program: withStackReference(() => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
    }),
    expected: [`${INVOKE} @ app`, AT_INTEGRATION],
  },
]);

const ANY_API = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
const withManagedPolicy = (trust: aws.iam.PolicyDocument) => () => {
  shop();
  caller("app", { assumeRolePolicy: trust, managedPolicyArns: [ANY_API] });
};
const trustOfPrincipal = (principal: object): aws.iam.PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: principal as never, Action: "sts:AssumeRole" }],
});
const webSocketApi =
  (more: (fn: aws.lambda.Function, api: aws.apigatewayv2.Api) => void, integration: object = {}) =>
  () => {
    const fn = makeFunction("chat");
    const api = new aws.apigatewayv2.Api("chat", {
      protocolType: "WEBSOCKET",
      routeSelectionExpression: "$request.body.action",
    });
    const target = new aws.apigatewayv2.Integration("chat", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: fn.invokeArn,
      ...integration,
    });
    new aws.apigatewayv2.Route("connect", {
      apiId: api.id,
      routeKey: "$connect",
      authorizationType: "AWS_IAM",
      target: pulumi.interpolate`integrations/${target.id}`,
    });
    new aws.apigatewayv2.Stage("live", { apiId: api.id, name: "live", autoDeploy: true });
    new aws.lambda.Permission("in", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
    });
    more(fn, api);
  };
const handlerOf = (fn: aws.lambda.Function) => fn.role.apply((arn) => arn.split("/").pop() ?? "");

cases("roles with execute-api:Invoke from an AWS managed policy only", [
  {
    name: "role for EC2",
    program: withManagedPolicy(trustOf("ec2.amazonaws.com")),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "role for an identity pool",
    program: withManagedPolicy(trustOfPrincipal({ Federated: "cognito-identity.amazonaws.com" })),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "role for another account",
    program: withManagedPolicy(trustOfPrincipal({ AWS: "arn:aws:iam::111122223333:root" })),
    expected: [`${INVOKE} @ app`],
  },
  ...["lambda", "events", "apigateway"].map((service) => ({
    name: `role for ${service}`,
    program: withManagedPolicy(trustOf(`${service}.amazonaws.com`)),
    expected: [],
  })),
  {
    name: "role for Lambda with a grant on the API",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [executeApi(base)], {
        assumeRolePolicy: trustOf("lambda.amazonaws.com"),
        managedPolicyArns: [ANY_API],
      });
    },
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "role for Lambda that is declared as a caller",
    program: withManagedPolicy(trustOf("lambda.amazonaws.com")),
    config: { [INVOKE]: { callers: [{ principal: "app*" }] } },
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "role for EventBridge with a target",
    program: () => {
      const base = shop();
      const app = caller("app", {
        assumeRolePolicy: trustOf("events.amazonaws.com"),
        managedPolicyArns: [ANY_API],
      });
      new aws.cloudwatch.EventTarget("target", {
        rule: new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" }).name,
        arn: pulumi.interpolate`${base.api.executionArn}/prod/GET/orders`,
        roleArn: app.arn,
      });
    },
    expected: { "first-preview": [], deployed: [`${INVOKE} @ app`] },
  },
  {
    name: "user",
    program: () => {
      shop();
      const anna = new aws.iam.User("anna");
      new aws.iam.UserPolicyAttachment("any", { user: anna.name, policyArn: ANY_API });
    },
    expected: [`${INVOKE} @ anna`],
  },
  {
    name: "role of the function behind a WebSocket API",
    program: webSocketApi((fn) => {
      new aws.iam.RolePolicyAttachment("post", { role: handlerOf(fn), policyArn: ANY_API });
    }),
    expected: [],
  },
  {
    name: "role of the function behind a WebSocket API with caller credentials",
    program: webSocketApi(
      (fn) => {
        new aws.iam.RolePolicyAttachment("post", { role: handlerOf(fn), policyArn: ANY_API });
      },
      { credentialsArn: CALLER_CREDENTIALS },
    ),
    expected: [],
  },
  {
    name: "role for ECS tasks in a stack with a WebSocket API",
    program: webSocketApi(() => {
      caller("app", { assumeRolePolicy: trustOf("ecs-tasks.amazonaws.com"), managedPolicyArns: [ANY_API] });
    }),
    expected: [],
  },
  {
    name: "role for an identity pool in a stack with a WebSocket API",
    program: webSocketApi(() => {
      caller("app", {
        assumeRolePolicy: trustOfPrincipal({ Federated: "cognito-identity.amazonaws.com" }),
        managedPolicyArns: [ANY_API],
      });
    }),
    expected: [`${INVOKE} @ app`],
  },
]);

/** A caller with this statement, which uses NotAction or NotResource. */
const withStatement = (statement: object) => () => {
  const base = shop();
  new aws.iam.RolePolicy("call", {
    role: caller("app").name,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", ...statement }],
    }),
  });
  return base;
};
const FUNCTIONS = "arn:aws:lambda:*:*:function:*";

cases("callers by NotAction and NotResource", [
  {
    name: "execute-api:Invoke, NotResource functions",
    program: withStatement({ Action: "execute-api:Invoke", NotResource: FUNCTIONS }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "every action, NotResource functions",
    program: withStatement({ Action: "*", NotResource: [FUNCTIONS] }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "NotAction lambda:*, every resource",
    program: withStatement({ NotAction: "lambda:*", Resource: "*" }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "NotAction lambda:*, NotResource another API",
    program: withStatement({ NotAction: "lambda:*", NotResource: "arn:aws:execute-api:*:*:abcdef1234/*" }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "every action, NotResource the route",
    program: withStatement({ Action: "*", NotResource: "arn:aws:execute-api:*:*:*/*/GET/orders" }),
    expected: [],
  },
  {
    name: "every action, NotResource another route",
    program: withStatement({ Action: "*", NotResource: "arn:aws:execute-api:*:*:*/*/POST/*" }),
    expected: [],
  },
  {
    name: "NotAction iam:*, every resource",
    program: withStatement({ NotAction: "iam:*", Resource: "*" }),
    expected: [],
  },
  {
    name: "NotResource functions, permissions boundary without execute-api",
    program: () => {
      shop();
      new aws.iam.RolePolicy("call", {
        role: caller("app", { permissionsBoundary: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }).name,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", NotResource: FUNCTIONS }],
        }),
      });
    },
    expected: [],
  },
  {
    name: "NotResource functions, HTTP API",
    program: httpStack({
      caller: false,
      more: ({ caller: role }) => {
        new aws.iam.RolePolicy("but", {
          role: role.name,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", NotResource: FUNCTIONS }],
          }),
        });
      },
    }),
    expected: [`${INVOKE} @ caller`],
  },
  {
    name: "NotResource functions, WebSocket API",
    program: webSocketApi(() => {
      const role = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      new aws.iam.RolePolicy("call", {
        role: role.name,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", NotResource: FUNCTIONS }],
        }),
      });
    }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "NotResource functions, caller credentials",
    program: () => {
      shop({}, {}, { credentials: CALLER_CREDENTIALS });
      new aws.iam.RolePolicy("call", {
        role: caller("app").name,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", NotResource: FUNCTIONS }],
        }),
      });
    },
    expected: [`${CREDENTIALS} @ app`],
  },
]);
