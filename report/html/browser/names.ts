/** The stack of an item, and the order of names. Does not use the DOM. */
import { stackKey, stackOfUrn } from "../../../stack/pulumi/urns";
import type { Report } from "../../model";

export function stackOf(urn: string | undefined): { readonly stack?: string } {
  return urn?.startsWith("urn:pulumi:") ? { stack: stackKey(stackOfUrn(urn)) } : {};
}

export function stacksOf({ inputs }: Pick<Report, "inputs">): string[] {
  const named = inputs.filter(({ project, stack }) => project !== "" || stack !== "");
  return [...new Set(named.map(stackKey))].sort(naturalOrder.compare);
}

/** `r2` before `r10`. */
export const naturalOrder = new Intl.Collator("en", { numeric: true });
