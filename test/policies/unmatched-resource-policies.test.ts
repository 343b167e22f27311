import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, restStack } from "../support/rest";

const only = ["caller-execute-api-invoke"];
const FOUND = { "first-preview": [], deployed: ["caller-execute-api-invoke @ open"] };
type WithCaller = Base & { caller: aws.iam.Role };

/** A caller that holds `lambda:InvokeFunction`; `execute-api:Invoke` is up to the resource policy. */
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
const bare = ({ api }: Base) => api.executionArn;
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
  ["a role by the bare execution ARN", stack(byRole, bare), FOUND],
  ["a role by every route", stack(byRole, tail("/*")), []],
  ["a role by a stage that the API does not have", stack(byRole, tail("/dev/*")), FOUND],
  ["a role by a path parameter in braces", stack(byRole, tail("/*/GET/orders/{id}")), FOUND],
  [
    "a role by the id of another API",
    stack(byRole, "arn:aws:execute-api:us-east-1:123456789012:other12345/*"),
    FOUND,
  ],
  ["a role by execute-api:/*", stack(byRole, "execute-api:/*"), []],
  ["a role by execute-api:/dev/*", stack(byRole, "execute-api:/dev/*"), FOUND],
  ["one of two resources", stack(byRole, (base) => [bare(base), tail("/*")(base)]), []],
  ["a role that its own policy lets call", stack(byRole, bare, grantedTo("caller")), []],
  ["everyone", stack(everyone, bare), FOUND],
  ["everyone, and a role that its own policy lets call", stack(everyone, bare, grantedTo("caller")), []],
  ["everyone by every route", stack(everyone, tail("/*")), []],
  ["the account", stack(account("123456789012"), bare), FOUND],
  ["another account", stack(account("999988887777"), bare), FOUND],
  [
    "another account, and a role of this one",
    stack(account("999988887777"), bare, grantedTo("caller")),
    FOUND,
  ],
  ["another account by every route", stack(account("999988887777"), tail("/*")), []],
  [
    "a role in another account",
    stack(() => ({ AWS: "arn:aws:iam::999988887777:role/partner" }), bare),
    FOUND,
  ],
  [
    "a role outside the stack, whose policies are unknown",
    stack(() => ({ AWS: "arn:aws:iam::123456789012:role/partner" }), bare),
    [],
  ],
  ["an API without IAM authorization", stack(everyone, bare, undefined, "NONE"), []],
];

describe("resource policies of REST APIs that match no route", () => {
  runCases(rows.map(([name, program, expected]) => ({ name, program, expected, only })));
});
