import { readFileSync, statSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { type ProgramOptions, planOfProgram, projectFile } from "../programs";
import { Failure, reasonOf } from "../programs/failure";
import type { Input } from "../report/model";
import { isPreview, type Plan, planFromPreview, planFromState } from "../testing";

/** One input, read. */
export interface ReadInput {
  readonly input: Input;
  readonly plan: Plan;
  /** The file of the user's repository that stands for it: a program's project file, else the state's own. */
  readonly file: string;
  /** What in it was no resource. */
  readonly leftOut: readonly string[];
  /** Types of components whose parts are missing in it. */
  readonly remoteComponents: readonly string[];
}

/**
 * Reads what was named on the command line: exported states and previews, `-` for one on standard input, folders of
 * programs.
 *
 * @throws {Failure} If one of them cannot be read, or two hold the same stack.
 */
export async function readInputs(
  names: readonly string[],
  options: ProgramOptions,
  progress: (what: string) => void,
): Promise<readonly ReadInput[]> {
  const read: ReadInput[] = [];
  for (const name of names) {
    progress(`reading ${name === "-" ? "standard input" : name}`);
    const one = isFolder(name) ? await program(name, options) : await stateOrPreview(name);
    const same = read.find(({ plan }) => plan.project === one.plan.project && plan.stack === one.plan.stack);
    // Nothing tells of which stack a state is that holds nothing.
    if (one.plan.resources.length > 0 && same !== undefined)
      throw new Failure(
        `${same.input.name} and ${name} are both of the stack ${one.plan.project}/${one.plan.stack}; a report takes each stack once`,
      );
    read.push(one);
  }
  return read;
}

/** @throws {Failure} If there is neither. */
export function isFolder(name: string): boolean {
  if (name === "-") return false;
  try {
    return statSync(name).isDirectory();
  } catch {
    throw new Failure(`there is no file or folder ${name}`);
  }
}

async function program(name: string, options: ProgramOptions): Promise<ReadInput> {
  const { remoteComponents, ...plan } = await planOfProgram(name, options);
  return {
    input: inputOf(name, options.as, plan),
    plan,
    file: projectFile(name) ?? name,
    leftOut: [],
    remoteComponents,
  };
}

async function stateOrPreview(name: string): Promise<ReadInput> {
  const text = await textOf(name);
  const shown = name === "-" ? "standard input" : name;
  if (text.trim() === "") throw new Failure(`${shown} is empty`);
  const content = parsed(text, shown);
  const preview = isPreview(content);
  try {
    const { leftOut, ...plan } = preview ? planFromPreview(content) : planFromState(content);
    // In the folder of a program its state is usually piped, or exported to a file that nobody keeps.
    const file = projectFile(".") ?? (name === "-" ? "state.json" : name);
    return {
      input: inputOf(name, preview ? "preview" : "state", plan),
      plan,
      file,
      leftOut,
      remoteComponents: [],
    };
  } catch (error) {
    throw new Failure(`${shown} cannot be read: ${reasonOf(error)}`);
  }
}

/** Events of a preview come as one JSON text in each line. */
function parsed(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const events = text.startsWith('{"sequence"') ? eventsIn(text) : undefined;
    if (events !== undefined) return events;
    // What a parser says of a text quotes it, and states hold secrets.
    throw new Failure(
      `${shown} is not JSON${error instanceof RangeError ? `: ${reasonOf(error)}` : ""}; give what "pulumi stack export" or "pulumi preview --json --show-sames" prints, or a program's folder`,
    );
  }
}

function eventsIn(text: string): readonly unknown[] | undefined {
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

async function textOf(name: string): Promise<string> {
  if (name === "-" && process.stdin.isTTY)
    throw new Failure(
      `"-" reads a state or a preview from standard input, as in: pulumi stack export | … report -`,
    );
  try {
    return decoded(name === "-" ? await buffer(process.stdin) : readFileSync(name));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === "ERR_STRING_TOO_LONG" || code === "ERR_FS_FILE_TOO_LARGE"
        ? "it is too large"
        : reasonOf(error);
    throw new Failure(`${name === "-" ? "standard input" : name} cannot be read: ${why}`);
  }
}

/** A redirection in Windows PowerShell writes UTF-16. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  const text = bytes.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
