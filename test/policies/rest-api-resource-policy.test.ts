import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { Native } from "../support/native";
import { restStack } from "../support/rest";

const POLICY = "rest-api-resource-policy";
const DENIED = [`${POLICY} @ orders-api`];
const UNPROVEN = ["unproven-access @ orders-api"];
const VPCE = "vpce-0123456789abcdef0";
const ROLE = { AWS: "arn:aws:iam::123456789012:role/partner" };

type Statement = Readonly<Record<string, unknown>>;
const statement = (more: Statement = {}): Statement => ({
  Effect: "Allow",
  Principal: "*",
  Action: "execute-api:Invoke",
  Resource: "execute-api:/*",
  ...more,
});
const policyOf = (...Statement: Statement[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const denyUnlessEndpoint = (vpce: string, key = "aws:SourceVpce"): Statement =>
  statement({ Effect: "Deny", Condition: { StringNotEquals: { [key]: vpce } } });
const PRIVATE = { endpointConfiguration: { types: "PRIVATE", vpcEndpointIds: [VPCE] } };

interface Options {
  readonly authorization?: string;
  readonly policy?: pulumi.Input<string>;
  readonly private?: boolean;
}
const program = ({ authorization = "NONE", policy, private: isPrivate }: Options) =>
  restStack({
    authorization,
    caller: false,
    api: { ...(policy === undefined ? {} : { policy }), ...(isPrivate ? PRIVATE : {}) },
  });
const caseOf = (name: string, options: Options, expected: Case["expected"]): Case => ({
  name,
  program: program(options),
  expected,
  only: [POLICY, "unproven-access"],
});

const byAuthorization = (authorization: string, expected: readonly string[]): Case[] => [
  caseOf(`${authorization}: Allow for everyone`, { authorization, policy: policyOf(statement()) }, []),
  caseOf(
    `${authorization}: Allow for a role`,
    { authorization, policy: policyOf(statement({ Principal: ROLE })) },
    expected,
  ),
  caseOf(
    `${authorization}: Allow for the account`,
    { authorization, policy: policyOf(statement({ Principal: { AWS: "123456789012" } })) },
    expected,
  ),
  caseOf(
    `${authorization}: Allow on other routes`,
    { authorization, policy: policyOf(statement({ Resource: "execute-api:/*/POST/*" })) },
    expected,
  ),
  caseOf(
    `${authorization}: Deny for everyone`,
    { authorization, policy: policyOf(statement(), statement({ Effect: "Deny" })) },
    DENIED,
  ),
  caseOf(`${authorization}: no policy`, { authorization }, []),
  caseOf(
    `${authorization}: Allow for a range of IP addresses`,
    {
      authorization,
      policy: policyOf(statement({ Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } })),
    },
    [],
  ),
];

describe(POLICY, () => {
  describe("by authorization", () => {
    runCases([
      ...byAuthorization("NONE", DENIED),
      ...byAuthorization("COGNITO_USER_POOLS", DENIED),
      ...byAuthorization("CUSTOM", []),
    ]);
  });

  describe("private APIs", () => {
    const privateCase = (
      name: string,
      statements: readonly Statement[] | undefined,
      expected: Case["expected"],
    ): Case =>
      caseOf(
        name,
        { private: true, ...(statements === undefined ? {} : { policy: policyOf(...statements) }) },
        expected,
      );
    runCases([
      privateCase("private API without a policy", undefined, DENIED),
      {
        ...privateCase("private API with IAM authorization, without a policy", undefined, DENIED),
        program: program({ authorization: "AWS_IAM", private: true }),
      },
      privateCase("private API with a Deny only", [denyUnlessEndpoint(VPCE)], DENIED),
      privateCase("private API with a Deny and an Allow", [denyUnlessEndpoint(VPCE), statement()], []),
      privateCase(
        "private API with an Allow for its VPC endpoint",
        [statement({ Condition: { StringEquals: { "aws:SourceVpce": VPCE } } })],
        [],
      ),
      privateCase(
        "private API with an Allow for another VPC endpoint",
        [statement({ Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } })],
        UNPROVEN,
      ),
      privateCase(
        "private API with an Allow for a VPC",
        [statement({ Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } })],
        [],
      ),
      privateCase(
        "private API with a VPC id as aws:SourceVpce in an Allow",
        [statement({ Condition: { StringEquals: { "aws:SourceVpce": "vpc-1" } } })],
        DENIED,
      ),
      privateCase(
        "private API with a VPC id as aws:SourceVpce in a Deny",
        [denyUnlessEndpoint("vpc-1"), statement()],
        DENIED,
      ),
      caseOf(
        "API that is not private, with a Deny for all except a VPC endpoint",
        { policy: policyOf(denyUnlessEndpoint(VPCE), statement()) },
        DENIED,
      ),
    ]);

    const allowIf = (key: string, ...values: readonly pulumi.Input<string>[]) =>
      statement({ Condition: { StringEquals: { [key]: values as unknown as string } } });
    /** A private API, VPC endpoints of the stack, and a resource policy that allows some of them. */
    const withEndpoints = (
      name: string,
      options: {
        readonly associated?: "endpoint" | "otherEndpoint";
        readonly allows: (vpcEndpoints: Endpoints) => Statement;
        readonly expected: Case["expected"];
        readonly update?: readonly string[];
      },
    ): Case => ({
      name,
      program: () => {
        const vpcEndpoints = endpoints();
        restStack({
          authorization: "NONE",
          caller: false,
          api: {
            endpointConfiguration: {
              types: "PRIVATE",
              ...(options.associated === undefined
                ? {}
                : { vpcEndpointIds: [vpcEndpoints[options.associated].id] }),
            },
            policy: pulumi.jsonStringify({
              Version: "2012-10-17",
              Statement: [options.allows(vpcEndpoints)],
            }),
          },
        })();
      },
      expected: options.expected,
      only: [POLICY, "unproven-access"],
      ...(options.update === undefined
        ? {}
        : { update: { creates: ["orders-api", "method", "integration"], expected: options.update } }),
    });
    interface Endpoints {
      readonly vpc: aws.ec2.Vpc;
      readonly endpoint: aws.ec2.VpcEndpoint;
      readonly otherEndpoint: aws.ec2.VpcEndpoint;
    }
    const endpoints = (): Endpoints => {
      const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
      const otherVpc = new aws.ec2.Vpc("other-vpc", { cidrBlock: "10.1.0.0/16" });
      const serviceName = (service: string) => `com.amazonaws.us-east-1.${service}`;
      return {
        vpc,
        endpoint: new aws.ec2.VpcEndpoint("endpoint", {
          vpcId: vpc.id,
          serviceName: serviceName("execute-api"),
          vpcEndpointType: "Interface",
        }),
        otherEndpoint: new aws.ec2.VpcEndpoint("other", {
          vpcId: otherVpc.id,
          serviceName: serviceName("s3"),
        }),
      };
    };
    runCases([
      withEndpoints("Allow for the stack's associated VPC endpoint", {
        associated: "endpoint",
        allows: ({ endpoint }) => allowIf("aws:SourceVpce", endpoint.id),
        expected: { "first-preview": UNPROVEN, deployed: [] },
        update: [],
      }),
      withEndpoints("Allow for the stack's VPC endpoint, which is not associated", {
        allows: ({ endpoint }) => allowIf("aws:SourceVpce", endpoint.id),
        expected: { "first-preview": UNPROVEN, deployed: [] },
        update: [],
      }),
      withEndpoints("Allow for the stack's VPC endpoint for another service", {
        allows: ({ otherEndpoint }) => allowIf("aws:SourceVpce", otherEndpoint.id),
        expected: UNPROVEN,
        update: UNPROVEN,
      }),
      withEndpoints("Allow for a VPC endpoint in another stack", {
        associated: "endpoint",
        allows: () => allowIf("aws:SourceVpce", "vpce-1"),
        expected: UNPROVEN,
        update: UNPROVEN,
      }),
      withEndpoints("Allow for the VPC of the stack's VPC endpoint", {
        associated: "endpoint",
        allows: ({ vpc }) => allowIf("aws:SourceVpc", vpc.id),
        expected: { "first-preview": UNPROVEN, deployed: [] },
        update: [],
      }),
      withEndpoints("Allow for another VPC", {
        allows: () => allowIf("aws:SourceVpc", "vpc-1"),
        expected: { "first-preview": [], deployed: UNPROVEN },
        update: UNPROVEN,
      }),
      withEndpoints("Allow for the VPC of a VPC endpoint for another service", {
        allows: ({ otherEndpoint }) => allowIf("aws:SourceVpc", otherEndpoint.vpcId),
        expected: UNPROVEN,
        update: UNPROVEN,
      }),
    ]);

    const nativeEndpoints = (allowed: "endpoint" | "other", place: "argument" | "body") => () => {
      const [endpoint, otherEndpoint] = ["endpoint", "other"].map(
        (name) =>
          new Native(
            "ec2:VpcEndpoint",
            name,
            { vpcId: `vpc-${name}`, serviceName: "com.amazonaws.us-east-1.execute-api" },
            ["awsId"],
          ),
      ) as [Native, Native];
      const vpcEndpointIds = [endpoint.output("awsId")];
      const policy = {
        Version: "2012-10-17",
        Statement: [
          allowIf("aws:sourceVpce", (allowed === "other" ? otherEndpoint : endpoint).output("awsId")),
        ],
      };
      const uri =
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations";
      const integration = { type: "AWS_PROXY", httpMethod: "POST", uri };
      const api = new Native(
        "apigateway:RestApi",
        "orders-api",
        {
          endpointConfiguration: { types: ["PRIVATE"], ...(place === "body" ? {} : { vpcEndpointIds }) },
          policy,
          ...(place === "body"
            ? {
                body: {
                  openapi: "3.0.1",
                  servers: [{ "x-amazon-apigateway-endpoint-configuration": { vpcEndpointIds } }],
                  paths: { "/orders": { get: { "x-amazon-apigateway-integration": integration } } },
                },
              }
            : {}),
        },
        ["restApiId", "rootResourceId"],
      );
      if (place === "argument")
        new Native("apigateway:Method", "method", {
          restApiId: api.output("restApiId"),
          resourceId: api.output("rootResourceId"),
          httpMethod: "GET",
          authorizationType: "NONE",
          integration: { type: "AWS_PROXY", integrationHttpMethod: "POST", uri },
        });
    };
    for (const place of ["argument", "body"] as const)
      for (const allowed of ["endpoint", "other"] as const)
        for (const as of ["first-preview", "deployed"] as const)
          it(`aws-native, Allow for ${allowed === "other" ? "another VPC endpoint than the one" : "the VPC endpoint"} associated in its ${place} (${as})`, async () => {
            const found = await check(await plan(nativeEndpoints(allowed, place), { as }));
            const messages = found.map(({ message }) => message).join("\n");
            assert.equal(
              messages.includes("it allows none through VpcEndpoint endpoint"),
              allowed === "other",
              messages,
            );
          });

    it("report no findings if the endpoint type is unknown", async () => {
      const found = await check(
        await plan(
          () => {
            const types = new aws.ssm.Parameter("type", { type: "String", value: "PRIVATE" }).arn;
            restStack({
              authorization: "NONE",
              caller: false,
              api: {
                policy: policyOf(denyUnlessEndpoint(VPCE), statement()),
                endpointConfiguration: { types },
              },
            })();
          },
          { as: "first-preview" },
        ),
      );
      assert.deepEqual(
        found.filter(({ policy }) => policy === POLICY),
        [],
      );
    });
  });

  describe("forms", () => {
    const lambda = "arn:aws:lambda:us-east-1:123456789012:function:orders";
    const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${lambda}/invocations`;
    const integration = { type: "AWS_PROXY", integrationHttpMethod: "POST", uri };
    const byResource = (policy: (api: aws.apigateway.RestApi) => pulumi.Input<string>) =>
      restStack({
        authorization: "NONE",
        caller: false,
        more: ({ api }) => {
          new aws.apigateway.RestApiPolicy("policy", { restApiId: api.id, policy: policy(api) });
        },
      });
    const body = (policy: unknown) => (): void => {
      const api = new aws.apigateway.RestApi("orders-api", {
        body: JSON.stringify({
          openapi: "3.0.1",
          "x-amazon-apigateway-policy": policy,
          paths: {
            "/o": {
              post: { "x-amazon-apigateway-integration": { type: "aws_proxy", httpMethod: "POST", uri } },
            },
          },
        }),
      });
      const deployment = new aws.apigateway.Deployment("deployment", { restApi: api.id });
      new aws.apigateway.Stage("stage", { restApi: api.id, deployment: deployment.id, stageName: "prod" });
    };
    const native = (policy: unknown) => (): void => {
      const api = new Native("apigateway:RestApi", "orders-api", { policy }, ["restApiId", "rootResourceId"]);
      new Native("apigateway:Method", "method", {
        restApiId: api.output("restApiId"),
        resourceId: api.output("rootResourceId"),
        httpMethod: "GET",
        authorizationType: "NONE",
        integration,
      });
    };
    const only = [POLICY, "unproven-access"];
    const openThenDenied = { "first-preview": UNPROVEN, deployed: DENIED };
    runCases(
      [
        {
          name: "RestApiPolicy, denied",
          program: byResource(() => policyOf(denyUnlessEndpoint(VPCE))),
          expected: DENIED,
        },
        { name: "RestApiPolicy, allowed", program: byResource(() => policyOf(statement())), expected: [] },
        {
          name: "RestApiPolicy that depends on the API",
          program: byResource((api) =>
            pulumi.jsonStringify({
              Version: "2012-10-17",
              Statement: [
                statement({ Principal: ROLE, Resource: pulumi.interpolate`${api.executionArn}/*` }),
              ],
            }),
          ),
          expected: openThenDenied,
        },
        {
          name: "RestApiPolicy for a route that no request matches",
          program: byResource((api) =>
            pulumi.jsonStringify({
              Version: "2012-10-17",
              Statement: [statement({ Resource: pulumi.interpolate`${api.executionArn}/prod/GET/other` })],
            }),
          ),
          expected: openThenDenied,
        },
        {
          name: "a body, denied",
          program: body(JSON.parse(policyOf(statement({ Principal: ROLE })))),
          expected: DENIED,
        },
        { name: "a body, allowed", program: body(JSON.parse(policyOf(statement()))), expected: [] },
        {
          name: "aws-native, denied",
          program: native(JSON.parse(policyOf(statement({ Principal: ROLE })))),
          expected: DENIED,
        },
        { name: "aws-native, allowed", program: native(JSON.parse(policyOf(statement()))), expected: [] },
        { name: "malformed policy document", program: byResource(() => "[not a policy"), expected: [] },
        { name: "policy document without statements", program: byResource(() => "{}"), expected: [] },
        {
          name: "unconditional Deny on one route",
          program: byResource(() =>
            policyOf(statement(), statement({ Effect: "Deny", Resource: "execute-api:/*/GET/orders/*" })),
          ),
          expected: DENIED,
        },
        {
          name: "API without a stage in the stack",
          program: restStack({ authorization: "NONE", caller: false, stage: false, api: PRIVATE }),
          expected: UNPROVEN,
        },
        {
          name: "API in another stack",
          program: () => {
            const at = { restApi: "abc123", resourceId: "xyz789", httpMethod: "GET" };
            new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
            new aws.apigateway.Integration("integration", { ...at, ...integration });
          },
          expected: [],
        },
      ].map((each) => ({ ...each, only, config: { "route-function-permission": "disabled" } })),
    );
  });

  describe("an unknown new policy for principals of the stack", () => {
    const forRole = (
      authorization: string,
      statements: (role: aws.iam.Role) => object[],
      more?: () => unknown,
    ) =>
      restStack({
        authorization,
        caller: false,
        more: ({ api, caller }) => {
          const dependency = more?.();
          new aws.apigateway.RestApiPolicy("policy", {
            restApiId: api.id,
            policy: pulumi.jsonStringify({
              Version: "2012-10-17",
              Statement: statements(caller),
              ...(dependency instanceof aws.sqs.Queue ? { Id: dependency.arn } : {}),
            }),
          });
        },
      });
    const toRole = (role: aws.iam.Role) => [statement({ Principal: { AWS: role.arn } })];
    const queue = () => new aws.sqs.Queue("queue");
    const EXECUTE = "caller-execute-api-invoke";
    const only = [POLICY, EXECUTE, "unproven-access"];
    const unproven = { "first-preview": UNPROVEN, deployed: DENIED };
    const INFERRED = [`${EXECUTE} @ orders-api`, ...UNPROVEN];
    runCases(
      [
        {
          name: "API without IAM-authorized routes",
          program: forRole("NONE", toRole),
          expected: { "first-preview": INFERRED, deployed: DENIED },
          messageIncludes: ["resource policy"],
        },
        {
          name: "policy that also allows everyone",
          program: forRole("NONE", (role) => [...toRole(role), statement()]),
          // The inferred finding is advisory and does not block.
          expected: { "first-preview": INFERRED, deployed: [] },
          messageIncludes: ["probably only for Role caller"],
        },
        {
          name: "whenUnknown: prove",
          program: forRole("NONE", toRole),
          config: {
            [EXECUTE]: { whenUnknown: "prove" },
            "route-function-permission": "disabled",
          },
          expected: unproven,
        },
        {
          name: "policy that also depends on a queue",
          program: forRole("NONE", toRole, queue),
          expected: unproven,
        },
        {
          name: "API with an IAM-authorized route",
          program: forRole("AWS_IAM", toRole),
          expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
        },
        {
          name: "API with a Lambda authorizer",
          program: forRole("CUSTOM", toRole),
          expected: { "first-preview": UNPROVEN, deployed: [] },
        },
      ].map((each) => ({ config: { "route-function-permission": "disabled" }, ...each, only })),
    );
  });

  describe("in an update", () => {
    const program = (policy: (api: aws.apigateway.RestApi, caller: aws.iam.Role) => pulumi.Input<string>) =>
      restStack({
        authorization: "NONE",
        caller: false,
        more: ({ api, caller }) => {
          new aws.apigateway.RestApiPolicy("policy", { restApiId: api.id, policy: policy(api, caller) });
        },
      });
    const found = async (run: () => unknown, isOld: (name: string) => boolean): Promise<string[]> =>
      (await check(await plan(run, { as: { update: ({ name }) => isOld(name) } })))
        .filter(({ policy }) => policy === POLICY || policy === "unproven-access")
        .map(({ policy, name }) => `${policy} @ ${name}`);
    const toCaller = program((_, caller) =>
      pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [statement({ Principal: { AWS: caller.arn } })],
      }),
    );

    it("reports a policy that is added to a working API", async () => {
      const added = program(() => policyOf(denyUnlessEndpoint(VPCE)));
      assert.deepEqual(await found(added, (name) => name !== "policy"), DENIED);
    });

    it("reports a policy that is already deployed", async () => {
      assert.deepEqual(
        await found(
          program(() => policyOf(denyUnlessEndpoint(VPCE))),
          () => true,
        ),
        DENIED,
      );
    });

    it("allows a new policy that allows everyone", async () => {
      assert.deepEqual(
        await found(
          program(() => policyOf(statement())),
          (name) => name !== "policy",
        ),
        [],
      );
    });

    it("leaves an unknown policy of an existing API unproven", async () => {
      assert.deepEqual(await found(toCaller, (name) => name !== "policy" && name !== "caller"), UNPROVEN);
    });
  });
});

describe(`${POLICY}: an unknown policy from another stack`, () => {
  for (const isPrivate of [true, false])
    it(`reports no finding for ${isPrivate ? "a private" : "another"} API`, async () => {
      const stackOutput = (): pulumi.Output<string> =>
        new pulumi.StackReference("org/platform/prod").getOutput("policy") as pulumi.Output<string>;
      const planned = await plan(() => program({ policy: stackOutput(), private: isPrivate })(), {
        as: "first-preview",
        stackReferences: () => undefined,
      });
      const found = await check(planned);
      assert.deepEqual(
        found.filter(({ policy }) => policy === POLICY),
        [],
      );
    });
});

describe(`${POLICY}: an unknown policy without dependencies`, () => {
  const hidden = () => pulumi.output(Promise.resolve(policyOf(statement()))).apply(() => HIDDEN);
  const HIDDEN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const found = async (options: Options): Promise<string[]> =>
    (await check(await plan(() => program(options)(), { as: "first-preview" })))
      .filter(({ policy }) => policy === POLICY || policy === "unproven-access")
      .map(({ policy, name }) => `${policy} @ ${name}`);
  for (const isPrivate of [true, false]) {
    it(`is unproven for ${isPrivate ? "a private" : "another"} API`, async () => {
      assert.deepEqual(await found({ policy: hidden(), private: isPrivate }), UNPROVEN);
    });
  }
  it("reports no finding if the program sets no policy", async () => {
    assert.deepEqual(await found({}), []);
  });
});
