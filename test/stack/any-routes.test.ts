import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { HTTP_METHODS } from "../../aws";
import { type Case, runCases } from "../support/cases";
import { anotherFunction, type Base as HttpBase, httpStack } from "../support/http";
import { invocation, Native, nativeStack } from "../support/native";
import { allow, type Base, restStack } from "../support/rest";

/** An `ANY` method handles the methods that have no explicit method on the same path. */
const IGNORED = ["lambda-permission-scope", "invoke-policy-scope", "rest-api-deployment-dependencies"];
const at = (name: string): readonly string[] => [`route-function-permission @ ${name}`];
const DENIED = at("integration");
const TWO_STEP_DENIED = ["iam-route-caller-lambda-invoke @ caller"];
const OPEN = (name: string): readonly string[] => [`unproven-access @ ${name}`];
/** In a first preview, the content of a source ARN is unknown. */
const onceDeployed = (deployed: readonly string[]) => ({ "first-preview": [], deployed });

function cases(title: string, rows: readonly Case[]): void {
  describe(`ANY with explicit methods: ${title}`, () => runCases(rows, IGNORED));
}

/** A permission for each method except these. */
function permissionsBut(verbs: readonly string[], executionArn: pulumi.Input<string>, path: string): void {
  for (const verb of HTTP_METHODS.filter((method) => !verbs.includes(method)))
    new aws.lambda.Permission(`permission-${verb}`, {
      action: "lambda:InvokeFunction",
      function: "orders",
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${executionArn}/*/${verb}${path}`,
    });
}

/** Everything exists except resources named `new`, whose outputs are unknown. */
const plan: NonNullable<Case["plan"]> = { as: { update: ({ name }) => name !== "new" } };
const hidden = <T>(value: T): pulumi.Output<T> =>
  new aws.iam.Role("new", { assumeRolePolicy: "{}" }).arn.apply(() => value);

interface Alongside {
  readonly explicit: readonly (string | (() => pulumi.Input<string>))[];
  /** The methods without a permission for the function of `ANY`. */
  readonly withoutPermission: readonly string[];
  /** The integration of the explicit methods, by default a mock. */
  readonly uri?: (base: Base) => pulumi.Input<string>;
  readonly caller?: (base: Base) => aws.iam.PolicyStatement[];
  readonly path?: (base: Base) => pulumi.Input<string>;
  readonly more?: (base: Base) => void;
}

const rest = ({ explicit, withoutPermission, uri, caller, path, more }: Alongside) =>
  restStack({
    verb: "ANY",
    permission: false,
    caller: caller ?? false,
    more: (base) => {
      const { api, resource } = base;
      const integration =
        uri === undefined
          ? { type: "MOCK" }
          : { type: "AWS_PROXY", integrationHttpMethod: "POST", uri: uri(base) };
      for (const [index, verb] of explicit.entries()) {
        const httpMethod = typeof verb === "string" ? verb : verb();
        const where = { restApi: api.id, resourceId: path?.(base) ?? resource.id, httpMethod };
        new aws.apigateway.Method(`explicit-${index}`, { ...where, authorization: "NONE" });
        new aws.apigateway.Integration(`explicit-${index}`, { ...where, ...integration });
      }
      permissionsBut(withoutPermission, api.executionArn, "/orders/{id}");
      more?.(base);
    },
  });

/** A function with a permission for all routes of the API. */
const second = ({ api, fn }: Pick<Base, "api" | "fn">): pulumi.Output<string> => {
  const secondFunction = anotherFunction("second", { fn } as HttpBase);
  new aws.lambda.Permission("second", {
    action: "lambda:InvokeFunction",
    function: secondFunction.name,
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
  });
  return secondFunction.invokeArn;
};
const mayCall =
  (verb: string) =>
  ({ api }: Base): aws.iam.PolicyStatement[] => [
    allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/${verb}/orders/*`),
  ];

cases("REST", [
  {
    name: "a method without a permission",
    program: rest({ explicit: [], withoutPermission: ["GET"] }),
    expected: onceDeployed(DENIED),
  },
  {
    name: "a mock handles the method",
    program: rest({ explicit: ["OPTIONS"], withoutPermission: ["OPTIONS"] }),
    expected: [],
  },
  {
    name: "another function handles the method",
    program: rest({ explicit: ["GET"], withoutPermission: ["GET"], uri: second }),
    expected: [],
  },
  {
    name: "several routes handle their methods",
    program: rest({ explicit: ["GET", "post"], withoutPermission: ["GET", "POST"] }),
    expected: [],
  },
  {
    name: "a route handles another method",
    program: rest({ explicit: ["POST"], withoutPermission: ["GET"] }),
    expected: onceDeployed(DENIED),
  },
  {
    name: "other routes handle all methods",
    program: rest({ explicit: HTTP_METHODS, withoutPermission: HTTP_METHODS }),
    expected: [],
  },
  {
    name: "other routes handle all methods except one",
    program: rest({
      explicit: HTTP_METHODS.filter((verb) => verb !== "PUT"),
      withoutPermission: HTTP_METHODS,
    }),
    expected: DENIED,
  },
  {
    name: "the explicit method has another path",
    program: rest({ explicit: ["GET"], withoutPermission: ["GET"], path: ({ api }) => api.rootResourceId }),
    expected: onceDeployed(DENIED),
  },
  {
    name: "the explicit method has no permission",
    program: rest({ explicit: ["GET"], withoutPermission: ["GET"], uri: ({ fn }) => fn.invokeArn }),
    expected: onceDeployed(at("explicit-0")),
  },
  {
    name: "an unknown explicit method may be this one",
    plan,
    program: rest({ explicit: [() => hidden("GET")], withoutPermission: ["GET"] }),
    expected: OPEN("integration"),
    messageIncludes: ["which methods other routes of /orders/{id} handle instead of ANY /orders/{id}"],
  },
  {
    name: "an unknown explicit method is only one",
    plan,
    program: rest({ explicit: [() => hidden("GET")], withoutPermission: ["GET", "PUT"] }),
    expected: DENIED,
  },
  {
    name: "an unknown path may be the same",
    plan,
    program: rest({
      explicit: ["GET"],
      withoutPermission: ["GET"],
      path: ({ resource }) => hidden("x").apply(() => resource.id),
    }),
    expected: OPEN("integration"),
  },
  {
    name: "an unknown path, and a method that its route does not handle",
    plan,
    program: rest({
      explicit: ["GET"],
      withoutPermission: ["PUT"],
      path: ({ resource }) => hidden("x").apply(() => resource.id),
    }),
    expected: DENIED,
  },
  {
    name: "an unknown body may handle the method",
    plan,
    program: restStack({
      verb: "ANY",
      permission: false,
      caller: false,
      api: { body: undefined },
      more: ({ api }) => {
        new aws.apigateway.RestApiPut("body", { restApiId: api.id, body: hidden("{}") });
        permissionsBut(["GET"], api.executionArn, "/orders/{id}");
      },
    }),
    expected: OPEN("integration"),
  },
  {
    name: "an unknown body does not handle all methods",
    plan,
    program: restStack({
      verb: "ANY",
      permission: false,
      caller: false,
      more: ({ api }) => {
        new aws.apigateway.RestApiPut("body", { restApiId: api.id, body: hidden("{}") });
      },
    }),
    expected: DENIED,
  },
]);

const DENIES = (verb: string) => ({
  more: ({ api, fn }: Base) => {
    new aws.lambda.ResourcePolicy("policy", {
      resourceArn: fn.arn,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "lambda:InvokeFunction",
            Resource: fn.arn,
            Condition: {
              ArnLike: { "aws:SourceArn": pulumi.interpolate`${api.executionArn}/*/${verb}/*` },
            },
          },
          {
            Effect: "Allow",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "lambda:InvokeFunction",
            Resource: fn.arn,
          },
        ],
      }),
    });
  },
});

cases("denies", [
  {
    name: "a Deny for a method that another route handles",
    program: rest({ explicit: ["GET"], withoutPermission: HTTP_METHODS, ...DENIES("GET") }),
    expected: { "first-preview": OPEN("integration"), deployed: [] },
  },
  {
    name: "a Deny for a method that ANY handles",
    program: rest({ explicit: ["GET"], withoutPermission: HTTP_METHODS, ...DENIES("PUT") }),
    expected: { "first-preview": OPEN("integration"), deployed: DENIED },
  },
]);

const all = { withoutPermission: [], uri: second } as const;
cases("callers", [
  {
    name: "a caller of only the explicit method does not need the function of ANY",
    program: rest({ explicit: ["GET"], caller: mayCall("GET"), ...all }),
    // The method that an unknown document is for cannot be determined.
    expected: { "first-preview": TWO_STEP_DENIED, deployed: [] },
  },
  {
    name: "a caller of another method needs access to the function of ANY",
    program: rest({ explicit: ["GET"], caller: mayCall("POST"), ...all }),
    expected: TWO_STEP_DENIED,
  },
  {
    name: "a caller of all methods needs access to the function of ANY",
    program: rest({ explicit: ["GET"], caller: mayCall("*"), ...all }),
    expected: TWO_STEP_DENIED,
  },
  {
    name: "an unknown explicit method may be the method of the caller",
    plan,
    program: rest({ explicit: [() => hidden("GET")], caller: mayCall("GET"), ...all }),
    // The function of the explicit route is unknown, and so is whether ANY handles the request.
    expected: [...OPEN("caller"), ...OPEN("caller")],
    messageIncludes: ["the methods that no other route of the path handles: allowed for GET"],
  },
]);

const http = (
  explicit: readonly pulumi.Input<string>[],
  withoutPermission: readonly string[],
  routeKey = "ANY /orders",
) =>
  httpStack({
    routeKey,
    permission: false,
    caller: false,
    more: (base) => {
      const integration = new aws.apigatewayv2.Integration("second", {
        apiId: base.api.id,
        integrationType: "AWS_PROXY",
        integrationUri: second(base as never),
      });
      for (const [index, key] of explicit.entries())
        new aws.apigatewayv2.Route(`explicit-${index}`, {
          apiId: base.api.id,
          routeKey: key,
          target: pulumi.interpolate`integrations/${integration.id}`,
        });
      permissionsBut(withoutPermission, base.api.executionArn, "/orders");
    },
  });

cases("HTTP", [
  { name: "a method without a permission", program: http([], ["GET"]), expected: onceDeployed(DENIED) },
  { name: "another function handles the method", program: http(["GET /orders"], ["GET"]), expected: [] },
  {
    name: "a route with another path",
    program: http(["GET /orders/{id}"], ["GET"]),
    expected: onceDeployed(DENIED),
  },
  {
    name: "a route with another method",
    program: http(["PUT /orders"], ["GET"]),
    expected: onceDeployed(DENIED),
  },
  {
    name: "$default handles none of the methods",
    program: http(["$default"], ["GET"]),
    expected: onceDeployed(DENIED),
  },
]);

const anyMethod = "x-amazon-apigateway-any-method";
const proxy = (uri: pulumi.Input<string>) => ({
  "x-amazon-apigateway-integration": { type: "aws_proxy", httpMethod: "POST", uri },
});
const body = (item: (uri: string) => object, withoutPermission: readonly string[]) =>
  restStack({
    permission: false,
    caller: false,
    more: ({ fn }) => {
      const api = new aws.apigateway.RestApi("second-api", {
        body: fn.invokeArn.apply((uri) =>
          JSON.stringify({ openapi: "3.0.1", paths: { "/orders": item(uri) } }),
        ),
      });
      permissionsBut(withoutPermission, api.executionArn, "/orders");
      new aws.lambda.Permission("first-api", {
        action: "lambda:InvokeFunction",
        function: "orders",
        principal: "apigateway.amazonaws.com",
        sourceArn: "arn:aws:execute-api:us-east-1:123456789012:*/*/GET/orders/{id}",
      });
    },
  });
const mock = { "x-amazon-apigateway-integration": { type: "mock" } };
cases("bodies", [
  {
    name: "a method without a permission",
    program: body((uri) => ({ [anyMethod]: proxy(uri) }), ["OPTIONS"]),
    expected: onceDeployed(at("second-api")),
  },
  {
    name: "a mock handles the method",
    program: body((uri) => ({ [anyMethod]: proxy(uri), options: mock }), ["OPTIONS"]),
    expected: [],
  },
  {
    name: "a route with another method",
    program: body((uri) => ({ [anyMethod]: proxy(uri), get: mock }), ["OPTIONS"]),
    expected: onceDeployed(at("second-api")),
  },
]);

/** An additional API of `aws-native`, whose root has `ANY` and mocks for explicit methods. */
const native = (explicit: readonly string[], withoutPermission: readonly string[]) =>
  nativeStack({
    more: ({ fn }) => {
      const outputs = ["restApiId", "rootResourceId"];
      const api = new Native("apigateway:RestApi", "second-api", { name: "second-api" }, outputs);
      for (const httpMethod of ["ANY", ...explicit])
        new Native("apigateway:Method", httpMethod, {
          restApiId: api.output("restApiId"),
          resourceId: api.output("rootResourceId"),
          httpMethod,
          authorizationType: "NONE",
          integration:
            httpMethod === "ANY"
              ? { type: "AWS_PROXY", integrationHttpMethod: "POST", uri: invocation(fn.output("arn")) }
              : { type: "MOCK" },
        });
      permissionsBut(
        withoutPermission,
        pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${api.output("restApiId")}`,
        "/",
      );
    },
  });
cases("aws-native", [
  {
    name: "a method without a permission",
    program: native([], ["OPTIONS"]),
    expected: onceDeployed(at("ANY")),
  },
  { name: "a mock handles the method", program: native(["OPTIONS"], ["OPTIONS"]), expected: [] },
  {
    name: "a route with another method",
    program: native(["GET"], ["OPTIONS"]),
    expected: onceDeployed(at("ANY")),
  },
]);
