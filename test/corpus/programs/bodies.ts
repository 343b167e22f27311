/** APIs that an OpenAPI document describes. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  allowDocument,
  allowInvoke,
  caller,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
} from "../../support/programs";
import { creating, type Entry, fails, failsOnceKnown, hard, WORKS, worksOnceKnown } from "../corpus";
import {
  attach,
  CALLER_CREDENTIALS,
  gateway,
  httpApi,
  IAM_OPERATION,
  interpolate,
  openApi,
  stageOf,
} from "../parts";

const EXTERNAL_ROLE = "arn:aws:iam::123456789012:role/apigateway-invoke";
const PERMISSION = "route-function-permission";

const rest = (body: pulumi.Input<string>) => new aws.apigateway.RestApi("shop", { body });

const AUTHORIZER = { type: "apiKey", name: "Authorization", in: "header" };

/** One IAM-authorized operation with these credentials. */
const described =
  (
    credentials: pulumi.Input<string> | undefined,
    more: (base: { api: aws.apigateway.RestApi; fn: aws.lambda.Function }) => void = () => {},
  ) =>
  () => {
    const fn = makeFunction("orders");
    const operation = { uri: fn.invokeArn, more: IAM_OPERATION };
    more({
      api: rest(openApi({ "/o": credentials === undefined ? operation : { ...operation, credentials } })),
      fn,
    });
  };

const withAuthorizer = (permitted: boolean, credentials?: string) => () => {
  const [fn, auth] = [makeFunction("orders"), makeFunction("auth")];
  const api = rest(
    openApi(
      { "/o": { uri: fn.invokeArn, more: { security: [{ a: [] }] } } },
      {
        components: {
          securitySchemes: {
            a: {
              ...AUTHORIZER,
              "x-amazon-apigateway-authtype": "custom",
              "x-amazon-apigateway-authorizer": {
                type: "token",
                authorizerUri: auth.invokeArn,
                ...(credentials === undefined ? {} : { authorizerCredentials: credentials }),
              },
            },
          },
        },
      },
    ),
  );
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/GET/o`);
  if (permitted) allowInvoke("auth", auth.name, interpolate`${api.executionArn}/authorizers/*`);
};

const entries: Entry[] = [
  {
    name: "a literal credentials role of another stack",
    program: described(EXTERNAL_ROLE),
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  {
    name: "caller credentials, callers in other stacks",
    source:
      "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html",
    program: described(CALLER_CREDENTIALS),
    answers: worksOnceKnown(1),
  },
  {
    name: "caller credentials, and a caller with both actions",
    program: described(CALLER_CREDENTIALS, (base) =>
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)]),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "caller credentials, and a caller with only execute-api:Invoke",
    program: described(CALLER_CREDENTIALS, (base) => roleWithPolicy("app", [executeApi(base)])),
    answers: { deployed: { denied: ["caller-credentials-lambda-invoke @ app"] } },
  },
  {
    name: "update: a body with caller credentials gets a new function",
    program: () => {
      const [fn, items] = [makeFunction("orders"), makeFunction("new-items")];
      const operation = { credentials: CALLER_CREDENTIALS, more: IAM_OPERATION };
      rest(
        openApi({ "/o": { uri: fn.invokeArn, ...operation }, "/n": { uri: items.invokeArn, ...operation } }),
      );
    },
    update: creating("new*"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: two functions by permission, one by caller credentials",
    program: () => {
      const [fn, open, items] = [makeFunction("orders"), makeFunction("open"), makeFunction("new-items")];
      const api = rest(
        openApi({
          "/o": { uri: fn.invokeArn, credentials: CALLER_CREDENTIALS, more: IAM_OPERATION },
          "/open": { uri: open.invokeArn, more: IAM_OPERATION },
          "/n": { uri: items.invokeArn, more: IAM_OPERATION },
        }),
      );
      allowInvoke("open", open.name, interpolate`${api.executionArn}/*/*`);
      allowInvoke("new-in", items.name, interpolate`${api.executionArn}/*/*`);
      const functions = ["lambda:InvokeFunction", [fn.arn, open.arn, items.arn]] as const;
      attach("app", caller("app"), allowDocument(executeApi({ api }), functions));
    },
    update: creating("new*"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: the body's role has a document with a literal prefix and a new queue",
    program: () => {
      const fn = makeFunction("orders", { name: "shop-orders" });
      const role = gateway();
      attach(
        "gateway",
        role,
        allowDocument(
          ["sqs:SendMessage", new aws.sqs.Queue("new").arn],
          ["lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"],
        ),
      );
      rest(openApi({ "/o": { uri: fn.invokeArn, credentials: role.arn, more: IAM_OPERATION } }));
    },
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "an HTTP API's body with a literal role",
    program: () => {
      const fn = makeFunction("orders");
      httpApi("web", { body: openApi({ "/o": { uri: fn.invokeArn, credentials: EXTERNAL_ROLE } }) });
    },
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  { name: "an authorizer in the body, with a permission", program: withAuthorizer(true), answers: WORKS },
  {
    name: "an authorizer in the body, without a permission",
    program: withAuthorizer(false),
    answers: { deployed: { denied: ["authorizer-function-permission @ shop"] } },
  },
  {
    name: "the body calls an alias with a permission",
    program: () => {
      const fn = makeFunction("orders", { publish: true });
      const alias = new aws.lambda.Alias("live", {
        name: "live",
        functionName: fn.name,
        functionVersion: fn.version,
      });
      const api = rest(openApi({ "/o": { uri: alias.invokeArn } }));
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, { qualifier: alias.name });
    },
    answers: WORKS,
  },
  {
    name: "a function in a description, and one with a function URL",
    program: () => {
      const [fn, worker, page] = [makeFunction("orders"), makeFunction("worker"), makeFunction("page")];
      const url = new aws.lambda.FunctionUrl("page", { functionName: page.name, authorizationType: "NONE" });
      const api = rest(
        pulumi.jsonStringify({
          openapi: "3.0.1",
          info: { title: "shop", version: "1", description: interpolate`see ${worker.arn}` },
          paths: {
            "/p": {
              get: {
                "x-amazon-apigateway-integration": {
                  type: "http_proxy",
                  httpMethod: "GET",
                  uri: url.functionUrl,
                },
              },
            },
            "/o": {
              get: {
                "x-amazon-apigateway-integration": {
                  type: "aws_proxy",
                  httpMethod: "POST",
                  uri: fn.invokeArn,
                },
              },
            },
          },
        }),
      );
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    },
    answers: { deployed: {} },
  },
  {
    name: "an HTTP API's body with caller credentials, and a caller with both actions",
    program: () => {
      const fn = makeFunction("orders");
      const api = httpApi("web", {
        body: openApi(
          { "/o": { uri: fn.invokeArn, credentials: CALLER_CREDENTIALS, more: { security: [{ iam: [] }] } } },
          {
            components: {
              securitySchemes: { iam: { ...AUTHORIZER, "x-amazon-apigateway-authtype": "awsSigv4" } },
            },
          },
        ),
      });
      roleWithPolicy("app", [
        ["execute-api:Invoke", interpolate`${api.executionArn}/*`],
        invokeFunction({ fn }),
      ]);
      stageOf(api);
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "RestApiPut with a function with a permission",
    program: put(true),
    answers: WORKS,
  },
  {
    name: "RestApiPut with a function without a permission",
    program: put(false),
    answers: failsOnceKnown(1, `${PERMISSION} @ shop`),
  },
  {
    name: "a body as text with a literal function without a permission",
    program: () => {
      makeFunction("orders", { name: "orders" });
      const fn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
      const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn}/invocations`;
      const integration = { type: "aws_proxy", httpMethod: "POST", uri };
      rest(
        JSON.stringify({
          openapi: "3.0.1",
          info: { title: "shop", version: "1" },
          paths: { "/o": { get: { "x-amazon-apigateway-integration": integration } } },
        }),
      );
    },
    answers: fails(`${PERMISSION} @ shop`),
  },
];

function put(permitted: boolean): () => void {
  return () => {
    const fn = makeFunction("orders");
    const api = new aws.apigateway.RestApi("shop");
    new aws.apigateway.RestApiPut("shop", {
      restApiId: api.id,
      body: openApi({ "/o": { uri: fn.invokeArn } }),
    });
    if (permitted) allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  };
}

export default hard(entries);
