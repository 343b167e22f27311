import assert from "node:assert/strict";
import { Unknown } from "../../iam";
import { plannedOf, read } from "../../stack";

const role = (props: Record<string, unknown>) => {
  const planned = plannedOf({
    type: "aws:iam/rolePolicy:RolePolicy",
    urn: "urn:pulumi:dev::shop::aws:iam/rolePolicy:RolePolicy::caller",
    name: "caller",
    props,
  });
  assert.ok(planned);
  return planned;
};

describe("a planned property", () => {
  const cases: readonly [string, Record<string, unknown>, "unknown" | "absent" | "known"][] = [
    ["that is shown", { policy: "{}" }, "known"],
    ["that is missing", { role: "caller" }, "absent"],
    ["that is null", { policy: null }, "absent"],
    ["that is the sentinel", { policy: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }, "unknown"],
    ["that is an encrypted secret", { policy: "[secret]" }, "unknown"],
    ["without known properties", {}, "unknown"],
  ];
  for (const [name, props, expected] of cases)
    it(`${name} is ${expected}`, () => {
      const value = read(role(props), "policy");
      const state = value instanceof Unknown ? "unknown" : value === undefined ? "absent" : "known";
      assert.equal(state, expected);
    });
});
