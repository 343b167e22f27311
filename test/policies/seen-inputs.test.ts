import assert from "node:assert/strict";
import { SeenInputs } from "../../policies/framework/seen-inputs";
import type { SeenResource } from "../../stack";
import { UNKNOWN } from "../../testing";

const urn = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
const ROLE = "aws:iam/role:Role";

function resourceOf(type: string, name: string, props: object): SeenResource {
  return { type, urn: urn(type, name), name, props: throwing(props) };
}

/** A property map as the SDK passes it to policies: it throws when an unknown value is read. */
function throwing(props: object): Record<string, unknown> {
  return new Proxy(props as Record<string, unknown>, {
    get: (target, key) => {
      if (target[String(key)] === UNKNOWN) throw new Error(`read ${String(key)}`);
      return target[String(key)];
    },
  });
}

const inputsOf = (resources: readonly SeenResource[]): (readonly string[] | undefined)[] =>
  resources.map(({ inputs }) => inputs && Object.keys(inputs));

describe("inputs from the policies on single resources", () => {
  const outputs = resourceOf(ROLE, "clerk", { name: "clerk", inlinePolicies: [{ name: "old" }] });

  it("are added to the resource with their URN, in every stack of an operation", () => {
    const inputs = new SeenInputs();
    inputs.record(resourceOf(ROLE, "clerk", { name: "clerk" }));
    assert.deepEqual(inputsOf(inputs.withInputs([outputs, resourceOf(ROLE, "other", {})])), [
      ["name"],
      undefined,
    ]);
    assert.deepEqual(inputsOf(inputs.withInputs([outputs])), [["name"]]);
  });

  it("are the same if several policies record them, with unknown values", () => {
    const inputs = new SeenInputs();
    for (let policy = 0; policy < 3; policy += 1)
      inputs.record(
        resourceOf(ROLE, "clerk", { path: "/a/", managedPolicyArns: [UNKNOWN], assumeRolePolicy: UNKNOWN }),
      );
    assert.deepEqual(inputsOf(inputs.withInputs([outputs])), [
      ["path", "managedPolicyArns", "assumeRolePolicy"],
    ]);
  });

  it("are dropped if two resources have the same URN", () => {
    for (const second of [{ name: "b" }, { name: "a", path: "/" }, {}, { name: ["a"] }]) {
      const inputs = new SeenInputs();
      inputs.record(resourceOf(ROLE, "clerk", { name: "a" }));
      inputs.record(resourceOf(ROLE, "clerk", second));
      inputs.record(resourceOf(ROLE, "clerk", { name: "a" }));
      assert.deepEqual(inputsOf(inputs.withInputs([outputs])), [undefined]);
    }
  });

  it("are kept only for types whose outputs contain more than the inputs", () => {
    const types = [ROLE, "aws:apigateway/restApi:RestApi", "aws-native:iam:User", "aws-native:iam:Group"];
    const otherTypes = [
      "aws:iam/rolePolicy:RolePolicy",
      "aws:lambda/function:Function",
      "aws:s3/bucket:Bucket",
    ];
    const inputs = new SeenInputs();
    for (const type of [...types, ...otherTypes]) inputs.record(resourceOf(type, "x", { name: "x" }));
    const taken = inputs.withInputs([...types, ...otherTypes].map((type) => resourceOf(type, "x", {})));
    assert.deepEqual(
      taken.filter((resource) => resource.inputs !== undefined).map(({ type }) => type),
      types,
    );
  });
});
