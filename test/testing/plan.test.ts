import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, type Plan, plan, programFrom, UNKNOWN } from "../../testing";
import { named, ordersApi } from "./fixtures";

const EXAMPLE = resolve(__dirname, "../../examples/invalid-permissions");

describe("plan", () => {
  it("has names but no ARNs before the first deployment", async () => {
    const planned = await plan(ordersApi, { as: "first-preview" });
    const { outputs, inputs, id } = named(planned, "orders", "Function");
    match(String(outputs.name), /^orders-[0-9a-f]{7}$/);
    strictEqual(inputs.name, outputs.name);
    deepStrictEqual([id, outputs.id, outputs.arn, outputs.invokeArn], Array(4).fill(UNKNOWN));
    strictEqual(named(planned, "order").outputs.path, UNKNOWN);
  });

  it("has ARNs, IDs and paths once everything is deployed", async () => {
    const planned = await plan(ordersApi, { as: "deployed", region: "eu-west-1", account: "111122223333" });
    const handler = named(planned, "orders", "Function");
    const arn = `arn:aws:lambda:eu-west-1:111122223333:function:${handler.id}`;
    strictEqual(handler.outputs.arn, arn);
    strictEqual(
      handler.outputs.invokeArn,
      `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
    );
    strictEqual(named(planned, "order").outputs.path, "/orders/{id}");
    const api = named(planned, "shop", "RestApi");
    match(api.id, /^[a-z0-9]{10}$/);
    strictEqual(
      named(planned, "shop", "Permission").outputs.sourceArn,
      `arn:aws:execute-api:eu-west-1:111122223333:${api.id}/*/GET/orders/*`,
    );
    ok(!JSON.stringify(planned).includes(UNKNOWN));
  });

  it("has outputs of existing resources and unknown outputs of new ones", async () => {
    const before = await plan(ordersApi, { as: "deployed" });
    const largerProgram = (): void => {
      const { api } = ordersApi();
      const added = new aws.lambda.Function("refunds", {
        role: "arn:aws:iam::123456789012:role/execution",
        packageType: "Image",
        imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/refunds:1",
      });
      new aws.iam.RolePolicy("caller", {
        role: "caller",
        policy: {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "execute-api:Invoke", Resource: api.executionArn },
            { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: added.arn },
          ],
        },
      });
    };
    const update = await plan(largerProgram, { as: { update: before } });
    strictEqual(named(update, "shop", "RestApi").id, named(before, "shop", "RestApi").id);
    deepStrictEqual(named(update, "orders", "Function").outputs, named(before, "orders", "Function").outputs);
    strictEqual(named(update, "refunds").outputs.arn, UNKNOWN);
    strictEqual(named(update, "caller").outputs.policy, UNKNOWN);
    const chosen = await plan(largerProgram, { as: { update: ({ name }) => name === "refunds" } });
    match(String(named(chosen, "refunds").outputs.arn), /^arn:aws:lambda:/);
    strictEqual(named(chosen, "shop", "RestApi").id, UNKNOWN);
  });

  it("serializes policy documents as JSON, unknown as a whole if a part is unknown", async () => {
    const program = (): void => {
      const { handler } = ordersApi();
      const document = (resource: pulumi.Input<string>): aws.iam.PolicyDocument => ({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: resource }],
      });
      new aws.iam.RolePolicy("literal", { role: "caller", policy: document("*") });
      new aws.iam.RolePolicy("computed", { role: "caller", policy: document(handler.arn) });
    };
    const preview = await plan(program, { as: "first-preview" });
    const literal =
      '{"Statement":[{"Action":"lambda:InvokeFunction","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}';
    strictEqual(named(preview, "literal").inputs.policy, literal);
    strictEqual(named(preview, "computed").inputs.policy, UNKNOWN);
    deepStrictEqual(named(preview, "computed").propertyDependencies, {
      policy: [named(preview, "orders", "Function").urn],
    });
    const deployed = await plan(program, { as: "deployed" });
    const arn = String(named(deployed, "orders", "Function").outputs.arn);
    strictEqual(named(deployed, "computed").outputs.policy, literal.replace("*", arn));
  });

  it("has components, providers and regions as in the engine", async () => {
    class Box extends pulumi.ComponentResource {
      constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
        super("example:index:Box", name, {}, opts);
        new aws.iam.Role(`${name}-role`, { assumeRolePolicy: "{}" }, { parent: this });
        this.registerOutputs({});
      }
    }
    const planned = await plan(
      () => {
        const china = new aws.Provider("china", { region: "cn-north-1" });
        const box = new Box("box", { provider: china });
        new aws.sns.Topic("topic", {}, { dependsOn: [box], provider: china });
        new aws.sns.Topic("overridden", { region: "us-gov-west-1" });
      },
      { as: "deployed", stack: "live", project: "shop" },
    );
    strictEqual(
      named(planned, "box-role").urn,
      "urn:pulumi:live::shop::example:index:Box$aws:iam/role:Role::box-role",
    );
    strictEqual(named(planned, "box-role").parent, named(planned, "box").urn);
    strictEqual(named(planned, "box-role").provider, named(planned, "china").urn);
    deepStrictEqual(named(planned, "topic").dependencies, [named(planned, "box-role").urn]);
    match(String(named(planned, "topic").outputs.arn), /^arn:aws-cn:sns:cn-north-1:/);
    match(String(named(planned, "overridden").outputs.arn), /^arn:aws-us-gov:sns:us-gov-west-1:/);
    strictEqual(planned.resources[0]?.type, "pulumi:pulumi:Stack");
    ok(planned.resources.some(({ name }) => /^default_7_\d+_\d+$/.test(name)));
  });

  it("has no outputs of a new resource while its provider has unknown configuration", async () => {
    const planned = await plan(
      () => {
        const role = new aws.iam.Role("deployer", { assumeRolePolicy: "{}" });
        const laterProvider = new aws.Provider("later", {
          region: "us-east-1",
          assumeRoles: [{ roleArn: role.arn }],
        });
        new aws.sns.Topic("topic", {}, { provider: laterProvider });
      },
      { as: "first-preview" },
    );
    deepStrictEqual(named(planned, "topic").outputs, {});
  });

  it("has results of the data sources for policy documents", async () => {
    const program = async (): Promise<unknown> => {
      const account = (await aws.getCallerIdentity()).accountId;
      const region = (await aws.getRegion()).region;
      const { partition } = await aws.getPartition();
      const document = await aws.iam.getPolicyDocument({
        statements: [
          {
            sid: "Trust",
            actions: ["sts:AssumeRole"],
            principals: [
              { type: "Service", identifiers: ["lambda.amazonaws.com"] },
              { type: "AWS", identifiers: ["arn:aws:iam::1:root", "arn:aws:iam::2:root"] },
            ],
            conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] }],
          },
        ],
      });
      return { account, region, partition, document: JSON.parse(document.json) };
    };
    const planned = await plan(program, {
      as: "first-preview",
      region: "us-gov-west-1",
      account: "222233334444",
    });
    deepStrictEqual(planned.resources[0]?.outputs, {
      account: "222233334444",
      region: "us-gov-west-1",
      partition: "aws-us-gov",
      document: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Trust",
            Effect: "Allow",
            Principal: {
              Service: "lambda.amazonaws.com",
              AWS: ["arn:aws:iam::1:root", "arn:aws:iam::2:root"],
            },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": "1" } },
          },
        ],
      },
    });
  });

  it("omits external resources and uses their outputs", async () => {
    const planned = await plan(
      () => {
        const role = aws.iam.Role.get("existing", "legacy");
        const handler = aws.lambda.Function.get("handler", "orders");
        const networkStack = new pulumi.StackReference("org/network/live");
        return { role: role.arn, handler: handler.arn, vpc: networkStack.getOutput("vpc") };
      },
      { as: "first-preview", stackReferences: { "org/network/live": { vpc: "vpc-1" } } },
    );
    deepStrictEqual(
      planned.resources.map(({ type }) => type),
      ["pulumi:pulumi:Stack", "pulumi:providers:aws"],
    );
    deepStrictEqual(planned.resources[0]?.outputs, {
      role: "arn:aws:iam::123456789012:role/legacy",
      handler: "arn:aws:lambda:us-east-1:123456789012:function:orders",
      vpc: "vpc-1",
    });
  });

  it("passes configuration and secrets to the program, and contains them in plaintext as in the engine", async () => {
    const planned = await plan(
      () => {
        const config = new pulumi.Config();
        const token = config.requireSecret("token");
        return { token, isSecret: pulumi.output(pulumi.isSecret(token)) };
      },
      { as: "first-preview", config: { token: "t0k3n" }, secretConfig: ["token"] },
    );
    deepStrictEqual(planned.resources[0]?.outputs, { token: "t0k3n", isSecret: true });
  });

  const broken: [string, () => unknown, RegExp][] = [
    [
      "at its top level",
      () => {
        throw new TypeError("no such table");
      },
      /^TypeError: no such table$/,
    ],
    [
      "later",
      async () => {
        await null;
        throw new TypeError("no such table");
      },
      /^TypeError: no such table$/,
    ],
    [
      "in an apply that a resource depends on",
      () => {
        const role = new aws.iam.Role("role", { assumeRolePolicy: "{}" });
        const path = role.name.apply((): string => {
          throw new TypeError("no such table");
        });
        const user = new aws.iam.User("user", { path });
        new aws.iam.User("second", { path: user.path.apply(String) });
      },
      /no such table/,
    ],
    [
      "by registering a name twice",
      () => {
        new aws.iam.User("user");
        new aws.iam.User("user");
      },
      /Duplicate resource URN/,
    ],
    ["by logging an error", () => pulumi.log.error("no such table"), /no such table/],
  ];
  for (const [when, program, error] of broken) {
    it(`fails with the program's error: ${when}`, async () => {
      await rejects(plan(program, { as: "first-preview" }), error);
      strictEqual((await plan(ordersApi, { as: "first-preview" })).resources.length, 8);
    });
  }

  it("fails if a program awaits a promise that never settles and nothing else is pending", () => {
    const script = `
      const aws = require("@pulumi/aws");
      const pulumi = require("@pulumi/pulumi");
      const { plan } = require("./testing");
      const never = new Promise(() => undefined);
      const programs = [() => never, () => void new aws.iam.User("user", { path: never }), () => ({ out: pulumi.output(never) })];
      (async () => {
        for (const program of programs)
          console.log(await plan(program, { as: "deployed" }).then(() => "ended", ({ message }) => message));
        console.log(String((await plan(() => new Promise((done) => setTimeout(done, 10)), { as: "deployed" })).resources.length));
      })();
    `;
    const root = resolve(__dirname, "../..");
    const args = ["-r", "./test/support/typescript.js", "-e", script];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    const failed = "the program never finishes: it awaits a promise that never settles";
    deepStrictEqual([stdout.trim().split("\n"), status], [[failed, failed, failed, "1"], 0], stderr);
  });

  const unusualPrograms: [string, () => unknown, readonly string[]][] = [
    [
      "resources in callbacks of apply",
      () => {
        const role = new aws.iam.Role("role", { name: "role", assumeRolePolicy: "{}" });
        role.name.apply((name) => new aws.iam.User(`of-${name}`));
        role.arn.apply(() => new aws.iam.User("of-its-arn"));
      },
      ["role", "of-role"],
    ],
    [
      "unknown types",
      () => {
        new Odd("unknown:type/this:One", "known");
        new Odd("colonless", "colonless");
      },
      ["known", "colonless"],
    ],
    ["names with special characters", () => void new aws.iam.User("a\n\u001b[31m::b"), ["a\n\u001b[31m::b"]],
    [
      "values that the engine would not send",
      () => {
        new Odd("aws:iam/user:User", "odd", {
          path: new Date(0),
          name: Number.NaN,
          tags: new Map([["a", 1]]),
          n: 7n,
          f: () => 1,
        });
      },
      ["odd"],
    ],
    [
      "unusual property names",
      () => {
        new Odd("aws:iam/user:User", "odd", JSON.parse('{"tags":{"__proto__":{"a":1},"constructor":"y"}}'));
      },
      ["odd"],
    ],
    [
      "five megabytes",
      () => void new Odd("aws:iam/user:User", "large", { path: "x".repeat(5_000_000) }),
      ["large"],
    ],
    ["invalid outputs", () => ({ f: () => 1, d: new Date(0), n: Number.NaN, u: undefined }), []],
    ["a list for outputs", () => [1], []],
  ];
  class Odd extends pulumi.CustomResource {}
  for (const [title, program, names] of unusualPrograms)
    it(`accepts ${title}`, async () => {
      const planned = await plan(program, { as: "first-preview" });
      const planResources = planned.resources.filter(({ type }) => !type.startsWith("pulumi:"));
      deepStrictEqual(
        planResources.map(({ name }) => name),
        names,
      );
      deepStrictEqual(await check(planned), []);
      strictEqual(Reflect.get({}, "a"), undefined);
    });

  it("isolates plans, and runs concurrent ones one after the other", async () => {
    const programOf = (name: string) => (): void => {
      new aws.sns.Topic(`${name}-${pulumi.getStack()}`);
    };
    const plans = await Promise.all(
      ["one", "two", "three"].map((stack) => plan(programOf("topic"), { as: "first-preview", stack })),
    );
    deepStrictEqual(
      plans.map(({ resources }) => resources.at(-1)?.name),
      ["topic-one", "topic-two", "topic-three"],
    );
  });

  describe("waits for pending work of a program, as Pulumi does:", () => {
    const topic = (name: string): void => void new aws.sns.Topic(name);
    const cases: [string, () => unknown][] = [
      ["a timer", () => void setTimeout(() => topic("late"), 30)],
      ["a file that is read", () => void readFile(__filename).then(() => topic("late"))],
      [
        "work that starts in an apply",
        () => {
          const { id } = new aws.sns.Topic("first");
          id.apply(() => setTimeout(() => topic("late"), 30));
        },
      ],
      [
        "work that starts after other work",
        () => void setTimeout(() => setTimeout(() => topic("late"), 30), 30),
      ],
    ];
    for (const [title, program] of cases)
      it(title, async () => {
        const { resources } = await plan(program, { as: "deployed" });
        deepStrictEqual(resources.at(-1)?.name, "late");
      });

    it("fails if the pending work fails", async () => {
      const late = () => void setTimeout(() => Promise.reject(new Error("late")), 30);
      await rejects(plan(late, { as: "deployed" }), /late/);
    });

    it("stops waiting after the time limit", async () => {
      let interval: NodeJS.Timeout | undefined;
      const endless = () => {
        topic("early");
        interval = setInterval(() => undefined, 10);
      };
      try {
        const { resources } = await plan(endless, { as: "deployed" });
        deepStrictEqual(resources.at(-1)?.name, "early");
      } finally {
        clearInterval(interval);
      }
    });
  });

  it("restores the listeners for unhandled rejections", async () => {
    const before = process.listeners("unhandledRejection");
    await plan(ordersApi, { as: "first-preview" });
    await rejects(plan(() => Promise.reject(new Error("x")), { as: "first-preview" }));
    deepStrictEqual(process.listeners("unhandledRejection"), before);
  });

  it("is deterministic", async () => {
    const firstPlan = await plan(ordersApi, { as: "deployed" });
    deepStrictEqual(await plan(ordersApi, { as: "deployed" }), firstPlan);
  });
});

describe("resource hooks", () => {
  it("do not stop a program", async () => {
    const program = () => {
      const hook = new pulumi.ResourceHook("called", () => undefined);
      new aws.s3.Bucket("b", {}, { hooks: { beforeCreate: [hook] } });
    };
    named(await plan(program, { as: "first-preview" }), "b", "Bucket");
  });
});

describe("programFrom", () => {
  it("loads a program again for each plan", async () => {
    const count = (planned: Plan): number => planned.resources.length;
    const program = programFrom(EXAMPLE);
    const first = await plan(program, { as: "first-preview" });
    strictEqual(count(await plan(program, { as: "deployed" })), count(first));
    strictEqual(
      named(first, "invalid-permissions-dev".replace("invalid-permissions", "project")).outputs.url,
      UNKNOWN,
    );
  });

  it("loads an ES module again for each plan, also from a symbolic link", async () => {
    const folder = mkdtempSync(join(tmpdir(), "program-"));
    try {
      mkdirSync(join(folder, "real"));
      symlinkSync("real", join(folder, "link"), "dir");
      symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "real", "node_modules"), "junction");
      writeFileSync(join(folder, "real", "package.json"), '{ "type": "module" }');
      writeFileSync(
        join(folder, "real", "index.js"),
        'import pulumi from "@pulumi/pulumi"; new pulumi.CustomResource("aws:iam/user:User", "user", {});',
      );
      const program = programFrom(join(folder, "link"));
      for (const as of ["first-preview", "deployed"] as const)
        named(await plan(program, { as }), "user", "User");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("calls a program that is a function and uses its result as the outputs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "program-"));
    try {
      writeFileSync(join(folder, "index.js"), "module.exports = async () => ({ answer: 42 });");
      const planned = await plan(programFrom(folder), { as: "first-preview" });
      deepStrictEqual(planned.resources[0]?.outputs, { answer: 42 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("rejects if there is no program", async () => {
    await rejects(plan(programFrom(join(EXAMPLE, "nowhere")), { as: "first-preview" }), /Cannot find module/);
  });
});
