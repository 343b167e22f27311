import { PolicyPack } from "@pulumi/policy";
import { createPolicies } from "./policies";

new PolicyPack("apigateway-lambda-access", {
  displayName: "API Gateway to Lambda access",
  description:
    "Tells at preview which API Gateway to Lambda routes will answer 403 or 500 because of IAM, and blocks them.",
  provider: "aws",
  tags: ["aws", "apigateway", "lambda", "iam"],
  policies: createPolicies(),
});
