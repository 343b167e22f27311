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
  it("contains the resources that the pack reads, and their dependencies and parents without properties", () => {
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
    const keptResources = reduced?.resources ?? [];
    const properties = (name: string): string[] =>
      Object.keys(keptResources.find((candidate) => candidate.name === name)?.props ?? {});
    deepStrictEqual(
      keptResources.map(({ urn }) => urn).sort(),
      [inner, outer, id, pet, urnOf("aws:lambda/function:Function", "fn")].sort(),
    );
    deepStrictEqual(["fn", "pet", "id", "outer"].map(properties), [["id"], [], [], []]);
    deepStrictEqual(reduced?.empty.getResourcesList(), []);
    deepStrictEqual(reduced?.allResources().length, resources.length);
  });

  const queue = resource("aws:sqs/queue:Queue", "queue");
  const table = resource("aws:dynamodb/table:Table", "table");
  const integration = (uri: string, more: Partial<PlannedResource> = {}): PlannedResource =>
    resource("aws:apigateway/integration:Integration", "integration", {
      outputs: { type: "AWS", uri },
      propertyDependencies: { uri: [queue.urn] },
      ...more,
    });
  const keptOf = (
    resources: readonly PlannedResource[],
    withAccountData?: boolean,
  ): Record<string, string[]> =>
    Object.fromEntries(
      (reducedStack(stackRequest(resources), withAccountData)?.resources ?? []).map(({ name, props }) => [
        name,
        Object.keys(props),
      ]),
    );

  it("contains the resources that integrations may call if one names a service other than Lambda", () => {
    const sqsIntegration = integration("arn:aws:apigateway:eu-west-1:sqs:path/jobs");
    deepStrictEqual(keptOf([queue, table, sqsIntegration]), {
      queue: ["id"],
      table: ["id"],
      integration: ["type", "uri"],
    });
  });

  it("contains dependencies without properties if integrations call functions only", () => {
    const uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:f/invocations";
    deepStrictEqual(keptOf([queue, table, integration(uri)]), { queue: [], integration: ["type", "uri"] });
  });

  it("contains all these resources with all properties if account data is read", () => {
    const all = Object.keys(queue.outputs);
    const network = resource("aws:ec2/vpc:Vpc", "network", {
      outputs: { id: "network", arn: "arn:aws:ec2" },
    });
    deepStrictEqual(keptOf([queue, table, network], true), { queue: all, table: all, network: ["arn"] });
    deepStrictEqual(keptOf([queue, table]), {});
  });

  it("is undefined if two resources have the same URN", () => {
    deepStrictEqual(reducedStack(stackRequest([queue, table, queue])), undefined);
  });

  it("contains a queue that a deployment depends on, and its dependencies", () => {
    const deployment = resource("aws:apigateway/deployment:Deployment", "deployment", {
      outputs: { restApi: "api" },
      dependencies: [queue.urn],
    });
    deepStrictEqual(keptOf([queue, deployment]), {
      queue: ["id"],
      deployment: ["restApi"],
    });
  });
});
