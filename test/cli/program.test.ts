/** Programs that the command runs: project files, configuration, errors, and isolation from the command's process. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repositoryPath } from "../../cli/repository";
import { type ProgramOptions, planOfProgram } from "../../programs";
import { type Plan, plan, programFrom } from "../../testing";

const ROOT = path.resolve(__dirname, "../..");

describe("a program on the command line", () => {
  let root: string;
  let count = 0;

  before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
  });

  after(() => fs.rmSync(root, { recursive: true, force: true }));

  /** Writes a program's files to a new folder, by default with the packages of this project. */
  function program(files: Record<string, string>, packages = true): string {
    count += 1;
    const folder = path.join(root, `program${count}`);
    const allFiles = { "Pulumi.yaml": "name: shop\nruntime: nodejs\n", ...files };
    for (const [name, content] of Object.entries(allFiles)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    if (packages)
      fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
    return folder;
  }

  const run = (folder: string, options: Partial<ProgramOptions> = {}): Promise<Plan> =>
    planOfProgram(folder, { as: "first-preview", stack: "dev", ...options });

  /** A JavaScript program that declares a role whose name is the value of an expression. */
  const roleNamed = (expression: string): string => `
    const aws = require("@pulumi/aws");
    const pulumi = require("@pulumi/pulumi");
    new aws.iam.Role("role", { name: ${expression}, assumeRolePolicy: "{}" });`;

  const nameIn = (plan: Plan): unknown => plan.resources.find(({ name }) => name === "role")?.inputs.name;

  it("has the project name of Pulumi.yaml and the requested stack name", async () => {
    const { project, stack } = await run(program({ "index.js": roleNamed('"x"') }), { stack: "live" });
    assert.deepEqual([project, stack], ["shop", "live"]);
  });

  it("in TypeScript is compiled together with its imports and is not type-checked", async () => {
    const folder = program({
      "index.ts": `
        import * as aws from "@pulumi/aws";
        import { name } from "./names";
        const wrong: number = name as never;
        export const role = new aws.iam.Role("role", { name: String(wrong), assumeRolePolicy: "{}" });`,
      "names.ts": `export const name: string = "typed";`,
      "tsconfig.json": `{ /* a comment */ "compilerOptions": { "strict": true, "noEmit": true, "module": "nodenext", "moduleResolution": "nodenext", "target": "es2022", "verbatimModuleSyntax": true } }`,
    });
    assert.equal(nameIn(await run(folder)), "typed");
  });

  it("has the line numbers of its TypeScript sources", async () => {
    const folder = program({
      "index.ts": `
        import * as aws from "@pulumi/aws";
        interface Gone { a: string; }

        type AlsoGone = Gone;
        import { make } from "./src/make";
        make(function role() { return new aws.iam.Role("role", { assumeRolePolicy: "{}" }); });`,
      "src/make.ts": `
        export interface Gone { a: string; }
        export const make = <T>(of: () => T): T =>
          of();`,
    });
    const { resources } = await run(folder);
    const source = resources.find(({ name }) => name === "role")?.source;
    assert.deepEqual([source?.file, source?.line], ["index.ts", 7]);
  });

  const MODULES: readonly [string, Record<string, string>, unknown][] = [
    [
      "TypeScript that imports a file by the name of its JavaScript output",
      {
        "package.json": `{ "type": "module" }`,
        "index.ts": `import { name } from "./names.js"; import * as aws from "@pulumi/aws";
          export const role = new aws.iam.Role("role", { name, assumeRolePolicy: "{}" });`,
        "names.ts": `export const name: string = "named";`,
      },
      "named",
    ],
    [
      "TypeScript with top-level await and import.meta",
      {
        "package.json": `{ "type": "module" }`,
        "index.ts": `import * as aws from "@pulumi/aws"; import pulumi from "@pulumi/pulumi";
          const { accountId } = await aws.getCallerIdentity();
          const file = new URL(import.meta.url).pathname.endsWith("/index.ts") && import.meta.dirname.length > 1;
          export const role = new aws.iam.Role("role", {
            name: \`\${accountId}-\${file}-\${pulumi.getProject()}\`, assumeRolePolicy: "{}" });`,
      },
      "123456789012-true-shop",
    ],
    [
      "JavaScript with top-level await",
      {
        "package.json": `{ "type": "module" }`,
        "index.js": `import * as aws from "@pulumi/aws";
          for await (const name of ["first"]) new aws.iam.Role("role", { name, assumeRolePolicy: "{}" });`,
      },
      "first",
    ],
    [
      "a function as the default export",
      {
        "package.json": `{ "type": "module" }`,
        "index.ts": `import * as aws from "@pulumi/aws";
          export default async () => { new aws.iam.Role("role", { name: "inside", assumeRolePolicy: "{}" }); };`,
      },
      "inside",
    ],
    [
      "an .mjs file in a package of CommonJS",
      {
        "package.json": `{ "main": "program.mjs" }`,
        "program.mjs": `import * as aws from "@pulumi/aws";
          new aws.iam.Role("role", { name: "mjs", assumeRolePolicy: "{}" });`,
      },
      "mjs",
    ],
    [
      "an .mts file that imports another one",
      {
        "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: src/program.mts\n",
        "src/program.mts": `import { name } from "./names.mjs"; import * as aws from "@pulumi/aws";
          new aws.iam.Role("role", { name, assumeRolePolicy: "{}" });`,
        "src/names.mts": `export const name: string = "mts";`,
      },
      "mts",
    ],
  ];

  for (const [modules, files, expected] of MODULES)
    it(`is run as an ES module, again for each plan: ${modules}`, async () => {
      const folder = program(files);
      for (const as of ["first-preview", "deployed"] as const)
        assert.equal(nameIn(await run(folder, { as })), expected, as);
      for (const as of ["first-preview", "deployed"] as const)
        if (files["Pulumi.yaml"] === undefined)
          assert.equal(
            nameIn(await plan(programFrom(folder), { as, project: "shop" })),
            expected,
            `programFrom, ${as}`,
          );
    });

  it("as an ES module cannot have both a default export and named exports", async () => {
    const folder = program({
      "package.json": `{ "type": "module" }`,
      "index.ts": "export const url = 1;\nexport default () => undefined;\n",
    });
    await assert.rejects(run(folder), /either a default export or named exports but not both/);
  });

  it("does not change the handler that loads TypeScript files", async () => {
    const before = require.extensions[".ts"];
    await run(program({ "index.ts": "export {};\n" })).catch(() => undefined);
    assert.equal(require.extensions[".ts"], before);
  });

  const configured: [string, Record<string, string>, unknown][] = [
    [
      "a configuration value of the project",
      { "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig:\n  name: plain\n" },
      "plain",
    ],
    [
      "a default value of the project",
      {
        "Pulumi.yaml":
          "name: shop\nruntime: nodejs\nconfig:\n  name:\n    type: string\n    default: fallen\n",
      },
      "fallen",
    ],
    [
      "a configuration value of the stack",
      {
        "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig:\n  name: plain\n",
        "Pulumi.dev.yaml": "config:\n  shop:name: own\n",
      },
      "own",
    ],
    [
      "a configuration value that is an object",
      { "Pulumi.dev.yaml": "config:\n  shop:name:\n    a: [1]\n" },
      '{"a":[1]}',
    ],
    [
      "a configuration value if the runtime has options",
      { "Pulumi.yaml": "name: shop\nruntime:\n  name: nodejs\n  options: {}\nconfig:\n  name: plain\n" },
      "plain",
    ],
  ];
  for (const [setting, files, expected] of configured)
    it(`gets ${setting}`, async () => {
      const folder = program({ "index.js": roleNamed('new pulumi.Config().require("name")'), ...files });
      assert.equal(nameIn(await run(folder)), expected);
    });

  it("gets a placeholder for a configuration secret", async () => {
    const folder = program({
      "index.js": roleNamed('new pulumi.Config().requireSecret("name")'),
      "Pulumi.dev.yaml": "encryptionsalt: v1:x\nconfig:\n  shop:name:\n    secure: AAABADq\n",
    });
    assert.equal(nameIn(await run(folder)), "[secret]");
  });

  it("gets the region of its stack", async () => {
    const folder = program({
      "index.js": roleNamed('new pulumi.Config("aws").require("region")'),
      "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n",
    });
    assert.equal(nameIn(await run(folder)), "eu-west-1");
  });

  for (const [kind, mainPath] of [
    ["folder", "src/"],
    ["file", "src/start.js"],
  ] as const)
    it(`is loaded from the ${kind} that its project names`, async () => {
      const folder = program({
        "Pulumi.yaml": `name: shop\nruntime: nodejs\nmain: ${mainPath}\n`,
        [mainPath === "src/" ? "src/index.js" : mainPath]: roleNamed('"there"'),
      });
      assert.equal(nameIn(await run(folder)), "there");
    });

  it("runs in its own folder, and the command's working directory is restored", async () => {
    const before = process.cwd();
    const folder = program({
      "index.js": roleNamed('require("fs").readFileSync("name.txt", "utf8")'),
      "name.txt": "alongside",
    });
    assert.equal(nameIn(await run(folder)), "alongside");
    assert.equal(process.cwd(), before);
  });

  it("prints to standard error instead of standard output", async () => {
    const { write } = process.stdout;
    const printed: string[] = [];
    process.stdout.write = ((text: string) => printed.push(text) > 0) as typeof write;
    try {
      await run(program({ "index.js": `console.log("hello"); ${roleNamed('"x"')}` }));
    } finally {
      process.stdout.write = write;
    }
    assert.deepEqual(printed, []);
  });

  const failing: [problem: string, files: Record<string, string>, message: RegExp][] = [
    [
      "throws",
      { "index.js": 'throw new Error("no such thing\\nsecond line");' },
      /^the program in .* failed: no such thing$/,
    ],
    [
      "throws in an apply",
      { "index.js": `${roleNamed('"x"')}; pulumi.output(1).apply(() => { throw new Error("late"); });` },
      /failed: late$/,
    ],
    [
      "throws a value that cannot be converted to a string",
      { "index.js": "throw { toString() { throw 1; } };" },
      /failed: the thrown value cannot be converted to text$/,
    ],
    ["throws undefined", { "index.js": "throw undefined;" }, /failed: undefined$/],
    [
      "calls process.exit",
      { "index.js": "process.exit(0);" },
      /failed: it called process\.exit; remove the call, because a program ends when it returns$/,
    ],
    ["has no entry file", {}, /failed: Cannot find module/],
    ["has a syntax error", { "index.ts": "const = ;" }, /failed: .*index\.ts: /],
    [
      "requires a configuration value that is not set",
      { "index.js": roleNamed('new pulumi.Config().require("name")') },
      /failed: Missing required configuration variable 'shop:name'; set it with "pulumi config set shop:name VALUE", or use --stack to name a stack whose configuration contains it$/,
    ],
    ["has no runtime", { "Pulumi.yaml": "name: shop\n" }, /Pulumi\.yaml does not specify a runtime$/],
    ["has a malformed project file", { "Pulumi.yaml": "name: [" }, /Pulumi\.yaml is not valid YAML$/],
    [
      "has a malformed stack file",
      { "index.js": "", "Pulumi.dev.yaml": ": : :\n\t-" },
      /Pulumi\.dev\.yaml is not valid YAML$/,
    ],
  ];
  for (const [problem, files, message] of failing)
    it(`that ${problem} is rejected with a one-line message`, async () => {
      await assert.rejects(run(program(files)), (error: Error) => {
        assert.equal(error.name, "UserError");
        assert.match(error.message, message);
        return true;
      });
    });

  it("in TypeScript without a compiler is rejected, and the message names the package to install", async () => {
    const folder = program({ "index.ts": "export {};" }, false);
    await assert.rejects(
      run(folder),
      /is written in TypeScript, and no compiler is installed there; run npm install typescript@5/,
    );
  });

  it("in TypeScript that is too new for the SDK's compiler is rejected, and the message names the package to install", async () => {
    const folder = program({
      "index.ts": "export {};",
      "tsconfig.json": '{ "compilerOptions": { "target": "es2022" } }',
    });
    fs.rmSync(path.join(folder, "node_modules"), { recursive: true, force: true });
    const compiler = path.join(ROOT, "node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js");
    fs.mkdirSync(path.join(folder, "node_modules/typescript"), { recursive: true });
    fs.writeFileSync(
      path.join(folder, "node_modules/typescript/index.js"),
      `module.exports = require(${JSON.stringify(compiler)});`,
    );
    await assert.rejects(
      run(folder),
      /'--target' .*\(compiled by TypeScript 3\.8\.3, which is part of @pulumi\/pulumi\); install a newer version: npm install --save-dev typescript@5$/,
    );
  });
});

describe("repositoryPath", () => {
  it("returns a path relative to the root of the repository", () => {
    assert.equal(
      repositoryPath(path.join(ROOT, "examples/http-api/Pulumi.yaml")),
      "examples/http-api/Pulumi.yaml",
    );
  });

  it("returns an absolute path for a file outside of a repository and of the current folder", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
    try {
      assert.equal(
        repositoryPath(path.join(folder, "state.json")),
        path.join(folder, "state.json").split(path.sep).join("/"),
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
