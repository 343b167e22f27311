import { createHash } from "node:crypto";
import { REPOSITORY } from "../messages";
import { printableJson } from "../messages/printable";
import type { ExemptedEntry, FindingEntry, Input, PolicyEntry, Report, Source } from "./model";
import { showExemption } from "./text";

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
 * @param fileOf the file of the repository that stands for an input, as a path from the repository's root with
 *   `/`: GitHub shows no result without one. A result whose line is known is in a file beside it
 */
export function renderSarif(report: Report, fileOf: (input: Input) => string): string {
  const files = new Map(report.inputs.map((input) => [stackOf(input), fileOf(input)]));
  const [first] = files.values();
  const results: readonly Result[] = [...report.findings, ...report.exempted.map(suppressed)];
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
            rules: report.policies.map(ruleOf),
          },
        },
        columnKind: "utf16CodeUnits",
        results: results.map(({ suppressions, ...finding }, index) => ({
          ruleId: finding.policy,
          ruleIndex: report.policies.findIndex(({ name }) => name === finding.policy),
          level: levelOf(finding.level),
          message: { text: finding.message },
          locations: [
            {
              physicalLocation: physicalLocation(
                files.get(stackOfUrn(finding.urn)) ?? first ?? "",
                finding.source,
              ),
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

/** A position is in a file that is named from the folder of the project file. */
function physicalLocation(projectFile: string, source: Source | undefined) {
  if (source === undefined)
    return { artifactLocation: { uri: encodeURI(projectFile) }, region: { startLine: 1 } };
  const { file, line, column } = source;
  const folder = projectFile.slice(0, projectFile.lastIndexOf("/") + 1);
  return {
    artifactLocation: { uri: encodeURI(`${folder}${file}`) },
    region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) },
  };
}

/** A finding as a result, and why it is suppressed when it is. */
interface Result extends FindingEntry {
  readonly suppressions?: readonly {
    readonly kind: "external";
    readonly status: "accepted";
    readonly justification: string;
  }[];
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317661 */
function suppressed(exempted: ExemptedEntry): Result {
  const { reason: _reason, until: _until, ...finding } = exempted;
  const justification = showExemption(exempted);
  return { ...finding, suppressions: [{ kind: "external", status: "accepted", justification }] };
}

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

/** As names of rules are written: `RouteFunctionPermission`. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function levelOf(level: FindingEntry["level"]): "error" | "warning" {
  return level === "mandatory" ? "error" : "warning";
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME` */
function stackOfUrn(urn: string): string {
  const [stack = "", project = ""] = urn.replace(/^urn:pulumi:/, "").split("::");
  return stackOf({ project, stack });
}

function stackOf({ project, stack }: Pick<Input, "project" | "stack">): string {
  return JSON.stringify([project, stack]);
}

/**
 * What stays the same when a message changes, so that an alert stays the same alert: the policy and the
 * resource, numbered where a policy says several things of one resource.
 */
function fingerprintsOf(findings: readonly FindingEntry[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ policy, urn }) => {
    const about = createHash("sha256")
      .update(JSON.stringify([policy, urn]))
      .digest("hex")
      .slice(0, 32);
    const number = (seen.get(about) ?? 0) + 1;
    seen.set(about, number);
    return `${about}:${number}`;
  });
}
