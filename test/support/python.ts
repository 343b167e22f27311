import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { onPath } from "../../programs/child-process";

/** Kept between runs, because pulumi-aws has 300 MB. */
export const ENVIRONMENT = path.resolve(__dirname, "../../node_modules/.cache/apigateway-lambda-access/venv");

/** Creates a virtual environment with the packages. Returns the reason if that is not possible. */
export function pythonEnvironment(environment = ENVIRONMENT): { missing: string } | undefined {
  const python = onPath("python3");
  if (python === undefined) return { missing: "python3 is not on PATH" };
  const isComplete = (): boolean => fs.existsSync(path.join(environment, "done"));
  if (isComplete()) return undefined;
  // Test files in two processes may create it at the same time.
  const created = `${environment}.${process.pid}`;
  try {
    const steps: [string, string[]][] = [
      [python, ["-m", "venv", "--clear", created]],
      [path.join(created, "bin/pip"), ["install", "-q", "pulumi>=3,<4", "pulumi-aws>=7,<8"]],
    ];
    for (const [file, args] of steps) {
      const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
      if (status !== 0) return { missing: `no virtual environment: ${stderr?.trim().split("\n").at(-1)}` };
    }
    fs.writeFileSync(path.join(created, "done"), "");
    if (!isComplete()) {
      fs.rmSync(environment, { recursive: true, force: true });
      fs.renameSync(created, environment);
    }
  } catch (error) {
    if (!isComplete()) throw error;
  } finally {
    fs.rmSync(created, { recursive: true, force: true });
  }
  return undefined;
}
