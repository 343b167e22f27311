import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type PlannedResource,
  type PolicyConfig,
  type Properties,
  plan,
  programFrom,
  UNKNOWN,
  type Value,
} from "../../testing";
import { type BootedPack, bootPack, type Reported } from "./harness";

const PACK = resolve(__dirname, "../..");
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/**
 * The public contract, as the pages of the policies state it: the names in configurations and the policies that block
 * deployments.
 */
const POLICIES = readdirSync(join(PACK, "docs/policies"))
  .filter((file) => file !== "README.md")
  .map((file): [name: string, level: string, kind: string] => {
    const page = readFileSync(join(PACK, "docs/policies", file), "utf8");
    const [, name = "", kind = "", level = ""] =
      /^\| Name \| `(.*)` \|\n\| Kind \| (.*) policy \|\n\| Level \| (.*) \|$/m.exec(page) ?? [];
    return [name, level, kind];
  });

const example = async (name: string, as: "first-preview" | "deployed"): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(PACK, "examples", name)), { as, project: name })).resources;

const short = ({ policy, level, urn }: Reported): string => `${policy} ${level} ${urn.split("::")[3] ?? ""}`;

const ORIGIN = "iam-route-caller-lambda-invoke mandatory orders-client";

describe("the pack in its own process", () => {
  let pack: BootedPack;

  before(async () => {
    pack = await bootPack(PACK);
  });
  beforeEach(() => pack.configure({}));
  after(() => pack.close());

  describe("describes itself", () => {
    it("with its name and its support for configuration", async () => {
      const info = await pack.info();
      deepStrictEqual([info.name, info.supportsConfig], ["apigateway-lambda-access", true]);
      ok(info.displayName.length > 0 && info.description.length > 0);
    });

    it("with the names, levels and kinds of its policies", async () => {
      const { policies } = await pack.info();
      deepStrictEqual(
        policies.map(({ name, level, kind }) => [name, level, kind]).sort(),
        [...POLICIES].sort(),
      );
    });

    for (const [name] of POLICIES) {
      it(`with the description, URL and configuration of ${name}`, async () => {
        const policy = (await pack.info()).policies.find((candidate) => candidate.name === name);
        ok(policy);
        ok(policy.displayName !== "" && policy.description !== "" && policy.remediationSteps !== "");
        ok(policy.url.endsWith(`/docs/policies/${name}.md`), policy.url);
        ok(policy.severity > 0);
        deepStrictEqual(policy.required, []);
        ok(name === "policy-configuration" || "exempt" in policy.settings);
        ok(!("enforcementLevel" in policy.settings));
      });
    }
  });

  const programs: [name: string, findings: string[]][] = [
    ["invalid-permissions", [ORIGIN]],
    ["invalid-permissions-fixed", []],
    ["caller-credentials", ["caller-credentials-lambda-invoke mandatory orders-client"]],
    ["integration-role", ["integration-role-lambda-invoke mandatory shop-gateway"]],
  ];
  for (const [name, findings] of programs) {
    for (const as of ["first-preview", "deployed"] as const) {
      it(`reports the expected findings for ${name} (${as})`, async () => {
        deepStrictEqual((await pack.run(await example(name, as))).map(short), findings);
      });
    }
  }

  it("reports the expected findings for shop (deployed)", async () => {
    deepStrictEqual((await pack.run(await example("shop", "deployed"))).map(short).sort(), [
      "caller-credentials-lambda-invoke mandatory storefront",
      "iam-route-caller-lambda-invoke mandatory reporting",
      "route-function-permission mandatory catalog",
      "unproven-access advisory editors",
    ]);
  });

  it("prints nothing and returns the same findings for the same stack", async () => {
    const resources = await example("invalid-permissions", "first-preview");
    const firstRun = await pack.run(resources);
    await pack.run(await example("caller-credentials", "deployed"));
    deepStrictEqual(await pack.run(resources), firstRun);
    strictEqual(pack.log(), "");
  });

  it("responds to concurrent calls", async () => {
    const resources = await example("invalid-permissions", "deployed");
    const all = await Promise.all(Array.from({ length: 8 }, () => pack.analyzeStack(resources)));
    for (const findings of all) deepStrictEqual(findings.map(short), [ORIGIN]);
  });

  describe("with a configuration", () => {
    const policy = "iam-route-caller-lambda-invoke";
    const exempt = [{ resource: "orders-client", reason: "is being replaced" }];
    const configured: [name: string, config: PolicyConfig, findings: string[]][] = [
      ["disables a policy", { [policy]: "disabled" }, []],
      ["disables all policies", { all: "disabled" }, []],
      ["changes a policy to advisory", { [policy]: "advisory" }, [`${policy} advisory orders-client`]],
      ["applies an exemption", { [policy]: { exempt } }, []],
      [
        "applies whenUnknown: prove",
        { [policy]: { whenUnknown: "prove" } },
        ["unproven-access advisory orders-client"],
      ],
      [
        "reports a misspelled key and evaluates the policies",
        { [policy]: { exemptt: exempt } },
        [ORIGIN, "policy-configuration advisory "],
      ],
      [
        "reports an exemption without a reason and evaluates the policies",
        { [policy]: { exempt: [{ resource: "orders-client", reason: "" }] } },
        [ORIGIN, "policy-configuration advisory "],
      ],
      [
        "reports an expired exemption and evaluates the policies",
        { [policy]: { exempt: [{ resource: "*", reason: "was being replaced", until: "2020-01-31" }] } },
        [ORIGIN, "policy-configuration advisory "],
      ],
      [
        "ignores values of the wrong type and evaluates the policies",
        { [policy]: { exempt: "all", whenUnknown: 7, callers: { a: null } } },
        [ORIGIN],
      ],
    ];
    for (const [name, config, findings] of configured) {
      it(name, async () => {
        await pack.configure(config);
        const found = (await pack.run(await example("invalid-permissions", "first-preview"))).map(short);
        for (const finding of findings) {
          ok(
            found.some((label) => label === finding || (finding.endsWith(" ") && label.startsWith(finding))),
            `${finding}: ${found.join(", ")}`,
          );
        }
        const violations = found.filter((label) => !label.startsWith("policy-configuration advisory"));
        strictEqual(
          violations.length,
          findings.filter((finding) => !finding.startsWith("policy-configuration")).length,
        );
      });
    }
  });

  it("reads secret values and does not print them", async () => {
    const secretText = "hush-hush-hush";
    const resources = (await example("invalid-permissions", "deployed")).map((resource) => {
      const secret = (properties: Properties): Properties => ({
        ...Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, { ...SECRET, value }])),
        description: { ...SECRET, value: secretText },
        tags: { owner: secretText, deep: { ...SECRET, value: [secretText] } },
        environment: { ...SECRET, value: { variables: { TOKEN: secretText } } },
        variables: { token: secretText },
      });
      return { ...resource, inputs: secret(resource.inputs), outputs: secret(resource.outputs) };
    });
    const found = await pack.run(resources);
    deepStrictEqual(found.map(short), [ORIGIN]);
    ok(!JSON.stringify(found).includes(secretText));
  });

  it("reports no certain denial if every property is unknown or missing", async () => {
    const resources = await example("invalid-permissions", "first-preview");
    for (const change of [
      () => ({}),
      (properties: Properties) =>
        Object.fromEntries(Object.keys(properties).map((key): [string, Value] => [key, UNKNOWN])),
    ]) {
      const hidden = resources.map((resource) => ({
        ...resource,
        inputs: change(resource.inputs),
        outputs: change(resource.outputs),
      }));
      const found = await pack.run(hidden);
      deepStrictEqual(
        found.filter(({ message }) => message.includes("can't run policy")),
        [],
      );
      deepStrictEqual(
        found.filter(({ level, message }) => level === "mandatory" && !message.includes("Inferred")),
        [],
      );
    }
  });

  describe("with unusual resources", () => {
    const hostile: [name: string, change: (resources: PlannedResource[]) => PlannedResource[]][] = [
      [
        "a document that is not JSON",
        adding("aws:iam/rolePolicy:RolePolicy", { role: "orders-client", policy: "{" }),
      ],
      ["a document that is a number", adding("aws:iam/rolePolicy:RolePolicy", { role: "x", policy: 7 })],
      ["a document that is a list", adding("aws:iam/rolePolicy:RolePolicy", { role: ["x"], policy: [] })],
      ["a document that is null", adding("aws:iam/policy:Policy", { policy: null, arn: null })],
      [
        "statements that are not objects",
        adding("aws:iam/policy:Policy", { policy: '{"Statement":[1,null,"x",[],{}]}' }),
      ],
      [
        "a document nested in a document",
        adding("aws:iam/policy:Policy", { policy: JSON.stringify(JSON.stringify({ Statement: [] })) }),
      ],
      [
        "a text of 1 MB",
        adding("aws:iam/policy:Policy", { policy: "x".repeat(1 << 20), description: "y".repeat(1 << 20) }),
      ],
      [
        "an ARN of 1 MB",
        adding("aws:lambda/permission:Permission", permission(`arn:aws:execute-api:${"*".repeat(1 << 20)}`)),
      ],
      [
        "thousands of wildcards",
        adding(
          "aws:lambda/permission:Permission",
          permission(`arn:aws:execute-api:us-east-1:123456789012:${"*a?".repeat(20_000)}`),
        ),
      ],
      [
        "a regular expression",
        adding(
          "aws:lambda/permission:Permission",
          permission("arn:aws:execute-api:us-east-1:123456789012:(a+)+$/*/GET/[(\\"),
        ),
      ],
      [
        "5,000 statements",
        adding("aws:iam/rolePolicy:RolePolicy", {
          role: "someone",
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: Array.from({ length: 5000 }, (_, index) => ({
              Effect: index % 2 === 0 ? "Allow" : "Deny",
              Action: ["lambda:Invoke*", "execute-api:*"],
              Resource: `arn:aws:lambda:us-east-1:123456789012:function:f${index}*`,
            })),
          }),
        }),
      ],
      [
        "an object with 300 levels",
        adding("aws:iam/rolePolicy:RolePolicy", { role: "someone", policy: nested(300) }),
      ],
      [
        "JSON text with 100,000 levels",
        adding("aws:iam/rolePolicy:RolePolicy", { role: "someone", policy: "[".repeat(100_000) }),
      ],
      [
        "keys such as __proto__",
        adding(
          "aws:iam/rolePolicy:RolePolicy",
          JSON.parse(
            '{"role":"someone","__proto__":{"policy":"{}"},"constructor":{"prototype":1},"policy":"{\\"__proto__\\":{\\"Statement\\":[]},\\"Statement\\":{\\"__proto__\\":1,\\"Effect\\":\\"Allow\\"}}"}',
          ),
        ),
      ],
      ["names such as __proto__", adding("aws:iam/role:Role", { name: "__proto__", arn: "constructor" })],
      [
        "control characters",
        adding("aws:iam/role:Role", { name: "\u001b[31mred\n\rline\u0000", arn: "\u202etfel" }),
      ],
      [
        "malformed types",
        (all) => [...all, ...["", ":", "aws:", "aws:iam", "a:b:c:d:e"].map((type) => extra(type, {}))],
      ],
      [
        "malformed URNs",
        (all) => [
          ...all,
          { ...extra("aws:iam/role:Role", {}), urn: "" },
          { ...extra("aws:iam/role:Role", {}), urn: "::::" },
        ],
      ],
      ["a duplicate URN", (all) => [...all, ...all]],
      ["a cycle of parents", (all) => [...all, ...cycle((resource, urn) => ({ ...resource, parent: urn }))]],
      [
        "a cycle of dependencies",
        (all) => [
          ...all,
          ...cycle((resource, urn) => ({
            ...resource,
            dependencies: [urn],
            propertyDependencies: { parentId: [urn], role: [urn], "": [urn] },
          })),
        ],
      ],
      [
        "a cycle of path resources",
        (all) => [...all, path("p1", "p2"), path("p2", "p1"), path("p3", "p3"), method("p1"), method("p3")],
      ],
      [
        "a method without its API",
        adding("aws:apigateway/method:Method", { httpMethod: "GET", authorization: "AWS_IAM" }),
      ],
      [
        "two integrations of one method",
        (all) => [
          ...all,
          ...all
            .filter(({ type }) => type.endsWith(":Integration"))
            .map((resource) => ({ ...resource, urn: `${resource.urn}-2`, name: `${resource.name}-2` })),
        ],
      ],
      [
        "an integration with a list in each property",
        adding("aws:apigateway/integration:Integration", {
          restApi: ["a"],
          resourceId: {},
          httpMethod: [1],
          uri: [[]],
          type: true,
          credentials: { a: 1 },
        }),
      ],
      [
        "malformed properties",
        (all) => [
          ...all,
          ...all.map((resource) => ({
            ...resource,
            urn: `${resource.urn}-nonsense`,
            outputs: { ...resource.outputs, ...withWrongTypes(resource.outputs) },
            inputs: withWrongTypes(resource.inputs),
          })),
        ],
      ],
      [
        "a body that is not OpenAPI",
        adding("aws:apigateway/restApi:RestApi", { body: "openapi: [", name: "other", id: "other00001" }),
      ],
      [
        "a body with a cyclic reference",
        adding("aws:apigateway/restApi:RestApi", {
          body: "a: &a [*a, *a]\npaths: *a",
          name: "other",
          id: "other00001",
        }),
      ],
      [
        "a body that expands without limit",
        adding("aws:apigateway/restApi:RestApi", { body: expandingYaml(), name: "other", id: "other00001" }),
      ],
    ];
    for (const [name, change] of hostile) {
      for (const as of ["first-preview", "deployed"] as const) {
        it(`evaluates the other resources in spite of ${name} (${as})`, async () => {
          const found = await pack.run(change(await example("invalid-permissions", as)));
          ok(
            found.map(short).some((label) => label.startsWith("iam-route-caller-lambda-invoke mandatory")),
            found.map(short).join(", "),
          );
          deepStrictEqual(
            found.filter(({ message }) => /can't run policy|Internal error/.test(message)),
            [],
          );
          ok(Buffer.byteLength(JSON.stringify(found)) < 1 << 20, "the response is small");
        });
      }
    }
  });

  it("keeps the response small with 2,000 denied callers", async () => {
    const resources = await example("invalid-permissions", "deployed");
    const [role, document] = ["Role", "RolePolicy"].map((kind) =>
      resources.find(({ name, type }) => name.startsWith("orders-client") && type.endsWith(`:${kind}`)),
    );
    ok(role && document);
    const callers = Array.from({ length: 2000 }, (_, index): PlannedResource[] => {
      const name = `caller-${index}-${"n".repeat(40)}`;
      return [
        {
          ...role,
          urn: `${role.urn}-${index}`,
          name,
          id: name,
          outputs: { ...role.outputs, id: name, name, arn: `arn:aws:iam::123456789012:role/${name}` },
        },
        {
          ...document,
          urn: `${document.urn}-${index}`,
          name: `${name}-policy`,
          outputs: { ...document.outputs, role: name },
        },
      ];
    }).flat();
    const found = await pack.analyzeStack([...resources, ...callers]);
    ok(found.some((finding) => short(finding).startsWith("iam-route-caller-lambda-invoke mandatory")));
    ok(Buffer.byteLength(JSON.stringify(found)) < 2 << 20);
  });
});

describe("the start of a pack", () => {
  it("fails with the output of the process", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pack-"));
    try {
      writeFileSync(
        join(folder, "package.json"),
        JSON.stringify({ name: "x", version: "1.0.0", main: "x.js" }),
      );
      writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
      writeFileSync(join(folder, "x.js"), 'throw new Error("no luck today");');
      symlinkSync(join(PACK, "node_modules"), join(folder, "node_modules"), "junction");
      await rejects(bootPack(folder), /the pack ended with code \d+: .*no luck today/s);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function extra(type: string, properties: Properties): PlannedResource {
  return {
    urn: `urn:pulumi:dev::invalid-permissions::${type}::extra`,
    type,
    name: "extra",
    custom: true,
    id: "extra",
    inputs: properties,
    outputs: { id: "extra", ...properties },
    dependencies: [],
    propertyDependencies: {},
  };
}

function adding(type: string, properties: Properties) {
  return (resources: PlannedResource[]): PlannedResource[] => [...resources, extra(type, properties)];
}

function permission(sourceArn: string): Properties {
  return {
    action: "lambda:InvokeFunction",
    function: "orders",
    principal: "apigateway.amazonaws.com",
    sourceArn,
  };
}

function nested(depth: number): Value {
  let value: Value = "bottom";
  for (let level = 0; level < depth; level += 1) value = { Statement: value };
  return value;
}

function cycle(link: (resource: PlannedResource, urn: string) => PlannedResource): PlannedResource[] {
  const [a, b] = ["a", "b"].map((name) => {
    const resource = extra("aws:apigateway/resource:Resource", {
      pathPart: name,
      parentId: UNKNOWN,
      restApi: UNKNOWN,
    });
    return { ...resource, name, urn: `${resource.urn}-${name}` };
  });
  return a && b
    ? [link(a, b.urn), link(b, a.urn), { ...link(a, `${a.urn}-self`), urn: `${a.urn}-self` }]
    : [];
}

function path(id: string, parentId: string): PlannedResource {
  const resource = extra("aws:apigateway/resource:Resource", { parentId, pathPart: id, restApi: "api" });
  return { ...resource, urn: `${resource.urn}-${id}`, name: id, id, outputs: { ...resource.outputs, id } };
}

function method(resourceId: string): PlannedResource {
  const resource = extra("aws:apigateway/method:Method", {
    resourceId,
    restApi: "api",
    httpMethod: "GET",
    authorization: "AWS_IAM",
  });
  return { ...resource, urn: `${resource.urn}-${resourceId}`, name: resourceId };
}

/** Each property with a value of another type. */
function withWrongTypes(properties: Properties): Properties {
  const values: Value[] = [null, true, -1.5, [], {}, [[]], [{ a: null }], "\u0000", UNKNOWN];
  return Object.fromEntries(
    Object.keys(properties).map((key, index): [string, Value] => [
      key,
      values[index % values.length] ?? null,
    ]),
  );
}

/** YAML with aliases that expand to more than the available memory. */
function expandingYaml(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 10; level += 1) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    );
  }
  return [...lines, "paths: *a9"].join("\n");
}
