import assert from "node:assert/strict";
import { SeenInputs } from "../../policies/framework/seen-inputs";
import type { SeenResource } from "../../stack";
import { UNKNOWN } from "../../testing";

const urn = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
const ROLE = "aws:iam/role:Role";

function seen(type: string, name: string, props: object): SeenResource {
  return { type, urn: urn(type, name), name, props: throwing(props) };
}

/** As the SDK's stack and resource policies get them. */
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

describe("the inputs that resource policies saw", () => {
  const outputs = seen(ROLE, "clerk", { name: "clerk", inlinePolicies: [{ name: "old" }] });

  it("join the resource of their URN, once", () => {
    const inputs = new SeenInputs();
    inputs.record(seen(ROLE, "clerk", { name: "clerk" }));
    assert.deepEqual(inputsOf(inputs.take([outputs, seen(ROLE, "other", {})])), [["name"], undefined]);
    assert.deepEqual(inputsOf(inputs.take([outputs])), [undefined]);
  });

  it("are the same from however many policies, unknown values included", () => {
    const inputs = new SeenInputs();
    for (let policy = 0; policy < 3; policy += 1)
      inputs.record(
        seen(ROLE, "clerk", { path: "/a/", managedPolicyArns: [UNKNOWN], assumeRolePolicy: UNKNOWN }),
      );
    assert.deepEqual(inputsOf(inputs.take([outputs])), [["path", "managedPolicyArns", "assumeRolePolicy"]]);
  });

  it("are dropped where two resources of one URN were seen", () => {
    for (const second of [{ name: "b" }, { name: "a", path: "/" }, {}, { name: ["a"] }]) {
      const inputs = new SeenInputs();
      inputs.record(seen(ROLE, "clerk", { name: "a" }));
      inputs.record(seen(ROLE, "clerk", second));
      inputs.record(seen(ROLE, "clerk", { name: "a" }));
      assert.deepEqual(inputsOf(inputs.take([outputs])), [undefined]);
    }
  });

  it("are kept of the kinds only whose state holds more than the program set", () => {
    const types = [ROLE, "aws:apigateway/restApi:RestApi", "aws-native:iam:User", "aws-native:iam:Group"];
    const others = ["aws:iam/rolePolicy:RolePolicy", "aws:lambda/function:Function", "aws:s3/bucket:Bucket"];
    const inputs = new SeenInputs();
    for (const type of [...types, ...others]) inputs.record(seen(type, "x", { name: "x" }));
    const taken = inputs.take([...types, ...others].map((type) => seen(type, "x", {})));
    assert.deepEqual(
      taken.filter((one) => one.inputs !== undefined).map(({ type }) => type),
      types,
    );
  });
});
