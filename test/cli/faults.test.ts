/** An internal error in a command is reported as such, never as an error in the input, and the exit status is 2. */
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
/** Folders of functions whose errors do not prevent a report. Every line of a report needs the other messages. */
const OPTIONAL = /^(access|account|aws|stack|iam|policies|messages\/(?!printable|text))/;
/** Functions in these folders that every report needs. */
const REQUIRED =
  /^(policies\/framework\/(configuration: configSchema|session: AnalysisSession.evaluated)|stack\/pulumi\/(placeholders: withoutPlaceholders|sentinels: .*|urns: .*)|account\/encoding: .*|iam\/text\/json: isObject|messages\/report: denied)$/;

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

describe("an internal error during a command", function () {
  this.timeout(300_000);
  let folder: string;
  let pack: Breakable;
  let run: (args: readonly string[], visit: (name: string) => void) => Promise<CommandResult>;
  /** The first command that calls a function, by the function's name. */
  const firstCalls = new Map<string, readonly string[]>();

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
      const recordCall = (name: string): void => void (firstCalls.has(name) || firstCalls.set(name, args));
      const { status, err } = await run(args, recordCall);
      assert.deepEqual([status, err], [args[0] === "diagnose" ? 0 : 1, ""], args.join(" "));
    }
  });
  after(() => {
    pack.unload();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("is injected into more than 550 functions", () => {
    assert.ok(firstCalls.size > 550, String(firstCalls.size));
  });

  it("is reported with exit status 2 in any function, and a report is printed without the results that depend on it", async () => {
    const failures: string[] = [];
    for (const [at, [name, args]] of [...firstCalls].entries()) {
      const [errorName, createError] = FAULTS[at % FAULTS.length] as (typeof FAULTS)[number];
      let called = false;
      const { status, out, err } = await run(args, (calledName) => {
        if (calledName !== name) return;
        called = true;
        throw createError();
      });
      const expectsReport = args[0] === "report" && OPTIONAL.test(name) && !REQUIRED.test(name);
      const isReported = /^error: .*please report it/.test(err);
      const isQuoted = `${out}${err}`.includes("s3cret");
      if (called && (status !== 2 || !isReported || isQuoted || (expectsReport && out === "")))
        failures.push(
          `${errorName} in ${name}, ${args.join(" ")}: ${status}, ${out.length} characters, ${err}`,
        );
    }
    assert.deepEqual(failures, []);
  });
});
