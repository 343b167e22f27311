import { CHANGES } from "../messages";
import { DIAGNOSIS_OUTCOMES, INVOKING_CREDENTIALS, NOT_IAM, showLoggedCaller } from "../messages/diagnosis";
import { printable, printableLines } from "../messages/printable";
import { GATES } from "../report/gates";
import { count, driftText, type Paint, painter } from "../report/text";
import type { CauseEntry, Diagnosis, FailureEntry } from "./model";

/** A diagnosis for a terminal. */
export function renderDiagnosis({ log, failures, drift }: Diagnosis, inColor: boolean): string {
  const paint = painter(inColor);
  const name = log.name === "-" ? "standard input" : log.name;
  const head = [
    `${count(log.records, "request")} in ${name}, of which ${log.failed} failed`,
    ...(log.skipped > 0 ? [`${log.skipped} lines or events without a request were skipped`] : []),
    ...(log.notListed > 0 ? [`${log.notListed} failures of further kinds are not listed`] : []),
  ];
  const blocks = failures.map((failure) => failureLines(failure, paint).join("\n"));
  const all = [printable(`${head.join("; ")}.`), ...blocks, driftText(drift, paint)];
  return `${all.filter((block) => block !== "").join("\n\n")}\n`;
}

function failureLines(failure: FailureEntry, paint: Paint): readonly string[] {
  const { outcome, count, causes, hypotheses, meaning, symptom, caller, otherCallers } = failure;
  const paintSign = outcome === "explained" ? paint.red : outcome === "other" ? paint.dim : paint.yellow;
  return [
    `${paintSign(outcome === "explained" ? "✗" : outcome === "other" ? "·" : "?")} ${paint.bold(printable(routeText(failure)))}: ${DIAGNOSIS_OUTCOMES[outcome]} ${paint.dim(`(${count} ${count === 1 ? "request" : "requests"})`)}`,
    ...indented([
      `AWS says: ${printable(symptom)}`,
      ...timesOf(failure),
      `Called by: ${printable(`${showLoggedCaller(caller)}${otherCallersText(otherCallers)}`)}`,
      ...credentialsOf(failure),
      ...(meaning === undefined ? [] : [`${NOT_IAM}: ${meaning}.`]),
    ]),
    ...causes.flatMap((cause) => causeLines(cause, paint)),
    ...(hypotheses.length === 0
      ? []
      : [
          `  ${outcome === "unproven" ? "Other possible causes:" : "Possible causes:"}`,
          ...hypotheses.flatMap(({ what, command }) => [
            `  - ${printable(what)}`,
            ...(command === undefined ? [] : [`    $ ${printable(command)}`]),
          ]),
        ]),
  ];
}

/** The maximum number of routes in a line. */
const MAX_ROUTES = 3;

function routeText({ routes, requested, status }: FailureEntry): string {
  const labels = [...new Set(routes.map(({ api, label }) => `${label} of API ${api}`))];
  const apis = [...new Set(routes.map(({ api }) => api))];
  const target =
    labels.length > MAX_ROUTES
      ? `one of ${labels.length} routes of API ${apis.join(" and ")}`
      : labels.length > 0
        ? labels.join(" or ")
        : requested === ""
          ? "a request"
          : requested;
  return `${status ?? "failure"} at ${target}`;
}

function timesOf({ first, last, requestId }: FailureEntry): readonly string[] {
  const request = requestId === undefined ? [] : [`request ${requestId}`];
  const times = first === undefined ? [] : [first === last ? first : `${first} to ${last}`];
  const parts = [...times, ...request];
  return parts.length === 0 ? [] : [`When: ${printable(parts.join(", "))}`];
}

function credentialsOf({ routes, kind }: FailureEntry): readonly string[] {
  if (kind !== "function-not-invoked" && kind !== "server-error") return [];
  const modes = new Set(routes.map(({ credentials }) => INVOKING_CREDENTIALS[credentials] ?? ""));
  const [mode = ""] = modes;
  return modes.size === 1 && mode !== "" ? [`Credentials: ${mode}.`] : [];
}

/** The maximum number of callers in a line. */
const MAX_CALLERS = 3;

function otherCallersText(otherCallers: FailureEntry["otherCallers"]): string {
  if (otherCallers === undefined) return "";
  const named = otherCallers.as.slice(0, MAX_CALLERS);
  const more = otherCallers.count > named.length ? ", …" : "";
  return `; and ${otherCallers.more === true ? "at least " : ""}${otherCallers.count} ${otherCallers.count === 1 ? "other" : "others"}: ${named.join(", ")}${more}`;
}

function causeLines(
  { gate, outcome, question, route, evidence, unknown, fix, policy }: CauseEntry,
  paint: Paint,
): readonly string[] {
  const gateQuestion = GATES[gate].question;
  return [
    `  ${paint.bold(gateQuestion)} ${printable(question)}: ${outcome === "denied" ? "no" : "unknown"}`,
    ...indented(
      [
        ...(route === undefined ? [] : [`Route: ${printable(route)}`]),
        ...evidence.map(printable),
        ...unknown.map((what) => `Unknown: ${printable(what)}`),
        ...(fix === undefined
          ? []
          : printableLines(`${outcome === "denied" ? "Fix" : CHANGES.unproven}: ${fix}`).split("\n")),
        `Policy: ${policy}`,
      ],
      "    ",
    ),
  ];
}

function indented(lines: readonly string[], indent = "  "): readonly string[] {
  return lines.map((line) => `${indent}${line}`);
}
