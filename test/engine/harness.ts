/**
 * Runs the Pulumi CLI on a program, with the simulated AWS provider and a local backend.
 * Nothing outside the temporary folder is written, and no account is needed.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { type ServedProvider, serveProvider } from "../../testing/provider";

/** The repository's root folder: the policy pack. */
export const PACK = resolve(__dirname, "../..");

/**
 * The timeout of a test, in milliseconds. A test runs up to ten commands of several seconds each, and many times as
 * long on a busy machine.
 */
export const TIME_LIMIT = 900_000;

/** The result of a command. */
export interface PulumiResult {
  code: number;
  /** Both streams, in the order they were written. */
  output: string;
}

/** Runs `pulumi` with these arguments in a folder. */
export interface Engine {
  /** A folder for the files of a test. {@link close} removes it. */
  root: string;
  pulumi(
    folder: string,
    args: readonly string[],
    environment?: Record<string, string>,
  ): Promise<PulumiResult>;
  close(): void;
}

/** A stack of one program. */
export interface EngineStack {
  folder: string;
  /** Runs `pulumi` with these arguments in the program's folder. */
  pulumi(args: readonly string[], environment?: Record<string, string>): Promise<PulumiResult>;
  close(): void;
}

/** A backend other than a folder: the address of a service, and the organization of the stacks. */
export interface Backend {
  url: string;
  organization: string;
}

/** The path of the `pulumi` command, or the reason why the tests that need it cannot run. */
export function findPulumi(path = process.env.PATH ?? ""): { file: string } | { missing: string } {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const file = path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
  return file === undefined ? { missing: "the pulumi command is not on PATH" } : { file };
}

/** Declares tests that need the `pulumi` command. Without it they are skipped, with the reason in the title. */
export function describeWithPulumi(title: string, tests: (this: Mocha.Suite) => void): void {
  const found = findPulumi();
  if ("missing" in found) describe.skip(`${title} [${found.missing}]`, tests);
  else describe(title, tests);
}

/**
 * Starts the simulated provider and creates the folders that the command writes to.
 *
 * @throws If there is no `pulumi` command.
 */
export async function openEngine(backend?: Backend): Promise<Engine> {
  const found = findPulumi();
  if ("missing" in found) throw new Error(found.missing);
  const root = mkdtempSync(join(tmpdir(), "pulumi-engine-"));
  for (const part of ["backend", "home"]) mkdirSync(join(root, part));
  const provider = await serveProvider();
  const common = environmentIn(root, provider, backend);
  return {
    root,
    pulumi: (folder, args, environment = {}) => run(found.file, args, folder, { ...common, ...environment }),
    close: () => {
      provider.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/**
 * Creates a stack named `dev` with a copy of a program.
 *
 * @throws With the command's output, if the stack cannot be created.
 */
export async function openStack(program: string, backend?: Backend): Promise<EngineStack> {
  const engine = await openEngine(backend);
  const folder = join(engine.root, "program");
  const stack: EngineStack = {
    folder,
    pulumi: (args, environment) => engine.pulumi(folder, args, environment),
    close: engine.close,
  };
  try {
    cpSync(program, folder, { recursive: true, filter: (file) => !file.includes("node_modules") });
    symlinkSync(join(PACK, "node_modules"), join(folder, "node_modules"), "junction");
    const [verb, name] = backend === undefined ? ["init", "dev"] : ["select", `${backend.organization}/dev`];
    const created = await stack.pulumi(["stack", verb, name, "--non-interactive"]);
    if (created.code !== 0) throw new Error(`pulumi stack ${verb} failed:\n${created.output}`);
  } catch (error) {
    stack.close();
    throw error;
  }
  return stack;
}

function environmentIn(root: string, provider: ServedProvider, backend?: Backend): Record<string, string> {
  return {
    AWS_REGION: "us-east-1",
    NO_COLOR: "1",
    PULUMI_ACCESS_TOKEN: "of-the-stand-in",
    PULUMI_BACKEND_URL: backend?.url ?? `file://${join(root, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DEBUG_PROVIDERS: `aws:${provider.port}`,
    // Otherwise each new home downloads AWS's provider (hundreds of megabytes), although the simulated provider is
    // used.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_HOME: join(root, "home"),
    // The programs are type-checked elsewhere; skipping it here saves most of a run's time.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

function run(
  file: string,
  args: readonly string[],
  cwd: string,
  environment: Record<string, string>,
): Promise<PulumiResult> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const appendOutput = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", appendOutput);
    child.stderr.on("data", appendOutput);
    child.on("error", fail);
    child.on("close", (code) => done({ code: code ?? -1, output }));
  });
}

/** The violations that the CLI printed: `mandatory iam-route-caller-lambda-invoke`. */
export function violations({ output }: PulumiResult): string[] {
  const found = output.matchAll(/^ *- \[(mandatory|advisory)\](?: +\[severity: \w+\])? +([a-z-]+)/gm);
  return [...new Set([...found].map(([, level, policy]) => `${level} ${policy}`))].sort();
}
