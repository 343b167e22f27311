import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { GATES } from "../../access";
import { runPack, stackRequest } from "../../engine/pack";
import { faultMessage } from "../../messages/pack";
import { AnalysisSession, inOrder, POLICIES, type StackContext } from "../../policies";
import { Pack } from "../../pulumi";
import { operationOf } from "../../pulumi/serve";
import { makeAnalyzeStackRpcFun, serviceOf } from "../../pulumi/server";
import { type Finding, type PlannedResource, type PolicyConfig, plan, programFrom } from "../../testing";

const PACK = resolve(__dirname, "../..");

const example = async (name: string, as: "deployed" | "first-preview"): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(PACK, "examples", name)), { as, project: "shop" })).resources;

/** Sorted, because the engine's server returns findings in random order. */
const texts = (found: readonly Finding[]): string[] =>
  found.map(({ policy, level, resource, message }) => [policy, level, resource, message].join("\n")).sort();

const CONFIGURATIONS: Record<string, PolicyConfig> = {
  "without configuration": {},
  "with levels": { all: "advisory", "route-function-permission": "disabled" },
  "with settings": {
    "iam-route-caller-lambda-invoke": {
      whenUnknown: "prove",
      exempt: [{ resource: "orders-client", reason: "x" }],
    },
    "invoke-policy-scope": { exempt: [{ resource: "missing", reason: "x" }] },
    "unproven-access": { exemptt: [] },
  },
};

function allowingEverything(resource: PlannedResource): PlannedResource {
  const statement = { Effect: "Allow", Action: "*", Resource: "*" };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  return {
    ...resource,
    inputs: { ...resource.inputs, policy },
    outputs: { ...resource.outputs, policy },
  };
}

describe("the pack in the SDK", () => {
  for (const name of ["invalid-permissions", "shop", "component", "stage-variables", "websocket-api"])
    for (const as of ["deployed", "first-preview"] as const)
      for (const [configuration, config] of Object.entries(CONFIGURATIONS))
        it(`returns the same findings with the SDK's own server: ${name} (${as}), ${configuration}`, async () => {
          const resources = await example(name, as);
          const short = await runPack(new Pack(), resources, config);
          const plain = await runPack(new Pack().policies, resources, config);
          deepStrictEqual(texts(short), texts(plain));
        });

  it("does not mix concurrent stacks with the SDK's own server", async () => {
    const pack = new Pack();
    const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", pack.policies);
    const stacks = [
      await example("invalid-permissions", "deployed"),
      await example("caller-credentials", "deployed"),
    ];
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, turn) => {
        const request = stackRequest(stacks[turn % 2] ?? []);
        return new Promise<string[]>((done, fail) => {
          void handler({ request }, (error, response) =>
            response === undefined
              ? fail(error)
              : done(response.getDiagnosticsList().map((diagnostic) => diagnostic.getPolicyname())),
          );
        });
      }),
    );
    responses.forEach((found, turn) => {
      deepStrictEqual(
        found,
        turn % 2 === 0 ? ["iam-route-caller-lambda-invoke"] : ["caller-credentials-lambda-invoke"],
      );
    });
  });

  it("does not mix stacks with the same URNs with the SDK's own server", async () => {
    const pack = new Pack();
    const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", pack.policies);
    const broken = await example("invalid-permissions", "deployed");
    const fixed = broken.map((resource) =>
      resource.type === "aws:iam/rolePolicy:RolePolicy" ? allowingEverything(resource) : resource,
    );
    const analyzed = (turn: number): Promise<string[]> =>
      new Promise((done, fail) => {
        void handler({ request: stackRequest(turn % 2 === 0 ? broken : fixed) }, (error, response) =>
          response === undefined
            ? fail(error)
            : done(response.getDiagnosticsList().map((diagnostic) => diagnostic.getPolicyname())),
        );
      });
    const expected = (turn: number): string[] => (turn % 2 === 0 ? ["iam-route-caller-lambda-invoke"] : []);
    const turns = Array.from({ length: 20 }, (_, turn) => turn);
    deepStrictEqual(await Promise.all(turns.map(analyzed)), turns.map(expected));
    for (const turn of turns) deepStrictEqual(await analyzed(turn), expected(turn));
  });

  it("does not change a gRPC service with unexpected methods", () => {
    const service = { analyze: () => {}, analyzeStack: "elsewhere" };
    strictEqual(serviceOf(new Pack(), service), service);
  });

  it("reports each resource once, at the end of an update or immediately", async () => {
    const resources = await example("invalid-permissions-fixed", "deployed");
    const withBareArn = resources.map((resource) => {
      if (!resource.type.endsWith(":Permission")) return resource;
      const sourceArn = String(resource.inputs.sourceArn).split("/")[0] ?? "";
      return {
        ...resource,
        inputs: { ...resource.inputs, sourceArn },
        outputs: { ...resource.outputs, sourceArn },
      };
    });
    const policy = "lambda-permission-source-arn";
    for (const operation of ["preview", "update", "analyze"] as const) {
      const found = await runPack(new Pack({ operation }), withBareArn);
      const ofPolicy = found.filter((finding) => finding.policy === policy);
      deepStrictEqual(
        ofPolicy.map(({ level }) => level),
        ["mandatory"],
        operation,
      );
    }
  });

  it("reads the operation from the environment", () => {
    strictEqual(operationOf({}), "analyze");
    strictEqual(operationOf({ PULUMI_NODEJS_DRY_RUN: "false" }), "update");
    strictEqual(operationOf({ PULUMI_DRY_RUN: "false" }), "update");
  });
});

describe("the policies of the pack", () => {
  it("come after the policies that they require", () => {
    const earlier = new Set<string>();
    for (const { metadata, requires } of POLICIES) {
      for (const name of requires) ok(earlier.has(name), `${metadata.name} requires ${name}`);
      earlier.add(metadata.name);
    }
    deepStrictEqual(inOrder([...POLICIES].reverse()).length, POLICIES.length);
  });

  it("require the policies whose results they read", () => {
    const requiredBy = (name: string) =>
      POLICIES.filter(({ metadata }) => metadata.name === name).flatMap(({ requires }) => [...requires]);
    const names = POLICIES.map(({ metadata }) => metadata.name);
    const deciding = Object.values(GATES).flatMap(({ policies }) => [...policies]);
    deepStrictEqual(
      requiredBy("unproven-access").sort(),
      [...new Set([...deciding, "service-integration-role"])].sort(),
    );
    deepStrictEqual(
      requiredBy("policy-configuration").sort(),
      names.filter((name) => name !== "policy-configuration").sort(),
    );
    const requiringPolicies = POLICIES.filter(({ requires }) => requires.length > 0).map(
      ({ metadata }) => metadata.name,
    );
    deepStrictEqual(requiringPolicies.sort(), ["policy-configuration", "unproven-access"]);
  });

  it("read the results of the policies that they require, and no others", () => {
    const base = POLICIES.find(({ metadata }) => metadata.name === "policy-configuration");
    ok(base?.kind === "stack");
    const read = new Map<string, readonly string[]>();
    const policy = (name: string, requires: readonly string[]) => ({
      ...base,
      metadata: { ...base.metadata, name },
      requires,
      check: ({ required }: StackContext) => {
        read.set(
          name,
          required.map(({ policy }) => policy),
        );
        return { findings: [] };
      },
    });
    const session = new AnalysisSession({ resources: [], allResources: () => [] }, "analyze");
    for (const packPolicies of [
      policy("first", []),
      policy("second", ["first"]),
      policy("third", ["second", "disabled"]),
    ])
      session.evaluate(packPolicies, () => ({}));
    deepStrictEqual(Object.fromEntries(read), { first: [], second: ["first"], third: ["second"] });
  });

  it("cannot require a nonexistent policy or each other", () => {
    const [first] = POLICIES;
    ok(first?.kind === "stack");
    for (const requires of [["missing"], [first.metadata.name]]) {
      let failed = false;
      try {
        inOrder([{ ...first, requires }]);
      } catch {
        failed = true;
      }
      ok(failed, requires.join());
    }
  });

  it("report only the place of an internal error", () => {
    const text = faultMessage({ kind: "TypeError", place: "at f (x.js:1:1)" }, "unproven-access");
    ok(text.includes("TypeError at f (x.js:1:1)") && text.includes("unproven-access"));
  });
});
