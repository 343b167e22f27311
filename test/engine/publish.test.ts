/**
 * The pack in an organization: the Pulumi CLI publishes it to a simulated Pulumi Cloud, which enforces it on the
 * preview of a program without a policy pack.
 */
import { deepStrictEqual, doesNotMatch, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, version } from "../../package.json";
import { createPolicies } from "../../pulumi";
import type { PolicyConfig } from "../../testing";
import { bootPack } from "../protocol/harness";
import { freshCopy, isRegistryUnreachable } from "../support/package";
import {
  describeWithPulumi,
  type Engine,
  type EngineStack,
  openEngine,
  openStack,
  PACK,
  type PulumiResult,
  TIME_LIMIT,
  violations,
} from "./harness";
import { ORGANIZATION, type PolicyService, type Published, servePolicies } from "./service";

const NAME = "apigateway-lambda-access";
const ORIGIN = "iam-route-caller-lambda-invoke";

describeWithPulumi("the pack in an organization", function () {
  this.timeout(TIME_LIMIT);
  let service: PolicyService;
  let engine: Engine;
  let stack: EngineStack;
  let clone: string;
  let publishing: PulumiResult;

  before(async () => {
    service = await servePolicies();
    const backend = { url: service.url, organization: ORGANIZATION };
    engine = await openEngine(backend);
    stack = await openStack(join(PACK, "examples/invalid-permissions"), backend);
    clone = join(engine.root, "clone");
    freshCopy(clone);
    publishing = await engine.pulumi(clone, ["policy", "publish", ORGANIZATION]);
  });

  after(() => {
    stack?.close();
    engine?.close();
    service?.close();
  });

  const published = (): Published => {
    const pack = service.published.at(-1);
    ok(pack?.complete, `${publishing.output}\nunserved: ${service.unserved}`);
    return pack;
  };

  /** Enforces the pack, with a configuration, on the stacks of the organization. */
  const enable = async (config: PolicyConfig): Promise<void> => {
    const file = join(engine.root, "policy-config.json");
    writeFileSync(file, JSON.stringify(config));
    const args = ["policy", "enable", `${ORGANIZATION}/${NAME}`, "latest", "--config", file];
    const enabled = await engine.pulumi(clone, args);
    strictEqual(enabled.code, 0, enabled.output);
  };

  /** The folder to which the CLI downloads packs that an organization enforces. */
  const installed = (): string =>
    join(stack.folder, "../home/policies", ORGANIZATION, `pulumi-analyzer-${NAME}-v${version}`);

  it("is published from a clone with the name and version of its package", () => {
    strictEqual(publishing.code, 0, publishing.output);
    const { announced } = published();
    deepStrictEqual([announced.name, announced.versionTag, announced.runtime], [NAME, version, "nodejs"]);
  });

  it("publishes its description, repository and readme", () => {
    const { announced } = published();
    for (const text of [announced.displayName, announced.description]) ok(text);
    strictEqual(announced.provider, "aws");
    ok(announced.tags?.includes("apigateway"));
    strictEqual(`git+${announced.repository}.git`, repository.url);
    const readme = announced.readme ?? "";
    match(readme, /^# apigateway-lambda-access\n/);
    match(readme, /\n## Limits\n/);
    doesNotMatch(readme, /\]\((?!https?:|#)/, "a link that leads nowhere outside the repository");
    ok(readme.includes(`(${announced.repository}/blob/main/docs/limits.md)`));
  });

  it("publishes each policy with all of its metadata", () => {
    const { policies } = published().announced;
    deepStrictEqual(
      policies.map(({ name }) => name).sort(),
      createPolicies()
        .map(({ name }) => name)
        .sort(),
    );
    for (const packPolicy of createPolicies()) {
      const uploaded = policies.find(({ name }) => name === packPolicy.name);
      ok(uploaded);
      const { message: _message, configSchema, ...rest } = uploaded as typeof uploaded & { message?: string };
      const {
        configSchema: schema,
        validateStack,
        validateResource,
        remediateResource: _remediation,
        ...facts
      } = packPolicy as typeof packPolicy & {
        validateStack?: unknown;
        validateResource?: unknown;
        remediateResource?: unknown;
      };
      ok(validateStack ?? validateResource);
      deepStrictEqual(rest, facts);
      for (const fact of [
        "displayName",
        "description",
        "severity",
        "tags",
        "remediationSteps",
        "url",
      ] as const)
        ok(uploaded[fact] && uploaded[fact].length > 0, `${packPolicy.name} has no ${fact}`);
      // The engine adds the enforcement level to the policy's own keys.
      const { enforcementLevel, ...properties } = configSchema?.properties ?? {};
      ok(enforcementLevel);
      deepStrictEqual(properties, JSON.parse(JSON.stringify(schema?.properties)));
      ok("exempt" in properties);
    }
    ok(policies.some(({ framework }) => framework?.reference === "SEC03-BP02"));
  });

  it("is uploaded as a tarball with a fresh build", () => {
    const file = join(engine.root, "arrived.tgz");
    writeFileSync(file, published().tarball);
    const files = execFileSync("tar", ["-tzf", file], { encoding: "utf8" });
    match(files, /^package\/dist\/index\.js$/m);
    match(files, /^package\/PulumiPolicy\.yaml$/m);
    doesNotMatch(files, /^package\/(index\.ts|policies|test|node_modules)/m);
  });

  it("has its configuration validated against the uploaded schema", async () => {
    const file = join(engine.root, "checked.json");
    const validate = (config: unknown): Promise<PulumiResult> => {
      writeFileSync(file, JSON.stringify(config));
      return engine.pulumi(clone, [
        "policy",
        "validate-config",
        `${ORGANIZATION}/${NAME}`,
        version,
        "--config",
        file,
      ]);
    };
    const exempt = [{ resource: "legacy-*", reason: "is replaced in the spring", until: "2027-03-31" }];
    const validResult = await validate({ all: "advisory", [ORIGIN]: { whenUnknown: "prove", exempt } });
    strictEqual(validResult.code, 0, validResult.output);
    const invalidResult = await validate({ [ORIGIN]: { whenUnknown: "guess" } });
    notStrictEqual(invalidResult.code, 0, invalidResult.output);
    match(invalidResult.output, /policy pack configuration is invalid/);
  });

  it("is installed without dev dependencies and blocks a preview without --policy-pack", async function () {
    await enable({});
    const preview = await stack.pulumi(["preview", "--non-interactive"]);
    if (isRegistryUnreachable(preview.output)) {
      console.warn("      skipped: the package registry cannot be reached");
      this.skip();
    }
    notStrictEqual(preview.code, 0, preview.output);
    deepStrictEqual(violations(preview), [`mandatory ${ORIGIN}`], preview.output);
    match(preview.output, new RegExp(`❌ ${NAME}@v${version}\n`));

    ok(existsSync(join(installed(), "node_modules/@pulumi/policy")));
    for (const devDependency of ["@pulumi/aws", "mocha", "playwright-core"])
      ok(!existsSync(join(installed(), "node_modules", devDependency)), `${devDependency} is installed`);
    const pack = await bootPack(installed());
    try {
      const info = await pack.info();
      deepStrictEqual([info.name, info.policies.length], [NAME, createPolicies().length]);
    } finally {
      pack.close();
    }
  });

  it("applies the levels and exemptions of a policy group", async function () {
    if (!existsSync(installed())) this.skip();
    await enable({ all: "advisory" });
    const advisoryPreview = await stack.pulumi(["preview", "--non-interactive"]);
    strictEqual(advisoryPreview.code, 0, advisoryPreview.output);
    deepStrictEqual(violations(advisoryPreview), [`advisory ${ORIGIN}`], advisoryPreview.output);
    await enable({ [ORIGIN]: { exempt: [{ resource: "orders-client", reason: "is being replaced" }] } });
    const exempt = await stack.pulumi(["preview", "--non-interactive"]);
    strictEqual(exempt.code, 0, exempt.output);
    deepStrictEqual(violations(exempt), ["advisory policy-configuration"], exempt.output);
    match(
      exempt.output,
      new RegExp(`1 finding is exempt: ${ORIGIN} on "orders-client" \\(is being replaced\\)`),
    );
  });

  it("can be published from node_modules, and remains complete there", async function () {
    if (!existsSync(installed())) this.skip();
    const entry = join(installed(), "dist/index.js");
    const before = readFileSync(entry, "utf8");
    // Without this setting, npm prints the names of its scripts before the file name.
    const secondPublish = await engine.pulumi(installed(), ["policy", "publish", ORGANIZATION], {
      npm_config_foreground_scripts: "false",
    });
    strictEqual(secondPublish.code, 0, secondPublish.output);
    strictEqual(service.published.length, 2);
    ok(published().tarball.length > 0);
    strictEqual(readFileSync(entry, "utf8"), before);
  });
});
