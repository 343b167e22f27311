import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { ENCRYPTED, isObject } from "../engine/values";
import type { PlanOptions, Properties } from "../testing";
import type { FindPlugin } from "../testing/components";
import { UserError } from "./user-error";

/** The content of a project file that is needed to run the program without the Pulumi CLI. */
export interface Project {
  readonly name: string;
  /** For example, `nodejs`, `python` or `yaml`. */
  readonly runtime: string;
  /** The runtime options in the project file. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The path on the command line, for messages. */
  readonly givenPath: string;
  /** The folder of the project file, absolute and without symbolic links. */
  readonly root: string;
  /** The folder that the program is loaded from. */
  readonly folder: string;
  /** The file in it, where the project names one. */
  readonly entry?: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The settings that the project declares, that have no default and no value. */
  readonly missing: readonly string[];
  /** The plugins that the project names, with their folders. */
  readonly plugins: readonly { readonly name: string; readonly path: string }[];
  /** The sources of the packages that it adds. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface ProgramOptions {
  readonly as: "first-preview" | "deployed";
  readonly stack: string;
  /** The maximum number of seconds for which a program in its own process may be idle. */
  readonly patience?: number;
  /** The outputs of another stack, by the name that the project's program uses for it. */
  readonly outputsOf?: (reference: string, project: string) => Properties | undefined;
  /** Whether the program runs as in a preview, where that differs from `as`. */
  readonly dryRun?: boolean;
  /** The plugins of remote components. */
  readonly find?: FindPlugin;
}

/** The project file in a folder. */
export function projectFile(folder: string): string | undefined {
  return ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(folder, name)).find((file) => existsSync(file));
}

/** The name and the runtime in the project file of a folder; undefined where it cannot be read. */
export function nameAndRuntime(folder: string): { readonly name?: string; readonly runtime?: string } {
  try {
    const { name, runtime } = readProject(folder, "");
    return { name, runtime };
  } catch {
    return {};
  }
}

/**
 * Reads the project file of a folder, and the settings of a stack.
 *
 * @throws {UserError} If there is none, or it cannot be read.
 */
export function readProject(folder: string, stack: string): Project {
  const file = projectFile(folder);
  if (file === undefined) throw new UserError(`${folder} contains no Pulumi.yaml`);
  const content = readYaml(file);
  const { runtime } = content;
  const runtimeName = text(isObject(runtime) ? runtime.name : runtime);
  if (runtimeName === undefined) throw new UserError(`${file} does not specify a runtime`);
  const name = text(content.name) ?? "project";
  const root = realpathSync(resolve(folder));
  const main = resolve(root, text(content.main) ?? ".");
  const isFile = existsSync(main) && statSync(main).isFile();
  const settings = {
    ...settingsIn(content.config, name, true),
    ...settingsIn(stackFile(folder, stack)?.config, name, false),
  };
  const settingEntries = Object.entries(settings);
  return {
    name,
    runtime: runtimeName,
    options: isObject(runtime) && isObject(runtime.options) ? runtime.options : {},
    givenPath: folder,
    root,
    folder: isFile ? dirname(main) : main,
    ...(isFile ? { entry: basename(main) } : {}),
    // Without it, a Python program would print "None" for a region that no setting has.
    config: {
      "aws:region": "us-east-1",
      ...Object.fromEntries(settingEntries.map(([key, { value }]) => [key, value])),
    },
    secrets: settingEntries.filter(([, { secret }]) => secret).map(([key]) => key),
    missing: declaredSettings(content.config, name).filter((key) => settings[key] === undefined),
    plugins: pluginsIn(content.plugins),
    packages: packagesIn(content.packages),
  };
}

function pluginsIn(plugins: unknown): Project["plugins"] {
  const listed = isObject(plugins) && Array.isArray(plugins.providers) ? plugins.providers : [];
  return listed.filter(isObject).flatMap(({ name, path }) => {
    const [pluginName, pathText] = [text(name), text(path)];
    return pluginName === undefined || pathText === undefined ? [] : [{ name: pluginName, path: pathText }];
  });
}

function packagesIn(packages: unknown): Project["packages"] {
  return Object.fromEntries(
    Object.entries(isObject(packages) ? packages : {}).flatMap(([name, entry]) => {
      const source = text(isObject(entry) ? entry.source : entry);
      return source === undefined ? [] : [[name, source]];
    }),
  );
}

/** The options of a program's plan. */
export function planOptions(
  project: Project,
  { as, stack, outputsOf, dryRun }: ProgramOptions,
): PlanOptions & { stack: string } {
  return {
    as,
    project: project.name,
    stack: stackName(stack),
    config: { ...project.config },
    secretConfig: project.secrets,
    ...(outputsOf === undefined
      ? {}
      : { stackReferences: (reference) => outputsOf(reference, project.name) }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
}

/** Stacks of an organization are named organization/project/stack. */
function stackName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

function stackFile(folder: string, stack: string): Record<string, unknown> | undefined {
  const name = stackName(stack);
  const file = [".yaml", ".yml"]
    .map((end) => join(folder, `Pulumi.${name}${end}`))
    .find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : readYaml(file);
}

interface Setting {
  readonly value: string;
  readonly secret: boolean;
}

/**
 * The configuration in a project's or a stack's file. A project declares its settings as `{type, default}`, and a value
 * there may be of any type; in a stack's file `{secure}` is a secret that only its key can decrypt.
 * https://www.pulumi.com/docs/iac/concepts/config/
 */
function settingsIn(config: unknown, project: string, isDeclaration: boolean): Record<string, Setting> {
  const settings: Record<string, Setting> = {};
  for (const [key, entry] of Object.entries(isObject(config) ? config : {})) {
    const name = key.includes(":") ? key : `${project}:${key}`;
    if (isObject(entry) && "secure" in entry) settings[name] = { value: ENCRYPTED, secret: true };
    else {
      const value = isDeclaration && isObject(entry) ? (entry.value ?? entry.default) : entry;
      if (value !== undefined && value !== null)
        settings[name] = { value: typeof value === "string" ? value : JSON.stringify(value), secret: false };
    }
  }
  return settings;
}

/** The settings that a project declares; the Pulumi CLI does not run a program if one of them has no value. */
function declaredSettings(config: unknown, project: string): readonly string[] {
  return Object.entries(isObject(config) ? config : {})
    .filter(([, entry]) => isObject(entry) && "type" in entry)
    .map(([key]) => (key.includes(":") ? key : `${project}:${key}`));
}

function readYaml(file: string): Record<string, unknown> {
  try {
    const content: unknown = load(readFileSync(file, "utf8"));
    if (isObject(content)) return content;
  } catch {
    // Reported below.
  }
  throw new UserError(`${file} is not valid YAML`);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
