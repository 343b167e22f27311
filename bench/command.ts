/**
 * The cost of the command, in separate processes: `node -r ts-node/register/transpile-only bench/command.ts`, or with
 * `--quick` for the small sizes only, `--account` for the first part only. It checks a stack with account data of
 * thousands of roles, and diagnoses a log of its failures; checks folders of exported states; a program, next to a run
 * of it against a monitor that returns nothing; and the example `shop`, next to `pulumi preview` of it where the CLI is
 * on PATH.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findPulumi, openStack } from "../test/engine/harness";
import { accountDetails, accountStack, logOf } from "./account";
import { services } from "./resources";

const ROOT = path.resolve(__dirname, "..");
const COMMAND = path.join(ROOT, "dist/cli/index.js");

interface MeasuredRun {
  readonly seconds: number;
  /** The peak memory of the process, in MiB. */
  readonly memory?: number;
  readonly status: number | null;
  readonly out: string;
}

/** Prints at the end of a Node process its peak memory, in KiB, and its processor time, in microseconds. */
const SHOW_MEMORY =
  'process.on("exit",()=>{const u=process.resourceUsage();require("fs").writeFileSync(process.env.BENCH_MEMORY,JSON.stringify([u.maxRSS,u.userCPUTime+u.systemCPUTime]))})';

function timed(file: string, args: readonly string[], folder: string, env: object = {}): MeasuredRun {
  const started = process.hrtime.bigint();
  const { status, stdout } = spawnSync(file, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, status, out: stdout };
}

function command(
  args: readonly string[],
  temporary: string,
): MeasuredRun & { memory: number; processor: number } {
  const [hook, usageFile] = [path.join(temporary, "memory.js"), path.join(temporary, "memory")];
  fs.writeFileSync(hook, SHOW_MEMORY);
  fs.rmSync(usageFile, { force: true });
  const run = timed(process.execPath, ["-r", hook, COMMAND, ...args], ROOT, { BENCH_MEMORY: usageFile });
  const [memory, processor] = JSON.parse(fs.readFileSync(usageFile, "utf8"));
  return { ...run, memory: memory / 1024, processor: processor / 1e6 };
}

function median(runs: readonly MeasuredRun[]): MeasuredRun {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  const [middle] = sorted.slice(Math.floor(sorted.length / 2));
  if (middle === undefined) throw new Error("there are no runs");
  return middle;
}

function show(label: string, { seconds, memory }: MeasuredRun, note = ""): void {
  const memoryText = memory === undefined ? "" : `${Math.round(memory)} MiB`;
  console.log(
    `${label.padEnd(48)}${`${seconds.toFixed(2)} s`.padStart(10)}${memoryText.padStart(12)}  ${note}`,
  );
}

/** Stacks of 500 resources, each with one role and one function that lack a permission. */
function writeStates(number: number, folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const resources = services(500, "deployed").resources.map(({ props, ...resource }) => ({
    ...resource,
    custom: !resource.type.startsWith("pulumi:pulumi:"),
    id: String(props.id ?? ""),
    inputs: props,
    outputs: props,
  }));
  const text = JSON.stringify({ version: 3, deployment: { resources } });
  for (let index = 0; index < number; index += 1) {
    const stateText = text
      .replaceAll("svc", `s${index}svc`)
      .replaceAll("::shop::", `::shop${index}::`)
      // The ids of APIs.
      .replace(/\b[0-9a-f]{10}\b/g, (id) => (Number.parseInt(id, 16) + index).toString(16).padStart(10, "0"));
    fs.writeFileSync(path.join(folder, `shop${index}.json`), stateText);
  }
}

function states(sizes: readonly number[], temporary: string): boolean {
  let isRight = true;
  for (const size of sizes) {
    const folder = path.join(temporary, `states${size}`);
    writeStates(size, folder);
    const run = command(["check", folder], temporary);
    const mandatory = /(\d+) mandatory/.exec(run.out.trim().split("\n").at(-1) ?? "")?.[1];
    const verdict =
      mandatory === String(2 * size) ? "as planted" : `WRONG: ${mandatory ?? run.status} of ${2 * size}`;
    isRight = isRight && verdict === "as planted";
    const goal = { seconds: 3 + 0.12 * size, mebibytes: 350 + 5 * size };
    const result = run.processor <= goal.seconds && run.memory <= goal.mebibytes ? "met" : "MISSED";
    show(
      `check of ${size} states of 500 resources`,
      run,
      `${mandatory ?? "?"} mandatory findings, ${verdict}; ${run.processor.toFixed(1)} s of the processor, goal ${goal.seconds.toFixed(0)} s, ${goal.mebibytes} MiB ${result}`,
    );
    fs.rmSync(folder, { recursive: true });
  }
  return isRight;
}

/** A program of a hundred resources. */
const PROGRAM = `
const aws = require("@pulumi/aws");
for (let i = 0; i < 50; i++) {
  const role = new aws.iam.Role("role" + i, { assumeRolePolicy: "{}" });
  new aws.iam.RolePolicy("policy" + i, { role: role.id, policy: role.arn.apply((arn) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: arn }] })) });
}`;

/** The same program against a monitor that returns its inputs. */
const RUN_ONLY = `
const pulumi = require("@pulumi/pulumi");
pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs });
pulumi.runtime.runInPulumiStack(async () => require("./index.js")).then(() => pulumi.runtime.disconnect()).then(() => process.exit());`;

function program(rounds: number, temporary: string): void {
  const folder = path.join(temporary, "program");
  fs.mkdirSync(folder);
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
  fs.writeFileSync(path.join(folder, "index.js"), PROGRAM);
  fs.writeFileSync(path.join(folder, "run.js"), RUN_ONLY);
  const [withoutPack, checked]: [MeasuredRun[], MeasuredRun[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    withoutPack.push(timed(process.execPath, ["run.js"], folder));
    checked.push(command(["check", folder], temporary));
  }
  show("a program of 100 resources, run and not evaluated", median(withoutPack));
  const ratio = median(checked).seconds / median(withoutPack).seconds;
  show(
    "check of it",
    median(checked),
    `${ratio.toFixed(2)}×, goal ≤ 1.5× ${ratio <= 1.5 ? "met" : "MISSED"}`,
  );
}

/** The preview is the real engine's, with the tests' stand-in for the AWS provider. */
async function shop(rounds: number, temporary: string): Promise<void> {
  const example = path.join(ROOT, "examples/shop");
  const runs = Array.from({ length: rounds }, () => command(["check", example], temporary));
  show("check of the example shop", median(runs));
  const pulumi = findPulumi();
  if ("missing" in pulumi) {
    console.log(`pulumi preview of the example shop: ${pulumi.missing}`);
    return;
  }
  const stack = await openStack(example);
  try {
    const previews: MeasuredRun[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const started = process.hrtime.bigint();
      const { code, output } = await stack.pulumi(["preview", "--stack", "dev", "--non-interactive"]);
      previews.push({ seconds: Number(process.hrtime.bigint() - started) / 1e9, status: code, out: output });
    }
    const { status } = median(previews);
    show("pulumi preview of it", median(previews), status === 0 ? "" : `it ended with ${status}`);
  } finally {
    stack.close();
  }
}

/** A stack whose integrations use roles of other stacks, and a log of its failures, with account data. */
function account(quick: boolean, temporary: string): boolean {
  const [resources, roles, lines] = quick ? [2_000, 1_000, 20_000] : [10_000, 5_000, 100_000];
  const [state, iam, log, large] = ["state.json", "iam.json", "access.log", "large.log"].map((name) =>
    path.join(temporary, name),
  ) as [string, string, string, string];
  const { resources: planned, deniedFindings, apis } = accountStack(resources);
  fs.writeFileSync(state, JSON.stringify({ version: 3, deployment: { resources: planned } }));
  fs.writeFileSync(iam, JSON.stringify(accountDetails(roles)));
  fs.writeFileSync(log, logOf(lines, apis));
  const size = `${resources.toLocaleString("en")} resources`;
  const data = `account data of ${roles.toLocaleString("en")} roles`;
  const results: boolean[] = [];
  const row = (
    label: string,
    args: readonly string[],
    goal: { seconds: number; mebibytes: number },
  ): void => {
    const run = command(args, temporary);
    const mandatory = /(\d+) mandatory/.exec(run.out.trim().split("\n").at(-1) ?? "")?.[1];
    const result = run.processor <= goal.seconds && run.memory <= goal.mebibytes;
    const isRight =
      args[0] !== "check" || !args.includes("--account") || mandatory === String(deniedFindings);
    results.push(isRight && run.status === 1);
    show(
      label,
      run,
      `${run.processor.toFixed(2)} s of the processor, goal ${goal.seconds} s, ${goal.mebibytes} MiB ${result ? "met" : "MISSED"}${isRight ? "" : " WRONG"}`,
    );
  };
  row(`check of ${size}`, ["check", state], { seconds: 6, mebibytes: 500 });
  row(`the same with ${data}`, ["check", state, "--account", iam], { seconds: 7, mebibytes: 600 });
  row(
    `diagnose of ${lines.toLocaleString("en")} lines with it`,
    ["diagnose", state, "--log", log, "--account", iam],
    {
      seconds: 9,
      mebibytes: 700,
    },
  );
  if (!quick) {
    fs.writeFileSync(large, "");
    const part = logOf(lines, apis);
    while (fs.statSync(large).size < 200e6) fs.appendFileSync(large, part);
    row("diagnose of a log of 200 MB", ["diagnose", state, "--log", large], { seconds: 30, mebibytes: 600 });
  }
  return !results.includes(false);
}

async function main(): Promise<void> {
  if (!fs.existsSync(COMMAND)) throw new Error("The built command is measured: run npm run build first.");
  const quick = process.argv.includes("--quick");
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  try {
    const withAccount = account(quick, temporary);
    if (process.argv.includes("--account")) return;
    const isRight = states(quick ? [10, 20] : [10, 50, 100, 200, 400], temporary) && withAccount;
    program(quick ? 3 : 7, temporary);
    await shop(quick ? 3 : 7, temporary);
    if (!isRight) process.exitCode = 1;
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

void main();
