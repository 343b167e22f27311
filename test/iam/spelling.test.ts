import assert from "node:assert/strict";
import { resembles } from "../../iam/text/spelling";

describe("misspellings", () => {
  const known = ["Effect", "Resource", "Id", "ForAllValues:StringLike"];
  const rows: readonly [string, boolean][] = [
    ["Effect", true],
    ["effect", true],
    ["Efect", true],
    ["Resources", true],
    ["I", false],
    ["ForAllValue:StringLike", true],
    ["Effort", true],
    ["Effabc", true],
    ["Affirm", false],
    ["Indx", false],
    ["Effect1", false],
    ["1Effect", false],
    ["Effect!", false],
    ["", false],
    ["CorrectHorseBatteryStaple", false],
    ["Resource".repeat(8), false],
  ];
  for (const [written, expected] of rows)
    it(`${written || "nothing"}: ${expected}`, () => assert.equal(resembles(written, known), expected));
});
