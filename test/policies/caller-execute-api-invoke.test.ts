import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

const POLICY = "caller-execute-api-invoke";
const only = [POLICY];
const STOPPED = [`${POLICY} @ caller`];
const SHOWN = { "first-preview": [], deployed: STOPPED };

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const tail = (end: string) => (base: Base) => [
  allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}${end}`),
  allow("lambda:InvokeFunction", base.fn.arn),
];

/** test/access/requests/caller-arns.test.ts tests which grants cover a route, for every form of API. */
cases("Resource of the grant", [
  {
    name: "Resource that covers the route",
    program: restStack({ caller: tail("/*/GET/orders/*") }),
    expected: [],
  },
  {
    name: "Resource that is the bare execution ARN",
    program: restStack({ caller: tail("") }),
    expected: SHOWN,
  },
  {
    name: "Resource with a path parameter in braces",
    program: restStack({ caller: tail("/*/GET/orders/{id}") }),
    expected: SHOWN,
  },
]);

const tails =
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
    program: restStack({ caller: tails("", "/*") }),
    expected: [],
  },
  {
    name: "Resources of which none covers the route",
    program: restStack({ caller: tails("/*/GET/orders", "/*/GET/orders/{id}") }),
    expected: SHOWN,
  },
]);

cases("other causes", [
  {
    name: "Deny on the route",
    program: restStack({
      caller: (base) => [
        ...tail("/*")(base),
        {
          Effect: "Deny",
          Action: "execute-api:Invoke",
          Resource: pulumi.interpolate`${base.api.executionArn}/*/GET/orders/*`,
        },
      ],
    }),
    expected: SHOWN,
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
    expected: STOPPED,
  },
  {
    name: "declared caller without a grant",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: STOPPED,
  },
  {
    name: "declared caller with both actions",
    program: restStack(),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: [],
  },
  {
    name: "API without IAM-authorized routes",
    program: restStack({ authorization: "NONE", caller: tail("/*/GET/nothing") }),
    expected: SHOWN,
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
