/** SECURITY.md: messages and reports never show confidential values of a stack, in any command and format. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { SECRET, SIGNATURE } from "../../engine/values";
import { FORMAT_NAMES } from "../../report/formats";
import { type PlannedResource, type Properties, plan } from "../../testing";
import { runCommand } from "../support/command";
import { example } from "../support/reports";
import { stateOf } from "../support/state";

const CONFIDENTIAL = "hush-hush";

/** Conditions that are met or cannot be evaluated, so that every statement still matters. */
const CONDITION = {
  StringEqualsIfExists: { "aws:PrincipalTag/team": `${CONFIDENTIAL}-condition` },
  StringNotLike: { "aws:UserAgent": `${CONFIDENTIAL}-condition` },
};

function withCondition(document: unknown): unknown {
  if (typeof document !== "string" || !document.includes("Statement")) return document;
  const content = JSON.parse(document);
  for (const statement of [content.Statement].flat()) statement.Condition ??= CONDITION;
  return JSON.stringify(content);
}

/** Adds confidential values to a resource, as in a state that was exported with secrets in plaintext. */
function withConfidentialValues(properties: Properties, { type }: PlannedResource): Properties {
  const secret = { [SIGNATURE]: SECRET, plaintext: JSON.stringify(`${CONFIDENTIAL}-secret`) };
  const confidential: Record<string, unknown> = {
    tags: { owner: `${CONFIDENTIAL}-tag` },
    tagsAll: { owner: `${CONFIDENTIAL}-tag` },
    description: `${CONFIDENTIAL}-description`,
    variables: { token: `${CONFIDENTIAL}-variable` },
    userData: secret,
    ...(type === "aws:lambda/function:Function"
      ? { environment: { variables: { TOKEN: `${CONFIDENTIAL}-environment` } } }
      : {}),
    ...(type.startsWith("pulumi:providers:")
      ? {
          accessKey: `${CONFIDENTIAL}-credentials`,
          secretKey: secret,
          token: `${CONFIDENTIAL}-credentials`,
          assumeRoles: JSON.stringify([{ externalId: `${CONFIDENTIAL}-credentials` }]),
          defaultTags: JSON.stringify({ tags: { owner: `${CONFIDENTIAL}-tag` } }),
        }
      : {}),
    ...(type === "pulumi:pulumi:Stack"
      ? { password: `${CONFIDENTIAL}-output`, url: `https://a:${CONFIDENTIAL}@host` }
      : {}),
  };
  const documents = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, withCondition(value)]),
  );
  return { ...documents, ...confidential } as Properties;
}

const LOG = [
  JSON.stringify({
    requestId: "a",
    status: 403,
    httpMethod: "GET",
    path: `/catalog?X-Amz-Signature=${CONFIDENTIAL}`,
    authorization: `Bearer ${CONFIDENTIAL}`,
    "x-api-key": CONFIDENTIAL,
    cookie: CONFIDENTIAL,
  }),
  `(1f2e3d4c) Method request headers: {Authorization=Bearer ${CONFIDENTIAL}}`,
  `(1f2e3d4c) Method request body before transformations: ${CONFIDENTIAL}`,
  `(1f2e3d4c) Endpoint request headers: {X-Amz-Security-Token=${CONFIDENTIAL}}`,
  "(1f2e3d4c) Execution failed due to configuration error: Invalid permissions on Lambda function",
  "(1f2e3d4c) Method completed with status: 500",
  `1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET /catalog?token=${CONFIDENTIAL} HTTP/1.1" 403 12 c`,
];

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(FORMAT_NAMES.map((format) => [`report as ${format}`, ["report", "-f", format]])),
  check: ["check"],
  explain: ["explain", "--route", "*"],
  "diagnose as text": ["diagnose", "--log", "log"],
  "diagnose as json": ["diagnose", "--log", "log", "-f", "json"],
};

describe("confidential values", () => {
  let folder: string;
  let resources: readonly PlannedResource[];

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "secrets-"));
    const planned = await plan(example("shop"), { as: "deployed", project: "shop" });
    resources = planned.resources;
    const state = stateOf(planned, (resource) => ({
      inputs: withConfidentialValues(resource.inputs, resource),
      outputs: withConfidentialValues(resource.outputs, resource),
    }));
    fs.writeFileSync(path.join(folder, "state.json"), state);
    fs.writeFileSync(path.join(folder, "log"), LOG.join("\n"));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const [commandName, [command = "", ...options]] of Object.entries(COMMANDS))
    it(`are not in the output of ${commandName}`, async () => {
      const { status, out, err } = await runCommand([command, "state.json", ...options], folder);
      assert.notEqual(status, 2, err);
      assert.ok(out.length > 0);
      assert.ok(
        !`${out}${err}`.includes(CONFIDENTIAL),
        out.slice(out.indexOf(CONFIDENTIAL) - 200, out.indexOf(CONFIDENTIAL) + 50),
      );
    });

  it("do not include names: a name that the program marks as secret is shown", async () => {
    const NAME = "marked-as-secret";
    const withSecretName = (properties: Properties): Properties =>
      Object.fromEntries(
        Object.entries(properties).map(([key, value]) =>
          key === "name" ? [key, { [SIGNATURE]: SECRET, plaintext: JSON.stringify(NAME) }] : [key, value],
        ),
      );
    const state = stateOf({ project: "shop", stack: "dev", resources: [...resources] }, (resource) =>
      resource.type === "aws:apigateway/restApi:RestApi"
        ? { inputs: withSecretName(resource.inputs), outputs: withSecretName(resource.outputs) }
        : {},
    );
    fs.writeFileSync(path.join(folder, "named.json"), state);
    for (const [commandName, [command = "", ...options]] of Object.entries(COMMANDS)) {
      if (command === "diagnose" || commandName.endsWith("code-quality")) continue;
      const { out } = await runCommand([command, "named.json", ...options], folder);
      assert.ok(out.includes(NAME), commandName);
    }
  });
});
