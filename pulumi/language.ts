import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type LanguageOf, languageOfRuntime } from "../policies";

/**
 * The language of the program that the engine has started the pack for. The engine passes the project's name, but not
 * its runtime or its folder; the project file is looked up in the CLI's current folder and its parents. It has to
 * contain the project's name.
 */
export function languageOfProject(environment: NodeJS.ProcessEnv): LanguageOf {
  let language: ReturnType<LanguageOf> | undefined;
  return () => {
    language ??= languageOfRuntime(runtimeOf(environment));
    return language;
  };
}

function runtimeOf(environment: NodeJS.ProcessEnv): string | undefined {
  const project = projectOf(environment);
  return project && runtimeIn(project.text);
}

function projectOf(
  environment: NodeJS.ProcessEnv,
): { readonly folder: string; readonly text: string } | undefined {
  const project = environment.PULUMI_NODEJS_PROJECT ?? environment.PULUMI_PROJECT;
  let folder = environment.PWD;
  while (folder !== undefined && project !== undefined) {
    const text = projectFileIn(folder);
    if (text !== undefined && nameIn(text) === project) return { folder, text };
    folder = dirname(folder) === folder ? undefined : dirname(folder);
  }
  return undefined;
}

/** The program that the engine has started the pack for, as far as it can be found. */
export function ofProject(environment: NodeJS.ProcessEnv): {
  readonly languageOf: LanguageOf;
  readonly folders: () => readonly string[];
} {
  return {
    languageOf: languageOfProject(environment),
    folders: () => {
      const project = projectOf(environment);
      return project === undefined ? [] : [project.folder];
    },
  };
}

function projectFileIn(folder: string): string | undefined {
  for (const name of ["Pulumi.yaml", "Pulumi.yml"])
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      // The folder has no project file.
    }
  return undefined;
}

/** A YAML parser would cost every preview more than these two lines. */
function nameIn(text: string): string | undefined {
  return /^name:[ \t]*["']?([\w.-]+)/m.exec(text)?.[1];
}

/** `runtime: python`, or an object with its name, in one line or in indented lines. */
function runtimeIn(text: string): string | undefined {
  const [, line = "", block = ""] = /^runtime:[ \t]*(.*)((?:\r?\n[ \t]+.*)*)/m.exec(text) ?? [];
  const name =
    /^["']?([\w-]+)/.exec(line) ?? /(?:^\{|[\n,{][ \t]*)name:[ \t]*["']?([\w-]+)/.exec(`${line}${block}`);
  return name?.[1];
}
