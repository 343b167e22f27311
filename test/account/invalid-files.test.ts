/** Files that are not account data: each command and the pack report each of them in one sentence. */
import * as assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { readFile } from "../../account";
import { readAccount } from "../../account/configured";
import { run } from "../../cli/main";
import { showAccountProblem } from "../../messages";
import { plan } from "../../testing";
import { restStack } from "../support/rest";
import { stateOf } from "../support/state";

const VALID = '{"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": [], "Policies": []}';
const deep = (text: string): string => `${'{"a":'.repeat(100_000)}${text}${"}".repeat(100_000)}`;

type Content = string | Buffer | ((file: string) => void);

const isRoot = process.getuid?.() === 0;

const INVALID: readonly (readonly [kind: string, content: Content, message: RegExp])[] = [
  ["an empty file", "", /is empty$/],
  ["white space", " \n\t\n", /is empty$/],
  ["a byte order mark", "\ufeff", /is empty$/],
  ["a folder", (file) => fs.mkdirSync(file), /cannot be read: it is a folder$/],
  ["a missing file", () => {}, /cannot be read: there is no such file$/],
  [
    "a link to nothing",
    (file) => fs.symlinkSync(`${file}-nothing`, file),
    /cannot be read: there is no such file$/,
  ],
  [
    "a link to itself",
    (file) => fs.symlinkSync(file, file),
    /cannot be read: its symbolic links form a loop$/,
  ],
  ["a link to a folder", (file) => fs.symlinkSync(os.tmpdir(), file), /cannot be read: it is a folder$/],
  ["a device", (file) => fs.symlinkSync("/dev/zero", file), /cannot be read: it is a device$/],
  ["a file larger than a string", (file) => sparse(file, 0x1fffffe9), /cannot be read: it is too large$/],
  ["a file larger than memory", (file) => sparse(file, 2 ** 40), /cannot be read: it is too large$/],
  ...(isRoot
    ? []
    : [
        [
          "a file of someone else",
          (file: string) => fs.writeFileSync(file, VALID, { mode: 0 }),
          /access to it is denied$/,
        ] as const,
      ]),
  ["binary data", Buffer.from([0, 255, 254, 1]), /is not JSON/],
  ["a picture", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), /is not JSON/],
  ["gzip", gzipSync(VALID), /is compressed with gzip: decompress it first$/],
  ["zip", Buffer.from("504b030414000000", "hex"), /is compressed with zip: decompress it first$/],
  ["brotli", brotliCompressSync(VALID), /is not JSON/],
  [
    "UTF-32",
    Buffer.from(
      `\ufeff${VALID}`
        .split("")
        .map((character) => `${character}\0\0\0`)
        .join(""),
    ),
    /is not JSON/,
  ],
  [
    "a list of roles as text",
    "ROLEDETAILLIST\tarn:aws:iam::123456789012:role/a\n",
    /is not JSON; run the AWS CLI with --output json$/,
  ],
  ["a table", "-----------\n| GetRole |\n+---------+\n", /is not JSON; run the AWS CLI with --output json$/],
  ["YAML", "RoleDetailList:\n- RoleName: a\n", /is not JSON; run the AWS CLI with --output json$/],
  ["a YAML stream", "---\nRoleDetailList: []\n", /is not JSON/],
  [
    "JSON that is cut short",
    VALID.slice(0, -1),
    /ends in the middle of its JSON: it was not written completely$/,
  ],
  [
    "JSON that is cut short in a string",
    '{"RoleDetailList": [{"RoleName": "a',
    /ends in the middle of its JSON/,
  ],
  [
    "pages one after the other",
    `${VALID}\n${VALID}`,
    /contains several JSON texts; write each of them to a separate file$/,
  ],
  ["pages without a separator", `${VALID}${VALID}`, /contains several JSON texts/],
  ["JSON Lines", '{"RoleName": "a"}\n{"RoleName": "b"}\n', /contains several JSON texts/],
  ["single quotes", "{'RoleDetailList': []}", /is not JSON/],
  ["a trailing comma", '{"RoleDetailList": [],}', /is not JSON/],
  ["a comment", `// made by hand\n${VALID}`, /is not JSON/],
  [
    "an error of the CLI",
    "\nAn error occurred (AccessDenied) when calling the GetPolicy operation: User: x is not authorized\n",
    /contains an error of the AWS CLI \(AccessDenied\) instead of data$/,
  ],
  [
    "an error of a newer CLI",
    "aws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the GetPolicy operation: x",
    /contains an error of the AWS CLI \(ResourceNotFoundException\)/,
  ],
  ["null", "null", /is not account data: expected the JSON output of one of these commands: aws /],
  ["a number", "7", /is not account data/],
  ["a string", '"RoleDetailList"', /is not account data/],
  ["a list", "[]", /is not account data/],
  ["an empty object", "{}", /is not account data/],
  ["a state", '{"version": 3, "deployment": {"resources": []}}', /is not account data/],
  ["a preview", '{"steps": []}', /is not account data/],
  ["a policy document by itself", '{"Version": "2012-10-17", "Statement": []}', /is not account data/],
  ["another command's output", '{"Roles": [{"RoleName": "a"}]}', /is not account data/],
  [
    "a policy of IAM",
    '{"Policy": {"PolicyName": "a", "Arn": "arn:aws:iam::123456789012:policy/a"}}',
    /is not account data/,
  ],
  [
    "a resource policy of a queue",
    '{"Policy": "{\\"Statement\\": [{\\"Resource\\": \\"arn:aws:sqs:us-east-1:123456789012:a\\"}]}"}',
    /is not account data/,
  ],
  ["a resource policy that is not JSON", '{"Policy": "{"}', /is not account data/],
  ["a function without an ARN", '{"Configuration": {"FunctionArn": 7}}', /is not account data/],
  ["members that are not lists", '{"RoleDetailList": {}, "Policies": "x"}', /is not account data/],
  ["deep nesting", deep("1"), /is not account data/],
  [
    "deep nesting in a policy document",
    `{"RoleDetailList": [{"RoleName": "a", "Arn": "arn:aws:iam::123456789012:role/a", "AssumeRolePolicyDocument": ${deep("1")}}]}`,
    /is not account data: it is nested too deeply$/,
  ],
];

/** A sparse file of this size. */
function sparse(file: string, size: number): void {
  fs.writeFileSync(file, "{");
  fs.truncateSync(file, size);
}

describe("account data files", function () {
  this.timeout(120_000);
  let folder: string;
  let state: string;
  const names = new Map<string, string>();

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "bad-"));
    state = path.join(folder, "state.json");
    fs.writeFileSync(state, stateOf(await plan(restStack({}), { as: "deployed", project: "shop" })));
    for (const [at, [kind, content]] of INVALID.entries()) {
      const file = path.join(folder, `bad-${at}.json`);
      names.set(kind, file);
      if (typeof content === "function") content(file);
      else fs.writeFileSync(file, content);
    }
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const fileOf = (kind: string): string => names.get(kind) ?? "";

  /** The standard error and exit status of a command. */
  async function errorOf(args: readonly string[]): Promise<readonly [status: number, text: string]> {
    const { write } = process.stderr;
    let text = "";
    process.stderr.write = ((part: string) => {
      text += part;
      return true;
    }) as typeof write;
    try {
      return [await run(args), text];
    } finally {
      process.stderr.write = write;
    }
  }

  for (const [kind, , message] of INVALID)
    it(`are invalid and reported in one sentence: ${kind}`, () => {
      const read = readFile(fileOf(kind));
      assert.ok("problem" in read, JSON.stringify(read).slice(0, 300));
      const text = showAccountProblem(read.problem);
      assert.match(text, message);
      assert.ok(!text.includes("\n") && text.startsWith(fileOf(kind)));
    });

  for (const command of [
    ["check"],
    ["report"],
    ["explain", "--route", "*"],
    ["diagnose", "--log", os.devNull],
  ])
    it(`end ${command[0]} with exit status 2 and one line if they are invalid`, async () => {
      for (const [kind, , message] of INVALID) {
        const [status, text] = await errorOf([...command, state, "--account", fileOf(kind)]);
        assert.equal(status, 2, kind);
        const lines = text.trim().split("\n");
        assert.deepEqual([lines.length, text.startsWith("error: ")], [1, true], text);
        assert.match(text.trim(), message);
      }
    });

  it("are reported by the pack as advisory if they are invalid, and do not block the preview", () => {
    for (const [kind] of INVALID) {
      const { data, problems } = readAccount([], { paths: [fileOf(kind)], folders: [], namedResources: [] });
      assert.equal(data, undefined);
      assert.equal(problems.length, 1, kind);
    }
  });

  it("are read from a named pipe with a writer, and rejected without one", async () => {
    const pipe = path.join(folder, "pipe");
    try {
      execFileSync("mkfifo", [pipe]);
    } catch {
      return;
    }
    const read = readFile(pipe);
    assert.ok(
      "problem" in read && /it is a pipe that no process writes to$/.test(showAccountProblem(read.problem)),
      JSON.stringify(read),
    );
    const slowly = `sleep 0.2; printf '%s' '${VALID.slice(0, 30)}'; sleep 0.2; printf '%s' '${VALID.slice(30)}'`;
    const writer = spawn("sh", ["-c", `(${slowly}) > '${pipe}'`], { stdio: "ignore" });
    const ended = new Promise((resolve) => writer.once("exit", resolve));
    assert.ok("read" in readFile(pipe));
    await ended;
  });
  it("may be in UTF-16 or begin with a byte order mark, as written on Windows", () => {
    const file = path.join(folder, "wide.json");
    for (const content of [
      Buffer.from(VALID, "utf16le"),
      Buffer.from(`\ufeff${VALID}`, "utf16le"),
      `\ufeff${VALID}`,
    ]) {
      fs.writeFileSync(file, content);
      assert.ok("read" in readFile(file));
    }
  });

  it("may contain some invalid entries", () => {
    const file = path.join(folder, "odd.json");
    for (const content of [
      '{"RoleDetailList": [null, 5, "x", [], {}, {"Arn": 7}, {"Arn": "x", "RoleName": null}]}',
      '{"RoleDetailList": [{"Arn": "arn", "RoleName": "a", "RolePolicyList": {}, "Tags": [null], "PermissionsBoundary": 7}]}',
      '{"Policies": [{"Arn": "arn:aws:iam::1:policy/a", "PolicyVersionList": [{"IsDefaultVersion": true}]}]}',
      '{"UserDetailList": [{"__proto__": {"a": 1}, "Arn": "arn", "UserName": "__proto__", "Tags": [{"Key": "__proto__", "Value": "x"}]}]}',
    ]) {
      fs.writeFileSync(file, content);
      assert.ok("read" in readFile(file), content);
    }
  });
});
