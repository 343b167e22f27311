/** A value of a line with its name; values without names have the number of their column. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * One line of the format CLF, as the console offers it: `IP CALLER USER [TIME] "METHOD PATH PROTOCOL" STATUS LENGTH ID`.
 * That of HTTP APIs has the route key, with its method, in the place of the path.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats
 */
const CLF = /^\S+ (\S+) (\S+) \[([^\]]*)\] "([^"]*)" (\d{3}|-) \S+(?: (\S+))?(?: \S+)?$/;

export function clfPairs(line: string): Pairs | undefined {
  const [, caller = "", user = "", time = "", request = "", status = "", id = ""] = CLF.exec(line) ?? [];
  if (status === "") return undefined;
  const [method = "", ...rest] = request.split(" ");
  const target = /^(HTTP\/[\d.]+|-)$/.test(rest.at(-1) ?? "") ? rest.slice(0, -1) : rest;
  const asked = target.join(" ");
  return [
    ["caller", caller],
    ["user", user],
    ["requestTime", time],
    ["httpMethod", method],
    [target.length > 1 || asked.startsWith("$") ? "routeKey" : "resourcePath", asked],
    ["status", status],
    ["requestId", id],
  ];
}

/**
 * One line of the format XML. API Gateway puts values into it as they are, so what stands there is no XML that a parser
 * would take: a request's path may hold `&` or `<`.
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

/** The cells of a line of CSV (RFC 4180); `undefined` while a quotation is open, or where there is but one. */
export function csvCells(line: string): readonly string[] | "open" | undefined {
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(line.slice(at));
      if (quoted === null) return "open";
      cells.push((quoted[1] ?? "").replaceAll('""', '"'));
      at += quoted[0].length;
      if (!quoted[0].endsWith(",")) break;
    } else {
      const end = line.indexOf(",", at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      if (end < 0) break;
      at = end + 1;
    }
  }
  return cells.length > 1 ? cells : undefined;
}

/** What `aws logs tail` and exports to S3 put in front of a message: its time, and the name of its stream. */
const PREFIX = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)\s+(?:([\w$/[\].-]{8,})\s+(?=[{<(\d"]))?/;

export function withoutPrefix(line: string): string {
  return line.replace(PREFIX, "");
}
