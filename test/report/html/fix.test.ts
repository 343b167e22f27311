import assert from "node:assert/strict";
import { fixOf } from "../../../report/html/browser/fix";

const STATEMENT = JSON.stringify({ Effect: "Allow", Condition: { StringEquals: {} } }, undefined, 2);
const PERMISSION = 'new aws.lambda.Permission("a", {\n  action: "lambda:InvokeFunction",\n});';

describe("what there is to paste in a fix", () => {
  for (const [name, text, expected] of [
    ["a statement", `add this:\n${STATEMENT}`, ["add this:", STATEMENT, ""]],
    [
      "a statement among words",
      `add this:\n${STATEMENT}\nSafer: that.`,
      ["add this:", STATEMENT, "Safer: that."],
    ],
    ["a resource", `add this:\n${PERMISSION}`, ["add this:", PERMISSION, ""]],
    ["a statement alone", STATEMENT, ["", STATEMENT, ""]],
    ["words alone", "drop `credentials`,\nor this.", ["drop `credentials`,\nor this.", "", ""]],
    ["an end without a beginning", "a\n}", ["a\n}", "", ""]],
    ["a beginning without an end", "}\n{", ["}\n{", "", ""]],
    ["nothing", "", ["", "", ""]],
  ] as const)
    it(name, () => {
      const { before, code, after } = fixOf(text);
      assert.deepEqual([before, code, after], expected);
    });
});
