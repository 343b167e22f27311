import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { type Case, type Moment, runCases } from "../support/cases";
import { ApiComponent } from "../support/components";
import { CALLER_CREDENTIALS } from "../support/http";
import { documentOf, grant, invocation, Native, nativeFunction } from "../support/native";
import { trustOf } from "../support/rest";

/** Every form of API with every mistake that one IAM-authorized route can have, at both moments. */
type Input = pulumi.Input<string>;

interface IntegrationInputs {
  /** The function's ARN, and the URI that invokes it. */
  readonly arn: pulumi.Output<string>;
  readonly uri: pulumi.Output<string>;
  /** The credentials of the route: none, a role's ARN, or the constant for caller credentials. */
  readonly credentials: Input | undefined;
}

interface Form {
  /** Declares the API and returns its execution ARN. */
  make(given: IntegrationInputs): pulumi.Output<string>;
  /** Whether the function, the roles and the permission are of `aws-native` too. */
  readonly native?: true;
  /** The resource of the finding: the integration or the API. */
  readonly at: string;
  /** The part after the execution ARN in a source ARN and in a caller's grant. */
  readonly route: string;
  readonly call?: string;
  /** The differences from `expected`, by variant. */
  readonly exceptions?: Partial<Record<Variant, Partial<Record<Moment, readonly string[]>>>>;
}

const VARIANTS = {
  healthy: {},
  "no permission": { permission: "none" },
  "a wrong source ARN": { permission: "wrong" },
  "the caller may not invoke the function": { caller: "calls only" },
  "a role": { permission: "none", credentials: "role" },
  "a role that may not invoke the function": { permission: "none", credentials: "role", role: "lacks" },
  "a role that is not trusted": { permission: "none", credentials: "role", role: "not trusted" },
  "the caller's credentials": { permission: "none", credentials: "caller" },
  "the caller's credentials, and it may not invoke the function": {
    permission: "none",
    credentials: "caller",
    caller: "calls only",
  },
} as const;
type Variant = keyof typeof VARIANTS;
interface Spec {
  readonly permission?: "none" | "wrong";
  readonly credentials?: "role" | "caller";
  readonly role?: "lacks" | "not trusted";
  readonly caller?: "calls only";
}

function usual(at: string): Readonly<Record<Variant, Readonly<Record<Moment, readonly string[]>>>> {
  const always = (...found: readonly string[]) => ({ "first-preview": found, deployed: found });
  const permission = `route-function-permission @ ${at}`;
  const role = "integration-role-lambda-invoke @ gateway";
  return {
    healthy: always(),
    "no permission": always(permission),
    // In a first preview, the content of a source ARN is unknown.
    "a wrong source ARN": { "first-preview": [], deployed: [permission] },
    "the caller may not invoke the function": always("iam-route-caller-lambda-invoke @ caller"),
    "a role": always(),
    "a role that may not invoke the function": always(role),
    "a role that is not trusted": always(role),
    "the caller's credentials": always(),
    "the caller's credentials, and it may not invoke the function": always(
      "caller-credentials-lambda-invoke @ caller",
    ),
  };
}

/** The identities and the function around an API. */
function addSurroundings(form: Form, spec: Spec): void {
  const statements = (apiArn: pulumi.Output<string>) =>
    documentOf([
      spec.role === "lacks" ? grant("logs:PutLogEvents", "*") : grant("lambda:InvokeFunction", apiArn),
    ]);
  const trust = trustOf(spec.role === "not trusted" ? "lambda.amazonaws.com" : "apigateway.amazonaws.com");
  const { arn, uri, gateway } = form.native ? nativeParts(statements, trust) : parts(statements, trust);
  const credentials =
    spec.credentials === "role" ? gateway : spec.credentials === "caller" ? CALLER_CREDENTIALS : undefined;
  const executionArn = form.make({ arn, uri, credentials });
  const tail =
    spec.permission === "wrong" ? form.route.replace(/orders$|connect$|default$/, "other") : form.route;
  const permission = {
    action: "lambda:InvokeFunction",
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${executionArn}${tail}`,
  };
  const calls = documentOf([
    grant("execute-api:Invoke", pulumi.interpolate`${executionArn}${form.call ?? form.route}`),
    ...(spec.caller === undefined ? [grant("lambda:InvokeFunction", arn)] : []),
  ]);
  const { permission: which } = spec;
  const trusted = trustOf("ec2.amazonaws.com");
  if (form.native) {
    if (which !== "none") new Native("lambda:Permission", "permission", { ...permission, functionName: arn });
    const policies = [{ policyName: "calls", policyDocument: calls }];
    new Native("iam:Role", "caller", { roleName: "caller", assumeRolePolicyDocument: trusted, policies });
  } else {
    if (which !== "none") new aws.lambda.Permission("permission", { ...permission, function: arn });
    const caller = new aws.iam.Role("caller", { name: "caller", assumeRolePolicy: trusted });
    new aws.iam.RolePolicy("calls", { role: caller.name, policy: calls as never });
  }
}

type Documents = (apiArn: pulumi.Output<string>) => Record<string, unknown>;
interface Parts extends Omit<IntegrationInputs, "credentials"> {
  readonly gateway: pulumi.Output<string>;
}

function parts(statements: Documents, assumeRolePolicy: aws.iam.PolicyDocument): Parts {
  const fn = new aws.lambda.Function("orders", {
    name: "orders",
    role: "arn:aws:iam::123456789012:role/execution",
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
  });
  const gateway = new aws.iam.Role("gateway", { name: "gateway", assumeRolePolicy });
  new aws.iam.RolePolicy("invokes", { role: gateway.name, policy: statements(fn.arn) as never });
  return { arn: fn.arn, uri: fn.invokeArn, gateway: gateway.arn };
}

function nativeParts(statements: Documents, assumeRolePolicyDocument: aws.iam.PolicyDocument): Parts {
  const arn = nativeFunction("orders").output("arn");
  const policies = [{ policyName: "invokes", policyDocument: statements(arn) }];
  const inputs = { roleName: "gateway", assumeRolePolicyDocument, policies };
  return {
    arn,
    uri: invocation(arn),
    gateway: new Native("iam:Role", "gateway", inputs, ["arn"]).output("arn"),
  };
}

/** The arguments of an integration or operation, without undefined values. */
const withCredentials = (credentials: Input | undefined, name = "credentials"): Record<string, Input> =>
  credentials === undefined ? {} : { [name]: credentials };

/** A REST API of `aws` with the route `GET /orders`. */
function rest(
  { uri, credentials }: Pick<IntegrationInputs, "uri" | "credentials">,
  integration: Partial<aws.apigateway.IntegrationArgs> = {},
  api: aws.apigateway.RestApiArgs = {},
  { variables, parent }: { variables?: Record<string, Input>; parent?: pulumi.Resource } = {},
): pulumi.Output<string> {
  const options = parent === undefined ? {} : { parent };
  const created = new aws.apigateway.RestApi("api", { name: "api", ...api }, options);
  const resource = new aws.apigateway.Resource(
    "orders",
    { restApi: created.id, parentId: created.rootResourceId, pathPart: "orders" },
    options,
  );
  const at = { restApi: created.id, resourceId: resource.id, httpMethod: "GET" };
  const method = new aws.apigateway.Method("method", { ...at, authorization: "AWS_IAM" }, options);
  const route = new aws.apigateway.Integration(
    "integration",
    {
      ...at,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri,
      ...withCredentials(credentials),
      ...integration,
    },
    options,
  );
  const deployment = new aws.apigateway.Deployment(
    "deployment",
    { restApi: created.id },
    { ...options, dependsOn: [method, route] },
  );
  new aws.apigateway.Stage(
    "stage",
    {
      restApi: created.id,
      deployment: deployment.id,
      stageName: "live",
      ...(variables === undefined ? {} : { variables }),
    },
    options,
  );
  return created.executionArn;
}

/** A document with the route `GET /orders`. */
function openApi({
  uri,
  credentials,
}: Pick<IntegrationInputs, "uri" | "credentials">): Record<string, unknown> {
  return {
    openapi: "3.0.1",
    paths: {
      "/orders": {
        get: {
          security: [{ sigv4: [] }],
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            payloadFormatVersion: "2.0",
            uri,
            ...withCredentials(credentials),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        sigv4: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          "x-amazon-apigateway-authtype": "awsSigv4",
        },
      },
    },
  };
}

/** An HTTP or WebSocket API of `aws` with one route. */
function version2(
  { uri, credentials }: Pick<IntegrationInputs, "uri" | "credentials">,
  routeKey: string,
  stageVariables?: Record<string, Input>,
): pulumi.Output<string> {
  const socket = routeKey.startsWith("$");
  const api = new aws.apigatewayv2.Api("api", {
    protocolType: socket ? "WEBSOCKET" : "HTTP",
    ...(socket ? { routeSelectionExpression: "$request.body.action" } : {}),
  });
  const integration = new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationUri: uri,
    ...withCredentials(credentials, "credentialsArn"),
  });
  const target = pulumi.interpolate`integrations/${integration.id}`;
  new aws.apigatewayv2.Route("route", { apiId: api.id, routeKey, target, authorizationType: "AWS_IAM" });
  const stage = { apiId: api.id, name: "live", autoDeploy: true };
  new aws.apigatewayv2.Stage("stage", stageVariables === undefined ? stage : { ...stage, stageVariables });
  return api.executionArn;
}

/** An API of `aws-native`. */
function nativeApi(
  type: string,
  inputs: pulumi.Inputs,
): { id: pulumi.Output<string>; arn: pulumi.Output<string>; root: pulumi.Output<string> } {
  const name = type.startsWith("apigatewayv2") ? "apiId" : "restApiId";
  const api = new Native(type, "api", { name: "api", ...inputs }, [name, "rootResourceId"]);
  const id = api.output(name);
  return {
    id,
    arn: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${id}`,
    root: api.output("rootResourceId"),
  };
}

function nativeVersion2({ uri, credentials }: IntegrationInputs, routeKey: string): pulumi.Output<string> {
  const protocolType = routeKey.startsWith("$") ? "WEBSOCKET" : "HTTP";
  const { id: apiId, arn } = nativeApi("apigatewayv2:Api", { protocolType });
  const inputs = { apiId, integrationType: "AWS_PROXY", integrationUri: uri };
  const integration = new Native(
    "apigatewayv2:Integration",
    "integration",
    { ...inputs, ...withCredentials(credentials, "credentialsArn") },
    ["integrationId"],
  );
  const target = pulumi.interpolate`integrations/${integration.output("integrationId")}`;
  new Native("apigatewayv2:Route", "route", { apiId, routeKey, target, authorizationType: "AWS_IAM" });
  new Native("apigatewayv2:Stage", "stage", { apiId, stageName: "live" });
  return arn;
}

/** A quick create with IAM authorization by an override. */
function quick(apiId: pulumi.Output<string>): void {
  const route = { authorizationType: "AWS_IAM" };
  new Native("apigatewayv2:ApiGatewayManagedOverrides", "overrides", { apiId, route });
}

const VARIABLE = {
  uri: invocation("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}"),
} as const;

const OPEN = ["unproven-access @ caller"];
const UNPROVEN_FIRST = { "first-preview": ["unproven-access @ api"] };
/** The callers and credentials are unknown while the body is unknown. */
const UNREAD: NonNullable<Form["exceptions"]> = {
  "no permission": UNPROVEN_FIRST,
  "the caller may not invoke the function": { "first-preview": OPEN },
  "a role that may not invoke the function": UNPROVEN_FIRST,
  "a role that is not trusted": UNPROVEN_FIRST,
  "the caller's credentials": UNPROVEN_FIRST,
  "the caller's credentials, and it may not invoke the function": { "first-preview": OPEN },
};
/** In a first preview, such a component has no resources. */
const NOTHING = Object.fromEntries(
  Object.keys(VARIANTS).map((variant) => [variant, { "first-preview": [] }]),
) as NonNullable<Form["exceptions"]>;

class Orders extends pulumi.ComponentResource {
  readonly executionArn: pulumi.Output<string>;

  constructor(given: IntegrationInputs) {
    super("example:index:Orders", "orders");
    this.executionArn = rest(given, {}, {}, { parent: this });
  }
}

const raw = (given: IntegrationInputs) => ({
  path: "/orders",
  method: "GET" as const,
  data: (openApi(given) as { paths: Record<string, Record<string, object>> }).paths["/orders"]?.get ?? {},
});
const component = (which: "aws-apigateway" | "awsx.classic") => (given: IntegrationInputs) => {
  const route = raw(given);
  const data = { ...route.data, security: undefined, "x-amazon-apigateway-auth": { type: "AWS_IAM" } };
  return new ApiComponent(which, "api", { routes: [{ ...route, data }] }).api.executionArn;
};

const PRIVATE: aws.apigateway.RestApiArgs = {
  endpointConfiguration: { types: "PRIVATE" },
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
    ],
  }),
};
const WITH_RESOURCE_POLICY = "caller-credentials-lambda-invoke @ integration";

const FORMS: Readonly<Record<string, Form>> = {
  "REST by resources": { at: "integration", route: "/*/GET/orders", make: (given) => rest(given) },
  "REST in anyone's component": {
    at: "integration",
    route: "/*/GET/orders",
    make: (given) => new Orders(given).executionArn,
  },
  "REST, streamed": {
    at: "integration",
    route: "/*/GET/orders",
    make: ({ arn, credentials }) =>
      rest(
        {
          credentials,
          uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
        },
        { responseTransferMode: "STREAM" },
      ),
  },
  "REST, private": {
    at: "integration",
    route: "/*/GET/orders",
    make: (given) => rest(given, {}, PRIVATE),
    exceptions: {
      // API Gateway rejects the deployment of such an API.
      "the caller's credentials": {
        "first-preview": [WITH_RESOURCE_POLICY],
        deployed: [WITH_RESOURCE_POLICY],
      },
      "the caller's credentials, and it may not invoke the function": {
        "first-preview": [WITH_RESOURCE_POLICY, "caller-credentials-lambda-invoke @ caller"],
        deployed: [WITH_RESOURCE_POLICY, "caller-credentials-lambda-invoke @ caller"],
      },
    },
  },
  "REST by stage variable": {
    at: "integration",
    route: "/*/GET/orders",
    make: ({ credentials }) => rest({ ...VARIABLE, credentials }, {}, {}, { variables: { fn: "orders" } }),
  },
  "REST by a JSON body": {
    at: "api",
    route: "/*/GET/orders",
    make: (given) =>
      new aws.apigateway.RestApi("api", { body: pulumi.jsonStringify(openApi(given)) }).executionArn,
    exceptions: UNREAD,
  },
  "REST by a YAML body, put on the API": {
    at: "api",
    route: "/*/GET/orders",
    make: (given) => {
      const api = new aws.apigateway.RestApi("api", { name: "api", putRestApiMode: "merge" });
      const body = pulumi.output(openApi(given)).apply((document) => dump(document));
      new aws.apigateway.RestApiPut("put", { restApiId: api.id, body });
      return api.executionArn;
    },
    exceptions: UNREAD,
  },
  "aws-apigateway, a route as data": {
    at: "api",
    route: "/*/GET/orders",
    make: component("aws-apigateway"),
    exceptions: NOTHING,
  },
  "awsx.classic, a route as data": {
    at: "api",
    route: "/*/GET/orders",
    make: component("awsx.classic"),
    exceptions: UNREAD,
  },
  "HTTP by resources": {
    at: "integration",
    route: "/*/GET/orders",
    make: (given) => version2(given, "GET /orders"),
  },
  "HTTP by stage variable": {
    at: "integration",
    route: "/*/GET/orders",
    make: ({ credentials }) => version2({ ...VARIABLE, credentials }, "GET /orders", { fn: "orders" }),
  },
  "HTTP by a body": {
    at: "api",
    route: "/*/GET/orders",
    make: (given) =>
      new aws.apigatewayv2.Api("api", { protocolType: "HTTP", body: pulumi.jsonStringify(openApi(given)) })
        .executionArn,
    exceptions: UNREAD,
  },
  "HTTP by quick create": {
    at: "api",
    route: "/*/$default",
    call: "/*/GET/orders",
    make: ({ arn, credentials }) => {
      const api = new aws.apigatewayv2.Api("api", {
        protocolType: "HTTP",
        target: arn,
        ...withCredentials(credentials, "credentialsArn"),
      });
      quick(api.id);
      return api.executionArn;
    },
  },
  WebSocket: {
    at: "integration",
    route: "/*/$connect",
    make: (given) => version2(given, "$connect"),
    exceptions: {
      // Such a document can also be for sending messages.
      "the caller may not invoke the function": { "first-preview": OPEN },
      "the caller's credentials, and it may not invoke the function": { "first-preview": OPEN },
    },
  },
  "aws-native: REST by resources": {
    native: true,
    at: "method",
    route: "/*/GET/orders",
    make: ({ uri, credentials }) => {
      const { id: restApiId, arn, root: parentId } = nativeApi("apigateway:RestApi", {});
      const at = { restApiId, parentId, pathPart: "orders" };
      const resource = new Native("apigateway:Resource", "orders", at, ["resourceId"]);
      new Native("apigateway:Method", "method", {
        restApiId,
        resourceId: resource.output("resourceId"),
        httpMethod: "GET",
        authorizationType: "AWS_IAM",
        integration: {
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri,
          ...withCredentials(credentials),
        },
      });
      return arn;
    },
  },
  "aws-native: REST by a body": {
    native: true,
    at: "api",
    route: "/*/GET/orders",
    make: (given) => nativeApi("apigateway:RestApi", { body: openApi(given) }).arn,
  },
  "aws-native: HTTP by resources": {
    native: true,
    at: "integration",
    route: "/*/GET/orders",
    make: (given) => nativeVersion2(given, "GET /orders"),
  },
  "aws-native: HTTP by a body": {
    native: true,
    at: "api",
    route: "/*/GET/orders",
    make: (given) => nativeApi("apigatewayv2:Api", { body: openApi(given) }).arn,
  },
  "aws-native: HTTP by quick create": {
    native: true,
    at: "api",
    route: "/*/$default",
    call: "/*/GET/orders",
    make: ({ arn: target, credentials }) => {
      const inputs = { protocolType: "HTTP", target, ...withCredentials(credentials, "credentialsArn") };
      const { id, arn } = nativeApi("apigatewayv2:Api", inputs);
      quick(id);
      return arn;
    },
  },
  "aws-native: WebSocket": {
    native: true,
    at: "integration",
    route: "/*/$connect",
    make: (given) => nativeVersion2(given, "$connect"),
  },
};

for (const [title, form] of Object.entries(FORMS)) {
  const expected = usual(form.at);
  const cases = (Object.keys(VARIANTS) as Variant[]).map((variant): Case => {
    const expectedMessages = { ...expected[variant], ...form.exceptions?.[variant] };
    return {
      name: variant,
      program: () => addSurroundings(form, VARIANTS[variant]),
      expected: expectedMessages,
    };
  });
  describe(`every form of API: ${title}`, () =>
    runCases(cases, ["lambda-permission-scope", "invoke-policy-scope"]));
}
