/**
 * Stacks as the engine describes them to a policy pack: plain data, of any size, for two moments. `deployed` has every
 * value; on a `first-preview` every value that depends on a resource that does not exist yet is unknown, though the
 * engine still sends the dependencies of each property.
 */

import { createHash } from "node:crypto";
import { dump } from "js-yaml";

export type Moment = "deployed" | "first-preview";

/** One resource of an `AnalyzeStack` request. */
export interface BenchResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

/** A stack, and the expected findings on it: `policy urn` for each mandatory violation. */
export interface BenchStack {
  readonly resources: readonly BenchResource[];
  readonly expected: readonly string[];
  /** Settings, by policy. */
  readonly configuration?: Readonly<Record<string, object>>;
}

/** The engine's sentinel for a value that depends on a resource that does not exist yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const ROOT_URN = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
export const PROVIDER = {
  type: "pulumi:providers:aws",
  name: "default_7_48_0",
  urn: "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_48_0",
  props: { region: REGION, version: "7.48.0" },
};

/** A value that AWS assigns to a resource. */
class Output {
  constructor(
    readonly urn: string,
    readonly value: string,
  ) {}
}

/** Text, or a JSON document, that depends on outputs. */
class Computed {
  constructor(readonly template: unknown) {}
}

export const join = (...parts: (string | Output)[]): Computed => new Computed(parts);
const json = (document: object): Computed => new Computed(document);

export class Stack {
  readonly resources: BenchResource[] = [
    { ...PROVIDER, dependencies: [], propertyDependencies: {} },
    {
      type: "pulumi:pulumi:Stack",
      name: "shop-dev",
      urn: ROOT_URN,
      props: {},
      dependencies: [],
      propertyDependencies: {},
    },
  ];

  constructor(private readonly moment: Moment) {}

  /** Registers a resource and returns its outputs, those in `outputs` by name. */
  add<K extends string = never>(
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    outputs?: Record<K, string>,
  ): { readonly urn: string } & Record<K | "id", Output> {
    const urn = `urn:pulumi:dev::shop::${type}::${name}`;
    const computed: Record<string, string> = { id: name, ...outputs };
    const props: Record<string, unknown> = {};
    const propertyDependencies: Record<string, string[]> = {};
    for (const [key, value] of Object.entries(computed))
      props[key] = this.moment === "deployed" ? value : UNKNOWN;
    for (const [key, value] of Object.entries(inputs)) {
      const dependencyUrns = new Set<string>();
      props[key] = this.resolve(value, dependencyUrns);
      if (dependencyUrns.size > 0) propertyDependencies[key] = [...dependencyUrns];
    }
    const dependencies = [...new Set(Object.values(propertyDependencies).flat())];
    this.resources.push({ type, name, urn, props, dependencies, propertyDependencies });
    const result: Record<string, unknown> = { urn };
    for (const [key, value] of Object.entries(computed)) result[key] = new Output(urn, value);
    return result as { readonly urn: string } & Record<K | "id", Output>;
  }

  private resolve(value: unknown, dependencyUrns: Set<string>): unknown {
    if (value instanceof Output) {
      dependencyUrns.add(value.urn);
      return this.moment === "deployed" ? value.value : UNKNOWN;
    }
    if (value instanceof Computed) {
      const previousSize = dependencyUrns.size;
      const filled = withoutOutputs(value.template, dependencyUrns);
      if (this.moment === "first-preview" && dependencyUrns.size > previousSize) return UNKNOWN;
      return Array.isArray(filled) ? filled.join("") : JSON.stringify(filled);
    }
    return value;
  }
}

/** Replaces outputs by values, and records their dependencies. */
function withoutOutputs(template: unknown, dependencyUrns: Set<string>): unknown {
  if (template instanceof Output) {
    dependencyUrns.add(template.urn);
    return template.value;
  }
  if (template instanceof Computed) {
    const filled = withoutOutputs(template.template, dependencyUrns);
    return Array.isArray(filled) ? filled.join("") : filled;
  }
  if (Array.isArray(template)) return template.map((part) => withoutOutputs(part, dependencyUrns));
  if (typeof template === "object" && template !== null)
    return Object.fromEntries(
      Object.entries(template).map(([key, part]) => [key, withoutOutputs(part, dependencyUrns)]),
    );
  return template;
}

function trust(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}

export function allow(statements: readonly { action: string; resource: unknown }[]): Computed {
  return json({
    Version: "2012-10-17",
    Statement: statements.map(({ action, resource }) => ({
      Effect: "Allow",
      Action: action,
      Resource: resource,
    })),
  });
}

export function addRole(stack: Stack, name: string, service: string) {
  return stack.add(
    "aws:iam/role:Role",
    name,
    {
      name,
      path: "/",
      assumeRolePolicy: trust(service),
      maxSessionDuration: 3600,
      tags: { team: "shop", service: name },
    },
    { arn: `arn:aws:iam::${ACCOUNT}:role/${name}` },
  );
}

export function addFunction(stack: Stack, name: string) {
  const role = addRole(stack, `${name}-execution`, "lambda.amazonaws.com");
  stack.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", `${name}-logs`, {
    role: `${name}-execution`,
    policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  });
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
  return stack.add(
    "aws:lambda/function:Function",
    name,
    {
      name,
      role: role.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      s3Bucket: "code",
      s3Key: `${name}.zip`,
      memorySize: 256,
      timeout: 10,
      environment: { variables: { TABLE: `${name}-table`, LOG_LEVEL: "info", STAGE: "dev" } },
      tags: { team: "shop", service: name },
    },
    {
      arn,
      invokeArn: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    },
  );
}

export function addApi(stack: Stack, name: string, inputs: Record<string, unknown> = {}) {
  const id = createHash("sha1").update(name).digest("hex").slice(0, 10);
  return stack.add(
    "aws:apigateway/restApi:RestApi",
    name,
    { name, description: "Orders of the shop", tags: { team: "shop" }, ...inputs },
    {
      id,
      executionArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}`,
      rootResourceId: `${id}root`,
      arn: `arn:aws:apigateway:${REGION}::/restapis/${id}`,
    },
  );
}

export type Api = ReturnType<typeof addApi>;
export type Fn = ReturnType<typeof addFunction>;

/** A resource's path part, a method on it and the function that it calls. */
interface AddedRoute {
  readonly name: string;
  readonly part: string;
  readonly verb?: string;
  readonly fn: Fn;
}

/** A resource, an IAM-authorized method and a Lambda proxy integration below the root of an API. */
export function addRoute(stack: Stack, api: Api, { name, part, verb = "GET", fn }: AddedRoute) {
  const resource = stack.add(
    "aws:apigateway/resource:Resource",
    name,
    { restApi: api.id, parentId: api.rootResourceId, pathPart: part },
    { id: `${name}-id`, path: `/${part}` },
  );
  const methodInputs = { restApi: api.id, resourceId: resource.id, httpMethod: verb };
  stack.add("aws:apigateway/method:Method", name, {
    ...methodInputs,
    authorization: "AWS_IAM",
    apiKeyRequired: false,
  });
  return stack.add("aws:apigateway/integration:Integration", name, {
    ...methodInputs,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
    timeoutMilliseconds: 29000,
    passthroughBehavior: "WHEN_NO_MATCH",
  });
}

export function addPermission(stack: Stack, name: string, fn: Fn, sourceArn: Computed): void {
  stack.add("aws:lambda/permission:Permission", name, {
    action: "lambda:InvokeFunction",
    principal: "apigateway.amazonaws.com",
    function: fn.arn,
    sourceArn,
  });
}

export function addStage(stack: Stack, api: Api, name: string): void {
  const deployment = stack.add("aws:apigateway/deployment:Deployment", name, { restApi: api.id });
  stack.add("aws:apigateway/stage:Stage", name, {
    restApi: api.id,
    deployment: deployment.id,
    stageName: "live",
    tags: { team: "shop" },
  });
}

/** Resources of a stack other than its APIs, which a pack should skip quickly. */
const OTHER_RESOURCES: readonly ((name: string) => [string, Record<string, unknown>])[] = [
  (name) => [
    "aws:s3/bucket:Bucket",
    { bucket: name, forceDestroy: false, tags: { team: "shop" }, versioning: { enabled: true } },
  ],
  (name) => [
    "aws:dynamodb/table:Table",
    {
      name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      attributes: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ],
      tags: { team: "shop" },
    },
  ],
  (name) => ["aws:cloudwatch/logGroup:LogGroup", { name: `/aws/lambda/${name}`, retentionInDays: 30 }],
  (name) => [
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
      name,
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 2,
      metricName: "5XXError",
      namespace: "AWS/ApiGateway",
      period: 60,
      statistic: "Sum",
      threshold: 1,
    },
  ],
  (name) => [
    "aws:ec2/securityGroup:SecurityGroup",
    {
      name,
      ingress: [{ fromPort: 443, toPort: 443, protocol: "tcp", cidrBlocks: ["10.0.0.0/8"] }],
      egress: [{ fromPort: 0, toPort: 0, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
    },
  ],
];

const ROUTES = [
  ["orders", "GET"],
  ["carts", "POST"],
  ["items", "GET"],
  ["prices", "GET"],
  ["stock", "ANY"],
] as const;

/**
 * Services until the stack has `relevant` resources, three in five by default, and `size` in all. Each service is an
 * API of six IAM-authorized routes, two functions with their roles and permissions, and a caller. One caller lacks
 * `lambda:InvokeFunction`, one function lacks its permission; everything else is correct.
 */
export function services(size: number, moment: Moment, relevant = Math.ceil(size * 0.6)): BenchStack {
  const stack = new Stack(moment);
  const expected: string[] = [];
  for (let index = 0; stack.resources.length + RESOURCES_PER_SERVICE <= relevant; index += 1) {
    const name = `svc${index}`;
    const orders = addFunction(stack, `${name}-orders`);
    const reports = addFunction(stack, `${name}-reports`);
    const api = addApi(stack, `${name}-api`);
    for (const [part, verb] of ROUTES) {
      addRoute(stack, api, { name: `${name}-${part}`, part, verb, fn: orders });
      const pathVerb = verb === "ANY" ? "*" : verb;
      addPermission(stack, `${name}-${part}`, orders, join(api.executionArn, `/*/${pathVerb}/${part}`));
    }
    const report = addRoute(stack, api, { name: `${name}-report`, part: "report", fn: reports });
    if (index === 1) expected.push(`route-function-permission ${report.urn}`);
    else addPermission(stack, `${name}-report`, reports, join(api.executionArn, "/*/GET/report"));
    addStage(stack, api, name);

    const caller = addRole(stack, `${name}-caller`, "ecs-tasks.amazonaws.com");
    const call = { action: "execute-api:Invoke", resource: join(api.executionArn, "/live/GET/orders") };
    const invoke = { action: "lambda:InvokeFunction", resource: orders.arn };
    if (index === 0) expected.push(`iam-route-caller-lambda-invoke ${caller.urn}`);
    stack.add("aws:iam/rolePolicy:RolePolicy", `${name}-caller`, {
      role: `${name}-caller`,
      policy: allow(index === 0 ? [call] : [call, invoke]),
    });
  }
  addOthers(stack, size);
  return { resources: stack.resources, expected };
}

function addOthers(stack: Stack, size: number): void {
  for (let index = 0; stack.resources.length < size; index += 1) {
    const make = OTHER_RESOURCES[index % OTHER_RESOURCES.length];
    if (make === undefined) break;
    const [type, props] = make(`other${index}`);
    stack.add(type, `other${index}`, props);
  }
}

/** Resources without any route, function URL or permission: functions that queues call, their roles, and others. */
export function withoutApis(size: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  for (let index = 0; stack.resources.length < size * 0.6; index += 1) {
    const name = `worker${index}`;
    const { arn } = addFunction(stack, name);
    stack.add("aws:iam/rolePolicy:RolePolicy", name, {
      role: `${name}-execution`,
      policy: allow([{ action: "sqs:ReceiveMessage", resource: "*" }]),
    });
    stack.add("aws:lambda/eventSourceMapping:EventSourceMapping", name, { functionName: arn });
  }
  addOthers(stack, size);
  return { resources: stack.resources, expected: [] };
}

/** API, stage, deployment; six routes of four; two functions of three; a caller and its policy. */
const RESOURCES_PER_SERVICE = 3 + 6 * 4 + 2 * 3 + 2;

/**
 * One API whose `routes` IAM-authorized routes call fifty functions, and `callers` roles that may call all of them.
 * Twenty more callers may call one route and lack `lambda:InvokeFunction`.
 */
export function routesByCallers(routes: number, callers: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const expected: string[] = [];
  const api = addApi(stack, "shop");
  const functions = Array.from({ length: 50 }, (_, index) => addFunction(stack, `shop-${index}`));
  functions.forEach((fn, index) => {
    addPermission(stack, `shop-${index}`, fn, join(api.executionArn, "/*"));
  });
  for (let index = 0; index < routes; index += 1) {
    const fn = functions[index % functions.length];
    if (fn !== undefined) addRoute(stack, api, { name: `route${index}`, part: `r${index}`, fn });
  }
  addStage(stack, api, "shop");
  for (let index = 0; index < callers; index += 1) {
    const lacking = index < 20;
    const name = `caller${index}`;
    const caller = addRole(stack, name, "ecs-tasks.amazonaws.com");
    if (lacking) expected.push(`iam-route-caller-lambda-invoke ${caller.urn}`);
    stack.add("aws:iam/rolePolicy:RolePolicy", name, {
      role: name,
      policy: lacking
        ? allow([{ action: "execute-api:Invoke", resource: join(api.executionArn, `/live/GET/r${index}`) }])
        : allow([
            { action: "execute-api:Invoke", resource: join(api.executionArn, "/live/*") },
            {
              action: "lambda:InvokeFunction",
              // An unknown document grants access to its dependencies.
              resource:
                moment === "deployed"
                  ? `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop-*`
                  : functions.map(({ arn }) => arn),
            },
          ]),
    });
  }
  return { resources: stack.resources, expected };
}

const OPERATIONS = 2_000;
const BODY_SIZE = 5_000_000;

/**
 * One API whose OpenAPI body of 5 MB has 2,000 IAM-authorized operations on fifty functions, one of which has no
 * permission, and one caller that may call all of them and lacks `lambda:InvokeFunction`.
 */
export function largeBody(format: "JSON" | "YAML", moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const functions = Array.from({ length: 50 }, (_, index) => addFunction(stack, `shop-${index}`));
  const description = "Of an order. ".repeat(Math.ceil(BODY_SIZE / OPERATIONS / 13));
  const paths = Object.fromEntries(
    Array.from({ length: OPERATIONS }, (_, index) => [
      `/orders/r${index}/{id}`,
      {
        get: {
          description,
          responses: { 200: { description: "an order" } },
          "x-amazon-apigateway-auth": { type: "AWS_IAM" },
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            uri: functions[index % functions.length]?.invokeArn.value,
          },
        },
      },
    ]),
  );
  const document = { openapi: "3.0.1", info: { title: "shop", version: "1" }, paths };
  const api = addApi(stack, "shop", {
    body: format === "JSON" ? JSON.stringify(document) : dump(document, { lineWidth: -1 }),
  });
  functions.slice(1).forEach((fn, index) => {
    addPermission(stack, `shop-${index}`, fn, join(api.executionArn, "/*"));
  });
  addStage(stack, api, "shop");
  const caller = addRole(stack, "caller", "ecs-tasks.amazonaws.com");
  stack.add("aws:iam/rolePolicy:RolePolicy", "caller", {
    role: "caller",
    policy: allow([{ action: "execute-api:Invoke", resource: join(api.executionArn, "/*") }]),
  });
  return {
    resources: stack.resources,
    // The functions' ARNs are literals, which on a first preview may be those of any functions.
    expected: [
      `route-function-permission ${api.urn}`,
      ...(moment === "deployed" ? [`iam-route-caller-lambda-invoke ${caller.urn}`] : []),
    ],
  };
}
