/**
 * The simulated results of AWS's Pulumi providers for a resource: generated names, defaults, the format of policy
 * documents, and computed properties. One table, by service in `aws/`, used by the in-process plan and by the stand-in
 * provider.
 */

import {
  defined,
  hasUnknown,
  isObject,
  type Properties,
  sortedJson,
  UNKNOWN,
  type Value,
} from "../engine/values";
import { REST } from "./aws/apigateway";
import { HTTP } from "./aws/apigatewayv2";
import { type Answers, type Asked, DIGITS, HEX, type Place, random, token } from "./aws/derived";
import { IAM } from "./aws/iam";
import { LAMBDA } from "./aws/lambda";
import { NATIVE } from "./aws/native";
import { NATIVE_REST } from "./aws/native-apigateway";
import { NATIVE_HTTP } from "./aws/native-apigatewayv2";
import { OTHERS } from "./aws/others";
import { outputsOf, unlisted } from "./aws/unlisted";

export type { Asked, Place };

const TABLE: Readonly<Record<string, Answers>> = {
  ...IAM,
  ...REST,
  ...HTTP,
  ...LAMBDA,
  ...completed(OTHERS),
  ...NATIVE,
  ...NATIVE_REST,
  ...NATIVE_HTTP,
};

/** Tables with only the special properties of a type: the rest has the shapes of its provider. */
function completed(table: Readonly<Record<string, Answers>>): Record<string, Answers> {
  return Object.fromEntries(
    Object.entries(table).map(([type, answers]) => [
      type,
      {
        ...answers,
        computed: (asked, id) => ({ ...outputsOf(asked, id), ...answers.computed?.(asked, id) }),
      },
    ]),
  );
}

function answersFor(type: string): Answers {
  const listed = Object.hasOwn(TABLE, type) ? TABLE[type] : undefined;
  return listed ?? unlisted(type);
}

/** The types in the table. */
export function answeredTypes(): string[] {
  return Object.keys(TABLE);
}

/** The table's entry for a type: the properties that are named, computed and defaulted, and its documents. */
export function contract(type: string): {
  named: string | undefined;
  documents: readonly string[];
  defaults: readonly string[];
  computed: readonly string[];
} {
  const answers = answersFor(type);
  const place: Place = { region: "us-east-1", account: "123456789012", partition: "aws" };
  const asked: Asked = { type, name: "x", urn: "x", inputs: {}, place, find: () => undefined };
  return {
    named: answers.named,
    documents: answers.documents ?? [],
    defaults: Object.keys(answers.defaults ?? {}),
    computed: Object.keys(answers.computed?.(asked, "x") ?? {}),
  };
}

/**
 * The inputs after the provider's Check: with a generated name, defaults, and policy documents as JSON text. A document
 * that contains an unknown value is unknown as a whole, as with the real provider. Providers other than AWS's return
 * their inputs.
 */
export function checked(asked: Omit<Asked, "find">): Properties {
  if (!isAws(asked.type)) return asked.inputs;
  const answers = answersFor(asked.type);
  const inputs = defined({ ...answers.defaults, ...asked.inputs });
  if (answers.named !== undefined && inputs[answers.named] === undefined) {
    // With a prefix, AWS's provider generates the name when it creates the resource.
    if (inputs[`${answers.named}Prefix`] === undefined) inputs[answers.named] = generatedName(asked, answers);
  }
  for (const key of answers.documents ?? []) {
    const document = inputs[key];
    if (document === undefined || document === null || typeof document === "string") continue;
    inputs[key] = hasUnknown(document) ? UNKNOWN : sortedJson(document);
  }
  for (const key of answers.blocks ?? []) {
    const blocks = inputs[key];
    if (!Array.isArray(blocks)) continue;
    inputs[key] = blocks.map((block) => (isObject(block) ? { __defaults: [], ...block } : block));
  }
  return inputs;
}

function generatedName(asked: Omit<Asked, "find">, answers: Answers): string {
  const base = answers.named === "bucket" ? asked.name.toLowerCase() : asked.name;
  return `${base}-${token(`${asked.urn}name${asked.drawn ?? ""}`, 7, HEX)}`;
}

/**
 * The id and the outputs of a resource. `deployed`: whether it exists. If it does, all computed properties are known;
 * otherwise they are unknown. Every property that depends on an unknown input is unknown. A resource with another id in
 * AWS than its simulated one is returned with that id.
 */
export function answered(
  asked: Asked,
  deployed: boolean,
  givenId?: string,
): { id: string; outputs: Properties } {
  const shown = stripped(asked.inputs);
  if (!isAws(asked.type)) {
    return { id: deployed ? random(20, HEX)(asked) : UNKNOWN, outputs: shown };
  }
  const answers = answersFor(asked.type);
  const named = withPrefixedName(asked, answers);
  const id = givenId ?? hidden(answers.id(named));
  const computed = Object.entries(defined(answers.computed?.(named, String(id)) ?? {}));
  if (answers.named !== undefined && named !== asked) {
    computed.push([answers.named, named.inputs[answers.named] ?? UNKNOWN]);
  }
  const outputs = settled(asked, shown);
  for (const [key, value] of computed) {
    if (outputs[key] === undefined) outputs[key] = deployed ? hidden(value) : UNKNOWN;
  }
  return { id: deployed ? String(id) : UNKNOWN, outputs };
}

/**
 * The outputs of a resource outside the stack that was looked up by its id. `asked.inputs` are the properties of the
 * lookup, often none. `found`: whether the result is available; until then, all properties from AWS are unknown.
 */
export function lookedUp(asked: Asked, id: string, found = true): Properties {
  const named = isAws(asked.type) ? answersFor(asked.type).named : undefined;
  const inputs = named === undefined ? asked.inputs : { [named]: nameIn(id), ...asked.inputs };
  const { outputs } = answered({ ...asked, inputs: checked({ ...asked, inputs }) }, found, id);
  return { ...outputs, id, ...(id.startsWith("arn:") && "arn" in outputs ? { arn: id } : {}) };
}

/** The name in an ARN; any other text is itself a name, as are the ids of most named resources. */
function nameIn(id: string): string {
  return id.startsWith("arn:") ? (id.split(/[/:]/).at(-1) ?? id) : id;
}

/** The properties that the provider computes in a preview: the region and the tags with the provider's default tags. */
function settled(asked: Asked, shown: Properties): Properties {
  if (!asked.type.startsWith("aws:")) return { ...shown };
  const outputs = { ...shown };
  if (outputs.tags !== undefined) outputs.tagsAll = outputs.tags;
  // IAM is global: its resources have no region. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
  if (!asked.type.startsWith("aws:iam/")) outputs.region ??= asked.place.region;
  return outputs;
}

function withPrefixedName(asked: Asked, answers: Answers): Asked {
  const key = answers.named;
  if (key === undefined || asked.inputs[key] !== undefined) return asked;
  const prefix = asked.inputs[`${key}Prefix`];
  if (typeof prefix !== "string") return asked;
  return {
    ...asked,
    inputs: { ...asked.inputs, [key]: `${prefix}${token(`${asked.urn}name`, 26, DIGITS)}` },
  };
}

/** An unknown value in a text makes the whole text unknown. */
function hidden(value: Value): Value {
  if (typeof value === "string") return value.includes(UNKNOWN) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(hidden);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]));
}

/** The bridge's own metadata is not part of a resource. */
function stripped(properties: Properties): Properties {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(clean);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== "__defaults")
        .map(([key, inner]) => [key, clean(inner)]),
    );
  };
  return clean(properties) as Properties;
}

function isAws(type: string): boolean {
  return type.startsWith("aws:") || type.startsWith("aws-native:");
}
