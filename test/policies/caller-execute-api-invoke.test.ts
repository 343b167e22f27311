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

/** Which grants reach a route is in test/access/requests/caller-arns.test.ts, for every form of API. */
cases("the resource of the grant", [
  { name: "the route", program: restStack({ caller: tail("/*/GET/orders/*") }), expected: [] },
  { name: "the bare execution ARN", program: restStack({ caller: tail("") }), expected: SHOWN },
  {
    name: "the path with its braces",
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

cases("several resources", [
  { name: "one that reaches the route", program: restStack({ caller: tails("", "/*") }), expected: [] },
  {
    name: "none that reaches the route",
    program: restStack({ caller: tails("/*/GET/orders", "/*/GET/orders/{id}") }),
    expected: SHOWN,
  },
]);

cases("other reasons", [
  {
    name: "a deny of the route",
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
    name: "a deny of everything",
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
    name: "declared and without any grant",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: STOPPED,
  },
  {
    name: "declared and allowed",
    program: restStack(),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: [],
  },
  {
    name: "an API without IAM-authorized routes",
    program: restStack({ authorization: "NONE", caller: tail("/*/GET/nothing") }),
    expected: SHOWN,
  },
  {
    name: "an API outside the stack",
    program: restStack({
      caller: () => [
        allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/dev/GET/x"),
      ],
    }),
    expected: [],
  },
]);
