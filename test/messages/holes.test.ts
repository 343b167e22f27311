import * as assert from "node:assert/strict";
import { type HoleLabel, show } from "../../iam";
import { wildcardsOf } from "../../messages/code";
import { showHole } from "../../messages/holes";
import { placeholder } from "../../stack/pulumi/placeholders";

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
  [{ code: "provider-account" }, "the provider's account", "<provider account>"],
  [{ code: "api-id", of: "Method get" }, "the id of the API that Method get names", "<API id of Method get>"],
  [{ code: "path-in-body" }, "the path in the body", "<path in body>"],
  [{ code: "vpc-id" }, "the id of the VPC", "<VPC id>"],
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
      const value = ["arn:", { id: "1", shape: "any", label, origins: [] }] as const;
      assert.equal(show(value), `arn:${inText}`);
      assert.deepEqual(wildcardsOf(value), [sentence]);
    });

  it("has an article in a sentence about a wildcard", () =>
    assert.deepEqual(wildcardsOf([`arn:${placeholder("provider account", 1)}:`]), ["the provider account"]));
});
