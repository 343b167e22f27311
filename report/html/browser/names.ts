/** The stack of an item, and the order of names. Does not use the DOM. */
import type { Report } from "../../model";

/** https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
export function stackOf(urn: string | undefined): { readonly stack?: string } {
  const [, stack, project] = /^urn:pulumi:(.*?)::(.*?)::/.exec(urn ?? "") ?? [];
  return stack === undefined || project === undefined ? {} : { stack: `${project}/${stack}` };
}

export function stacksOf({ inputs }: Pick<Report, "inputs">): string[] {
  const named = inputs.filter(({ project, stack }) => project !== "" || stack !== "");
  return [...new Set(named.map(({ project, stack }) => `${project}/${stack}`))].sort(naturalOrder.compare);
}

/** `r2` before `r10`. */
export const naturalOrder = new Intl.Collator("en", { numeric: true });
