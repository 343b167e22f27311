import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import * as aws from "@pulumi/aws";
import type { Policies, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { check, checkResources, type Finding, plan, UNKNOWN } from "../../testing";
import { named, ordersApi } from "./fixtures";

const short = ({ policy, level, name, message }: Finding): string[] => [policy, level, name, message];

/** A policy for each way to report a violation. */
function reporting(): Policies {
  return [
    {
      name: "names",
      description: "Says the name of each Lambda function.",
      enforcementLevel: "mandatory",
      validateResource: (args, report) => {
        if (args.type === "aws:lambda/function:Function") report(`is called ${args.name}`);
      },
    },
    {
      name: "counts",
      description: "Counts the stack.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }, report) => {
        report(`${resources.length} resources`);
        report(
          "the API",
          resources.find(({ name, type }) => name === "shop" && type.includes("RestApi"))?.urn,
        );
        report("elsewhere", "urn:pulumi:other::other::a:b:C::d");
      },
    },
  ];
}

/** The arguments that a policy receives. */
async function receivedArgs<T>(readArgs: (args: ResourceValidationArgs) => T): Promise<T[]> {
  const evaluatedTypes: T[] = [];
  const policies: Policies = [
    {
      name: "look",
      description: "Looks.",
      validateResource: (args) => void evaluatedTypes.push(readArgs(args)),
    },
  ];
  await check(await plan(ordersApi, { as: "first-preview" }), { policies });
  return evaluatedTypes;
}

async function seenStack<T>(readArgs: (args: StackValidationArgs) => T): Promise<T | undefined> {
  let result: T | undefined;
  const policies: Policies = [
    {
      name: "look",
      description: "Looks.",
      validateStack: (args) => {
        result = readArgs(args);
      },
    },
  ];
  await check(await plan(ordersApi, { as: "first-preview" }), { policies });
  return result;
}

describe("check", () => {
  it("returns the findings of policies sorted, with the stack as the resource for unknown URNs", async () => {
    const planned = await plan(ordersApi, { as: "first-preview" });
    const findings = await check(planned, { policies: reporting() });
    deepStrictEqual(findings.map(short), [
      ["counts", "advisory", "shop", "the API"],
      ["counts", "advisory", "project-dev", "8 resources"],
      ["counts", "advisory", "project-dev", "elsewhere"],
      ["names", "mandatory", "orders", "is called orders"],
    ]);
    strictEqual(findings[0]?.description, "Counts the stack.");
    strictEqual(findings[0]?.resource, named(planned, "shop", "RestApi").urn);
  });

  it("accepts lists of resources", async () => {
    const { resources } = await plan(ordersApi, { as: "first-preview" });
    const functions = resources.filter(({ type }) => type.endsWith(":Function"));
    deepStrictEqual((await checkResources(functions, { policies: reporting() })).map(short), [
      ["counts", "advisory", "", "1 resources"],
      ["counts", "advisory", "", "elsewhere"],
      ["counts", "advisory", "", "the API"],
      ["names", "mandatory", "orders", "is called orders"],
    ]);
    deepStrictEqual(await checkResources([], { policies: reporting().slice(0, 1) }), []);
  });

  it("passes inputs to resource policies", async () => {
    const all = await receivedArgs(({ type, props, opts, provider }) => ({
      type,
      ownValue: Object.getOwnPropertyDescriptor(props, "sourceArn")?.value as unknown,
      keys: Object.keys(props),
      parent: opts.parent,
      region: provider?.props.region as unknown,
    }));
    const permission = all.find(({ type }) => type.endsWith(":Permission"));
    deepStrictEqual(permission?.keys.sort(), ["action", "function", "principal", "sourceArn", "statementId"]);
    strictEqual(permission.ownValue, UNKNOWN);
    strictEqual(permission.region, "us-east-1");
    strictEqual(permission.parent, "urn:pulumi:dev::project::pulumi:pulumi:Stack::project-dev");
  });

  it("passes outputs, parents and dependencies to stack policies", async () => {
    const permission = await seenStack(({ resources }) => {
      const resource = resources.find(({ type }) => type.endsWith(":Permission"));
      return {
        keys: Object.keys(resource?.props ?? {}).includes("id"),
        parent: resource?.parent?.name,
        computedFrom: Object.entries(resource?.propertyDependencies ?? {}).map(([key, list]) => [
          key,
          ...list.map(({ name }) => name),
        ]),
      };
    });
    deepStrictEqual(permission, {
      keys: true,
      parent: "project-dev",
      computedFrom: [
        ["function", "orders"],
        ["sourceArn", "shop"],
      ],
    });
  });

  it("passes resources in an order that does not depend on their creation", async () => {
    const urns = (await seenStack(({ resources }) => resources.map(({ urn }) => urn))) ?? [];
    const { resources } = await plan(ordersApi, { as: "first-preview" });
    const declared = resources.map(({ urn }) => urn);
    deepStrictEqual([...urns].sort(), [...declared].sort());
    ok(urns.join() !== declared.join());
  });

  it("stops a policy at an unknown value, as the SDK does in a preview", async () => {
    const policies: Policies = [
      {
        name: "careless",
        description: "Reads what is not known yet.",
        enforcementLevel: "mandatory",
        validateStack: ({ resources }, report) => {
          for (const resource of resources) if (resource.props.arn === "never") report("never");
          report("not reached");
        },
      },
    ];
    const preview = await check(await plan(ordersApi, { as: "first-preview" }), { policies });
    deepStrictEqual(
      preview.map(({ policy, level }) => [policy, level]),
      [["careless", "advisory"]],
    );
    ok(preview[0]?.message.includes("can't be known during preview"));
    const deployed = await check(await plan(ordersApi, { as: "deployed" }), { policies });
    deepStrictEqual(deployed.map(short), [["careless", "mandatory", "project-dev", "not reached"]]);
  });

  it("fails if a policy throws, as the deployment would", async () => {
    const policies: Policies = [
      {
        name: "throws",
        description: "Throws.",
        validateStack: () => {
          throw new RangeError("oh dear");
        },
      },
    ];
    await rejects(check(await plan(ordersApi, { as: "first-preview" }), { policies }), /oh dear/);
  });

  it("skips policies that do not apply", async () => {
    const policies: Policies = [
      {
        name: "elsewhere",
        description: "Applies to nothing.",
        validateStack: (args) => args.notApplicable("nothing here"),
      },
    ];
    deepStrictEqual(await check(await plan(ordersApi, { as: "first-preview" }), { policies }), []);
  });

  it("passes resources of the policy's type", async () => {
    const types: string[] = [];
    const validateResource = Object.assign((args: ResourceValidationArgs) => void types.push(args.type), {
      __pulumiType: "aws:lambda/permission:Permission",
    });
    const policies: Policies = [{ name: "typed", description: "Permissions only.", validateResource }];
    await check(await plan(ordersApi, { as: "first-preview" }), { policies });
    deepStrictEqual(types, ["aws:lambda/permission:Permission"]);
  });

  const configured: [string, Record<string, unknown>, string[], unknown][] = [
    ["no configuration", {}, ["counts advisory", "names mandatory"], { limit: 3 }],
    ["a level for all policies", { all: "mandatory" }, ["counts mandatory", "names mandatory"], { limit: 3 }],
    [
      "a level for one policy",
      { all: "mandatory", counts: "advisory" },
      ["counts advisory", "names mandatory"],
      { limit: 3 },
    ],
    ["one policy disabled", { names: "disabled" }, ["counts advisory"], { limit: 3 }],
    [
      "all policies but one disabled",
      { all: "disabled", counts: { enforcementLevel: "mandatory" } },
      ["counts mandatory"],
      { limit: 3 },
    ],
    [
      "settings",
      { counts: { limit: 9, deep: ["a"] } },
      ["counts advisory", "names mandatory"],
      { limit: 9, deep: ["a"] },
    ],
    [
      "settings and a level for all policies",
      { all: "disabled", counts: { enforcementLevel: "advisory", limit: 1 } },
      ["counts advisory"],
      { limit: 1 },
    ],
  ];
  for (const [name, config, levels, settings] of configured) {
    it(`is configured with ${name}`, async () => {
      let got: unknown;
      const policies: Policies = [
        {
          name: "names",
          description: "Reports once.",
          enforcementLevel: "mandatory",
          validateStack: (_args, report) => report("x"),
        },
        {
          name: "counts",
          description: "Reports once.",
          configSchema: { properties: { limit: { type: "number", default: 3 }, deep: { type: "array" } } },
          validateStack: (args, report) => {
            got = args.getConfig();
            report("x");
          },
        },
      ];
      const planned = await plan(() => undefined, { as: "first-preview" });
      const findings = await check(planned, { policies, config: config as never });
      deepStrictEqual(
        findings.map(({ policy, level }) => `${policy} ${level}`),
        levels,
      );
      deepStrictEqual(got, settings);
    });
  }

  const SIGNATURE = "4dabf18193072939515e22adb298388d";
  const ASSET = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17" };
  const ARCHIVE = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7" };
  const unusualValues: [string, unknown, unknown][] = [
    ["an asset of a state with only a hash", { ...ASSET, hash: "9d19" }, UNKNOWN],
    ["an empty asset", { ...ASSET, text: "" }, UNKNOWN],
    ["an archive without contents", { ...ARCHIVE, hash: "9d19" }, UNKNOWN],
    ["an archive of such assets", { ...ARCHIVE, assets: { a: { ...ASSET, hash: "9d19" } } }, UNKNOWN],
    ["an archive of text", { ...ARCHIVE, assets: "abc" }, UNKNOWN],
    ["an object with an unknown signature", { [SIGNATURE]: "ffff" }, UNKNOWN],
    ["a secret without a value", { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270" }, UNKNOWN],
    ["a nested invalid value", [{ a: { ...ASSET, hash: "9d19" } }], [{ a: UNKNOWN }]],
    [
      "values that JSON omits",
      { a: undefined, b: () => 1, c: [undefined, Symbol("x")] },
      { c: [null, null] },
    ],
    // biome-ignore lint/suspicious/noSparseArray: the hole is intended
    ["a list with holes", [1, , 2], [1, null, 2]],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["an invalid date", new Date(Number.NaN), null],
    ["a large number", 7n, 7],
    ["an undefined property", undefined, undefined],
  ];
  for (const [name, value, expected] of unusualValues)
    it(`accepts ${name}, which the policy SDK rejects`, async () => {
      const { resources } = await plan(() => void new aws.iam.User("user"), { as: "deployed" });
      const raw: unknown[] = [];
      const policies: Policies = [
        {
          name: "reads",
          description: "Reads.",
          validateStack: (args) => {
            for (const { name, props } of args.resources)
              if (name === "user") raw.push(Object.getOwnPropertyDescriptor(props, "odd")?.value);
          },
        },
        {
          name: "reads-one",
          description: "Reads.",
          validateResource: ({ name, props }) => {
            if (name === "user") raw.push(Object.getOwnPropertyDescriptor(props, "odd")?.value);
          },
        },
      ];
      for (const resource of resources) {
        resource.inputs = { ...resource.inputs, odd: value as never };
        resource.outputs = { ...resource.outputs, odd: value as never };
      }
      deepStrictEqual(await checkResources(resources, { policies }), []);
      deepStrictEqual(raw, [expected, expected]);
    });

  it("passes assets unchanged", async () => {
    const { resources } = await plan(() => void new aws.iam.User("user"), { as: "deployed" });
    const received: unknown[] = [];
    const policies: Policies = [
      {
        name: "reads",
        description: "Reads.",
        validateStack: (args) => {
          for (const { name, props } of args.resources)
            if (name === "user") received.push(props.odd.constructor.name);
        },
      },
    ];
    for (const value of [
      { ...ASSET, text: "x" },
      { ...ASSET, path: "./x", hash: "9d19" },
      { ...ARCHIVE, assets: { a: { ...ASSET, text: "x" }, b: { ...ARCHIVE, assets: {} } } },
      { ...ARCHIVE, path: "./x" },
    ]) {
      for (const resource of resources) resource.outputs = { ...resource.outputs, odd: value as never };
      await checkResources(resources, { policies });
    }
    deepStrictEqual(received, ["StringAsset", "FileAsset", "AssetArchive", "FileArchive"]);
  });

  it("passes secrets in plaintext, as the engine does", async () => {
    const notes: unknown[] = [];
    const policies: Policies = [
      {
        name: "reads",
        description: "Reads.",
        validateStack: ({ resources }) => {
          for (const resource of resources)
            if (resource.name === "operator") notes.push(resource.props.tags.note);
        },
      },
    ];
    const program = async (): Promise<void> => {
      const pulumi = await import("@pulumi/pulumi");
      new aws.iam.User("operator", { tags: { note: pulumi.secret("s3cret") } });
    };
    await check(await plan(program, { as: "first-preview" }), { policies });
    deepStrictEqual(notes, ["s3cret"]);
  });
});
