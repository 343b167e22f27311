import { fstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";
import { placesOf } from "../account/configured";
import { configuredAccount } from "../policies";
import { projectFile } from "../programs";
import { UserError } from "../programs/user-error";
import { programFolders, readConfig } from "./analyze";
import { isFolder } from "./input";
import { jsonFilesIn } from "./state-files";

/** A key that two names of one file share, including hard links. */
function identityOf(stat: () => { readonly dev: number; readonly ino: number }): string | undefined {
  try {
    const { dev, ino } = stat();
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

/** Extensions of source files; a report has another extension, or a different name. */
const SOURCE =
  /^(Pulumi\..*ya?ml|package(-lock)?\.json|tsconfig.*\.json|go\.(mod|sum)|requirements.*\.txt|pyproject\.toml)$|\.([cm]?[jt]sx?|py|go|ya?ml|java|cs|fs)$/;

/** The output files of the command, and the files that it reads in addition to its inputs. */
export interface NamedFiles {
  readonly output?: string;
  readonly writeBaseline?: string;
  readonly baseline?: string;
  readonly policyConfig?: string;
  readonly account?: readonly string[];
}

/**
 * `report state.json -f json -o state.json` would overwrite the state.
 *
 * @throws {UserError} If an output file is an input.
 */
export function refuseOverwriting(
  inputs: readonly string[],
  { output, writeBaseline, baseline, policyConfig, account = [] }: NamedFiles,
): void {
  if (output === undefined && writeBaseline === undefined) return;
  refuseSameFile(output, writeBaseline);
  const files = [policyConfig ?? [], account, configuredAccountFiles(policyConfig, inputs)].flat();
  if (output !== undefined) refuseIfRead(output, inputs, [...files, baseline ?? []].flat());
  // A baseline is updated in place.
  if (writeBaseline !== undefined) refuseIfRead(writeBaseline, inputs, files);
}

/** The files of account data that a configuration names. A configuration that cannot be read is reported elsewhere. */
function configuredAccountFiles(file: string | undefined, inputs: readonly string[]): readonly string[] {
  if (file === undefined) return [];
  try {
    const { paths } = configuredAccount(readConfig(file).config);
    const folders = programFolders(inputs.filter(isFolder));
    return paths.flatMap((path) => placesOf(path, folders).flatMap((place) => place ?? []));
  } catch {
    return [];
  }
}

function refuseIfRead(output: string, inputs: readonly string[], files: readonly string[]): void {
  const outputIdentity = identityOf(() => statSync(output));
  if (outputIdentity === undefined) return;
  const isRead = (name: string): boolean => {
    if (name === "-") return identityOf(() => requireRegularFile(fstatSync(0))) === outputIdentity;
    if (identityOf(() => statSync(name)) === outputIdentity) return true;
    if (!isFolder(name)) return false;
    return projectFile(name) === undefined ? jsonFilesIn(name).some(isRead) : isSourceOf(name, output);
  };
  if (inputs.some(isRead) || files.some((name) => identityOf(() => statSync(name)) === outputIdentity))
    throw new UserError(`${output} is an input; write to another file`);
  const program = inputs.find((name) => isFolder(name) && projectFile(name) !== undefined);
  // A program may read any file, such as the body of an API in JSON.
  if (program !== undefined && !mayBeReport(output))
    throw new UserError(
      `${output} exists and is not a report, and the program in ${program} may read it; write to another file`,
    );
}

/** The second of two outputs to the same file would overwrite the first. */
function refuseSameFile(output: string | undefined, baseline: string | undefined): void {
  if (output === undefined || baseline === undefined) return;
  const identity = identityOf(() => statSync(output));
  const isSame = identity !== undefined && identity === identityOf(() => statSync(baseline));
  if (isSame || path.resolve(output) === path.resolve(baseline))
    throw new UserError(`${output} cannot be both the report and the baseline; write one to another file`);
}

/** Reports in most formats name the pack; a report may be an empty list. */
function mayBeReport(file: string): boolean {
  if (!statSync(file).isFile()) return true;
  const text = readFileSync(file, "utf8").trim();
  return text === "" || text === "[]" || /apigateway-lambda-access|"(schemaVersion|check_name)"/.test(text);
}

/** A terminal or a pipe can be both standard input and standard output. */
function requireRegularFile<T extends { isFile(): boolean }>(stats: T): T {
  if (!stats.isFile()) throw new Error("not a regular file");
  return stats;
}

function isSourceOf(folder: string, output: string): boolean {
  const relativePath = path.relative(realpathSync(folder), realpathSync(output));
  const isInside = relativePath !== "" && !relativePath.startsWith("..") && !path.isAbsolute(relativePath);
  return isInside && SOURCE.test(path.basename(output));
}
