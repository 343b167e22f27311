import { readFileSync, statSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { decoded, withoutByteOrderMark } from "../account/encoding";
import type { Plan, PlannedResource } from "../engine/model";
import { isState, mayBeRead, planFromState } from "../engine/state";
import type { Properties } from "../engine/values";
import type { MissingPlugin } from "../messages/missing-parts";
import { nameAndRuntime, type ProgramOptions, planOfProgram, projectFile } from "../programs";
import { errorMessage, isThrown, isTooDeep, UserError } from "../programs/user-error";
import type { Input } from "../report/model";
import { isPreview, planFromPreview } from "../testing";
import { printToStderr } from "./output";
import { StackOutputs } from "./stack-outputs";
import { jsonFilesIn } from "./state-files";

/** One input, read. */
export interface ReadInput {
  readonly input: Input;
  readonly plan: Plan;
  /** The file of the user's repository that represents it: a program's project file, else the state's own. */
  readonly file: string;
  /** Entries that are not resources. */
  readonly skippedEntries: readonly string[];
  /** The resources that a preview removes. */
  readonly removed?: readonly PlannedResource[];
  /** The deployed resources according to the state; absent for a program. */
  readonly existing?: readonly PlannedResource[];
  /** The URNs of components whose parts are missing in it. */
  readonly remoteComponents: readonly string[];
  /** The packages with a missing plugin, and the reason. */
  readonly missingPlugins: ReadonlyMap<string, MissingPlugin>;
  /** Stacks that its program refers to and that are not among the inputs: their outputs are unknown. */
  readonly missingStacks: readonly string[];
  /** The runtime of its program, where it is known. */
  readonly runtime?: string;
}

/**
 * Reads the inputs of the command line: exported states and previews, `-` for one on standard input, folders of states,
 * folders of programs. Programs get the outputs of the stacks of the other inputs.
 *
 * @throws {UserError} If one of them cannot be read, or two contain the same stack.
 */
export async function readInputs(
  names: readonly string[],
  options: ProgramOptions,
  progress: (step: string) => void,
): Promise<readonly ReadInput[]> {
  const inputs = names.flatMap(inputsIn);
  const read = new Map<string, ReadInput>();
  const outputs = new StackOutputs();
  for (const { name, kind } of inputs) {
    if (kind === "program") continue;
    progress(`reading ${name === "-" ? "standard input" : name}`);
    const input = await readStateOrPreview(name, kind === "in-folder");
    if (input !== undefined) {
      read.set(name, input);
      outputs.add(input.plan);
    }
  }
  const programs = inputs.filter(({ kind }) => kind === "program").map(({ name }) => name);
  for (const input of await runPrograms(programs, options, outputs, progress))
    read.set(input.input.name, input);
  const inputsInOrder = inputs.flatMap(({ name }) => read.get(name) ?? []);
  if (inputsInOrder.length === 0) throw new UserError(`no exported state in ${names.join(", ")}`);
  refuseSameStack(inputsInOrder);
  return inputsInOrder;
}

interface NamedInput {
  readonly name: string;
  readonly kind: "program" | "state" | "in-folder";
}

/** A folder without a program is read as a folder of exported states. */
function inputsIn(name: string): readonly NamedInput[] {
  if (!isFolder(name)) return [{ name, kind: "state" }];
  if (projectFile(name) !== undefined) return [{ name, kind: "program" }];
  const files = jsonFilesIn(name);
  if (files.length === 0)
    throw new UserError(`${name} contains neither a Pulumi.yaml nor exported states (*.json)`);
  return files.map((file) => ({ name: file, kind: "in-folder" }));
}

function refuseSameStack(read: readonly ReadInput[]): void {
  const names = new Map<string, string>();
  for (const { input, plan } of read) {
    // The stack of an empty state is unknown.
    if (plan.resources.length === 0) continue;
    const stack = `${plan.project}/${plan.stack}`;
    const firstInput = names.get(stack);
    if (firstInput !== undefined)
      throw new UserError(
        `${firstInput} and ${input.name} both contain the stack ${stack}; specify each stack once`,
      );
    names.set(stack, input.name);
  }
}

/**
 * Runs programs after those that they refer to. A program that refers to a stack that is not among the inputs runs as in
 * a preview, since programs handle unknown outputs only there.
 */
async function runPrograms(
  names: readonly string[],
  options: ProgramOptions,
  outputs: StackOutputs,
  progress: (step: string) => void,
): Promise<readonly ReadInput[]> {
  const read: ReadInput[] = [];
  let pending = names;
  while (pending.length > 0) {
    const previous = pending;
    pending = [];
    for (const name of previous) {
      progress(`running ${name}`);
      const input = await runIfStacksKnown(name, options, outputs);
      if (input === undefined) pending = [...pending, name];
      else {
        read.push(input);
        outputs.add(input.plan);
      }
    }
    const [first, ...rest] = pending;
    if (first === undefined || pending.length < previous.length) continue;
    const input = await runWithUnknownStacks(first, options, outputs);
    read.push(input);
    outputs.add(input.plan);
    pending = rest;
  }
  return read;
}

/** Runs a program unless it refers to a stack that was not read. */
async function runIfStacksKnown(
  name: string,
  options: ProgramOptions,
  outputs: StackOutputs,
): Promise<ReadInput | undefined> {
  let isMissing = false;
  const outputsOf = (reference: string, project: string): Properties => {
    const known = outputs.outputsOf(reference, project);
    if (known !== undefined) return known;
    isMissing = true;
    throw new Error(`the stack ${reference} is not among the inputs`);
  };
  try {
    const read = await runProgram(name, { ...options, outputsOf });
    return isMissing ? undefined : read;
  } catch (error) {
    if (isMissing) return undefined;
    throw error;
  }
}

async function runWithUnknownStacks(
  name: string,
  options: ProgramOptions,
  outputs: StackOutputs,
): Promise<ReadInput> {
  const missing = new Set<string>();
  const outputsOf = (reference: string, project: string): Properties | undefined => {
    const known = outputs.outputsOf(reference, project);
    if (known === undefined) missing.add(reference);
    return known;
  };
  const read = await runProgram(name, { ...options, outputsOf, dryRun: true });
  return { ...read, missingStacks: [...missing].sort() };
}

/** @throws {UserError} If there is neither. */
export function isFolder(name: string): boolean {
  if (name === "-") return false;
  try {
    return statSync(name).isDirectory();
  } catch {
    throw new UserError(`no such file or folder: ${name}`);
  }
}

async function runProgram(name: string, options: ProgramOptions): Promise<ReadInput> {
  const { remoteComponents, missingPlugins, runtime, ...plan } = await planOfProgram(name, options);
  return {
    input: inputOf(name, options.as, plan),
    plan,
    file: projectFile(name) ?? name,
    skippedEntries: [],
    remoteComponents,
    missingPlugins,
    runtime,
    missingStacks: [],
  };
}

/** A file in a folder that is neither a state nor a preview is skipped with a message. */
async function readStateOrPreview(name: string, inFolder: boolean): Promise<ReadInput | undefined> {
  const text = await readText(name);
  const displayName = name === "-" ? "standard input" : name;
  if (text.trim() === "") throw new UserError(`${displayName} is empty`);
  const content = parseJson(text, displayName);
  const preview = isPreview(content);
  if (inFolder && !preview && !isState(content)) {
    printToStderr(`warning: ${name} is neither an exported state nor a preview; skipped`);
    return undefined;
  }
  try {
    const read = preview ? planFromPreview(content) : planFromState(content, isNeeded);
    const { leftOut: skippedEntries, removed = [], existing = read.resources, ...plan } = read;
    // In the folder of a program its state is usually piped, or exported to a temporary file.
    const file = projectFile(".") ?? (name === "-" ? "state.json" : name);
    return {
      input: inputOf(name, preview ? "preview" : "state", plan),
      plan,
      file,
      skippedEntries,
      removed,
      existing,
      remoteComponents: [],
      missingPlugins: new Map(),
      missingStacks: [],
      ...runtimeInCurrentFolder(plan.project),
    };
  } catch (error) {
    // Problems of an input are thrown as Error itself; any other class is an internal error.
    if (!isTooDeep(error) && !(isThrown(error, Error) && error.name === "Error")) throw error;
    throw new UserError(`${displayName} cannot be read: ${errorMessage(error)}`);
  }
}

/** The resources that the pack reads, and those that Pulumi itself needs: stacks, for their outputs, and providers. */
function isNeeded(type: string): boolean {
  return mayBeRead(type) || type.startsWith("pulumi:");
}

/** The program of a state that is read in the program's folder. */
function runtimeInCurrentFolder(project: string): Pick<ReadInput, "runtime"> {
  const program = projectFile(".") === undefined ? undefined : nameAndRuntime(".");
  return program?.name === project && program.runtime !== undefined ? { runtime: program.runtime } : {};
}

/** Events of a preview are one JSON text per line. */
function parseJson(text: string, displayName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const events = text.startsWith('{"sequence"') ? parseEvents(text) : undefined;
    if (events !== undefined) return events;
    // A parser's error message quotes the text, and states contain secrets.
    throw new UserError(
      `${displayName} is not JSON${error instanceof RangeError ? `: ${errorMessage(error)}` : ""}; pass the output of "pulumi stack export" or "pulumi preview --json --show-sames", or a program's folder`,
    );
  }
}

function parseEvents(text: string): readonly unknown[] | undefined {
  try {
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line): unknown => JSON.parse(line));
  } catch {
    return undefined;
  }
}

function inputOf(name: string, as: Input["as"], { project, stack, resources }: Plan): Input {
  return { name, as, project, stack, resources: resources.length };
}

async function readText(name: string): Promise<string> {
  if (name === "-" && process.stdin.isTTY)
    throw new UserError(
      `the input - requires a state or a preview on standard input, as in: pulumi stack export | … report -`,
    );
  try {
    return readTextFile(name) ?? decoded(name === "-" ? await buffer(process.stdin) : readFileSync(name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Errors of the file system and of decoding have a code; any other is an internal error.
    if (code === undefined) throw error;
    const reason =
      code === "ERR_STRING_TOO_LONG" || code === "ERR_FS_FILE_TOO_LARGE"
        ? "it is too large"
        : errorMessage(error);
    throw new UserError(`${name === "-" ? "standard input" : name} cannot be read: ${reason}`);
  }
}

/** Read without copying its bytes, which saves memory for a large state. A pipe can be read only once. */
function readTextFile(name: string): string | undefined {
  if (name === "-" || !statSync(name).isFile()) return undefined;
  const text = readFileSync(name, "utf8");
  return text.startsWith("\ufffd") ? undefined : withoutByteOrderMark(text);
}
