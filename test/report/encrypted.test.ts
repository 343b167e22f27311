/**
 * States with encrypted secrets. A report without access to a value can decide less than one with access, but never
 * decide differently.
 */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { analyze } from "../../engine/analyze";
import { SECRET, SIGNATURE } from "../../engine/values";
import { buildReport } from "../../report";
import type { Answer, Report } from "../../report/model";
import { RESOURCE_TYPES } from "../../stack";
import { type PolicyConfig, plan, planFromState } from "../../testing";
import { answerText, example } from "../support/reports";
import { allow, type Patch, restStack, trustOf } from "../support/rest";
import { stateOf } from "../support/state";

interface Exported {
  readonly type: string;
  readonly urn: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  propertyDependencies: Record<string, unknown>;
}

interface StatePosition {
  readonly urn: string;
  readonly property: string;
}

/** The state with the values at these places encrypted. */
function encrypted(state: string, places: readonly StatePosition[], named = true): string {
  const exported: { deployment: { resources: Exported[] } } = JSON.parse(state);
  for (const { urn, property } of places) {
    const found = exported.deployment.resources.find((resource) => resource.urn === urn);
    assert.ok(found);
    for (const side of [found.inputs, found.outputs])
      if (side[property] !== undefined) side[property] = { [SIGNATURE]: SECRET, ciphertext: "v1:s3cret" };
    if (!named) found.propertyDependencies = {};
  }
  return JSON.stringify(exported);
}

/** The places that the pack reads from a state, except IDs, which a state never encrypts. */
function placesIn(state: string): readonly StatePosition[] {
  const exported: { deployment: { resources: Exported[] } } = JSON.parse(state);
  return exported.deployment.resources.flatMap(({ type, urn, outputs }) => {
    const term = RESOURCE_TYPES.get(type);
    return (term?.reads ?? [])
      .map((name) => term?.renamed[name] ?? name)
      .filter((property) => property !== "id" && outputs[property] !== undefined)
      .map((property) => ({ urn, property }));
  });
}

async function reportOn(state: string, config: PolicyConfig = {}): Promise<Report> {
  const { resources } = planFromState(JSON.parse(state));
  return buildReport({ version: "1.2.3", inputs: [], resources, analysis: await analyze(resources, config) });
}

const exported = async (patch: Patch): Promise<string> =>
  stateOf(await plan(restStack(patch), { as: "deployed", project: "shop" }));

const policyOf = (name: string): StatePosition => ({
  urn: `urn:pulumi:dev::shop::aws:iam/rolePolicy:RolePolicy::${name}`,
  property: "policy",
});

/** The worst verdict for each gate, API and set of resources. */
function outcomes(report: Report): ReadonlyMap<string, Answer["outcome"]> {
  const apis = new Map(report.routes.map(({ id, api }) => [id, api]));
  const labels = new Map(report.routes.map(({ id, label }) => [id, label]));
  const urns = new Map(
    [...report.apis, ...report.callers, ...report.functions].map((entry) => [entry.id, entry.urn]),
  );
  const found = new Map<string, Answer["outcome"]>();
  const worst = (a: Answer["outcome"], b: Answer["outcome"] | undefined) =>
    a === "denied" || b === undefined ? a : b === "allowed" ? a : b;
  for (const { gate, outcome, routes, caller, function: fn, urn, question } of report.answers)
    for (const route of routes) {
      const trust = question.includes(" trusts ");
      const key = [
        gate,
        urns.get(apis.get(route) ?? ""),
        labels.get(route),
        urns.get(caller ?? ""),
        urn,
        trust,
      ];
      const at = [...key, urns.get(fn ?? "")].join(" | ");
      found.set(at, worst(outcome, found.get(at)));
    }
  return found;
}

describe("a state with encrypted secrets", function () {
  this.timeout(300_000);

  for (const [name, named] of [
    ["its dependencies are known", true],
    ["its dependencies are unknown", false],
  ] as const)
    for (const whenUnknown of ["infer", "prove"])
      it(`has unproven verdicts on grants of an encrypted policy if ${name} and whenUnknown is ${whenUnknown}`, async () => {
        const state = await exported({});
        const config = { "iam-route-caller-lambda-invoke": { whenUnknown } };
        assert.deepEqual((await reportOn(state, config)).answers.map(answerText), [
          'caller-route allowed: role "caller" can call GET /orders/{id} of API orders-api',
          "route-function allowed: function orders allows API Gateway to invoke it",
          'caller-function allowed: role "caller" can invoke function orders',
        ]);
        const { answers, findings } = await reportOn(
          encrypted(state, [policyOf("caller-policy")], named),
          config,
        );
        assert.deepEqual(
          answers.filter(({ outcome }) => outcome === "denied"),
          [],
        );
        assert.deepEqual(
          findings.filter(({ level }) => level === "mandatory"),
          [],
        );
        const invoked = answers.find(({ gate }) => gate === "caller-function");
        assert.equal(invoked?.outcome, "unproven");
        assert.deepEqual(invoked.inferredFrom, []);
      });

  it("reports that the value is encrypted and how to export it in plaintext", async () => {
    const state = encrypted(await exported({}), [policyOf("caller-policy")]);
    const invoked = (await reportOn(state)).answers.find(({ gate }) => gate === "caller-function");
    assert.match(
      invoked?.doubts.join() ?? "",
      /^the document of inline policy .*: it is encrypted in the state$/,
    );
    assert.equal(
      invoked?.fix?.text,
      "export the stack with its secrets in plaintext (pulumi stack export --show-secrets).",
    );
  });

  it("treats no principal's policies as complete while the target of a policy is encrypted", async () => {
    const patch: Patch = {
      more: () => {
        const workerRole = new aws.iam.Role("worker", {
          name: "worker",
          assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        });
        new aws.iam.RolePolicy("worker-calls", {
          role: workerRole.name,
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", "*")] },
        });
        new aws.iam.RolePolicy("worker-invokes", {
          role: pulumi.output("worker"),
          policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", "*")] },
        });
      },
    };
    const state = await exported(patch);
    const place = { ...policyOf("worker-invokes"), property: "role" };
    const ofWorker = ({ answers }: Report) =>
      answers.find(({ gate, urn }) => gate === "caller-function" && urn.endsWith("::worker"))?.outcome;
    assert.equal(ofWorker(await reportOn(state)), "allowed");
    assert.equal(ofWorker(await reportOn(encrypted(state, [place]))), "unproven");
  });

  for (const name of [
    "caller-credentials",
    "integration-role",
    "lambda-authorizer",
    "http-api",
    "openapi-body",
  ])
    it(`never reverses a verdict of the example ${name} if one value is encrypted`, async () => {
      const state = stateOf(await plan(example(name), { as: "deployed", project: "shop" }));
      const truth = outcomes(await reportOn(state));
      for (const place of placesIn(state)) {
        const encryptedOutcomes = outcomes(await reportOn(encrypted(state, [place])));
        for (const [at, outcome] of encryptedOutcomes) {
          const before = truth.get(at);
          // Labels that contain a hidden name or path differ.
          if (outcome === "unproven" || before === undefined) continue;
          assert.equal(outcome, before, `${place.urn} ${place.property}: ${at}`);
        }
      }
    });
});
