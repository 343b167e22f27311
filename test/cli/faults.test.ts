/** A fault of the pack in a command: it is reported and never blamed on an input, and the command ends with 2. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { plan } from "../../testing";
import { gatewayRole } from "../account/gateway-role";
import { type Breakable, loadBreakable } from "../support/breakable";
import { type CommandResult, runCommand } from "../support/command";
import { FAULTS } from "../support/faults";
import { executeOnly, restStack } from "../support/rest";
import { stateOf } from "../support/state";

const FOLDERS = /^(access|account|aws|stack|iam|messages|policies|report|diagnose)\//;
/** Folders whose functions a report can do without; of messages, those that make text printable are in every line. */
const PARTS = /^(access|account|aws|stack|iam|policies|messages\/(?!printable|text))/;
/** What the policies themselves are made with, and what puts a report together. */
const WHOLE =
  /^(policies\/framework\/configuration: configSchema|stack\/pulumi\/resource-index: withoutPlaceholders|policies\/framework\/session: AnalysisSession.evaluated)$/;

const LOG = [
  '{"requestId":"a","status":500,"httpMethod":"GET","resourcePath":"/orders/{id}","stage":"prod"}',
  '{"requestId":"b","status":403,"httpMethod":"GET","path":"/prod/orders/7","caller":"arn:aws:sts::123456789012:assumed-role/caller/me"}',
];

const ACCOUNT = ["--account", "account.json"];
const COMMANDS = [
  ["report", "state.json", ...ACCOUNT],
  ["check", "state.json", ...ACCOUNT],
  ["explain", "state.json", "--route", "*", ...ACCOUNT],
  ["diagnose", "state.json", "--log", "log.json", ...ACCOUNT],
  ...["json", "html", "sarif", "junit", "markdown", "code-quality"].map((format) => [
    ...["report", "state.json", "-f", format],
  ]),
];

describe("a fault of the pack in a command", function () {
  this.timeout(300_000);
  let folder: string;
  let pack: Breakable;
  let run: (args: readonly string[], visit: (name: string) => void) => Promise<CommandResult>;
  /** By function: the command that calls it first. */
  const users = new Map<string, readonly string[]>();

  before(async () => {
    const planned = await plan(restStack({ caller: executeOnly }), { as: "deployed", project: "shop" });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "faults-"));
    fs.writeFileSync(path.join(folder, "state.json"), stateOf(planned));
    fs.writeFileSync(path.join(folder, "log.json"), LOG.join("\n"));
    const account = JSON.stringify(gatewayRole("lambda:InvokeFunction"));
    fs.writeFileSync(path.join(folder, "account.json"), account);
    pack = loadBreakable((file) => FOLDERS.test(file));
    const { run: command } = pack.load<typeof import("../../cli/main")>("cli/main");
    run = async (args, visit) => {
      pack.onCall(visit);
      try {
        return await runCommand(args, folder, command);
      } finally {
        pack.onCall(() => undefined);
      }
    };
    for (const args of COMMANDS) {
      const calling = (name: string): void => void (users.has(name) || users.set(name, args));
      const { status, err } = await run(args, calling);
      assert.deepEqual([status, err], [args[0] === "diagnose" ? 0 : 1, ""], args.join(" "));
    }
  });
  after(() => {
    pack.unload();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("is looked for in hundreds of functions", () => {
    assert.ok(users.size > 550, String(users.size));
  });

  it("in any function ends it with 2 and a word, and a report goes on without what depends on it", async () => {
    const wrong: string[] = [];
    for (const [at, [name, args]] of [...users].entries()) {
      const [what, make] = FAULTS[at % FAULTS.length] as (typeof FAULTS)[number];
      let called = false;
      const { status, out, err } = await run(args, (one) => {
        if (one !== name) return;
        called = true;
        throw make();
      });
      const goesOn = args[0] === "report" && PARTS.test(name) && !WHOLE.test(name);
      const isReported = /^error: .*please report it/.test(err);
      const isQuoted = `${out}${err}`.includes("s3cret");
      if (called && (status !== 2 || !isReported || isQuoted || (goesOn && out === "")))
        wrong.push(`${what} in ${name}, ${args.join(" ")}: ${status}, ${out.length} characters, ${err}`);
    }
    assert.deepEqual(wrong, []);
  });
});
