import { REPOSITORY, showExemption } from "../messages";
import { DRIFT, DRIFT_TITLE } from "../messages/drift";
import { MISSING_PLUGIN, MISSING_PLUGIN_TITLE } from "../messages/missing-parts";
import { printableJson } from "../messages/printable";
import { pascalCase } from "../messages/text";
import { DRIFT_RULE } from "./drift";
import { fingerprintsOf } from "./fingerprints";
import { MISSING_PLUGIN_RULE } from "./missing-parts";
import type { ExemptedEntry, FindingEntry, Input, PolicyEntry, Report } from "./model";
import { type FindingPlace, placesOf } from "./places";

/**
 * GitHub's scale for security alerts: over 9.0 is critical, from 7.0 high, from 4.0 medium.
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
const SECURITY_SEVERITY: Record<PolicyEntry["severity"], string> = {
  low: "3.0",
  medium: "5.5",
  high: "8.0",
  critical: "9.5",
};

/**
 * The findings as SARIF 2.1.0, for code scanning.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *
 * @param fileOf the file of the repository that represents an input, as a path from the repository's root with `/`:
 * GitHub shows no result without one. A result with a known line is in a file relative to it
 */
export function renderSarif(report: Report, fileOf: (input: Input) => string): string {
  const placeOf = placesOf(report, fileOf);
  const drift = report.drift ?? [];
  const missing = report.missingPlugins ?? [];
  const rules = [
    ...report.policies.map(ruleOf),
    ...(drift.length === 0 ? [] : [RULE_OF_DRIFT]),
    ...(missing.length === 0 ? [] : [RULE_OF_MISSING_PLUGINS]),
  ];
  const results: readonly Result[] = [
    ...report.findings.map((finding) => ({ ...finding, level: levelOf(finding.level) })),
    ...report.exempted.map(suppressed),
    ...drift.map((entry) => ({ ...entry, policy: DRIFT_RULE, level: "note" as const })),
    ...missing.map((entry) => ({ ...entry, policy: MISSING_PLUGIN_RULE, level: "note" as const })),
  ];
  const fingerprints = fingerprintsOf(results);
  return printableJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            informationUri: REPOSITORY,
            rules,
          },
        },
        columnKind: "utf16CodeUnits",
        results: results.map(({ suppressions, ...finding }, index) => ({
          ruleId: finding.policy,
          ruleIndex: rules.findIndex(({ id }) => id === finding.policy),
          level: finding.level,
          message: { text: finding.message },
          locations: [
            {
              physicalLocation: physicalLocation(placeOf(finding)),
              logicalLocations: [{ fullyQualifiedName: finding.urn, name: finding.name, kind: "resource" }],
            },
          ],
          partialFingerprints: { "policyAndResource/v1": fingerprints[index] },
          ...(suppressions === undefined ? {} : { suppressions }),
        })),
      },
    ],
  });
}

function physicalLocation({ path, line = 1, column }: FindingPlace) {
  return {
    artifactLocation: { uri: encodeURI(path) },
    region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) },
  };
}

/** A finding as a result, with the reason when it is suppressed. */
interface Result extends Pick<FindingEntry, "policy" | "urn" | "name" | "message" | "source"> {
  readonly level: "error" | "warning" | "note";
  readonly suppressions?: readonly {
    readonly kind: "external";
    readonly status: "accepted";
    readonly justification: string;
  }[];
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317661 */
function suppressed(exempted: ExemptedEntry): Result {
  const { reason: _reason, until: _until, ...finding } = exempted;
  const justification = showExemption(exempted.reason, exempted.until);
  return {
    ...finding,
    level: levelOf(finding.level),
    suppressions: [{ kind: "external", status: "accepted", justification }],
  };
}

/** Not from a policy: account data and a state disagree. */
const RULE_OF_DRIFT = {
  id: DRIFT_RULE,
  name: "Drift",
  shortDescription: { text: DRIFT_TITLE },
  fullDescription: { text: DRIFT },
  helpUri: `${REPOSITORY}/blob/main/docs/account-data.md`,
  defaultConfiguration: { level: "note" },
} as const;

const RULE_OF_MISSING_PLUGINS = {
  id: MISSING_PLUGIN_RULE,
  name: "MissingPlugin",
  shortDescription: { text: MISSING_PLUGIN_TITLE },
  fullDescription: { text: MISSING_PLUGIN },
  helpUri: `${REPOSITORY}/blob/main/docs/report.md`,
  defaultConfiguration: { level: "note" },
} as const;

function ruleOf(policy: PolicyEntry) {
  return {
    id: policy.name,
    name: pascalCase(policy.name),
    shortDescription: { text: policy.displayName },
    fullDescription: { text: policy.description },
    help: {
      text: policy.remediation,
      markdown: `${policy.remediation}\n\n[More on this policy](${policy.url})`,
    },
    helpUri: policy.url,
    defaultConfiguration: {
      enabled: policy.level !== "disabled",
      level: levelOf(policy.level === "mandatory" ? "mandatory" : "advisory"),
    },
    properties: {
      tags: ["security", "aws", "apigateway", "lambda", "iam"],
      "security-severity": SECURITY_SEVERITY[policy.severity],
      precision: "high",
    },
  };
}

function levelOf(level: FindingEntry["level"]): "error" | "warning" {
  return level === "mandatory" ? "error" : "warning";
}
