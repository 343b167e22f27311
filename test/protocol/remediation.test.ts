import { deepStrictEqual, ok } from "node:assert";
import { resolve } from "node:path";
import { type PlannedResource, type Properties, UNKNOWN } from "../../testing";
import { type BootedPack, bootPack } from "./harness";

const PACK = resolve(__dirname, "../..");
const REQUEST = "lambda-integration-request";
const SOURCE_ARN = "lambda-permission-source-arn";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const URI =
  "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:orders/invocations";

function resource(type: string, inputs: Properties): PlannedResource {
  return {
    urn: `urn:pulumi:dev::shop::${type}::orders`,
    type,
    name: "orders",
    custom: true,
    id: "",
    inputs,
    outputs: inputs,
    dependencies: [],
    propertyDependencies: {},
  };
}

const integration = (inputs: Properties): PlannedResource =>
  resource("aws:apigateway/integration:Integration", {
    restApi: UNKNOWN,
    httpMethod: "GET",
    type: "AWS_PROXY",
    uri: URI,
    integrationHttpMethod: "GET",
    ...inputs,
  });

const permission = (sourceArn: Properties[string], more: Properties = {}): PlannedResource =>
  resource("aws:lambda/permission:Permission", {
    action: "lambda:InvokeFunction",
    function: "orders",
    principal: "apigateway.amazonaws.com",
    sourceArn: sourceArn ?? null,
    ...more,
  });

describe("remediation", function () {
  this.timeout(120_000);
  let pack: BootedPack;

  before(async () => {
    pack = await bootPack(PACK);
  });
  beforeEach(() => pack.configure({ [REQUEST]: "remediate", [SOURCE_ARN]: "remediate" }));
  after(() => pack.close());

  /** Each case with the properties that the remediation sets. */
  const remedied: [description: string, planned: PlannedResource, policy: string, set: Properties][] = [
    ["a method that is not POST", integration({}), REQUEST, { integrationHttpMethod: "POST" }],
    [
      "a method with an unknown URI",
      integration({ uri: UNKNOWN }),
      REQUEST,
      { integrationHttpMethod: "POST" },
    ],
    [
      "a method of a non-proxy integration",
      integration({ type: "AWS" }),
      REQUEST,
      { integrationHttpMethod: "POST" },
    ],
    [
      "a method of aws-native, inside the integration property",
      resource("aws-native:apigateway:Method", {
        httpMethod: "GET",
        restApiId: UNKNOWN,
        integration: { type: "AWS_PROXY", uri: URI, integrationHttpMethod: "GET", credentials: UNKNOWN },
      }),
      REQUEST,
      {
        integration: { type: "AWS_PROXY", uri: URI, integrationHttpMethod: "POST", credentials: UNKNOWN },
      },
    ],
    [
      "a method of an HTTP API",
      resource("aws:apigatewayv2/integration:Integration", {
        apiId: UNKNOWN,
        integrationType: "AWS_PROXY",
        integrationUri: "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        integrationMethod: "GET",
      }),
      REQUEST,
      { integrationMethod: "POST" },
    ],
    [
      "the partition of a source ARN",
      permission("arn:aws:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/*/GET/orders"),
      SOURCE_ARN,
      { sourceArn: "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/*/GET/orders" },
    ],
    [
      "the partition next to a secret, which stays secret",
      permission("arn:aws:execute-api:cn-north-1:123456789012:a1b2c3d4e5/*", {
        eventSourceToken: { ...SECRET, value: "hush" },
      }),
      SOURCE_ARN,
      { sourceArn: "arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2c3d4e5/*" },
    ],
  ];
  for (const [description, planned, policy, set] of remedied)
    it(`changes only ${description}`, async () => {
      const expected = { ...planned.inputs, ...set };
      deepStrictEqual(await pack.remediate(planned), [{ policy, properties: expected }]);
      const after = { ...planned, inputs: expected };
      deepStrictEqual(await pack.remediate(after), []);
      deepStrictEqual(await pack.analyze(after), []);
    });

  const unchanged: [description: string, planned: PlannedResource, found: readonly string[]][] = [
    ["a correct integration", integration({ integrationHttpMethod: "POST" }), []],
    ["an integration that calls another service", integration({ type: "HTTP_PROXY" }), []],
    ["an unknown method", integration({ integrationHttpMethod: UNKNOWN }), []],
    [
      "a bare execution ARN",
      permission("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"),
      [SOURCE_ARN],
    ],
    [
      "a source ARN with a wrong partition and no path",
      permission("arn:aws:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5"),
      [SOURCE_ARN],
    ],
    [
      "a trailing slash",
      permission("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*/GET/orders/"),
      [],
    ],
    ["an unknown source ARN", permission(UNKNOWN), []],
    [
      "an OpenAPI body",
      resource("aws:apigateway/restApi:RestApi", {
        body: JSON.stringify({
          openapi: "3.0.1",
          paths: {
            "/orders": {
              get: {
                "x-amazon-apigateway-integration": { type: "aws_proxy", uri: URI, httpMethod: "GET" },
              },
            },
          },
        }),
      }),
      [REQUEST],
    ],
  ];
  for (const [description, planned, found] of unchanged)
    it(`does not change ${description}`, async () => {
      deepStrictEqual(await pack.remediate(planned), []);
      const violations = await pack.analyze(planned);
      deepStrictEqual(
        violations.map(({ policy }) => policy),
        found,
      );
      ok(violations.every(({ level }) => level === "mandatory"));
    });

  it("does not change exempt resources", async () => {
    const exempt = [{ resource: "orders", reason: "is replaced in the spring" }];
    await pack.configure({ [REQUEST]: { enforcementLevel: "remediate", exempt } });
    deepStrictEqual(await pack.remediate(integration({})), []);
  });

  it("does not change resources at other enforcement levels", async () => {
    await pack.configure({});
    deepStrictEqual(await pack.remediate(integration({})), []);
  });
});
