import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { httpStack } from "../support/http";
import { Native, nativeStack } from "../support/native";
import { distribution, roleWithPolicy } from "../support/programs";
import { type Base, type Patch, restStack } from "../support/rest";

const POLICY = "disabled-default-endpoint";
const REST = [`${POLICY} @ orders-api`];
const DISABLED = { disableExecuteApiEndpoint: true };

const rest = (more?: Patch["more"], patch: Patch = {}) =>
  restStack({ api: DISABLED, ...patch, ...(more === undefined ? {} : { more }) });

const basePathMapping = (restApi: pulumi.Input<string>): void => {
  const domain = new aws.apigateway.DomainName("domain", { domainName: "api.example.com" });
  new aws.apigateway.BasePathMapping("mapping", {
    restApi,
    domainName: domain.domainName,
    stageName: "live",
  });
};

const apiMapping = (apiId: pulumi.Input<string>): void => {
  new aws.apigatewayv2.ApiMapping("mapping", { apiId, domainName: "api.example.com", stage: "live" });
};

const cdn = (domainName: pulumi.Input<string>, ...otherOrigins: readonly pulumi.Input<string>[]): void => {
  const [first, ...more] = [domainName, ...otherOrigins].map((name, at) => ({
    domainName: name,
    originId: `origin-${at}`,
  }));
  if (first !== undefined) distribution("cdn", [first, ...more]);
};

const host = ({ api }: Pick<Base, "api">) =>
  pulumi.interpolate`${api.id}.execute-api.us-east-1.amazonaws.com`;

/** A body with one route to a function, and with the endpoint's configuration in one of the two possible places. */
const body = (place: "top" | "server", disabled: unknown): string => {
  const configuration = {
    "x-amazon-apigateway-endpoint-configuration": { disableExecuteApiEndpoint: disabled },
  };
  return JSON.stringify({
    openapi: "3.0.1",
    info: { title: "orders", version: "1" },
    ...(place === "top"
      ? configuration
      : { servers: [{ url: "https://api.example.com", ...configuration }] }),
    paths: {
      "/orders": {
        get: {
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations",
          },
        },
      },
    },
  });
};

const restBody = (text: pulumi.Input<string>) => () => {
  new aws.apigateway.RestApi("orders-api", { name: "orders-api", body: text });
};

const putBody = (text: string) => () => {
  const api = new aws.apigateway.RestApi("orders-api", { name: "orders-api" });
  new aws.apigateway.RestApiPut("put", { restApiId: api.id, body: text });
};

const httpBody = (text: string) => () => {
  new aws.apigatewayv2.Api("orders-api", { protocolType: "HTTP", name: "orders-api", body: text });
};

const http = (protocol: "HTTP" | "WEBSOCKET", more?: (api: aws.apigatewayv2.Api) => void) =>
  httpStack({
    protocol,
    ...(protocol === "WEBSOCKET" ? { routeKey: "$connect" } : {}),
    apiArgs: () => DISABLED,
    more: ({ api }) => more?.(api),
  });

const CASES: readonly Case[] = [
  { name: "default endpoint not configured", program: restStack(), expected: [] },
  {
    name: "default endpoint enabled",
    program: rest(undefined, { api: { disableExecuteApiEndpoint: false } }),
    expected: [],
  },
  {
    name: "default endpoint disabled, no custom domain",
    program: rest(),
    expected: REST,
    update: { creates: ["method", "integration"], expected: REST },
    messageIncludes: ["no custom domain of this stack maps to API orders-api", "403 Forbidden"],
  },
  {
    name: "update that disables the default endpoint",
    program: rest(),
    expected: REST,
    update: { creates: [], expected: REST },
  },
  {
    name: "default endpoint disabled, base path mapping",
    program: rest(({ api }) => basePathMapping(api.id)),
    expected: [],
    update: { creates: ["domain", "mapping"], expected: [] },
  },
  {
    name: "default endpoint disabled, API mapping",
    program: rest(({ api }) => apiMapping(api.id)),
    expected: [],
  },
  {
    name: "API mapping of another API of the stack",
    program: rest(() => apiMapping(new aws.apigateway.RestApi("other").id)),
    expected: REST,
  },
  {
    name: "API mapping with a literal API id",
    program: rest(() => apiMapping("zzzzzzzzzz")),
    expected: REST,
  },
  {
    name: "API mapping whose API id comes from a parameter",
    program: rest(() =>
      apiMapping(new aws.ssm.Parameter("id", { type: "String", value: "zzzzzzzzzz" }).value),
    ),
    expected: REST,
  },
  {
    name: "API mapping with an unknown API id",
    program: rest(() => apiMapping(new aws.sns.Topic("topic").arn)),
    expected: { "first-preview": [], deployed: REST },
    update: { creates: ["topic", "mapping"], expected: [] },
  },
  {
    name: "routing rule for the API",
    program: rest(({ api }) => {
      new aws.apigatewayv2.RoutingRule("rule", {
        domainName: "api.example.com",
        priority: 1,
        conditions: [],
        actions: [{ invokeApi: { apiId: api.id, stage: "live" } }],
      });
    }),
    expected: [],
    update: { creates: ["rule"], expected: [] },
  },
  {
    name: "routing rule for another API",
    program: rest(() => {
      new aws.apigatewayv2.RoutingRule("rule", {
        domainName: "api.example.com",
        priority: 1,
        conditions: [],
        actions: [{ invokeApi: { apiId: "zzzzzzzzzz", stage: "live" } }],
      });
    }),
    expected: REST,
  },
  {
    name: "unknown disableExecuteApiEndpoint",
    program: () =>
      rest(undefined, {
        api: { disableExecuteApiEndpoint: new aws.sns.Topic("topic").arn.apply(() => true) },
      })(),
    expected: { "first-preview": [], deployed: REST },
  },
  { name: "HTTP API", program: http("HTTP"), expected: REST },
  { name: "HTTP API with a mapping", program: http("HTTP", (api) => apiMapping(api.id)), expected: [] },
  { name: "WebSocket API", program: http("WEBSOCKET"), expected: REST },
  {
    name: "WebSocket API with a mapping",
    program: http("WEBSOCKET", (api) => apiMapping(api.id)),
    expected: [],
  },
  {
    name: "API without routes",
    program: () => {
      new aws.apigateway.RestApi("orders-api", DISABLED);
    },
    expected: [],
  },
  { name: "disabled in an OpenAPI body", program: restBody(body("top", true)), expected: REST },
  {
    name: "disabled in a server of an OpenAPI body",
    program: restBody(body("server", true)),
    expected: REST,
  },
  { name: "disabled in the body of a PutRestApi", program: putBody(body("server", true)), expected: REST },
  { name: "disabled in the body of an HTTP API", program: httpBody(body("server", true)), expected: REST },
  { name: "enabled in an OpenAPI body", program: restBody(body("top", false)), expected: [] },
  {
    name: "object in place of the boolean in an OpenAPI body",
    program: restBody(body("top", { not: "a boolean" })),
    expected: [],
  },
  {
    name: "aws-native",
    program: nativeStack({ api: () => DISABLED }),
    expected: REST,
    update: { creates: ["method"], expected: REST },
  },
  ...(["apigateway:BasePathMapping", "apigateway:BasePathMappingV2", "apigatewayv2:ApiMapping"] as const).map(
    (type): Case => ({
      name: `aws-native, ${type}`,
      program: nativeStack({
        api: () => DISABLED,
        more: ({ apiId }) => {
          new Native(type, "mapping", {
            [type.startsWith("apigatewayv2") ? "apiId" : "restApiId"]: apiId,
            [type.endsWith("V2") ? "domainNameArn" : "domainName"]: "api.example.com",
            stage: "live",
          });
        },
      }),
      expected: [],
    }),
  ),
  {
    name: "aws-native, routing rule",
    program: nativeStack({
      api: () => DISABLED,
      more: ({ apiId }) => {
        new Native("apigatewayv2:RoutingRule", "rule", {
          domainNameArn: "arn:aws:apigateway:us-east-1::/domainnames/api.example.com",
          priority: 1,
          conditions: [],
          actions: [{ invokeApi: { apiId, stage: "live" } }],
        });
      },
    }),
    expected: [],
  },
  {
    name: "distribution with the default endpoint as origin, API mapped to a custom domain",
    program: rest((base) => {
      basePathMapping(base.api.id);
      cdn(host(base));
    }),
    expected: REST,
    messageIncludes: ["Distribution cdn", "at its default endpoint, which is disabled"],
  },
  {
    name: "distribution with the custom domain as origin",
    program: rest((base) => {
      basePathMapping(base.api.id);
      cdn("api.example.com");
    }),
    expected: [],
  },
  {
    name: "distribution with a second origin in S3",
    program: rest((base) => {
      basePathMapping(base.api.id);
      cdn(host(base), new aws.s3.Bucket("site").bucketRegionalDomainName);
    }),
    expected: { "first-preview": [], deployed: REST },
  },
  {
    name: "state machine that calls the default endpoint",
    program: rest(({ api, fn }) => {
      basePathMapping(api.id);
      const role = roleWithPolicy("machine", [
        ["execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`],
        ["lambda:InvokeFunction", fn.arn],
      ]);
      new aws.sfn.StateMachine("machine", {
        roleArn: role.arn,
        definition: pulumi.jsonStringify({
          StartAt: "call",
          States: {
            call: {
              Type: "Task",
              Resource: "arn:aws:states:::apigateway:invoke",
              Parameters: {
                ApiEndpoint: host({ api }),
                Method: "GET",
                Stage: "live",
                Path: "/orders/1",
                AuthType: "IAM_ROLE",
              },
              End: true,
            },
          },
        }),
      });
    }),
    expected: { "first-preview": [], deployed: REST },
    messageIncludes: ["StateMachine machine"],
  },
];

describe(POLICY, () => runCases(CASES.map((testCase) => ({ ...testCase, only: [POLICY] }))));
