/** Stacks that are large in one dimension: a pack that is fast on each of them is fast on real stacks. */
import {
  ACCOUNT,
  addApi,
  addFunction,
  addPermission,
  addRole,
  addRoute,
  addStage,
  allow,
  type BenchStack,
  join,
  type Moment,
  REGION,
  Stack,
} from "./resources";

const EXECUTE = "execute-api:Invoke";
const INVOKE = "lambda:InvokeFunction";
const IAM_ROUTE_POLICY = "iam-route-caller-lambda-invoke";

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A role for programs on ECS, with one policy of the given statements. */
function addCaller(
  stack: Stack,
  name: string,
  statements: readonly { action: string; resource: unknown }[],
): string {
  const { urn } = addRole(stack, name, "ecs-tasks.amazonaws.com");
  stack.add("aws:iam/rolePolicy:RolePolicy", name, { role: name, policy: allow(statements) });
  return urn;
}

/** Each caller may call one route, and lacks permission for its function. */
export function lackingCallers(routes: number, callers: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const fn = addFunction(stack, "shop");
  const api = addApi(stack, "shop");
  times(routes, (index) => addRoute(stack, api, { name: `route${index}`, part: `r${index}`, fn }));
  addPermission(stack, "shop", fn, join(api.executionArn, "/*"));
  addStage(stack, api, "shop");
  const urns = times(callers, (index) =>
    addCaller(stack, `caller${index}`, [
      { action: EXECUTE, resource: join(api.executionArn, `/*/GET/r${index % routes}`) },
    ]),
  );
  return { resources: stack.resources, expected: urns.map((urn) => `${IAM_ROUTE_POLICY} ${urn}`) };
}

/** Each route has a separate function; each caller may call one route, and lacks permission for the functions. */
export function functionForEachRoute(routes: number, callers: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const api = addApi(stack, "shop");
  times(routes, (index) => {
    const fn = addFunction(stack, `shop-${index}`);
    addRoute(stack, api, { name: `route${index}`, part: `r${index}`, fn });
    addPermission(stack, `shop-${index}`, fn, join(api.executionArn, "/*"));
  });
  addStage(stack, api, "shop");
  const urns = times(callers, (index) =>
    addCaller(stack, `caller${index}`, [
      { action: EXECUTE, resource: join(api.executionArn, `/*/GET/r${index % routes}`) },
    ]),
  );
  return { resources: stack.resources, expected: urns.map((urn) => `${IAM_ROUTE_POLICY} ${urn}`) };
}

/** Function URLs, and callers with one of the two actions on all of them. */
export function functionUrls(urls: number, callers: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  times(urls, (index) => {
    const fn = addFunction(stack, `shop-${index}`);
    stack.add("aws:lambda/functionUrl:FunctionUrl", `url${index}`, {
      functionName: fn.arn,
      authorizationType: "AWS_IAM",
    });
  });
  const urns = times(callers, (index) =>
    addCaller(stack, `caller${index}`, [{ action: "lambda:InvokeFunctionUrl", resource: "*" }]),
  );
  return {
    resources: stack.resources,
    expected: urns.map((urn) => `function-url-caller-lambda-invoke ${urn}`),
  };
}

/**
 * Many entries of `callers`, each with as many routes, on a stack of routes and roles with permission for the function.
 */
export function declaredCallers(entries: number, patterns: number, size: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const fn = addFunction(stack, "shop");
  const api = addApi(stack, "shop");
  times(size, (index) => addRoute(stack, api, { name: `route${index}`, part: `r${index}`, fn }));
  addPermission(stack, "shop", fn, join(api.executionArn, "/*"));
  addStage(stack, api, "shop");
  const urns = times(size, (index) =>
    addCaller(stack, `caller${index}`, [
      { action: "logs:PutLogEvents", resource: "*" },
      ...(index === 0 ? [] : [{ action: INVOKE, resource: fn.arn }]),
    ]),
  );
  const callers = times(entries, (entry) => ({
    principal: `caller${entry % 10}*`,
    routes: times(patterns, (index) => `GET /r${entry}${index}*`).concat("GET /r0"),
  }));
  return {
    resources: stack.resources,
    expected: [`${IAM_ROUTE_POLICY} ${urns[0]}`],
    configuration: { [IAM_ROUTE_POLICY]: { callers } },
  };
}

/** Paths in an OpenAPI body, and callers with grants that contain a wildcard and the function. */
function inBody(moment: Moment, paths: readonly string[], grants: readonly string[]): BenchStack {
  const stack = new Stack(moment);
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop`;
  const operation = {
    "x-amazon-apigateway-auth": { type: "AWS_IAM" },
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    },
  };
  const fn = addFunction(stack, "shop");
  const body = JSON.stringify({
    openapi: "3.0.1",
    paths: Object.fromEntries(paths.map((path) => [path, { "x-amazon-apigateway-any-method": operation }])),
  });
  const api = addApi(stack, "shop", { body });
  addPermission(stack, "shop", fn, join(api.executionArn, "/*"));
  addStage(stack, api, "shop");
  for (const [index, grant] of grants.entries())
    addCaller(stack, `caller${index}`, [
      { action: EXECUTE, resource: join(api.executionArn, `/*/GET/${grant}`) },
      { action: INVOKE, resource: fn.arn },
    ]);
  return { resources: stack.resources, expected: [] };
}

/** `/{proxy+}`, `/a/{proxy+}`, `/a/a/{proxy+}` … */
export function nestedGreedyPaths(count: number, moment: Moment): BenchStack {
  const paths = times(count, (depth) => `/${"a/".repeat(depth)}{proxy+}`);
  return inBody(
    moment,
    paths,
    times(5, (index) => `a/${index}*/a/*`),
  );
}

export function staticsNextToProxy(count: number, moment: Moment): BenchStack {
  const paths = [...times(count, (index) => `/r${index}`), "/{proxy+}"];
  return inBody(
    moment,
    paths,
    times(20, (index) => `r${index}*`),
  );
}

export function siblingParameters(count: number, moment: Moment): BenchStack {
  const paths = times(count, (index) => `/orders/{p${index}}`);
  return inBody(
    moment,
    paths,
    times(20, (index) => `orders/${index}*`),
  );
}

/** One function, and a permission for each of its routes but one: more than its resource policy can contain. */
export function permissionsOfOneFunction(count: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const fn = addFunction(stack, "shop");
  const api = addApi(stack, "shop");
  const integrations = times(count, (index) => {
    if (index !== 0) addPermission(stack, `route${index}`, fn, join(api.executionArn, `/*/GET/r${index}`));
    return addRoute(stack, api, { name: `route${index}`, part: `r${index}`, fn });
  });
  addStage(stack, api, "shop");
  // An unknown source ARN may be that of any route, and its size is not counted.
  const expected =
    moment === "deployed"
      ? [`route-function-permission ${integrations[0]?.urn}`, `lambda-permission-request ${fn.urn}`]
      : [];
  return { resources: stack.resources, expected };
}

/** A YAML body that repeats one path item with anchors. */
export function yamlAnchors(count: number, moment: Moment): BenchStack {
  const stack = new Stack(moment);
  const fn = addFunction(stack, "shop");
  const uri = `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop/invocations`;
  const lines = [
    "openapi: 3.0.1",
    `x: &op {x-amazon-apigateway-auth: {type: AWS_IAM}, x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "${uri}"}}`,
    "paths:",
    ...times(count, (index) => `  /r${index}: {get: *op}`),
  ];
  const api = addApi(stack, "shop", { body: lines.join("\n") });
  addPermission(stack, "shop", fn, join(api.executionArn, "/*"));
  addStage(stack, api, "shop");
  const urn = addCaller(stack, "caller", [{ action: EXECUTE, resource: join(api.executionArn, "/*") }]);
  // The function's ARN is a literal, which on a first preview may be that of any function.
  return {
    resources: stack.resources,
    expected: moment === "deployed" ? [`${IAM_ROUTE_POLICY} ${urn}`] : [],
  };
}
