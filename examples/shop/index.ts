import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A shop: a REST API for orders and payments, an HTTP API for the catalog, and the services that call them. Some
// calls will fail, and one depends on a policy outside the stack. The comments explain why; the access map shows it.

const trust = (service: string) => aws.iam.assumeRolePolicyForPrincipal({ Service: service });

const execution = new aws.iam.Role("execution", { assumeRolePolicy: trust("lambda.amazonaws.com") });

const lambda = (name: string) =>
  new aws.lambda.Function(name, {
    name,
    role: execution.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({
      "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({ statusCode: 200 });\n"),
    }),
  });

const orders = lambda("orders");
const payments = lambda("payments");
const account = lambda("account");
const sessions = lambda("sessions");
const catalog = lambda("catalog");

const allowInvoke = (name: string, fn: aws.lambda.Function, sourceArn: pulumi.Input<string>) =>
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: fn,
    principal: "apigateway.amazonaws.com",
    sourceArn,
  });

// The REST API

const rest = new aws.apigateway.RestApi("orders-api", { name: "orders-api" });

const path = (name: string, parentId: pulumi.Input<string>, pathPart: string) =>
  new aws.apigateway.Resource(name, { restApi: rest.id, parentId, pathPart });

const ordersPath = path("orders", rest.rootResourceId, "orders");
const orderPath = path("order", ordersPath.id, "{id}");
const paymentsPath = path("payments", rest.rootResourceId, "payments");
const refundPath = path("refund", paymentsPath.id, "refund");
const accountPath = path("account", rest.rootResourceId, "account");

const authorizer = new aws.apigateway.Authorizer("sessions", {
  restApi: rest.id,
  authorizerUri: sessions.invokeArn,
});

const gateway = new aws.iam.Role("gateway", {
  name: "gateway",
  assumeRolePolicy: trust("apigateway.amazonaws.com"),
});

const allow = (action: string, ...resources: pulumi.Input<string>[]): aws.iam.PolicyStatement => ({
  Effect: "Allow",
  Action: action,
  Resource: resources,
});

new aws.iam.RolePolicy("gateway", {
  role: gateway.id,
  policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", payments.arn)] },
});

const AS_THE_CALLER = "arn:aws:iam::*:user/*";

const restRoute = (
  name: string,
  httpMethod: string,
  at: aws.apigateway.Resource,
  fn: aws.lambda.Function,
  method: Partial<aws.apigateway.MethodArgs> = {},
  credentials?: pulumi.Input<string>,
) => {
  const route = { restApi: rest.id, resourceId: at.id };
  const made = new aws.apigateway.Method(name, { ...route, httpMethod, authorization: "AWS_IAM", ...method });
  return new aws.apigateway.Integration(name, {
    ...route,
    httpMethod: made.httpMethod,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
    ...(credentials === undefined ? {} : { credentials }),
  });
};

const deployment = new aws.apigateway.Deployment(
  "orders-api",
  { restApi: rest.id },
  {
    dependsOn: [
      restRoute("list-orders", "GET", ordersPath, orders),
      restRoute("place-order", "POST", ordersPath, orders),
      restRoute("read-order", "GET", orderPath, orders),
      restRoute("pay", "POST", paymentsPath, payments, {}, AS_THE_CALLER),
      restRoute("refund", "POST", refundPath, payments, {}, gateway.arn),
      restRoute("read-account", "GET", accountPath, account, {
        authorization: "CUSTOM",
        authorizerId: authorizer.id,
      }),
    ],
  },
);

new aws.apigateway.Stage("live", { restApi: rest.id, deployment: deployment.id, stageName: "live" });

allowInvoke("orders", orders, pulumi.interpolate`${rest.executionArn}/*/*/orders*`);
allowInvoke("account", account, pulumi.interpolate`${rest.executionArn}/*/GET/account`);
allowInvoke("sessions", sessions, pulumi.interpolate`${rest.executionArn}/authorizers/${authorizer.id}`);

// The HTTP API

const http = new aws.apigatewayv2.Api("catalog-api", { name: "catalog-api", protocolType: "HTTP" });

new aws.apigatewayv2.Stage("default", { apiId: http.id, name: "$default", autoDeploy: true });

const toCatalog = new aws.apigatewayv2.Integration("catalog", {
  apiId: http.id,
  integrationType: "AWS_PROXY",
  integrationUri: catalog.arn,
  payloadFormatVersion: "2.0",
});

const httpRoute = (name: string, routeKey: string, authorizationType: string) =>
  new aws.apigatewayv2.Route(name, {
    apiId: http.id,
    routeKey,
    authorizationType,
    target: pulumi.interpolate`integrations/${toCatalog.id}`,
  });

httpRoute("list-articles", "GET /articles", "NONE");
httpRoute("read-article", "GET /articles/{id}", "NONE");
httpRoute("write-article", "PUT /articles/{id}", "AWS_IAM");

// Missing: a permission for GET /articles/{id}, which returns 500 to everyone.
allowInvoke("list-articles", catalog, pulumi.interpolate`${http.executionArn}/*/GET/articles`);
allowInvoke("write-article", catalog, pulumi.interpolate`${http.executionArn}/*/PUT/articles/{id}`);

// The callers

const caller = (name: string, ...statements: aws.iam.PolicyStatement[]) => {
  const role = new aws.iam.Role(name, { name, assumeRolePolicy: trust("ec2.amazonaws.com") });
  new aws.iam.RolePolicy(name, {
    name: "calls",
    role: role.id,
    policy: { Version: "2012-10-17", Statement: statements },
  });
  return role;
};

// POST /payments calls its function with the caller's credentials, and this caller may not invoke it.
caller(
  "storefront",
  allow(
    "execute-api:Invoke",
    pulumi.interpolate`${rest.executionArn}/live/*/orders*`,
    pulumi.interpolate`${rest.executionArn}/live/POST/payments`,
  ),
  allow("lambda:InvokeFunction", orders.arn),
);

caller(
  "back-office",
  allow(
    "execute-api:Invoke",
    pulumi.interpolate`${rest.executionArn}/live/*/orders*`,
    pulumi.interpolate`${rest.executionArn}/live/POST/payments/refund`,
  ),
  allow("lambda:InvokeFunction", orders.arn, payments.arn),
);

caller(
  "billing",
  allow("execute-api:Invoke", pulumi.interpolate`${rest.executionArn}/live/POST/payments*`),
  allow("lambda:InvokeFunction", payments.arn),
);

// Missing: lambda:InvokeFunction on the function.
caller("reporting", allow("execute-api:Invoke", pulumi.interpolate`${rest.executionArn}/live/GET/orders`));

// Whether this caller may invoke the function depends on a policy that is not in this stack.
const editors = caller(
  "editors",
  allow("execute-api:Invoke", pulumi.interpolate`${http.executionArn}/$default/PUT/articles/*`),
);
new aws.iam.RolePolicyAttachment("editors", {
  role: editors.name,
  policyArn: "arn:aws:iam::123456789012:policy/catalog-editors",
});
