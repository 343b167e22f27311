import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Holds text against the file that keeps it; `UPDATE_GOLDEN=1` rewrites the file.
 *
 * @param folder the folder of tests whose `golden` folder keeps it
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
