/** The route in the access logs of a WebSocket API. */
import * as assert from "node:assert/strict";
import { type FailureEntry, LogDiagnosis } from "../../diagnose";
import { analyze } from "../../engine/analyze";
import { plan } from "../../testing";
import { example } from "../support/reports";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";

async function failuresOf(name: string, text: (id: string) => string): Promise<readonly FailureEntry[]> {
  const { resources, project, stack } = await plan(example(name), { as: "deployed", project: "shop" });
  const diagnosing = new LogDiagnosis(await analyze(resources), resources);
  const id = resources.find(({ type }) => /:(Api|RestApi)$/.test(type))?.id ?? "";
  const counts = await diagnosing.read(
    (async function* () {
      yield Buffer.from(text(id));
    })(),
    new Map(),
  );
  const about = {
    tool: { name: "apigateway-lambda-access" as const, version: "1.2.3" },
    inputs: [{ name: "state.json", as: "state" as const, project, stack }],
  };
  return diagnosing.result(about, "access.log", counts).failures;
}

const record = (values: object): string => JSON.stringify(values);

describe("diagnose of a WebSocket API", () => {
  for (const [title, name, text] of [
    [
      "a WebSocket API's access log, by the route key",
      "websocket-api",
      (apiId: string) =>
        record({
          apiId,
          stage: "live",
          routeKey: "send",
          eventType: "MESSAGE",
          status: "500",
          integrationError: INVALID,
        }),
    ],
    [
      "a WebSocket API's access log without the API's ID",
      "websocket-api",
      () =>
        record({ routeKey: "send", eventType: "MESSAGE", connectionId: "L0SM9cOFvHcCIhw=", status: "500" }),
    ],
  ] as const)
    it(`explains ${title}`, async () => {
      const [failure, ...more] = await failuresOf(name, text);
      assert.deepEqual(more, []);
      assert.ok(failure !== undefined);
      assert.equal(failure.outcome, "explained", JSON.stringify(failure, undefined, 1));
    });
});
