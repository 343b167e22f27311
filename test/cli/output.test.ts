import * as assert from "node:assert/strict";
import { printsInColour, progress } from "../../cli/output";

/** Runs something with other settings of the environment. */
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

describe("colours", () => {
  const cases: [string, Record<string, string>, boolean | undefined, boolean][] = [
    ["a terminal", {}, true, true],
    ["no terminal", {}, undefined, false],
    ["a terminal and NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["a terminal and an empty NO_COLOR", { NO_COLOR: "" }, true, true],
    ["a terminal that has none", { TERM: "dumb" }, true, false],
    ["no terminal and FORCE_COLOR", { FORCE_COLOR: "1" }, false, false],
  ];
  for (const [what, environment, isTTY, expected] of cases)
    it(`${expected ? "are" : "are not"} for ${what}`, () => {
      const stream = isTTY === undefined ? {} : { isTTY };
      assert.equal(
        withEnvironment(environment, () => printsInColour(stream)),
        expected,
      );
    });
});

describe("progress", () => {
  /** What is written to standard error, taken for a terminal or not. */
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

  const all = (): void => {
    const show = progress();
    show("reading a\u001b[2J.json");
    show("analyzing 10 resources", 10);
    show("analyzing 10000 resources", 10_000);
    show();
  };

  it("has a line of its own on a terminal, which goes away", () => {
    assert.equal(
      written(true, all),
      "\r\u001b[Kreading a\\u{1b}[2J.json …\r\u001b[Kanalyzing 10 resources …\r\u001b[Kanalyzing 10000 resources …\r\u001b[K",
    );
  });

  it("is reported elsewhere only for what takes long", () => {
    assert.equal(written(false, all), "analyzing 10000 resources\n");
  });
});
