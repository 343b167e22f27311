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
import {
  DIGITS,
  HEX,
  type ProviderRequest,
  random,
  type SimulatedLocation,
  type TypeBehavior,
  token,
} from "./aws/derived";
import { IAM } from "./aws/iam";
import { LAMBDA } from "./aws/lambda";
import { NATIVE } from "./aws/native";
import { NATIVE_REST } from "./aws/native-apigateway";
import { NATIVE_HTTP } from "./aws/native-apigatewayv2";
import { OTHER_SERVICES } from "./aws/other-services";
import { outputsOf, unlistedBehavior } from "./aws/unlisted";

export type { ProviderRequest, SimulatedLocation };

const TABLE: Readonly<Record<string, TypeBehavior>> = {
  ...IAM,
  ...REST,
  ...HTTP,
  ...LAMBDA,
  ...withProviderShapes(OTHER_SERVICES),
  ...NATIVE,
  ...NATIVE_REST,
  ...NATIVE_HTTP,
};

/** Tables with only the special properties of a type: the rest has the shapes of its provider. */
function withProviderShapes(table: Readonly<Record<string, TypeBehavior>>): Record<string, TypeBehavior> {
  return Object.fromEntries(
    Object.entries(table).map(([type, behavior]) => [
      type,
      {
        ...behavior,
        computed: (request, id) => ({ ...outputsOf(request, id), ...behavior.computed?.(request, id) }),
      },
    ]),
  );
}

function behaviorOf(type: string): TypeBehavior {
  const listedBehavior = Object.hasOwn(TABLE, type) ? TABLE[type] : undefined;
  return listedBehavior ?? unlistedBehavior(type);
}

/** The types in the table. */
export function listedTypes(): string[] {
  return Object.keys(TABLE);
}

/** The table's entry for a type: the properties that are named, computed and defaulted, and its documents. */
export function contract(type: string): {
  named: string | undefined;
  documents: readonly string[];
  defaults: readonly string[];
  computed: readonly string[];
} {
  const behavior = behaviorOf(type);
  const place: SimulatedLocation = { region: "us-east-1", account: "123456789012", partition: "aws" };
  const request: ProviderRequest = { type, name: "x", urn: "x", inputs: {}, place, find: () => undefined };
  return {
    named: behavior.named,
    documents: behavior.documents ?? [],
    defaults: Object.keys(behavior.defaults ?? {}),
    computed: Object.keys(behavior.computed?.(request, "x") ?? {}),
  };
}

/**
 * The inputs after the provider's Check: with a generated name, defaults, and policy documents as JSON text. A document
 * that contains an unknown value is unknown as a whole, as with the real provider. Providers other than AWS's return
 * their inputs.
 */
export function checkedInputs(request: Omit<ProviderRequest, "find">): Properties {
  if (!isAws(request.type)) return request.inputs;
  const behavior = behaviorOf(request.type);
  const inputs = defined({ ...behavior.defaults, ...request.inputs });
  if (behavior.named !== undefined && inputs[behavior.named] === undefined) {
    // With a prefix, AWS's provider generates the name when it creates the resource.
    if (inputs[`${behavior.named}Prefix`] === undefined)
      inputs[behavior.named] = generatedName(request, behavior);
  }
  for (const key of behavior.documents ?? []) {
    const document = inputs[key];
    if (document === undefined || document === null || typeof document === "string") continue;
    inputs[key] = hasUnknown(document) ? UNKNOWN : sortedJson(document);
  }
  for (const key of behavior.blocks ?? []) {
    const blocks = inputs[key];
    if (!Array.isArray(blocks)) continue;
    inputs[key] = blocks.map((block) => (isObject(block) ? { __defaults: [], ...block } : block));
  }
  return inputs;
}

function generatedName(request: Omit<ProviderRequest, "find">, behavior: TypeBehavior): string {
  const base = behavior.named === "bucket" ? request.name.toLowerCase() : request.name;
  return `${base}-${token(`${request.urn}name${request.nameSeed ?? ""}`, 7, HEX)}`;
}

/**
 * The id and the outputs of a resource. `deployed`: whether it exists. If it does, all computed properties are known;
 * otherwise they are unknown. Every property that depends on an unknown input is unknown. A resource with another id in
 * AWS than its simulated one is returned with that id.
 */
export function createOutputs(
  request: ProviderRequest,
  deployed: boolean,
  existingId?: string,
): { id: string; outputs: Properties } {
  const inputs = withoutDefaultsMetadata(request.inputs);
  if (!isAws(request.type)) {
    return { id: deployed ? random(20, HEX)(request) : UNKNOWN, outputs: inputs };
  }
  const behavior = behaviorOf(request.type);
  const named = withPrefixedName(request, behavior);
  const id = existingId ?? withoutPartlyUnknownTexts(behavior.id(named));
  const computed = Object.entries(defined(behavior.computed?.(named, String(id)) ?? {}));
  if (behavior.named !== undefined && named !== request) {
    computed.push([behavior.named, named.inputs[behavior.named] ?? UNKNOWN]);
  }
  const outputs = previewedOutputs(request, inputs);
  for (const [key, value] of computed) {
    if (outputs[key] === undefined) outputs[key] = deployed ? withoutPartlyUnknownTexts(value) : UNKNOWN;
  }
  return { id: deployed ? String(id) : UNKNOWN, outputs };
}

/**
 * The outputs of a resource outside the stack that was looked up by its id. `request.inputs` are the properties of the
 * lookup, often none. If the result is not available yet, all properties from AWS are unknown.
 */
export function readOutputs(request: ProviderRequest, id: string, isAvailable = true): Properties {
  const named = isAws(request.type) ? behaviorOf(request.type).named : undefined;
  const inputs = named === undefined ? request.inputs : { [named]: nameIn(id), ...request.inputs };
  const { outputs } = createOutputs(
    { ...request, inputs: checkedInputs({ ...request, inputs }) },
    isAvailable,
    id,
  );
  return { ...outputs, id, ...(id.startsWith("arn:") && "arn" in outputs ? { arn: id } : {}) };
}

/** The name in an ARN; any other text is itself a name, as are the ids of most named resources. */
function nameIn(id: string): string {
  return id.startsWith("arn:") ? (id.split(/[/:]/).at(-1) ?? id) : id;
}

/** The properties that the provider computes in a preview: the region and the tags with the provider's default tags. */
function previewedOutputs(request: ProviderRequest, inputs: Properties): Properties {
  if (!request.type.startsWith("aws:")) return { ...inputs };
  const outputs = { ...inputs };
  if (outputs.tags !== undefined) outputs.tagsAll = outputs.tags;
  // IAM is global: its resources have no region. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
  if (!request.type.startsWith("aws:iam/")) outputs.region ??= request.place.region;
  return outputs;
}

function withPrefixedName(request: ProviderRequest, behavior: TypeBehavior): ProviderRequest {
  const key = behavior.named;
  if (key === undefined || request.inputs[key] !== undefined) return request;
  const prefix = request.inputs[`${key}Prefix`];
  if (typeof prefix !== "string") return request;
  return {
    ...request,
    inputs: { ...request.inputs, [key]: `${prefix}${token(`${request.urn}name`, 26, DIGITS)}` },
  };
}

/** An unknown value in a text makes the whole text unknown. */
function withoutPartlyUnknownTexts(value: Value): Value {
  if (typeof value === "string") return value.includes(UNKNOWN) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(withoutPartlyUnknownTexts);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutPartlyUnknownTexts(inner)]),
  );
}

/** The bridge's own metadata is not part of a resource. */
function withoutDefaultsMetadata(properties: Properties): Properties {
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
