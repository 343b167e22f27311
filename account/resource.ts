import { isObject } from "../iam";
import type { SeenResource } from "../stack";

/** One resource from AWS, in the form in which Pulumi shows those of a stack. */
export interface AccountResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** The ARN or id by which a stack refers to it, or to its owner. */
  readonly owner: string;
  readonly fromAccountData: NonNullable<SeenResource["fromAccountData"]>;
}

const PREFIX = "urn:pulumi:account-data::";

/** Whether a URN belongs to account data rather than to a stack. */
export function isOfAccount(urn: string): boolean {
  return urn.startsWith(PREFIX);
}

/** Each account is treated as a separate stack, with its own credentials. */
export function accountResource(
  account: string,
  type: string,
  name: string,
  { props, owner }: Pick<AccountResource, "props" | "owner">,
): AccountResource {
  return { urn: `${PREFIX}${account}::${type}::${name}`, type, name, props, owner, fromAccountData: {} };
}

/** An object in the JSON output of a command. Its fields may have any type. */
export type Entry = Readonly<Record<string, unknown>>;

/** The account in an ARN, or an empty text where it has none. */
export function accountOf(arn: string): string {
  return arn.split(":", 5)[4] ?? "";
}

/** The objects in a list; empty for any other value. */
export function objects(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The strings in a list; empty for any other value. */
export function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The JSON object in a text. */
export function parsedObject(text: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
