/** The code of fixes in each language. */
import * as assert from "node:assert/strict";
import { analyze } from "../../engine/analyze";
import type { Resolution } from "../../iam";
import { fixText, type Language, languageOfRuntime, writeExample } from "../../messages";
import type { Code } from "../../messages/code";
import { writtenFix } from "../../messages/fixes/fix";
import { argument, type Snippet } from "../../messages/snippets";
import { showResolution } from "../../messages/unknowns";
import { languagesOf } from "../../report/languages";
import { plan } from "../../testing";
import { executeOnly, restStack } from "../support/rest";

const URN = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
const API = URN("aws:apigateway/restApi:RestApi", "orders-api");
const FN = URN("aws:lambda/function:Function", "orders");
const SOURCE: Code = [{ urn: API, property: "executionArn" }, "/*/GET/${x}/%/{id}"];

const PERMISSION: Snippet = {
  kind: "resource",
  provider: "aws",
  module: "lambda",
  type: "Permission",
  name: "orders-allows",
  properties: [
    ["action", ["lambda:InvokeFunction"]],
    ["function", [{ urn: FN, property: "name" }]],
    ["sourceArn", SOURCE],
    ["invokedViaFunctionUrl", true],
  ],
};

const EXPECTED: Readonly<Record<Language, string>> = {
  typescript: `new aws.lambda.Permission("orders-allows", {
  action: "lambda:InvokeFunction",
  function: orders.name,
  sourceArn: pulumi.interpolate\`\${ordersApi.executionArn}/*/GET/\\\${x}/%/{id}\`,
  invokedViaFunctionUrl: true,
});`,
  python: `aws.lambda_.Permission("orders-allows",
    action="lambda:InvokeFunction",
    function=orders.name,
    source_arn=pulumi.Output.concat(orders_api.execution_arn, "/*/GET/\${x}/%/{id}"),
    invoked_via_function_url=True,
)`,
  go: `if _, err := lambda.NewPermission(ctx, "orders-allows", &lambda.PermissionArgs{
\tAction:                pulumi.String("lambda:InvokeFunction"),
\tFunction:              orders.Name,
\tSourceArn:             pulumi.Sprintf("%v/*/GET/\${x}/%%/{id}", ordersApi.ExecutionArn),
\tInvokedViaFunctionUrl: pulumi.Bool(true),
}); err != nil {
\treturn err
}`,
  yaml: `resources:
  orders-allows:
    type: aws:lambda:Permission
    properties:
      action: "lambda:InvokeFunction"
      function: "\${orders.name}"
      sourceArn: "\${orders-api.executionArn}/*/GET/$\${x}/%/{id}"
      invokedViaFunctionUrl: true`,
  json: `{
  "type": "aws:lambda:Permission",
  "name": "orders-allows",
  "properties": {
    "action": "lambda:InvokeFunction",
    "function": "<name of Function orders>",
    "sourceArn": "<executionArn of RestApi orders-api>/*/GET/\${x}/%/{id}",
    "invokedViaFunctionUrl": true
  }
}`,
};

const LANGUAGES = Object.keys(EXPECTED) as Language[];

describe("fixes in the language of the program", () => {
  for (const language of LANGUAGES)
    it(`are resources in ${language}`, () => {
      const fix = { text: "add this", snippets: [PERMISSION], references: [FN, API] };
      const { text, code } = writtenFix(fix, language);
      assert.equal(code, EXPECTED[language]);
      assert.equal(/, where /.test(text), ["typescript", "python", "go"].includes(language));
    });

  it("use the provider that the program names", () => {
    const provider = URN("pulumi:providers:aws", "far");
    const snippet = { ...PERMISSION, properties: [], providerUrn: provider } as Snippet;
    const fix = { text: "add this", snippets: [snippet], references: [provider] };
    const written = (language: Language): string => writtenFix(fix, language).code ?? "";
    assert.equal(writtenFix(fix, "python").text, 'add this, where far is Provider "far"');
    assert.match(written("typescript"), /\}, \{ provider: far \}\);$/);
    assert.match(written("python"), /,\n {4}opts=pulumi\.ResourceOptions\(provider=far\),\n\)$/);
    assert.match(written("go"), /^\}, pulumi\.Provider\(far\)\); err != nil \{$/m);
    assert.match(written("yaml"), /\n {4}options:\n {6}provider: \$\{far\}$/);
    assert.deepEqual(JSON.parse(written("json")).options, { provider: "<Provider far>" });
  });

  it("are triggers and options of a resource", () => {
    const ids: Code = [{ urn: API, property: "id" }, " ", { urn: FN, property: "id" }];
    const written = (language: Language, snippet: Snippet): string =>
      writtenFix({ text: "", snippets: [snippet] }, language).code ?? "";
    const triggers: Snippet = {
      kind: "arguments",
      properties: [["triggers", { fields: [["routes", ids]] }]],
    };
    const wait: Snippet = { kind: "dependsOn", resources: [API, FN] };
    const expected: Readonly<Record<Language, readonly [triggers: string, wait: string]>> = {
      typescript: [
        "  triggers: { routes: pulumi.interpolate`${ordersApi.id} ${orders.id}` },",
        "  dependsOn: [ordersApi, orders],",
      ],
      python: [
        '    triggers={"routes": pulumi.Output.concat(orders_api.id, " ", orders.id)},',
        "    opts=pulumi.ResourceOptions(depends_on=[orders_api, orders]),",
      ],
      go: [
        '\tTriggers: pulumi.StringMap{"routes": pulumi.Sprintf("%v %v", ordersApi.ID(), orders.ID())},',
        "pulumi.DependsOn([]pulumi.Resource{ordersApi, orders})",
      ],
      yaml: [
        '  triggers: { routes: "${orders-api.id} ${orders.id}" }',
        "options:\n  dependsOn:\n    - ${orders-api}\n    - ${orders}",
      ],
      json: [
        '  "triggers": { "routes": "<id of RestApi orders-api> <id of Function orders>" }',
        '"dependsOn": ["<RestApi orders-api>", "<Function orders>"]',
      ],
    };
    for (const language of LANGUAGES)
      assert.deepEqual([written(language, triggers), written(language, wait)], expected[language]);
  });

  it("look up values that a plan does not show", () => {
    const lookup = (provider: "aws" | "aws-native", language: Language): string => {
      const value: Code = ["arn:aws:x:", { lookup: "region", provider }, ":y"];
      const snippet: Snippet = { ...PERMISSION, provider, properties: [["sourceArn", value]] } as Snippet;
      return writtenFix({ text: "", snippets: [snippet] }, language).code ?? "";
    };
    assert.match(lookup("aws", "typescript"), /`arn:aws:x:\$\{aws\.getRegionOutput\(\)\.region\}:y`/);
    assert.match(
      lookup("aws-native", "python"),
      /concat\("arn:aws:x:", aws_native\.get_region_output\(\)\.region, ":y"\)/,
    );
    assert.match(
      lookup("aws", "go"),
      /"arn:aws:x:%v:y", aws\.GetRegionOutput\(ctx, aws\.GetRegionOutputArgs\{\}\)\.Region\(\)/,
    );
    assert.match(
      lookup("aws", "yaml"),
      /^variables:\n {2}currentRegion:\n {4}fn::invoke:\n {6}function: aws:getRegion\n {6}return: region\nresources:[\s\S]*\$\{currentRegion\}:y"$/,
    );
  });

  it("are statements with one resource or several", () => {
    const written = (language: Language, resources: readonly Code[]): string =>
      writtenFix({ text: "", snippets: [{ kind: "statement", action: "a:B", resources }] }, language).code ??
      "";
    const arn: Code = [{ urn: FN, property: "arn" }];
    assert.equal(written("yaml", [arn]), '- Effect: Allow\n  Action: a:B\n  Resource: "${orders.arn}"');
    assert.equal(
      written("python", [arn, ["*"]]),
      '{\n    "Effect": "Allow",\n    "Action": "a:B",\n    "Resource": [\n        orders.arn,\n        "*",\n    ],\n}',
    );
    assert.match(written("go", [arn]), /"Resource": orders\.Arn,/);
    assert.deepEqual(JSON.parse(written("json", [arn, ["*"]])).Resource, ["<arn of Function orders>", "*"]);
    assert.equal(
      written("typescript", []),
      '{\n  "Effect": "Allow",\n  "Action": "a:B",\n  "Resource": "*"\n}',
    );
  });

  it("name resources by variable names and distinguish two of one name", () => {
    const role = URN("aws:iam/role:Role", "orders");
    const fix = (urns: string[], language: Language): string =>
      writtenFix({ text: "x", references: urns }, language).text;
    assert.equal(
      fix([FN, role], "python"),
      'x, where orders is Function "orders", orders_role is Role "orders"',
    );
    assert.equal(
      fix([URN("aws:iam/role:Role", "class"), URN("aws:iam/role:Role", "2nd-role")], "python"),
      'x, where _class is Role "class", _2nd_role is Role "2nd-role"',
    );
    assert.equal(fix([FN, role], "yaml"), "x");
  });

  it("name an ID in Go as a method", () => {
    const value: Code = [{ urn: API, property: "id" }];
    assert.equal(writeExample([argument("restApi", ...value)], "go").endsWith(".ID()"), true);
  });

  for (const [runtime, language] of [
    ["nodejs", "typescript"],
    ["python", "python"],
    ["go", "go"],
    ["yaml", "yaml"],
    ["java", "json"],
    ["dotnet", "json"],
    [undefined, "json"],
  ] as const)
    it(`are in ${language} for ${runtime ?? "an unknown runtime"}`, () =>
      assert.equal(languageOfRuntime(runtime), language));

  it("depend on the files that declare a stack's resources, or on the runtime if it is known", async () => {
    const { resources } = await plan(restStack({ caller: executeOnly }), { as: "deployed" });
    const [first] = resources;
    assert.ok(first !== undefined);
    const inFile = (file: string) => languagesOf([{ ...first, source: { file, line: 1 } }], [])(first.urn);
    assert.deepEqual(
      ["index.ts", "src/a.js", "__main__.py", "main.go", "Pulumi.yaml", "Program.cs"].map(inFile),
      ["typescript", "typescript", "python", "go", "yaml", "json"],
    );
    assert.equal(languagesOf(resources, [])(first.urn), "json");
    const known = [{ project: "project", stack: "dev", runtime: "python" }];
    assert.equal(languagesOf(resources, known)(first.urn), "python");
  });

  for (const language of LANGUAGES)
    it(`are in the findings of a program in ${language}`, async () => {
      const { resources } = await plan(restStack({ caller: executeOnly, permission: false }), {
        as: "deployed",
      });
      const { findings } = await analyze(resources, {}, () => language);
      const text = findings.map(({ message }) => message).join("\n");
      assert.equal(findings.length, 2);
      assert.equal(text.includes("pulumi.interpolate"), language === "typescript");
      const marks = {
        typescript: "new aws.lambda",
        python: "aws.lambda_.",
        go: "lambda.New",
        yaml: "type: aws:",
        json: '"type": ',
      };
      assert.ok(text.includes(marks[language]), text);
    });

  it("describe the alternative in the same language", () => {
    const fix = {
      text: "x",
      code: "y",
      alternative: ["add ", argument("qualifier", { urn: FN, property: "version" }), "."],
    };
    assert.equal(
      fixText({ ...fix, references: [FN] }, "python"),
      'x, where orders is Function "orders":\ny\nadd qualifier=orders.version.',
    );
  });
});

describe("messages in the language of the program", () => {
  /** Words that only users of one language know. */
  const OWN: Readonly<Record<Language, RegExp>> = {
    typescript: /pulumi\.interpolate|jsonStringify|getPolicyDocumentOutput/,
    python: /Output\.concat|json_dumps|get_policy_document_output/,
    go: /Sprintf|ApplyT|JSONMarshal|iam\.GetPolicyDocumentOutput/,
    yaml: /\$\{function\.arn\}|fn::toJSON/,
    json: /^$/,
  };

  async function messagesIn(language: Language): Promise<string> {
    const { resources } = await plan(restStack({ caller: executeOnly, permission: false }), {
      as: "first-preview",
    });
    const { findings } = await analyze(resources, {}, () => language);
    const resolutions = (["document-shown", "provider-account"] as const).map((code) =>
      showResolution({ code } as Resolution, language),
    );
    return [...findings.map(({ message }) => message), ...resolutions].join("\n");
  }

  for (const language of Object.keys(OWN) as Language[])
    it(`contain no terms of other languages: ${language}`, async () => {
      const messages = await messagesIn(language);
      assert.match(messages, /do one of the following/);
      for (const [otherLanguage, words] of Object.entries(OWN)) {
        if (otherLanguage !== language && otherLanguage !== "json") assert.doesNotMatch(messages, words);
        if (otherLanguage === language && otherLanguage !== "json") assert.match(messages, words);
      }
    });
});
