/** Plans of `pulumi preview --json`, which must contain the same resources as a pack receives in the preview. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import * as aws from "@pulumi/aws";
import { check, isPreview, type Plan, plan, planFromPreview, UNKNOWN } from "../../testing";
import { FORMS } from "../support/forms";
import { previewOf } from "../support/preview";
import { trustOf } from "../support/rest";
import { named } from "./fixtures";

const URN = "urn:pulumi:dev::shop::aws:iam/role:Role::caller";
const role = (patch: Record<string, unknown> = {}): Record<string, unknown> => ({
  urn: URN,
  type: "aws:iam/role:Role",
  custom: true,
  inputs: { name: "caller-1234567", assumeRolePolicy: "{}" },
  ...patch,
});
const OLD = { id: "caller-1234567", outputs: { name: "caller-1234567", arn: "arn:of:before", path: "/" } };

const stepsOf = (...steps: unknown[]): unknown => ({ steps });
const readOne = (...steps: unknown[]) => planFromPreview(stepsOf(...steps)).resources[0];

const findings = async (planned: Plan): Promise<string[]> =>
  (await check(planned)).map(({ policy, level, name }) => `${level} ${policy} ${name}`);

describe("planFromPreview", () => {
  for (const [form, program] of Object.entries(FORMS)) {
    it(`has the findings of the first preview: ${form}`, async () => {
      const planned = await plan(program, { as: "first-preview" });
      const read = planFromPreview(JSON.parse(JSON.stringify(previewOf(planned))));
      deepStrictEqual(await findings(read), await findings(planned));
    });

    it(`has the findings of the state if nothing changes: ${form}`, async () => {
      const deployed = await plan(program, { as: "deployed" });
      const read = planFromPreview(JSON.parse(JSON.stringify(previewOf(deployed, deployed))));
      deepStrictEqual(await findings(read), await findings(deployed));
    });
  }

  it("has only inputs of a new resource", () => {
    const read = readOne({ op: "create", newState: role() });
    deepStrictEqual(
      [read?.id, read?.outputs.name, read?.outputs.arn, read?.outputs.id],
      [UNKNOWN, "caller-1234567", UNKNOWN, UNKNOWN],
    );
  });

  it("has computed outputs and new inputs of an updated resource", () => {
    const before = role({ ...OLD, inputs: { name: "caller-1234567", description: "old" } });
    const read = readOne({
      op: "update",
      oldState: { ...before, outputs: { ...OLD.outputs, description: "old" } },
      newState: role({ inputs: { name: "caller-1234567", assumeRolePolicy: UNKNOWN } }),
    });
    deepStrictEqual(
      [read?.id, read?.outputs],
      [OLD.id, { ...OLD.outputs, assumeRolePolicy: UNKNOWN, description: UNKNOWN }],
    );
  });

  it("has an unknown version of a function that an update publishes", () => {
    const type = "aws:lambda/function:Function";
    const urn = URN.replace("aws:iam/role:Role", type);
    const inputs = { name: "orders", publish: true, timeout: 7 };
    const read = readOne({
      op: "update",
      oldState: { urn, type, custom: true, id: "orders", inputs, outputs: { version: "3", arn: "a" } },
      newState: { urn, type, custom: true, inputs },
    });
    deepStrictEqual([read?.outputs.version, read?.outputs.arn], [UNKNOWN, "a"]);
  });

  for (const op of ["create-replacement", "replace"])
    it(`treats the result of ${op} as a new resource`, () => {
      const read = readOne({ op, oldState: role(OLD), newState: role() });
      deepStrictEqual([read?.id, read?.outputs.arn], [UNKNOWN, UNKNOWN]);
    });

  it("uses the result of an operation: replaced, refreshed, deleted", () => {
    const { resources } = planFromPreview(
      stepsOf(
        { op: "refresh", oldState: role(OLD), newState: role(OLD) },
        { op: "create-replacement", oldState: role(OLD), newState: role() },
        { op: "replace", oldState: role(OLD), newState: role() },
        { op: "delete-replaced", oldState: role(OLD) },
        { op: "refresh", oldState: role({ urn: `${URN}2` }), newState: role({ ...OLD, urn: `${URN}2` }) },
        { op: "delete", oldState: role({ urn: `${URN}2` }) },
      ),
    );
    deepStrictEqual(
      resources.map(({ urn, id }) => [urn, id]),
      [[URN, UNKNOWN]],
    );
  });

  it("has only the ID of a resource that is read", () => {
    const read = readOne({ op: "read", newState: role({ id: "someone-else", external: true, inputs: {} }) });
    deepStrictEqual(
      [read?.id, read?.outputs.name, read?.outputs.arn, read?.outputs.inlinePolicies],
      ["someone-else", "someone-else", UNKNOWN, UNKNOWN],
    );
  });

  it("adds the default providers, with the configuration that the preview had", () => {
    const provider = "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_48_0";
    const { resources } = planFromPreview({
      config: { "aws:region": "eu-west-1", "aws:secretKey": "[secret]", "shop:name": "x" },
      steps: [{ op: "create", newState: role({ provider: `${provider}::${UNKNOWN}` }) }],
    });
    const [first, second] = resources;
    deepStrictEqual(
      [first?.urn, first?.inputs, second?.provider],
      [provider, { region: "eu-west-1", secretKey: "[secret]", version: "7.48.0" }, provider],
    );
  });

  it("has no region unless the program or the configuration sets it", () => {
    const type = "aws:lambda/function:Function";
    const read = readOne({
      op: "create",
      newState: role({ type, urn: URN.replace("aws:iam/role:Role", type) }),
    });
    strictEqual(read?.outputs.region, undefined);
  });

  it("has source lines", () => {
    const read = readOne({
      op: "create",
      newState: role({ sourcePosition: "project:///src/a%20b.ts#24,1" }),
    });
    deepStrictEqual(read?.source, { file: "src/a b.ts", line: 24, column: 1 });
  });

  it("rejects a preview without unchanged resources", () => {
    const printed = { steps: [{ op: "create", newState: role() }], changeSummary: { create: 1, same: 3 } };
    throws(() => planFromPreview(printed), /omits 3 unchanged resources; use .*--show-sames/);
  });

  it("rejects a failed preview with the reason, but not one that a policy blocked", () => {
    const failed = (message: string): unknown => ({
      steps: [{ op: "create", newState: role() }],
      diagnostics: [{ severity: "error", message }],
    });
    throws(
      () =>
        planFromPreview(
          failed("error: Running program 'x' failed:\n\u001b[31mError: boom\u001b[39m\n  at y"),
        ),
      /^Error: the preview failed: Running program 'x' failed: Error: boom$/,
    );
    strictEqual(planFromPreview(failed("error: preview failed\n")).resources.length, 1);
  });

  it("reports entries that are not resources", () => {
    const { leftOut } = planFromPreview(stepsOf({ op: "create", newState: 7 }, { op: "same" }, null, "x"));
    deepStrictEqual(leftOut, [
      "steps[0]: not an object",
      "steps[1]: not an object",
      "steps[2]: not an object",
      "steps[3]: not an object",
    ]);
  });

  it("reads outputs from a list of engine events", () => {
    const event = (kind: string, op: string, after: unknown): unknown => ({
      sequence: 1,
      [kind]: { metadata: { op, urn: URN, old: null, new: after } },
    });
    const events = [
      { sequence: 0, preludeEvent: { config: { "aws:region": "eu-west-1" } } },
      event("resourcePreEvent", "create", role({ outputs: {} })),
      event("resOutputsEvent", "create", role({ outputs: { arn: UNKNOWN, path: "/" } })),
      { sequence: 9, summaryEvent: { resourceChanges: { create: 1 } } },
    ];
    ok(isPreview(events));
    deepStrictEqual(planFromPreview(events).resources[0]?.outputs, { arn: UNKNOWN, path: "/" });
  });
});

describe("the source line of a resource", () => {
  const positionOf = (sourcePosition: unknown, ...frames: unknown[]) =>
    readOne({ op: "create", newState: role({ sourcePosition, stackTrace: frames }) })?.source;
  const frame = (sourcePosition: string): unknown => ({ sourcePosition });

  const cases: [title: string, found: unknown, expected: unknown][] = [
    ["a program in Python", positionOf("project:///__main__.py#15"), { file: "__main__.py", line: 15 }],
    [
      "a component of a package: the line that uses it",
      positionOf("project:///node_modules/c/index.js#3,1", {}, frame("project:///index.ts#9,7")),
      { file: "index.ts", line: 9, column: 7 },
    ],
    [
      "a package in a virtual environment",
      positionOf("project:///venv/lib/python3.11/site-packages/c/x.py#3", frame("project:///a.py#2")),
      { file: "a.py", line: 2 },
    ],
    ["code outside the project", positionOf("project:///../shared/index.ts#3,1"), undefined],
    ["an absolute path", positionOf("project:////usr/lib/x.js#3,1"), undefined],
    ["another drive", positionOf("project:///C:/x.js#3,1"), undefined],
    ["no position at all", positionOf(7, "x", null), undefined],
    ["line zero", positionOf("project:///index.ts#0,0"), undefined],
    ["a path that is not encoded", positionOf("project:///100%.ts#3"), { file: "100%.ts", line: 3 }],
  ];
  for (const [title, found, expected] of cases)
    it(`is found in ${title}`, () => deepStrictEqual(found, expected));
});

describe("a preview of a change", () => {
  it("keeps existing resources, and has unproven verdicts on unknown values", async () => {
    const program = (description: string) => () => {
      const callerRole = new aws.iam.Role("caller", {
        assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        description,
      });
      new aws.iam.RolePolicy("caller", { role: callerRole.name, policy: "{}" });
    };
    const before = await plan(program("a"), { as: "deployed" });
    const after = await plan(program("b"), { as: { update: before } });
    const read = planFromPreview(
      previewOf(after, before, ({ name, type }) =>
        type.includes("role:Role") && name === "caller" ? "update" : "same",
      ),
    );
    const resource = read.resources.find(({ type }) => type === "aws:iam/role:Role");
    deepStrictEqual(
      [resource?.outputs.description, resource?.outputs.arn],
      ["b", named(before, "caller", "Role").outputs.arn],
    );
  });
});
