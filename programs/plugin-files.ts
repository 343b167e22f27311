import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { load } from "js-yaml";
import type { MissingPlugin } from "../messages/missing-parts";
import type { ComponentPackage } from "../testing/components";
import { onPath } from "./child-process";
import type { Project } from "./project";
import { interpreterIn } from "./python-interpreter";

/** The command that starts a plugin. */
export interface PluginCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
}

type Package = Pick<ComponentPackage, "name" | "version">;

/**
 * The command that starts the plugin of a package: from the folder that the project sets for it, from PATH, or from the
 * plugins that the Pulumi CLI has installed. If there is none, the reason.
 */
export function pluginCommand(pkg: Package, project: Project): PluginCommand | MissingPlugin {
  const projectFolder = folderInProject(pkg.name, project);
  if (projectFolder !== undefined) {
    const folder = resolve(project.root, projectFolder);
    return commandIn(folder, pkg.name) ?? { code: "not-executable", folder };
  }
  const fileOnPath = onPath(`pulumi-resource-${pkg.name}`);
  if (fileOnPath !== undefined) return { file: fileOnPath, args: [], folder: project.folder };
  return installed(pkg) ?? { code: "not-installed", name: pkg.name, version: pkg.version };
}

/** https://www.pulumi.com/docs/iac/concepts/projects/project-file/ */
function folderInProject(name: string, { plugins, packages }: Project): string | undefined {
  const listed = plugins.find((plugin) => plugin.name === name && plugin.path !== undefined);
  if (listed !== undefined) return listed.path;
  const source = packages[name];
  return source !== undefined && /^\.{0,2}[/\\]/.test(source) ? source : undefined;
}

/** The folder of the CLI's plugins, such as `resource-awsx-v3.0.0`: the requested version, else the newest. */
function installed({ name, version }: Package): PluginCommand | undefined {
  const pluginsFolder = join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
  const prefix = `resource-${name}-v`;
  const folders = (existsSync(pluginsFolder) ? readdirSync(pluginsFolder) : []).filter(
    (folder) => folder.startsWith(prefix) && /^\d+\.\d+\.\d+/.test(folder.slice(prefix.length)),
  );
  const newestFirst = folders.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const exact = newestFirst.filter((folder) => folder === `${prefix}${version}`);
  return [...exact, ...newestFirst]
    .map((folder) => commandIn(join(pluginsFolder, folder), name))
    .find((command) => command !== undefined);
}

function commandIn(folder: string, name: string): PluginCommand | undefined {
  if (!existsSync(folder)) return undefined;
  if (statSync(folder).isFile()) return { file: folder, args: [], folder: resolve(folder, "..") };
  const names = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  const binary = names
    .map((end) => join(folder, `pulumi-resource-${name}${end}`))
    .find((file) => existsSync(file));
  return binary === undefined ? commandOfSource(folder) : { file: binary, args: [], folder };
}

/** A plugin in source: its PulumiPlugin.yaml names a language, which runs it. */
function commandOfSource(folder: string): PluginCommand | undefined {
  switch (runtimeIn(join(folder, "PulumiPlugin.yaml"))) {
    case "nodejs":
      return nodeCommand(folder);
    case "python": {
      const interpreters = ["venv", ".venv"].map((name) => interpreterIn(join(folder, name)));
      const file = interpreters.find((path) => path !== undefined) ?? onPath("python3") ?? onPath("python");
      return file === undefined ? undefined : { file, args: ["-u", folder], folder };
    }
    default:
      return undefined;
  }
}

function nodeCommand(folder: string): PluginCommand | undefined {
  try {
    const run = createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/run-plugin");
    return { file: process.execPath, args: [run, folder], folder };
  } catch {
    return undefined;
  }
}

function runtimeIn(file: string): string | undefined {
  try {
    const { runtime } = load(readFileSync(file, "utf8")) as { runtime?: string | { name?: string } };
    return typeof runtime === "object" ? runtime.name : runtime;
  } catch {
    return undefined;
  }
}
