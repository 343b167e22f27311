import { showExemption } from "../messages";
import { OUTCOME_NAMES } from "../messages/answers";
import { DRIFT } from "../messages/drift";
import { MISSING_PLUGIN } from "../messages/missing-parts";
import { printable, printableLines } from "../messages/printable";
import { MAX_DRIFT } from "./drift";
import type { FindingEntry, Input, Report } from "./model";
import { type DisplayedOutcome, rankOf, SIGNS, worstOf } from "./outcomes";
import { placesOf } from "./places";
import { answersByRoute, countFindings, notApplicable } from "./text";

/** GitHub truncates longer comments. */
const MAX_COMMENT_LENGTH = 60_000;

/** The routes and the findings for a job's summary or a comment on a pull request. */
export function renderMarkdown(report: Report, fileOf: (input: Input) => string): string {
  const placeOf = placesOf(report, fileOf);
  const head = [`### ${report.tool.name}`, `${countFindings(report.findings)}${notApplicable(report)}`];
  const blocks: string[] = [...head, ...routeTable(report)];
  let length = blocks.join("\n\n").length;
  let shownCount = 0;
  for (const finding of report.findings) {
    const block = findingBlock(finding, placeOf(finding));
    length += block.length;
    if (length > MAX_COMMENT_LENGTH) break;
    blocks.push(block);
    shownCount++;
  }
  if (shownCount < report.findings.length)
    blocks.push(`${report.findings.length - shownCount} more findings are not shown.`);
  blocks.push(...missingPlugins(report), ...drift(report), ...exemptions(report));
  return `${blocks.join("\n\n")}\n`;
}

/** The maximum number of entries; the JSON has all. */
const MAX_MISSING = 10;

function missingPlugins({ missingPlugins: entries = [] }: Report): readonly string[] {
  if (entries.length === 0) return [];
  const items = entries.slice(0, MAX_MISSING).map(({ message }) => `- ${escaped(printable(message))}`);
  const more = entries.length - items.length;
  return [[MISSING_PLUGIN, "", ...items, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n")];
}

function drift({ drift: entries = [] }: Report): readonly string[] {
  if (entries.length === 0) return [];
  const items = entries
    .slice(0, MAX_DRIFT)
    .map(({ name, message }) => `- ${escaped(printable(`${name}: ${message}`))}`);
  const more = entries.length - items.length;
  return [[DRIFT, "", ...items, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n")];
}

/** The part of GitHub's 65,536 characters that is reserved for exemptions. */
const MAX_EXEMPTIONS_LENGTH = 5_000;

function exemptions({ exempted }: Report): readonly string[] {
  if (exempted.length === 0) return [];
  const items: string[] = [];
  let length = 0;
  for (const entry of exempted) {
    const item = `- ${entry.policy}: ${escaped(printable(`${entry.name}: ${showExemption(entry.reason, entry.until)}`))}`;
    length += item.length + 1;
    if (length > MAX_EXEMPTIONS_LENGTH) break;
    items.push(item);
  }
  const more = exempted.length - items.length;
  return [
    ["Exempt:", "", ...items].join("\n").trimEnd(),
    ...(more > 0 ? [`${more} more exempt findings are not shown.`] : []),
  ];
}

/** The maximum number of routes in a table; larger stacks have the report itself. */
const MAX_ROUTES = 100;

function routeTable(report: Report): readonly string[] {
  const byRoute = answersByRoute(report);
  const names = new Map(report.apis.map(({ id, name }) => [id, name]));
  const rows = report.routes.map((route): [DisplayedOutcome | undefined, string] => {
    const worst = worstOf(byRoute.get(route.id) ?? []);
    const sign = worst === undefined ? "·" : `${SIGNS[worst]} ${OUTCOME_NAMES[worst]}`;
    return [
      worst,
      `| ${cell(names.get(route.api) ?? "")} | ${cell(route.label)} | ${route.authorization} | ${sign} |`,
    ];
  });
  if (rows.length === 0) return [];
  const listed = rows
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
    .slice(0, MAX_ROUTES)
    .map(([, row]) => row);
  const more = rows.length > MAX_ROUTES ? [`${rows.length - MAX_ROUTES} more routes are not shown.`] : [];
  return [["| API | route | authorization | |", "|---|---|---|---|", ...listed].join("\n"), ...more];
}

function findingBlock(
  { policy, level, name, message }: FindingEntry,
  { path, line }: { readonly path: string; readonly line?: number },
): string {
  const place = line === undefined ? path : `${path}:${line}`;
  const [first = "", ...rest] = printableLines(message).split("\n");
  return [
    "<details>",
    `<summary><b>${level}</b> ${policy}: ${escaped(printable(name))} (${escaped(printable(place))})<br>${escaped(first)}</summary>`,
    "",
    fenced(rest.join("\n")),
    "</details>",
  ].join("\n");
}

/** No message ends its code block: the fence is longer than any in it. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}\n${text}\n${fence}`;
}

function cell(text: string): string {
  return escaped(printable(text)).replaceAll("|", "\\|");
}

/** None of these characters has a meaning in Markdown or HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"'`*_[\]@#]/g, (special) => `&#${special.charCodeAt(0)};`);
}
