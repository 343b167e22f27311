import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { printableLines } from "../../messages/printable";
import { checkResources, type Finding, type PlannedResource, plan } from "../../testing";
import { MOMENTS, type Moment } from "../support/cases";
import { FORMS } from "../support/forms";
import { hidesSomething, mutate, seededRandom } from "../support/mutate";
import { allowInvoke, endpoint, makeFunction, roleWithPolicy, stage } from "../support/programs";

/**
 * Stacks of all forms with random mutations, next to unrelated routes that fail. With any mutation, no policy throws,
 * messages are printable, and the unrelated routes keep their findings.
 *
 * `npm run soundness` runs more stacks; `FUZZ_SEED` repeats the stack with a given number.
 */

const { SOUNDNESS_RUNS = "1", FUZZ_SEED } = process.env;
/** Number of stacks, each with one to ten mutations. */
const STACKS = Math.ceil(120 * Number(SOUNDNESS_RUNS));
const SEED = 20_261;

const MAX_MESSAGE_LENGTH = 10_000;
/** For the timeout of the test; most stacks take a few hundredths of a second. */
const MILLISECONDS_PER_STACK = 5_000;

class BrokenRoutes extends pulumi.ComponentResource {
  constructor() {
    super("test:index:BrokenRoutes", "broken-routes");
  }
}

/** Routes that fail in different ways and share no resource with any other program. */
function brokenRoutes(): void {
  const provider = new aws.Provider("broken-routes", { region: "us-east-1" });
  const options = { parent: new BrokenRoutes(), provider };
  const api = new aws.apigateway.RestApi("broken-routes", {}, options);
  const permitted = makeFunction("open", {}, options);
  const unpermitted = makeFunction("shut", {}, options);
  stage(
    "live",
    api,
    [
      endpoint("open", api, "GET", "open", permitted.invokeArn, options),
      endpoint("shut", api, "GET", "shut", unpermitted.invokeArn, options),
    ],
    options,
  );
  allowInvoke("open-in", permitted.name, pulumi.interpolate`${api.executionArn}/*/GET/open`, {}, options);
  roleWithPolicy("visitor", [["execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`]], {}, options);
  allowInvoke("never", permitted.name, "arn:aws:execute-api:us-east-1:123456789012:abcdefghij", {}, options);
  const invocationUri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations";
  roleWithPolicy("misled", [["lambda:InvokeFunction", invocationUri]], {}, options);
}

const BROKEN_ROUTES_FINDINGS = [
  "iam-route-caller-lambda-invoke @ visitor",
  "invoke-policy-resource @ misled-policy",
  "lambda-permission-source-arn @ never",
  "route-function-permission @ shut-integration",
];

interface PlannedStack {
  readonly name: string;
  readonly resources: readonly PlannedResource[];
}

/** For example `route-function-permission @ shut-integration`. */
const labelOf = ({ policy, name }: Finding): string => `${policy} @ ${name}`;

describe("randomly broken stacks", () => {
  const stacks: PlannedStack[] = [];
  const brokenRoutesPlans: PlannedStack[] = [];

  before(async function () {
    this.timeout(120_000);
    const addPlan = async (
      list: PlannedStack[],
      name: string,
      program: () => unknown,
      as: Moment,
    ): Promise<void> => {
      list.push({ name: `${name} (${as})`, resources: (await plan(program, { as })).resources });
    };
    for (const as of MOMENTS) {
      await addPlan(brokenRoutesPlans, "broken-routes", brokenRoutes, as);
      for (const [name, program] of Object.entries(FORMS)) await addPlan(stacks, name, program, as);
    }
  });

  it("contain routes that fail, which the pack reports without any mutation", async () => {
    for (const { resources } of brokenRoutesPlans) {
      const found = await checkResources(resources);
      assert.deepEqual([...new Set(found.map(labelOf))], BROKEN_ROUTES_FINDINGS);
      assert.ok(found.every(({ level }) => level === "mandatory"));
    }
  });

  /** The problems with the findings in the stack of a seed. */
  async function evaluated(seed: number): Promise<readonly string[]> {
    const random = seededRandom(seed);
    const [stack, brokenRoutesPlan] = [random.pick(stacks), random.pick(brokenRoutesPlans)];
    const { resources, mutations } = mutate(stack.resources, random, 1 + random.below(10));
    const brokenRoutesResources = brokenRoutesPlan.resources.filter(
      ({ type }) => type !== "pulumi:pulumi:Stack",
    );
    const urns = new Set(brokenRoutesResources.map(({ urn }) => urn));
    const problems: string[] = [];
    try {
      const found = await checkResources([...resources, ...brokenRoutesResources]);
      const onBrokenRoutes = found.filter(({ resource }) => urns.has(resource));
      for (const label of BROKEN_ROUTES_FINDINGS) {
        if (onBrokenRoutes.some((finding) => labelOf(finding) === label)) continue;
        // A mutation may hide what these routes need; unproven-access then reports them for an intended caller.
        const isUnproven = found.some(
          ({ policy, message }) => policy === "unproven-access" && message.includes("of API broken-routes"),
        );
        if (!isUnproven || !hidesSomething(resources)) problems.push(`lost: ${label}`);
      }
      for (const finding of found) problems.push(...faultsOf(finding));
    } catch (error) {
      problems.push(`threw: ${error instanceof Error ? error.stack : JSON.stringify(error)}`);
    }
    return problems.map(
      (problem) =>
        `${seed}: ${stack.name} alongside the ${brokenRoutesPlan.name}, ${mutations.join(", ")}\n${problem}`,
    );
  }

  function faultsOf({ policy, message }: Finding): readonly string[] {
    return [
      ...(/Internal error|can't run policy/.test(message) ? [`${policy} gave up: ${message}`] : []),
      ...(message.length > MAX_MESSAGE_LENGTH ? [`${policy} says ${message.length} characters`] : []),
      ...(message === printableLines(message) ? [] : [`${policy} says ${JSON.stringify(message)}`]),
    ];
  }

  const seeds =
    FUZZ_SEED === undefined ? Array.from({ length: STACKS }, (_, at) => SEED + at) : [Number(FUZZ_SEED)];
  it(`never make the pack throw, lose a finding or run without end, in ${seeds.length} stacks`, async function () {
    this.timeout(seeds.length * MILLISECONDS_PER_STACK);
    const problems: string[] = [];
    for (const seed of seeds) {
      problems.push(...(await evaluated(seed)));
      // Data of one analysis is released between turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(
      problems.length === 0,
      `${problems.length} faults\n${problems.slice(0, 5).join("\n\n").slice(0, 5_000)}`,
    );
  });
});
