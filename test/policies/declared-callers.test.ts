import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { CALLER_CREDENTIALS, httpStack } from "../support/http";
import { allow, type Patch, restStack } from "../support/rest";

/** Callers that the configuration declares and that are not principals of the stack. */
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const only = [INVOKE, CREDENTIALS, EXECUTE, "unproven-access"];

const OWN_ACCOUNT_ROLE = "arn:aws:iam::123456789012:role/elsewhere";
const PARTNER = "arn:aws:iam::111122223333:role/partner-*";

const declaring = (principal: string, ...routes: string[]): Record<string, unknown> =>
  Object.fromEntries(
    [INVOKE, CREDENTIALS, EXECUTE].map((policy) => [
      policy,
      { callers: [routes.length === 0 ? { principal } : { principal, routes }] },
    ]),
  );

const apiPolicy =
  (effect: "Allow" | "Deny", principal: unknown, more: object = {}): NonNullable<Patch["more"]> =>
  ({ api }) => {
    new aws.apigateway.RestApiPolicy("api-policy", {
      restApiId: api.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: effect,
            Principal: principal,
            Action: "execute-api:Invoke",
            Resource: "execute-api:/*",
            ...more,
          },
        ],
      }),
    });
  };

const lambdaFor =
  (principal: string, effect = "Allow"): NonNullable<Patch["more"]> =>
  ({ fn }) => {
    if (effect === "Allow")
      new aws.lambda.Permission("for-caller", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal,
      });
    else
      new aws.lambda.ResourcePolicy("deny-caller", {
        resourceArn: fn.arn,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "apigateway.amazonaws.com" },
              Action: "lambda:*",
              Resource: "*",
            },
            { Effect: "Deny", Principal: { AWS: principal }, Action: "lambda:*", Resource: "*" },
          ],
        }),
      });
  };

const both =
  (...patches: NonNullable<Patch["more"]>[]): NonNullable<Patch["more"]> =>
  (base) => {
    for (const patch of patches) patch(base);
  };

const callerCredentials = {
  permission: false as const,
  integration: () => ({ credentials: CALLER_CREDENTIALS }),
};
const UNPROVEN = ["unproven-access @ orders-api"];

/** The provider states the stack's account, which is otherwise unknown on a first preview. */
const known = { plan: { config: { "aws:allowedAccountIds": '["123456789012"]' } } };

function cases(title: string, rows: readonly Case[]): void {
  describe(`declared callers outside the stack: ${title}`, () =>
    runCases(rows.map((row) => ({ only, ...row }))));
}

cases("same account", [
  {
    name: "role outside the stack, by its ARN",
    program: restStack(),
    config: declaring(OWN_ACCOUNT_ROLE),
    expected: UNPROVEN,
    messageIncludes: [`the policies of ${OWN_ACCOUNT_ROLE}, which is not in this stack`],
  },
  {
    name: "role outside the stack, by its name",
    program: restStack(),
    config: declaring("elsewhere"),
    expected: UNPROVEN,
  },
  {
    name: "role outside the stack, by a wildcard",
    program: restStack(),
    config: declaring("arn:aws:iam::123456789012:role/else*"),
    expected: UNPROVEN,
  },
  {
    name: "user outside the stack",
    program: restStack(),
    config: declaring("arn:aws:iam::123456789012:user/someone"),
    expected: UNPROVEN,
  },
  {
    name: "caller declared for another route",
    program: restStack(),
    config: declaring(OWN_ACCOUNT_ROLE, "GET /prices"),
    expected: [],
  },
  {
    name: "route without IAM authorization",
    program: restStack({ authorization: "NONE" }),
    config: declaring(OWN_ACCOUNT_ROLE),
    expected: [],
  },
  {
    name: "caller that both resource policies allow",
    program: restStack({
      more: both(apiPolicy("Allow", { AWS: OWN_ACCOUNT_ROLE }), lambdaFor(OWN_ACCOUNT_ROLE)),
    }),
    config: declaring(OWN_ACCOUNT_ROLE),
    ...known,
    expected: [],
  },
  {
    name: "caller that the API's resource policy denies",
    program: restStack({ more: apiPolicy("Deny", { AWS: OWN_ACCOUNT_ROLE }) }),
    config: declaring(OWN_ACCOUNT_ROLE),
    ...known,
    expected: [`${EXECUTE} @ orders-api`, ...UNPROVEN],
  },
  {
    name: "caller that the function's resource policy denies",
    program: restStack({ permission: false, more: lambdaFor(OWN_ACCOUNT_ROLE, "Deny") }),
    config: declaring(OWN_ACCOUNT_ROLE),
    ...known,
    expected: [`${INVOKE} @ orders-api`, ...UNPROVEN],
  },
  {
    name: "caller credentials, caller that the function's resource policy denies",
    program: restStack({ ...callerCredentials, more: lambdaFor(OWN_ACCOUNT_ROLE, "Deny") }),
    config: declaring(OWN_ACCOUNT_ROLE),
    ...known,
    expected: [`${CREDENTIALS} @ orders-api`, ...UNPROVEN],
  },
  {
    name: "caller credentials",
    program: restStack(callerCredentials),
    config: declaring(OWN_ACCOUNT_ROLE),
    expected: UNPROVEN,
  },
  {
    name: "caller credentials, caller that the function's resource policy allows",
    program: restStack({ ...callerCredentials, more: lambdaFor(OWN_ACCOUNT_ROLE) }),
    config: declaring(OWN_ACCOUNT_ROLE),
    ...known,
    expected: UNPROVEN,
  },
  { name: "HTTP API", program: httpStack(), config: declaring(OWN_ACCOUNT_ROLE), expected: UNPROVEN },
]);

cases("another account", [
  {
    name: "REST API without a resource policy",
    program: restStack(),
    config: declaring(PARTNER),
    // While the stack's account is unknown, it may be the caller's account.
    expected: { "first-preview": UNPROVEN, deployed: [`${EXECUTE} @ orders-api`] },
  },
  {
    name: "REST API without a resource policy, account known",
    program: restStack(),
    config: declaring(PARTNER),
    ...known,
    expected: [`${EXECUTE} @ orders-api`],
    messageIncludes: ["resource policy: a caller in another account must be allowed in both accounts"],
  },
  {
    name: "REST API whose resource policy allows the account",
    program: restStack({ more: apiPolicy("Allow", { AWS: "111122223333" }) }),
    config: declaring(PARTNER),
    ...known,
    expected: UNPROVEN,
  },
  {
    name: "HTTP API",
    program: httpStack(),
    config: declaring(PARTNER),
    ...known,
    expected: [`${EXECUTE} @ orders-api`],
    messageIncludes: ["only REST APIs have one"],
  },
  {
    name: "REST API with caller credentials",
    program: restStack(callerCredentials),
    config: declaring(PARTNER),
    ...known,
    expected: [`${CREDENTIALS} @ orders-api`, `${EXECUTE} @ orders-api`],
    messageIncludes: ["only caller credentials from its own account"],
  },
  {
    name: "HTTP API with caller credentials",
    program: httpStack({ permission: false, integration: () => ({ credentialsArn: CALLER_CREDENTIALS }) }),
    config: declaring(PARTNER),
    ...known,
    expected: [`${CREDENTIALS} @ orders-api`, `${EXECUTE} @ orders-api`],
  },
  {
    name: "caller credentials, account that the function's resource policy allows",
    program: restStack({ ...callerCredentials, more: lambdaFor("111122223333") }),
    config: declaring(PARTNER),
    ...known,
    expected: [`${CREDENTIALS} @ orders-api`, `${EXECUTE} @ orders-api`],
  },
]);

cases("roles of the stack", [
  {
    name: "role with a path, declared by its ARN",
    program: restStack({
      more: (base) => {
        const role = new aws.iam.Role("team-app", { name: "app", path: "/team/", assumeRolePolicy: "{}" });
        new aws.iam.RolePolicy("app-policy", {
          role: role.name,
          policy: {
            Version: "2012-10-17",
            Statement: [
              allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/*`),
              allow("lambda:InvokeFunction", base.fn.arn),
            ],
          },
        });
      },
    }),
    config: declaring("arn:aws:iam::123456789012:role/team/app"),
    expected: [],
  },
  {
    name: "declared role with a policy from another stack",
    program: restStack({
      caller: false,
      more: ({ caller }) => {
        new aws.iam.RolePolicyAttachment("other", {
          role: caller.name,
          policyArn: "arn:aws:iam::123456789012:policy/of-another-stack",
        });
      },
    }),
    config: declaring("caller"),
    expected: ["unproven-access @ caller"],
  },
  {
    name: "role declared for $default of an HTTP API",
    program: httpStack({ caller: false, routeKey: "$default" }),
    config: declaring("caller", "$default"),
    expected: [`${EXECUTE} @ caller`, `${INVOKE} @ caller`],
  },
  {
    name: "role declared for $connect of a WebSocket API",
    program: httpStack({ caller: false, protocol: "WEBSOCKET" }),
    config: declaring("caller", "orders-api $connect"),
    expected: [`${EXECUTE} @ caller`, `${INVOKE} @ caller`],
  },
  {
    name: "role declared for $disconnect, which has no route",
    program: httpStack({ caller: false, protocol: "WEBSOCKET" }),
    config: declaring("caller", "$disconnect"),
    expected: [],
  },
  {
    name: "declared role with a grant on part of a route",
    program: restStack({
      caller: ({ api, fn }) => [
        allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/42`),
        allow("lambda:InvokeFunction", fn.arn),
      ],
    }),
    config: declaring("caller"),
    expected: [],
  },
]);

cases("unusual configuration", [
  {
    name: "ARN without a resource",
    program: restStack(),
    config: declaring("arn:aws:iam:::"),
    expected: UNPROVEN,
  },
  {
    name: "name with a wildcard that matches no principal",
    program: restStack({ caller: false }),
    config: declaring("missing-*"),
    expected: UNPROVEN,
  },
  {
    name: "ARN with wildcards in each part",
    program: restStack(),
    config: declaring("arn:*:iam::*:user/*x*"),
    expected: UNPROVEN,
  },
  {
    name: "name with 300 wildcards",
    program: restStack(),
    config: declaring(`x${"*".repeat(300)}`),
    expected: UNPROVEN,
  },
]);
