import {
  describeLambdaIntegrationRequest,
  type IntegrationProblem,
  type LambdaIntegrationRequestProblem,
} from "../../../messages/policies/lambda-integration-request";
import { testMessages } from "../../support/problems";

const settings = { method: "integrationHttpMethod", uri: "uri", transfer: "responseTransferMode" };
const uri = { code: "malformed", setting: "uri" } as const;
const version = { code: "version", setting: "uri", version: "2015-03-31", operation: "invocations" } as const;

testMessages<IntegrationProblem>(
  "lambda-integration-request",
  {
    uri: [
      { code: "uri", uri },
      { code: "uri", uri, isRefused: true },
      { code: "uri", uri: version, settings, streaming: "uri" },
      { code: "uri", uri: version, settings, streaming: "uri-and-mode-or-neither" },
    ],
    "function-arn": [{ code: "function-arn", settings }],
    method: [
      { code: "method", settings, method: { name: "GET" }, isRefused: false },
      { code: "method", settings, method: { name: "GET" }, isRefused: true },
      { code: "method", settings, method: "none", isRefused: false },
      { code: "method", settings, method: "not-a-method", isRefused: false },
    ],
    "streamed-type": [{ code: "streamed-type", settings }],
    transfer: [
      { code: "transfer", settings, streams: "uri", isRefused: false },
      { code: "transfer", settings, streams: "uri", isRefused: true },
      { code: "transfer", settings, streams: "mode", isRefused: true },
    ],
  },
  (problem) => describeLambdaIntegrationRequest({ code: "integration", problem }, "typescript"),
);

const method: IntegrationProblem = { code: "method", settings, method: "none", isRefused: false };

testMessages<LambdaIntegrationRequestProblem>(
  "lambda-integration-request-places",
  {
    integration: [{ code: "integration", problem: method }],
    authorizer: [{ code: "authorizer", problem: { code: "function-arn", setting: "authorizerUri" } }],
    api: [
      { code: "api", target: { code: "malformed", setting: "target" }, body: [] },
      {
        code: "api",
        body: [
          { place: "GET /orders", problem: method },
          { place: "POST /orders", problem: method },
          { place: "authorizer guard", problem: { code: "uri", uri } },
        ],
      },
    ],
  },
  (problem) => describeLambdaIntegrationRequest(problem, "python"),
);
