/** Findings in the preview of an update of a deployed, working stack. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeWithPulumi,
  type EngineStack,
  openStack,
  PACK,
  type PulumiResult,
  TIME_LIMIT,
  violations,
} from "./harness";

const POLICY_PACK = ["--policy-pack", PACK, "--non-interactive"];

const INVOKE = `
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: orders.arn,
      },`;

/** Names the functions by a literal ARN pattern. */
const INVOKE_BY_TEXT = INVOKE.replace("orders.arn", '"arn:aws:lambda:*:*:function:orders-*"');

const SEND = `
      {
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: new aws.sqs.Queue("jobs").arn,
      },`;

const SECOND_POLICY = `
new aws.iam.RolePolicy("orders-client-invokes", {
  name: "invokes",
  role: client,
  policy: { Version: "2012-10-17", Statement: [${INVOKE_BY_TEXT}] },
});
`;

function edit(stack: EngineStack, from: string, to: string): void {
  const file = join(stack.folder, "index.ts");
  const text = readFileSync(file, "utf8");
  ok(text.includes(from), from);
  writeFileSync(file, text.replace(from, to));
}

async function run(stack: EngineStack, ...args: readonly string[]): Promise<PulumiResult> {
  const result = await stack.pulumi([...args, "--non-interactive"]);
  strictEqual(result.code, 0, result.output);
  return result;
}

/** The example of a caller with both actions, edited and deployed. */
async function deployed(from: string, to: string): Promise<EngineStack> {
  const stack = await openStack(join(PACK, "examples/invalid-permissions-fixed"));
  try {
    edit(stack, from, to);
    await run(stack, "up", "--yes", "--skip-preview");
  } catch (error) {
    stack.close();
    throw error;
  }
  return stack;
}

describeWithPulumi("a preview by the pulumi command of a stack that is deployed", function () {
  this.timeout(TIME_LIMIT);

  it("does not block the preview and the update that add a queue's ARN to the caller's document", async () => {
    const stack = await deployed(INVOKE, INVOKE_BY_TEXT);
    try {
      edit(stack, INVOKE_BY_TEXT, `${INVOKE_BY_TEXT}${SEND}`);
      const preview = await stack.pulumi(["preview", ...POLICY_PACK]);
      strictEqual(preview.code, 0, preview.output);
      deepStrictEqual(violations(preview), ["advisory unproven-access"], preview.output);
      const update = await stack.pulumi(["up", "--yes", "--skip-preview", ...POLICY_PACK]);
      strictEqual(update.code, 0, update.output);
      deepStrictEqual(violations(update), [], update.output);
    } finally {
      stack.close();
    }
  });

  it("reports a caller whose policy the program removes while the state still lists it", async () => {
    const last = "export const url";
    const stack = await deployed(INVOKE, "");
    try {
      edit(stack, last, `${SECOND_POLICY}\n${last}`);
      await run(stack, "up", "--yes", "--skip-preview");
      await fillInlinePolicies(stack, "orders-client");
      const before = await stack.pulumi(["preview", ...POLICY_PACK]);
      strictEqual(before.code, 0, before.output);
      edit(stack, SECOND_POLICY, "");
      const preview = await stack.pulumi(["preview", ...POLICY_PACK]);
      notStrictEqual(violations(preview).length, 0, preview.output);
    } finally {
      stack.close();
    }
  });
});

interface State {
  deployment: { resources: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
}

/** As a refresh does: the role's state lists all its inline policies. */
async function fillInlinePolicies(stack: EngineStack, role: string): Promise<void> {
  const file = join(stack.folder, "state.json");
  await run(stack, "stack", "export", "--file", file);
  const state: State = JSON.parse(readFileSync(file, "utf8"));
  const { resources } = state.deployment;
  const outputs = resources.find(({ urn }) => urn.endsWith(`aws:iam/role:Role::${role}`))?.outputs ?? {};
  outputs.inlinePolicies = resources
    .filter(
      (resource) =>
        resource.type === "aws:iam/rolePolicy:RolePolicy" && resource.outputs?.role === outputs.name,
    )
    .map((resource) => ({ name: resource.outputs?.name, policy: resource.outputs?.policy }));
  strictEqual((outputs.inlinePolicies as unknown[]).length, 2);
  writeFileSync(file, JSON.stringify(state));
  await run(stack, "stack", "import", "--file", file);
}
