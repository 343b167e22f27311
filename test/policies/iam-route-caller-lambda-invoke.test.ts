import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, executeOnly, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "iam-route-caller-lambda-invoke";
const only = [POLICY, "unproven-access"];
const DENIED = [`${POLICY} @ caller`];
const OPEN = ["unproven-access @ caller"];
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

type Given = { readonly caller: aws.iam.Role } & Base;

/** The caller may call the route by its own policy; what else it holds is given by the case. */
function holding(more: (given: Given) => void, patch: Patch = {}): () => void {
  return restStack({ caller: executeOnly, ...patch, more });
}

function granting(...statements: ((base: Base) => aws.iam.PolicyStatement)[]): () => void {
  return restStack({ caller: (base) => [...executeOnly(base), ...statements.map((make) => make(base))] });
}

/** Two documents, so that a literal grant is seen in any world. */
function literally(...statements: aws.iam.PolicyStatement[]): () => void {
  return holding(({ caller }) => {
    new aws.iam.RolePolicy("literal", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: statements },
    });
  });
}

const deny = (action: string, resource: string): aws.iam.PolicyStatement => ({
  Effect: "Deny",
  Action: action,
  Resource: resource,
});

cases("grants", [
  { name: "both actions", program: restStack(), expected: [] },
  {
    name: "execute-api:Invoke only",
    program: restStack({ caller: executeOnly }),
    expected: DENIED,
    messageIncludes: [
      "may call GET /orders/{id} of API orders-api",
      "this pack's two-step rule; AWS serves the request today, as far as this gate is concerned",
      '{ "iam-route-caller-lambda-invoke": "disabled" }',
      "lambda:InvokeFunction",
    ],
  },
  {
    name: "neither action is not a caller",
    program: restStack({ caller: ({ fn }) => [allow("s3:GetObject", fn.arn)] }),
    expected: [],
  },
  {
    name: "lambda:* on the function",
    program: granting(({ fn }) => allow("lambda:*", fn.arn)),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl",
    program: literally(allow("lambda:InvokeFunctionUrl", ARN)),
    expected: DENIED,
  },
  { name: "every function", program: literally(allow("lambda:InvokeFunction", "*")), expected: [] },
  { name: "written ARN", program: literally(allow("lambda:InvokeFunction", ARN)), expected: [] },
  {
    name: "qualified ARN only",
    program: literally(allow("lambda:InvokeFunction", `${ARN}:*`)),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: DENIED },
  },
  {
    name: "invocation URI in place of an ARN",
    program: granting(({ fn }) => allow("lambda:InvokeFunction", fn.invokeArn)),
    expected: { "first-preview": [], deployed: DENIED },
  },
]);

cases("denies", [
  {
    name: "explicit deny of the function",
    program: holding(({ caller }) => {
      for (const [name, statement] of Object.entries({
        yes: allow("lambda:*", "*"),
        no: deny("lambda:InvokeFunction", ARN),
      }))
        new aws.iam.RolePolicy(name, {
          role: caller.name,
          policy: { Version: "2012-10-17", Statement: [statement] },
        });
    }),
    expected: DENIED,
    messageIncludes: ["is denied", "exclude function orders from the Deny"],
  },
  {
    name: "AWSDenyAll is stopped at the first gate",
    program: holding(({ caller }) => {
      new aws.iam.RolePolicyAttachment("deny-all", {
        role: caller.name,
        policyArn: aws.iam.ManagedPolicy.AWSDenyAll,
      });
    }),
    expected: [],
  },
  {
    name: "deny on a condition that cannot be determined",
    program: literally(allow("lambda:*", "*"), {
      ...deny("lambda:*", "*"),
      Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    }),
    expected: OPEN,
  },
  {
    name: "deny without MFA",
    program: literally(allow("lambda:*", "*"), {
      ...deny("lambda:*", "*"),
      Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
    }),
    expected: OPEN,
  },
]);

cases("conditions", [
  {
    name: "undecided: source IP",
    program: literally({
      ...allow("lambda:InvokeFunction", "*"),
      Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    }),
    expected: OPEN,
  },
  {
    name: "gate 1 on a condition that cannot be determined, nothing for gate 2",
    program: restStack({
      caller: ({ api }) => [
        {
          ...allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
          Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
        },
      ],
    }),
    expected: DENIED,
  },
]);

cases("how the caller gets a policy", [
  {
    name: "managed policy and attachment",
    program: holding(({ caller, fn }) => {
      const policy = new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
      new aws.iam.RolePolicyAttachment("attached", { role: caller, policyArn: policy.arn });
    }),
    expected: [],
  },
  {
    name: "PolicyAttachment",
    program: holding(({ caller, fn }) => {
      const policy = new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
      new aws.iam.PolicyAttachment("attached", { roles: [caller.name], policyArn: policy.arn });
    }),
    expected: [],
  },
  {
    name: "RolePolicyAttachmentsExclusive",
    program: holding(({ caller, fn }) => {
      const policy = new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
      new aws.iam.RolePolicyAttachmentsExclusive("exclusive", {
        roleName: caller.name,
        policyArns: [policy.arn],
      });
    }),
    expected: [],
  },
  {
    name: "a policy that is attached to no principal",
    program: holding(({ fn }) => {
      new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
    }),
    expected: DENIED,
  },
  {
    name: "AdministratorAccess",
    program: holding(({ caller }) => {
      new aws.iam.RolePolicyAttachment("admin", {
        role: caller.name,
        policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      });
    }),
    expected: [],
  },
  {
    name: "AWSLambda_ReadOnlyAccess",
    program: holding(({ caller }) => {
      new aws.iam.RolePolicyAttachment("read", {
        role: caller.name,
        policyArn: "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess",
      });
    }),
    expected: DENIED,
  },
  {
    name: "a customer's policy of another stack",
    program: holding(({ caller }) => {
      new aws.iam.RolePolicyAttachment("unknown", {
        role: caller.name,
        policyArn: "arn:aws:iam::123456789012:policy/unknown",
      });
    }),
    expected: OPEN,
    messageIncludes: ["is not in this stack"],
  },
  {
    name: "a looked-up policy",
    program: holding(({ caller }) => {
      new aws.iam.RolePolicyAttachment("unknown", {
        role: caller.name,
        policyArn: aws.iam.getPolicyOutput({ name: "shared" }).arn,
      });
    }),
    expected: OPEN,
  },
  {
    name: "inlinePolicies of the role itself",
    program: () => {
      restStack({
        caller: false,
        more: ({ api, fn }) => {
          new aws.iam.Role("inline", {
            assumeRolePolicy: trustOf("ec2.amazonaws.com"),
            inlinePolicies: [
              {
                name: "call",
                policy: pulumi.jsonStringify({
                  Version: "2012-10-17",
                  Statement: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
                }),
              },
              {
                name: "invoke",
                policy: pulumi.jsonStringify({
                  Version: "2012-10-17",
                  Statement: [allow("lambda:InvokeFunction", fn.arn)],
                }),
              },
            ],
          });
        },
      })();
    },
    expected: [],
  },
  {
    name: "inlinePolicies of the role itself, the second left out",
    program: restStack({
      caller: false,
      more: ({ api }) => {
        new aws.iam.Role("inline", {
          assumeRolePolicy: trustOf("ec2.amazonaws.com"),
          inlinePolicies: [
            {
              name: "call",
              policy: pulumi.jsonStringify({
                Version: "2012-10-17",
                Statement: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
              }),
            },
          ],
        });
      },
    }),
    expected: [`${POLICY} @ inline`],
  },
]);

/** A user who may call, given both or one action. */
const user = (both: boolean, by: "itself" | "group by membership" | "group by its own list" | "attachment") =>
  restStack({
    caller: false,
    more: (base) => {
      const { fn } = base;
      const someone = new aws.iam.User("someone", { name: "someone" });
      new aws.iam.UserPolicy("call", {
        user: someone.name,
        policy: { Version: "2012-10-17", Statement: executeOnly(base) },
      });
      const document: aws.iam.PolicyDocument = {
        Version: "2012-10-17",
        Statement: [allow("lambda:InvokeFunction", fn.arn)],
      };
      if (!both) return;
      if (by === "itself") new aws.iam.UserPolicy("invoke", { user: someone.name, policy: document });
      else if (by === "attachment")
        new aws.iam.UserPolicyAttachment("attached", {
          user: someone.name,
          policyArn: new aws.iam.Policy("invoke", { policy: document }).arn,
        });
      else {
        const group = new aws.iam.Group("people");
        new aws.iam.GroupPolicy("invoke", { group: group.name, policy: document });
        if (by === "group by membership")
          new aws.iam.GroupMembership("members", { group: group.name, users: [someone.name] });
        else new aws.iam.UserGroupMembership("memberships", { user: someone.name, groups: [group.name] });
      }
    },
  });

cases("users and groups", [
  {
    name: "user without it",
    program: user(false, "itself"),
    expected: [`${POLICY} @ someone`],
    messageIncludes: ['user "someone"'],
  },
  { name: "user with it", program: user(true, "itself"), expected: [] },
  { name: "user by attachment", program: user(true, "attachment"), expected: [] },
  { name: "user by GroupMembership", program: user(true, "group by membership"), expected: [] },
  { name: "user by UserGroupMembership", program: user(true, "group by its own list"), expected: [] },
  {
    name: "user in a group of another stack",
    program: restStack({
      caller: false,
      more: (base) => {
        const someone = new aws.iam.User("someone");
        new aws.iam.UserPolicy("call", {
          user: someone.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
        new aws.iam.UserGroupMembership("memberships", { user: someone.name, groups: ["elsewhere"] });
      },
    }),
    expected: ["unproven-access @ someone"],
  },
  {
    name: "group without members",
    program: restStack({
      caller: false,
      more: (base) => {
        const group = new aws.iam.Group("people");
        new aws.iam.GroupPolicy("call", {
          group: group.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
      },
    }),
    expected: [`${POLICY} @ people`],
    messageIncludes: ["group"],
  },
  {
    name: "policy for a role of another stack",
    program: restStack({
      caller: false,
      more: (base) => {
        new aws.iam.RolePolicy("call", {
          role: "elsewhere",
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
      },
    }),
    expected: ["unproven-access @ call"],
    messageIncludes: ["is not in this stack"],
  },
]);

const alias = (resource: (alias: aws.lambda.Alias, base: Base) => pulumi.Input<string>[]) => {
  let live: aws.lambda.Alias;
  return restStack({
    integration: ({ fn }) => {
      live = new aws.lambda.Alias("live", { functionName: fn.name, functionVersion: "1", name: "live" });
      return { uri: live.invokeArn };
    },
    permission: () => ({ qualifier: "live" }),
    caller: (base) => [...executeOnly(base), allow("lambda:InvokeFunction", resource(live, base))],
  });
};

cases("qualifiers", [
  { name: "alias route, alias granted", program: alias((live) => [live.arn]), expected: [] },
  {
    name: "alias route, unqualified function granted",
    program: alias((_, { fn }) => [fn.arn]),
    expected: { "first-preview": [], deployed: DENIED },
    messageIncludes: [],
  },
  {
    name: "alias route, every qualifier granted",
    program: alias((_, { fn }) => [pulumi.interpolate`${fn.arn}:*`]),
    expected: [],
  },
  {
    name: "alias route, both granted",
    program: alias((_, { fn }) => [fn.arn, pulumi.interpolate`${fn.arn}:*`]),
    expected: [],
  },
  {
    name: "unqualified route, alias granted",
    program: restStack({
      caller: (base) => [
        ...executeOnly(base),
        allow(
          "lambda:InvokeFunction",
          new aws.lambda.Alias("live", { functionName: base.fn.name, functionVersion: "1", name: "live" })
            .arn,
        ),
      ],
    }),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: DENIED },
  },
]);

cases("routes that ask for nothing", [
  {
    name: "no authorization",
    program: restStack({ caller: executeOnly, authorization: "NONE" }),
    expected: [],
  },
  {
    name: "an authorizer",
    program: restStack({ caller: executeOnly, authorization: "CUSTOM" }),
    expected: [],
  },
  {
    name: "no Lambda behind it",
    program: restStack({
      caller: executeOnly,
      integration: () => ({ type: "HTTP_PROXY", uri: "https://example.com" }),
    }),
    expected: [],
  },
  {
    name: "credentials role behind it: the two-step rule still holds",
    program: restStack({ caller: executeOnly, integration: ({ gateway }) => ({ credentials: gateway.arn }) }),
    expected: DENIED,
  },
]);

/** Which grants reach a route is in test/access/requests/caller-arns.test.ts, for every form of API. */
cases("who may call the route", [
  ...(
    [
      ["some of its requests", "prod/GET/orders/42", true],
      ["another verb", "*/POST/*", false],
    ] as const
  ).map(
    ([name, tail, calls]): Case => ({
      name,
      program: restStack({
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/${tail}`)],
      }),
      expected: { "first-preview": DENIED, deployed: calls ? DENIED : [] },
    }),
  ),
  {
    name: "every API",
    program: restStack({ caller: () => [allow("execute-api:Invoke", "*")] }),
    expected: DENIED,
  },
  {
    name: "AmazonAPIGatewayInvokeFullAccess",
    program: restStack({
      caller: false,
      more: ({ caller }) => {
        new aws.iam.RolePolicyAttachment("calls", {
          role: caller.name,
          policyArn: aws.iam.ManagedPolicy.AmazonAPIGatewayInvokeFullAccess,
        });
      },
    }),
    expected: DENIED,
  },
  {
    name: "resource policy of the API names the caller",
    program: restStack({
      caller: false,
      more: ({ api, caller }) => {
        new aws.apigateway.RestApiPolicy("names", {
          restApiId: api.id,
          policy: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { AWS: caller.arn },
                Action: "execute-api:Invoke",
                Resource: "*",
              },
            ],
          } as never,
        });
      },
    }),
    expected: {
      // The principals of an unknown policy cannot be determined, and an open API makes no callers.
      "first-preview": [],
      deployed: DENIED,
    },
  },
]);

cases("an API that is open to all makes no callers", [
  {
    name: "principal *",
    program: restStack({
      more: ({ api }) => {
        new aws.apigateway.RestApiPolicy("open", {
          restApiId: api.id,
          policy:
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}}',
        });
      },
    }),
    expected: [],
  },
  {
    name: "principal * for an address range",
    program: restStack({
      more: ({ api }) => {
        new aws.apigateway.RestApiPolicy("open", {
          restApiId: api.id,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Principal: "*",
              Action: "execute-api:Invoke",
              Resource: pulumi.interpolate`${api.executionArn}/*`,
              Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
            },
          }),
        });
      },
    }),
    expected: [],
  },
]);

cases("the function's resource policy names the caller", [
  {
    name: "by role ARN",
    program: restStack({
      caller: executeOnly,
      more: ({ fn, caller }) => {
        new aws.lambda.Permission("for-caller", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: caller.arn,
        });
      },
    }),
    expected: [],
  },
  {
    name: "by written role ARN",
    program: restStack({
      caller: executeOnly,
      more: ({ fn }) => {
        new aws.lambda.Permission("for-caller", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "arn:aws:iam::123456789012:role/caller",
        });
      },
    }),
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "by account: the identity policy decides",
    program: restStack({
      caller: executeOnly,
      more: ({ fn }) => {
        new aws.lambda.Permission("for-account", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "123456789012",
        });
      },
    }),
    expected: DENIED,
  },
  {
    name: "another role",
    program: restStack({
      caller: executeOnly,
      more: ({ fn }) => {
        new aws.lambda.Permission("for-other", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "arn:aws:iam::123456789012:role/other",
        });
      },
    }),
    expected: DENIED,
  },
]);

cases("inference and its price", [
  {
    name: "a literal grant in the document that names the new API looks missing",
    program: granting(() => allow("lambda:InvokeFunction", "*")),
    expected: { "first-preview": DENIED, deployed: [] },
  },
  {
    name: "option: a document of its own",
    program: literally(allow("lambda:InvokeFunction", "*")),
    expected: [],
  },
  {
    name: "option: the function's ARN by reference",
    program: granting(({ fn }) => allow("lambda:InvokeFunction", fn.arn)),
    expected: [],
  },
  {
    name: "option: prove",
    program: granting(() => allow("lambda:InvokeFunction", "*")),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "prove, the origin's program",
    program: restStack({ caller: executeOnly }),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "prove, both by reference",
    program: restStack(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": OPEN, deployed: [] },
  },
]);

cases("configuration", [
  {
    name: "callers: a declared one without execute-api is evaluated",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: DENIED,
    messageIncludes: [
      'role "caller" is intended to call GET /orders/{id} of API orders-api but ',
      "AWS already denies the request at the route",
    ],
  },
  {
    name: "callers: declared for another route",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller", routes: ["POST /*"] }] } },
    expected: [],
  },
]);
