/**
 * Generates aws-native-types.json: the inputs and output-only properties of the aws-native resources that the pack
 * reads. The package is 90 MB unpacked, so the repository contains only the types that tests need, and a test compares
 * them with the package.
 *
 *     node -r ts-node/register/transpile-only test/testing/derive-aws-native-types.ts 1.79.0
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackedPackage } from "../../scripts/npm-package";
import { RESOURCE_TYPES } from "../../stack";
import { fieldPaths, type ResourceTypings, typingsOf } from "../support/typings";

const PACKAGE = "@pulumi/aws-native";

/**
 * The modules whose resources are all included. Of other modules, only resources of the table of types are included.
 */
const MODULES = ["apigateway", "apigatewayv2", "iam", "lambda"];

/** Types that programs need to declare resources of the table of types. */
const ADDITIONAL_TYPES = ["aws-native:cognito:IdentityPool"];

interface Derived {
  required: string[];
  optional: string[];
  computed: string[];
  /** The fields of the objects that the pack reads, including nested fields. */
  fields?: Record<string, string[]>;
}

/** The types of an unpacked SDK, sorted by token. */
export function derived(sdk: string): Record<string, Derived> {
  const named = [...RESOURCE_TYPES.keys()].flatMap((type) => {
    const [provider, module = ""] = type.split(":");
    return provider === "aws-native" ? [module] : [];
  });
  const types: [string, Derived][] = [];
  for (const module of new Set([...MODULES, ...named])) {
    for (const file of readdirSync(join(sdk, module)).filter((name) => name.endsWith(".js"))) {
      const typings = typingsOf(join(sdk, module, file));
      if (typings === undefined) continue;
      if (
        MODULES.includes(module) ||
        RESOURCE_TYPES.has(typings.type) ||
        ADDITIONAL_TYPES.includes(typings.type)
      )
        types.push([typings.type, properties(sdk, typings)]);
    }
  }
  return Object.fromEntries(types.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function properties(sdk: string, { type, outputs, required, optional, objects }: ResourceTypings): Derived {
  const term = RESOURCE_TYPES.get(type);
  const readNames = Object.keys(term?.fields ?? {}).map((name) => term?.renamed[name] ?? name);
  const fields = readNames.flatMap((name) => {
    const object = objects.get(name);
    return object === undefined ? [] : [[name, fieldPaths(sdk, object)] as const];
  });
  return {
    required: [...required],
    optional: [...optional],
    computed: [...outputs].filter((name) => !required.has(name) && !optional.has(name)),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
  };
}

/** A version of the SDK. */
export function fetched(version: string): ReturnType<typeof unpackedPackage> {
  return unpackedPackage(PACKAGE, version);
}

function main(version: string): void {
  const { folder, remove } = fetched(version);
  try {
    const date = new Date().toISOString().slice(0, 10);
    const content = { package: PACKAGE, version, date, types: derived(folder) };
    writeFileSync(join(__dirname, "aws-native-types.json"), `${JSON.stringify(content, null, 1)}\n`);
  } finally {
    remove();
  }
}

if (require.main === module) main(process.argv[2] ?? "1.79.0");
