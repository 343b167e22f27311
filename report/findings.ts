import type { ExemptedFinding } from "../engine/analyze";
import type { Finding, PlannedResource } from "../engine/model";
import type { ExemptedEntry, FindingEntry, PolicyEntry } from "./model";
import { sorted } from "./sorted";
import { type Sources, sourceField } from "./sources";

export function findingEntries(
  findings: readonly Finding[],
  policies: readonly PolicyEntry[],
  resources: readonly PlannedResource[],
  sources: Sources,
): readonly FindingEntry[] {
  const severities = new Map(policies.map(({ name, severity }) => [name, severity]));
  const types = new Map(resources.map(({ urn, type }) => [urn, type]));
  const entries = findings.map(
    ({ policy, level, resource, name, message }): FindingEntry => ({
      policy,
      level,
      severity: severities.get(policy) ?? "low",
      urn: resource,
      name,
      type: types.get(resource) ?? "",
      message,
      ...sourceField(sources(resource)),
    }),
  );
  return sorted(entries, (finding) => [
    finding.level === "mandatory" ? "0" : "1",
    finding.policy,
    finding.urn,
    finding.message,
  ]);
}

/** The exempt findings, in the form of findings. */
export function exemptedEntries(
  exempted: readonly ExemptedFinding[],
  policies: readonly PolicyEntry[],
  resources: readonly PlannedResource[],
  sources: Sources,
): readonly ExemptedEntry[] {
  const policiesByName = new Map(policies.map((policy) => [policy.name, policy]));
  const types = new Map(resources.map(({ urn, type }) => [urn, type]));
  const entries = exempted.map(({ policy, urn, message, exemption: { reason, until } }): ExemptedEntry => {
    const { level, severity = "low" } = policiesByName.get(policy) ?? {};
    return {
      policy,
      level: level === "mandatory" ? level : "advisory",
      severity,
      urn,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      type: types.get(urn) ?? "",
      message,
      ...sourceField(sources(urn)),
      reason,
      ...(until === undefined ? {} : { until }),
    };
  });
  return sorted(entries, (exempted) => [exempted.policy, exempted.urn, exempted.message]);
}
