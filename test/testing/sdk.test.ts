import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { check, type Plan, plan, programFrom } from "../../testing";

const MODULES = resolve(__dirname, "../../node_modules");

/** A project with its own copy of Pulumi's SDK. */
function project(program: string, change = (text: string): string => text): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "copy-")));
  const modules = join(root, "node_modules");
  mkdirSync(join(modules, "@pulumi"), { recursive: true });
  const copy = join(modules, "@pulumi", "pulumi");
  cpSync(join(MODULES, "@pulumi", "pulumi"), copy, {
    recursive: true,
    filter: (file) => !/\.(ts|map)$|[\\/]tests?$/.test(file),
  });
  const state = join(copy, "runtime", "state.js");
  writeFileSync(state, change(readFileSync(state, "utf8")));
  for (const name of readdirSync(MODULES)) {
    if (name !== "@pulumi" && !name.startsWith("."))
      symlinkSync(join(MODULES, name), join(modules, name), "junction");
  }
  writeFileSync(join(root, "index.js"), program);
  return root;
}

const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const role = new pulumi.CustomResource("aws:iam/role:Role", "caller", { assumeRolePolicy: "{}", arn: undefined });
  module.exports = { role: role.arn };
`;

/** Like SDK versions before the shared storage. */
const unshared = (text: string): string =>
  text
    .replace(/global\.asyncLocalStorage/g, "exports.asyncLocalStorage")
    .replace(/global\.globalStore/g, "exports.globalStore");

describe("a program with its own copy of @pulumi/pulumi", () => {
  const roots: string[] = [];
  const createProject = (...args: Parameters<typeof project>): string => {
    const root = project(...args);
    roots.push(root);
    return root;
  };
  after(() => {
    for (const root of roots) rmSync(root, { recursive: true, force: true });
  });

  const shape = ({ resources }: Plan): string[] => resources.map(({ type }) => type);
  const expected = ["pulumi:pulumi:Stack", "pulumi:providers:aws", "aws:iam/role:Role"];

  for (const [name, change] of [
    ["of this version", undefined],
    ["that shares no state with others", unshared],
  ] as const) {
    it(`runs with its own copy: ${name}`, async () => {
      const root = createProject(PROGRAM, change);
      const planned = await plan(programFrom(root), { as: "deployed" });
      deepStrictEqual(shape(planned), expected);
      match(String(planned.resources[0]?.outputs.role), /^arn:aws:iam::123456789012:role\/caller-/);
      deepStrictEqual(await check(planned), []);
    });

    it(`runs with the given copy: ${name}`, async () => {
      const root = createProject(PROGRAM, change);
      const program = (): unknown => require(join(root, "index.js"));
      deepStrictEqual(shape(await plan(program, { as: "first-preview", sdk: root })), expected);
    });
  }

  it("fails if it also uses another copy, because resources would be lost", async () => {
    const otherCopy = createProject(PROGRAM, unshared);
    const root = createProject(`require(${JSON.stringify(join(otherCopy, "index.js"))}); ${PROGRAM}`);
    const twice = /two copies of @pulumi\/pulumi that do not share state/;
    await rejects(plan(programFrom(root), { as: "first-preview" }), twice);
    delete require.cache[join(otherCopy, "index.js")];
    await rejects(plan(programFrom(root), { as: "first-preview" }), twice);
  });

  it("fails without a copy", async () => {
    const nowhere = dirname(createProject(PROGRAM));
    await rejects(
      plan(() => undefined, { as: "deployed", sdk: nowhere }),
      /there is no @pulumi\/pulumi/,
    );
  });

  it("does not modify any copy", async () => {
    const settings = require("@pulumi/pulumi/runtime/settings");
    const before = settings.getMonitor;
    await plan(programFrom(createProject(PROGRAM, unshared)), { as: "deployed" });
    strictEqual(settings.getMonitor, before);
  });
});
