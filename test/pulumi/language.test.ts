/** The language of the program, as the pack determines it. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { languageOfProject } from "../../pulumi";

describe("the language of the program", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
    fs.mkdirSync(path.join(folder, "a/b"), { recursive: true });
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const languageIn = (environment: NodeJS.ProcessEnv): string => languageOfProject(environment)("urn");
  const inProject = (text: string, project = "shop"): string => {
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), text);
    return languageIn({ PWD: path.join(folder, "a/b"), PULUMI_NODEJS_PROJECT: project });
  };

  for (const [text, language] of [
    ["name: shop\nruntime: python\n", "python"],
    ["runtime: yaml\nname: 'shop'\n", "yaml"],
    ["name: shop\r\nruntime:\r\n  name: go\r\n  options:\r\n    binary: x\r\n", "go"],
    ["name: shop\nruntime:\n    options:\n        virtualenv: venv\n    name: python\n", "python"],
    ['name: "shop"\nruntime: { name: nodejs, options: { typescript: true } }\n', "typescript"],
    ["name: shop\nruntime: # ours\n  name: 'nodejs'\n", "typescript"],
    ["name: shop\nruntime: dotnet\n", "json"],
    ["name: shop\n", "json"],
    ["\u0000", "json"],
  ] as const)
    it(`is ${language} for ${JSON.stringify(text)}`, () => assert.equal(inProject(text), language));

  it("is unknown for the file of another project or without a file", () => {
    assert.equal(inProject("name: other\nruntime: python\n"), "json");
    assert.equal(languageIn({ PWD: path.join(folder, "nowhere"), PULUMI_PROJECT: "shop" }), "json");
    assert.equal(languageIn({ PWD: "", PULUMI_PROJECT: "shop" }), "json");
    assert.equal(languageIn({}), "json");
  });
});
