import { deepStrictEqual, ok } from "node:assert/strict";
import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { configuredPolicies, ownPack, runPack, stackRequest } from "../../engine/pack";
import { Pack } from "../../pulumi";
import { type Handler, makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
import { withFastStackRequests } from "../../pulumi/stack-request";
import type { Finding, PlannedResource, PolicyConfig } from "../../testing";

type Found = Pick<Finding, "policy" | "level" | "name" | "message">;

/**
 * The pack reads of a stack what it needs, once. The SDK by itself gives each policy all of it, of which the policies
 * have to find the same.
 */
export async function isFoundInTheWhole(
  findings: readonly Found[],
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
): Promise<void> {
  const pack = ownPack();
  pack.configure(config);
  const whole = await runPack(pack.policies, resources, config);
  deepStrictEqual(texts(whole), texts(findings));
}

function texts(findings: readonly Found[]): readonly string[] {
  return findings
    .map(({ policy, level, name, message }) => `[${level}] ${policy} @ ${name}\n${message}`)
    .sort();
}

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

/**
 * The answer to the bytes of a request does not depend on the way in which the stack is read: once and reduced, by the
 * pack's own reader, or whole for every policy, by the SDK's.
 */
export async function isAnsweredAsBySdk(
  resources: readonly PlannedResource[],
  config: PolicyConfig,
  operation: Operation,
): Promise<void> {
  ok(fast !== plainly, "the pack's own reader is not used");
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
