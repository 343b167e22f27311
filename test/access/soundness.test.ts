import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { principalOf, type Verdict } from "../../access";
import { HTTP_METHODS } from "../../aws";
import { type PlannedResource, type Properties, plan, UNKNOWN } from "../../testing";
import { Native } from "../support/native";
import { contradictions, outcomesOf } from "../support/outcomes";
import { allow, trustOf } from "../support/rest";

/**
 * Soundness: hiding a value can turn a verdict into "unproven", never into its opposite. Stacks are generated as
 * programs. Every partial view is compared with the verdicts on the deployed stack.
 */

interface RouteSpec {
  readonly verb: "GET" | "ANY";
  readonly part: "orders" | "{id}" | "{proxy+}";
  readonly iam: boolean;
  readonly credentials: "none" | "role" | "caller";
  readonly fn: 0 | 1;
  readonly alias: boolean;
  readonly permission: "none" | "all" | "exact" | "other function" | "qualifier" | "slip" | "all except GET";
  /** A mock integration handles GET next to an ANY route. */
  readonly alongside: boolean;
}

interface CallerSpec {
  readonly kind: "role" | "user" | "group";
  readonly execute: "none" | "api" | "route" | "all";
  readonly lambda: "none" | "first" | "second" | "both" | "qualified" | "all";
  readonly by: "one document" | "two documents" | "managed" | "attachment list";
  readonly deny: boolean;
  readonly boundary: "none" | "AWS's" | "everything" | "the API and literals" | "narrow";
  /** A document for another purpose also grants the caller's actions, by a literal or a wildcard. */
  readonly literal: "none" | "a wildcard" | "a prefix";
  /** Whether an exclusive resource lists all policies of a role. */
  readonly owned: "no" | "all" | "all except one";
}

interface StackSpec {
  readonly routes: readonly RouteSpec[];
  readonly callers: readonly CallerSpec[];
  readonly stage: boolean;
  readonly trusted: boolean;
  readonly gateway: "none" | "first" | "all" | "a wildcard and a bucket" | "a prefix and a bucket";
  readonly authorizer: "none" | "permission" | "no permission" | "role";
  readonly apiPolicy: "none" | "deny" | "allow" | "rule";
  readonly fnPolicy: "none" | "role" | "deny";
  readonly url: "none" | "IAM" | "open" | "allowed" | "half allowed";
  /** An EventBridge target calls the first route as the first caller, if that is a role, or as EventBridge itself. */
  readonly target: "none" | "role" | "itself";
  readonly pool: "none" | "trusted" | "not trusted";
}

const route: fc.Arbitrary<RouteSpec> = fc.record({
  verb: fc.constantFrom("GET", "ANY"),
  part: fc.constantFrom("orders", "{id}", "{proxy+}"),
  iam: fc.boolean(),
  credentials: fc.constantFrom("none", "none", "role", "caller"),
  fn: fc.constantFrom(0, 1),
  alias: fc.boolean(),
  permission: fc.constantFrom(
    "none",
    "all",
    "exact",
    "other function",
    "qualifier",
    "slip",
    "all except GET",
  ),
  alongside: fc.boolean(),
});

const caller: fc.Arbitrary<CallerSpec> = fc.record({
  kind: fc.constantFrom("role", "user", "group"),
  execute: fc.constantFrom("none", "api", "route", "all"),
  lambda: fc.constantFrom("none", "first", "second", "both", "qualified", "all"),
  by: fc.constantFrom("one document", "two documents", "managed", "attachment list"),
  deny: fc.boolean(),
  boundary: fc.constantFrom("none", "none", "AWS's", "everything", "the API and literals", "narrow"),
  literal: fc.constantFrom("none", "none", "a wildcard", "a prefix"),
  owned: fc.constantFrom("no", "no", "all", "all except one"),
});

const spec: fc.Arbitrary<StackSpec> = fc.record({
  routes: fc.array(route, { minLength: 1, maxLength: 3 }),
  callers: fc.array(caller, { minLength: 1, maxLength: 3 }),
  stage: fc.boolean(),
  trusted: fc.boolean(),
  gateway: fc.constantFrom("none", "first", "all", "a wildcard and a bucket", "a prefix and a bucket"),
  authorizer: fc.constantFrom("none", "permission", "no permission", "role"),
  apiPolicy: fc.constantFrom("none", "none", "deny", "allow", "rule"),
  fnPolicy: fc.constantFrom("none", "none", "role", "deny"),
  url: fc.constantFrom("none", "IAM", "IAM", "open", "allowed", "half allowed"),
  target: fc.constantFrom("none", "role", "itself"),
  pool: fc.constantFrom("none", "none", "trusted", "not trusted"),
});

type Statements = pulumi.Input<aws.iam.PolicyStatement>[];
const document = (Statement: Statements): aws.iam.PolicyDocument => ({ Version: "2012-10-17", Statement });

function program(given: StackSpec): () => void {
  return () => {
    const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const functions = ["first", "second"].map(
      (name) =>
        new aws.lambda.Function(name, {
          role: execution.arn,
          runtime: "nodejs22.x",
          handler: "index.handler",
          s3Bucket: "code",
          s3Key: `${name}.zip`,
        }),
    ) as [aws.lambda.Function, aws.lambda.Function];
    const aliases = functions.map(
      (fn, i) =>
        new aws.lambda.Alias(`live-${i}`, { functionName: fn.name, functionVersion: "1", name: "live" }),
    ) as [aws.lambda.Alias, aws.lambda.Alias];
    const api = new aws.apigateway.RestApi("api");
    const bucket = new aws.s3.Bucket("bucket");
    const gateway = new aws.iam.Role("gateway", {
      assumeRolePolicy: trustOf(given.trusted ? "apigateway.amazonaws.com" : "ec2.amazonaws.com"),
    });
    if (given.gateway !== "none")
      new aws.iam.RolePolicy("gateway-policy", {
        role: gateway.name,
        policy: document(gatewayStatements(given.gateway, functions[0], bucket)),
      });
    for (const [i, routeSpec] of given.routes.entries())
      makeRoute(routeSpec, i, api, functions, aliases, gateway);
    if (given.stage) {
      const deployment = new aws.apigateway.Deployment("deployment", { restApi: api.id });
      new aws.apigateway.Stage("stage", { restApi: api.id, deployment: deployment.id, stageName: "prod" });
    }
    if (given.authorizer !== "none") {
      const authorizer = new aws.apigateway.Authorizer("authorizer", {
        restApi: api.id,
        authorizerUri: functions[1].invokeArn,
        ...(given.authorizer === "role" ? { authorizerCredentials: gateway.arn } : {}),
      });
      if (given.authorizer === "permission")
        allowsGateway(
          "authorizer-in",
          functions[1].name,
          pulumi.interpolate`${api.executionArn}/authorizers/${authorizer.id}`,
        );
    }
    if (given.url === "IAM")
      new aws.lambda.FunctionUrl("url", { functionName: functions[0].name, authorizationType: "AWS_IAM" });
    else if (given.url !== "none") makePublicUrl(functions[0], given.url);
    const arns = given.callers.map((callerSpec, i) => makeCaller(callerSpec, i, { api, functions, bucket }));
    const [first] = arns;
    const rule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" });
    const asRole = given.target === "role" && given.callers[0]?.kind === "role";
    if (asRole || given.target === "itself")
      new aws.cloudwatch.EventTarget("target", {
        rule: rule.name,
        arn: pulumi.interpolate`${api.executionArn}/prod/GET/r0/*`,
        ...(asRole ? { roleArn: first } : {}),
      });
    if (given.pool !== "none") makeVisitor(given.pool === "trusted", api, functions[0]);
    if (given.apiPolicy !== "none")
      new aws.apigateway.RestApiPolicy("api-policy", {
        restApiId: api.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: given.apiPolicy === "deny" ? "Deny" : "Allow",
              Action: "execute-api:Invoke",
              Resource: pulumi.interpolate`${api.executionArn}/*`,
              ...(given.apiPolicy === "rule"
                ? {
                    Principal: { Service: "events.amazonaws.com" },
                    Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
                  }
                : { Principal: { AWS: arns } }),
            },
          ],
        }),
      });
    if (given.fnPolicy === "role")
      new aws.lambda.Permission("for-caller", {
        action: "lambda:InvokeFunction",
        function: functions[0].name,
        principal: arns[0] as pulumi.Output<string>,
      });
    if (given.fnPolicy === "deny")
      new aws.lambda.ResourcePolicy("fn-policy", {
        resourceArn: functions[0].arn,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Principal: "*", Action: "lambda:*", Resource: "*" }],
        }),
      });
  };
}

function allowsGateway(
  name: string,
  fn: pulumi.Input<string>,
  sourceArn: pulumi.Input<string>,
  qualifier?: string,
): void {
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: fn,
    principal: "apigateway.amazonaws.com",
    sourceArn,
    ...(qualifier === undefined ? {} : { qualifier }),
  });
}

function makeRoute(
  routeSpec: RouteSpec,
  i: number,
  api: aws.apigateway.RestApi,
  functions: readonly [aws.lambda.Function, aws.lambda.Function],
  aliases: readonly [aws.lambda.Alias, aws.lambda.Alias],
  gateway: aws.iam.Role,
): void {
  const at = new aws.apigateway.Resource(`at-${i}`, {
    restApi: api.id,
    parentId: api.rootResourceId,
    pathPart: `r${i}`,
  });
  const resource = new aws.apigateway.Resource(`path-${i}`, {
    restApi: api.id,
    parentId: at.id,
    pathPart: routeSpec.part,
  });
  const method = new aws.apigateway.Method(`method-${i}`, {
    restApi: api.id,
    resourceId: resource.id,
    httpMethod: routeSpec.verb,
    authorization: routeSpec.iam ? "AWS_IAM" : "NONE",
  });
  new aws.apigateway.Integration(`integration-${i}`, {
    restApi: api.id,
    resourceId: resource.id,
    httpMethod: method.httpMethod,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: routeSpec.alias ? aliases[routeSpec.fn].invokeArn : functions[routeSpec.fn].invokeArn,
    ...(routeSpec.credentials === "role" ? { credentials: gateway.arn } : {}),
    ...(routeSpec.credentials === "caller" ? { credentials: "arn:aws:iam::*:user/*" } : {}),
  });
  if (routeSpec.verb === "ANY" && routeSpec.alongside) {
    const where = { restApi: api.id, resourceId: resource.id, httpMethod: "GET" };
    new aws.apigateway.Method(`alongside-${i}`, { ...where, authorization: "NONE" });
    new aws.apigateway.Integration(`alongside-${i}`, { ...where, type: "MOCK" });
  }
  if (routeSpec.permission === "none") return;
  const fn =
    functions[routeSpec.permission === "other function" ? (routeSpec.fn === 0 ? 1 : 0) : routeSpec.fn];
  const qualified = routeSpec.permission === "qualifier" ? !routeSpec.alias : routeSpec.alias;
  const verb = routeSpec.verb === "ANY" ? "*" : routeSpec.verb;
  if (routeSpec.permission === "all except GET") {
    for (const explicitMethod of HTTP_METHODS.filter((each) => each !== "GET"))
      allowsGateway(
        `in-${i}-${explicitMethod}`,
        fn.name,
        pulumi.interpolate`${api.executionArn}/*/${explicitMethod}/*`,
        qualified ? "live" : undefined,
      );
    return;
  }
  const tail =
    routeSpec.permission === "exact"
      ? `*/${verb}/r${i}/${routeSpec.part}`
      : routeSpec.permission === "slip"
        ? `*/${verb}/r${i}/${routeSpec.part}/`
        : "*/*";
  allowsGateway(
    `in-${i}`,
    fn.name,
    pulumi.interpolate`${api.executionArn}/${tail}`,
    qualified ? "live" : undefined,
  );
}

/** A function URL without authorization, declared with `aws-native`. */
function makePublicUrl(fn: aws.lambda.Function, permissions: "open" | "allowed" | "half allowed"): void {
  new Native("lambda:Url", "url", { targetFunctionArn: fn.arn, authType: "NONE" });
  const addPermission = (name: string, inputs: pulumi.Inputs): Native =>
    new Native("lambda:Permission", name, { functionName: fn.arn, principal: "*", ...inputs });
  if (permissions !== "open")
    addPermission("calls", { action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "NONE" });
  if (permissions === "allowed")
    addPermission("invokes", { action: "lambda:InvokeFunction", invokedViaFunctionUrl: true });
}

/** A role that an identity pool assigns to unauthenticated identities. */
function makeVisitor(trusted: boolean, api: aws.apigateway.RestApi, fn: aws.lambda.Function): void {
  const pool = new aws.cognito.IdentityPool("pool", { identityPoolName: "pool" });
  const role = new aws.iam.Role("visitor", {
    assumeRolePolicy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: { "cognito-identity.amazonaws.com:aud": trusted ? pool.id : "us-east-1:another" },
          },
        },
      ],
    }),
  });
  new aws.iam.RolePolicy("visitor-policy", {
    role: role.name,
    policy: document([
      allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
      allow("lambda:InvokeFunction", fn.arn),
    ]),
  });
  new aws.cognito.IdentityPoolRoleAttachment("attachment", {
    identityPoolId: pool.id,
    roles: { unauthenticated: role.arn },
  });
}

interface GeneratedStack {
  readonly api: aws.apigateway.RestApi;
  readonly functions: readonly [aws.lambda.Function, aws.lambda.Function];
  /** An unrelated resource that a document also mentions. */
  readonly bucket: aws.s3.Bucket;
}

const BY_PREFIX = "arn:aws:lambda:*:*:function:first*";

function gatewayStatements(
  given: StackSpec["gateway"],
  first: aws.lambda.Function,
  bucket: aws.s3.Bucket,
): Statements {
  const invoking = (resource: pulumi.Input<string>) => allow("lambda:InvokeFunction", resource);
  switch (given) {
    case "none":
      return [];
    case "first":
      return [invoking(first.arn)];
    case "all":
      return [invoking("*")];
    default:
      return [
        allow("s3:GetObject", bucket.arn),
        invoking(given === "a prefix and a bucket" ? BY_PREFIX : "*"),
      ];
  }
}

function boundaryStatements(given: CallerSpec["boundary"], { api, bucket }: GeneratedStack): Statements {
  switch (given) {
    case "everything":
      return [allow("*", "*"), { Effect: "Deny", Action: "s3:DeleteBucket", Resource: bucket.arn }];
    case "the API and literals":
      return [
        allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
        allow("lambda:InvokeFunction", BY_PREFIX),
      ];
    default:
      return [allow("s3:GetObject", bucket.arn)];
  }
}

function boundaryOf(
  name: string,
  { boundary }: CallerSpec,
  generatedStack: GeneratedStack,
): { permissionsBoundary?: pulumi.Input<string> } {
  if (boundary === "none") return {};
  if (boundary === "AWS's") return { permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess" };
  const policy = new aws.iam.Policy(`${name}-boundary`, {
    policy: document(boundaryStatements(boundary, generatedStack)),
  });
  return { permissionsBoundary: policy.arn };
}

function makeCaller(
  callerSpec: CallerSpec,
  i: number,
  generatedStack: GeneratedStack,
): pulumi.Output<string> {
  const { api, functions, bucket } = generatedStack;
  const [first, second] = functions;
  const execute: Statements = {
    none: [],
    api: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
    route: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/r0/*`)],
    all: [allow("execute-api:Invoke", "*")],
  }[callerSpec.execute];
  const lambda: Statements = {
    none: [],
    first: [allow("lambda:InvokeFunction", first.arn)],
    second: [allow("lambda:*", second.arn)],
    both: [allow("lambda:InvokeFunction", [first.arn, second.arn])],
    qualified: [allow("lambda:InvokeFunction", pulumi.interpolate`${first.arn}:*`)],
    all: [allow("lambda:InvokeFunction", "*")],
  }[callerSpec.lambda];
  const denies: Statements = callerSpec.deny
    ? [{ Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:*:*:function:second*" }]
    : [];
  const literal: Statements =
    callerSpec.literal === "none"
      ? []
      : [
          allow("s3:GetObject", bucket.arn),
          allow("lambda:InvokeFunction", callerSpec.literal === "a prefix" ? BY_PREFIX : "*"),
        ];
  // An unknown Deny is not inferred, so it is in a separate document.
  const documents =
    callerSpec.by === "one document"
      ? [[...execute, ...lambda, ...literal], denies]
      : [execute, [...lambda, ...literal], denies];
  const name = `caller-${i}`;
  const boundary = boundaryOf(name, callerSpec, generatedStack);
  const nonEmpty = documents.filter((statements) => statements.length > 0);
  const managed = (n: number, statements: Statements): aws.iam.Policy =>
    new aws.iam.Policy(`${name}-managed-${n}`, { policy: document(statements) });
  if (callerSpec.kind === "role") {
    const role = new aws.iam.Role(name, {
      assumeRolePolicy: trustOf("ec2.amazonaws.com"),
      ...boundary,
      ...(callerSpec.by === "attachment list"
        ? { managedPolicyArns: nonEmpty.map((each, n) => managed(n, each).arn) }
        : {}),
    });
    if (callerSpec.by === "attachment list") return role.arn;
    const given = nonEmpty.map((each, n) => {
      if (callerSpec.by !== "managed")
        return new aws.iam.RolePolicy(`${name}-inline-${n}`, { role: role.name, policy: document(each) })
          .name;
      const policyArn = managed(n, each).arn;
      new aws.iam.RolePolicyAttachment(`${name}-attached-${n}`, { role: role.name, policyArn });
      return policyArn;
    });
    const listed = callerSpec.owned === "all except one" ? given.slice(1) : given;
    if (callerSpec.owned !== "no" && callerSpec.by === "managed")
      new aws.iam.RolePolicyAttachmentsExclusive(`${name}-owned`, {
        roleName: role.name,
        policyArns: listed,
      });
    else if (callerSpec.owned !== "no")
      new aws.iam.RolePoliciesExclusive(`${name}-owned`, { roleName: role.name, policyNames: listed });
    return role.arn;
  }
  const user = new aws.iam.User(name, boundary);
  const group = callerSpec.kind === "group" ? new aws.iam.Group(`${name}-group`) : undefined;
  if (group) new aws.iam.UserGroupMembership(`${name}-member`, { user: user.name, groups: [group.name] });
  nonEmpty.forEach((each, n) => {
    if (group && callerSpec.by === "managed")
      new aws.iam.GroupPolicyAttachment(`${name}-attached-${n}`, {
        group: group.name,
        policyArn: managed(n, each).arn,
      });
    else if (group)
      new aws.iam.GroupPolicy(`${name}-inline-${n}`, { group: group.name, policy: document(each) });
    else if (callerSpec.by === "attachment list")
      new aws.iam.PolicyAttachment(`${name}-attached-${n}`, {
        users: [user.name],
        policyArn: managed(n, each).arn,
      });
    else new aws.iam.UserPolicy(`${name}-inline-${n}`, { user: user.name, policy: document(each) });
  });
  return user.arn;
}

/**
 * The content of an unknown value cannot be inferred: mistakes in a source ARN, the routes or authorizers of the API
 * that it is for, and whether a document that depends on a function names it with a qualifier.
 */
function inferable(given: StackSpec): StackSpec {
  return {
    ...given,
    routes: given.routes.map((routeSpec) => ({
      ...routeSpec,
      alias: false,
      permission: ["slip", "exact", "all except GET"].includes(routeSpec.permission)
        ? "all"
        : routeSpec.permission,
    })),
    callers: given.callers.map((callerSpec) => ({
      ...callerSpec,
      lambda: callerSpec.lambda === "qualified" ? "first" : callerSpec.lambda,
    })),
  };
}

describe("hiding values never turns a verdict into its opposite", () => {
  it("prove: any values of any resources are hidden", async function () {
    this.timeout(300_000);
    await fc.assert(
      fc.asyncProperty(
        spec,
        fc.infiniteStream(fc.nat(99)),
        fc.constantFrom(5, 20, 60),
        async (given, random, chance) => {
          const { resources } = await plan(program(given), { as: "deployed" });
          const truth = outcomesOf(resources, "prove");
          for (let round = 0; round < 8; round++) {
            const hidden: string[] = [];
            const view = resources.map((resource) => ({
              ...resource,
              outputs: Object.fromEntries(
                Object.entries(resource.outputs).map(([key, value]) => {
                  if (resource.type.startsWith("pulumi:") || (random.next().value ?? 0) >= chance)
                    return [key, value];
                  hidden.push(`${resource.name}.${key}`);
                  return [key, UNKNOWN];
                }),
              ) as Properties,
              propertyDependencies: {
                ...Object.fromEntries(Object.keys(resource.inputs).map((key) => [key, []])),
                ...resource.propertyDependencies,
              },
            }));
            const contradicting = contradictions(truth, outcomesOf(view, "prove"));
            assert.deepEqual(contradicting, [], `hidden: ${hidden.join(", ")}`);
          }
        },
      ),
      { numRuns: 8, seed: 20_261, endOnFailure: true },
    );
  });

  for (const mode of ["infer", "prove"] as const)
    it(`${mode}: previews with new resources`, async function () {
      this.timeout(300_000);
      await fc.assert(
        fc.asyncProperty(
          spec,
          fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
          async (generated, coins) => {
            const given = mode === "infer" ? inferable(generated) : generated;
            const { resources } = await plan(program(given), { as: "deployed" });
            const truth = outcomesOf(resources, mode);
            let at = 0;
            for (const exists of [() => false, () => coins[at++ % coins.length] as boolean]) {
              const existing = new Set<string>();
              const view = await plan(program(given), {
                as: {
                  update: (resource) => {
                    const isRetryable = exists();
                    if (isRetryable) existing.add(resource.name);
                    return isRetryable;
                  },
                },
              });
              const except = mode === "infer" ? acceptedDenial(existing) : () => false;
              assert.deepEqual(contradictions(truth, outcomesOf(view.resources, mode, { except })), []);
            }
          },
        ),
        { numRuns: 12, seed: 20_262, endOnFailure: true },
      );
    });
});

/**
 * The only denial that can contradict the deployed stack: it is inferred, from documents that depend on the API, for a
 * caller whose resources are all new, as are those of the API.
 */
function acceptedDenial(existing: ReadonlySet<string>): (verdict: Verdict) => boolean {
  return (verdict) => {
    const { gate, outcome, inferredFrom } = verdict;
    if (outcome !== "denied" || inferredFrom.length === 0 || existing.has("api")) return false;
    if (gate === "role-function") return false;
    const callerName = /::(caller-\d+|visitor)$/.exec(principalOf(verdict)?.urn ?? "")?.[1];
    return callerName !== undefined && ![...existing].some((name) => name.startsWith(callerName));
  };
}

/** The state after a refresh: roles list all their policies, and an API has its resource policy. */
function refreshed(resources: readonly PlannedResource[]): readonly PlannedResource[] {
  const given = (type: string, property: string, value: unknown) =>
    resources
      .filter((resource) => resource.type === type && resource.inputs[property] === value)
      .map((resource) => resource.outputs);
  return resources.map((resource) => {
    const { type, outputs } = resource;
    if (type === "aws:iam/role:Role")
      return {
        ...resource,
        outputs: {
          ...outputs,
          inlinePolicies: given("aws:iam/rolePolicy:RolePolicy", "role", outputs.name).map(
            ({ name, policy }) => ({ name, policy }),
          ),
          managedPolicyArns: [
            ...new Set([
              ...((outputs.managedPolicyArns as string[] | undefined) ?? []),
              ...given("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", outputs.name).map(
                ({ policyArn }) => policyArn,
              ),
            ]),
          ],
        },
      };
    const [policy] =
      type === "aws:apigateway/restApi:RestApi"
        ? given("aws:apigateway/restApiPolicy:RestApiPolicy", "restApiId", outputs.id)
        : [];
    return policy === undefined ? resource : { ...resource, outputs: { ...outputs, policy: policy.policy } };
  }) as readonly PlannedResource[];
}

describe("a refreshed state", () => {
  for (const withInputs of [true, false])
    it(`has the same verdicts, ${withInputs ? "with" : "without"} the program's inputs`, async function () {
      this.timeout(300_000);
      await fc.assert(
        fc.asyncProperty(spec, async (given) => {
          const { resources } = await plan(program(given), { as: "deployed" });
          assert.deepEqual(
            outcomesOf(refreshed(resources), "infer", { withInputs }),
            outcomesOf(resources, "infer", { withInputs }),
          );
        }),
        { numRuns: 12, seed: 20_263, endOnFailure: true },
      );
    });
});
