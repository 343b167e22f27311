/**
 * Creates a policy, its messages, its page and its test, and adds it to the list of policies:
 * `npm run new-policy NAME`. The new resource policy works and passes every check; its rule, its
 * sentences, its page and its test cases are placeholders to replace.
 */

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pascalCase } from "../messages/text";

const ROOT = path.resolve(__dirname, "..");

/** A file with its content once the policy exists. */
export interface Change {
  readonly file: string;
  readonly text: string;
}

/** The content of a file of the project; `undefined` where there is none. */
export type Read = (file: string) => string | undefined;

/** The changes to the files of the project that add a policy. Throws for an invalid name. */
export function newPolicy(name: string, read: Read): readonly Change[] {
  checkName("policy", name);
  const files = [
    { file: `policies/${name}.ts`, text: policyFile(name) },
    { file: `messages/policies/${name}.ts`, text: messagesFile(name) },
    { file: `docs/policies/${name}.md`, text: pageFile(name) },
    { file: `test/policies/${name}.test.ts`, text: testFile(name) },
  ];
  return [...requireNew(files, read), policyList(name, "resource", read)];
}

export function checkName(kind: "policy" | "gate", name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name))
    throw new Error(
      `The name of a ${kind} consists of lowercase words joined by "-": ${JSON.stringify(name)} is invalid.`,
    );
}

export function requireNew(files: readonly Change[], read: Read): readonly Change[] {
  const existing = files.find(({ file }) => read(file) !== undefined);
  if (existing !== undefined) throw new Error(`${existing.file} already exists.`);
  return files;
}

/**
 * The list of policies with a new one. It is written, unlike the lists that `npm run docs` generates from it: the pack
 * does not read folders when it starts, and the type checker verifies what the list imports.
 */
export function policyList(name: string, kind: "resource" | "stack", read: Read): Change {
  const list = kind === "resource" ? /^const LINTS: .*$/m : /^const GATES: .*$/m;
  return withInsertedLines(read, "policies/index.ts", [
    [/^import .* from "\.\/[a-z-]+";$/m, `import { ${camelCase(name)} } from "./${name}";`],
    [list, `  ${camelCase(name)},`],
  ]);
}

/** A file with further lines, each after another one. */
export function withInsertedLines(
  read: Read,
  file: string,
  lines: readonly (readonly [after: RegExp, line: string])[],
): Change {
  let text = read(file) ?? "";
  for (const [after, line] of lines) {
    if (!after.test(text)) throw new Error(`${file} has no line ${after} to insert after.`);
    text = text.replace(after, (match) => `${match}\n${line}`);
  }
  return { file, text };
}

export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function policyFile(name: string): string {
  return `import { describe${pascalCase(name)}, type ${pascalCase(name)}Problem } from "../messages/policies/${name}";
import { type ReadableResource, readString } from "../stack";
import { type Metadata, type ResourcePolicy, resourcePolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "${name}",
  displayName: "Function permissions allow no more than one action",
  description: "A function permission allows every action of Lambda.",
  enforcementLevel: "advisory",
  severity: "low",
  rule: "aws",
  remediationSteps: "Name the action that the permission is for.",
};

export const ${camelCase(name)}: ResourcePolicy = resourcePolicy(metadata, {
  kinds: ["Permission"],
  problems: problemsOf,
  describe: describe${pascalCase(name)},
});

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
function problemsOf(planned: ReadableResource): readonly ${pascalCase(name)}Problem[] {
  return readString(planned, "action") === "lambda:*" ? [{ code: "every-action" }] : [];
}
`;
}

function messagesFile(name: string): string {
  return `import { message } from "../text";

/** What is wrong with a function permission. */
export interface ${pascalCase(name)}Problem {
  readonly code: "every-action";
}

export function describe${pascalCase(name)}({ code }: ${pascalCase(name)}Problem): string {
  switch (code) {
    case "every-action":
      return message([
        "This permission allows every action of Lambda.",
        "Why: the principal may change or delete the function (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html).",
        'Fix: action: "lambda:InvokeFunction"',
      ]);
  }
}
`;
}

function testFile(name: string): string {
  return `import { PERMISSION, permission, testFindings, UNKNOWN } from "../support/resources";

testFindings("${name}", PERMISSION, permission, [
  ["every action", { action: "lambda:*" }, "every action"],
  ["one action", {}, 0],
  ["an action that is unknown", { action: UNKNOWN }, 0],
  ["an action that is not a text", { action: { not: "text" } }, 0],
]);
`;
}

function pageFile(name: string): string {
  const permission = (action: string): string => `\`\`\`typescript
new aws.lambda.Permission("orders", {
  action: "${action}",
  function: fn.name,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate\`\${api.executionArn}/*\`,
});
\`\`\``;
  return `# ${name}

| | |
|---|---|
| Name | \`${name}\` |
| Kind | resource policy |
| Level | advisory |
| Severity | low |
| Configuration | \`exempt\` |
| Whose rule | AWS's own |

## What it reports

A function permission whose action is \`lambda:*\`.

## Why

**AWS's own rule.** [AddPermission](https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html) takes a
wildcard, and with \`lambda:*\` the principal may change or delete the function.

## At run time

Nothing fails.

## How to fix

${permission("lambda:InvokeFunction")}

## Examples

The examples continue [this program](README.md#the-program-around-the-examples).

### Fails

${permission("lambda:*")}

### Passes

${permission("lambda:InvokeFunction")}

## When it is inferred or unproven

What is unknown is not evaluated.

## Configuration

[\`exempt\`](../configuration.md#exempt) by the name or URN of the permission.

## When not to use it

API Gateway never needs more than one action.
`;
}

function readFile(file: string): string | undefined {
  const absolute = path.join(ROOT, file);
  return fs.existsSync(absolute) ? fs.readFileSync(absolute, "utf8") : undefined;
}

/** Applies changes to the project, writes the generated documents, and prints the next step. */
export function apply(createChanges: (read: Read) => readonly Change[], next: string): void {
  const run = (...command: string[]): void => {
    execFileSync(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  };
  try {
    const changes = createChanges(readFile);
    for (const { file, text } of changes) {
      fs.mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
      fs.writeFileSync(path.join(ROOT, file), text);
    }
    const code = changes.map(({ file }) => file).filter((file) => file.endsWith(".ts"));
    run(require.resolve("@biomejs/biome/bin/biome"), "check", "--write", ...code);
    run(...process.execArgv, path.join(ROOT, "scripts/docs.ts"));
    console.log(changes.map(({ file }) => file).join("\n"));
    console.log(`Next: ${next}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

if (require.main === module) {
  const [, , name = ""] = process.argv;
  apply(
    (read) => newPolicy(name, read),
    `npx mocha test/policies/${name}.test.ts, and replace the rule, the messages, the page and the rows.`,
  );
}
