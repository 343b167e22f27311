/**
 * Runs the property tests of `iam/` with any number of cases: `npm run soundness -- 100000` runs that many of "hiding
 * anything leaves the answer or makes it unknown" (half of them the same every time, half at random), and the other
 * properties and the hostile inputs in proportion, including broken stacks and states.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** The number of cases in the test itself. */
const DEFAULT_RUNS = 4_000;

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
if (!Number.isSafeInteger(runs) || runs < 1) {
  console.error("usage: npm run soundness -- RUNS");
  process.exitCode = 2;
} else {
  const root = resolve(__dirname, "..");
  const mocha = resolve(root, "node_modules/mocha/bin/mocha.js");
  const args = [
    mocha,
    "--no-config",
    "-r",
    "ts-node/register/transpile-only",
    "-t",
    "0",
    "test/iam/soundness.test.ts",
    "test/iam/pattern.test.ts",
    "test/iam/hostile.test.ts",
    "test/policies/fuzz.test.ts",
    "test/cli/states.test.ts",
  ];
  const env = { ...process.env, SOUNDNESS_RUNS: String(runs / DEFAULT_RUNS) };
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
}
