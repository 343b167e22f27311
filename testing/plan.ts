import { randomUUID } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve, sep } from "node:path";
import { partitionOfRegion } from "../aws";
import type { Plan, PlannedResource } from "../engine/model";
import type { CodePosition, SourcePosition } from "../engine/source";
import type { Properties } from "../engine/values";
import type { FindPlugin } from "./components";
import { answersByName, type DataSourceAnswers } from "./data-sources";
import { eventLoop } from "./event-loop";
import { isEsModule, loadModules } from "./modules";
import { type DeploymentState, Monitor } from "./monitor";
import { clientOf } from "./monitor-endpoints";
import type { MonitorServer } from "./monitor-server";
import { rememberFolder, type Sdk, type Store, sdkOf } from "./sdk";
import { withPlainStackTraces } from "./stack-traces";

/** A Pulumi program: it declares resources and may return the stack's outputs. */
export type Program = () => unknown;

/** The moment, the stack and the AWS environment that {@link plan} simulates. Only `as` is required. */
export interface PlanOptions {
  /**
   * The moment to plan for:
   * - `"first-preview"`: nothing is deployed; computed values of AWS (ARNs, ids) are unknown;
   * - `"deployed"`: everything is deployed; nothing is unknown;
   * - `{ update: before }`: a preview in which the resources of an earlier plan exist and the others are new. A
   *   function in place of the plan decides for each resource whether it exists.
   */
  as:
    | "first-preview"
    | "deployed"
    | { update: Plan | ((resource: { urn: string; type: string; name: string }) => boolean) };
  /** Default: `project`. */
  project?: string;
  /** Default: `dev`. */
  stack?: string;
  /** The stack's configuration. A key without a namespace belongs to the project. */
  config?: Record<string, string>;
  /** The keys of {@link config} that are secrets. */
  secretConfig?: readonly string[];
  /** The region of the default provider. Default: `aws:region` of the configuration, or `us-east-1`. */
  region?: string;
  /** Twelve digits. Default: `123456789012`. */
  account?: string;
  /**
   * The outputs of other stacks, by name, for the program's StackReferences. A function in their place may return
   * undefined: the outputs are then unknown.
   */
  stackReferences?: Record<string, Properties> | ((name: string) => Properties | undefined);
  /** Whether the program runs as in a preview. Default: unless it is planned as deployed. */
  dryRun?: boolean;
  /**
   * Results of data sources, by their name in a program: `{ "aws.ec2.getSubnets": { ids: ["subnet-1"] } }`. A function
   * in place of the properties receives the arguments. All others are simulated.
   */
  answers?: DataSourceAnswers;
  /**
   * The folder whose copy of `@pulumi/pulumi` the program uses, where several are loaded. Default: that of {@link
   * programFrom}, or the loaded copy.
   */
  sdk?: string;
  /**
   * The line in the project's own files of a position in the running code, which may be compiled. Without it resources
   * have no {@link PlannedResource.source}.
   */
  locate?: (position: CodePosition) => SourcePosition | undefined;
}

/** Programs run one at a time: an unhandled error belongs to the running program. */
let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs a Pulumi program without cloud or CLI and returns the resources that it declares.
 *
 * The program runs in a separate Pulumi runtime, so that plans do not share settings; concurrent plans run one after
 * another.
 *
 * Work that the program starts without awaiting it, such as a `main()` that waits for a file, has one second to finish,
 * since other code in the process may be active, too. Return its promise from the program instead.
 *
 * @throws The program's own error, if it fails: thrown at its top level, in an `apply`, or by a registration.
 */
export function plan(program: Program, options: PlanOptions): Promise<Plan> {
  return withoutRemoteComponents(runPlan(program, options));
}

const withoutRemoteComponents = async (planned: Promise<PartialPlan>): Promise<Plan> => {
  const { remoteComponents: _none, ...plan } = await planned;
  return plan;
};

/** The same, with new suffixes for the names that the engine generates, as for resources that do not exist yet. */
export function planWithNewNames(program: Program, options: PlanOptions): Promise<Plan> {
  return withoutRemoteComponents(runPlan(program, options, { nameSeed: randomUUID() }));
}

/**
 * The same for a program that has the process to itself and is finished when no handle is open; with the plugins that
 * construct remote components.
 */
export function planUntilIdle(
  program: Program,
  options: PlanOptions,
  find: FindPlugin,
): Promise<PartialPlan> {
  return runPlan(program, options, { find, timeout: Number.POSITIVE_INFINITY });
}

/** A plan, and its missing parts. */
export interface PartialPlan extends Plan {
  /** The URNs of components with a missing plugin: their parts are not in the plan. */
  readonly remoteComponents: readonly string[];
}

interface RunOptions {
  readonly nameSeed?: string;
  readonly find?: FindPlugin;
  /** The maximum time for which the program may continue after it has returned, in milliseconds. */
  readonly timeout?: number;
}

/** Other code in the process may be active, too. */
const DEFAULT_TIMEOUT = 1_000;

function runPlan(program: Program, options: PlanOptions, internals: RunOptions = {}): Promise<PartialPlan> {
  const next = lastRun.then(() => {
    const sdk = sdkOf(program, options.sdk);
    return sdk.isolated((store) =>
      withPlainStackTraces(options.locate !== undefined, () =>
        run(program, options, internals, { sdk, store }),
      ),
    );
  });
  lastRun = next.catch(() => undefined);
  return next;
}

/** The SDK of a program, with its state while the program runs. */
interface Runtime {
  readonly sdk: Sdk;
  readonly store: Store;
}

async function run(
  program: Program,
  options: PlanOptions,
  { nameSeed, find, timeout = DEFAULT_TIMEOUT }: RunOptions,
  { sdk, store }: Runtime,
): Promise<PartialPlan> {
  const { runtime } = sdk;
  const state = deploymentState(options, nameSeed);
  // Plugins connect to the monitor through a server, which is started when one of them is needed.
  let server: Promise<MonitorServer> | undefined;
  const address = async (): Promise<string> => {
    server ??= import("./monitor-server").then(({ serve }) => serve(monitor, sdk));
    return (await server).address;
  };
  const [dryRun, secrets] = [
    isDryRun(options),
    [...(options.secretConfig ?? [])].map(fullKey(state.project)),
  ];
  const monitor = new Monitor(state, sdk, find && { ...state, find, secrets, dryRun, address });
  const client = clientOf(monitor);
  runtime.setMockOptions(client, state.project, state.stack, dryRun);
  runtime.setAllConfig(state.config, secrets);
  const log = new Log();
  store.settings.engine = log;
  store.settings.monitor = client;
  try {
    const { untilIdle: quiet } = eventLoop();
    await untilFailure(async (signal) => {
      await runtime.runInPulumiStack(async () => program());
      await quiet(() => runtime.waitForRPCs(), { timeout, signal, hasPlugins: () => server !== undefined });
      await runtime.disconnect();
    });
  } finally {
    store.callbacks?.shutdown();
    monitor.close();
    (await server)?.close();
  }
  const [first] = log.errors;
  if (first !== undefined) throw new Error(first);
  if (monitor.resources.size === 0) {
    throw new Error(`the program did not run with the @pulumi/pulumi in ${sdk.folder}: see the option "sdk"`);
  }
  return {
    project: state.project,
    stack: state.stack,
    resources: monitor.plannedResources(),
    remoteComponents: [...monitor.remoteComponents],
  };
}

/** The deployment that the options describe. */
export function deploymentState(options: PlanOptions, nameSeed?: string): DeploymentState {
  const project = options.project ?? "project";
  const config = Object.fromEntries(
    Object.entries(options.config ?? {}).map(([key, value]) => [fullKey(project)(key), value]),
  );
  const region = options.region ?? config["aws:region"] ?? "us-east-1";
  return {
    project,
    stack: options.stack ?? "dev",
    place: { region, account: options.account ?? "123456789012", partition: partitionOfRegion(region) },
    config: { ...config, "aws:region": region },
    stackReference: outputsByStack(options.stackReferences ?? {}),
    answers: answersByName(options.answers ?? {}),
    ...(nameSeed === undefined ? {} : { nameSeed }),
    exists: existsAt(options.as),
    locate: options.locate ?? (() => undefined),
  };
}

/** Whether a program runs as in a preview. */
export function isDryRun({ as, dryRun }: Pick<PlanOptions, "as" | "dryRun">): boolean {
  return dryRun ?? as !== "deployed";
}

function outputsByStack(
  references: NonNullable<PlanOptions["stackReferences"]>,
): DeploymentState["stackReference"] {
  return typeof references === "function" ? references : (name) => references[name] ?? {};
}

const fullKey =
  (project: string) =>
  (key: string): string =>
    key.includes(":") ? key : `${project}:${key}`;

function existsAt(as: PlanOptions["as"]): DeploymentState["exists"] {
  if (as === "deployed") return () => true;
  if (as === "first-preview") return () => false;
  if (typeof as.update === "function") return as.update;
  const existingUrns = new Set(as.update.resources.map(({ urn }) => urn));
  return ({ urn }) => existingUrns.has(urn);
}

/** Replaces the engine's log: a program that logs an error has failed, other messages are not printed. */
class Log {
  readonly errors: string[] = [];

  log(request: { getSeverity(): number; getMessage(): string }, callback: (error: null) => void): void {
    if (request.getSeverity() === ERROR) this.errors.push(request.getMessage());
    callback(null);
  }

  setRootResource(_request: unknown, callback: (error: null) => void): void {
    callback(null);
  }

  close(): void {}
}

const ERROR = 3;

/**
 * Runs a program to its end, or to its first unhandled rejection: an `apply` that throws rejects outputs that are not
 * awaited, and leaves those that depend on them pending forever. A program that awaits a promise that never settles
 * fails, too, as soon as the process has nothing else to do.
 */
async function untilFailure(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const aborter = new AbortController();
  const previousListeners = process.listeners("unhandledRejection");
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const listener = (error: unknown): void => fail(error);
  const idle = (): void =>
    fail(new Error("the program never finishes: it awaits a promise that never settles"));
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listener);
  process.on("beforeExit", idle);
  try {
    await Promise.race([work(aborter.signal), failed]);
    await waitForTurns();
    await Promise.race([failed, Promise.resolve()]);
  } catch (error) {
    // The same error rejects several promises; all of them are given time to be noticed here.
    await waitForTurns();
    throw error;
  } finally {
    aborter.abort();
    process.off("unhandledRejection", listener);
    process.off("beforeExit", idle);
    for (const listenerToRestore of previousListeners) process.on("unhandledRejection", listenerToRestore);
  }
}

/** Unhandled rejections are reported between turns of the event loop. */
async function waitForTurns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}

/**
 * The program in a folder, as the Pulumi CLI would run it: the given entry (as `main` in a Pulumi.yaml), else the
 * `main` of its package.json, else its index file, loaded again for each run. ES modules are compiled to CommonJS with
 * the program's TypeScript, or with that of its `@pulumi/pulumi`.
 */
export function programFrom(folder: string, entry?: string): Program {
  const root = resolve(folder);
  return rememberFolder(root, async () => {
    const unloadModules = loadModules(root);
    try {
      const requireFromProgram = createRequire(join(root, "package.json"));
      const file = requireFromProgram.resolve(join(root, entry ?? entryOf(root)));
      // Modules are cached under their real paths.
      const folders = [root, realpathSync(root)].map((name) => name + sep);
      for (const cachedFile of Object.keys(requireFromProgram.cache)) {
        if (
          folders.some((name) => cachedFile.startsWith(name)) &&
          !cachedFile.includes(`${sep}node_modules${sep}`)
        )
          delete requireFromProgram.cache[cachedFile];
      }
      const exported: unknown = await requireFromProgram(file);
      const program = isEsModule(file) ? defaultExport(exported) : exported;
      return await (typeof program === "function" ? program() : program);
    } finally {
      unloadModules();
    }
  });
}

/** https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/run.ts */
function defaultExport(exported: unknown): unknown {
  if (typeof exported !== "object" || exported === null || !Object.hasOwn(exported, "default"))
    return exported;
  if (Object.keys(exported).length > 1)
    throw new Error(
      "expected entrypoint module to have either a default export or named exports but not both",
    );
  return (exported as { default: unknown }).default;
}

function entryOf(root: string): string {
  try {
    const { main } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return typeof main === "string" ? main : "index";
  } catch {
    return "index";
  }
}
