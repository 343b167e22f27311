import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { KNOWN_ACTIONS } from "../../aws";
import { mayHaveServiceIntegration } from "../../stack";
import { readOpenApi } from "../../stack/apis/openapi";
import { UNKNOWN } from "../support/resources";

const AT = "arn:aws:apigateway:eu-west-1";
const QUEUE = `${AT}:sqs:path/123456789012/jobs`;
const FUNCTION = `${AT}:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations`;
const INTEGRATION = "aws:apigateway/integration:Integration";
const NATIVE_METHOD = "aws-native:apigateway:Method";
const HTTP_INTEGRATION = "aws:apigatewayv2/integration:Integration";
const REST_API = "aws:apigateway/restApi:RestApi";

/** The form in which secrets are sent: https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

function bodyOf(integration: Readonly<Record<string, unknown>>): object {
  const operation = { "x-amazon-apigateway-integration": { httpMethod: "POST", ...integration } };
  return { openapi: "3.0.1", paths: { "/jobs": { post: operation } } };
}

const calls = (uri: string): object => bodyOf({ type: "aws", uri, credentials: "arn:aws:iam::1:role/r" });

const mayCallService = (type: string, properties: Readonly<Record<string, unknown>>): boolean =>
  mayHaveServiceIntegration(type, (name) => properties[name]);

describe("resources that may call a service other than Lambda", () => {
  const calling: readonly (readonly [title: string, type: string, properties: Record<string, unknown>])[] = [
    ["an integration", INTEGRATION, { type: "AWS", uri: QUEUE }],
    ["an integration of an API in aws-native", NATIVE_METHOD, { integration: { type: "AWS", uri: QUEUE } }],
    ["a subtype of an HTTP API", HTTP_INTEGRATION, { integrationSubtype: "SQS-SendMessage" }],
    ["an unknown subtype", HTTP_INTEGRATION, { integrationSubtype: UNKNOWN }],
    [
      "a subtype in aws-native",
      "aws-native:apigatewayv2:Integration",
      { integrationSubtype: "SQS-SendMessage" },
    ],
    ["a WebSocket API", HTTP_INTEGRATION, { integrationType: "AWS", integrationUri: QUEUE }],
    ["a body in JSON", REST_API, { body: JSON.stringify(calls(QUEUE)) }],
    ["a body as an object", "aws-native:apigateway:RestApi", { body: calls(QUEUE) }],
    [
      "a body of an HTTP API",
      "aws:apigatewayv2/api:Api",
      { body: '{"integrationSubtype":"SQS-SendMessage"}' },
    ],
    ["a body by RestApiPut", "aws:apigateway/restApiPut:RestApiPut", { body: `uri: ${QUEUE}` }],
    ["a secret", INTEGRATION, { uri: secret(QUEUE) }],
    ["a secret body", REST_API, { body: secret(JSON.stringify(calls(QUEUE))) }],
    ["a secret in an integration", NATIVE_METHOD, { integration: secret({ uri: secret(QUEUE) }) }],
    [
      "a colon that is escaped",
      REST_API,
      { body: JSON.stringify(calls(QUEUE)).replaceAll(":sqs", "\\u003asqs") },
    ],
    ["a URI on two lines", REST_API, { body: `uri: "arn:aws:api\\\n  gateway:eu-west-1:sqs:path/jobs"` }],
    ["two integrations, the first with Lambda", REST_API, { body: `${FUNCTION} ${QUEUE}` }],
  ];
  for (const [title, type, properties] of calling)
    it(title, () => strictEqual(mayCallService(type, properties), true));

  const notCalling: typeof calling = [
    ["an integration with Lambda", INTEGRATION, { type: "AWS_PROXY", uri: FUNCTION }],
    [
      "a function of a stage variable",
      INTEGRATION,
      { uri: `${AT}:lambda:path/2015-03-31/functions/\${stageVariables.f}/invocations` },
    ],
    ["an unknown URI, which has no action", INTEGRATION, { type: "AWS", uri: UNKNOWN }],
    ["an integration with HTTP", INTEGRATION, { type: "HTTP_PROXY", uri: "https://example.com" }],
    ["a mock", INTEGRATION, { type: "MOCK" }],
    ["a method without an integration", NATIVE_METHOD, {}],
    ["an HTTP API's function", HTTP_INTEGRATION, { integrationType: "AWS_PROXY", integrationUri: FUNCTION }],
    ["an empty subtype", HTTP_INTEGRATION, { integrationSubtype: "" }],
    ["a body with functions only", REST_API, { body: JSON.stringify(calls(FUNCTION)) }],
    ["an unknown body", REST_API, { body: UNKNOWN }],
    ["quick create", "aws:apigatewayv2/api:Api", { target: FUNCTION }],
    ["a queue", "aws:sqs/queue:Queue", { policy: QUEUE }],
    ["a type that is not read", "aws:ec2/vpc:Vpc", { uri: QUEUE }],
  ];
  for (const [title, type, properties] of notCalling)
    it(`do not include ${title}`, () => strictEqual(mayCallService(type, properties), false));

  it("include every body that names a service in any encoding", () => {
    const escaped = fc.array(fc.nat({ max: 3 }), { minLength: 30, maxLength: 30 });
    const uri = fc.constantFrom(QUEUE, `${AT}:states:action/StartExecution`, `${AT}:s3:path/files/a`);
    fc.assert(
      fc.property(uri, escaped, fc.constantFrom("JSON", "YAML"), (to, choices, format) => {
        const written = JSON.stringify(to).slice(1, -1);
        const text = [...written]
          .map((letter, at) => escaping(letter, choices[at % 30] ?? 0, format))
          .join("");
        const body = JSON.stringify(calls("THE URI")).replace("THE URI", text);
        const read = readOpenApi(format === "YAML" ? `# A body.\n${body}` : body);
        const [operation] = "operations" in read ? read.operations : [];
        const found = operation?.integration;
        deepStrictEqual(found !== undefined && "uri" in found ? found.uri : undefined, to);
        strictEqual(mayCallService(REST_API, { body }), true);
      }),
    );
  });

  it("never include an integration with Lambda", () => {
    deepStrictEqual(
      KNOWN_ACTIONS.filter((action) => action.startsWith("lambda:")),
      [],
    );
  });
});

/** Escapes one character of a string in double quotes. */
function escaping(letter: string, choice: number, format: string): string {
  const code = letter.charCodeAt(0).toString(16);
  if (choice === 0) return letter;
  if (choice === 1 || format === "JSON") return `\\u${code.padStart(4, "0")}`;
  return choice === 2 ? `\\x${code.padStart(2, "0")}` : `\\U${code.padStart(8, "0")}`;
}
