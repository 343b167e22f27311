import { ExecutionLog } from "./execution-log";
import { type FieldNames, flattened, type LogRecord, recordOf } from "./fields";
import { JsonScanner } from "./json-scanner";
import { clfPairs, csvCells, withoutPrefix, xmlPairs } from "./line-formats";
import { linesOf } from "./lines";

export { FIELDS, type Field, type FieldNames, fieldNamed, type LogRecord } from "./fields";

/** How much of a log was read. */
export interface LogCounts {
  readonly lines: number;
  readonly records: number;
  /** Lines, or items of a list, that say nothing of a request. */
  readonly skipped: number;
}

/** Reads the records of a log as it comes, and counts what is none. */
export async function readRecords(
  chunks: AsyncIterable<Buffer>,
  names: FieldNames,
  take: (record: LogRecord) => void,
): Promise<LogCounts> {
  const reader = new RecordReader(names, take);
  for await (const line of linesOf(chunks)) reader.push(line);
  return reader.end();
}

/** A cell of a table may span lines, but not that many. */
const MOST_LINES_OF_A_CELL = 50;

/** Takes the lines of a log in any of its formats, each by itself: a file may mix them. */
export class RecordReader {
  private readonly document = new JsonScanner();
  private readonly execution = new ExecutionLog();
  private header: readonly string[] | undefined;
  private cell: string[] = [];
  private lines = 0;
  private records = 0;
  private skipped = 0;

  constructor(
    private readonly names: FieldNames,
    private readonly take: (record: LogRecord) => void,
  ) {}

  push(line: string): void {
    this.lines += 1;
    if ((this.document.isOpen || this.cell.length > 0) && startsAnother(line)) this.giveUp();
    if (this.document.isOpen) this.documentLine(line);
    else if (this.cell.length > 0) this.tableLine(line);
    else if (line.trim() !== "") this.message(withoutPrefix(line.trim()));
  }

  end(): LogCounts {
    for (const record of this.execution.end()) this.give(record);
    if (this.document.isOpen || this.cell.length > 0) this.skipped += 1;
    const { lines, records, skipped } = this;
    return { lines, records, skipped };
  }

  /** A document or a cell was cut off. */
  private giveUp(): void {
    this.document.reset();
    this.cell = [];
    this.skipped += 1;
  }

  /** One event of a log, without what tools put in front of it. */
  private message(text: string): void {
    if (text.startsWith("{") || text.startsWith("[")) this.documentLine(text);
    else if (text.startsWith("(")) this.executionLine(text);
    else this.pairs(text.startsWith("<") ? xmlPairs(text) : clfPairs(text), text);
  }

  private pairs(pairs: readonly (readonly [string, string])[] | undefined, text: string): void {
    if (pairs === undefined) this.tableLine(text);
    else this.giveOf(pairs);
  }

  private documentLine(text: string): void {
    const whole = this.document.isOpen || !/[}\]]$/.test(text) ? undefined : parsed(text);
    const items = whole === undefined ? this.document.push(text) : this.itemsOf(whole);
    if (items !== undefined) for (const item of items) this.item(item);
    else this.pairs(loosePairs(text), text);
  }

  /** A whole document in one line: a record, or one that holds a list of events. */
  private itemsOf(root: object): readonly unknown[] {
    const lists = Array.isArray(root) ? [root] : Object.values(root).filter(Array.isArray);
    const items = lists.flat().filter((item) => typeof item === "object" && item !== null);
    const record =
      items.length > 0 && !Array.isArray(root) ? recordOf(flattened(root), this.names) : undefined;
    return record !== undefined || items.length === 0 ? [root] : items;
  }

  private executionLine(text: string): void {
    const finished = this.execution.push(text);
    if (finished === undefined) this.skipped += 1;
    else for (const record of finished) this.give(record);
  }

  /** An event of CloudWatch Logs, a row of Logs Insights, or a record itself. */
  private item(item: unknown): void {
    if (typeof item !== "object" || item === null) {
      if (typeof item === "string") this.event(item);
      else this.skipped += 1;
      return;
    }
    const cells = Array.isArray(item) ? insightsCells(item) : undefined;
    const content: object = cells ?? item;
    const { message, "@message": row } = content as { message?: unknown; "@message"?: unknown };
    const event = row ?? message;
    // An event of a log is another text; the message of a record says what went wrong.
    if (
      typeof event === "string" &&
      (row !== undefined || "timestamp" in content || "ingestionTime" in content)
    )
      this.event(event);
    else this.giveOf(flattened(content));
  }

  private event(text: string): void {
    const message = withoutPrefix(text.trim());
    if (message.startsWith("(")) {
      this.executionLine(message);
      return;
    }
    const nested = new RecordReader(this.names, (record) => this.give(record));
    for (const line of message.split("\n")) nested.push(line);
    if (nested.end().records === 0) this.skipped += 1;
  }

  private tableLine(line: string): void {
    this.cell.push(line);
    const text = this.cell.join("\n");
    const cells = csvCells(text);
    if (cells === "open" && this.cell.length < MOST_LINES_OF_A_CELL && text.startsWith('"')) return;
    this.cell = [];
    if (cells === undefined || cells === "open") this.skipped += 1;
    else this.row(cells);
  }

  private row(cells: readonly string[]): void {
    const at = this.header?.indexOf("@message") ?? -1;
    const event = cells[at];
    if (event === undefined) this.cells(cells);
    else this.event(event);
  }

  private cells(cells: readonly string[]): void {
    const record = recordOf(
      cells.map((cell, column) => [this.header?.[column] ?? String(column + 1), cell] as const),
      this.names,
    );
    if (record !== undefined) this.give(record);
    else if (cells.every((cell) => /^[@$]?[A-Za-z][\w.$@ -]*$/.test(cell.trim())))
      this.header = cells.map((cell) => cell.trim());
    else this.skipped += 1;
  }

  private giveOf(pairs: readonly (readonly [string, unknown])[]): void {
    const record = recordOf(pairs, this.names);
    if (record === undefined) this.skipped += 1;
    else this.give(record);
  }

  private give(record: LogRecord): void {
    this.records += 1;
    this.take(record);
  }
}

/** Inside of a document everything is indented, so a whole object in a line is the next one. */
function startsAnother(line: string): boolean {
  return line.startsWith("{") && line.endsWith("}") && parsed(line) !== undefined;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The values of a line that is meant to be JSON. API Gateway puts values into a format as they are, and
 * `$context.error.message` may hold quotation marks: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
 */
function loosePairs(text: string): readonly (readonly [string, string])[] | undefined {
  if (!/^\{.*\}$/s.test(text)) return undefined;
  const pairs = [
    ...text.matchAll(/"([\w.$ -]{1,80})"\s*:\s*(?:"(.*?)"|([^",{}]*))\s*(?=,\s*"[\w.$ -]{1,80}"\s*:|\}+$)/gs),
  ];
  return pairs.length === 0
    ? undefined
    : pairs.map(([, name = "", quoted, bare = ""]) => [name, quoted ?? bare] as const);
}

/** `[{"field": "@message", "value": "…"}]`, as `aws logs get-query-results` has each row. */
function insightsCells(row: readonly unknown[]): Record<string, unknown> | undefined {
  const cells = row.filter(
    (cell): cell is { field: string; value: unknown } =>
      typeof cell === "object" && cell !== null && "field" in cell && "value" in cell,
  );
  return cells.length === 0
    ? undefined
    : Object.fromEntries(cells.map(({ field, value }) => [String(field), value]));
}
