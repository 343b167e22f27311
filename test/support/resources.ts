import assert from "node:assert/strict";
import { checkResources, type PlannedResource, type Value } from "../../testing";

/** The inputs of a resource, for policies on a single resource. */
export type Inputs = Record<string, unknown>;
export type Row = readonly [name: string, inputs: Inputs, found: number | string];

async function messagesFor(policy: string, type: string, inputs: Inputs): Promise<string[]> {
  const properties: Record<string, Value> = JSON.parse(JSON.stringify(inputs));
  const resource: PlannedResource = {
    urn: `urn:pulumi:dev::project::${type}::it`,
    type,
    name: "it",
    custom: true,
    id: "it",
    inputs: properties,
    outputs: properties,
    dependencies: [],
    propertyDependencies: {},
  };
  return (await checkResources([resource]))
    .filter((finding) => finding.policy === policy)
    .map((finding) => finding.message);
}

/**
 * Tests a policy on a single resource.
 *
 * @param rows `found`: the number of findings, or part of the message of the only finding
 */
export function testFindings(policy: string, type: string, base: Inputs, rows: readonly Row[]): void {
  describe(policy, () => {
    for (const [name, inputs, found] of rows)
      it(`${name}: reports ${typeof found === "string" ? JSON.stringify(found) : `${found || "no"} findings`}`, async () => {
        const messages = await messagesFor(policy, type, { ...base, ...inputs });
        assert.equal(messages.length, typeof found === "number" ? found : 1, messages.join("\n"));
        if (typeof found === "string") assert.ok(messages[0]?.includes(found), messages[0]);
      });
  });
}

/** Pulumi's sentinel for an unknown string. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const PERMISSION = "aws:lambda/permission:Permission";
export const permission = {
  action: "lambda:InvokeFunction",
  function: "orders",
  principal: "apigateway.amazonaws.com",
};
export const source = (sourceArn: unknown): Inputs => ({ sourceArn });

/** The inputs of an inline policy with one statement. */
export const document = (Action: unknown, Resource: unknown, more: Inputs = {}): Inputs => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource, ...more }],
  }),
});
export const INLINE = "aws:iam/rolePolicy:RolePolicy";
