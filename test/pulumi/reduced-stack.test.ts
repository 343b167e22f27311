import { deepStrictEqual } from "node:assert";
import { stackRequest } from "../../engine/pack";
import { reducedStack } from "../../pulumi/reduced-stack";
import type { PlannedResource } from "../../testing";

const urnOf = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;

function resource(type: string, name: string, more: Partial<PlannedResource> = {}): PlannedResource {
  const outputs = { id: name, secret: "large" };
  return {
    urn: urnOf(type, name),
    type,
    name,
    custom: true,
    id: name,
    inputs: {},
    outputs,
    dependencies: [],
    propertyDependencies: {},
    ...more,
  };
}

describe("a reduced stack", () => {
  it("holds what the pack reads, and without properties what that depends on or a child of", () => {
    const pet = urnOf("random:index/randomPet:RandomPet", "pet");
    const id = urnOf("random:index/randomId:RandomId", "id");
    const [outer, inner] = [urnOf("my:Outer", "outer"), urnOf("my:Inner", "inner")];
    const resources = [
      resource("aws:ec2/vpc:Vpc", "unrelated", { propertyDependencies: { x: [id] } }),
      resource("random:index/randomPet:RandomPet", "pet", { propertyDependencies: { prefix: [id] } }),
      resource("random:index/randomId:RandomId", "id"),
      resource("my:Outer", "outer"),
      resource("my:Inner", "inner", { parent: outer }),
      resource("aws:lambda/function:Function", "fn", {
        parent: inner,
        dependencies: [urnOf("aws:ec2/vpc:Vpc", "unrelated")],
        propertyDependencies: { name: [pet] },
      }),
    ];
    const reduced = reducedStack(stackRequest(resources));
    const kept = reduced?.request.getResourcesList() ?? [];
    const properties = (name: string): string[] =>
      Object.keys(
        kept
          .find((one) => one.getName() === name)
          ?.getProperties()
          ?.toJavaScript() ?? {},
      );
    deepStrictEqual(
      kept.map((one) => one.getUrn()).sort(),
      [inner, outer, id, pet, urnOf("aws:lambda/function:Function", "fn")].sort(),
    );
    deepStrictEqual(["fn", "pet", "id", "outer"].map(properties), [["id"], [], [], []]);
    deepStrictEqual(reduced?.empty.getResourcesList(), []);
    deepStrictEqual(reduced?.named().length, resources.length);
  });
});
