import { printableJson } from "../messages/printable";
import { fingerprintsOf } from "./fingerprints";
import type { FindingEntry, Input, Report } from "./model";
import { placesOf } from "./places";

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
const SEVERITY: Record<FindingEntry["severity"], string> = {
  low: "minor",
  medium: "major",
  high: "critical",
  critical: "blocker",
};

/** The findings for GitLab's Code Quality, which shows them in the changes of a merge request. */
export function renderCodeQuality(report: Report, fileOf: (input: Input) => string): string {
  const placeOf = placesOf(report, fileOf);
  const fingerprints = fingerprintsOf(report.findings);
  return printableJson(
    report.findings.map((finding, index) => {
      const { path, line = 1 } = placeOf(finding);
      return {
        description: `${finding.name}: ${finding.message.split("\n")[0]}`,
        check_name: finding.policy,
        fingerprint: fingerprints[index],
        severity: finding.level === "mandatory" ? SEVERITY[finding.severity] : "info",
        location: { path, lines: { begin: line } },
      };
    }),
  );
}
