import XMLBuilder from "fast-xml-builder";
import { AWS_SERVES, disableAdvice, showExemption, showFix, WHOSE_RULE } from "../messages";
import { DRIFT } from "../messages/drift";
import { MISSING_PLUGIN } from "../messages/missing-parts";
import { printable, printableLines } from "../messages/printable";
import { stackKey } from "../stack/pulumi/urns";
import { GATE_NAMES, INTEGRATION_REQUEST } from "./gates";
import type {
  Answer,
  DriftEntry,
  ExemptedEntry,
  FindingEntry,
  MissingPluginEntry,
  Report,
  Source,
} from "./model";
import { showSource } from "./sources";
import { answersByRoute } from "./text";

interface TestCase {
  readonly "@_classname": string;
  readonly "@_name": string;
  readonly "@_time": "0";
  readonly failure?: { readonly "@_message": string; readonly "@_type": string; readonly "#text": string };
  readonly skipped?: { readonly "@_message": string };
  readonly "system-out"?: string;
}

/**
 * JUnit's XML: one test case for each route and gate, one for each answer that is not about a route, and one for each
 * single-resource policy. Denied answers fail; unproven and exempt ones are skipped.
 */
export function renderJunit(report: Report): string {
  const byRoute = answersByRoute(report);
  const routes = report.apis.map((api) =>
    suite(
      report,
      `API ${api.name}`,
      report.routes
        .filter((route) => route.api === api.id)
        .flatMap((route) =>
          GATE_NAMES.flatMap((gate) => {
            const answers = (byRoute.get(route.id) ?? []).filter((answer) => answer.gate === gate);
            return answers.length === 0
              ? []
              : [testCase(report, api.name, `${route.label}: ${gate}`, answers)];
          }),
        ),
    ),
  );
  const answersWithoutRoute = report.answers
    .filter((answer) => answer.routes.length === 0)
    .map((answer) => testCase(report, answer.gate, answer.question, [answer]));
  const gatePolicies = new Set(
    report.answers.filter(({ gate }) => gate !== INTEGRATION_REQUEST).map(({ policy }) => policy),
  );
  const otherPolicies = report.policies
    .filter(({ name, level }) => level !== "disabled" && !gatePolicies.has(name))
    .map(({ name }) =>
      policyCase(
        name,
        report.findings.filter(({ policy }) => policy === name),
        report.exempted.filter(({ policy }) => policy === name),
      ),
    );
  const suites = [
    ...routes,
    suite(report, "other access", answersWithoutRoute),
    suite(report, "policies", otherPolicies),
    suite(report, "drift", (report.drift ?? []).map(driftCase)),
    suite(report, "components", (report.missingPlugins ?? []).map(missingPluginCase)),
  ];
  const cases = suites.flatMap((suite) => suite.testcase);
  const xml = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true }).build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    testsuites: {
      "@_name": report.tool.name,
      ...counts(cases),
      testsuite: suites.filter((suite) => suite.testcase.length > 0),
    },
  });
  return `${xml.trimEnd()}\n`;
}

function suite(report: Report, name: string, testcase: readonly TestCase[]) {
  const stacks = report.inputs.map(stackKey);
  const properties: readonly (readonly [string, string])[] = [
    ["version", report.tool.version],
    ...stacks.map((stack) => ["stack", stack] as const),
  ];
  return {
    "@_name": printable(name),
    ...counts(testcase),
    properties: {
      property: properties.map(([name, value]) => ({ "@_name": name, "@_value": printable(value) })),
    },
    testcase,
  };
}

function counts(cases: readonly TestCase[]) {
  return {
    "@_tests": cases.length,
    "@_failures": cases.filter(({ failure }) => failure !== undefined).length,
    "@_errors": 0,
    "@_skipped": cases.filter(({ skipped }) => skipped !== undefined).length,
    "@_time": "0",
  };
}

function testCase(report: Report, group: string, name: string, answers: readonly Answer[]): TestCase {
  const attributes = { "@_classname": printable(group), "@_name": printable(name), "@_time": "0" } as const;
  const failing = answers.filter(({ outcome, exempt }) => outcome === "denied" && exempt === undefined);
  if (failing.length > 0) {
    const levels = failing.map(({ policy }) => report.policies.find((entry) => entry.name === policy)?.level);
    const exemptions = answers.flatMap(exemption);
    return {
      ...attributes,
      failure: failure(levels.includes("mandatory"), [...failing.map(deniedText), ...exemptions]),
    };
  }
  if (answers.every(({ outcome }) => outcome === "allowed")) return attributes;
  const reasons = answers.flatMap((answer) =>
    answer.outcome === "unproven"
      ? [`${answer.question}: unknown: ${answer.doubts.join("; ")}`]
      : exemption(answer),
  );
  return { ...attributes, skipped: { "@_message": printable(reasons.join(" | ")) } };
}

function exemption({ question, exempt: reason, exemptUntil: until }: Answer): readonly string[] {
  if (reason === undefined) return [];
  return [`${question}: exempt: ${showExemption(reason, until)}`];
}

function policyCase(
  policy: string,
  findings: readonly FindingEntry[],
  exempted: readonly ExemptedEntry[],
): TestCase {
  const attributes = { "@_classname": "policies", "@_name": policy, "@_time": "0" } as const;
  const texts = findings.map(({ name, message, source }) =>
    [`${name}: ${message}`, ...sourceLines(source)].join("\n"),
  );
  const reasons = exempted.map(
    ({ name, reason, until }) => `${name}: exempt: ${showExemption(reason, until)}`,
  );
  if (findings.some(({ level }) => level === "mandatory"))
    return { ...attributes, failure: failure(true, [...texts, ...reasons]) };
  if (texts.length > 0)
    return { ...attributes, "system-out": printableLines([...texts, ...reasons].join("\n\n")) };
  return reasons.length === 0
    ? attributes
    : { ...attributes, skipped: { "@_message": printable(reasons.join(" | ")) } };
}

/** Differences between AWS and the state never fail: the answers are based on the stack. */
function driftCase({ name, message, source }: DriftEntry): TestCase {
  return {
    "@_classname": "drift",
    "@_name": printable(`${name}: ${message}`),
    "@_time": "0",
    skipped: { "@_message": printable([DRIFT, ...sourceLines(source)].join(" ")) },
  };
}

/** The missing parts of a component neither pass nor fail. */
function missingPluginCase({ name, message, source }: MissingPluginEntry): TestCase {
  return {
    "@_classname": "components",
    "@_name": printable(name),
    "@_time": "0",
    skipped: { "@_message": printable([MISSING_PLUGIN, message, ...sourceLines(source)].join(" ")) },
  };
}

function failure(mandatory: boolean, texts: readonly string[]) {
  const [first = ""] = texts;
  return {
    "@_message": printable(first.split("\n")[0] ?? ""),
    "@_type": mandatory ? "mandatory" : "advisory",
    "#text": printableLines(texts.join("\n\n")),
  };
}

/** A denied answer with its reasons. */
function deniedText({
  question,
  evidence,
  inferred,
  inferredFrom,
  symptom,
  fix,
  policy,
  rule,
  source,
}: Answer): string {
  return [
    `${inferred === true ? "Probably denied" : "Denied"}: ${question}`,
    ...sourceLines(source),
    ...(rule === "two-step" ? [AWS_SERVES] : []),
    ...(symptom === undefined ? [] : [symptom]),
    ...evidence.map((line) => `  - ${line}`),
    ...(inferred !== true ? [] : [`Inferred from ${inferredFrom.join(", ")}`]),
    ...(fix === undefined ? [] : [`Fix: ${showFix(fix)}`]),
    `Policy: ${policy} (${WHOSE_RULE[rule === "AWS" ? "aws" : rule]})`,
    ...(rule === "two-step" ? [disableAdvice(policy)] : []),
  ].join("\n");
}

function sourceLines(source: Source | undefined): readonly string[] {
  return source === undefined ? [] : [`At ${showSource(source)}`];
}
