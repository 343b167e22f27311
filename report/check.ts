import { MOMENTS_OF_FINDINGS } from "../messages/report";
import type { FindingEntry, Report } from "./model";
import {
  count,
  countFindings,
  describedFindings,
  driftText,
  header,
  notApplicable,
  type Paint,
  painter,
} from "./text";

/** The findings alone, as the Pulumi CLI prints them at the end of a preview. */
export function renderCheck(report: Report, inColor: boolean): string {
  const paint = painter(inColor);
  return blocks([
    header(report, paint),
    policies(report, report.findings, paint),
    driftText(report.drift, paint),
    summary(report, report.findings, paint),
  ]);
}

/**
 * The findings on a program as deployed and in its first preview, without duplicates, with the moments in which each
 * occurs.
 */
export function renderComparison(deployed: Report, preview: Report, inColor: boolean): string {
  const paint = painter(inColor);
  const [deployedKeys, previewKeys] = [keysOf(deployed), keysOf(preview)];
  const inBoth = deployed.findings.filter((finding) => previewKeys.has(keyOf(finding)));
  const onlyDeployed = deployed.findings.filter((finding) => !previewKeys.has(keyOf(finding)));
  const onlyPreview = preview.findings.filter((finding) => !deployedKeys.has(keyOf(finding)));
  return blocks([
    header(deployed, paint),
    section(MOMENTS_OF_FINDINGS.both, deployed, inBoth, paint),
    section(MOMENTS_OF_FINDINGS.deployed, deployed, onlyDeployed, paint),
    section(MOMENTS_OF_FINDINGS.preview, preview, onlyPreview, paint),
    driftText(deployed.drift, paint),
    paint.bold(
      `As deployed: ${countFindings(deployed.findings)}; in the first preview: ${countFindings(preview.findings)}${notApplicable(deployed)}`,
    ),
  ]);
}

function section(title: string, report: Report, findings: readonly FindingEntry[], paint: Paint): string {
  if (findings.length === 0) return "";
  return [paint.bold(title), ...describedFindings(report, findings, paint)].join("\n");
}

function policies(report: Report, findings: readonly FindingEntry[], paint: Paint): string {
  if (findings.length === 0) return "";
  return [paint.bold("Policies:"), ...describedFindings(report, findings, paint)].join("\n");
}

function summary(report: Report, findings: readonly FindingEntry[], paint: Paint): string {
  const { length } = report.routes;
  return paint.bold(`${count(length, "route")}; ${countFindings(findings)}${notApplicable(report)}`);
}

/** Findings of two reports are the same when their policies and resources are. */
function keyOf({ policy, urn }: FindingEntry): string {
  return `${policy} ${urn}`;
}

function keysOf({ findings }: Report): ReadonlySet<string> {
  return new Set(findings.map(keyOf));
}

function blocks(texts: readonly string[]): string {
  return `${texts.filter((text) => text !== "").join("\n\n")}\n`;
}
