/**
 * What the pack costs, beside an empty compiled pack of as many policies in the same run: `npm run bench`, or
 * `npm run bench -- --quick` for the small sizes only. The two take turns, and medians are compared. What the pack
 * finds is checked each time; a wrong finding ends the bench with status 1, a goal that is missed is marked.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { decisions } from "./iam";
import { emptyPack, Pack, stackRequest, type Violation } from "./pack";
import { type BenchStack, largeBody, routesByCallers, services } from "./resources";

const ROOT = path.resolve(__dirname, "..");

interface Row {
  readonly what: string;
  readonly unit: "ms" | "MiB";
  readonly empty: readonly number[];
  readonly pack: readonly number[];
  readonly goal?: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

const COLUMNS = [44, 14, 14, 8, 14] as const;

function line(...cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(COLUMNS[0]) : cell.padStart(COLUMNS[index] ?? 0)))
      .join(""),
  );
}

function show(row: Row): void {
  const empty = median(row.empty);
  const pack = median(row.pack);
  const ratio = pack / empty;
  const figure = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ${row.unit}`;
  const goal = row.goal === undefined ? "" : `≤ ${row.goal}× ${ratio <= row.goal ? "met" : "MISSED"}`;
  line(row.what, figure(empty), figure(pack), `${ratio.toFixed(2)}×`, goal);
}

/** Boots both packs in turn and compares time and memory at rest. */
async function boots(emptyFolder: string, rounds: number): Promise<void> {
  const times: Record<"empty" | "pack", number[]> = { empty: [], pack: [] };
  const memory: Record<"empty" | "pack", number[]> = { empty: [], pack: [] };
  // The first boot of each reads its files from the disk.
  for (let round = -1; round < rounds; round += 1)
    for (const [kind, folder] of [
      ["empty", emptyFolder],
      ["pack", ROOT],
    ] as const) {
      const pack = await Pack.boot(folder);
      await pack.policies();
      const peak = pack.peakMemory();
      pack.stop();
      if (round < 0) continue;
      times[kind].push(pack.bootTime);
      if (peak !== undefined) memory[kind].push(peak);
    }
  show({ what: "boot", unit: "ms", ...times, goal: 1.15 });
  if (memory.empty.length > 0) show({ what: "boot, most memory", unit: "MiB", ...memory, goal: 1.2 });
  else console.log("boot, most memory: this system does not tell");
}

/** What is wrong with the findings on a stack, in words; nothing when they are right. */
function faults(stack: BenchStack, violations: readonly Violation[]): readonly string[] {
  const found = new Set(
    violations.filter((violation) => violation.mandatory).map(({ policy, urn }) => `${policy} ${urn}`),
  );
  return [
    ...stack.expected.filter((expected) => !found.has(expected)).map((expected) => `missed: ${expected}`),
    ...[...found].filter((one) => !stack.expected.includes(one)).map((one) => `false: ${one}`),
    ...violations
      .filter((violation) => violation.policy === "policy-configuration")
      .map((violation) => `said: ${violation.message.split("\n")[1] ?? violation.message}`),
  ];
}

/** Gives both packs the same stack in turn. `true` when what the pack found was right. */
async function analyses(
  what: string,
  stack: BenchStack,
  emptyFolder: string,
  rounds: number,
  goal?: number,
): Promise<boolean> {
  const request = stackRequest(stack.resources);
  const empty = await Pack.boot(emptyFolder);
  const pack = await Pack.boot(ROOT);
  const wrong = new Set<string>();
  const times: Record<"empty" | "pack", number[]> = { empty: [], pack: [] };
  let advice = 0;
  try {
    await empty.policies();
    await pack.policies();
    for (let round = 0; round < rounds; round += 1) {
      times.empty.push((await empty.analyzeStack(request)).time);
      const { time, violations } = await pack.analyzeStack(request);
      times.pack.push(time);
      for (const fault of faults(stack, violations)) wrong.add(fault);
      advice = violations.filter((violation) => !violation.mandatory).length;
    }
    show({ what, unit: "ms", ...times, ...(goal === undefined ? {} : { goal }) });
    const memory = { empty: empty.peakMemory(), pack: pack.peakMemory() };
    if (memory.empty !== undefined && memory.pack !== undefined)
      show({ what: "  most memory", unit: "MiB", empty: [memory.empty], pack: [memory.pack] });
  } finally {
    empty.stop();
    pack.stop();
  }
  const findings = `${stack.expected.length} violations as planted, ${advice} advisory`;
  console.log(wrong.size === 0 ? `  findings: right (${findings})` : `  findings: WRONG`);
  for (const fault of [...wrong].slice(0, 10)) console.log(`    ${fault}`);
  return wrong.size === 0;
}

async function main(): Promise<void> {
  const quick = process.argv.includes("--quick");
  if (!fs.existsSync(path.join(ROOT, "dist/index.js")))
    throw new Error("The built pack is measured: run npm run build first.");
  const probe = await Pack.boot(ROOT);
  const policies = await probe.policies();
  probe.stop();
  const stackPolicies = policies.filter((policy) => policy.stack).length;
  const emptyFolder = emptyPack(stackPolicies, policies.length - stackPolicies);
  let right = true;
  try {
    const cpu = os.cpus()[0]?.model ?? "unknown processor";
    console.log(`node ${process.version}, ${os.cpus().length} × ${cpu}`);
    console.log(
      `${stackPolicies} stack and ${policies.length - stackPolicies} resource policies in either pack`,
    );
    console.log();
    line("", "empty pack", "this pack", "ratio", "goal");
    await boots(emptyFolder, quick ? 3 : 9);
    for (const size of quick ? [1_000, 10_000] : [1_000, 10_000, 50_000])
      for (const world of ["deployed", "first-preview"] as const) {
        const what = `${size.toLocaleString("en")} resources, ${world}`;
        const rounds = quick ? 3 : size < 50_000 ? 7 : 3;
        const goal = size === 1_000 ? undefined : 1.5;
        right = (await analyses(what, services(size, world), emptyFolder, rounds, goal)) && right;
      }
    const [routes, callers] = quick ? [200, 200] : [1_000, 1_000];
    const what = `${routes} IAM routes × ${callers} callers`;
    right = (await analyses(what, routesByCallers(routes, callers), emptyFolder, quick ? 3 : 5, 2)) && right;
    for (const format of ["JSON", "YAML"] as const) {
      const body = `a body of 5 MB with 2,000 operations, ${format}`;
      right = (await analyses(body, largeBody(format), emptyFolder, quick ? 3 : 7)) && right;
    }
  } finally {
    fs.rmSync(emptyFolder, { recursive: true, force: true });
  }
  console.log("\nDeciding alone, in processor time:");
  decisions(quick);
  process.exitCode = right ? 0 : 1;
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
