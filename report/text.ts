import { stackKey, stackOfUrn } from "../stack/pulumi/urns";

import colors = require("picocolors");

import { showExemption } from "../messages";
import { OUTCOME_NAMES } from "../messages/answers";
import { DRIFT } from "../messages/drift";
import { printable, printableLines } from "../messages/printable";
import { SIGN_MEANINGS } from "../messages/report";
import { appendTo } from "../stack/pulumi/keys";
import { MAX_DRIFT } from "./drift";
import { GATE_NAMES, GATES, STATUS_CODES } from "./gates";
import type { Answer, ApiEntry, DriftEntry, FindingEntry, PolicyEntry, Report, RouteEntry } from "./model";
import {
  type DisplayedOutcome,
  displayedOutcomeOf,
  type OutcomeKind,
  outcomeKindOf,
  SIGNS,
  worstOf,
} from "./outcomes";
import { showSource } from "./sources";

/** The report for a terminal: its routes as tables, then the findings as the Pulumi CLI prints them. */
export function renderText(report: Report, inColor: boolean): string {
  const paint = painter(inColor);
  const byRoute = answersByRoute(report);
  const blocks = [
    header(report, paint),
    ...report.apis.map((api) => apiTable(report, byRoute, api, paint)),
    legend(report),
    otherAnswers(report, paint),
    findings(report, paint),
    exempted(report, paint),
    driftText(report.drift, paint),
    summary(report, byRoute, paint),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Differences between AWS and the state. */
export function driftText(
  drift: readonly Pick<DriftEntry, "urn" | "message">[] | undefined,
  paint: Paint,
): string {
  if (drift === undefined || drift.length === 0) return "";
  const more = drift.length - MAX_DRIFT;
  return [
    paint.bold(DRIFT),
    ...drift
      .slice(0, MAX_DRIFT)
      .map(({ urn, message }) => `  ${message} ${paint.dim(`(${printable(urn)})`)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}

export type Paint = ReturnType<typeof painter>;

export function painter(inColor: boolean) {
  const { bold, dim, green, red, yellow } = colors.createColors(inColor);
  const kinds: Record<OutcomeKind, (text: string) => string> = {
    denied: red,
    "two-step": yellow,
    unproven: yellow,
    allowed: green,
  };
  const outcome = (value: DisplayedOutcome): ((text: string) => string) => kinds[outcomeKindOf(value)];
  return { bold, dim, red, yellow, outcome };
}

/** The maximum number of stacks that are named. */
const MAX_STACKS = 12;

export function header({ tool, inputs }: Report, paint: Paint): string {
  const lines = inputs.slice(0, MAX_STACKS).map(({ name, as, project, stack, resources }) => {
    const momentText = as === "state" ? "" : `, ${as}`;
    const stackName =
      project === "" && stack === "" ? "an empty stack" : printable(stackKey({ project, stack }));
    return `${stackName} (${printable(name)}${momentText}, ${count(resources, "resource")})`;
  });
  const unlisted = inputs.slice(MAX_STACKS);
  const resources = unlisted.reduce((sum, input) => sum + input.resources, 0);
  const more =
    unlisted.length === 0
      ? []
      : [`and ${count(unlisted.length, "more stack")} (${count(resources, "resource")})`];
  return [paint.bold(`${tool.name} ${tool.version}`), ...lines, ...more].join("\n");
}

function apiTable(report: Report, byRoute: AnswersByRoute, api: ApiEntry, paint: Paint): string {
  const routes = report.routes.filter((route) => route.api === api.id);
  const title = paint.bold(`API ${printable(api.name)} (${api.kind})`);
  if (routes.length === 0) return `${title}\n  no routes`;
  const labels = new Map(report.functions.map(({ id, label }) => [id, label]));
  const gates = GATE_NAMES.filter((gate) =>
    routes.some((route) => byRoute.get(route.id)?.some((answer) => answer.gate === gate)),
  );
  const head = ["METHOD", "PATH", "AUTHORIZATION", "CREDENTIALS", "FUNCTION"].map(plainCell);
  const rows = [
    [...head, ...gates.map((gate) => plainCell(GATES[gate].column))],
    ...routes.map((route) => [
      ...routeCells(route, labels).map(plainCell),
      ...gates.map((gate) =>
        gateCell(
          (byRoute.get(route.id) ?? []).filter((answer) => answer.gate === gate),
          paint,
        ),
      ),
    ]),
  ];
  return [title, ...table(rows).map((line) => `  ${line}`)].join("\n");
}

function routeCells(route: RouteEntry, labels: ReadonlyMap<string, string>): readonly string[] {
  const functions = route.functions.map((id) => labels.get(id) ?? "").join(", ");
  const noFunction = route.credentials === "no function";
  return [
    route.method,
    route.path,
    route.authorization,
    noFunction ? "-" : route.credentials,
    functions === "" ? (noFunction ? "-" : "?") : functions,
  ].map(printable);
}

type AnswersByRoute = ReadonlyMap<string, readonly Answer[]>;

export function answersByRoute(report: Report): AnswersByRoute {
  const byRoute = new Map<string, Answer[]>();
  for (const answer of report.answers) for (const route of answer.routes) appendTo(byRoute, route, answer);
  return byRoute;
}

interface Cell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

function plainCell(text: string): Cell {
  return { text, paint: (plain) => plain };
}

/** The worst of several answers, with its share of all answers: `✗ 1/3`. */
function gateCell(answers: readonly Answer[], paint: Paint): Cell {
  const worst = worstOf(answers);
  if (worst === undefined) return { text: "·", paint: paint.dim };
  const sameOutcome = answers.filter((answer) => displayedOutcomeOf(answer) === worst).length;
  const share =
    answers.length === 1
      ? ""
      : ` ${sameOutcome === answers.length ? sameOutcome : `${sameOutcome}/${answers.length}`}`;
  return { text: `${SIGNS[worst]}${share}`, paint: paint.outcome(worst) };
}

/** Lines of aligned cells. */
function table(rows: readonly (readonly Cell[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach(({ text }, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(text));
    });
  return rows.map((row) =>
    row
      .map(({ text, paint }, column) => {
        const last = column === row.length - 1;
        return paint(text) + (last ? "" : " ".repeat((widths[column] ?? 0) - widthOf(text) + 2));
      })
      .join(""),
  );
}

function widthOf(text: string): number {
  return [...text].length;
}

/** The questions of the columns in use. */
function legend({ answers }: Report): string {
  const gates = GATE_NAMES.filter((gate) =>
    answers.some((answer) => answer.gate === gate && answer.routes.length > 0),
  );
  if (gates.length === 0) return "";
  const lines = gates.map((gate) => [GATES[gate].column, GATES[gate].question].map(plainCell));
  return [
    ...table(lines),
    `✓ ${SIGN_MEANINGS.allowed}   ✗ ${SIGN_MEANINGS.denied(STATUS_CODES)}   ! ${SIGN_MEANINGS["two-step"]}`,
    `? ${SIGN_MEANINGS.unproven}   ~ ${SIGN_MEANINGS.inferred}   2/3: two of three results   · not applicable`,
  ].join("\n");
}

/** Function URLs, APIs outside the stacks, grants that match no route. */
function otherAnswers(report: Report, paint: Paint): string {
  const answers = report.answers.filter((answer) => answer.routes.length === 0);
  if (answers.length === 0) return "";
  const lines = answers.map((answer) => {
    const outcome = displayedOutcomeOf(answer);
    return `  ${paint.outcome(outcome)(SIGNS[outcome])} ${printable(answer.question)}`;
  });
  return [paint.bold("Other access"), ...lines].join("\n");
}

function findings(report: Report, paint: Paint): string {
  if (report.findings.length === 0) return "";
  return [paint.bold("Findings"), ...describedFindings(report, report.findings, paint)].join("\n");
}

/** Findings with the descriptions of their policies. */
export function describedFindings(
  { policies, inputs }: Pick<Report, "policies" | "inputs">,
  findings: readonly FindingEntry[],
  paint: Paint,
): readonly string[] {
  const descriptions = new Map(policies.map(({ name, description }) => [name, description]));
  return findings.flatMap((finding) => {
    const description = descriptions.get(finding.policy);
    const text = description === undefined ? finding.message : `${description}\n${finding.message}`;
    return findingLines(finding, text, paint, inputs.length > 1);
  });
}

/** One line for each exempt finding, with the reason. */
function exempted({ exempted }: Report, paint: Paint): string {
  if (exempted.length === 0) return "";
  const lines = exempted.map(
    (exempted) =>
      `    - ${exempted.policy}  (${printable(`${exempted.type.replace(/\/[^:]*:/, ":")}: ${exempted.name}`)}): ${printable(showExemption(exempted.reason, exempted.until))}`,
  );
  return [paint.bold("Exempt"), ...lines].join("\n");
}

/** A finding as the Pulumi CLI prints it. */
export function findingLines(
  finding: Pick<FindingEntry, "policy" | "type" | "name" | "source" | "urn"> & {
    readonly level: string;
    readonly severity: PolicyEntry["severity"] | undefined;
  },
  text: string,
  paint: Paint,
  showStack = false,
): readonly string[] {
  const { policy, level, severity, type, name, source, urn } = finding;
  const color = level === "mandatory" ? paint.red : paint.yellow;
  const tags = [`[${level}]`, ...(severity === undefined ? [] : [`[severity: ${severity}]`])].join(" ");
  const places = [
    ...(showStack ? [stackKey(stackOfUrn(urn))] : []),
    ...(source === undefined ? [] : [showSource(source)]),
  ];
  // The CLI omits the module's file: `aws:iam/role:Role` is `aws:iam:Role`.
  const resource = name === "" ? "" : `  (${printable(`${type.replace(/\/[^:]*:/, ":")}: ${name}`)})`;
  return [
    `    - ${color(tags)}  ${policy}${resource}`,
    ...(places.length === 0 ? [] : [`      ${paint.dim(`at ${printable(places.join(", "))}`)}`]),
    ...printableLines(text)
      .split("\n")
      .map((line) => `      ${line}`),
  ];
}

const SUMMARIZED_KINDS: readonly OutcomeKind[] = ["allowed", "denied", "two-step", "unproven"];

function summary(report: Report, byRoute: AnswersByRoute, paint: Paint): string {
  const { routes, findings, exempted } = report;
  const worst = routes.map((route) => worstOf(byRoute.get(route.id) ?? []));
  const parts = SUMMARIZED_KINDS.flatMap((kind) => {
    const sameOutcome = worst.filter((value) => value !== undefined && outcomeKindOf(value) === kind).length;
    return sameOutcome === 0 ? [] : [`${sameOutcome} ${OUTCOME_NAMES[kind]}`];
  });
  const exempt = exempted.length === 0 ? "" : `, ${exempted.length} exempt`;
  const line = `${count(routes.length, "route")}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}; ${countFindings(findings)}${exempt}${notApplicable(report)}`;
  return paint.bold(line);
}

/**
 * The reasons for a short report: stacks with nothing to evaluate, and policies that had nothing to evaluate in any
 * stack.
 */
export function notApplicable({ inputs, policies, routes }: Report): string {
  const stacks = inputs.filter((input) => input.notApplicable !== undefined).length;
  const notApplicablePolicies = policies.filter((policy) => policy.notApplicable !== undefined).length;
  return [
    ...(stacks === 0 || inputs.length === 1
      ? []
      : [`; not applicable to ${stacks} of ${inputs.length} stacks`]),
    ...(notApplicablePolicies === 0 || routes.length > 0
      ? []
      : [
          `; ${notApplicablePolicies === 1 ? "1 policy" : `${notApplicablePolicies} policies`} not applicable`,
        ]),
  ].join("");
}

/** `1 mandatory and 2 advisory findings` */
export function countFindings(findings: readonly Pick<FindingEntry, "level">[]): string {
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  return `${mandatory} mandatory and ${count(findings.length - mandatory, "advisory finding")}`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
