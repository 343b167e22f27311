/** The finding in the README is the output of `pulumi preview`; `…` marks omissions. */
import { ok, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWithPulumi, openStack, PACK, TIME_LIMIT } from "./harness";

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

describeWithPulumi("the README", function () {
  this.timeout(TIME_LIMIT);

  it("shows the finding that pulumi preview prints", async () => {
    const readme = readFileSync(join(PACK, "README.md"), "utf8");
    const [, shown = ""] = /^```\n(Policies:\n[\s\S]*?)^```/m.exec(readme) ?? [];
    const parts = shown
      .replace(/\(local: .*?\)/, "…")
      .split("…")
      .map(inOneLine);
    strictEqual(parts.length, 5, shown);
    const stack = await openStack(join(PACK, "examples/caller-credentials"));
    try {
      // The pack determines the program's language from the working directory of the command.
      const arguments_ = ["preview", "--non-interactive", "--policy-pack", PACK];
      const { output } = await stack.pulumi(arguments_, { PWD: stack.folder });
      const printed = inOneLine(output);
      let from = 0;
      for (const part of parts) {
        const at = printed.indexOf(part, from);
        ok(at >= 0, `not printed: ${part}\n${output}`);
        from = at + part.length;
      }
    } finally {
      stack.close();
    }
  });
});
