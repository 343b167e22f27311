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

cases(
  "the resource of the grant",
  (
    [
      ["/*", true],
      ["/*/*/*", true],
      ["/*/GET/orders/*", true],
      ["/prod/GET/orders/42", true],
      ["/*/GET/*", true],
      ["/prod/*", true],
      ["", false],
      ["/*/GET/orders", false],
      ["/*/GET/orders/{id}", false],
      ["/dev/*", false],
      ["/*/POST/orders/*", false],
      ["/*/get/orders/*", false],
      ["/*/ANY/orders/*", false],
      ["/GET/orders/*", false],
      ["/*/GET/orders/*/items", true],
      ["/*/GET/ordersx/*", false],
      ["/prod", false],
    ] as const
  ).map(
    ([end, reaches]): Case => ({
      name: end === "" ? "the bare execution ARN" : end,
      program: restStack({ caller: tail(end) }),
      expected: end === "/*/GET/orders/*/items" ? SHOWN : reaches ? [] : SHOWN,
    }),
  ),
);

const tails =
  (...ends: readonly string[]) =>
  (base: Base) => [
    allow(
      "execute-api:Invoke",
      ends.map((end) => pulumi.interpolate`${base.api.executionArn}${end}`),
    ),
    allow("lambda:InvokeFunction", base.fn.arn),
  ];

cases(
  "several resources",
  (
    [
      [["", "/*"], []],
      [["/*/GET/orders/*", "/*/GET/orders/*/items"], []],
      [["/prod/GET/orders/*", "/prod/POST/orders/*"], []],
      [["/*/GET//orders/*", "/*/GET/"], SHOWN],
      [["/*/GET/orders/*", "/*/GET/orders/{id}"], []],
      [["/*/GET/orders", "/*/GET/orders/{id}"], SHOWN],
    ] as const
  ).map(
    ([ends, expected]): Case => ({
      name: ends.join(" and "),
      program: restStack({ caller: tails(...ends) }),
      expected,
    }),
  ),
);

cases("other reasons", [
  {
    name: "a greedy parameter in braces",
    program: restStack({ path: ["{proxy+}"], caller: tail("/*/GET/{proxy+}") }),
    expected: SHOWN,
  },
  {
    name: "a greedy parameter as a wildcard",
    program: restStack({ path: ["{proxy+}"], caller: tail("/*/GET/a/*") }),
    expected: [],
  },
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
    name: "a boundary without execute-api",
    program: restStack({
      caller: false,
      more: (base) => {
        const bound = new aws.iam.Role("bound", {
          assumeRolePolicy: "{}",
          permissionsBoundary: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        });
        new aws.iam.RolePolicy("both", {
          role: bound.name,
          policy: { Version: "2012-10-17", Statement: tail("/*")(base) },
        });
      },
    }),
    expected: [`${POLICY} @ bound`],
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
    name: "@connections of a WebSocket API",
    program: restStack({
      caller: () => [
        allow("execute-api:ManageConnections", "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*"),
      ],
    }),
    expected: [],
  },
  {
    name: "every API, no finding",
    program: restStack({ caller: () => [allow("execute-api:Invoke", "*")] }),
    expected: [],
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
