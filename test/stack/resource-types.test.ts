import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { RESOURCE_TYPES } from "../../stack";
import { PROPERTIES_WITH_DEFAULTS, type ResourceType } from "../../stack/pulumi/resource-types";
import { ifReachable } from "../support/registry";
import { fieldPaths, typingsOf } from "../support/typings";
import native from "../testing/aws-native-types.json";
import { derived, fetched } from "../testing/derive-aws-native-types";

const SDK = dirname(require.resolve("@pulumi/aws/package.json"));

/** The typings of a type in either SDK. */
interface Known {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Optional inputs that have a value once the resource exists, even if the program does not set it. */
  readonly filledIn: ReadonlySet<string>;
  fields(property: string): readonly string[];
}

function ofAws(type: string): Known | undefined {
  const script = join(SDK, `${type.split(":")[1]}.js`);
  const typings = existsSync(script) ? typingsOf(script) : undefined;
  if (typings?.type !== type) return undefined;
  return {
    inputs: new Set([...typings.required, ...typings.optional]),
    outputs: typings.outputs,
    filledIn: new Set([...typings.optional].filter((name) => typings.present.has(name))),
    fields: (property) => fieldPaths(SDK, typings.objects.get(property) ?? ""),
  };
}

function ofAwsNative(type: string): Known | undefined {
  const types: Readonly<
    Record<
      string,
      { required: string[]; optional: string[]; computed: string[]; fields?: Record<string, string[]> }
    >
  > = native.types;
  const typings = types[type];
  if (typings === undefined) return undefined;
  const inputs = new Set([...typings.required, ...typings.optional]);
  return {
    inputs,
    outputs: new Set([...inputs, ...typings.computed]),
    filledIn: new Set(),
    fields: (property) => typings.fields?.[property] ?? [],
  };
}

/** https://www.pulumi.com/registry/packages/kubernetes/api-docs/core/v1/serviceaccount/ */
const SERVICE_ACCOUNT: Known = {
  inputs: new Set(["metadata"]),
  outputs: new Set(["metadata"]),
  filledIn: new Set(),
  fields: () => ["annotations", "name", "namespace"],
};

/** Names that the current typings lack, with the reason why the pack reads them. */
const OLDER: Readonly<Record<string, readonly string[]>> = {
  // Version 6: https://github.com/pulumi/pulumi-aws/blob/v6.83.0/sdk/nodejs/apigateway/deployment.ts
  "aws:apigateway/deployment:Deployment": ["stageName", "canarySettings"],
};

const nameIn = (term: ResourceType, property: string): string => term.renamed[property] ?? property;

describe("the table of resource types", () => {
  for (const [type, term] of RESOURCE_TYPES) {
    describe(type, () => {
      const kubernetesTypings = type === "kubernetes:core/v1:ServiceAccount" ? SERVICE_ACCOUNT : undefined;
      const known = kubernetesTypings ?? (type.startsWith("aws-native:") ? ofAwsNative(type) : ofAws(type));
      const older = OLDER[type] ?? [];
      const isKnown = (name: string): boolean =>
        name === "id" || older.includes(name) || (known?.outputs.has(name) ?? false);

      it("exists in the SDK", () => assert.ok(known !== undefined));

      it("lists properties that exist in the SDK", () => {
        const names = term.reads.map((property) => nameIn(term, property));
        assert.deepEqual(
          names.filter((name) => !isKnown(name)),
          [],
        );
        assert.deepEqual(
          older.filter((name) => known?.outputs.has(name)),
          [],
          "no longer only of older versions",
        );
      });

      it("maps properties to names that do not exist in the SDK", () => {
        for (const [property, name] of Object.entries(term.renamed)) {
          assert.ok(term.reads.includes(property), property);
          assert.notEqual(name, property);
          assert.ok(property === "id" || !known?.outputs.has(property), `${property} is there by that name`);
        }
      });

      it("lists fields that exist in the SDK", () => {
        for (const [property, fields] of Object.entries(term.fields)) {
          assert.ok(term.reads.includes(property), property);
          if (older.includes(property)) continue;
          const fieldNames = known?.fields(nameIn(term, property)) ?? [];
          assert.deepEqual(
            fields.filter((field) => !fieldNames.includes(field)),
            [],
            `of ${property}: ${fieldNames.join(", ")}`,
          );
        }
      });
    });
  }

  it("matches the published typings of aws-native, a copy of which is in the repository", function () {
    // Downloads 6 MB, which are 90 MB unpacked.
    this.timeout(300_000);
    assert.equal(native.package, "@pulumi/aws-native");
    const found = ifReachable(() => fetched(native.version));
    if (found === undefined) return this.skip();
    try {
      assert.deepEqual(native.types, derived(found.folder));
    } finally {
      found.remove();
    }
  });

  it("includes inputs with defaults of the provider", () => {
    // An unknown name or location is represented by itself. The transfer mode is read from inputs, which contain set
    // values.
    const harmless = new Set(["name", "path", "region", "responseTransferMode"]);
    const found: Record<string, string[]> = {};
    for (const [type, term] of RESOURCE_TYPES) {
      const filled = ofAws(type)?.filledIn ?? new Set();
      const read = term.reads.filter((property) => filled.has(nameIn(term, property)));
      const unread = read.filter(
        (name) => !harmless.has(name) && !PROPERTIES_WITH_DEFAULTS[term.kind]?.includes(name),
      );
      if (unread.length > 0) found[type] = unread;
    }
    assert.deepEqual(found, {});
  });

  it("lists exactly the properties that the readers read", () => {
    const folder = resolve(__dirname, "../../stack");
    const policies = resolve(__dirname, "../../policies");
    const text = [folder, policies]
      .flatMap((property) =>
        readdirSync(property, { recursive: true, encoding: "utf8" }).map((file) => join(property, file)),
      )
      .filter((file) => file.endsWith(".ts") && !file.endsWith("resource-types.ts"))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const listed = new Set([...RESOURCE_TYPES.values()].flatMap((term) => term.reads));
    const literal = [...text.matchAll(/\bread(?:String)?\(\s*\w+,\s*"(\w+)"/g)].map(([, name = ""]) => name);
    assert.ok(literal.length > 40, `${literal.length} reads`);
    assert.deepEqual(
      literal.filter((name) => !listed.has(name)),
      [],
      "read and not listed",
    );
    assert.deepEqual(
      [...listed].filter((name) => !text.includes(`"${name}"`)),
      [],
      "listed and not read",
    );
  });
});
