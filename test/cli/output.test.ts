import * as assert from "node:assert/strict";
import { printsInColor, progress } from "../../cli/output";

/** Runs a function with changed environment variables. */
function withEnvironment<T>(changes: Record<string, string | undefined>, run: () => T): T {
  const before = { ...process.env };
  for (const name of ["NO_COLOR", "TERM"]) delete process.env[name];
  Object.assign(process.env, changes);
  try {
    return run();
  } finally {
    process.env = before;
  }
}

describe("colors", () => {
  const cases: [string, Record<string, string>, boolean | undefined, boolean][] = [
    ["a terminal", {}, true, true],
    ["no terminal", {}, undefined, false],
    ["a terminal and NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["a terminal and an empty NO_COLOR", { NO_COLOR: "" }, true, true],
    ["a dumb terminal", { TERM: "dumb" }, true, false],
    ["no terminal and FORCE_COLOR", { FORCE_COLOR: "1" }, false, false],
  ];
  for (const [output, environment, isTTY, expected] of cases)
    it(`${expected ? "are" : "are not"} used for ${output}`, () => {
      const stream = isTTY === undefined ? {} : { isTTY };
      assert.equal(
        withEnvironment(environment, () => printsInColor(stream)),
        expected,
      );
    });
});

describe("progress", () => {
  /** The text that a function writes to standard error if it is or is not a terminal. */
  function written(isTTY: boolean, run: () => void): string {
    const { stderr } = process;
    const { write } = stderr;
    const before = stderr.isTTY;
    let text = "";
    stderr.isTTY = isTTY;
    stderr.write = ((chunk: string) => {
      text += chunk;
      return true;
    }) as typeof write;
    try {
      run();
    } finally {
      stderr.write = write;
      stderr.isTTY = before;
    }
    return text;
  }

  const showAll = (): void => {
    const show = progress();
    show("reading a\u001b[2J.json");
    show("analyzing 10 resources", 10);
    show("analyzing 10000 resources", 10_000);
    show();
  };

  it("is one line on a terminal, which is cleared at the end", () => {
    assert.equal(
      written(true, showAll),
      "\r\u001b[Kreading a\\u{1b}[2J.json …\r\u001b[Kanalyzing 10 resources …\r\u001b[Kanalyzing 10000 resources …\r\u001b[K",
    );
  });

  it("is reported on other outputs only for long steps", () => {
    assert.equal(written(false, showAll), "analyzing 10000 resources\n");
  });
});
