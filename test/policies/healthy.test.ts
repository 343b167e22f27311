import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { trustOf } from "../support/rest";

/** Programs that work, in the ways in which programs are written: no finding in any world. */
const programs: Record<string, () => unknown> = {};

const code = () =>
  new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({});"),
  });

function makeFunction(
  name: string,
  args: Partial<aws.lambda.FunctionArgs> = {},
  options: pulumi.CustomResourceOptions = {},
): aws.lambda.Function {
  const role = new aws.iam.Role(
    `${name}-exec`,
    { assumeRolePolicy: trustOf("lambda.amazonaws.com") },
    options,
  );
  new aws.iam.RolePolicyAttachment(
    `${name}-logs`,
    { role, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole },
    options,
  );
  return new aws.lambda.Function(
    name,
    { role: role.arn, runtime: "nodejs22.x", handler: "index.handler", code: code(), ...args },
    options,
  );
}

interface Endpoint {
  readonly integration: aws.apigateway.Integration;
  readonly resource?: aws.apigateway.Resource;
}

function endpoint(
  name: string,
  api: aws.apigateway.RestApi,
  verb: string,
  path: string,
  uri: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions = {},
  more: Partial<aws.apigateway.IntegrationArgs> = {},
  authorization = "AWS_IAM",
): Endpoint {
  const resource =
    path === "/"
      ? undefined
      : new aws.apigateway.Resource(
          `${name}-path`,
          { restApi: api.id, parentId: api.rootResourceId, pathPart: path },
          options,
        );
  const method = new aws.apigateway.Method(
    `${name}-method`,
    { restApi: api.id, resourceId: resource?.id ?? api.rootResourceId, httpMethod: verb, authorization },
    options,
  );
  const integration = new aws.apigateway.Integration(
    `${name}-integration`,
    {
      restApi: api.id,
      resourceId: method.resourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri,
      ...more,
    },
    options,
  );
  return { integration, ...(resource === undefined ? {} : { resource }) };
}

function letIn(
  name: string,
  fn: pulumi.Input<string> | aws.lambda.Function,
  sourceArn: pulumi.Input<string>,
  more: Partial<aws.lambda.PermissionArgs> = {},
  options: pulumi.CustomResourceOptions = {},
): aws.lambda.Permission {
  return new aws.lambda.Permission(
    name,
    {
      action: "lambda:InvokeFunction",
      function: fn,
      principal: "apigateway.amazonaws.com",
      sourceArn,
      ...more,
    },
    options,
  );
}

function stage(
  name: string,
  api: aws.apigateway.RestApi,
  endpoints: readonly Endpoint[],
  options: pulumi.CustomResourceOptions = {},
): aws.apigateway.Stage {
  const deployment = new aws.apigateway.Deployment(
    `${name}-deployment`,
    { restApi: api.id },
    { ...options, dependsOn: endpoints.map(({ integration }) => integration) },
  );
  return new aws.apigateway.Stage(
    `${name}-stage`,
    { restApi: api.id, deployment: deployment.id, stageName: name },
    options,
  );
}

const caller = (
  name: string,
  args: Partial<aws.iam.RoleArgs> = {},
  options: pulumi.CustomResourceOptions = {},
) => new aws.iam.Role(name, { assumeRolePolicy: trustOf("ec2.amazonaws.com"), ...args }, options);

programs["several functions and routes, one caller for all, one document"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const orders = makeFunction("orders");
  const items = makeFunction("items");
  const endpoints = [
    endpoint("orders", api, "GET", "orders", orders.invokeArn),
    endpoint("items", api, "ANY", "items", items.invokeArn),
    endpoint("root", api, "GET", "/", orders.invokeArn),
  ];
  letIn("orders-in", orders, pulumi.interpolate`${api.executionArn}/*/*`);
  letIn("items-in", items, pulumi.interpolate`${api.executionArn}/*/*/items`);
  stage("prod", api, endpoints);
  new aws.iam.RolePolicy("caller-policy", {
    role: caller("caller"),
    policy: pulumi
      .all([api.executionArn, orders.arn, items.arn])
      .apply(([executionArn, ordersArn, itemsArn]) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${executionArn}/*` },
            { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: [ordersArn, itemsArn] },
          ],
        }),
      ),
  });
};

programs["one caller for each function, paths of resources"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const endpoints: Endpoint[] = [];
  for (const name of ["orders", "items", "users"]) {
    const fn = makeFunction(name);
    const one = endpoint(name, api, "GET", name, fn.invokeArn);
    endpoints.push(one);
    letIn(`${name}-in`, fn.name, pulumi.interpolate`${api.executionArn}/*/GET${one.resource?.path}`);
    const role = caller(`${name}-caller`);
    new aws.iam.RolePolicy(`${name}-policy`, {
      role: role.id,
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["execute-api:Invoke"],
            Resource: [pulumi.interpolate`${api.executionArn}/*/GET/${name}`],
          },
          { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [fn.arn] },
        ],
      },
    });
  }
  stage("prod", api, endpoints);
};

programs["literal names in place of references"] = () => {
  const api = new aws.apigateway.RestApi("shop", { name: "shop" });
  makeFunction("orders", { name: "orders" });
  const identity = aws.getCallerIdentityOutput();
  const region = aws.getRegionOutput().region;
  const arn = pulumi.interpolate`arn:aws:lambda:${region}:${identity.accountId}:function:orders`;
  const uri = pulumi.interpolate`arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
  const endpoints = [endpoint("orders", api, "GET", "orders", uri)];
  letIn(
    "orders-in",
    "orders",
    pulumi.interpolate`arn:aws:execute-api:${region}:${identity.accountId}:${api.id}/*/GET/orders`,
  );
  stage("prod", api, endpoints);
  caller("caller", { name: "caller" });
  // A literal grant beside the new API in one document could not be told from none.
  new aws.iam.RolePolicy("call-api", {
    role: "caller",
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`${api.executionArn}/prod/GET/orders`,
      },
    }),
  });
  new aws.iam.RolePolicy("call-function", {
    role: "caller",
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn },
    }),
  });
};

class Service extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  constructor(name: string, options: pulumi.ComponentResourceOptions = {}) {
    super("shop:index:Service", name, {}, options);
    const inside = { parent: this };
    const fn = makeFunction(`${name}-fn`, {}, inside);
    const api = new aws.apigateway.RestApi(`${name}-api`, {}, inside);
    const { integration } = endpoint(name, api, "POST", name, fn.invokeArn, inside);
    letIn(`${name}-in`, fn, pulumi.interpolate`${api.executionArn}/*/POST/${name}`, {}, inside);
    const live = stage(`${name}-live`, api, [{ integration }], inside);
    const role = caller(`${name}-caller`, {}, inside);
    new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi.interpolate`{"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"${live.executionArn}/POST/*"},
          {"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"${fn.arn}"}]}`,
      },
      inside,
    );
    this.url = live.invokeUrl;
    this.registerOutputs({ url: this.url });
  }
}

programs["components, twice"] = () => ({
  a: new Service("orders").url,
  b: new Service("items").url,
});

programs["several stages and an alias of each"] = () => {
  const fn = makeFunction("orders", { publish: true });
  const api = new aws.apigateway.RestApi("shop");
  const alias = new aws.lambda.Alias("live", {
    functionName: fn.name,
    functionVersion: fn.version,
    name: "live",
  });
  const one = endpoint("orders", api, "GET", "orders", alias.invokeArn);
  letIn("orders-in", alias.functionName, pulumi.interpolate`${api.executionArn}/*/*`, {
    qualifier: alias.name,
  });
  stage("prod", api, [one]);
  stage("beta", api, [one]);
  const policy = new aws.iam.Policy("call-orders", {
    policy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
        },
        { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: [alias.arn] },
      ],
    },
  });
  new aws.iam.RolePolicyAttachment("call-orders-attachment", {
    role: caller("caller"),
    policyArn: policy.arn,
  });
};

programs["two regions, each with all it needs"] = () => {
  for (const region of ["us-east-1", "eu-west-1"] as const) {
    const provider = new aws.Provider(region, { region });
    const inside = { provider };
    const fn = makeFunction(`orders-${region}`, { name: "orders" }, inside);
    const api = new aws.apigateway.RestApi(`shop-${region}`, {}, inside);
    const one = endpoint(`orders-${region}`, api, "GET", "orders", fn.invokeArn, inside);
    letIn(`in-${region}`, fn.name, pulumi.interpolate`${api.executionArn}/*/GET/orders`, {}, inside);
    stage(`live-${region}`, api, [one], inside);
    const role = caller(`caller-${region}`, {}, inside);
    new aws.iam.RolePolicy(
      `policy-${region}`,
      {
        role: role.name,
        policy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "execute-api:Invoke",
              Resource: pulumi.interpolate`${api.executionArn}/*`,
            },
            { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn },
          ],
        },
      },
      inside,
    );
  }
};

programs["two regions by the region property"] = () => {
  for (const region of ["us-east-1", "eu-west-1"] as const) {
    const role = new aws.iam.Role(`exec-${region}`, { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const fn = new aws.lambda.Function(`orders-${region}`, {
      region,
      name: "orders",
      role: role.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: code(),
    });
    const api = new aws.apigateway.RestApi(`shop-${region}`, { region, name: "shop" });
    const method = new aws.apigateway.Method(`get-${region}`, {
      region,
      restApi: api.id,
      resourceId: api.rootResourceId,
      httpMethod: "GET",
      authorization: "AWS_IAM",
    });
    const integration = new aws.apigateway.Integration(`call-${region}`, {
      region,
      restApi: api.id,
      resourceId: api.rootResourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: fn.invokeArn,
    });
    letIn(`in-${region}`, fn.name, pulumi.interpolate`${api.executionArn}/*/GET/`, { region });
    const deployment = new aws.apigateway.Deployment(
      `deployment-${region}`,
      { region, restApi: api.id },
      { dependsOn: [integration] },
    );
    new aws.apigateway.Stage(`stage-${region}`, {
      region,
      restApi: api.id,
      deployment: deployment.id,
      stageName: "prod",
    });
    new aws.iam.RolePolicy(`policy-${region}`, {
      role: caller(`caller-${region}`).name,
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: pulumi.interpolate`${api.executionArn}/prod/GET/`,
          },
          { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn },
        ],
      },
    });
  }
};

programs["getPolicyDocument"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  const one = endpoint("orders", api, "GET", "{proxy+}", fn.invokeArn);
  letIn("orders-in", fn, pulumi.interpolate`${api.executionArn}/*/*/*`);
  stage("prod", api, [one]);
  const trust = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole"],
        principals: [{ type: "Service", identifiers: ["ecs-tasks.amazonaws.com"] }],
      },
    ],
  });
  const document = aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ["execute-api:Invoke"], resources: [pulumi.interpolate`${api.executionArn}/*/GET/*`] },
      { actions: ["lambda:InvokeFunction"], resources: [fn.arn] },
    ],
  });
  const role = new aws.iam.Role("caller", { assumeRolePolicy: trust.json });
  new aws.iam.RolePolicy("caller-policy", { role: role.name, policy: document.json });
};

programs["inlinePolicies of the role, and a managed policy among its ARNs"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  const one = endpoint("orders", api, "GET", "orders", fn.invokeArn);
  letIn("orders-in", fn, pulumi.interpolate`${api.executionArn}/*/GET/orders`);
  stage("prod", api, [one]);
  const invoke = new aws.iam.Policy("invoke", {
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "lambda:Invoke*",
        Resource: [fn.arn, pulumi.interpolate`${fn.arn}:*`],
      },
    }),
  });
  caller("caller", {
    inlinePolicies: [
      {
        name: "call",
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "execute-api:*",
              Resource: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
            },
          ],
        }),
      },
    ],
    managedPolicyArns: [invoke.arn, aws.iam.ManagedPolicy.AmazonS3ReadOnlyAccess],
  });
};

programs["API and functions each with a document of its own, several attachments"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  const one = endpoint("orders", api, "GET", "orders", fn.invokeArn);
  letIn("orders-in", fn, pulumi.interpolate`${api.executionArn}/*/GET/orders`);
  stage("prod", api, [one]);
  const role = caller("caller");
  const user = new aws.iam.User("robot");
  const group = new aws.iam.Group("robots");
  new aws.iam.GroupMembership("members", { group: group.name, users: [user.name] });
  const execute = new aws.iam.Policy("execute", {
    policy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: pulumi.interpolate`${api.executionArn}/*`,
        },
      ],
    },
  });
  const invoke = new aws.iam.Policy("invoke", {
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn }],
    },
  });
  for (const [name, policy] of Object.entries({ execute, invoke })) {
    new aws.iam.RolePolicyAttachment(`${name}-role`, { role: role.name, policyArn: policy.arn });
    new aws.iam.GroupPolicyAttachment(`${name}-group`, { group: group.name, policyArn: policy.arn });
  }
};

programs["an administrator calls"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  const one = endpoint("orders", api, "GET", "orders", fn.invokeArn);
  letIn("orders-in", fn, pulumi.interpolate`${api.executionArn}/*/GET/orders`);
  stage("prod", api, [one]);
  new aws.iam.RolePolicyAttachment("administrator", {
    role: caller("admin").name,
    policyArn: aws.iam.ManagedPolicy.AdministratorAccess,
  });
};

programs["credentials role, its policy as managed policy, function names by Pulumi"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  const role = new aws.iam.Role("gateway", {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    }),
  });
  new aws.iam.RolePolicyAttachment("gateway-lambda", {
    role: role.name,
    policyArn: aws.iam.ManagedPolicy.AWSLambdaRole,
  });
  const one = endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, { credentials: role.arn }, "NONE");
  stage("prod", api, [one]);
};

programs["a function without any API, an API without any function, an unrelated role"] = () => {
  const fn = makeFunction("worker");
  new aws.iam.RolePolicy("worker-policy", {
    role: caller("starter").name,
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn }],
    },
  });
  const api = new aws.apigateway.RestApi("mock");
  const one = endpoint(
    "mock",
    api,
    "OPTIONS",
    "cors",
    "",
    {},
    { type: "MOCK", uri: undefined as never },
    "NONE",
  );
  stage("prod", api, [one]);
  const bucket = new aws.s3.Bucket("bucket");
  new aws.iam.RolePolicy("reader", {
    role: caller("reader-role").name,
    policy: pulumi.interpolate`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"${bucket.arn}/*"}]}`,
  });
};

programs["a public route and one for IAM, CORS by a mock, caller of the second only"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const open = makeFunction("open");
  const closed = makeFunction("closed");
  const endpoints = [
    endpoint("open", api, "GET", "open", open.invokeArn, {}, {}, "NONE"),
    endpoint("closed", api, "POST", "closed", closed.invokeArn),
  ];
  letIn("open-in", open, pulumi.interpolate`${api.executionArn}/*/GET/open`);
  letIn("closed-in", closed, pulumi.interpolate`${api.executionArn}/*/POST/closed`);
  stage("prod", api, endpoints);
  new aws.iam.RolePolicy("caller-policy", {
    role: caller("caller").name,
    policy: pulumi.all([api.executionArn, closed.arn]).apply(([executionArn, arn]) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${executionArn}/prod/POST/closed` },
          { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn },
        ],
      }),
    ),
  });
};

programs["a callback function behind the API, called with caller credentials"] = () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = new aws.lambda.CallbackFunction("orders", { callback: async () => ({ statusCode: 200 }) });
  const one = endpoint(
    "orders",
    api,
    "GET",
    "orders",
    fn.invokeArn,
    {},
    { credentials: "arn:aws:iam::*:user/*" },
  );
  stage("prod", api, [one]);
  new aws.iam.RolePolicy("caller-policy", {
    role: caller("caller").name,
    policy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
        },
        { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn },
      ],
    },
  });
};

/** What a first preview cannot know: the SDK drops what a data source with unknown arguments depends on. */
const OPEN: Readonly<Record<string, Case["expected"]>> = {
  getPolicyDocument: { "first-preview": ["unproven-access @ caller"], deployed: [] },
};

describe("healthy programs", () => {
  runCases(
    Object.entries(programs).map(([name, program]): Case => ({ name, program, expected: OPEN[name] ?? [] })),
  );
});
