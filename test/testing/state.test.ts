import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { planFromState, UNKNOWN } from "../../testing";

const STACK = "urn:pulumi:live::shop::pulumi:pulumi:Stack::shop-live";
const PROVIDER = "urn:pulumi:live::shop::pulumi:providers:aws::default";
const ROLE = "urn:pulumi:live::shop::aws:iam/role:Role::caller";
const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const role = (patch: Record<string, unknown> = {}): Record<string, unknown> => ({
  urn: ROLE,
  type: "aws:iam/role:Role",
  custom: true,
  id: "caller-1234567",
  parent: STACK,
  provider: `${PROVIDER}::0d3b5c1a`,
  inputs: { name: "caller-1234567" },
  outputs: { arn: "arn:aws:iam::123456789012:role/caller-1234567" },
  dependencies: [STACK],
  propertyDependencies: { assumeRolePolicy: [], tags: [STACK] },
  ...patch,
});

const exported = (...resources: unknown[]): unknown => ({ version: 3, deployment: { resources } });

describe("planFromState", () => {
  it("reads the output of pulumi stack export", () => {
    const stack = { urn: STACK, type: "pulumi:pulumi:Stack", custom: false };
    deepStrictEqual(planFromState(exported(stack, role())), {
      project: "shop",
      stack: "live",
      leftOut: [],
      resources: [
        {
          urn: STACK,
          type: "pulumi:pulumi:Stack",
          name: "shop-live",
          custom: false,
          id: "",
          inputs: {},
          outputs: {},
          dependencies: [],
          propertyDependencies: {},
        },
        {
          urn: ROLE,
          type: "aws:iam/role:Role",
          name: "caller",
          custom: true,
          id: "caller-1234567",
          parent: STACK,
          provider: PROVIDER,
          inputs: { name: "caller-1234567" },
          outputs: { arn: "arn:aws:iam::123456789012:role/caller-1234567" },
          dependencies: [STACK],
          propertyDependencies: { tags: [STACK] },
        },
      ],
    });
  });

  const values: [string, unknown, unknown][] = [
    ["an encrypted secret", { ...SIGNATURE, ciphertext: "v1:abc" }, "[secret]"],
    ["a secret in plaintext", { ...SIGNATURE, plaintext: '{"a":["b"]}' }, { a: ["b"] }],
    ["a secret whose text is not JSON", { ...SIGNATURE, plaintext: "{" }, "[secret]"],
    ["a secret within", { list: [{ ...SIGNATURE, ciphertext: "v1:abc" }, 1] }, { list: ["[secret]", 1] }],
    ["a secret within a secret", { ...SIGNATURE, value: { ...SIGNATURE, value: "x" } }, "x"],
    ["another type's unknown", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", UNKNOWN],
    ["nothing", null, null],
  ];
  for (const [name, value, expected] of values) {
    it(`reads ${name}`, () => {
      deepStrictEqual(planFromState(exported(role({ outputs: { value } }))).resources[0]?.outputs, {
        value: expected,
      });
    });
  }

  it("treats __proto__ as an ordinary key", () => {
    const outputs = JSON.parse('{"__proto__": {"polluted": true}}');
    const read = planFromState(exported(role({ outputs }))).resources[0]?.outputs ?? {};
    deepStrictEqual(Object.keys(read), ["__proto__"]);
    strictEqual(Reflect.get({}, "polluted"), undefined);
  });

  it("omits resources pending deletion, and reports entries that are not resources", () => {
    const { resources, leftOut } = planFromState(
      exported(
        role({ delete: true }),
        null,
        "text",
        [],
        {},
        { urn: ROLE },
        { urn: 7, type: "a:b:C" },
        role(),
      ),
    );
    strictEqual(resources.length, 1);
    deepStrictEqual(leftOut, [
      "resources[1]: not an object",
      "resources[2]: not an object",
      "resources[3]: not an object",
      "resources[4]: has no URN",
      "resources[5]: has no type",
      "resources[6]: has no URN",
    ]);
  });

  it("reads fields of the wrong type as absent", () => {
    const broken = {
      id: 7,
      parent: {},
      provider: [],
      inputs: "x",
      outputs: [1],
      dependencies: { a: 1 },
      propertyDependencies: { a: [1, STACK], b: "x" },
    };
    const [read] = planFromState(exported(role(broken))).resources;
    deepStrictEqual(read, {
      urn: ROLE,
      type: "aws:iam/role:Role",
      name: "caller",
      custom: true,
      id: "",
      inputs: {},
      outputs: {},
      dependencies: [],
      propertyDependencies: { a: [STACK] },
    });
  });

  const forms: [string, unknown, number][] = [
    ["a checkpoint", { version: 3, checkpoint: { stack: "live", latest: { resources: [role()] } } }, 1],
    ["a bare deployment", { resources: [role()] }, 1],
    ["a stack that was never deployed", { version: 3, deployment: { manifest: {} } }, 0],
  ];
  for (const [name, value, count] of forms) {
    it(`reads ${name}`, () => strictEqual(planFromState(value).resources.length, count));
  }

  for (const value of [null, undefined, 1, "{}", [], {}, { deployment: 1 }, { checkpoint: null }]) {
    it(`rejects ${JSON.stringify(value)}`, () => throws(() => planFromState(value), /not a stack export/));
  }

  it("treats external principals as principals outside the stack", () => {
    const fn = role({ urn: `${ROLE}-2`, type: "aws:lambda/function:Function", external: true });
    const principals = [
      "aws:iam/role:Role",
      "aws:iam/user:User",
      "aws:iam/group:Group",
      "aws-native:iam:Role",
      "aws-native:iam:User",
    ].map((type) => role({ type, external: true }));
    const { resources, leftOut } = planFromState(exported(...principals, fn, role({ external: false })));
    deepStrictEqual(leftOut, []);
    deepStrictEqual(
      resources.map(({ type }) => type),
      ["aws:lambda/function:Function", "aws:iam/role:Role"],
    );
  });
});
