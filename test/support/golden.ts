import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

const FOLDER = path.resolve(__dirname, "../report/golden");

/** Holds text against the file that keeps it; `UPDATE_GOLDEN=1` writes the file anew. */
export function isAsItWas(name: string, text: string): void {
  const file = path.join(FOLDER, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN !== undefined) fs.writeFileSync(file, text);
  assert.equal(text, fs.readFileSync(file, "utf8"));
}
