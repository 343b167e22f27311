// First: it loads the SDK.
import "./pulumi/load-sdk";
import { PolicyPack } from "@pulumi/policy";

import { REPOSITORY } from "./messages";
import { readme } from "./policies/framework/readme";
import { isStartedByEngine, ofProject, operationOf, Pack, serving } from "./pulumi";

// A policy pack serves as soon as it is constructed, and keeps its process alive.
if (isStartedByEngine()) {
  const pack = new Pack({
    operation: operationOf(process.env),
    ...ofProject(process.env),
  });
  serving(
    pack,
    () =>
      new PolicyPack("apigateway-lambda-access", {
        displayName: "API Gateway to Lambda access",
        description:
          "Reports at preview which API Gateway to Lambda routes will return 403 or 500 because of IAM, and blocks the deployment.",
        // The engine starts a pack in the pack's own folder.
        readme: readme(process.cwd()),
        provider: "aws",
        tags: ["aws", "apigateway", "lambda", "iam"],
        repository: REPOSITORY,
        policies: pack.policies,
      }),
  );
}
