/** The list of findings, as the policies report them. */
import { showExemption } from "../../../messages/answers";
import { DRIFT_MEANING } from "../../../messages/drift";
import type { DriftEntry, ExemptedEntry, FindingEntry, MissingPluginEntry, PolicyEntry } from "../../model";
import { showSource } from "../../sources";
import { appendInParts, copyButton, count, h, policyLine } from "./dom";
import type { Graph, Item } from "./graph";
import type { PackedReport } from "./packed-report";

const PAGE_SIZE = 100;

export interface Findings {
  readonly element: HTMLElement;
  show(graph: Graph, findings: readonly FindingEntry[]): void;
}

export function createFindings(
  {
    policies,
    exempted,
    drift = [],
    missingPlugins = [],
  }: Pick<PackedReport, "policies" | "exempted" | "drift" | "missingPlugins">,
  choose: (item: Item) => void,
): Findings {
  const notApplicable = policies.filter((policy) => policy.notApplicable !== undefined);
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  const element = h("div", { class: "findings" });
  return {
    element,
    show(graph, findings) {
      appendInParts(element, findings, {
        pageSize: PAGE_SIZE,
        show: (finding) => findingEntry(graph, finding, byName.get(finding.policy), choose),
      });
      if (findings.length === 0) element.append(h("p", { class: "none" }, "No findings."));
      if (missingPlugins.length > 0) element.append(missingPluginEntries(missingPlugins));
      if (drift.length > 0) element.append(driftEntries(drift));
      if (exempted.length > 0) element.append(exemptedEntries(exempted));
      if (notApplicable.length > 0) element.append(notApplicableEntries(notApplicable));
    },
  };
}

/** Components without their parts, regardless of the filter, since their contents are unknown. */
function missingPluginEntries(components: readonly MissingPluginEntry[]): HTMLElement {
  const list = h("ul", {});
  appendInParts(list, components, {
    pageSize: PAGE_SIZE,
    show: ({ message }) => h("li", {}, h("bdi", {}, message)),
  });
  return h("section", { class: "lines-of" }, h("h3", {}, "Missing plugins"), list);
}

/** Differences between AWS and the state, regardless of the filter, since they are not findings. */
function driftEntries(drift: readonly DriftEntry[]): HTMLElement {
  const list = h("ul", {});
  appendInParts(list, drift, {
    pageSize: PAGE_SIZE,
    show: ({ urn, name, message, source }) =>
      h(
        "li",
        {},
        h("bdi", {}, name),
        ": ",
        h("bdi", {}, message),
        h("span", { class: "sub" }, " ", h("bdi", {}, source === undefined ? urn : showSource(source))),
      ),
  });
  return h("section", { class: "lines-of" }, h("h3", {}, "Drift"), h("p", {}, DRIFT_MEANING), list);
}

/** Exempt findings, regardless of the filter. */
function exemptedEntries(exempted: readonly ExemptedEntry[]): HTMLElement {
  const list = h("ul", {});
  appendInParts(list, exempted, {
    pageSize: PAGE_SIZE,
    show: ({ policy, name, type, reason, until }) =>
      h(
        "li",
        {},
        h("code", {}, policy),
        " on ",
        h("bdi", {}, name),
        h("span", { class: "sub" }, " ", h("bdi", {}, type)),
        ": ",
        h("bdi", {}, showExemption(reason, until)),
      ),
  });
  return h("section", { class: "lines-of" }, h("h3", {}, "Exempt"), list);
}

/** The policies that had nothing to evaluate, and why: they neither passed nor failed. */
function notApplicableEntries(policies: readonly PolicyEntry[]): HTMLElement {
  const entries = policies.map(({ name, notApplicable = "" }) =>
    h("li", {}, h("code", {}, name), ": ", h("bdi", {}, notApplicable)),
  );
  return h(
    "details",
    { class: "folded lines-of" },
    h("summary", {}, `Not applicable: ${count(policies.length, "policy", "policies")}`),
    h("ul", {}, ...entries),
  );
}

function findingEntry(
  graph: Graph,
  finding: FindingEntry,
  policyEntry: PolicyEntry | undefined,
  choose: (item: Item) => void,
): HTMLElement {
  const { level, severity, name, type, policy, urn, message, source } = finding;
  const items = graph.itemsOf(finding);
  const main = items.find((item) => item.urn === urn) ?? items[0];
  return h(
    "article",
    { class: "finding", "data-level": level },
    h(
      "header",
      {},
      h("span", { class: "level" }, level),
      h("h3", {}, h("bdi", {}, name)),
      h("span", { class: "sub" }, h("bdi", {}, type), ` · ${severity} severity`),
    ),
    policyLine(policyEntry, policy, policyEntry?.displayName ?? level),
    h("pre", { class: "message" }, message),
    h(
      "div",
      { class: "actions" },
      main === undefined
        ? undefined
        : h("button", { type: "button", click: () => choose(main) }, "Show on the map"),
      copyButton("Copy message", () => message),
    ),
    h(
      "p",
      { class: "sub" },
      h("bdi", {}, urn),
      source === undefined ? undefined : " · ",
      source && h("bdi", {}, showSource(source)),
    ),
  );
}
