/** Whatever a state holds and whatever the arguments, the command ends with a report or with one clear line. */
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

const ran = (...args: string[]) => runCommand(args);

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17" };
const ARCHIVE = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7" };
const SECRET = { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270" };

const FORMATS = ["text", "html", "json", "sarif", "junit"] as const;

const ASKED: readonly string[] = [
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

describe("broken states", function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  let blocked: Plan;
  const plans: Plan[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "apigateway-lambda-access-"));
    file = join(folder, "state.json");
    blocked = await plan(restStack({ caller: executeOnly }), { as: "deployed" });
    for (const program of Object.values(FORMS)) plans.push(await plan(program, { as: "deployed" }));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What is wrong with how it ended. */
  function faultsOf({ status, out, err }: Awaited<ReturnType<typeof runCommand>>): readonly string[] {
    return [
      ...([0, 1, 2].includes(status) ? [] : [`status ${status}`]),
      ...(status === 2 && out !== "" ? ["a report and status 2"] : []),
      ...(status < 2 && out === "" ? ["no report"] : []),
      ...(/^(warning: .*\n)*(error: .*\n)?$/.test(err) ? [] : [`not one line: ${err}`]),
      ...(err.includes("error: ") === (status === 2) ? [] : [`status ${status}: ${err}`]),
      ...(err.includes("please report it") ? [err] : []),
      ...(err.length > 10_000 ? [`${err.length} characters on standard error`] : []),
      ...(err === printableLines(err) && out === printableLines(out) ? [] : ["controls of a terminal"]),
    ].map((one) => one.slice(0, 1_000));
  }

  function stateFor(dice: Random): string {
    const planned = dice.pick(plans);
    const resources = mutate(planned.resources, dice, dice.below(6)).resources;
    let state: Value = JSON.parse(stateOf({ ...planned, resources }));
    const list = (state as { deployment: { resources: Value[] } }).deployment.resources;
    for (let time = dice.below(5); time > 0 && list.length > 0; time--) {
      const at = dice.below(list.length);
      list[at] = changed(dice, list[at] ?? null, 1);
    }
    if (dice.below(8) === 0) state = changed(dice, state, 1);
    const text = JSON.stringify(state) ?? "";
    return dice.below(12) === 0 ? text.slice(0, dice.below(text.length)) : text;
  }

  it(`are reported on or refused, ${STATES} of them`, async function () {
    this.timeout(0);
    const wrong: string[] = [];
    for (let seed = SEED; seed < SEED + STATES; seed++) {
      const dice = seededRandom(seed);
      writeFileSync(file, stateFor(dice));
      const args =
        dice.below(2) === 0
          ? ["report", file, "-f", dice.pick(FORMATS)]
          : [
              "explain",
              file,
              "--route",
              dice.pick(ASKED),
              ...(dice.below(3) > 0 ? [] : ["--caller", dice.pick(ASKED)]),
            ];
      wrong.push(
        ...faultsOf(await ran(...args)).map((fault) => `${seed}, ${args.slice(2, 4).join(" ")}: ${fault}`),
      );
    }
    assert.ok(wrong.length === 0, `${wrong.length} faults\n${wrong.slice(0, 5).join("\n\n")}`);
  });

  /** The origin's state, its function with one more output. */
  const holding = (value: unknown): string =>
    stateOf(blocked, ({ type, outputs, inputs }) =>
      type === "aws:lambda/function:Function"
        ? { outputs: { ...outputs, code: value }, inputs: { ...inputs, code: value } }
        : {},
    );

  // https://github.com/pulumi/pulumi/issues/18926: a refresh leaves assets of which only the hash is known.
  for (const [what, value] of Object.entries({
    "an asset of which only the hash is there": { ...ASSET, hash: "9d19" },
    "an empty asset": { ...ASSET, text: "" },
    "an archive of such assets": {
      ...ARCHIVE,
      assets: { a: { ...ASSET, hash: "9d19" }, b: { ...ASSET, text: "" } },
    },
    "an archive that is none": { ...ARCHIVE, assets: "abc" },
    "an object of a kind of the future": { [SIGNATURE]: "ffff", value: 1 },
    "a secret that holds such": { ...SECRET, plaintext: JSON.stringify({ ...ASSET, hash: "9d19" }) },
  }))
    it(`${what} does not prevent a report`, async () => {
      writeFileSync(file, holding(value));
      for (const format of FORMATS) {
        const { status, err } = await ran("report", file, "-f", format);
        assert.deepEqual([status, err], [1, ""]);
      }
    });

  it("what is quoted in a refusal is not longer than the refusal", async () => {
    writeFileSync(file, stateOf(blocked));
    const { status, err } = await ran("explain", file, "--route", "x".repeat(1_000_000));
    assert.equal(status, 2);
    assert.ok(err.length < 3_000, `${err.length} characters`);
  });
});
