import { printableJson } from "../messages/printable";
import { DRIFT_RULE } from "./drift";
import { fingerprintsOf } from "./fingerprints";
import { MISSING_PLUGIN_RULE } from "./missing-parts";
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
  const issues = [
    ...report.findings.map((finding) => ({
      ...finding,
      severity: finding.level === "mandatory" ? SEVERITY[finding.severity] : "info",
    })),
    ...(report.drift ?? []).map((entry) => ({ ...entry, policy: DRIFT_RULE, severity: "info" })),
    ...(report.missingPlugins ?? []).map((entry) => ({
      ...entry,
      policy: MISSING_PLUGIN_RULE,
      severity: "info",
    })),
  ];
  const fingerprints = fingerprintsOf(issues);
  return printableJson(
    issues.map((issue, index) => {
      const { path, line = 1 } = placeOf(issue);
      return {
        description: `${issue.name}: ${issue.message.split("\n")[0]}`,
        check_name: issue.policy,
        fingerprint: fingerprints[index],
        severity: issue.severity,
        location: { path, lines: { begin: line } },
      };
    }),
  );
}
