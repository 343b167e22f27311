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

/** The callers that the two-step rule applies to, and its criteria: see "Whose rule it is" in the policy's page. */

const INVOKE = "iam-route-caller-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const OPEN = "unproven-access";
const only = [INVOKE, EXECUTE, CREDENTIALS, OPEN];
const URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions";

function cases(title: string, rows: readonly Case[]): void {
  describe(`the two-step rule: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const ABROAD = "999999999999";
const abroad = (settings: aws.ProviderArgs = { allowedAccountIds: [ABROAD], profile: "abroad" }) => ({
  provider: new aws.Provider("abroad", { region: "us-east-1", ...settings }),
});

/** Lets callers of the other account call the API, as AWS asks for across accounts. */
const apiNames = ({ api }: Pick<Shop, "api">, principal: pulumi.Input<string>) =>
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

const throughShop =
  (make: (base: Shop) => void, integration: Partial<aws.apigateway.IntegrationArgs> = {}) =>
  () =>
    make(shop({}, {}, integration));

cases("callers in another account", [
  {
    name: "with both actions, one of which the API names",
    program: throughShop((base) => {
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { name: "app" }, abroad());
      apiNames(base, `arn:aws:iam::${ABROAD}:role/app`);
    }),
    expected: [],
  },
  {
    name: "with execute-api:Invoke alone: AWS serves them",
    program: throughShop((base) => {
      roleWithPolicy("app", [executeApi(base)], { name: "app" }, abroad());
      apiNames(base, `arn:aws:iam::${ABROAD}:role/app`);
    }),
    // Until the API's account is shown it may be the caller's.
    expected: { "first-preview": [`${OPEN} @ app`], deployed: [] },
  },
  {
    name: "a user, a group and an attached policy",
    program: throughShop((base) => {
      const inside = abroad();
      const policy = new aws.iam.Policy("call", { policy: allowDocument(executeApi(base)) }, inside);
      const group = new aws.iam.Group("staff", {}, inside);
      new aws.iam.GroupPolicyAttachment("call", { group: group.name, policyArn: policy.arn }, inside);
      const user = new aws.iam.User("anna", {}, inside);
      new aws.iam.GroupMembership("staff", { group: group.name, users: [user.name] }, inside);
      apiNames(base, `arn:aws:iam::${ABROAD}:root`);
    }),
    expected: { "first-preview": [`${OPEN} @ anna`], deployed: [] },
  },
  {
    name: "of a role that a provider assumes",
    program: throughShop((base) => {
      const inside = abroad({ assumeRoles: [{ roleArn: `arn:aws:iam::${ABROAD}:role/deploy` }] });
      apiNames(base, roleWithPolicy("app", [executeApi(base)], { name: "app" }, inside).arn);
    }),
    expected: { "first-preview": [`${OPEN} @ app`], deployed: [] },
  },
  {
    name: "in another account that the API's resource policy does not name are denied by AWS",
    program: throughShop((base) => {
      roleWithPolicy("app", [executeApi(base)], { name: "app" }, abroad());
    }),
    expected: { "first-preview": [`${OPEN} @ app`], deployed: [`${EXECUTE} @ app`] },
  },
  {
    name: "of an HTTP API, which allows none of them",
    program: httpStack({
      caller: false,
      more: ({ api }) => {
        roleWithPolicy("app", [executeApi({ api: api as never })], { name: "app" }, abroad());
      },
    }),
    expected: { "first-preview": [`${OPEN} @ app`], deployed: [`${EXECUTE} @ app`] },
  },
  {
    name: "a declared caller, when the program writes down that account and no other",
    program: throughShop(
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
    expected: [`${OPEN} @ shop`],
  },
]);

/** A route to a function of which the stack knows the ARN alone. */
const toFunction = (arn: string, make: (base: Pick<Shop, "api">) => void, credentials?: string) => () => {
  const api = new aws.apigateway.RestApi("shop");
  const more = credentials === undefined ? {} : { credentials };
  stage("prod", api, [endpoint("orders", api, "GET", "orders", `${URI}/${arn}/invocations`, {}, more)]);
  make({ api });
};

const ELSEWHERE = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere";
const AT_INTEGRATION = `${OPEN} @ orders-integration`;
const referenced = (make: (base: Pick<Shop, "api">, arn: pulumi.Output<string>) => void) => () => {
  const arn = new pulumi.StackReference("organization/functions/prod").getOutput("functionArn");
  const api = new aws.apigateway.RestApi("shop");
  const uri = pulumi.interpolate`${URI}/${arn}/invocations`;
  stage("prod", api, [endpoint("orders", api, "GET", "orders", uri)]);
  make({ api }, arn as pulumi.Output<string>);
};

cases("functions outside the stack", [
  {
    name: "a caller whose policies are all known and do not allow it",
    program: toFunction(ELSEWHERE, () => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
    }),
    expected: [`${INVOKE} @ app`, AT_INTEGRATION],
    messageIncludes: ["lambda:InvokeFunction is missing", `"Resource": "${ELSEWHERE}"`],
  },
  {
    name: "a user that is allowed it for another function",
    program: toFunction(ELSEWHERE, () => {
      const anna = new aws.iam.User("anna");
      new aws.iam.UserPolicy("call", {
        user: anna.name,
        policy: allowDocument(["execute-api:Invoke", "*"], ["lambda:InvokeFunction", `${ELSEWHERE}-2`]),
      });
    }),
    expected: [`${INVOKE} @ anna`, AT_INTEGRATION],
  },
  {
    name: "a caller that is allowed it",
    program: toFunction(ELSEWHERE, (base) => {
      roleWithPolicy("app", [executeApi(base), ["lambda:InvokeFunction", ELSEWHERE]]);
    }),
    expected: { deployed: [AT_INTEGRATION], "first-preview": [`${OPEN} @ app`] },
  },
  {
    name: "a caller that is allowed it for a function in another account",
    program: toFunction(ELSEWHERE.replace("123456789012", ABROAD), () => {
      roleWithPolicy("app", [
        ["execute-api:Invoke", "*"],
        ["lambda:InvokeFunction", "*"],
      ]);
    }),
    expected: [AT_INTEGRATION],
  },
  {
    name: "a caller whose document is unknown, and may name the function by a literal ARN",
    program: toFunction(ELSEWHERE, (base) => {
      roleWithPolicy("app", [executeApi(base)]);
    }),
    expected: {
      "first-preview": [`${OPEN} @ app`],
      deployed: [AT_INTEGRATION, `${INVOKE} @ app`],
    },
  },
  {
    name: "a caller with a policy of another stack",
    program: toFunction(ELSEWHERE, () => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]], {
        managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"],
      });
    }),
    expected: [`${OPEN} @ app`],
  },
  {
    name: "a caller that the stack's statement on the function names",
    program: toFunction(ELSEWHERE, () => {
      const app = roleWithPolicy("app", [["execute-api:Invoke", "*"]], { name: "app" });
      new aws.lambda.Permission("app", {
        action: "lambda:InvokeFunction",
        function: ELSEWHERE,
        principal: app.arn,
      });
    }),
    expected: [AT_INTEGRATION],
  },
  {
    name: "under caller credentials, which are AWS's rule: its policy may name the caller",
    program: toFunction(
      ELSEWHERE,
      () => {
        roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
      },
      CALLER_CREDENTIALS,
    ),
    expected: [`${OPEN} @ app`],
  },
  {
    name: "of a stack that the program refers to",
    program: referenced(() => {
      roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
    }),
    expected: [`${INVOKE} @ app`, AT_INTEGRATION],
  },
]);

const ANY_API = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
const byAws = (trust: aws.iam.PolicyDocument) => () => {
  shop();
  caller("app", { assumeRolePolicy: trust, managedPolicyArns: [ANY_API] });
};
const trustIn = (principal: object): aws.iam.PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: principal as never, Action: "sts:AssumeRole" }],
});
const socket =
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

cases("roles that hold execute-api by a policy of AWS's alone", [
  {
    name: "for programs on EC2",
    program: byAws(trustOf("ec2.amazonaws.com")),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "for people of an identity pool",
    program: byAws(trustIn({ Federated: "cognito-identity.amazonaws.com" })),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "for another account",
    program: byAws(trustIn({ AWS: "arn:aws:iam::111122223333:root" })),
    expected: [`${INVOKE} @ app`],
  },
  ...["lambda", "events", "apigateway"].map((service) => ({
    name: `for ${service}`,
    program: byAws(trustOf(`${service}.amazonaws.com`)),
    expected: [],
  })),
  {
    name: "for Lambda, with a grant of its own",
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
    name: "for Lambda, and declared",
    program: byAws(trustOf("lambda.amazonaws.com")),
    config: { [INVOKE]: { callers: [{ principal: "app*" }] } },
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "for EventBridge, with a target",
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
    name: "for users",
    program: () => {
      shop();
      const anna = new aws.iam.User("anna");
      new aws.iam.UserPolicyAttachment("any", { user: anna.name, policyArn: ANY_API });
    },
    expected: [`${INVOKE} @ anna`],
  },
  {
    name: "a WebSocket API's own function",
    program: socket((fn) => {
      new aws.iam.RolePolicyAttachment("post", { role: handlerOf(fn), policyArn: ANY_API });
    }),
    expected: [],
  },
  {
    name: "a WebSocket API's own function, with caller credentials on $connect",
    program: socket(
      (fn) => {
        new aws.iam.RolePolicyAttachment("post", { role: handlerOf(fn), policyArn: ANY_API });
      },
      { credentialsArn: CALLER_CREDENTIALS },
    ),
    expected: [],
  },
  {
    name: "a task that sends to a WebSocket API's connections",
    program: socket(() => {
      caller("app", { assumeRolePolicy: trustOf("ecs-tasks.amazonaws.com"), managedPolicyArns: [ANY_API] });
    }),
    expected: [],
  },
  {
    name: "a browser's role on a WebSocket API",
    program: socket(() => {
      caller("app", {
        assumeRolePolicy: trustIn({ Federated: "cognito-identity.amazonaws.com" }),
        managedPolicyArns: [ANY_API],
      });
    }),
    expected: [`${INVOKE} @ app`],
  },
]);

/** Policies that say what they do not allow. */
const except = (statement: object) => () => {
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

cases("callers by what a policy does not except", [
  {
    name: "execute-api:Invoke on all but functions",
    program: except({ Action: "execute-api:Invoke", NotResource: FUNCTIONS }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "every action on all but functions",
    program: except({ Action: "*", NotResource: [FUNCTIONS] }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "all actions but Lambda's on everything",
    program: except({ NotAction: "lambda:*", Resource: "*" }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "all actions but Lambda's on all but another API",
    program: except({ NotAction: "lambda:*", NotResource: "arn:aws:execute-api:*:*:abcdef1234/*" }),
    expected: [`${INVOKE} @ app`],
  },
  {
    name: "every action on all but the route",
    program: except({ Action: "*", NotResource: "arn:aws:execute-api:*:*:*/*/GET/orders" }),
    expected: [],
  },
  {
    name: "every action on all but some other route",
    program: except({ Action: "*", NotResource: "arn:aws:execute-api:*:*:*/*/POST/*" }),
    expected: [],
  },
  {
    name: "all actions but IAM's",
    program: except({ NotAction: "iam:*", Resource: "*" }),
    expected: [],
  },
  {
    name: "all but functions, within a boundary that allows no API",
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
    name: "all but functions, on an HTTP API",
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
    name: "all but functions, on a WebSocket API",
    program: socket(() => {
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
    name: "all but functions, under caller credentials: AWS's rule",
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
