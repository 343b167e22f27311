/** Compares the pages with the code: each policy's metadata and the findings on its examples. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { load } from "js-yaml";
import { KNOWN_ACTIONS, OBJECT_ACTIONS, SUBTYPE_ACTIONS } from "../aws";
import { createPolicies } from "../pulumi";
import { GENERATED, withTable } from "../scripts/docs";
import { RESOURCE_TYPES, type ResourceKind } from "../stack";
import { check, type Finding, type PolicyConfig } from "../testing";
import { codeAfter, DEPLOYED_ONLY, PREVIEW_ONLY, planExample, policyPage } from "./support/pages";

const ROOT = path.resolve(__dirname, "..");
const PAGES = path.join(ROOT, "docs/policies");
const SECTIONS = [
  "What it reports",
  "Why",
  "At run time",
  "How to fix",
  "Examples",
  "When it is inferred or unproven",
  "Configuration",
  "When not to use it",
];
const MOMENTS = ["first-preview", "deployed"] as const;
/** Resources that call APIs, or that provide a role's credentials to programs that call APIs. */
const MAKE_CALLERS: ReadonlySet<ResourceKind> = new Set<ResourceKind>([
  "DataSource",
  "Distribution",
  "EventTarget",
  "Function",
  "InstanceProfile",
  "Pipe",
  "PodIdentityAssociation",
  "ServiceAccount",
  "StateMachine",
  "TaskDefinition",
]);
const policies = createPolicies();
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), "utf8");

/** The rows of the table at the top of a page. */
function factsOf(text: string): Record<string, string> {
  const head = text.slice(0, text.indexOf("\n## "));
  return Object.fromEntries(
    [...head.matchAll(/^\| ([A-Z][^|]*?) \| (.*?) \|$/gm)].map((row) => [row[1], row[2]]),
  );
}

describe("docs", () => {
  it("has a page for each policy and no other", () => {
    const pages = fs.readdirSync(PAGES).filter((file) => file !== "README.md");
    assert.deepEqual(pages.sort(), policies.map((policy) => `${policy.name}.md`).sort());
  });

  for (const table of GENERATED)
    it(`${table.file}: the table of ${table.name} is up to date (npm run docs writes it)`, () => {
      assert.equal(read(table.file), withTable(table));
    });

  for (const policy of policies)
    describe(policy.name, () => {
      it("has the metadata of the policy", () => {
        const keys = Object.keys(policy.configSchema?.properties ?? {});
        const { "Whose rule": ruleOwner, ...facts } = factsOf(policyPage(policy.name));
        assert.deepEqual(facts, {
          Name: `\`${policy.name}\``,
          Kind: `${"validateResource" in policy ? "resource" : "stack"} policy`,
          Level: policy.enforcementLevel,
          Severity: policy.severity,
          Configuration: keys.map((key) => `\`${key}\``).join(", "),
        });
        assert.match(ruleOwner ?? "", /^(AWS's own|this pack's)/);
        assert.match(policyPage(policy.name), new RegExp(`^# ${policy.name}\n`));
      });

      it("has the sections of every page, in order", () => {
        const found = [...policyPage(policy.name).matchAll(/^## (.*)$/gm)].map((heading) => heading[1]);
        assert.deepEqual(found, SECTIONS);
      });

      it("describes each configuration setting", () => {
        const section = policyPage(policy.name).split("\n## Configuration\n")[1] ?? "";
        for (const key of Object.keys(policy.configSchema?.properties ?? {}))
          assert.ok(section.includes(`configuration.md#${key.toLowerCase()}`), key);
      });

      it("is the page in the policy's URL", () => {
        assert.ok(policy.url?.endsWith(`/docs/policies/${policy.name}.md`), policy.url);
      });
    });

  it("contains valid JSON and YAML", () => {
    for (const file of FILES)
      for (const [, language, text = ""] of read(file).matchAll(/^```(json|yaml)\n([\s\S]*?)^```/gm))
        assert.doesNotThrow(() => (language === "json" ? JSON.parse(text) : load(text)), `${file}: ${text}`);
  });

  it("lists every policy in the README's table", () => {
    assert.match(read("README.md"), /\[This table\]\(docs\/policies\/README\.md\) lists them/);
    const table = read("docs/policies/README.md");
    for (const { name } of policies) assert.ok(table.includes(`(${name}.md)`), name);
  });

  it("lists every action of a service that an integration may call", () => {
    const text = policyPage("service-integration-role");
    for (const action of [...KNOWN_ACTIONS, ...SUBTYPE_ACTIONS.values(), ...OBJECT_ACTIONS.values()])
      assert.match(text, new RegExp(`\\b${action.split(":")[1]}\\b`), action);
  });

  it("lists every resource that calls APIs among the callers", () => {
    const text = read("docs/forms.md");
    const callers = text.slice(text.indexOf("\n## Callers\n"), text.indexOf("\n## Components\n"));
    for (const [type, { kind }] of RESOURCE_TYPES) {
      const [provider = "", module = "", name = ""] = type.split(/[:/]/);
      if (!MAKE_CALLERS.has(kind) || provider === "aws-native") continue;
      const shown = provider === "kubernetes" ? "ServiceAccount" : `${module}.${type.split(":").pop()}`;
      assert.ok(callers.includes(`\`${shown}\``), `${shown} (${name})`);
    }
  });

  it("has no broken links", () => {
    for (const file of FILES)
      for (const [, target = ""] of read(file).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [linked = "", anchor] = target.split("#");
        const at = linked === "" ? file : path.join(path.dirname(file), linked);
        assert.ok(fs.existsSync(path.join(ROOT, at)), `${file}: ${target}`);
        if (anchor !== undefined) assert.ok(anchorsOf(read(at)).has(anchor), `${file}: ${target}`);
      }
  });
});

const FILES = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...markdownIn("docs"),
];

function markdownIn(folder: string): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    return entry.isDirectory() ? markdownIn(file) : file.endsWith(".md") ? [file] : [];
  });
}

/** The anchors that GitHub generates for the headings of a document. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map((heading) => heading[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replace(/ /g, "-"),
    ),
  );
}

describe("the examples of the policies' pages", function () {
  this.timeout(120_000);

  async function findings(
    example: string,
    as: (typeof MOMENTS)[number],
    config: PolicyConfig = {},
  ): Promise<Finding[]> {
    return check(await planExample(example, as), { config });
  }

  for (const policy of policies) {
    if (policy.name === "policy-configuration") continue;
    describe(policy.name, () => {
      for (const as of MOMENTS) {
        if ((as === "first-preview" ? DEPLOYED_ONLY : PREVIEW_ONLY).has(policy.name)) continue;
        it(`the failing example fails, ${as}`, async () => {
          const found = await findings(codeAfter(policyPage(policy.name), "### Fails", "typescript"), as);
          const findingsOfPolicy = found.filter((finding) => finding.policy === policy.name);
          assert.ok(findingsOfPolicy.length > 0, found.map((finding) => finding.message).join("\n"));
          for (const finding of findingsOfPolicy) assert.equal(finding.level, policy.enforcementLevel);
        });
      }
      for (const as of MOMENTS)
        it(`the passing example passes, ${as}`, async () => {
          const found = await findings(codeAfter(policyPage(policy.name), "### Passes", "typescript"), as);
          const findingsOfPolicy = found.filter((finding) => finding.policy === policy.name);
          assert.deepEqual(
            findingsOfPolicy.map((finding) => finding.message),
            [],
          );
        });
    });
  }

  describe("policy-configuration", () => {
    for (const [heading, hasFindings] of [
      ["### Fails", true],
      ["### Passes", false],
    ] as const)
      it(heading.slice(4).toLowerCase(), async () => {
        const config: PolicyConfig = JSON.parse(
          codeAfter(policyPage("policy-configuration"), heading, "json"),
        );
        const found = await findings("", "deployed", config);
        assert.equal(
          found.some((finding) => finding.policy === "policy-configuration"),
          hasFindings,
        );
      });
  });
});
