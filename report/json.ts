import { printableJson } from "../messages/printable";
import type { Report } from "./model";

/** The report itself; `docs/report.schema.json` describes it. */
export function renderJson(report: Report): string {
  return printableJson(report);
}
