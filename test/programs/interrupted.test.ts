/** A command that is interrupted or killed leaves no process and no temporary folder. */
import * as assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isRunning, waitUntil } from "../support/processes";

const ROOT = path.resolve(__dirname, "../..");

/** Starts a child process and writes both process IDs to a file. */
const REPORT_PROCESSES = `
const { spawn } = require("node:child_process");
const { writeFileSync, renameSync } = require("node:fs");
const other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
writeFileSync(process.env.PIDS + "~", process.pid + " " + other.pid);
renameSync(process.env.PIDS + "~", process.env.PIDS);
`;

const PLUGIN = `
const pulumi = require("@pulumi/pulumi");
class Api extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("acme:index:Api", name, {}, opts);
    this.registerOutputs({});
  }
}
const provider = {
  version: "1.0.0",
  schema: JSON.stringify({ name: "acme", version: "1.0.0", resources: { "acme:index:Api": { isComponent: true } } }),
  construct: async (name, type, inputs, options) => ({ urn: new Api(name, options).urn, state: {} }),
};
${REPORT_PROCESSES}
pulumi.provider.main(provider, process.argv.slice(2));
`;

const ENDLESS_PROGRAM = `
const pulumi = require("@pulumi/pulumi");
class Api extends pulumi.ComponentResource {
  constructor(name) {
    super("acme:index:Api", name, {}, {}, true);
  }
}
new Api("api").urn.apply(() => {
  require("node:fs").writeFileSync(process.env.PIDS + ".busy", "");
  for (;;);
});
`;

const program = (runtime: string): string => `name: shop\nruntime: ${runtime}\n`;

/** Programs whose processes do not end: a title, the files, and the file that appears once the processes run. */
const PROGRAMS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    "a Node.js program in an endless loop and a plugin",
    {
      "Pulumi.yaml": `${program("nodejs")}packages:\n  acme: ./plugin\n`,
      "index.js": ENDLESS_PROGRAM,
      "plugin/PulumiPlugin.yaml": "runtime: nodejs\n",
      "plugin/index.js": PLUGIN,
    },
    "pids.busy",
  ],
  ["the build of a Go program", { "Pulumi.yaml": program("go"), "bin/go": endlessScript() }, "pids"],
  [
    "a language host",
    { "Pulumi.yaml": program("endless"), "bin/pulumi-language-endless": endlessScript() },
    "pids",
  ],
];

function endlessScript(): string {
  return `#!${process.execPath}\n${REPORT_PROCESSES}\nprocess.on("SIGINT", () => undefined);\nfor (;;);\n`;
}

describe("a command that is interrupted", () => {
  let root: string;

  before(function () {
    if (process.platform === "win32") this.skip();
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "interrupted-")));
  });

  after(() => root && fs.rmSync(root, { recursive: true, force: true }));

  async function start(
    files: Readonly<Record<string, string>>,
    startedFile: string,
  ): Promise<{ command: ChildProcess; pids: readonly number[]; temporary: string }> {
    const folder = fs.mkdtempSync(path.join(root, "program-"));
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), content, { mode: 0o755 });
    }
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
    const temporary = path.join(folder, "tmp");
    fs.mkdirSync(temporary);
    const command = spawn(process.execPath, [path.join(ROOT, "dist/cli/index.js"), "check", folder], {
      env: {
        ...process.env,
        PATH: `${path.join(folder, "bin")}${path.delimiter}${process.env.PATH}`,
        PIDS: path.join(folder, "pids"),
        TMPDIR: temporary,
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await waitUntil(() => fs.existsSync(path.join(folder, startedFile)), 40_000);
    const pids = fs.readFileSync(path.join(folder, "pids"), "utf8").split(" ").map(Number);
    return { command, pids, temporary };
  }

  for (const [processes, files, startedFile] of PROGRAMS)
    for (const signal of ["SIGINT", "SIGKILL"] as const)
      it(`by ${signal} ends it and leaves no process or folder of ${processes}`, async () => {
        const { command, pids, temporary } = await start(files, startedFile);
        assert.equal(pids.every(isRunning), true, "they run");
        const ended = new Promise((done) => command.on("exit", (_status, endedBy) => done(endedBy)));
        command.kill(signal);
        assert.equal(await ended, signal);
        await waitUntil(() => !pids.some(isRunning) && fs.readdirSync(temporary).length === 0, 20_000);
      });
});
