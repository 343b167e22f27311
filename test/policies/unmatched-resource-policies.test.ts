import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

const only = ["caller-execute-api-invoke"];
const FOUND = { "first-preview": [], deployed: ["caller-execute-api-invoke @ open"] };
type WithCaller = Base & { caller: aws.iam.Role };

/** A caller with `lambda:InvokeFunction`, and a resource policy with `execute-api:Invoke`. */
function stack(
  principal: (base: WithCaller) => unknown,
  resource: pulumi.Input<string> | ((base: WithCaller) => pulumi.Input<unknown>),
  more: (base: WithCaller) => void = () => {},
  authorization = "AWS_IAM",
): () => void {
  return restStack({
    authorization,
    caller: ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)],
    more: (base) => {
      new aws.apigateway.RestApiPolicy("open", {
        restApiId: base.api.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: principal(base),
              Action: "execute-api:Invoke",
              Resource: typeof resource === "function" ? resource(base) : resource,
            },
          ],
        }),
      });
      more(base);
    },
  });
}

const byRole = ({ caller }: WithCaller) => ({ AWS: caller.arn });
const everyone = () => "*";
const account = (id: string) => () => ({ AWS: `arn:aws:iam::${id}:root` });
const executionArn = ({ api }: Base) => api.executionArn;
const tail = (end: string) => (base: Base) => pulumi.interpolate`${base.api.executionArn}${end}`;
const grantedTo = (name: string) => (base: Base) => {
  new aws.iam.RolePolicy("more", {
    role: name,
    policy: {
      Version: "2012-10-17",
      Statement: [allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/*`)],
    },
  });
};

const rows: readonly [string, () => void, Case["expected"]][] = [
  ["role on the bare execution ARN", stack(byRole, executionArn), FOUND],
  ["role on every route", stack(byRole, tail("/*")), []],
  ["role on a stage that does not exist", stack(byRole, tail("/dev/*")), FOUND],
  ["role on a path parameter in braces", stack(byRole, tail("/*/GET/orders/{id}")), FOUND],
  ["role on another API", stack(byRole, "arn:aws:execute-api:us-east-1:123456789012:other12345/*"), FOUND],
  ["role on execute-api:/*", stack(byRole, "execute-api:/*"), []],
  ["role on execute-api:/dev/*", stack(byRole, "execute-api:/dev/*"), FOUND],
  [
    "role on the bare execution ARN and every route",
    stack(byRole, (base) => [executionArn(base), tail("/*")(base)]),
    [],
  ],
  [
    "role on the bare execution ARN, with its own grant",
    stack(byRole, executionArn, grantedTo("caller")),
    [],
  ],
  ["everyone on the bare execution ARN", stack(everyone, executionArn), FOUND],
  [
    "everyone on the bare execution ARN, role with its own grant",
    stack(everyone, executionArn, grantedTo("caller")),
    [],
  ],
  ["everyone on every route", stack(everyone, tail("/*")), []],
  ["account on the bare execution ARN", stack(account("123456789012"), executionArn), FOUND],
  ["another account on the bare execution ARN", stack(account("999988887777"), executionArn), FOUND],
  [
    "another account on the bare execution ARN, role of the stack with its own grant",
    stack(account("999988887777"), executionArn, grantedTo("caller")),
    FOUND,
  ],
  ["another account on every route", stack(account("999988887777"), tail("/*")), []],
  [
    "role in another account on the bare execution ARN",
    stack(() => ({ AWS: "arn:aws:iam::999988887777:role/partner" }), executionArn),
    FOUND,
  ],
  [
    "role outside the stack on the bare execution ARN",
    stack(() => ({ AWS: "arn:aws:iam::123456789012:role/partner" }), executionArn),
    [],
  ],
  ["API without IAM authorization", stack(everyone, executionArn, undefined, "NONE"), []],
];

describe("resource policies of REST APIs that match no route", () => {
  runCases(rows.map(([name, program, expected]) => ({ name, program, expected, only })));
});
