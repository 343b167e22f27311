/**
 * What the pack finds does not depend on how it is given a stack: once and reduced, as it takes it from the engine's
 * request, or whole for every policy, as the SDK gives it.
 */
import { deepStrictEqual, ok } from "node:assert";
import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { configuredPolicies, stackRequest } from "../../engine/pack";
import { Pack } from "../../pulumi";
import { type Handler, makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
import { withFastStackRequests } from "../../pulumi/stack-request";
import { type PlannedResource, type PolicyConfig, plan } from "../../testing";
import { entriesOfCorpus, type Moment, momentOf } from "./corpus";

interface Service {
  readonly analyzeStack: { requestDeserialize(bytes: Uint8Array): AnalyzeStackRequest };
}

const {
  AnalyzerService: plainly,
}: { AnalyzerService: Service } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const fast = withFastStackRequests(plainly as never) as unknown as Service;

type Operation = "preview" | "update";

/** What the engine is answered, in order: policies, levels, resources and messages, and which policies do not apply. */
function answer(handler: Handler<AnalyzeStackRequest>, request: AnalyzeStackRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = handler({ request }, (error, response) => {
      if (response === undefined) reject(error);
      else
        resolve({
          found: response
            .getDiagnosticsList()
            .map((one) => one.toObject())
            .map((one) => JSON.stringify(one))
            .sort(),
          notApplicable: response
            .getNotApplicableList()
            .map((one) => one.getPolicyName())
            .sort(),
        });
    });
    Promise.resolve(done).catch(reject);
  });
}

async function bothWays(
  resources: readonly PlannedResource[],
  config: PolicyConfig,
  operation: Operation,
): Promise<void> {
  // As it comes over the wire.
  const bytes = Buffer.from(stackRequest(resources).serializeBinary());
  const [reduced, whole] = await Promise.all(
    [true, false].map((isReduced) => {
      const pack = new Pack({ operation });
      pack.configure(config);
      const policies = configuredPolicies(pack.policies, config);
      const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", policies);
      return answer(
        isReduced ? stackHandler(pack, handler) : handler,
        (isReduced ? fast : plainly).analyzeStack.requestDeserialize(bytes),
      );
    }),
  );
  deepStrictEqual(reduced, whole);
}

describe("the corpus, reduced and whole", function () {
  this.timeout(600_000);
  it("is read by the pack's own reader of requests", () => {
    ok(fast !== plainly);
  });

  it("gives the same answers", async () => {
    for (const [at, entry] of entriesOfCorpus().entries())
      for (const moment of Object.keys(entry.answers) as Moment[]) {
        const { resources } = await plan(entry.program, { as: momentOf(entry, moment), ...entry.options });
        await bothWays(resources, entry.config ?? {}, at % 2 === 0 ? "preview" : "update");
      }
  });
});
