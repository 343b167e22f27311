import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { runCases } from "../support/cases";
import { allow, restStack } from "../support/rest";

/** A REST API whose resource policy allows every principal, as is usual for private APIs and IP filters. */
const everyone = (more: (base: { api: aws.apigateway.RestApi }) => void = () => {}) => ({
  more: (base: { api: aws.apigateway.RestApi }) => {
    new aws.apigateway.RestApiPolicy("open", {
      restApiId: base.api.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
        ],
      }),
    });
    more(base);
  },
});

describe("resource policy that allows everyone", () => {
  runCases([
    {
      name: "role without a grant on the API, which is not a caller",
      program: restStack(everyone()),
      expected: [],
    },
    {
      name: "role with both actions on one route",
      program: restStack({
        ...everyone(),
        caller: ({ api, fn }) => [
          allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
          allow("lambda:InvokeFunction", fn.arn),
        ],
      }),
      expected: [],
    },
  ]);
});
