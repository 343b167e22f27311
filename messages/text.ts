import { withoutPlaceholders } from "../stack";
import { printable } from "./printable";

/** Longer lists are shortened, with the number of omitted items. */
const MAX_LIST_LENGTH = 12;
const MAX_LINE_LENGTH = 1000;
/** Longer than any message that is intended to be read. */
const MAX_MESSAGE_LENGTH = 8000;

/** Why the requests that API Gateway sends to a function fail, in one sentence, and the fix. */
export interface RequestSummary {
  readonly summary: string;
  readonly fix?: string;
}

/**
 * Joins the parts of a message: the finding, the reasons, the fix, the page. Each part is on one line, even if names in
 * it contain line breaks; a part with several lines is a list.
 */
export function message(parts: readonly (string | readonly string[] | undefined)[]): string {
  const lines = parts
    .flat()
    .filter((line): line is string => line !== undefined && line !== "")
    .map(shownLine);
  const last = lines.pop() ?? "";
  const shown: string[] = [];
  let length = last.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MAX_MESSAGE_LENGTH) return [...shown, "…", last].join("\n");
    shown.push(line);
  }
  return [...shown, last].join("\n");
}

function shownLine(line: string): string {
  // The text that is cut off need not be made printable, and may be megabytes long.
  const shown = printable(start(withoutPlaceholders(line), 2 * MAX_LINE_LENGTH));
  return shown.length > MAX_LINE_LENGTH ? `${start(shown, MAX_LINE_LENGTH)}…` : shown;
}

/** The first characters of a text, without half of a surrogate pair. */
function start(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

/** `a`, `a and b`, `a, b and c`; the rest of a long list as its number. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LIST_LENGTH);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** The pack's repository; `package.json` names it too. */
export const REPOSITORY = "https://github.com/apigateway-lambda-access/apigateway-lambda-access";

/** The URL of a policy's page. */
export function pageUrl(policy: string): string {
  return `${REPOSITORY}/blob/main/docs/policies/${policy}.md`;
}

export function page(policy: string): string {
  return `More: ${pageUrl(policy)}`;
}

/** `getRegion` becomes `GetRegion`, and `route-function` becomes `RouteFunction`. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
