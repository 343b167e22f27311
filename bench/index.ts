/**
 * The cost of the pack: `npm run bench`, or `npm run bench -- --quick` for the small sizes only. In each row the pack
 * alternates with an empty compiled pack on the same requests, and medians of processor time are compared. The pack's
 * findings are checked each time; a wrong finding ends the bench with status 1, a missed goal is marked.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findChromium } from "../test/support/browser";
import { decisions } from "./iam";
import { emptyPack, Pack, stackRequest, type Usage, type Violation } from "./pack";
import { accessMap } from "./page";
import { reportOfState } from "./report";
import type { BenchStack, Moment } from "./resources";
import { type Goal, pairs, type Row, rows, singles } from "./rows";

const ROOT = path.resolve(__dirname, "..");

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

const COLUMNS = [64, 13, 13, 8, 18] as const;

function line(...cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(COLUMNS[0]) : cell.padStart(COLUMNS[index] ?? 0)))
      .join(""),
  );
}

function figure(value: number, unit: "s" | "MiB"): string {
  return unit === "MiB" ? `${value.toFixed(0)} MiB` : `${(value / 1000).toFixed(2)} s`;
}

/** One line: the empty pack, this pack, their ratio, and the goal. */
function showComparison(
  label: string,
  unit: "s" | "MiB",
  [empty, pack]: readonly [number, number],
  goal: Goal,
): void {
  const ratio = pack / empty;
  const limit = unit === "s" ? goal.seconds : goal.mebibytes;
  const times = unit === "s" ? goal.times : goal.timesMemory;
  const [goalLimit, isMet] =
    times !== undefined
      ? [`≤ ${times}×`, ratio <= times]
      : limit !== undefined
        ? [`≤ ${limit} ${unit}`, (unit === "s" ? pack / 1000 : pack) <= limit]
        : ["", true];
  const goalText = goalLimit === "" ? "" : `${goalLimit} ${isMet ? "met" : "MISSED"}`;
  line(label, figure(empty, unit), figure(pack, unit), `${ratio.toFixed(2)}×`, goalText);
}

/** Boots both packs in turn and compares processor time and memory at rest. */
async function boots(emptyFolder: string, rounds: number): Promise<void> {
  const used: Record<"empty" | "pack", Usage[]> = { empty: [], pack: [] };
  // The first boot of each reads its files from the disk.
  for (let round = -1; round < rounds; round += 1)
    for (const [kind, folder] of [
      ["empty", emptyFolder],
      ["pack", ROOT],
    ] as const) {
      const pack = await Pack.boot(folder);
      await pack.policies();
      const usage = await pack.usage();
      pack.stop();
      if (round >= 0) used[kind].push(usage);
    }
  const medianOf = (kind: "empty" | "pack", resource: keyof Usage): number =>
    median(used[kind].map((usage) => usage[resource]));
  showComparison("boot", "s", [medianOf("empty", "cpu"), medianOf("pack", "cpu")], { times: 1.05 });
  showComparison("boot: most memory", "MiB", [medianOf("empty", "memory"), medianOf("pack", "memory")], {
    timesMemory: 1.05,
  });
}

/** The differences from the expected findings on a stack, as text; empty when they are right. */
function wrongFindings(stack: BenchStack, violations: readonly Violation[]): readonly string[] {
  const findings = violations.filter(({ mandatory }) => mandatory);
  const foundFindings = new Set(findings.map(({ policy, urn }) => `${policy} ${urn}`));
  // A policy with many findings reports how many it omits.
  const omittedByPolicy = new Map(
    findings.flatMap(({ policy, message }) => {
      const count = /(\d+) more findings of this policy are not shown/.exec(message)?.[1];
      return count === undefined ? [] : [[policy, Number(count)] as const];
    }),
  );
  const missedFindings = stack.expected.filter((expected) => {
    const policy = expected.slice(0, expected.indexOf(" "));
    const left = omittedByPolicy.get(policy) ?? 0;
    if (foundFindings.has(expected) || left === 0) return !foundFindings.has(expected);
    omittedByPolicy.set(policy, left - 1);
    return false;
  });
  return [
    ...missedFindings.map((expected) => `missed: ${expected}`),
    ...[...foundFindings]
      .filter((text) => !stack.expected.includes(text) && !text.endsWith(" "))
      .map((text) => `false: ${text}`),
    ...[...omittedByPolicy]
      .filter(([, left]) => left > 0)
      .map(([policy, left]) => `false: ${left} findings of ${policy} that are not shown`),
    ...violations
      .filter(({ policy }) => policy === "policy-configuration")
      .map(({ message }) => `reported: ${message.split("\n")[1] ?? message}`),
  ];
}

/** A pack on a stack: processor time for each request, the peak memory, and the wrong findings. */
async function startPack(
  folder: string,
  stack: BenchStack,
  request: Uint8Array,
): Promise<{ pack: Pack; analyzeOnce: () => Promise<{ time: number; wrongFindings: readonly string[] }> }> {
  const pack = await Pack.boot(folder);
  await pack.policies();
  if (folder === ROOT && stack.configuration !== undefined) await pack.configure(stack.configuration);
  return {
    pack,
    analyzeOnce: async () => {
      const { time, violations } = await pack.analyzeStack(request);
      return { time, wrongFindings: folder === ROOT ? wrongFindings(stack, violations) : [] };
    },
  };
}

/** Gives both packs the same stack in turn. `true` when the pack's findings were right. */
async function analyses(row: Row, moment: Moment, empties: readonly string[]): Promise<boolean> {
  const stack = row.stack(moment);
  const request = stackRequest(stack.resources);
  const goal = row.goal(moment);
  const empty = await startPack(empties[row.againstOne === true ? 1 : 0] ?? "", stack, request);
  const pack = await startPack(ROOT, stack, request);
  const failed = new Set<string>();
  const times: Record<"empty" | "pack", number[]> = { empty: [], pack: [] };
  try {
    for (let round = 0; round < row.rounds; round += 1) {
      times.empty.push((await empty.analyzeOnce()).time);
      const { time, wrongFindings } = await pack.analyzeOnce();
      times.pack.push(time);
      for (const fault of wrongFindings) failed.add(fault);
    }
    // A process of the engine's handles only one stack: users wait for the first request.
    const typical = row.rounds > 3 ? median : (values: readonly number[]) => values[0] ?? Number.NaN;
    const label = `${row.label}, ${moment}`;
    showComparison(label, "s", [typical(times.empty), typical(times.pack)], goal);
    const memory = [(await empty.pack.usage()).memory, (await pack.pack.usage()).memory] as const;
    showComparison("  most memory", "MiB", memory, goal);
  } finally {
    empty.pack.stop();
    pack.pack.stop();
  }
  const right = `  findings: right (${stack.expected.length} as planted)`;
  console.log(failed.size === 0 ? right : "  findings: WRONG");
  for (const fault of [...failed].slice(0, 10)) console.log(`    ${fault}`);
  return failed.size === 0;
}

/** Each dimension doubled separately: the ratio of the times. */
async function doubled(quick: boolean): Promise<void> {
  line("\ntwice as much of", "once", "twice", "ratio", "goal");
  for (const [dimensions, goal] of [
    [singles, 2.2],
    [pairs, 4.4],
  ] as const)
    for (const { label, stack, size } of dimensions)
      for (const moment of ["deployed", "first-preview"] as const) {
        const times: number[] = [];
        for (const factor of [1, 2]) {
          const doubledStack = stack(Math.ceil((size * factor) / (quick ? 4 : 1)), moment);
          const { pack, analyzeOnce } = await startPack(
            ROOT,
            doubledStack,
            stackRequest(doubledStack.resources),
          );
          // Compilation along the way is not part of the growth.
          const rounds = [await analyzeOnce(), await analyzeOnce(), await analyzeOnce()];
          times.push(median(rounds.map(({ time }) => time)));
          pack.stop();
        }
        const [single = Number.NaN, double = Number.NaN] = times;
        const ratio = double / single;
        const goalText = `≤ ${goal}× ${ratio <= goal ? "met" : "MISSED"}`;
        line(
          `  ${label}, ${moment}`,
          figure(single, "s"),
          figure(double, "s"),
          `${ratio.toFixed(2)}×`,
          goalText,
        );
      }
}

async function main(): Promise<void> {
  const quick = process.argv.includes("--quick");
  const rowName = process.argv.slice(2).find((arg) => !arg.startsWith("--"));
  if (!fs.existsSync(path.join(ROOT, "dist/index.js")))
    throw new Error("The built pack is measured: run npm run build first.");
  const probe = await Pack.boot(ROOT);
  const policies = await probe.policies();
  probe.stop();
  const stackPolicies = policies.filter((policy) => policy.stack).length;
  const empties = [emptyPack(stackPolicies, policies.length - stackPolicies), emptyPack(1, 0)];
  let right = true;
  try {
    const cpu = os.cpus()[0]?.model ?? "unknown processor";
    console.log(`node ${process.version}, ${os.cpus().length} × ${cpu}; times are processor time`);
    const kinds = `${stackPolicies} stack and ${policies.length - stackPolicies} resource policies`;
    console.log(`${kinds} in each pack; one stack policy where noted\n`);
    line("", "empty pack", "this pack", "ratio", "goal");
    if (rowName === undefined) await boots(empties[0] ?? "", quick ? 3 : 9);
    for (const row of rows(quick))
      if (rowName === undefined || row.label.includes(rowName))
        for (const moment of row.moments) right = (await analyses(row, moment, empties)) && right;
    if (rowName === undefined) {
      const chromium = findChromium();
      const map = "missing" in chromium ? [] : await accessMap(quick);
      const figures = [...(await reportOfState(quick)), ...map];
      for (const { label, unit, value, goal } of figures)
        line(label, "", figure(value, unit), "", `≤ ${goal} ${unit}`);
      if ("missing" in chromium) console.log(`access map: skipped (${chromium.missing})`);
      await doubled(quick);
      console.log("\nDecisions only, in processor time:");
      decisions(quick);
    }
  } finally {
    for (const folder of empties) fs.rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = right ? 0 : 1;
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
