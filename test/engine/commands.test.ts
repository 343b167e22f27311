/** The Pulumi CLI commands in the documentation exist and have the documented options. */
import { deepStrictEqual, ok } from "node:assert";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWithPulumi, PACK, TIME_LIMIT } from "./harness";

interface Command {
  readonly words: readonly string[];
  readonly options: readonly string[];
}

const DOCUMENTS = ["README.md", ...readdirSync(join(PACK, "docs")).map((name) => join("docs", name))].filter(
  (name) => name.endsWith(".md"),
);

/** An option that every version accepts. The newest versions only list `--output json`, which older versions lack. */
const HIDDEN: ReadonlySet<string> = new Set(["json"]);

/** The Pulumi commands in code blocks: the words before the first option or argument, and the options. */
function commandsIn(text: string): readonly Command[] {
  const blocks = [...text.matchAll(/^ *```(?:sh|yaml)\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) =>
    block
      .replace(/\\\n\s*/g, " ")
      .replace(/>\n((?: {6,}.*\n?)+)/g, (_all, folded: string) => `${folded.replace(/\n\s*/g, " ")}\n`)
      .split("\n"),
  );
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^|[\s$(])pulumi ((?:[a-z][a-z-]* ?)+)([^|#;]*)/g)].map(
      ([, words = "", rest = ""]) => ({
        words: words.trim().split(" "),
        options: [...rest.matchAll(/(?:^|\s)--?([a-z][a-z-]*)/g)].map(([, option = ""]) => option),
      }),
    ),
  );
}

describeWithPulumi("the commands in the documents", function () {
  this.timeout(TIME_LIMIT);
  const helps = new Map<string, string>();

  function help(words: readonly string[]): string {
    const key = words.join(" ");
    const known = helps.get(key) ?? execFileSync("pulumi", [...words, "--help"], { encoding: "utf8" });
    helps.set(key, known);
    return known;
  }

  /** Finds the longest existing command, because the following words can be arguments. */
  function commandOf(words: readonly string[]): readonly string[] {
    for (let length = words.length; length > 0; length--) {
      const command = words.slice(0, length);
      const [usage = ""] = /^ {2}pulumi .*$/m.exec(help(command)) ?? [];
      const [, aliases = ""] = /^Aliases:\n {2}(.*)$/m.exec(help(command)) ?? [];
      const name = usage.trim().split(" ")[length] ?? "";
      const before = usage.trim().startsWith(["pulumi", ...command.slice(0, -1)].join(" "));
      if (before && [name, ...aliases.split(", ")].includes(command.at(-1) ?? "")) return command;
    }
    return [];
  }

  const commands = DOCUMENTS.flatMap((document) =>
    commandsIn(readFileSync(join(PACK, document), "utf8")).map((command) => ({ document, ...command })),
  );

  it("are found", () => {
    for (const expected of [
      "preview",
      "stack export",
      "policy publish",
      "policy group new",
      "policy issue list",
    ])
      ok(
        commands.some(({ words }) => words.join(" ").startsWith(expected)),
        expected,
      );
  });

  it("exist, with their options", () => {
    const unsupported = commands.flatMap(({ document, words, options }) => {
      const command = commandOf(words);
      const unknown = options.filter(
        (option) => !HIDDEN.has(option) && !new RegExp(`(--|-)${option}\\b`).test(help(command)),
      );
      const name = `${document}: pulumi ${words.join(" ")}`;
      return command.length === 0
        ? [`${name} is not a command`]
        : unknown.map((option) => `${name} has no ${option}`);
    });
    deepStrictEqual(unsupported, []);
  });
});
