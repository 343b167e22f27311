import type { Drift } from "../account";
import { printable } from "./printable";

export const DRIFT_TITLE = "AWS differs from the state";

/** The text under a heading "Drift". */
export const DRIFT_MEANING = `${DRIFT_TITLE}. The results here are based on the state, as the next update is; to reconcile both, run pulumi up --refresh.`;

/** The heading of drift in formats that have no headings. */
export const DRIFT = `Drift: ${DRIFT_MEANING}`;

/** A difference between AWS and a stack, without the resource that it is about. */
type DriftDescription = Omit<Drift, "urn">;

const PARTS: Readonly<Record<DriftDescription["part"], (drift: DriftDescription) => string>> = {
  principal: ({ name }) => name,
  "inline-policy": ({ holder, name }) => `the inline policy "${name}" of ${holder}`,
  attachment: ({ holder, name }) => `the attachment of ${name} to ${holder}`,
  membership: ({ holder, name }) => `the membership of ${holder} in group ${name}`,
  boundary: ({ holder, name }) => `the permissions boundary ${name} of ${holder}`,
  "trust-policy": ({ holder }) => `the trust policy of ${holder}`,
  "managed-policy": ({ name }) => `the managed policy ${name}`,
  statement: ({ holder, name }) => `the statement "${name}" in the resource policy of ${holder}`,
  "function-policy": ({ holder }) => `the resource policy of ${holder}`,
  url: ({ holder }) => `the authorization of the function URL of ${holder}`,
  "api-policy": ({ holder }) => `the resource policy of API ${holder}`,
  method: ({ holder, name }) => `the method ${name} of API ${holder}`,
  integration: ({ holder, name }) => `the integration ${name} of API ${holder}`,
  route: ({ holder, name }) => `the route ${name} of API ${holder}`,
  authorizer: ({ holder, name }) => `the authorizer ${name} of API ${holder}`,
};

const CODES: Readonly<Record<DriftDescription["code"], (part: string) => string>> = {
  missing: (part) => `${part} is in the state, but no longer in AWS`,
  differs: (part) => `${part} differs between AWS and the state`,
  added: (part) => `${part} is set in AWS, but not in the state`,
  replaced: (part) =>
    `${part} was deleted and re-created in AWS: policies that refer to it by ARN may no longer apply to it`,
};

/** One difference, in a sentence. */
export function describeDrift(drift: DriftDescription): string {
  const { code, part, holder, name, asOf } = drift;
  const difference =
    part === "boundary" && code === "differs"
      ? `the permissions boundary of ${holder} in AWS is not ${name}, which the state has`
      : CODES[code](PARTS[part](drift));
  return printable(`${difference} (account data as of ${asOf})`);
}
