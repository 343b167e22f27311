import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Asserts that a text is equal to its golden file; `UPDATE_GOLDEN=1` writes the file.
 *
 * @param folder the folder of tests whose `golden` folder contains the file
 */
export function assertGolden(
  name: string,
  text: string,
  folder: "report" | "policies" | "messages" = "report",
): void {
  const file = path.resolve(__dirname, "..", folder, "golden", `${name}.txt`);
  if (process.env.UPDATE_GOLDEN !== undefined) fs.writeFileSync(file, text);
  assert.equal(text, fs.readFileSync(file, "utf8"));
}
