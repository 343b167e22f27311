import type { Report } from "./model";
import { printableJson } from "./printable";

/** The report itself; `docs/report.schema.json` describes it. */
export function renderJson(report: Report): string {
  return printableJson(report);
}
