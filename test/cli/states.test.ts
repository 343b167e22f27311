/** The command ends with a report or a one-line error for any content of a state and any arguments. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printableLines } from "../../messages/printable";
import { type Plan, plan, type Value } from "../../testing";
import { runCommand } from "../support/command";
import { FORMS } from "../support/forms";
import { changed, mutate, type Random, seededRandom } from "../support/mutate";
import { executeOnly, restStack } from "../support/rest";
import { stateOf } from "../support/state";

const run = (...args: string[]) => runCommand(args);

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17" };
const ARCHIVE = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7" };
const SECRET = { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270" };

const FORMATS = ["text", "html", "json", "sarif", "junit"] as const;

const ROUTES: readonly string[] = [
  "*",
  "GET /orders/{id}",
  "orders-api GET /orders/{id}",
  "ANY /*",
  "$default",
  "",
  "GET",
  "/",
  "[",
  "((((a+)+)+)+$",
  "\u001b[31m\n",
  "\ud800",
  "x".repeat(100_000),
  `GET /${"*".repeat(5_000)}x`,
];

const STATES = Math.ceil(100 * Number(process.env.SOUNDNESS_RUNS ?? "1"));
const SEED = 20_261;

describe("malformed states", function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  let denied: Plan;
  const plans: Plan[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "apigateway-lambda-access-"));
    file = join(folder, "state.json");
    denied = await plan(restStack({ caller: executeOnly }), { as: "deployed" });
    for (const program of Object.values(FORMS)) plans.push(await plan(program, { as: "deployed" }));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The problems with the command's output and exit status. */
  function problemsOf({ status, out, err }: Awaited<ReturnType<typeof runCommand>>): readonly string[] {
    return [
      ...([0, 1, 2].includes(status) ? [] : [`status ${status}`]),
      ...(status === 2 && out !== "" ? ["a report and status 2"] : []),
      ...(status < 2 && out === "" ? ["no report"] : []),
      ...(/^(warning: .*\n)*(error: .*\n)?$/.test(err) ? [] : [`not one line: ${err}`]),
      ...(err.includes("error: ") === (status === 2) ? [] : [`status ${status}: ${err}`]),
      ...(err.includes("please report it") ? [err] : []),
      ...(err.length > 10_000 ? [`${err.length} characters on standard error`] : []),
      ...(err === printableLines(err) && out === printableLines(out) ? [] : ["controls of a terminal"]),
    ].map((problem) => problem.slice(0, 1_000));
  }

  function stateFor(random: Random): string {
    const planned = random.pick(plans);
    const resources = mutate(planned.resources, random, random.below(6)).resources;
    let state: Value = JSON.parse(stateOf({ ...planned, resources }));
    const stateResources = (state as { deployment: { resources: Value[] } }).deployment.resources;
    for (let time = random.below(5); time > 0 && stateResources.length > 0; time--) {
      const at = random.below(stateResources.length);
      stateResources[at] = changed(random, stateResources[at] ?? null, 1);
    }
    if (random.below(8) === 0) state = changed(random, state, 1);
    const text = JSON.stringify(state) ?? "";
    return random.below(12) === 0 ? text.slice(0, random.below(text.length)) : text;
  }

  it(`are reported or rejected: ${STATES} random states`, async function () {
    this.timeout(0);
    const problems: string[] = [];
    for (let seed = SEED; seed < SEED + STATES; seed++) {
      const random = seededRandom(seed);
      writeFileSync(file, stateFor(random));
      const args =
        random.below(2) === 0
          ? ["report", file, "-f", random.pick(FORMATS)]
          : [
              "explain",
              file,
              "--route",
              random.pick(ROUTES),
              ...(random.below(3) > 0 ? [] : ["--caller", random.pick(ROUTES)]),
            ];
      problems.push(
        ...problemsOf(await run(...args)).map(
          (problem) => `${seed}, ${args.slice(2, 4).join(" ")}: ${problem}`,
        ),
      );
    }
    assert.ok(problems.length === 0, `${problems.length} faults\n${problems.slice(0, 5).join("\n\n")}`);
  });

  /** The state of the denied stack, with a value as `code` of the function. */
  const stateWithCode = (value: unknown): string =>
    stateOf(denied, ({ type, outputs, inputs }) =>
      type === "aws:lambda/function:Function"
        ? { outputs: { ...outputs, code: value }, inputs: { ...inputs, code: value } }
        : {},
    );

  // https://github.com/pulumi/pulumi/issues/18926: after a refresh, only the hash of an asset is known.
  for (const [content, value] of Object.entries({
    "an asset with only a hash": { ...ASSET, hash: "9d19" },
    "an empty asset": { ...ASSET, text: "" },
    "an archive of assets without content": {
      ...ARCHIVE,
      assets: { a: { ...ASSET, hash: "9d19" }, b: { ...ASSET, text: "" } },
    },
    "an archive whose assets are a string": { ...ARCHIVE, assets: "abc" },
    "an object with an unknown signature": { [SIGNATURE]: "ffff", value: 1 },
    "a secret asset with only a hash": { ...SECRET, plaintext: JSON.stringify({ ...ASSET, hash: "9d19" }) },
  }))
    it(`with ${content} are reported`, async () => {
      writeFileSync(file, stateWithCode(value));
      for (const format of FORMATS) {
        const { status, err } = await run("report", file, "-f", format);
        assert.deepEqual([status, err], [1, ""]);
      }
    });

  it("are rejected with a short message for an argument of a million characters", async () => {
    writeFileSync(file, stateOf(denied));
    const { status, err } = await run("explain", file, "--route", "x".repeat(1_000_000));
    assert.equal(status, 2);
    assert.ok(err.length < 3_000, `${err.length} characters`);
  });
});
