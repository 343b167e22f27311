import { deepStrictEqual, ok } from "node:assert/strict";
import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { configuredPolicies, ownPack, runPack, stackRequest } from "../../engine/pack";
import { Pack } from "../../pulumi";
import { customStackHandler, type Handler, makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
import { withFastStackRequests } from "../../pulumi/stack-request";
import type { Finding, PlannedResource, PolicyConfig } from "../../testing";

type ComparedFinding = Pick<Finding, "policy" | "level" | "name" | "message">;

/**
 * Asserts that the findings are equal to those of the SDK's own server, which passes the whole stack to each policy;
 * the pack reads part of it once.
 */
export async function assertSameFindingsOnFullStack(
  findings: readonly ComparedFinding[],
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
): Promise<void> {
  const pack = ownPack();
  pack.configure(config);
  const full = await runPack(pack.policies, resources, config);
  deepStrictEqual(sortedTexts(full), sortedTexts(findings));
}

function sortedTexts(findings: readonly ComparedFinding[]): readonly string[] {
  return findings
    .map(({ policy, level, name, message }) => `[${level}] ${policy} @ ${name}\n${message}`)
    .sort();
}

interface Service {
  readonly analyzeStack: { requestDeserialize(bytes: Uint8Array): AnalyzeStackRequest };
}

const {
  AnalyzerService: sdkService,
}: { AnalyzerService: Service } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const packService = withFastStackRequests(sdkService as never) as unknown as Service;

type Operation = "preview" | "update";

/** The response to the engine, sorted: the diagnostics and the policies that are not applicable. */
function respond(handler: Handler<AnalyzeStackRequest>, request: AnalyzeStackRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = handler({ request }, (error, response) => {
      if (response === undefined) reject(error);
      else
        resolve({
          found: response
            .getDiagnosticsList()
            .map((diagnostic) => diagnostic.toObject())
            .map((diagnostic) => JSON.stringify(diagnostic))
            .sort(),
          notApplicable: response
            .getNotApplicableList()
            .map((policy) => policy.getPolicyName())
            .sort(),
        });
    });
    Promise.resolve(done).catch(reject);
  });
}

/**
 * Asserts that the response to a serialized request is the same from the pack's reader, which reads a reduced stack
 * once, and from the SDK's reader, which passes the whole stack to each policy.
 */
export async function assertSameResponseAsSdk(
  resources: readonly PlannedResource[],
  config: PolicyConfig,
  operation: Operation,
): Promise<void> {
  ok(packService !== sdkService, "the pack's own reader is not used");
  const bytes = Buffer.from(stackRequest(resources).serializeBinary());
  const [reduced, full] = await Promise.all(
    [true, false].map((isReduced) => {
      const pack = new Pack({ operation });
      pack.configure(config);
      const policies = configuredPolicies(pack.policies, config);
      const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", policies);
      return respond(
        isReduced ? stackHandler(pack, handler) : customStackHandler(handler),
        (isReduced ? packService : sdkService).analyzeStack.requestDeserialize(bytes),
      );
    }),
  );
  deepStrictEqual(reduced, full);
}
