/** Programs whose transforms change resources before they are registered. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, type Plan, type PlanOptions, plan } from "../../testing";
import { restStack } from "../support/rest";

const MOMENTS = ["first-preview", "deployed"] as const satisfies readonly PlanOptions["as"][];
const PERMISSION = "aws:lambda/permission:Permission";

const policies = async (planned: Plan): Promise<string[]> =>
  (await check(planned)).filter(({ level }) => level === "mandatory").map(({ policy }) => policy);

const resourceOfType = (planned: Plan, type: string) => {
  const found = planned.resources.find((resource) => resource.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};

/** A transform that records the resources for which it is called. */
function recording(calls: string[], name: string): pulumi.ResourceTransform {
  return ({ name: resource }) => {
    calls.push(`${name}: ${resource}`);
    return undefined;
  };
}

class Component extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions = {}) {
    super("test:index:Component", name, {}, options);
  }
}

const TRUST = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });

for (const as of MOMENTS) {
  // Once the ARN is known, the permission is also wrong.
  const broken = [...(as === "deployed" ? ["lambda-permission-request"] : []), "route-function-permission"];

  describe(`transforms (${as})`, () => {
    it("of the stack can break a permission and do not change other resources", async () => {
      strictEqual((await policies(await plan(restStack(), { as }))).length, 0);
      const planned = await plan(
        () => {
          pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
            type === PERMISSION ? { props: { ...props, principal: "s3.amazonaws.com" }, opts } : undefined,
          );
          restStack()();
        },
        { as },
      );
      strictEqual(resourceOfType(planned, PERMISSION).inputs.principal, "s3.amazonaws.com");
      deepStrictEqual(await policies(planned), broken);
      const plain = resourceOfType(await plan(restStack(), { as }), PERMISSION);
      deepStrictEqual(resourceOfType(planned, PERMISSION).propertyDependencies, plain.propertyDependencies);
      deepStrictEqual(
        { ...resourceOfType(planned, PERMISSION).inputs, principal: "" },
        { ...plain.inputs, principal: "" },
      );
    });

    it("of the stack can fix a permission", async () => {
      const program = restStack({ permission: () => ({ principal: "s3.amazonaws.com" }) });
      deepStrictEqual(await policies(await plan(program, { as })), broken);
      const planned = await plan(
        () => {
          pulumi.runtime.registerStackTransform(async ({ type, props, opts }) =>
            type === PERMISSION
              ? { props: { ...props, principal: "apigateway.amazonaws.com" }, opts }
              : undefined,
          );
          program();
        },
        { as },
      );
      deepStrictEqual(await policies(planned), []);
    });

    it("run from the resource through its parents to the stack", async () => {
      const calls: string[] = [];
      await plan(
        () => {
          pulumi.runtime.registerResourceTransform(recording(calls, "stack"));
          const outer = new Component("outer", { transforms: [recording(calls, "outer")] });
          const inner = new Component("inner", { parent: outer, transforms: [recording(calls, "inner")] });
          new aws.iam.Role(
            "role",
            { assumeRolePolicy: TRUST },
            { parent: inner, transforms: [recording(calls, "own")] },
          );
        },
        { as },
      );
      deepStrictEqual(
        calls.filter((call) => call.endsWith(": role")),
        ["own: role", "inner: role", "outer: role", "stack: role"],
      );
    });

    it("that change nothing keep a resource's properties, dependencies and secrets", async () => {
      const planned = (transforms: pulumi.ResourceTransform[]): Promise<Plan> =>
        plan(
          () => {
            const first = new aws.sqs.Queue("first");
            const parameter = new aws.ssm.Parameter(
              "parameter",
              {
                type: "String",
                value: pulumi.secret("hush"),
                description: first.arn,
                tags: { of: first.id },
              },
              { transforms },
            );
            return { value: pulumi.isSecret(parameter.value) };
          },
          { as },
        );
      deepStrictEqual(await planned([() => undefined]), await planned([]));
    });

    it("of a resource receive unknown values as outputs and keep them", async () => {
      const received: boolean[] = [];
      const planned = await plan(
        () => {
          const first = new aws.sqs.Queue("first");
          new aws.ssm.Parameter(
            "parameter",
            { type: "String", value: first.arn },
            {
              transforms: [
                ({ props, opts }) => {
                  received.push(pulumi.Output.isInstance(props.value));
                  return { props: { ...props, description: pulumi.interpolate`of ${props.value}` }, opts };
                },
              ],
            },
          );
        },
        { as },
      );
      deepStrictEqual(received, [true]);
      const { inputs, dependencies } = resourceOfType(planned, "aws:ssm/parameter:Parameter");
      const arn = resourceOfType(planned, "aws:sqs/queue:Queue").outputs.arn;
      if (as === "deployed") deepStrictEqual([inputs.value, inputs.description], [arn, `of ${arn}`]);
      else strictEqual(inputs.description, inputs.value);
      strictEqual(
        dependencies.some((urn) => urn.endsWith("::first")),
        true,
      );
    });

    it("can change the provider and dependencies", async () => {
      const planned = await plan(
        () => {
          const otherRegion = new aws.Provider("away", { region: "eu-west-1" });
          const first = new aws.iam.Role("first", { assumeRolePolicy: TRUST });
          new aws.sqs.Queue(
            "queue",
            {},
            {
              transforms: [
                ({ props, opts }) => ({
                  props,
                  opts: pulumi.mergeOptions(opts, { provider: otherRegion, dependsOn: first }),
                }),
              ],
            },
          );
        },
        { as },
      );
      const queue = resourceOfType(planned, "aws:sqs/queue:Queue");
      match(String(queue.provider), /::away$/);
      strictEqual(
        queue.dependencies.some((urn) => urn.endsWith("::first")),
        true,
      );
    });

    it("can change the arguments of a data source", async () => {
      const planned = await plan(
        async () => {
          pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({
            args: { ...args, name: "other" },
            opts,
          }));
          const found = aws.lambda.getFunctionOutput({ functionName: "some" });
          return {
            name: found.apply((fn) => (fn as unknown as { name?: string }).name ?? fn.functionName),
          };
        },
        { as, answers: { "aws.lambda.getFunction": (args) => ({ functionName: String(args.name) }) } },
      );
      strictEqual(resourceOfType(planned, "pulumi:pulumi:Stack").outputs.name, "other");
    });

    it("fail the program with their error", async () => {
      const failing = (): void => {
        new aws.sqs.Queue(
          "queue",
          {},
          {
            transforms: [
              () => {
                throw new Error("no queues here");
              },
            ],
          },
        );
      };
      await rejects(plan(failing, { as }), /no queues here/);
      strictEqual((await policies(await plan(restStack(), { as }))).length, 0);
    });
  });
}
