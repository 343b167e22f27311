/** What AWS says of one resource, in the form in which Pulumi shows those of a stack. */
export interface AccountResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** The ARN or name by which a stack refers to it, or to what it belongs to. */
  readonly of: string;
}

const PREFIX = "urn:pulumi:account-data::";

/** Whether a URN is that of account data rather than of a stack. */
export function isOfAccount(urn: string): boolean {
  return urn.startsWith(PREFIX);
}

/** Each account is a stack of its own: its credentials are not those of another. */
export function accountResource(
  account: string,
  type: string,
  name: string,
  { props, of }: Pick<AccountResource, "props" | "of">,
): AccountResource {
  return { urn: `${PREFIX}${account}::${type}::${name}`, type, name, props, of };
}
