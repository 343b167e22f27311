import { type PlannedResource, type Properties, UNKNOWN, type Value } from "../../testing";

/**
 * Breaks planned resources in the ways in which an engine, a provider, a state file or an attacker could.
 * Everything follows from the dice, so that what fails once fails again.
 */

/** A source of numbers that looks random and repeats itself from the same seed. */
export interface Dice {
  /** A whole number from 0, below the given one. */
  below(limit: number): number;
  of<T>(items: readonly T[]): T;
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (mulberry32) */
export function diceFrom(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, of: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What a terminal obeys, what turns text around, what is half a character, and what is long. */
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

/** Any value that can be on the wire. */
export function anyValue(dice: Dice, depth = 0): Value {
  switch (dice.below(depth > 3 ? 9 : 14)) {
    case 0:
      return null;
    case 1:
      return dice.of([true, false]);
    case 2:
      return dice.of([0, -0, -1, 1.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 123456789012]);
    case 3:
    case 4:
      return dice.of(SENTINELS);
    case 5:
      return "2026-01-15T09:30:00Z";
    case 6:
    case 7:
    case 8:
      return dice.of(TEXTS);
    case 9:
      return [];
    case 10:
      return {};
    case 11:
      return Array.from({ length: dice.below(5) }, () => anyValue(dice, depth + 1));
    case 12:
      return dice.of([
        { [SIGNATURE]: SECRET, value: anyValue(dice, depth + 1) },
        JSON.stringify(anyValue(dice, depth + 1)),
        nested(dice.below(150), anyValue(dice, depth + 1)),
      ]);
    default:
      return Object.fromEntries(
        Array.from({ length: dice.below(4) }, () => [dice.of(KEYS), anyValue(dice, depth + 1)]),
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
  let made = value;
  for (let at = 0; at < depth; at++) made = at % 2 === 0 ? [made] : { Statement: made };
  return made;
}

/** Changes something within a value; of JSON text, something within what it says. */
export function changed(dice: Dice, value: Value, depth = 0): Value {
  if (depth > 12 || dice.below(6) === 0) return anyValue(dice);
  if (typeof value === "string") {
    const parsed = parsedJson(value);
    if (parsed !== undefined && dice.below(4) > 0)
      return JSON.stringify(changed(dice, parsed, depth + 1)) ?? "";
    return changedText(dice, value);
  }
  if (Array.isArray(value)) return changedList(dice, value, depth);
  if (typeof value === "object" && value !== null) return changedObject(dice, value, depth);
  return anyValue(dice);
}

function parsedJson(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function changedText(dice: Dice, text: string): Value {
  const at = dice.below(text.length + 1);
  switch (dice.below(9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text + dice.of(TEXTS);
    case 3:
      return text.slice(0, at) + dice.of(TEXTS) + text.slice(at);
    case 4:
      return text.toUpperCase();
    case 5:
      return [text, text];
    case 6:
      return { [text]: text };
    case 7:
      return text.replace(/[:/]/g, () => dice.of([":", "/", "::", "*", ""]));
    default:
      return dice.of(TEXTS);
  }
}

function changedList(dice: Dice, list: readonly Value[], depth: number): Value {
  if (list.length === 0) return [anyValue(dice)];
  const at = dice.below(list.length);
  const one = list[at] as Value;
  switch (dice.below(7)) {
    case 0:
      return list.filter((_, index) => index !== at);
    case 1:
      return [...list, ...list];
    case 2:
      return [...list, anyValue(dice)];
    case 3:
      return one;
    case 4:
      return [...list].reverse();
    default:
      return list.map((item, index) => (index === at ? changed(dice, item, depth + 1) : item));
  }
}

function changedObject(dice: Dice, object: Readonly<Record<string, Value>>, depth: number): Value {
  // The SDK itself refuses what is marked as an asset and is none, before any policy is asked.
  if (Object.hasOwn(object, SIGNATURE)) return dice.of([anyValue(dice), object]);
  const entries = Object.entries(object);
  const [key, value] = entries.length === 0 ? ["", null] : dice.of(entries);
  const others = entries.filter(([name]) => name !== key);
  switch (dice.below(8)) {
    case 0:
      return Object.fromEntries(others);
    case 1:
      return Object.fromEntries([...others, [dice.of(KEYS), value]]);
    case 2:
      return Object.fromEntries([...entries, [dice.of(KEYS), anyValue(dice)]]);
    case 3:
      return [object];
    default:
      return Object.fromEntries(
        entries.map(([name, item]) => [name, name === key ? changed(dice, item, depth + 1) : item]),
      );
  }
}

/** Resources that may be changed in place. */
type Stack = PlannedResource[];

type Mutation = (stack: Stack, dice: Dice) => void;

/** Outputs and inputs alike, or one of them: providers do not always agree with themselves. */
function inBags(dice: Dice, one: PlannedResource, change: (bag: Properties) => Properties): void {
  const which = dice.below(4);
  if (which !== 1) one.outputs = change(one.outputs);
  if (which !== 2) one.inputs = change(one.inputs);
}

function propertyOf(dice: Dice, one: PlannedResource): string {
  const keys = Object.keys({ ...one.inputs, ...one.outputs });
  return keys.length === 0 ? dice.of(KEYS) : dice.of(keys);
}

const held = (bag: Properties, key: string): Value => (Object.hasOwn(bag, key) ? (bag[key] ?? null) : null);

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
  "another value": (stack, dice) => {
    const one = dice.of(stack);
    const [key, value] = [propertyOf(dice, one), anyValue(dice)];
    inBags(dice, one, (bag) => withProperty(bag, key, value));
  },
  "a change within a value": (stack, dice) => {
    const one = dice.of(stack);
    const key = propertyOf(dice, one);
    const value = changed(dice, held(one.outputs, key) ?? held(one.inputs, key));
    inBags(dice, one, (bag) => withProperty(bag, key, value));
  },
  "an unknown value": (stack, dice) => {
    const one = dice.of(stack);
    const [key, value] = [propertyOf(dice, one), dice.of(SENTINELS)];
    inBags(dice, one, (bag) => withProperty(bag, key, value));
  },
  "a property less": (stack, dice) => {
    const one = dice.of(stack);
    const key = propertyOf(dice, one);
    inBags(dice, one, (bag) => Object.fromEntries(Object.entries(bag).filter(([name]) => name !== key)));
  },
  "no properties": (stack, dice) => inBags(dice, dice.of(stack), () => ({})),
  "the property of another": (stack, dice) => {
    const [one, other] = [dice.of(stack), dice.of(stack)];
    const [key, from] = [propertyOf(dice, one), propertyOf(dice, other)];
    inBags(dice, one, (bag) => withProperty(bag, key, held(other.outputs, from)));
  },
  "the bag of another": (stack, dice) => {
    const other = dice.of(stack);
    inBags(dice, dice.of(stack), () => structuredClone(other.outputs));
  },
  "another type": (stack, dice) => {
    const one = dice.of(stack);
    one.type = dice.of([
      ...stack.map(({ type }) => type),
      "",
      "::",
      "constructor",
      "__proto__",
      "aws:iam/role:Role",
    ]);
  },
  "another name": (stack, dice) => {
    const one = dice.of(stack);
    one.name = dice.of([...TEXTS, dice.of(stack).name]);
    if (dice.below(2) === 0) one.urn = `urn:pulumi:dev::project::${one.type}::${one.name}`;
  },
  "another URN": (stack, dice) => {
    dice.of(stack).urn = dice.of([...URNS, dice.of(stack).urn]);
  },
  "the same twice": (stack, dice) => {
    stack.push(structuredClone(dice.of(stack)));
  },
  "a twin": (stack, dice) => {
    const one = structuredClone(dice.of(stack));
    one.name = `${one.name}-twin`;
    one.urn = `${one.urn}-twin`;
    stack.push(one);
  },
  "one less": (stack, dice) => {
    if (stack.length > 1) stack.splice(dice.below(stack.length), 1);
  },
  "another parent": (stack, dice) => {
    const [one, other] = [dice.of(stack), dice.of(stack)];
    one.parent = dice.of([...URNS, one.urn, other.urn]);
    if (dice.below(2) === 0) other.parent = one.urn;
  },
  "dependencies on anything": (stack, dice) => {
    const one = dice.of(stack);
    const urns = Array.from({ length: dice.below(4) }, () => dice.of([...URNS, dice.of(stack).urn]));
    if (dice.below(3) === 0) one.dependencies = urns;
    else
      one.propertyDependencies = Object.fromEntries([
        ...Object.entries(one.propertyDependencies),
        [dice.of([propertyOf(dice, one), dice.of(KEYS)]), urns],
      ]);
  },
  "an unknown value that depends on anything": (stack, dice) => {
    const one = dice.of(stack);
    const key = propertyOf(dice, one);
    inBags(dice, one, (bag) => withProperty(bag, key, UNKNOWN));
    const urns = Array.from({ length: 1 + dice.below(3) }, () => dice.of(stack).urn);
    one.propertyDependencies = { ...one.propertyDependencies, [key]: urns };
  },
  "no dependencies": (stack, dice) => {
    const one = dice.of(stack);
    one.dependencies = [];
    one.propertyDependencies = {};
  },
  "another provider": (stack, dice) => {
    dice.of(stack).provider = dice.of([...URNS, dice.of(stack).urn]);
  },
};

export interface Mutated {
  readonly resources: PlannedResource[];
  /** A description of the mutation, for failure messages. */
  readonly done: readonly string[];
}

/** A copy of a stack with a number of things broken in it. */
export function mutate(resources: readonly PlannedResource[], dice: Dice, times: number): Mutated {
  const stack = structuredClone([...resources]);
  const names = Object.keys(MUTATIONS);
  const done: string[] = [];
  for (let time = 0; time < times; time++) {
    const name = dice.of(names);
    MUTATIONS[name]?.(stack, dice);
    done.push(name);
  }
  return { resources: stack, done };
}

/** Whether something of a stack is not shown: a value, or all of a resource. */
export function hidesSomething(resources: readonly PlannedResource[]): boolean {
  const hides = (value: Value): boolean =>
    typeof value === "object" && value !== null
      ? Object.values(value).some(hides)
      : typeof value === "string" && SENTINELS.some((sentinel) => value.includes(sentinel));
  return resources.some(({ outputs }) => Object.keys(outputs).length === 0 || hides(outputs));
}
