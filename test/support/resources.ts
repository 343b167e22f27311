import assert from "node:assert/strict";
import { checkResources, type PlannedResource, type Value } from "../../testing";

/** The inputs of a resource, for policies that look at one resource at a time. */
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

/** `found`: how many findings, or what the one finding says. */
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

/** What Pulumi's engine sends for an unknown string. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const PERMISSION = "aws:lambda/permission:Permission";
export const permission = {
  action: "lambda:InvokeFunction",
  function: "orders",
  principal: "apigateway.amazonaws.com",
};
export const source = (sourceArn: unknown): Inputs => ({ sourceArn });

/** A document of one statement, as an inline policy holds it. */
export const document = (Action: unknown, Resource: unknown, more: Inputs = {}): Inputs => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource, ...more }],
  }),
});
export const INLINE = "aws:iam/rolePolicy:RolePolicy";
