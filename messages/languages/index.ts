/** Writes the code of a fix in the language of the program. */
import type { Phrase, Snippet } from "../snippets";
import { go } from "./go";
import { json } from "./json";
import { python } from "./python";
import { typescript } from "./typescript";
import type { NameOf, Writer } from "./writer";
import { yaml } from "./yaml";

export type { Terms } from "./writer";

const WRITERS = { typescript, python, go, yaml, json } as const satisfies Record<string, Writer>;

/** A language that fixes are written in; `json` for other languages. */
export type Language = keyof typeof WRITERS;

/** The language of the program of a resource (URN). */
export type LanguageOf = (urn: string) => Language;

/**
 * The language of a runtime, as named in project files: https://www.pulumi.com/docs/iac/concepts/projects/project-file/
 */
export function languageOfRuntime(runtime: string | undefined): Language {
  switch (runtime) {
    case "nodejs":
    case "bun":
      return "typescript";
    case "python":
    case "go":
    case "yaml":
      return runtime;
    default:
      return "json";
  }
}

export function writerOf(language: Language): Writer {
  return WRITERS[language];
}

export function writeSnippet(snippet: Snippet, language: Language, nameOf: NameOf): string {
  const writer = writerOf(language);
  switch (snippet.kind) {
    case "resource":
      return writer.resource(snippet, nameOf);
    case "statement":
      return writer.statement(snippet, nameOf);
    case "arguments":
      return writer.args(snippet, nameOf);
    case "dependsOn":
      return writer.dependsOn(snippet.resources.map(nameOf));
    case "json":
      return snippet.text;
  }
}

export function writePhrase(phrase: Phrase, language: Language, nameOf: NameOf): string {
  const writer = writerOf(language);
  return phrase
    .map((part) => {
      if (typeof part === "string") return part;
      return "argument" in part
        ? writer.argument(part.argument, part.value, nameOf)
        : writer.value(part, nameOf);
    })
    .join("");
}

/** Explains references to resources under example names: `sourceArn: pulumi.interpolate…`. */
export function writeExample(example: string | Phrase, language: Language): string {
  return typeof example === "string" ? example : writePhrase(example, language, (name) => name);
}
