/** The cost of a report of a large exported state, in a separate process. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type BenchStack, services } from "./resources";

const ROOT = path.resolve(__dirname, "..");

export interface Figure {
  readonly label: string;
  readonly unit: "s" | "MiB";
  /** Milliseconds or mebibytes. */
  readonly value: number;
  readonly goal: number;
}

/** The output of `pulumi stack export`. */
function exported({ resources }: BenchStack, size: number): string {
  // Most of a real state is irrelevant to the pack.
  const filling = "x".repeat(Math.max(0, Math.floor(size / resources.length) - 500));
  return JSON.stringify({
    version: 3,
    deployment: {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "v3.200.0" },
      resources: resources.map(({ type, urn, props, dependencies, propertyDependencies }) => ({
        urn,
        type,
        custom: !type.startsWith("pulumi:pulumi"),
        ...(typeof props.id === "string" ? { id: props.id } : {}),
        inputs: {},
        outputs: type.startsWith("aws:s3") ? { ...props, filling: filling.repeat(8) } : props,
        dependencies,
        propertyDependencies,
      })),
    },
  });
}

export async function reportOfState(quick: boolean): Promise<readonly Figure[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-report-"));
  try {
    const file = path.join(folder, "state.json");
    fs.writeFileSync(
      file,
      exported(services(quick ? 2_000 : 10_000, "deployed"), quick ? 3_000_000 : 16_000_000),
    );
    const size = (fs.statSync(file).size / 1_000_000).toFixed(0);
    const { cpu, memory } = await usageOf([
      path.join(ROOT, "dist/cli/index.js"),
      "report",
      file,
      "--format",
      "json",
    ]);
    const label = `report of a state of ${size} MB`;
    return [
      { label, unit: "s", value: cpu, goal: 3.3 },
      { label: `${label}: most memory`, unit: "MiB", value: memory, goal: 250 },
    ];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a Node command to its end. */
function usageOf(args: readonly string[]): Promise<{ cpu: number; memory: number }> {
  const hook = path.join(__dirname, "at-exit.cjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["-r", hook, ...args], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("error", reject);
    child.on("message", (usage) => resolve(usage as { cpu: number; memory: number }));
    child.on("exit", (code) => reject(new Error(`the report ended with ${code} and printed nothing`)));
  });
}
