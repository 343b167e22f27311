import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

const POLICY = "caller-execute-api-invoke";
const only = [POLICY];
const DENIED = [`${POLICY} @ caller`];
const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: DENIED };

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const grantOn = (end: string) => (base: Base) => [
  allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}${end}`),
  allow("lambda:InvokeFunction", base.fn.arn),
];

/** test/access/requests/caller-arns.test.ts tests which grants cover a route, for every form of API. */
cases("Resource of the grant", [
  {
    name: "Resource that covers the route",
    program: restStack({ caller: grantOn("/*/GET/orders/*") }),
    expected: [],
  },
  {
    name: "Resource that is the bare execution ARN",
    program: restStack({ caller: grantOn("") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "Resource with a path parameter in braces",
    program: restStack({ caller: grantOn("/*/GET/orders/{id}") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
]);

const grantsOn =
  (...ends: readonly string[]) =>
  (base: Base) => [
    allow(
      "execute-api:Invoke",
      ends.map((end) => pulumi.interpolate`${base.api.executionArn}${end}`),
    ),
    allow("lambda:InvokeFunction", base.fn.arn),
  ];

cases("several Resources", [
  {
    name: "Resources of which one covers the route",
    program: restStack({ caller: grantsOn("", "/*") }),
    expected: [],
  },
  {
    name: "Resources of which none covers the route",
    program: restStack({ caller: grantsOn("/*/GET/orders", "/*/GET/orders/{id}") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
]);

cases("other causes", [
  {
    name: "Deny on the route",
    program: restStack({
      caller: (base) => [
        ...grantOn("/*")(base),
        {
          Effect: "Deny",
          Action: "execute-api:Invoke",
          Resource: pulumi.interpolate`${base.api.executionArn}/*/GET/orders/*`,
        },
      ],
    }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "AWSDenyAll",
    program: restStack({
      more: ({ caller }) => {
        new aws.iam.RolePolicyAttachment("none", {
          role: caller.name,
          policyArn: aws.iam.ManagedPolicy.AWSDenyAll,
        });
      },
    }),
    expected: DENIED,
  },
  {
    name: "declared caller without a grant",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: DENIED,
  },
  {
    name: "declared caller with both actions",
    program: restStack(),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: [],
  },
  {
    name: "API without IAM-authorized routes",
    program: restStack({ authorization: "NONE", caller: grantOn("/*/GET/nothing") }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "grant on an API outside the stack",
    program: restStack({
      caller: () => [
        allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/dev/GET/x"),
      ],
    }),
    expected: [],
  },
]);
