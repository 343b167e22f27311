/** Hypotheses about failures that a stack does not explain, each with the AWS CLI command that checks it. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type { FailureEntry } from "../../diagnose";
import { type Plan, plan } from "../../testing";
import { diagnose } from "../support/diagnosis";
import { bothActions as bothOnHttp, CALLER_CREDENTIALS, httpStack } from "../support/http";
import { example } from "../support/reports";
import { bothActions, executeOnly, restStack } from "../support/rest";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";
const ASSUME = "API Gateway does not have permission to assume the provided role";
const CALLER = "arn:aws:sts::123456789012:assumed-role/caller/me";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

const deployed = (program: () => void): Promise<Plan> => plan(program, { as: "deployed", project: "shop" });

/** The commands in diagnoses and their options in the AWS CLI: `aws SERVICE OPERATION help`. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "apigateway get-authorizers": ["rest-api-id"],
  "apigateway get-base-path-mappings": ["domain-name"],
  "apigateway get-resources": ["rest-api-id", "embed"],
  "apigateway get-rest-api": ["rest-api-id"],
  "apigateway get-stage": ["rest-api-id", "stage-name"],
  "apigateway get-stages": ["rest-api-id"],
  "apigatewayv2 get-api": ["api-id"],
  "apigatewayv2 get-api-mappings": ["domain-name"],
  "apigatewayv2 get-authorizers": ["api-id"],
  "apigatewayv2 get-routes": ["api-id"],
  "apigatewayv2 get-stage": ["api-id", "stage-name"],
  "apigatewayv2 get-stages": ["api-id"],
  "cloudtrail lookup-events": ["lookup-attributes", "max-results"],
  "cognito-identity list-identity-pools": ["max-results"],
  "ec2 describe-vpc-endpoints": ["filters"],
  "iam get-role": ["role-name"],
  "iam get-user": ["user-name"],
  "iam list-roles": [],
  "iam list-users": [],
  "iam simulate-principal-policy": ["policy-source-arn", "action-names", "resource-arns"],
  "lambda get-function-configuration": ["function-name", "qualifier"],
  "lambda get-policy": ["function-name", "qualifier"],
  "logs tail": ["since"],
  "organizations list-policies-for-target": ["target-id", "filter"],
  "wafv2 get-web-acl-for-resource": ["resource-arn"],
};

const GLOBAL = ["region", "profile", "query"];

function assertValid(command: string): void {
  for (const simpleCommand of command.split(" || ")) {
    const [, operation = "", rest = ""] = /^aws ([\w-]+ [\w-]+)(.*)$/.exec(simpleCommand) ?? [];
    const known = COMMANDS[operation];
    assert.ok(known !== undefined, simpleCommand);
    for (const [, option = ""] of rest.replace(/'[^']*'/g, "").matchAll(/ --([\w-]+)/g))
      assert.ok(known.includes(option) || GLOBAL.includes(option), simpleCommand);
  }
}

async function failureOf(program: () => void, record: Record<string, unknown>): Promise<FailureEntry> {
  const [failure] = (await diagnose(await deployed(program), record)).failures;
  assert.ok(failure !== undefined);
  return failure;
}

const commandsOf = ({ hypotheses }: FailureEntry): readonly string[] =>
  hypotheses.flatMap(({ command }) => command ?? []);

const REST = { httpMethod: "GET", resourcePath: "/orders/{id}", stage: "prod", userArn: CALLER };
const HTTP = { routeKey: "GET /orders/{id}", stage: "prod", userArn: CALLER };
const SOCKET = { routeKey: "$connect", stage: "prod", userArn: CALLER };

const socket = (more: object) =>
  httpStack({ protocol: "WEBSOCKET", routeKey: "$connect", caller: bothOnHttp, ...more });
const byRole = ({ gateway }: { gateway: aws.iam.Role }) => ({ credentials: gateway.arn });
const byRoleV2 = ({ gateway }: { gateway: aws.iam.Role }) => ({ credentialsArn: gateway.arn });

describe("hypotheses", () => {
  for (const [title, program, record, expected] of [
    [
      "REST, the function's policy",
      restStack({}),
      { ...REST, status: 500, error: INVALID },
      [
        `lambda get-policy --function-name ${FUNCTION} --region us-east-1`,
        `lambda get-function-configuration --function-name ${FUNCTION} --query '[FunctionArn,LastModified]'`,
        "apigateway get-stages --rest-api-id",
        "cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AddPermission20150331v2",
      ],
    ],
    [
      "HTTP, the function's policy",
      httpStack({}),
      { ...HTTP, status: 500, error: INVALID },
      [
        `lambda get-policy --function-name ${FUNCTION}`,
        "apigatewayv2 get-stages --api-id",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "WebSocket, the function's policy",
      socket({}),
      { ...SOCKET, status: 500, error: INVALID },
      [
        `lambda get-policy --function-name ${FUNCTION}`,
        "apigatewayv2 get-stages --api-id",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "REST, the caller's credentials",
      restStack({ integration: () => ({ credentials: CALLER_CREDENTIALS }) }),
      { ...REST, status: 500, error: INVALID },
      [
        `iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/caller --action-names lambda:InvokeFunction --resource-arns ${FUNCTION}`,
        "organizations list-policies-for-target --target-id 123456789012 --filter SERVICE_CONTROL_POLICY",
        "cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=caller --max-results 5 --region us-east-1",
      ],
    ],
    [
      "REST, the credentials role",
      restStack({ integration: byRole }),
      { ...REST, status: 500, error: INVALID },
      [
        `iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/gateway --action-names lambda:InvokeFunction --resource-arns ${FUNCTION}`,
        "organizations list-policies-for-target --target-id 123456789012",
        "cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=gateway",
      ],
    ],
    [
      "REST, the role's trust",
      restStack({ integration: byRole }),
      { ...REST, status: 500, error: ASSUME },
      ["iam get-role --role-name gateway --query Role.AssumeRolePolicyDocument", "cloudtrail lookup-events"],
    ],
    [
      "HTTP, the role's trust",
      httpStack({ integration: byRoleV2 }),
      {
        ...HTTP,
        status: 500,
        integrationErrorMessage:
          "API Gateway doesn't have permissions to assume the IAM role configured on the integration.",
      },
      ["iam get-role --role-name gateway", "cloudtrail lookup-events"],
    ],
    [
      "REST, the caller",
      restStack({}),
      { ...REST, path: "/prod/orders/7", status: 403 },
      [
        "iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/caller --action-names execute-api:Invoke --resource-arns arn:aws:execute-api:us-east-1:123456789012:API/prod/GET/orders/7",
        "organizations list-policies-for-target",
        "apigateway get-rest-api --rest-api-id API --query policy",
        "wafv2 get-web-acl-for-resource --resource-arn arn:aws:apigateway:us-east-1::/restapis/API/stages/prod --region us-east-1",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "HTTP, the caller",
      httpStack({ caller: bothOnHttp }),
      { ...HTTP, status: 403 },
      [
        "iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/caller --action-names execute-api:Invoke --resource-arns 'arn:aws:execute-api:us-east-1:123456789012:API/prod/GET/orders/*'",
        "organizations list-policies-for-target",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "WebSocket, the caller",
      socket({}),
      { ...SOCKET, status: 403 },
      [
        "iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/caller --action-names execute-api:Invoke --resource-arns 'arn:aws:execute-api:us-east-1:123456789012:API/prod/$connect'",
        "organizations list-policies-for-target",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "a status alone",
      restStack({}),
      { ...REST, status: 500 },
      [
        "lambda get-policy",
        "lambda get-function-configuration",
        "logs tail /aws/lambda/orders --since 1d --region us-east-1",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "a record without a caller",
      restStack({}),
      { ...REST, userArn: "-", status: 403 },
      [
        "apigateway get-stage --rest-api-id API --stage-name prod --query accessLogSettings.format",
        "apigateway get-rest-api",
        "cloudtrail lookup-events",
      ],
    ],
    [
      "an unknown role",
      restStack({}),
      { ...REST, userArn: "-", caller: "AROANOBODYKNOWSTHIS1:me", status: 403 },
      ["iam list-roles --query 'Roles[?RoleId=='\\''AROANOBODYKNOWSTHIS1'\\''].Arn'"],
    ],
    [
      "an unknown identity of Cognito",
      restStack({}),
      {
        ...REST,
        userArn: "-",
        cognitoIdentityId: "eu-west-1:11111111-2222-3333-4444-555555555555",
        status: 403,
      },
      ["cognito-identity list-identity-pools --max-results 60 --region eu-west-1"],
    ],
    [
      "an unknown path",
      restStack({}),
      { status: 403, apiId: "API", httpMethod: "GET", path: "/prod/nothing" },
      ["apigateway get-resources --rest-api-id API --embed methods --region us-east-1"],
    ],
    [
      "an unknown HTTP API",
      httpStack({}),
      {
        status: 403,
        apiId: "zzzzzzzzzz",
        routeKey: "GET /x",
        domainName: "zzzzzzzzzz.execute-api.eu-west-1.amazonaws.com",
      },
      ["apigatewayv2 get-api --api-id zzzzzzzzzz --region eu-west-1"],
    ],
  ] as const)
    it(title, async () => {
      const planned = await deployed(program);
      const id = planned.resources.find(({ type }) => /:(RestApi|Api)$/.test(type))?.id ?? "";
      const recordWithId = JSON.parse(JSON.stringify(record).replaceAll('"API"', `"${id}"`));
      const [failure] = (await diagnose(planned, recordWithId)).failures;
      assert.ok(failure !== undefined);
      const commands = commandsOf(failure);
      for (const command of commands) assertValid(command);
      for (const expectedCommand of expected)
        assert.ok(
          commands.some((command) =>
            command.startsWith(`aws ${expectedCommand.replaceAll("API", id).replaceAll(`${id}-`, "API-")}`),
          ),
          `${expectedCommand}\nis not one of\n${commands.join("\n")}`,
        );
    });

  it("each have a command unless the log has to contain more fields", async () => {
    for (const [program, record] of [
      [restStack({}), { ...REST, status: 500, error: INVALID }],
      [restStack({ integration: byRole }), { ...REST, status: 500, error: ASSUME }],
      [httpStack({ caller: bothOnHttp }), { ...HTTP, status: 403 }],
      [socket({}), { ...SOCKET, status: 500, error: INVALID }],
    ] as const) {
      const { outcome, hypotheses } = await failureOf(program, record);
      assert.equal(outcome, "unexplained");
      for (const { what, command } of hypotheses) assert.ok(command !== undefined, what);
    }
  });

  it("begin with the organization if the message names its policy", async () => {
    const error = `User: ${CALLER} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abc/prod/GET/orders/7 with an explicit deny in a service control policy`;
    const { hypotheses, outcome } = await failureOf(restStack({ caller: false }), {
      ...REST,
      status: 403,
      error,
      apiId: undefined,
    });
    assert.notEqual(outcome, "explained");
    assert.match(hypotheses[0]?.command ?? "", /^aws (organizations|apigateway)/);
  });

  it("have commands with the profile and region of the provider", async () => {
    const { hypotheses } = await failureOf(
      () => {
        const provider = new aws.Provider("other", { region: "eu-central-1", profile: "shop prod" });
        const api = new aws.apigateway.RestApi("a", { name: "a" }, { provider });
        const path = new aws.apigateway.Resource(
          "p",
          { restApi: api.id, parentId: api.rootResourceId, pathPart: "x" },
          { provider },
        );
        const at = { restApi: api.id, resourceId: path.id, httpMethod: "GET" };
        new aws.apigateway.Method("m", { ...at, authorization: "AWS_IAM" }, { provider });
        new aws.apigateway.Integration(
          "i",
          {
            ...at,
            type: "AWS_PROXY",
            integrationHttpMethod: "POST",
            uri: "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:f/invocations",
          },
          { provider },
        );
      },
      { status: 403, httpMethod: "GET", resourcePath: "/x" },
    );
    const command = hypotheses
      .flatMap((hypothesis) => hypothesis.command ?? [])
      .find((shownCommand) => shownCommand.includes("get-rest-api"));
    assert.match(command ?? "", / --region eu-central-1 --profile 'shop prod'$/);
  });

  it("do not include the caller's policies for a route without IAM authorization", async () => {
    const failure = await failureOf(restStack({ authorization: "NONE", caller: bothActions }), {
      ...REST,
      status: 403,
    });
    assert.ok(
      !commandsOf(failure).some((command) => command.includes("simulate")),
      commandsOf(failure).join("\n"),
    );
  });

  it("do not include permissions if Lambda rejected the request as malformed", async () => {
    const failure = await failureOf(restStack({}), {
      ...REST,
      status: 500,
      error: "Unable to determine service/operation name to be authorized",
    });
    assert.equal(failure.outcome, "unexplained");
    assert.deepEqual(
      failure.hypotheses.map(({ what }) => what.split(",")[0]),
      ["the stage serves an older deployment"],
    );
    commandsOf(failure).forEach(assertValid);
  });

  describe("a re-created role", () => {
    const byCaller = restStack({
      caller: executeOnly,
      integration: () => ({ credentials: CALLER_CREDENTIALS }),
    });
    const NEW = { ...REST, status: 500, error: INVALID, caller: "AROAQQQQQQQQQQQQQQQQQ:me" };

    it("is a hypothesis, and the state explains nothing with certainty", async () => {
      const failure = await failureOf(byCaller, NEW);
      assert.equal(failure.outcome, "unproven");
      assert.equal(failure.caller.newId, "AROAQQQQQQQQQQQQQQQQQ");
      assert.match(failure.hypotheses[0]?.what ?? "", /role "caller" was deleted and re-created/);
      assert.equal(
        commandsOf(failure)[0],
        "aws iam get-role --role-name caller --query 'Role.[RoleId,CreateDate]'",
      );
      commandsOf(failure).forEach(assertValid);
    });

    it("is no hypothesis if the log has the state's ID or no ID", async () => {
      const planned = await deployed(byCaller);
      const role = planned.resources.find(({ name, outputs }) => name === "caller" && outputs.uniqueId);
      for (const caller of [`${role?.outputs.uniqueId}:me`, undefined]) {
        const [failure] = (await diagnose(planned, { ...NEW, caller })).failures;
        assert.deepEqual([failure?.outcome, failure?.caller.newId], ["explained", undefined]);
      }
    });

    it("is no hypothesis if the IDs come from running a program", async () => {
      const { failures } = await diagnose(await deployed(byCaller), NEW, { areIdsReal: false });
      assert.deepEqual([failures[0]?.outcome, failures[0]?.caller.newId], ["explained", undefined]);
    });
  });

  describe("a 403 without a message", () => {
    for (const [authorizerKind, type, protocol, expected] of [
      ["a Lambda authorizer", "CUSTOM", "HTTP", /Lambda authorizer denied the request: see its log/],
      ["a Lambda authorizer of $connect", "CUSTOM", "WEBSOCKET", /Lambda authorizer denied the request/],
      [
        "a JWT authorizer",
        "JWT",
        "HTTP",
        /rejected the token, for example because it has none of the route's scopes/,
      ],
    ] as const)
      it(`is explained by ${authorizerKind}, not by a permission`, async () => {
        const program = httpStack({ protocol, route: { authorizationType: type, authorizerId: "auth01" } });
        const record = protocol === "HTTP" ? { routeKey: "GET /orders/{id}" } : { routeKey: "$connect" };
        const failure = await failureOf(program, { ...record, status: 403, message: "Forbidden" });
        assert.deepEqual([failure.outcome, failure.kind], ["other", "refused-by-authorizer"]);
        assert.match(failure.meaning ?? "", expected);
      });

    it("is also explained by the resource policy of a REST API", async () => {
      const failure = await failureOf(restStack({ authorization: "CUSTOM" }), { ...REST, status: 403 });
      assert.equal(failure.outcome, "unexplained");
      assert.match(failure.hypotheses[0]?.what ?? "", /authorizer denied/);
      assert.match(commandsOf(failure)[0] ?? "", /^aws apigateway get-authorizers /);
      assert.ok(commandsOf(failure).some((command) => command.includes("get-rest-api")));
      commandsOf(failure).forEach(assertValid);
    });

    it("is explained by the caller if the route is IAM-authorized", async () => {
      const failure = await failureOf(httpStack({ caller: () => [] }), { ...HTTP, status: 403 });
      assert.equal(failure.kind, "forbidden");
    });
  });

  it("include a condition of the resource policy that the state cannot decide", async () => {
    const { hypotheses } = await failureOf(example("private-api"), {
      status: 403,
      httpMethod: "GET",
      resourcePath: "/",
      userArn: CALLER,
      errorResponseType: "ACCESS_DENIED",
    });
    const found = hypotheses.find(({ what }) => /did not meet the conditions/.test(what));
    assert.match(found?.what ?? "", /\(aws:SourceVpce\): log \$context\.identity\.vpceId$/);
    assertValid(found?.command ?? "");
  });
});
