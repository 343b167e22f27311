import type { Pairs } from "./fields";

/** `IP CALLER USER [TIME] "REQUEST" STATUS MORE` */
const CLF = /^\S+ (\S+) (\S+) \[([^\]]*)\] "([^"]*)" (\d{3}|-)((?: \S+)*)$/;

/** The events of WebSocket APIs, in place of a method. */
const EVENT_TYPE = /^(CONNECT|MESSAGE|DISCONNECT)$/;

const PROTOCOL = /^HTTP\/[\d.]+$/;

/**
 * One line of the format CLF, as the console offers it. The request is `METHOD PATH PROTOCOL`; for HTTP APIs the
 * route key, which includes the method, replaces the path, and for WebSocket APIs it is `EVENT ROUTE-KEY CONNECTION`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 */
export function clfPairs(line: string): Pairs | undefined {
  const [, caller = "", user = "", time = "", request = "", status = "", more = ""] = CLF.exec(line) ?? [];
  if (status === "") return undefined;
  const fieldsAfterStatus = more.trim().split(" ");
  const [method = "", ...rest] = request.split(" ");
  const commonFields: Pairs = [
    ["caller", caller],
    ["user", user],
    ["requestTime", time],
    ["status", status],
  ];
  if (EVENT_TYPE.test(method))
    return [
      ...commonFields,
      ["routeKey", rest.slice(0, -1).join(" ")],
      ["requestId", fieldsAfterStatus[0] ?? ""],
    ];
  const last = rest.at(-1) ?? "";
  const target = PROTOCOL.test(last) || last === "-" ? rest.slice(0, -1) : rest;
  const targetText = target.join(" ");
  return [
    ...commonFields,
    ["httpMethod", method],
    [target.length > 1 || targetText.startsWith("$") ? "routeKey" : "resourcePath", targetText],
    ["requestId", fieldsAfterStatus[1] ?? ""],
  ];
}

/**
 * The names of the cells of a CSV line without a header, where it has the columns that the console offers: the status
 * follows the protocol, and with WebSocket APIs the event and the route key.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 */
export function consoleColumns(cells: readonly string[]): ReadonlyMap<number, string> {
  const event = cells.findIndex((cell) => EVENT_TYPE.test(cell));
  if (event >= 0 && isStatus(cells[event + 2]))
    return new Map([
      [event - 1, "requestTime"],
      [event, "eventType"],
      [event + 1, "routeKey"],
      [event + 2, "status"],
      [event + 3, "connectionId"],
      [event + 4, "requestId"],
    ]);
  const protocol = cells.findIndex((cell) => PROTOCOL.test(cell));
  if (protocol < 1 || !isStatus(cells[protocol + 1])) return new Map();
  return new Map([
    [protocol - 3, "requestTime"],
    [protocol - 1, (cells[protocol - 1] ?? "").startsWith("/") ? "resourcePath" : "routeKey"],
    [protocol, "protocol"],
    [protocol + 1, "status"],
    [protocol + 2, "responseLength"],
    [protocol + 3, "requestId"],
  ]);
}

function isStatus(cell: string | undefined): boolean {
  return cell !== undefined && /^[1-5]\d\d$/.test(cell);
}

/**
 * One line of the format XML. API Gateway does not escape values, so the line may not be well-formed: a request's path
 * may contain `&` or `<`.
 */
export function xmlPairs(line: string): Pairs | undefined {
  const root = /^<(\w+)((?:\s+[\w.-]+\s*=\s*"[^"]*")*)\s*>(.*)<\/\1>$/s.exec(line);
  if (root === null) return undefined;
  const [, name = "", attributes = "", content = ""] = root;
  const elements = [...content.matchAll(/<([\w.-]+)(?:\s[^>]*)?>(.*?)<\/\1>/gs)];
  if (elements.length === 0) return undefined;
  return [
    ...[...attributes.matchAll(/([\w.-]+)\s*=\s*"([^"]*)"/g)].map(
      ([, key = "", value = ""]) => [`${name}${key}`, value] as const,
    ),
    ...elements.map(([, key = "", value = ""]) => [key, unescaped(value)] as const),
  ];
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

/** The cells of a CSV line (RFC 4180); `undefined` within an open quotation, or for a single cell. */
export function csvCells(line: string): readonly string[] | "open" | undefined {
  const cells: string[] = [];
  let position = 0;
  while (position <= line.length) {
    if (line[position] === '"') {
      const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(line.slice(position));
      if (quoted === null) return "open";
      cells.push((quoted[1] ?? "").replaceAll('""', '"'));
      position += quoted[0].length;
      if (!quoted[0].endsWith(",")) break;
    } else {
      const end = line.indexOf(",", position);
      cells.push(line.slice(position, end < 0 ? undefined : end));
      if (end < 0) break;
      position = end + 1;
    }
  }
  return cells.length > 1 ? cells : undefined;
}

/** The prefix that `aws logs tail` and exports to S3 add to a message: its time, and the name of its stream. */
const PREFIX =
  /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)\s+(?:([\w$/[\].=-]{8,})\s+(?=[{<(\d"]|[\da-f]*:))?/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: `aws logs tail` writes them on a terminal
const COLORS = /\u001b\[[\d;]*m/g;

/** A message without these prefixes, and its time. */
export function withoutPrefix(line: string): { readonly text: string; readonly time?: string } {
  const plain = line.replace(COLORS, "");
  const [prefix = "", time] = PREFIX.exec(plain) ?? [];
  return { text: plain.slice(prefix.length), ...(time === undefined ? {} : { time }) };
}

/**
 * The messages of a line that the AWS CLI prints with `--output text`: an event with its columns in the order of their
 * names, or messages alone, separated by tabs.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html#text-output
 */
export function textOutput(line: string): readonly string[] | undefined {
  if (!line.includes("\t")) return undefined;
  const cells = line.split("\t");
  if (cells[0] === "EVENTS") {
    const start = cells.findIndex(
      (cell, position) => position > 0 && (/^[{(<"]/.test(cell) || cell.includes(" ")),
    );
    const end = /^\d{10,}$/.test(cells.at(-1) ?? "") ? -1 : undefined;
    return start < 0 ? undefined : [cells.slice(start, end).join("\t")];
  }
  return cells.every((cell) => cell === "" || /^[{(<]/.test(cell))
    ? cells.filter((cell) => cell !== "")
    : undefined;
}
