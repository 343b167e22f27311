import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  apiGatewayServiceContext,
  assumeRoleContext,
  type Context,
  callerCredentialsContext,
  directCallContext,
  executeApiContext,
  integrationRoleContext,
} from "../../iam";
import { contextValue } from "../../iam/evaluate/condition";
import { ACCOUNT, API, ROLE } from "./support";

const COLUMNS: readonly Context[] = [
  apiGatewayServiceContext({ sourceArn: [`${API}/prod/GET/`], sourceAccount: [ACCOUNT] }),
  integrationRoleContext({ role: ROLE }),
  callerCredentialsContext({ caller: ROLE }),
  directCallContext({ caller: ROLE }),
  executeApiContext({ caller: ROLE, privateApi: "no" }),
  assumeRoleContext({}),
];
const WORDS = { present: "value", absent: "absent", unknown: "?" } as const;

describe("docs/iam.md", () => {
  const page = readFileSync(resolve(__dirname, "../../docs/iam.md"), "utf8");
  const rows = page.split("\n").filter((line) => /^\| `\w+:/.test(line));
  it("has a row for each condition key", () => assert.ok(rows.length > 15));
  for (const row of rows) {
    const [, key = "", ...cells] = row.split("|").map((cell) => cell.trim());
    const [, name = ""] = /^`([^`]+)`/.exec(key) ?? [];
    it(`matches the code for ${name}`, () =>
      assert.deepEqual(
        cells.slice(0, COLUMNS.length),
        COLUMNS.map((context) => WORDS[contextValue(context, name.toLowerCase()).state]),
      ));
  }
});
