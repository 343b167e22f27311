import { printableJson } from "../policies/printable";
import type { Report } from "./model";

/** The report itself; `docs/report.schema.json` describes it. */
export function renderJson(report: Report): string {
  return printableJson(report);
}
