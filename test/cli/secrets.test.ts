/** SECURITY.md: what messages and reports show of a stack, in every format and command, and what they never show. */
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

const HUSH = "hush-hush";

/** Conditions that leave every statement in force, or that cannot be decided. */
const CONDITION = {
  StringEqualsIfExists: { "aws:PrincipalTag/team": `${HUSH}-condition` },
  StringNotLike: { "aws:UserAgent": `${HUSH}-condition` },
};

function withCondition(document: unknown): unknown {
  if (typeof document !== "string" || !document.includes("Statement")) return document;
  const content = JSON.parse(document);
  for (const statement of [content.Statement].flat()) statement.Condition ??= CONDITION;
  return JSON.stringify(content);
}

/** What a program may keep confidential, as a state has it that was exported with its secrets in clear text. */
function confiding(properties: Properties, { type }: PlannedResource): Properties {
  const secret = { [SIGNATURE]: SECRET, plaintext: JSON.stringify(`${HUSH}-secret`) };
  const own: Record<string, unknown> = {
    tags: { owner: `${HUSH}-tag` },
    tagsAll: { owner: `${HUSH}-tag` },
    description: `${HUSH}-description`,
    variables: { token: `${HUSH}-variable` },
    userData: secret,
    ...(type === "aws:lambda/function:Function"
      ? { environment: { variables: { TOKEN: `${HUSH}-environment` } } }
      : {}),
    ...(type.startsWith("pulumi:providers:")
      ? {
          accessKey: `${HUSH}-credentials`,
          secretKey: secret,
          token: `${HUSH}-credentials`,
          assumeRoles: JSON.stringify([{ externalId: `${HUSH}-credentials` }]),
          defaultTags: JSON.stringify({ tags: { owner: `${HUSH}-tag` } }),
        }
      : {}),
    ...(type === "pulumi:pulumi:Stack" ? { password: `${HUSH}-output`, url: `https://a:${HUSH}@host` } : {}),
  };
  const documents = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, withCondition(value)]),
  );
  return { ...documents, ...own } as Properties;
}

const LOG = [
  JSON.stringify({
    requestId: "a",
    status: 403,
    httpMethod: "GET",
    path: `/catalog?X-Amz-Signature=${HUSH}`,
    authorization: `Bearer ${HUSH}`,
    "x-api-key": HUSH,
    cookie: HUSH,
  }),
  `(1f2e3d4c) Method request headers: {Authorization=Bearer ${HUSH}}`,
  `(1f2e3d4c) Method request body before transformations: ${HUSH}`,
  `(1f2e3d4c) Endpoint request headers: {X-Amz-Security-Token=${HUSH}}`,
  "(1f2e3d4c) Execution failed due to configuration error: Invalid permissions on Lambda function",
  "(1f2e3d4c) Method completed with status: 500",
  `1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET /catalog?token=${HUSH} HTTP/1.1" 403 12 c`,
];

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(FORMAT_NAMES.map((format) => [`report as ${format}`, ["report", "-f", format]])),
  check: ["check"],
  explain: ["explain", "--route", "*"],
  "diagnose as text": ["diagnose", "--log", "log"],
  "diagnose as json": ["diagnose", "--log", "log", "-f", "json"],
};

describe("what is confidential", function () {
  this.timeout(60_000);
  let folder: string;
  let resources: readonly PlannedResource[];

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "secrets-"));
    const planned = await plan(example("shop"), { as: "deployed", project: "shop" });
    resources = planned.resources;
    const state = stateOf(planned, (resource) => ({
      inputs: confiding(resource.inputs, resource),
      outputs: confiding(resource.outputs, resource),
    }));
    fs.writeFileSync(path.join(folder, "state.json"), state);
    fs.writeFileSync(path.join(folder, "log"), LOG.join("\n"));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const [what, [command = "", ...options]] of Object.entries(COMMANDS))
    it(`is not in what the command prints: ${what}`, async () => {
      const { status, out, err } = await runCommand([command, "state.json", ...options], folder);
      assert.notEqual(status, 2, err);
      assert.ok(out.length > 0);
      assert.ok(!`${out}${err}`.includes(HUSH), out.slice(out.indexOf(HUSH) - 200, out.indexOf(HUSH) + 50));
    });

  it("is shown where it is a name, even of what the program marks as secret", async () => {
    const NAME = "marked-as-secret";
    const marked = (properties: Properties): Properties =>
      Object.fromEntries(
        Object.entries(properties).map(([key, value]) =>
          key === "name" ? [key, { [SIGNATURE]: SECRET, plaintext: JSON.stringify(NAME) }] : [key, value],
        ),
      );
    const state = stateOf({ project: "shop", stack: "dev", resources: [...resources] }, (resource) =>
      resource.type === "aws:apigateway/restApi:RestApi"
        ? { inputs: marked(resource.inputs), outputs: marked(resource.outputs) }
        : {},
    );
    fs.writeFileSync(path.join(folder, "named.json"), state);
    for (const [what, [command = "", ...options]] of Object.entries(COMMANDS)) {
      if (command === "diagnose" || what.endsWith("code-quality")) continue;
      const { out } = await runCommand([command, "named.json", ...options], folder);
      assert.ok(out.includes(NAME), what);
    }
  });
});
