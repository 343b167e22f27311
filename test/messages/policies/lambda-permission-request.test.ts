import {
  describeLambdaPermissionRequest,
  type LambdaPermissionRequestProblem,
} from "../../../messages/policies/lambda-permission-request";
import { testMessages } from "../../support/problems";

const size = 20_500;
const limit = 20_480;

testMessages<LambdaPermissionRequestProblem>(
  "lambda-permission-request",
  {
    "function-url-auth-type": [{ code: "function-url-auth-type", action: "lambda:InvokeFunction" }],
    latest: [{ code: "latest" }],
    partition: [
      { code: "partition", setting: "principal", partition: "aws", expected: "aws-cn" },
      {
        code: "partition",
        setting: "function",
        partition: "aws",
        expected: "aws-cn",
        region: "cn-north-1",
      },
    ],
    principal: [
      { code: "principal", principal: "apigateway.com", hasSourceArnOfApi: false },
      { code: "principal", principal: "events.amazonaws.com", hasSourceArnOfApi: true },
      { code: "principal", principal: "amazonaws.com\n\u001b[31m", hasSourceArnOfApi: false },
    ],
    "statement-id": [{ code: "statement-id", statementId: "Invoke", otherPermission: "a" }],
    "policy-size": [
      { code: "policy-size", size, limit },
      { code: "policy-size", size, limit, permissions: { count: 70 } },
      {
        code: "policy-size",
        size,
        limit,
        permissions: { count: 70, function: "orders", qualifier: "live" },
      },
    ],
  },
  (problem) => describeLambdaPermissionRequest(problem, "typescript"),
);
