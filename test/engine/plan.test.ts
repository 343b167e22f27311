import { deepStrictEqual, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PlannedResource, plan, programFrom, type Value } from "../../testing";
import { describeWithPulumi, openStack, PACK, TIME_LIMIT } from "./harness";

/** A resource as the recorder pack received it. */
interface Seen {
  kind: "resource" | "stack";
  urn: string;
  props: Record<string, Value>;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  [key: string]: unknown;
}

const RECORDER = join(PACK, "test/engine/recorder-pack");
const PROGRAM = join(PACK, "test/programs/everything");
const CONFIG = { owner: "platform", token: "not-a-real-token" };

describeWithPulumi("a plan and what Pulumi's engine shows to a policy pack", function () {
  this.timeout(TIME_LIMIT);
  it("are the same as from the engine, before and after the first deployment", async () => {
    const stack = await openStack(PROGRAM);
    try {
      const previewed = join(stack.folder, "preview.jsonl");
      const preview = await stack.pulumi(["preview", "--non-interactive", "--policy-pack", RECORDER], {
        RECORD_TO: previewed,
      });
      strictEqual(preview.code, 0, preview.output);
      const deployed = join(stack.folder, "deployed.jsonl");
      const up = await stack.pulumi(
        ["up", "--yes", "--skip-preview", "--non-interactive", "--policy-pack", RECORDER],
        { RECORD_TO: deployed },
      );
      strictEqual(up.code, 0, up.output);
      const unchanged = join(stack.folder, "unchanged.jsonl");
      const second = await stack.pulumi(["preview", "--non-interactive", "--policy-pack", RECORDER], {
        RECORD_TO: unchanged,
      });
      strictEqual(second.code, 0, second.output);

      const program = programFrom(PROGRAM);
      const options = { project: "everything", stack: "dev", config: CONFIG };
      const before = await plan(program, { ...options, as: "first-preview" });
      compare(before.resources, recorded(previewed));
      const after = await plan(program, { ...options, as: "deployed" });
      compare(after.resources, recorded(deployed));
      const update = await plan(program, { ...options, as: { update: after } });
      compare(update.resources, recorded(unchanged));
    } finally {
      stack.close();
    }
  });
});

function recorded(file: string): Seen[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function compare(planned: PlannedResource[], recordedResources: Seen[]): void {
  const stack = recordedResources.filter(({ kind }) => kind === "stack");
  deepStrictEqual(
    planned.map(({ urn }) => urn).sort(),
    stack.map(({ urn }) => urn).sort(),
    "the resources of the stack",
  );
  for (const resource of planned) {
    const { kind: _kind, ...shown } = stack.find(({ urn }) => urn === resource.urn) ?? {};
    const { type, name, urn, parent, provider, dependencies, propertyDependencies } = resource;
    deepStrictEqual(
      sorted({
        type,
        name,
        urn,
        parent,
        provider,
        dependencies,
        propertyDependencies,
        props: resource.outputs,
      }),
      sorted(shown),
      `outputs of ${urn}`,
    );
    const checked = recordedResources.find((entry) => entry.kind === "resource" && entry.urn === urn);
    deepStrictEqual(sorted(resource.inputs), sorted(checked?.props), `inputs of ${urn}`);
  }
}

/** Plain JSON with sorted lists of URNs, which are sets in the engine. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? {}), (_key, inner) =>
    Array.isArray(inner) && inner.every((urn) => typeof urn === "string" && urn.startsWith("urn:"))
      ? inner.sort()
      : inner,
  );
}
