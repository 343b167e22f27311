import { type PlannedResource, type Properties, UNKNOWN, type Value } from "../../testing";

/**
 * Mutates planned resources as a faulty engine, provider or state file, or an attacker, could. The same seed always
 * gives the same mutations.
 */

/** A pseudo-random source, which repeats its results for the same seed. */
export interface Random {
  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (mulberry32) */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Terminal control sequences, characters that change the text direction, unpaired surrogates, and long texts. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\n",
  "*",
  "?",
  "/",
  ":",
  "$default",
  "ANY",
  "null",
  "[object Object]",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "\u001b[31mred\u001b[0m\u0007",
  "\u001b]0;title\u0007\u001b[2J",
  "first\nsecond\r\nthird",
  "\n".repeat(3000),
  "\t\u0000\u0008\u007f\u009b31m",
  "\u202edesrever\u2066x",
  "\ud800",
  "\udc00x\ud800",
  "\uE000label\uE0021\uE001",
  "\uE000".repeat(50),
  "**bold** [link](javascript:alert(1)) <script>alert(1)</script> `code`",
  "x".repeat(100_000),
  "line\n".repeat(20_000),
  "/{a}".repeat(3_000),
  "${stageVariables.fn}",
  "${stageVariables.",
  "arn:",
  "arn:aws:iam::*:user/*",
  "arn:aws:lambda:us-east-1:123456789012:function:orders",
  "arn:aws:lambda:::function:",
  "arn:aws:execute-api:us-east-1:123456789012:*/*/*/*",
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations",
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions//invocations",
  "apigateway.amazonaws.com",
  "AWS_IAM",
  "CUSTOM",
  "REQUEST",
  "integrations/",
  "integrations/x",
  "GET /",
  "GET  //a//",
  "((((a+)+)+)+)+$",
  "*?".repeat(500),
  '{"Version":"2012-10-17","Statement":[{',
  "[".repeat(30_000),
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  "a: &a [*a, *a]\n",
  "a: &a {b: &b [1, *a]}\npaths: *a\n",
  "- ".repeat(5_000),
  "paths: {/a: {get: {$ref: '#/paths/~1a/get'}}}",
  '{"paths":{"/a":{"$ref":"#/paths/~1a"},"/__proto__":{"get":{}}}}',
  "%",
  "%E0%A4%A",
  "\u2028\u2029",
  "🙂".repeat(200),
];

const SENTINELS: readonly string[] = [
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  "[secret]",
];

/** Any value that a request can contain. */
export function anyValue(random: Random, depth = 0): Value {
  switch (random.below(depth > 3 ? 9 : 14)) {
    case 0:
      return null;
    case 1:
      return random.pick([true, false]);
    case 2:
      return random.pick([
        0,
        -0,
        -1,
        1.5,
        1e308,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        2 ** 53,
        123456789012,
      ]);
    case 3:
    case 4:
      return random.pick(SENTINELS);
    case 5:
      return "2026-01-15T09:30:00Z";
    case 6:
    case 7:
    case 8:
      return random.pick(TEXTS);
    case 9:
      return [];
    case 10:
      return {};
    case 11:
      return Array.from({ length: random.below(5) }, () => anyValue(random, depth + 1));
    case 12:
      return random.pick([
        { [SIGNATURE]: SECRET, value: anyValue(random, depth + 1) },
        JSON.stringify(anyValue(random, depth + 1)),
        nested(random.below(150), anyValue(random, depth + 1)),
      ]);
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(KEYS), anyValue(random, depth + 1)]),
      );
  }
}

const KEYS: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "length",
  "0",
  "then",
  "Version",
  "Statement",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "Condition",
  "paths",
  "/a",
  "get",
  "security",
  "$ref",
  "x-amazon-apigateway-integration",
  "x-amazon-apigateway-auth",
  "x-amazon-apigateway-policy",
  "components",
  "uri",
  "name",
  "policy",
  "policyDocument",
  "id",
  "\u001b[31m\n",
];

function nested(depth: number, value: Value): Value {
  let result = value;
  for (let at = 0; at < depth; at++) result = at % 2 === 0 ? [result] : { Statement: result };
  return result;
}

/** Changes part of a value; in JSON text, part of the parsed value. */
export function changed(random: Random, value: Value, depth = 0): Value {
  if (depth > 12 || random.below(6) === 0) return anyValue(random);
  if (typeof value === "string") {
    const parsed = parsedJson(value);
    if (parsed !== undefined && random.below(4) > 0)
      return JSON.stringify(changed(random, parsed, depth + 1)) ?? "";
    return changedText(random, value);
  }
  if (Array.isArray(value)) return changedList(random, value, depth);
  if (typeof value === "object" && value !== null) return changedObject(random, value, depth);
  return anyValue(random);
}

function parsedJson(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function changedText(random: Random, text: string): Value {
  const at = random.below(text.length + 1);
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text + random.pick(TEXTS);
    case 3:
      return text.slice(0, at) + random.pick(TEXTS) + text.slice(at);
    case 4:
      return text.toUpperCase();
    case 5:
      return [text, text];
    case 6:
      return { [text]: text };
    case 7:
      return text.replace(/[:/]/g, () => random.pick([":", "/", "::", "*", ""]));
    default:
      return random.pick(TEXTS);
  }
}

function changedList(random: Random, list: readonly Value[], depth: number): Value {
  if (list.length === 0) return [anyValue(random)];
  const at = random.below(list.length);
  const item = list[at] as Value;
  switch (random.below(7)) {
    case 0:
      return list.filter((_, index) => index !== at);
    case 1:
      return [...list, ...list];
    case 2:
      return [...list, anyValue(random)];
    case 3:
      return item;
    case 4:
      return [...list].reverse();
    default:
      return list.map((item, index) => (index === at ? changed(random, item, depth + 1) : item));
  }
}

function changedObject(random: Random, object: Readonly<Record<string, Value>>, depth: number): Value {
  // The SDK rejects an invalid asset before it evaluates any policy.
  if (Object.hasOwn(object, SIGNATURE)) return random.pick([anyValue(random), object]);
  const entries = Object.entries(object);
  const [key, value] = entries.length === 0 ? ["", null] : random.pick(entries);
  const otherEntries = entries.filter(([name]) => name !== key);
  switch (random.below(8)) {
    case 0:
      return Object.fromEntries(otherEntries);
    case 1:
      return Object.fromEntries([...otherEntries, [random.pick(KEYS), value]]);
    case 2:
      return Object.fromEntries([...entries, [random.pick(KEYS), anyValue(random)]]);
    case 3:
      return [object];
    default:
      return Object.fromEntries(
        entries.map(([name, item]) => [name, name === key ? changed(random, item, depth + 1) : item]),
      );
  }
}

/** Resources that are changed in place. */
type Stack = PlannedResource[];

type Mutation = (stack: Stack, random: Random) => void;

/** Changes the outputs, the inputs or both, because a provider's inputs and outputs may differ. */
function changeProperties(
  random: Random,
  resource: PlannedResource,
  change: (bag: Properties) => Properties,
): void {
  const changedBags = random.below(4);
  if (changedBags !== 1) resource.outputs = change(resource.outputs);
  if (changedBags !== 2) resource.inputs = change(resource.inputs);
}

function propertyOf(random: Random, resource: PlannedResource): string {
  const keys = Object.keys({ ...resource.inputs, ...resource.outputs });
  return keys.length === 0 ? random.pick(KEYS) : random.pick(keys);
}

const propertyValue = (bag: Properties, key: string): Value =>
  Object.hasOwn(bag, key) ? (bag[key] ?? null) : null;

const withProperty = (bag: Properties, key: string, value: Value): Properties =>
  Object.fromEntries([...Object.entries(bag).filter(([name]) => name !== key), [key, value]]);

const URNS: readonly string[] = [
  "",
  "x",
  "::::::",
  "urn:pulumi:",
  "urn:pulumi:dev::project::aws:iam/role:Role",
  "urn:pulumi:dev::project::aws:iam/role:Role::",
  "__proto__",
  "constructor",
  "\u001b[31murn\n",
  `urn:pulumi:dev::project::aws:iam/role:Role::${"n".repeat(50_000)}`,
];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "another value": (stack, random) => {
    const resource = random.pick(stack);
    const [key, value] = [propertyOf(random, resource), anyValue(random)];
    changeProperties(random, resource, (bag) => withProperty(bag, key, value));
  },
  "a change within a value": (stack, random) => {
    const resource = random.pick(stack);
    const key = propertyOf(random, resource);
    const value = changed(
      random,
      propertyValue(resource.outputs, key) ?? propertyValue(resource.inputs, key),
    );
    changeProperties(random, resource, (bag) => withProperty(bag, key, value));
  },
  "an unknown value": (stack, random) => {
    const resource = random.pick(stack);
    const [key, value] = [propertyOf(random, resource), random.pick(SENTINELS)];
    changeProperties(random, resource, (bag) => withProperty(bag, key, value));
  },
  "a property less": (stack, random) => {
    const resource = random.pick(stack);
    const key = propertyOf(random, resource);
    changeProperties(random, resource, (bag) =>
      Object.fromEntries(Object.entries(bag).filter(([name]) => name !== key)),
    );
  },
  "no properties": (stack, random) => changeProperties(random, random.pick(stack), () => ({})),
  "the property of another": (stack, random) => {
    const [resource, source] = [random.pick(stack), random.pick(stack)];
    const [key, from] = [propertyOf(random, resource), propertyOf(random, source)];
    changeProperties(random, resource, (bag) => withProperty(bag, key, propertyValue(source.outputs, from)));
  },
  "the bag of another": (stack, random) => {
    const source = random.pick(stack);
    changeProperties(random, random.pick(stack), () => structuredClone(source.outputs));
  },
  "another type": (stack, random) => {
    const resource = random.pick(stack);
    resource.type = random.pick([
      ...stack.map(({ type }) => type),
      "",
      "::",
      "constructor",
      "__proto__",
      "aws:iam/role:Role",
    ]);
  },
  "another name": (stack, random) => {
    const resource = random.pick(stack);
    resource.name = random.pick([...TEXTS, random.pick(stack).name]);
    if (random.below(2) === 0) resource.urn = `urn:pulumi:dev::project::${resource.type}::${resource.name}`;
  },
  "another URN": (stack, random) => {
    random.pick(stack).urn = random.pick([...URNS, random.pick(stack).urn]);
  },
  "the same twice": (stack, random) => {
    stack.push(structuredClone(random.pick(stack)));
  },
  "a copy": (stack, random) => {
    const copy = structuredClone(random.pick(stack));
    copy.name = `${copy.name}-copy`;
    copy.urn = `${copy.urn}-copy`;
    stack.push(copy);
  },
  "one less": (stack, random) => {
    if (stack.length > 1) stack.splice(random.below(stack.length), 1);
  },
  "another parent": (stack, random) => {
    const [resource, child] = [random.pick(stack), random.pick(stack)];
    resource.parent = random.pick([...URNS, resource.urn, child.urn]);
    if (random.below(2) === 0) child.parent = resource.urn;
  },
  "dependencies on anything": (stack, random) => {
    const resource = random.pick(stack);
    const urns = Array.from({ length: random.below(4) }, () =>
      random.pick([...URNS, random.pick(stack).urn]),
    );
    if (random.below(3) === 0) resource.dependencies = urns;
    else
      resource.propertyDependencies = Object.fromEntries([
        ...Object.entries(resource.propertyDependencies),
        [random.pick([propertyOf(random, resource), random.pick(KEYS)]), urns],
      ]);
  },
  "an unknown value that depends on anything": (stack, random) => {
    const resource = random.pick(stack);
    const key = propertyOf(random, resource);
    changeProperties(random, resource, (bag) => withProperty(bag, key, UNKNOWN));
    const urns = Array.from({ length: 1 + random.below(3) }, () => random.pick(stack).urn);
    resource.propertyDependencies = { ...resource.propertyDependencies, [key]: urns };
  },
  "no dependencies": (stack, random) => {
    const resource = random.pick(stack);
    resource.dependencies = [];
    resource.propertyDependencies = {};
  },
  "another provider": (stack, random) => {
    random.pick(stack).provider = random.pick([...URNS, random.pick(stack).urn]);
  },
};

export interface Mutated {
  readonly resources: PlannedResource[];
  /** A description of the mutation, for failure messages. */
  readonly mutations: readonly string[];
}

/** A copy of a stack with this number of mutations. */
export function mutate(resources: readonly PlannedResource[], random: Random, times: number): Mutated {
  const stack = structuredClone([...resources]);
  const names = Object.keys(MUTATIONS);
  const mutations: string[] = [];
  for (let time = 0; time < times; time++) {
    const name = random.pick(names);
    MUTATIONS[name]?.(stack, random);
    mutations.push(name);
  }
  return { resources: stack, mutations };
}

/** Whether a stack contains an unknown value or a resource without outputs. */
export function hidesSomething(resources: readonly PlannedResource[]): boolean {
  const hides = (value: Value): boolean =>
    typeof value === "object" && value !== null
      ? Object.values(value).some(hides)
      : typeof value === "string" && SENTINELS.some((sentinel) => value.includes(sentinel));
  return resources.some(({ outputs }) => Object.keys(outputs).length === 0 || hides(outputs));
}
