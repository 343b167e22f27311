import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { GATES, type GateEntry, INTEGRATION_REQUEST, ruleOfPolicy } from "../access/gates/table";
import { EXECUTE_API_INVOKE, INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../aws";
import { createPolicies } from "../pulumi";
import { filesIn } from "./support/source-files";

const ROOT = path.resolve(__dirname, "..");

/** The folders that each folder may import from. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  aws: [],
  iam: ["aws"],
  stack: ["iam", "aws"],
  access: ["stack", "iam", "aws"],
  account: ["stack", "iam", "aws"],
  messages: ["account", "access", "stack", "iam", "aws"],
  policies: ["account", "messages", "access", "stack", "iam", "aws"],
  pulumi: ["policies", "account", "messages", "stack"],
  engine: ["pulumi", "policies", "account", "messages", "access", "stack", "iam", "aws"],
  testing: ["engine", "aws"],
  report: ["engine", "account", "policies", "messages", "access", "stack", "iam", "aws"],
  programs: ["testing", "engine", "messages"],
  diagnose: ["account", "report", "engine", "messages", "access", "stack", "iam", "aws"],
  cli: ["account", "diagnose", "report", "programs", "testing", "engine", "policies", "messages"],
  // Pulumi's engine loads this, so its imports slow down every preview.
  "index.ts": ["pulumi", "policies", "messages"],
};

/** The module specifiers of a file's imports, optionally without type-only imports. */
function importsOf(file: string, atRunTime = false): readonly string[] {
  const modules: string[] = [];
  walk(file, (node) => {
    const typesOnly =
      (ts.isImportDeclaration(node) && node.importClause?.isTypeOnly === true) ||
      (ts.isExportDeclaration(node) && node.isTypeOnly);
    if (atRunTime && typesOnly) return;
    if (atRunTime && (ts.isImportTypeNode(node) || (ts.isImportEqualsDeclaration(node) && node.isTypeOnly)))
      return;
    const module = moduleOf(node);
    if (module !== undefined && ts.isStringLiteral(module)) modules.push(module.text);
  });
  return modules;
}

/** The module specifier of an import in any form, including `import x = require()` and `import().Type`. */
function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return ts.isCallExpression(node) && /^(require|import)$/.test(node.expression.getText())
    ? node.arguments[0]
    : undefined;
}

/** A test and the files below `test` that it imports directly or indirectly. */
function testsUsedBy(file: string, visited = new Set<string>()): ReadonlySet<string> {
  if (visited.has(file)) return visited;
  visited.add(file);
  for (const module of importsOf(file).filter((specifier) => specifier.startsWith("."))) {
    const testFile = `${path.join(path.dirname(file), module)}.ts`;
    if (testFile.startsWith(`test${path.sep}`) && fs.existsSync(path.join(ROOT, testFile)))
      testsUsedBy(testFile, visited);
  }
  return visited;
}

/** The top-level folders that a file imports from. */
function foldersOf(file: string): readonly string[] {
  return importsOf(file)
    .filter((module) => module.startsWith("."))
    .map((module) => path.join(path.dirname(file), module).split(path.sep)[0] ?? "");
}

/** @param visit returns `false` for a node whose children are skipped */
function walk(file: string, visit: (node: ts.Node) => unknown): void {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(path.join(ROOT, file), "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  const descend = (node: ts.Node): void => {
    if (visit(node) !== false) ts.forEachChild(node, descend);
  };
  descend(source);
}

/**
 * The constant texts of a file, including the literal parts of templates.
 *
 * @param isSkipped whether to skip the texts of a node
 */
function textsOf(file: string, isSkipped: (node: ts.Node) => boolean = () => false): readonly string[] {
  const texts: string[] = [];
  walk(file, (node) => {
    if (isSkipped(node)) return false;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    return true;
  });
  return texts;
}

/**
 * The constant texts in the labels of a file that are codes with data: object literals with a `code` that are the value
 * of a property or a constant `label`.
 */
function textsOfLabels(file: string): readonly (readonly string[])[] {
  const labels: string[][] = [];
  walk(file, (node) => {
    const isLabel =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.name.getText() === "label";
    if (!isLabel || node.initializer === undefined) return;
    const texts: string[] = [];
    let hasCode = false;
    const collect = (child: ts.Node): void => {
      if (ts.isPropertyAssignment(child) && child.name.getText() === "code") hasCode = true;
      if (
        ts.isStringLiteralLike(child) ||
        ts.isTemplateHead(child) ||
        ts.isTemplateMiddleOrTemplateTail(child)
      )
        texts.push(child.text);
      ts.forEachChild(child, collect);
    };
    collect(node.initializer);
    if (hasCode) labels.push(texts);
  });
  return labels;
}

/** The metadata of a policy: its name, its description and how to fix its findings. */
function isMetadata(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node)) return false;
  const { type, initializer } = node;
  const satisfied = initializer && ts.isSatisfiesExpression(initializer) ? initializer.type : undefined;
  return /\b(Gate)?Metadata\b/.test((type ?? satisfied)?.getText() ?? "");
}

const EQUALITY = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

/**
 * The texts in comparisons of a file: with equality operators, in switch cases, and in a list that is searched. A
 * constant of the file is compared by its name.
 */
function comparedIn(file: string): readonly string[] {
  const texts: string[] = [];
  const constants = new Map<string, string>();
  const names: string[] = [];
  walk(file, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isStringLiteralLike(node.initializer))
      constants.set(node.name.getText(), node.initializer.text);
    for (const expression of comparedBy(node)) {
      if (ts.isStringLiteralLike(expression)) texts.push(expression.text);
      if (ts.isIdentifier(expression)) names.push(expression.text);
    }
  });
  return [...texts, ...names.flatMap((name) => constants.get(name) ?? [])];
}

function comparedBy(node: ts.Node): readonly ts.Expression[] {
  if (ts.isBinaryExpression(node) && EQUALITY.has(node.operatorToken.kind)) return [node.left, node.right];
  if (ts.isCaseClause(node)) return [node.expression];
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { expression: searched, name } = node.expression;
  return ts.isArrayLiteralExpression(searched) && SEARCHES.has(name.text) ? searched.elements : [];
}

const SEARCHES = new Set(["includes", "startsWith", "endsWith", "indexOf", "lastIndexOf", "split"]);

/** The texts that a file searches for, with regular expressions and string methods. */
function searchedIn(file: string): readonly string[] {
  const texts: string[] = [];
  walk(file, (node) => {
    if (ts.isRegularExpressionLiteral(node)) texts.push(node.text);
    if (ts.isNewExpression(node) && node.expression.getText() === "RegExp")
      for (const source of node.arguments ?? []) if (ts.isStringLiteralLike(source)) texts.push(source.text);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const [searched] = node.arguments;
    if (SEARCHES.has(node.expression.name.text) && searched !== undefined && ts.isStringLiteralLike(searched))
      texts.push(searched.text);
  });
  return texts;
}

/** Matches two words with a space between them. */
function holdsWords(text: string): boolean {
  return /[a-z]{2}\S* \S*[a-z]{2}/i.test(text);
}

const PRODUCT = Object.keys(LAYERS).flatMap(filesIn);

/** A rule with exceptions, each with its reason. An entry that is no longer an exception must be removed. */
function onlyIn(exceptions: Readonly<Record<string, string>>, breaks: readonly string[]): void {
  assert.deepEqual([...new Set(breaks)].sort(), Object.keys(exceptions).sort());
}

const OUTCOME_WORDS =
  /\b(allow(s|ed)?|den(y|ies|ied)|unproven|inferred|probabl[ey]|invoke[sd]?|permi\w+|trusts?|403|500)\b/i;

const SUBJECT = "names a subject of a policy (stack/subjects.ts), which is called as the gate is";

describe("the layers", () => {
  for (const [layer, below] of Object.entries(LAYERS))
    it(`${layer} imports from ${below.join(", ") || "nowhere"} only`, () => {
      for (const file of filesIn(layer))
        for (const folder of foldersOf(file))
          assert.ok(folder === layer || below.includes(folder), `${file} imports from ${folder}`);
    });

  it("Pulumi's policy SDK is loaded by pulumi/, engine/ and the pack only", () => {
    onlyIn(
      {},
      PRODUCT.filter((file) => !/^(pulumi|engine)\//.test(file) && file !== "index.ts").filter((file) =>
        importsOf(file, true).some((module) => /^@pulumi\/policy(\/|$)/.test(module)),
      ),
    );
  });

  it("access/ contains no sentences", () => {
    // The table of gates contains their questions, which are never compared.
    for (const file of filesIn("access").filter((name) => name !== path.join("access", "gates", "table.ts")))
      assert.deepEqual(textsOf(file).filter(isSentence), [], `${file} contains sentences`);
  });

  it("a gate does not import from the folder of another gate", () => {
    const above = /^access\/(gates|checks)\//;
    const isShared = (file: string): boolean => /^access\/(decisions|requests)\//.test(file);
    const roomOf = (file: string): string | undefined => /^access\/gates\/([a-z-]+)\//.exec(file)?.[1];
    onlyIn(
      {
        "access/gates/caller-function/callers.ts": "asks it of the callers of a route",
        "access/gates/caller-function/unclaimed-routes.ts": "asks it of the callers of a route",
        "access/gates/caller-function/verdict.ts": "asks it of the callers of a route",
      },
      filesIn("access").filter((file) =>
        importsOf(file)
          .map((module) => path.join(path.dirname(file), module))
          .some((imported) => {
            if (isShared(file)) return above.test(imported);
            const [gate, importedGate] = [roomOf(file), roomOf(imported)];
            return (
              gate !== undefined && (/^access\/checks\//.test(imported) || (importedGate ?? gate) !== gate)
            );
          }),
      ),
    );
  });

  it("iam/, stack/ and account/ contain names but no sentences", () => {
    const properties = "lists properties of resource types";
    onlyIn(
      {
        "account/commands.ts": "has the commands of the AWS CLI",
        "account/labels.ts": "has labels for subjects without a name in Pulumi, which sentences quote",
        "iam/text/leftovers.ts": "has the text that Pulumi's SDKs write into a string instead of an output",
        "stack/labels.ts": "has labels for subjects without a name in Pulumi, which sentences quote",
        "stack/pulumi/resource-types.ts": properties,
        "stack/pulumi/service-types.ts": properties,
      },
      [...filesIn("iam"), ...filesIn("stack"), ...filesIn("account")].filter((file) =>
        textsOf(file).some(isPhrase),
      ),
    );
  });

  it("the labels of unknown values are codes and data, for which messages/holes.ts has the words", () => {
    const below = ["iam", "stack", "access", "policies", "diagnose"].flatMap(filesIn);
    const labels = below.flatMap((file) => textsOfLabels(file).map((texts) => ({ file, texts })));
    assert.ok(labels.length > 40, `${labels.length} labels`);
    for (const { file, texts } of labels)
      assert.deepEqual(
        texts.filter((text) => holdsWords(text) || /^(the|its|an?)\b/i.test(text)),
        [],
        file,
      );
  });

  it("policies/, pulumi/ and engine/ contain no text except the policies' metadata", () => {
    onlyIn(
      {
        "policies/index.ts": "throws where policies require each other in a circle",
      },
      [...filesIn("policies"), ...filesIn("pulumi"), ...filesIn("engine")].filter((file) =>
        textsOf(file, isMetadata).some(holdsWords),
      ),
    );
  });

  it("report/ contains phrases only for its formats, their headings and counts, and the controls of the page", () => {
    const counts = "has headings and counts of a format";
    const controls = "has headings and controls of the page";
    onlyIn(
      {
        "report/check.ts": counts,
        "report/formats.ts": "has the descriptions of the formats",
        "report/html/browser/detail.ts": controls,
        "report/html/browser/dom.ts": controls,
        "report/html/browser/filter-bar.ts": controls,
        "report/html/browser/findings.ts": controls,
        "report/html/browser/main.ts": controls,
        "report/html/browser/map.ts": controls,
        "report/html/browser/matrix.ts": controls,
        "report/html/browser/stacks.ts": controls,
        "report/html/index.ts": "has the HTML around the page",
        "report/html/script.ts": "has the JavaScript around the modules of the page",
        "report/markdown.ts": counts,
        "report/sarif.ts": counts,
        "report/text.ts": counts,
      },
      filesIn("report").filter((file) => textsOf(file).some(isPhrase)),
    );
  });

  it("no folder above messages/ contains text about an outcome", () => {
    onlyIn(
      { "cli/main.ts": "describes the commands" },
      ["policies", "pulumi", "engine", "testing", "report", "programs", "diagnose", "cli"]
        .flatMap(filesIn)
        .filter((file) =>
          textsOf(file, isMetadata).some((text) => isPhrase(text) && OUTCOME_WORDS.test(text)),
        ),
    );
  });

  it("diagnose/ contains phrases only in its text format, as headings and counts", () => {
    onlyIn(
      {
        "diagnose/records/index.ts": "reads the first words of API Gateway's execution logs",
        "diagnose/text.ts": "has headings and counts of the text format",
      },
      filesIn("diagnose").filter((file) => textsOf(file).some(isPhrase)),
    );
  });

  it("no code compares sentences", () => {
    // A value of the report's public format.
    const value = "no function";
    onlyIn(
      {},
      PRODUCT.filter((file) => comparedIn(file).some((text) => isSentence(text) && text !== value)),
    );
  });

  it("no code searches for words in its own sentences", () => {
    const outputOfOtherTools = "reads the output of runtimes, compilers and SDKs of other languages";
    const aws = "reads API Gateway's logs";
    onlyIn(
      {
        "account/files.ts": "reads the error that the AWS CLI printed instead of data",
        "diagnose/failures.ts": aws,
        "diagnose/records/execution-log.ts": aws,
        "diagnose/records/fields.ts": aws,
        "diagnose/records/index.ts": aws,
        "iam/text/leftovers.ts": "reads the text that Pulumi's SDKs write into a string instead of an output",
        "programs/advice.ts": outputOfOtherTools,
        "programs/java-dotnet.ts": outputOfOtherTools,
        "programs/user-error.ts": outputOfOtherTools,
        "programs/language-host.ts": outputOfOtherTools,
        "testing/preview.ts": "reads the output of the Pulumi CLI",
      },
      PRODUCT.filter((file) => searchedIn(file).some(holdsWords)),
    );
  });

  it("a gate's name is in its folder, its messages and its column only", () => {
    const names = gateNames();
    onlyIn(
      {
        "messages/pack.ts": SUBJECT,
        "policies/external-api-caller-lambda-invoke.ts": SUBJECT,
        "policies/function-url-caller-lambda-invoke.ts": SUBJECT,
        "policies/unproven-access.ts": SUBJECT,
        "report/not-applicable.ts": SUBJECT,
        "stack/subjects.ts": SUBJECT,
      },
      PRODUCT.filter((file) => !/^(access\/gates|messages\/verdicts)\//.test(file)).filter((file) =>
        textsOf(file).some((text) => names.includes(text)),
      ),
    );
  });
});

function gateNames(): readonly string[] {
  return Object.entries<GateEntry>(GATES).flatMap(([gate, { reportedAs = gate }]) => [gate, reportedAs]);
}

/** The causes that the types in a file declare: the literals in the type of each property `cause`. */
function causesOf(file: string): readonly string[] {
  const causes: string[] = [];
  walk(file, (node) => {
    if (!ts.isPropertySignature(node) || node.name.getText() !== "cause" || node.type === undefined) return;
    const types = ts.isUnionTypeNode(node.type) ? node.type.types : [node.type];
    for (const type of types)
      if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) causes.push(type.literal.text);
  });
  return causes;
}

/** Matches two words with a space between them. Keys of maps join values and contain no words. */
function isSentence(text: string): boolean {
  return / /.test(text) && /[a-z]{2}/i.test(text);
}

/** Matches three words. A name such as `managed policy` has fewer. */
function isPhrase(text: string): boolean {
  return text.split(/\s+/).filter((word) => /[a-z]{2}/i.test(word)).length >= 3;
}

describe("the folders", () => {
  const policies = createPolicies()
    .map(({ name }) => name)
    .sort();

  const gates = fs
    .readdirSync(path.join(ROOT, "access/gates"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

  it("every gate has a folder of its name with its verdicts, and a file with their sentences", () => {
    // AWS and the two-step rule evaluate the same question for a caller, so they share a folder.
    const named = Object.keys(GATES)
      .filter((gate) => gate !== INTEGRATION_REQUEST)
      .map((gate) => gate.replace("caller-credentials-", "caller-"));
    assert.deepEqual(gates, [...new Set(named)].sort());
    for (const gate of gates)
      for (const file of [`access/gates/${gate}/verdict.ts`, `messages/verdicts/${gate}.ts`])
        assert.ok(fs.existsSync(path.join(ROOT, file)), file);
  });

  it("every gate has a test of its name on plain facts, which runs no program", () => {
    for (const gate of gates) {
      const file = `test/access/gates/${gate}.test.ts`;
      assert.ok(fs.existsSync(path.join(ROOT, file)), file);
      for (const testFile of testsUsedBy(file))
        assert.ok(!foldersOf(testFile).includes("testing"), `${file} runs a program, by ${testFile}`);
    }
  });

  it("every cause of a gate's verdicts is in the table of its test", () => {
    for (const gate of gates) {
      const rows = textsOf(`test/access/gates/${gate}.test.ts`).flatMap((text) => text.split(" "));
      for (const cause of causesOf(`access/gates/${gate}/verdict.ts`))
        assert.ok(rows.includes(cause), `${gate}: ${cause}`);
    }
    assert.ok(causesOf("access/gates/caller-route/verdict.ts").includes("service-call"));
  });

  it("API Gateway's source ARNs and requests are tested on plain facts", () => {
    for (const file of filesIn("test/access/requests"))
      for (const testFile of testsUsedBy(file))
        assert.ok(!foldersOf(testFile).includes("testing"), `${file} runs a program, by ${testFile}`);
  });

  it("the files and folders that ARCHITECTURE.md and CONTRIBUTING.md name exist", () => {
    const exists = (named: string): boolean => {
      if (!/[A-Z]{3}/.test(path.basename(named))) return fs.existsSync(path.join(ROOT, named));
      const folder = path.join(ROOT, path.dirname(named));
      return (
        fs.existsSync(folder) &&
        fs.readdirSync(folder).some((entry) => path.extname(entry) === path.extname(named))
      );
    };
    for (const page of ["ARCHITECTURE.md", "CONTRIBUTING.md"]) {
      const text = fs.readFileSync(path.join(ROOT, page), "utf8");
      const named = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, file = ""]) => file);
      assert.ok(named.length > 20, page);
      assert.deepEqual(
        named.filter((file) => !exists(file)),
        [],
        page,
      );
    }
  });

  it("every concept that tests share has the test that test/README.md names, and no test is named twice", () => {
    const text = fs.readFileSync(path.join(ROOT, "test/README.md"), "utf8");
    const table = text.slice(text.indexOf("## Where a shared concept is tested"));
    const named = [...table.matchAll(/\]\(([^)]+)\)/g)].map(([, file = ""]) => `test/${file}`);
    assert.ok(named.length > 30, `${named.length} tests`);
    assert.deepEqual(named, [...new Set(named)]);
    for (const file of named) assert.ok(fs.existsSync(path.join(ROOT, file)), file);
  });

  it("no test measures how long something takes", () => {
    const measuring = filesIn("test").filter((file) =>
      /\b(performance|Date)\.now\b|\b(cpuUsage|hrtime)\b/.test(
        fs.readFileSync(path.join(ROOT, file), "utf8"),
      ),
    );
    assert.deepEqual(measuring, ["test/layers.test.ts", "test/support/processes.ts"]);
  });

  it("the actions of gates exist in AWS", () => {
    for (const { actions } of Object.values(GATES))
      for (const action of actions)
        assert.ok([EXECUTE_API_INVOKE, INVOKE_FUNCTION, INVOKE_FUNCTION_URL].includes(action), action);
  });

  it("the policies of gates exist", () => {
    for (const [gate, { policies: reporting }] of Object.entries(GATES)) {
      assert.equal(reporting.length > 0, gate !== INTEGRATION_REQUEST, gate);
      for (const policy of reporting) assert.ok(policies.includes(policy), policy);
    }
  });

  it("the gates of a policy have one rule, which is that of the policy", () => {
    for (const { rule, policies: reporting } of Object.values(GATES))
      for (const policy of reporting) assert.equal(ruleOfPolicy(policy), rule, policy);
  });

  it("every policy has a file of its name", () => {
    for (const name of policies) assert.ok(fs.existsSync(path.join(ROOT, `policies/${name}.ts`)), name);
  });

  it("every policy has a test of its name", () => {
    for (const name of policies) {
      const file = `test/policies/${name}.test.ts`;
      assert.ok(fs.existsSync(path.join(ROOT, file)), file);
      assert.ok(textsOf(file).includes(name), `${file} does not name its policy`);
    }
  });
});
