import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, executeOnly, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "iam-route-caller-lambda-invoke";
const only = [POLICY, "unproven-access"];
const DENIED = [`${POLICY} @ caller`];
const UNPROVEN = ["unproven-access @ caller"];
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

type Resources = { readonly caller: aws.iam.Role } & Base;

/** A caller with execute-api:Invoke; the case adds its other grants. */
function withCaller(more: (resources: Resources) => void, patch: Patch = {}): () => void {
  return restStack({ caller: executeOnly, ...patch, more });
}

function withGrants(...statements: ((base: Base) => aws.iam.PolicyStatement)[]): () => void {
  return restStack({ caller: (base) => [...executeOnly(base), ...statements.map((make) => make(base))] });
}

/** Puts the statements in a second document, so that a literal grant is known at every moment. */
function withSecondDocument(...statements: aws.iam.PolicyStatement[]): () => void {
  return withCaller(({ caller }) => {
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

cases("caller's grants", [
  { name: "caller with both actions", program: restStack(), expected: [] },
  {
    name: "caller with execute-api:Invoke only",
    program: restStack({ caller: executeOnly }),
    expected: DENIED,
    messageIncludes: [
      "call GET /orders/{id} of API orders-api but",
      "this pack's two-step rule; AWS does not require this permission",
      '{ "iam-route-caller-lambda-invoke": "disabled" }',
      "lambda:InvokeFunction",
    ],
  },
  {
    name: "role with neither action, which is not a caller",
    program: restStack({ caller: ({ fn }) => [allow("s3:GetObject", fn.arn)] }),
    expected: [],
  },
  {
    name: "lambda:* on the function",
    program: withGrants(({ fn }) => allow("lambda:*", fn.arn)),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl instead of lambda:InvokeFunction",
    program: withSecondDocument(allow("lambda:InvokeFunctionUrl", ARN)),
    expected: DENIED,
  },
  {
    name: "lambda:InvokeFunction on every function",
    program: withSecondDocument(allow("lambda:InvokeFunction", "*")),
    expected: [],
  },
  {
    name: "literal ARN of the function",
    program: withSecondDocument(allow("lambda:InvokeFunction", ARN)),
    expected: [],
  },
  {
    name: "qualified ARN of the function only",
    program: withSecondDocument(allow("lambda:InvokeFunction", `${ARN}:*`)),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: DENIED },
  },
  {
    name: "invocation URI instead of the function's ARN",
    program: withGrants(({ fn }) => allow("lambda:InvokeFunction", fn.invokeArn)),
    expected: { "first-preview": [], deployed: DENIED },
  },
]);

cases("Deny statements", [
  {
    name: "Deny on the function",
    program: withCaller(({ caller }) => {
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
    name: "AWSDenyAll, which caller-execute-api-invoke reports",
    program: withCaller(({ caller }) => {
      new aws.iam.RolePolicyAttachment("deny-all", {
        role: caller.name,
        policyArn: aws.iam.ManagedPolicy.AWSDenyAll,
      });
    }),
    expected: [],
  },
  {
    name: "Deny with a condition on the source IP address",
    program: withSecondDocument(allow("lambda:*", "*"), {
      ...deny("lambda:*", "*"),
      Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    }),
    expected: UNPROVEN,
  },
  {
    name: "Deny with a condition on MFA",
    program: withSecondDocument(allow("lambda:*", "*"), {
      ...deny("lambda:*", "*"),
      Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
    }),
    expected: UNPROVEN,
  },
]);

cases("conditions", [
  {
    name: "lambda:InvokeFunction with a condition on the source IP address",
    program: withSecondDocument({
      ...allow("lambda:InvokeFunction", "*"),
      Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    }),
    expected: UNPROVEN,
  },
  {
    name: "execute-api:Invoke with a condition on the source IP address, no lambda:InvokeFunction",
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

cases("ways to attach a policy to the caller", [
  {
    name: "RolePolicyAttachment",
    program: withCaller(({ caller, fn }) => {
      const policy = new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
      new aws.iam.RolePolicyAttachment("attached", { role: caller, policyArn: policy.arn });
    }),
    expected: [],
  },
  {
    name: "PolicyAttachment",
    program: withCaller(({ caller, fn }) => {
      const policy = new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
      new aws.iam.PolicyAttachment("attached", { roles: [caller.name], policyArn: policy.arn });
    }),
    expected: [],
  },
  {
    name: "RolePolicyAttachmentsExclusive",
    program: withCaller(({ caller, fn }) => {
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
    name: "managed policy that is not attached",
    program: withCaller(({ fn }) => {
      new aws.iam.Policy("invoke", {
        policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
      });
    }),
    expected: DENIED,
  },
  {
    name: "AdministratorAccess",
    program: withCaller(({ caller }) => {
      new aws.iam.RolePolicyAttachment("admin", {
        role: caller.name,
        policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      });
    }),
    expected: [],
  },
  {
    name: "AWSLambda_ReadOnlyAccess",
    program: withCaller(({ caller }) => {
      new aws.iam.RolePolicyAttachment("read", {
        role: caller.name,
        policyArn: "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess",
      });
    }),
    expected: DENIED,
  },
  {
    name: "customer managed policy from another stack",
    program: withCaller(({ caller }) => {
      new aws.iam.RolePolicyAttachment("unknown", {
        role: caller.name,
        policyArn: "arn:aws:iam::123456789012:policy/unknown",
      });
    }),
    expected: UNPROVEN,
    messageIncludes: ["is not in this stack"],
  },
  {
    name: "managed policy that is looked up",
    program: withCaller(({ caller }) => {
      new aws.iam.RolePolicyAttachment("unknown", {
        role: caller.name,
        policyArn: aws.iam.getPolicyOutput({ name: "shared" }).arn,
      });
    }),
    expected: UNPROVEN,
  },
  {
    name: "inlinePolicies of Role",
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
    name: "inlinePolicies of Role without lambda:InvokeFunction",
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

/** A user with execute-api:Invoke, and with lambda:InvokeFunction if `both`. */
const user = (both: boolean, by: "itself" | "group by membership" | "group by its own list" | "attachment") =>
  restStack({
    caller: false,
    more: (base) => {
      const { fn } = base;
      const namedUser = new aws.iam.User("someone", { name: "someone" });
      new aws.iam.UserPolicy("call", {
        user: namedUser.name,
        policy: { Version: "2012-10-17", Statement: executeOnly(base) },
      });
      const document: aws.iam.PolicyDocument = {
        Version: "2012-10-17",
        Statement: [allow("lambda:InvokeFunction", fn.arn)],
      };
      if (!both) return;
      if (by === "itself") new aws.iam.UserPolicy("invoke", { user: namedUser.name, policy: document });
      else if (by === "attachment")
        new aws.iam.UserPolicyAttachment("attached", {
          user: namedUser.name,
          policyArn: new aws.iam.Policy("invoke", { policy: document }).arn,
        });
      else {
        const group = new aws.iam.Group("people");
        new aws.iam.GroupPolicy("invoke", { group: group.name, policy: document });
        if (by === "group by membership")
          new aws.iam.GroupMembership("members", { group: group.name, users: [namedUser.name] });
        else new aws.iam.UserGroupMembership("memberships", { user: namedUser.name, groups: [group.name] });
      }
    },
  });

cases("users and groups", [
  {
    name: "user with execute-api:Invoke only",
    program: user(false, "itself"),
    expected: [`${POLICY} @ someone`],
    messageIncludes: ['user "someone"'],
  },
  { name: "user with both actions", program: user(true, "itself"), expected: [] },
  { name: "user with an attached policy", program: user(true, "attachment"), expected: [] },
  { name: "user in a group, by GroupMembership", program: user(true, "group by membership"), expected: [] },
  {
    name: "user in a group, by UserGroupMembership",
    program: user(true, "group by its own list"),
    expected: [],
  },
  {
    name: "user in a group from another stack",
    program: restStack({
      caller: false,
      more: (base) => {
        const namedUser = new aws.iam.User("someone");
        new aws.iam.UserPolicy("call", {
          user: namedUser.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
        new aws.iam.UserGroupMembership("memberships", { user: namedUser.name, groups: ["elsewhere"] });
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
    name: "policy for a role from another stack",
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
  { name: "route to an alias, grant on the alias", program: alias((live) => [live.arn]), expected: [] },
  {
    name: "route to an alias, grant on the unqualified function",
    program: alias((_, { fn }) => [fn.arn]),
    expected: { "first-preview": [], deployed: DENIED },
    messageIncludes: [],
  },
  {
    name: "route to an alias, grant on every qualifier",
    program: alias((_, { fn }) => [pulumi.interpolate`${fn.arn}:*`]),
    expected: [],
  },
  {
    name: "route to an alias, grant on the function and every qualifier",
    program: alias((_, { fn }) => [fn.arn, pulumi.interpolate`${fn.arn}:*`]),
    expected: [],
  },
  {
    name: "route to the unqualified function, grant on an alias",
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

cases("routes that the two-step rule does not apply to", [
  {
    name: "route without authorization",
    program: restStack({ caller: executeOnly, authorization: "NONE" }),
    expected: [],
  },
  {
    name: "route with a Lambda authorizer",
    program: restStack({ caller: executeOnly, authorization: "CUSTOM" }),
    expected: [],
  },
  {
    name: "route with an HTTP integration",
    program: restStack({
      caller: executeOnly,
      integration: () => ({ type: "HTTP_PROXY", uri: "https://example.com" }),
    }),
    expected: [],
  },
  {
    name: "route with a credentials role, to which the two-step rule applies",
    program: restStack({ caller: executeOnly, integration: ({ gateway }) => ({ credentials: gateway.arn }) }),
    expected: DENIED,
  },
]);

/** test/access/requests/caller-arns.test.ts tests which grants cover a route, for every form of API. */
cases("callers of the route", [
  ...(
    [
      ["grant on some requests of the route", "prod/GET/orders/42", true],
      ["grant on another method", "*/POST/*", false],
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
    name: "grant on every API",
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
    name: "API's resource policy that allows the caller",
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
      // An unknown resource policy may be for everyone, which makes no principal a caller.
      "first-preview": [],
      deployed: DENIED,
    },
  },
]);

cases("API whose resource policy allows everyone", [
  {
    name: "without a condition",
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
    name: "from a range of IP addresses",
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

cases("function's resource policy", [
  {
    name: "caller's ARN by reference",
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
    name: "literal ARN of the caller",
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
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "caller's account, for which the caller's own policies decide",
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

cases("inference from dependencies", [
  {
    name: "literal grant in a document that depends on a new API",
    program: withGrants(() => allow("lambda:InvokeFunction", "*")),
    expected: { "first-preview": DENIED, deployed: [] },
  },
  {
    name: "literal grant in a document without dependencies",
    program: withSecondDocument(allow("lambda:InvokeFunction", "*")),
    expected: [],
  },
  {
    name: "function's ARN by reference",
    program: withGrants(({ fn }) => allow("lambda:InvokeFunction", fn.arn)),
    expected: [],
  },
  {
    name: "literal grant, whenUnknown: prove",
    program: withGrants(() => allow("lambda:InvokeFunction", "*")),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "no grant, whenUnknown: prove",
    program: restStack({ caller: executeOnly }),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "both grants by reference, whenUnknown: prove",
    program: restStack(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
]);

cases("configuration", [
  {
    name: "declared caller without a grant",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller" }] } },
    expected: DENIED,
    messageIncludes: [
      'role "caller" is intended to call GET /orders/{id} of API orders-api but ',
      "AWS already denies the request at the route",
    ],
  },
  {
    name: "caller declared for another route",
    program: restStack({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller", routes: ["POST /*"] }] } },
    expected: [],
  },
]);
