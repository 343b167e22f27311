/** docs/account-data.md lists the supported commands and the permissions that they require. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ACCOUNT_COMMANDS } from "../../account";

const PAGE = fs.readFileSync(path.resolve(__dirname, "../../docs/account-data.md"), "utf8");

interface Statement {
  readonly Action: string | readonly string[];
}

describe("docs/account-data.md", () => {
  it("lists every supported command", () => {
    for (const command of ACCOUNT_COMMANDS) {
      const [, service, operation = ""] = command.split(" ");
      assert.ok(PAGE.includes(`\`aws ${service} ${operation}`) || PAGE.includes(`\`${operation}`), command);
    }
  });

  it("contains a policy with exactly the permissions in the table", () => {
    const required = [...PAGE.matchAll(/^\|.*\| ([^|]*) \|$/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([a-z]+:[A-Za-z]+)`/g)].map(([, action]) => action),
    );
    const [, text = ""] = /```json\n(\{\n {2}"Version": "2012-10-17".*?)```/s.exec(PAGE) ?? [];
    const statements: readonly Statement[] = JSON.parse(text).Statement;
    const allowed = statements.flatMap(({ Action }) => Action);
    assert.deepEqual([...new Set(allowed)].sort(), [...new Set(required)].sort());
    assert.ok(allowed.every((action) => /:(Get|List|Describe|GET)/.test(action)));
  });
});
