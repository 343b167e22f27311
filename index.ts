import { PolicyPack } from "@pulumi/policy";
import { createPolicies } from "./policies";
import { REPOSITORY } from "./policies/messages";
import { readme } from "./policies/readme";

new PolicyPack("apigateway-lambda-access", {
  displayName: "API Gateway to Lambda access",
  description:
    "Tells at preview which API Gateway to Lambda routes will answer 403 or 500 because of IAM, and blocks them.",
  // The engine starts a pack in the pack's own folder.
  readme: readme(process.cwd()),
  provider: "aws",
  tags: ["aws", "apigateway", "lambda", "iam"],
  repository: REPOSITORY,
  policies: createPolicies(),
});
