import * as assert from "node:assert/strict";
import { type HoleLabel, show } from "../../iam";
import { showHole } from "../../messages/holes";

/** A label, the text in a sentence, and the text in an ARN. */
const CASES: readonly (readonly [label: HoleLabel, sentence: string, inText: string])[] = [
  [{ code: "stage" }, "the stage", "<stage>"],
  [{ code: "method" }, "the request's method", "<method>"],
  [{ code: "named", name: "{id}" }, "{id}", "<{id}>"],
  [
    { code: "property", property: "path", of: "Resource orders" },
    "the path of Resource orders",
    "<path of Resource orders>",
  ],
  [
    { code: "location", property: "account", of: "provider" },
    "the provider's account",
    "<account of provider>",
  ],
  [
    { code: "named-api", of: "Method get" },
    "the id of the API that Method get names",
    "<named-api of Method get>",
  ],
  [
    { code: "depends-on", resources: ["Role a", "Role b"] },
    "a value that depends on Role a, Role b",
    "<depends on Role a, Role b>",
  ],
];

describe("an unknown part", () => {
  for (const [label, sentence, inText] of CASES)
    it(`is ${sentence}, in a text ${inText}`, () => {
      assert.equal(showHole(label), sentence);
      assert.equal(show(["arn:", { id: "1", shape: "any", label, origins: [] }]), `arn:${inText}`);
    });
});
