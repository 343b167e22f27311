import { parseDocument } from "../document/document";
import type { PolicyDocument } from "../document/types";

interface Packed {
  readonly names: string;
  readonly policies: Readonly<Record<string, unknown>>;
}

interface Table {
  readonly names: ReadonlySet<string>;
  readonly policies: Readonly<Record<string, unknown>>;
}

let table: Table | undefined;

/** Read when the first AWS managed policy is asked for, which most stacks never do. */
function loaded(): Table {
  table ??= readTable((require("./table") as typeof import("./table")).TABLE);
  return table;
}

export function readTable(text: string): Table {
  const { names, policies } = JSON.parse(text) as Packed;
  return { names: new Set(unpackNames(names)), policies };
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Sorted names in lines, each as the number of characters it shares with the one before and the rest. */
export function packNames(names: readonly string[]): string {
  let before = "";
  return [...names]
    .sort()
    .map((name) => {
      let shared = 0;
      while (shared < DIGITS.length - 1 && shared < name.length && name[shared] === before[shared]) shared++;
      before = name;
      return `${DIGITS[shared]}${name.slice(shared)}`;
    })
    .join("\n");
}

export function unpackNames(packed: string): readonly string[] {
  let before = "";
  return packed.split("\n").map((line) => {
    before = before.slice(0, DIGITS.indexOf(line.charAt(0))) + line.slice(1);
    return before;
  });
}

/** AWS's own policies have `aws` for the account, in every partition.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
const AWS_MANAGED = /^arn:aws[\w-]*:iam::aws:policy\/(.{1,512})$/;

/**
 * What an AWS managed policy says of `lambda:InvokeFunction`, `lambda:InvokeFunctionUrl` and
 * `execute-api:Invoke`: its statements on them, that it has none, or `undefined` when the table (derived by
 * `scripts/managed-policies.ts`, which says from what) does not know the policy.
 */
export function managedPolicyDocument(
  arn: string,
): { readonly document: PolicyDocument; readonly name: string } | "grants-neither" | undefined {
  const name = AWS_MANAGED.exec(arn)?.[1];
  if (name === undefined) return undefined;
  const { names, policies } = loaded();
  if (Object.hasOwn(policies, name))
    return { name, document: parseDocument(JSON.stringify(policies[name]), "identity") };
  return names.has(name) ? "grants-neither" : undefined;
}
