/** Programs of aws-native, like those of `@pulumi/cdk`, whose ARNs contain results of data sources. */
import * as pulumi from "@pulumi/pulumi";
import { runCases } from "../support/cases";
import { documentOf, grant, type NativeBase, nativeExecute, nativeStack } from "../support/native";

const outputOf = (name: string, property: string): pulumi.Output<unknown> =>
  pulumi
    .output(pulumi.runtime.invoke(`aws-native:index:${name}`, {}))
    .apply((answer: Record<string, unknown>) => answer[property]);

function place(): {
  arn: pulumi.Output<string>;
  suffix: pulumi.Output<unknown>;
  zones: pulumi.Output<unknown>;
} {
  const [partition, region, account] = [
    outputOf("getPartition", "partition"),
    outputOf("getRegion", "region"),
    outputOf("getAccountId", "accountId"),
  ];
  return {
    arn: pulumi.interpolate`arn:${partition}:execute-api:${region}:${account}`,
    suffix: outputOf("getUrlSuffix", "urlSuffix"),
    zones: outputOf("getAzs", "azs"),
  };
}

const routes = ({ apiId }: NativeBase, verb: string): pulumi.Output<string> =>
  pulumi.interpolate`${place().arn}:${apiId}/*/${verb}/orders/*`;

const both = (base: NativeBase) => [
  grant("execute-api:Invoke", routes(base, "GET")),
  grant("lambda:InvokeFunction", base.fn.output("arn")),
];

const trust = () =>
  documentOf([
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: pulumi.interpolate`apigateway.${place().suffix}` },
    },
  ]);

const permission = (verb: string) => (base: NativeBase) => ({ sourceArn: routes(base, verb) });
const credentials = ({ gateway }: NativeBase) => ({ credentials: gateway.output("arn") });
const program = (patch: Parameters<typeof nativeStack>[0]) => () => {
  nativeStack(patch)();
  return place();
};

describe("data sources of aws-native", () =>
  runCases(
    [
      { name: "healthy", program: program({ permission: permission("GET"), caller: both }), expected: [] },
      {
        name: "a permission for another method",
        program: program({ permission: permission("POST"), caller: both }),
        expected: {
          "first-preview": [],
          deployed: ["route-function-permission @ method"],
        },
      },
      {
        name: "a caller that may not invoke the function",
        program: program({
          permission: permission("GET"),
          caller: (base) => nativeExecute(base),
        }),
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "a role whose trust policy is built from the DNS suffix",
        program: () =>
          program({
            permission: false,
            integration: credentials,
            gateway: { assumeRolePolicyDocument: trust() },
            caller: both,
          })(),
        expected: [],
      },
      {
        name: "a role that may not invoke the function",
        program: program({
          permission: false,
          integration: credentials,
          gatewayPolicy: () => [grant("logs:PutLogEvents", "*")],
          caller: both,
        }),
        expected: ["integration-role-lambda-invoke @ gateway"],
      },
    ],
    [
      "lambda-permission-scope",
      "invoke-policy-scope",
      "caller-execute-api-invoke",
      "rest-api-deployment-dependencies",
    ],
  ));
