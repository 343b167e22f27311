import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { type Base, CALLER_CREDENTIALS, httpStack, type Patch } from "../support/http";
import { allow } from "../support/rest";

const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const only = [INVOKE, CREDENTIALS, EXECUTE, "unproven-access"];

function cases(title: string, rows: readonly Case[]): void {
  describe(title, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const executes =
  (...tails: string[]) =>
  ({ api }: Base): aws.iam.PolicyStatement[] =>
    tails.map((tail) => allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}${tail}`));

const both =
  (...tails: string[]) =>
  (base: Base): aws.iam.PolicyStatement[] => [
    ...executes(...tails)(base),
    allow("lambda:InvokeFunction", base.fn.arn),
  ];

const webSocketApi = (patch: Patch) => httpStack({ protocol: "WEBSOCKET", ...patch });

/** A route for messages without authorization, in addition to the IAM-authorized `$connect`. */
const messages =
  (key: string, integration: Partial<aws.apigatewayv2.IntegrationArgs> = {}) =>
  ({ api, fn }: Base): void => {
    const messageIntegration = new aws.apigatewayv2.Integration("messages", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: fn.invokeArn,
      ...integration,
    });
    new aws.apigatewayv2.Route("messages", {
      apiId: api.id,
      routeKey: key,
      target: pulumi.interpolate`integrations/${messageIntegration.id}`,
    });
  };

const LACKS_INVOKE = [`${INVOKE} @ caller`];
const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: [`${EXECUTE} @ caller`] };

cases("callers of WebSocket APIs", [
  {
    name: "both actions, grant on the stage and $connect",
    program: webSocketApi({ caller: both("/live/$connect") }),
    expected: [],
  },
  {
    name: "both actions, grant on another stage",
    program: webSocketApi({ caller: both("/dev/$connect") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "execute-api:ManageConnections only",
    program: webSocketApi({
      caller: ({ api, fn }) => [
        allow(
          "execute-api:ManageConnections",
          pulumi.interpolate`${api.executionArn}/live/POST/@connections/*`,
        ),
        allow("lambda:InvokeFunction", fn.arn),
      ],
    }),
    expected: [],
  },
  ...["sendMessage", "$default", "$disconnect"].map((key) => ({
    name: `both actions, ${key} without authorization`,
    program: webSocketApi({ caller: both("/live/$connect"), more: messages(key) }),
    expected: [],
  })),
  {
    name: "both actions, another function for messages",
    program: webSocketApi({
      caller: both("/live/$connect"),
      more: (base) => {
        const otherFunction = new aws.lambda.Function("other", {
          name: "other",
          role: base.fn.role,
          runtime: "nodejs22.x",
          handler: "index.handler",
        });
        messages("sendMessage", { integrationUri: otherFunction.invokeArn })(base);
      },
    }),
    expected: [],
  },
  {
    name: "both actions, grants on $connect and sendMessage",
    program: webSocketApi({
      caller: both("/live/$connect", "/live/sendMessage"),
      more: messages("sendMessage"),
    }),
    expected: [],
  },
  {
    name: "both actions, caller credentials on $connect",
    program: webSocketApi({
      permission: false,
      integration: () => ({ credentialsArn: CALLER_CREDENTIALS }),
      caller: both("/live/$connect"),
    }),
    expected: [],
  },
  {
    name: "both actions, caller credentials for messages",
    program: webSocketApi({
      caller: both("/live/$connect"),
      more: messages("sendMessage", { credentialsArn: CALLER_CREDENTIALS }),
    }),
    expected: [],
  },
  {
    name: "execute-api:Invoke only, caller credentials for messages",
    program: webSocketApi({
      caller: executes("/live/$connect"),
      more: messages("sendMessage", { credentialsArn: CALLER_CREDENTIALS }),
    }),
    // AWS does not document whether API Gateway keeps the credentials of the connection.
    expected: {
      "first-preview": ["unproven-access @ caller", "unproven-access @ caller"],
      deployed: ["unproven-access @ caller", ...LACKS_INVOKE],
    },
  },
]);

const httpApi = (patch: Patch) => httpStack({ stage: "$default", ...patch });

cases("callers of HTTP APIs", [
  {
    name: "$default, both actions",
    program: httpApi({ routeKey: "$default", caller: both("/*") }),
    expected: [],
  },
  ...["$default", "ANY /{proxy+}"].map(
    (routeKey): Case => ({
      name: `${routeKey}, execute-api:Invoke only on one method and path`,
      program: httpApi({ routeKey, caller: executes("/$default/GET/orders/*") }),
      expected: LACKS_INVOKE,
    }),
  ),
  {
    name: "$default, grant on another stage",
    program: httpApi({ routeKey: "$default", caller: both("/live/GET/orders/*") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
]);
