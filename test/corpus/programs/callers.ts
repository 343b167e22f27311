/** Callers of IAM-authorized routes and their policies. */
import * as aws from "@pulumi/aws";
import { executeOnly as httpExecute, httpStack } from "../../support/http";
import { allow, bothActions, executeOnly, restStack, trustOf } from "../../support/rest";
import { type Entry, fails, WORKS } from "../corpus";

const DENIED = "iam-route-caller-lambda-invoke @ caller";

const invoke = (resource: string) => allow("lambda:InvokeFunction", resource);

const entries: Entry[] = [
  { name: "REST, a caller with both actions", program: restStack({ caller: bothActions }), answers: WORKS },
  {
    name: "REST, a caller with only execute-api:Invoke",
    source: "https://repost.aws/knowledge-center/api-gateway-rest-api-lambda-integrations",
    program: restStack({ caller: executeOnly }),
    answers: fails(DENIED),
  },
  {
    name: "REST, a caller with a literal pattern of functions",
    program: restStack({
      caller: (base) => [...executeOnly(base), invoke("arn:aws:lambda:us-east-1:123456789012:function:ord*")],
    }),
    answers: { deployed: {} },
  },
  {
    name: "REST, a caller with another function",
    program: restStack({
      caller: (base) => [
        ...executeOnly(base),
        invoke("arn:aws:lambda:us-east-1:123456789012:function:refunds"),
      ],
    }),
    answers: { deployed: { denied: [DENIED] } },
  },
  {
    name: "REST, a caller with lambda:*",
    program: restStack({ caller: (base) => [...executeOnly(base), allow("lambda:*", "*")] }),
    answers: { deployed: {} },
  },
  {
    name: "REST, a caller whose function is denied",
    program: restStack({
      caller: (base) => [
        ...bothActions(base),
        { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" },
      ],
    }),
    answers: { deployed: { denied: [DENIED] } },
  },
  {
    name: "REST, a caller with the misspelled action",
    program: restStack({ caller: (base) => [...executeOnly(base), allow("lambda:Invoke", base.fn.arn)] }),
    answers: { deployed: { denied: [DENIED, "invoke-policy-resource @ caller-policy"] } },
  },
  { name: "REST, no caller in the stack", program: restStack({ caller: false }), answers: WORKS },
  {
    name: "REST, a user with both actions",
    program: restStack({
      caller: false,
      more: (base) => {
        const user = new aws.iam.User("person", {});
        new aws.iam.UserPolicy("person", {
          user: user.name,
          policy: { Version: "2012-10-17", Statement: bothActions(base) },
        });
      },
    }),
    answers: WORKS,
  },
  {
    name: "REST, a user with only execute-api:Invoke",
    program: restStack({
      caller: false,
      more: (base) => {
        const user = new aws.iam.User("person", {});
        new aws.iam.UserPolicy("person", {
          user: user.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
      },
    }),
    answers: fails("iam-route-caller-lambda-invoke @ person"),
  },
  {
    name: "REST, a user with execute-api:Invoke from a group",
    program: restStack({
      caller: false,
      more: (base) => {
        const [user, group] = [new aws.iam.User("person", {}), new aws.iam.Group("staff", {})];
        new aws.iam.UserGroupMembership("person", { user: user.name, groups: [group.name] });
        new aws.iam.GroupPolicy("staff", {
          group: group.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
      },
    }),
    answers: { deployed: { denied: ["iam-route-caller-lambda-invoke @ person"] } },
  },
  {
    name: "REST, lambda:InvokeFunction in a second, attached policy",
    program: restStack({
      caller: executeOnly,
      more: ({ fn, caller }) => {
        const policy = new aws.iam.Policy("invoke", {
          policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
        });
        new aws.iam.RolePolicyAttachment("invoke", { role: caller.name, policyArn: policy.arn });
      },
    }),
    answers: WORKS,
  },
  {
    name: "REST, lambda:InvokeFunction in the function's resource policy",
    program: restStack({
      caller: executeOnly,
      more: ({ fn, caller }) => {
        new aws.lambda.Permission("caller", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: caller.arn,
        });
      },
    }),
    answers: { deployed: {} },
  },
  {
    name: "REST, a caller of a route without authorization",
    program: restStack({ authorization: "NONE", caller: executeOnly }),
    answers: WORKS,
  },
  {
    name: "REST, the two-step rule disabled",
    program: restStack({ caller: executeOnly }),
    config: { "iam-route-caller-lambda-invoke": "disabled" },
    answers: WORKS,
  },
  {
    name: "HTTP, a caller with only execute-api:Invoke",
    program: httpStack({ caller: httpExecute }),
    answers: fails(DENIED),
  },
  { name: "HTTP, a caller with both actions", program: httpStack(), answers: WORKS },
  {
    name: "HTTP, a caller of one path of another API",
    program: httpStack({
      caller: () => [allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:zzzzzzzzzz/*")],
    }),
    answers: { deployed: {} },
  },
  {
    name: "WebSocket, a caller with only execute-api:Invoke",
    program: httpStack({ protocol: "WEBSOCKET", caller: httpExecute }),
    answers: { first: { unproven: 1 }, deployed: { denied: [DENIED] } },
  },
  {
    name: "REST, a caller alongside an administrator",
    program: restStack({
      caller: executeOnly,
      more: () => {
        const admin = new aws.iam.Role("admin", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
        new aws.iam.RolePolicyAttachment("admin", {
          role: admin.name,
          policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        });
      },
    }),
    answers: fails(DENIED),
  },
  {
    name: "REST, a caller whose document also contains the ARN of a queue",
    program: restStack({
      caller: (base) => {
        const queue = new aws.sqs.Queue("jobs", {});
        return [...executeOnly(base), allow("sqs:SendMessage", queue.arn)];
      },
    }),
    answers: fails(DENIED),
  },
];

export default entries;
