import type { DatedPolicy } from "./organizations";

/** Labels of documents of account data, with their date, for evidence. */

const KINDS: Readonly<Record<DatedPolicy["kind"], string>> = {
  service: "service control policy",
  resource: "resource control policy",
};

/** A control policy of an organization for messages, with the date of the account data (`YYYY-MM-DD`). */
export function controlLabel({ kind, id, name, asOf }: DatedPolicy): string {
  return `${KINDS[kind]} "${name}" (${id}, account data as of ${asOf})`;
}

/** A label with the date of the account data (`YYYY-MM-DD`), since AWS may have changed since. */
export function datedLabel(label: string, asOf: string): string {
  return `${label} (account data as of ${asOf})`;
}
