/**
 * The JSON schema of a policy-config.json, for editors and for checks in a repository, made from the schemas that the
 * policies show to Pulumi. Those are permissive, since the engine rejects a whole run when validation fails; an editor
 * only underlines. So this schema rejects everything that `readSettings` reports: unknown keys, invalid dates, empty reasons.
 */
import type { Policy } from "@pulumi/policy";
import { REPOSITORY } from "../messages";
import { REMEDIATING } from "../policies";
import { createPolicies } from "../pulumi";

/** The file of the schema, relative to the repository's root. */
export const SCHEMA_FILE = "schema/policy-config.schema.json";

type Schema = { readonly [keyword: string]: unknown };

const LEVEL: Schema = {
  enum: ["advisory", "mandatory", "disabled"],
  description:
    "advisory: findings are printed; mandatory: findings block the deployment; disabled: not evaluated.",
};

const LEVEL_WITH_REMEDIATE: Schema = {
  enum: ["advisory", "mandatory", "remediate", "disabled"],
  description:
    "remediate: properties with exactly one correct value are set to it; other findings are mandatory.",
};

const NOT_BLANK: Schema = { pattern: "\\S" };

/** Constraints of a property in addition to its type. */
const CONSTRAINTS: Record<string, Schema> = {
  resource: NOT_BLANK,
  reason: NOT_BLANK,
  until: { format: "date", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
  principal: NOT_BLANK,
  routes: { minItems: 1 },
  account: { items: { type: "string", ...NOT_BLANK } },
};

/** The required properties of entries. */
const REQUIRED: readonly string[] = ["resource", "reason", "principal"];

/** The schema as the file contains it. */
export function policyConfigSchema(): Schema {
  const policies = createPolicies();
  const settings = policies.map(({ configSchema }) => strict(configSchema?.properties ?? {}));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: `${REPOSITORY}/raw/main/${SCHEMA_FILE}`,
    title: "Configuration of the policy pack apigateway-lambda-access",
    description: "The file for `pulumi preview --policy-pack-config`.",
    type: "object",
    properties: {
      all: {
        description: "The level of all policies without a level in this file.",
        ...levelOr("enforcementLevel", []),
      },
      environments: {
        description: "Pulumi ESC environments that contain configuration of the pack.",
        type: "array",
        items: { type: "string" },
      },
      ...Object.fromEntries(policies.map((policy) => [policy.name, policySchema(policy)])),
    },
    additionalProperties: false,
    definitions: {
      enforcementLevel: LEVEL,
      enforcementLevelOrRemediate: LEVEL_WITH_REMEDIATE,
      ...Object.assign({}, ...settings),
    },
  };
}

function policySchema({ name, description, enforcementLevel, configSchema }: Policy): Schema {
  const settings = Object.keys(configSchema?.properties ?? {});
  const level = REMEDIATING.includes(name) ? "enforcementLevelOrRemediate" : "enforcementLevel";
  return { description, default: enforcementLevel, ...levelOr(level, settings) };
}

/** A level, or an object with a level and the given settings. */
function levelOr(level: string, settings: readonly string[]): Schema {
  const properties = settings.map((key) => [key, definitionRef(key)]);
  return {
    anyOf: [
      definitionRef(level),
      {
        type: "object",
        properties: { enforcementLevel: definitionRef(level), ...Object.fromEntries(properties) },
        additionalProperties: false,
      },
    ],
  };
}

function definitionRef(name: string): Schema {
  return { $ref: `#/definitions/${name}` };
}

function strict(properties: object): Schema {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [
      key,
      { ...strictNested(schema), ...CONSTRAINTS[key] },
    ]),
  );
}

function strictNested(schema: { items?: object; properties?: object }): Schema {
  const { items, properties, ...rest } = schema;
  if (items !== undefined) return { ...rest, items: strictNested(items) };
  if (properties === undefined) return rest;
  const required = Object.keys(properties).filter((key) => REQUIRED.includes(key));
  return { ...rest, properties: strict(properties), required, additionalProperties: false };
}
