import {
  describeLambdaPermissionSourceArn,
  type LambdaPermissionSourceArnProblem,
} from "../../../messages/policies/lambda-permission-source-arn";
import { testMessages } from "../../support/problems";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";

testMessages<LambdaPermissionSourceArnProblem>(
  "lambda-permission-source-arn",
  {
    leftover: [
      { code: "leftover", arn: "arn:aws:execute-api:us-east-1:123456789012:undefined/*" },
      { code: "leftover", arn: `undefined${"/long".repeat(100)}` },
    ],
    "management-arn": [{ code: "management-arn", arn: "arn:aws:apigateway:us-east-1::/restapis/abcdef1234" }],
    "not-an-arn": [{ code: "not-an-arn", arn: "abcdef1234/*/*" }],
    wildcard: [{ code: "wildcard", arn: "arn:aws:execute-api:*:123456789012:abcdef1234/*" }],
    "other-service": [
      { code: "other-service", arn: "arn:aws:s3:::bucket", service: "s3" },
      { code: "other-service", arn: "arn:aws::us-east-1:123456789012:abcdef1234/*", service: "" },
    ],
    "empty-field": [{ code: "empty-field", arn: "arn:aws:execute-api::123456789012:abcdef1234/*" }],
    partition: [
      { code: "partition", arn: `${API}/*`, partition: "aws", expected: "aws-cn", region: "cn-north-1" },
      { code: "partition", arn: `${API}/*`, partition: "aws", expected: "aws-cn" },
      { code: "partition", arn: `${API}/*`, partition: "AWS 1", expected: "aws-cn" },
    ],
    "too-short": [{ code: "too-short", arn: API }],
  },
  (problem) => describeLambdaPermissionSourceArn(problem, "typescript"),
);
