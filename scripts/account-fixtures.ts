/**
 * Regenerates the files of test/account/fixtures, with a real AWS CLI against a simulator of AWS:
 *
 *     pip install 'moto[server]' awscli && moto_server -p 5055 &
 *     AWS_ENDPOINT_URL=http://127.0.0.1:5055 node -r ts-node/register/transpile-only scripts/account-fixtures.ts
 *
 * No account is changed: without AWS_ENDPOINT_URL it exits.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const FOLDER = path.resolve(__dirname, "../test/account/fixtures");

/** Not a real key: the simulator accepts any. */
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_DEFAULT_REGION: "us-east-1",
};

function aws(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("aws", [...args, "--output", "json"], {
    encoding: "utf8",
    env: { ...process.env, ...CREDENTIALS, AWS_PAGER: "" },
  });
  if (status !== 0) throw new Error(`aws ${args.join(" ")}: ${stderr}`);
  return stdout;
}

function awsJson(...args: readonly string[]): Record<string, never> & { [key: string]: string } {
  const text = aws(...args);
  return text.trim() === "" ? {} : JSON.parse(text);
}

function saveOutput(file: string, ...args: readonly string[]): void {
  fs.writeFileSync(path.join(FOLDER, file), aws(...args));
}

function saveJson(file: string, content: object): void {
  fs.writeFileSync(path.join(FOLDER, file), `${JSON.stringify(content, undefined, 4)}\n`);
}

const documentOf = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: string, Resource = "*"): object => ({ Effect: "Allow", Action, Resource });
const trustOf = (Service: string): string =>
  documentOf({ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" });

function principals(): void {
  const policy = (name: string, document: string): string =>
    JSON.parse(aws("iam", "create-policy", "--policy-name", name, "--policy-document", document)).Policy.Arn;
  const invoking = policy("invoking", documentOf(allow("lambda:InvokeFunction")));
  const boundary = policy("developer-boundary", documentOf(allow("lambda:*"), allow("execute-api:*")));
  const role = (name: string, ...options: readonly string[]) =>
    aws(
      "iam",
      "create-role",
      "--role-name",
      name,
      "--assume-role-policy-document",
      trustOf("apigateway.amazonaws.com"),
      ...options,
    );
  role("shared-gateway", "--path", "/teams/shop/", "--permissions-boundary", boundary);
  aws(
    "iam",
    "put-role-policy",
    "--role-name",
    "shared-gateway",
    "--policy-name",
    "own",
    "--policy-document",
    documentOf(allow("lambda:InvokeFunction")),
  );
  aws("iam", "attach-role-policy", "--role-name", "shared-gateway", "--policy-arn", invoking);
  aws("iam", "tag-role", "--role-name", "shared-gateway", "--tags", "Key=team,Value=shop");
  role("without-policies");
  aws("iam", "create-group", "--group-name", "callers");
  aws(
    "iam",
    "put-group-policy",
    "--group-name",
    "callers",
    "--policy-name",
    "calls",
    "--policy-document",
    documentOf(allow("execute-api:Invoke")),
  );
  aws("iam", "create-user", "--user-name", "batch");
  aws("iam", "add-user-to-group", "--user-name", "batch", "--group-name", "callers");
  aws("iam", "attach-user-policy", "--user-name", "batch", "--policy-arn", invoking);
  saveOutput("iam.json", "iam", "get-account-authorization-details");
}

/** An empty zip archive. */
const EMPTY_ARCHIVE = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

function functions(): void {
  const archive = path.join(FOLDER, "empty.zip");
  fs.writeFileSync(archive, EMPTY_ARCHIVE);
  const name = ["--function-name", "orders"];
  aws(
    "lambda",
    "create-function",
    ...name,
    "--runtime",
    "nodejs22.x",
    "--handler",
    "index.handler",
    "--role",
    "arn:aws:iam::123456789012:role/teams/shop/shared-gateway",
    "--zip-file",
    `fileb://${archive}`,
  );
  fs.rmSync(archive);
  aws(
    "lambda",
    "add-permission",
    ...name,
    "--statement-id",
    "api",
    "--action",
    "lambda:InvokeFunction",
    "--principal",
    "apigateway.amazonaws.com",
    "--source-arn",
    "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*/GET/orders",
  );
  saveOutput("function-policy.json", "lambda", "get-policy", ...name);
  saveOutput("function.json", "lambda", "get-function", ...name);
  aws("lambda", "create-function-url-config", ...name, "--auth-type", "AWS_IAM");
  saveOutput("function-url.json", "lambda", "get-function-url-config", ...name);
  // The simulator has no list of them: each has the same members.
  const { ResponseMetadata: _, ...url } = JSON.parse(
    fs.readFileSync(path.join(FOLDER, "function-url.json"), "utf8"),
  );
  saveJson("function-urls.json", { FunctionUrlConfigs: [url] });
}

function restApi(): void {
  const { id = "", rootResourceId } = awsJson(
    "apigateway",
    "create-rest-api",
    "--name",
    "shop",
    "--policy",
    documentOf({ Effect: "Deny", Principal: "*", Action: "execute-api:Invoke", Resource: "*" }),
  );
  const api = ["--rest-api-id", id];
  const root = rootResourceId ?? JSON.parse(aws("apigateway", "get-resources", ...api)).items[0].id;
  const { id: resource = "" } = awsJson(
    "apigateway",
    "create-resource",
    ...api,
    "--parent-id",
    root,
    "--path-part",
    "orders",
  );
  const methodArgs = [...api, "--resource-id", resource, "--http-method", "GET"];
  aws("apigateway", "put-method", ...methodArgs, "--authorization-type", "AWS_IAM");
  aws(
    "apigateway",
    "put-integration",
    ...methodArgs,
    "--type",
    "AWS_PROXY",
    "--integration-http-method",
    "POST",
    "--uri",
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations",
  );
  saveOutput("rest-api.json", "apigateway", "get-rest-api", ...api);
  saveOutput("rest-apis.json", "apigateway", "get-rest-apis");
  saveOutput("rest-resources.json", "apigateway", "get-resources", ...api, "--embed", "methods");
}

function httpApi(): void {
  const { ApiId = "" } = awsJson("apigatewayv2", "create-api", "--name", "web", "--protocol-type", "HTTP");
  const api = ["--api-id", ApiId];
  const { IntegrationId } = awsJson(
    "apigatewayv2",
    "create-integration",
    ...api,
    "--integration-type",
    "AWS_PROXY",
    "--integration-uri",
    "arn:aws:lambda:us-east-1:123456789012:function:orders",
    "--payload-format-version",
    "2.0",
  );
  aws(
    "apigatewayv2",
    "create-route",
    ...api,
    "--route-key",
    "GET /orders",
    "--authorization-type",
    "AWS_IAM",
    "--target",
    `integrations/${IntegrationId}`,
  );
  const authorizer = awsJson(
    "apigatewayv2",
    "create-authorizer",
    ...api,
    "--name",
    "own",
    "--authorizer-type",
    "REQUEST",
    "--identity-source",
    "$request.header.Authorization",
    "--authorizer-payload-format-version",
    "2.0",
    "--authorizer-uri",
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations",
  );
  // The simulator has no list of them: each has the same members.
  saveJson("http-authorizers.json", { Items: [authorizer] });
  saveOutput("http-apis.json", "apigatewayv2", "get-apis");
  saveOutput("http-api.json", "apigatewayv2", "get-api", ...api);
  saveOutput("http-routes.json", "apigatewayv2", "get-routes", ...api);
  saveOutput("http-integrations.json", "apigatewayv2", "get-integrations", ...api);
}

function organization(): void {
  aws("organizations", "create-organization", "--feature-set", "ALL");
  const { Policy } = JSON.parse(
    aws(
      "organizations",
      "create-policy",
      "--name",
      "no-invoke",
      "--description",
      "x",
      "--type",
      "SERVICE_CONTROL_POLICY",
      "--content",
      documentOf({ Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" }),
    ),
  );
  const { Id } = Policy.PolicySummary;
  const { Roots } = JSON.parse(aws("organizations", "list-roots"));
  aws("organizations", "attach-policy", "--policy-id", Id, "--target-id", Roots[0].Id);
  saveOutput("control-policy.json", "organizations", "describe-policy", "--policy-id", Id);
  saveOutput(
    "policies-for-target.json",
    "organizations",
    "list-policies-for-target",
    "--target-id",
    Roots[0].Id,
    "--filter",
    "SERVICE_CONTROL_POLICY",
  );
}

if (process.env.AWS_ENDPOINT_URL === undefined)
  throw new Error(
    "AWS_ENDPOINT_URL is not set: this script creates resources, and must only be run against a simulator",
  );
fs.mkdirSync(FOLDER, { recursive: true });
for (const make of [principals, functions, restApi, httpApi, organization]) make();
