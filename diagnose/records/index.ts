import {
  apiAndStageOf,
  type CompletedRequests,
  ExecutionLog,
  isContinuation,
  TestLog,
} from "./execution-log";
import { type FieldNames, flattened, type LogRecord, type Pairs, recordOf } from "./fields";
import { JsonScanner } from "./json-scanner";
import { clfPairs, consoleColumns, csvCells, textOutput, withoutPrefix, xmlPairs } from "./line-formats";
import { linesOf } from "./lines";

export { FIELDS, type Field, type FieldNames, fieldNamed, type LogRecord } from "./fields";

/** The numbers of requests and lines in a log. */
export interface LogCounts {
  readonly lines: number;
  readonly records: number;
  /** Lines, or items of a list, without a request. */
  readonly skipped: number;
}

/** Reads the records of a log as a stream, and counts everything else. */
export async function readRecords(
  chunks: AsyncIterable<Buffer>,
  names: FieldNames,
  onRecord: (record: LogRecord) => void,
): Promise<LogCounts> {
  const reader = new RecordReader(names, onRecord);
  for await (const line of linesOf(chunks)) reader.push(line);
  return reader.end();
}

/** A cell of a table may span lines, but not this many. */
const MAX_LINES_OF_A_CELL = 50;

/** Reads the lines of a log in any of its formats. Each line is read separately, since a file may mix formats. */
export class RecordReader {
  private readonly document = new JsonScanner();
  private readonly execution = new ExecutionLog();
  private readonly test = new TestLog();
  private header: readonly string[] | undefined;
  private cell: string[] = [];
  /** The known log group and time of the current message. */
  private context: Pairs = [];
  private lines = 0;
  private records = 0;
  private skipped = 0;

  constructor(
    private readonly names: FieldNames,
    private readonly onRecord: (record: LogRecord) => void,
    private readonly outer: Pairs = [],
  ) {}

  push(line: string): void {
    this.lines += 1;
    if ((this.document.isOpen || this.cell.length > 0) && startsNewDocument(line)) this.giveUp();
    if (this.document.isOpen) this.readDocumentLine(line);
    else if (this.cell.length > 0) this.readTableLine(line);
    else if (line.trim() !== "") for (const text of textOutput(line) ?? [line]) this.line(text.trim());
  }

  end(): LogCounts {
    this.finish(this.execution.end());
    for (const record of this.test.end()) this.emit(record);
    if (this.document.isOpen || this.cell.length > 0) this.skipped += 1;
    const { lines, records, skipped } = this;
    return { lines, records, skipped };
  }

  /** The end of a document or a cell is missing. */
  private giveUp(): void {
    this.document.reset();
    this.cell = [];
    this.skipped += 1;
  }

  private line(line: string): void {
    const { text, time } = withoutPrefix(line);
    this.context = time === undefined ? this.outer : [...this.outer, ["timestamp", time]];
    this.message(text);
  }

  /** One event of a log, without the prefixes that tools add. */
  private message(text: string): void {
    const tested = this.test.push(text);
    if (isContinuation(text) && this.execution.pushContinuation(text)) return;
    if (!text.startsWith("(")) this.execution.interrupt();
    if (tested !== undefined) for (const record of tested) this.emit(record);
    else if (text.startsWith("{") || text.startsWith("[")) this.readDocumentLine(text);
    else if (text.startsWith("(")) this.readExecutionLine(text);
    else if (text.startsWith('"') && text.endsWith('"')) this.readQuotedLine(text);
    else this.pairs(text.startsWith("<") ? xmlPairs(text) : clfPairs(text), text);
  }

  /** A message as a JSON string, as `jq .events[].message` prints it. */
  private readQuotedLine(text: string): void {
    const message = parsedText(text);
    if (isMessage(message)) this.event(message);
    else this.readTableLine(text);
  }

  private pairs(pairs: readonly (readonly [string, string])[] | undefined, text: string): void {
    if (pairs === undefined) this.readTableLine(text);
    else this.emitPairs(pairs);
  }

  private readDocumentLine(text: string): void {
    const whole = this.document.isOpen || !/[}\]]$/.test(text) ? undefined : parsed(text);
    const items = whole === undefined ? this.document.push(text) : this.itemsOf(whole);
    if (items !== undefined) for (const item of items) this.item(item);
    else this.pairs(loosePairs(text), text);
  }

  /** A whole document in one line: a record, or a list of events. */
  private itemsOf(root: object): readonly unknown[] {
    const lists = Array.isArray(root) ? [root] : Object.values(root).filter(Array.isArray);
    if (lists.length === 0) return [root];
    const items = lists.flat().filter((item) => typeof item === "object" && item !== null);
    const scalars = Object.fromEntries(Object.entries(root).filter(([, value]) => !Array.isArray(value)));
    if (
      items.length === 0 ||
      (!Array.isArray(root) && recordOf(flattened(scalars), this.names) !== undefined)
    )
      return [root];
    const { logGroup } = root as { logGroup?: unknown };
    return typeof logGroup === "string" ? items.map((item) => ({ ...item, "@log": logGroup })) : items;
  }

  private readExecutionLine(text: string): void {
    const finished = this.execution.push(text, this.context);
    if (finished === undefined) this.skipped += 1;
    else this.finish(finished);
  }

  private finish({ records, skipped }: CompletedRequests): void {
    this.skipped += skipped;
    for (const record of records) this.emit(record);
  }

  /** An event of CloudWatch Logs, a row of Logs Insights, or a record itself. */
  private item(item: unknown): void {
    if (typeof item !== "object" || item === null) {
      if (typeof item === "string") this.event(item);
      else this.skipped += 1;
      return;
    }
    // As `--query 'events[].message'` prints them.
    if (Array.isArray(item) && item.some(isMessage)) {
      for (const message of item) this.item(message);
      return;
    }
    const content: object = (Array.isArray(item) ? insightsCells(item) : undefined) ?? item;
    const event = eventOf(content, this.names);
    if (event === undefined) this.emitPairs(flattened(content));
    else {
      this.context = event.context;
      if (typeof event.message === "string") this.event(event.message);
      else this.item(event.message);
    }
  }

  private event(text: string): void {
    const { text: message } = withoutPrefix(text.trim());
    if (message.startsWith("(")) {
      this.readExecutionLine(message);
      return;
    }
    const nested = new RecordReader(this.names, (record) => this.emit(record), this.context);
    for (const line of message.split("\n")) nested.push(line);
    if (nested.end().records === 0) this.skipped += 1;
  }

  private readTableLine(line: string): void {
    this.cell.push(line);
    const text = this.cell.join("\n");
    const cells = csvCells(text);
    if (cells === "open" && this.cell.length < MAX_LINES_OF_A_CELL && text.startsWith('"')) return;
    this.cell = [];
    if (cells === undefined || cells === "open") this.skipped += 1;
    else this.rowMessage(cells);
  }

  private rowMessage(cells: readonly string[]): void {
    const { header } = this;
    if (header?.includes("@message") === true && cells.length === header.length)
      this.item(Object.fromEntries(header.map((name, column) => [name, cells[column]])));
    else this.cells(cells);
  }

  private cells(cells: readonly string[]): void {
    const { header } = this;
    const columns = header === undefined ? consoleColumns(cells) : new Map<number, string>();
    const nameOf = (column: number): string => {
      const number = String(column + 1);
      return header?.[column] ?? (this.names.has(number) ? number : (columns.get(column) ?? number));
    };
    const record = this.recordOf(cells.map((cell, column) => [nameOf(column), cell] as const));
    if (record !== undefined) this.emit(record);
    else if (cells.every((cell) => /^[@$]?[A-Za-z][\w.$@ -]*$/.test(cell.trim())))
      this.header = cells.map((cell) => cell.trim());
    else this.skipped += 1;
  }

  private emitPairs(pairs: readonly (readonly [string, unknown])[]): void {
    const record = this.recordOf(pairs);
    if (record === undefined) this.skipped += 1;
    else this.emit(record);
  }

  private recordOf(pairs: readonly (readonly [string, unknown])[]): LogRecord | undefined {
    return recordOf([...pairs, ...this.context], this.names);
  }

  private emit(record: LogRecord): void {
    this.records += 1;
    this.onRecord(record);
  }
}

/** In a document every line is indented, so an object that begins a line is the next document. */
function startsNewDocument(line: string): boolean {
  return line.startsWith("{") && line.endsWith("}") && parsed(line) !== undefined;
}

function parsed(text: string): object | undefined {
  const value = jsonIn(text);
  return typeof value === "object" && value !== null ? value : undefined;
}

function parsedText(text: string): string | undefined {
  const value = jsonIn(text);
  return typeof value === "string" ? value : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A list with fewer cells than the console's formats is a list of values of a record. */
const MIN_CELLS = 5;

/** Whether a member of a list is a message rather than a value of a record. */
function isMessage(member: unknown): member is string {
  if (typeof member !== "string") return false;
  const text = withoutPrefix(member.trim()).text;
  const cells = csvCells(text);
  return (
    /^[{(<]/.test(text) || clfPairs(text) !== undefined || (Array.isArray(cells) && cells.length >= MIN_CELLS)
  );
}

interface LogEvent {
  /** Logs Insights shows JSON as an object. */
  readonly message: string | object;
  readonly context: Pairs;
}

/** The content of an object that is an event of a log rather than a record, and contains another text. */
function eventOf(content: object, names: FieldNames): LogEvent | undefined {
  const {
    message,
    timestamp,
    log,
    "@message": rowMessage,
    "@timestamp": rowTimestamp,
    "@log": logGroup,
  } = content as Partial<Record<string, unknown>>;
  const context: Pairs = [
    ...(typeof logGroup === "string" ? apiAndStageOf(logGroup) : []),
    ...timeOf(rowTimestamp ?? timestamp).map((time) => ["timestamp", time] as const),
  ];
  if (typeof rowMessage === "string" || (typeof rowMessage === "object" && rowMessage !== null))
    return { message: rowMessage, context };
  if (typeof log === "string" && log.startsWith("Execution log for request"))
    return { message: log, context };
  if (typeof message !== "string" || !("timestamp" in content || "ingestionTime" in content))
    return undefined;
  // A record may have these keys too: then it has the result of the request.
  return recordOf(flattened(content), names)?.fields.status === undefined ? { message, context } : undefined;
}

function timeOf(value: unknown): readonly string[] {
  if (typeof value === "string" && value !== "") return [value];
  return typeof value === "number" && value >= 0 && value <= 8.64e15 ? [new Date(value).toISOString()] : [];
}

/**
 * The values of a line in the format of JSON. API Gateway does not escape values, and `$context.error.message` may
 * contain quotation marks:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
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
function insightsCells(rowMessage: readonly unknown[]): Record<string, unknown> | undefined {
  const cells = rowMessage.filter(
    (cell): cell is { field: string; value: unknown } =>
      typeof cell === "object" && cell !== null && "field" in cell && "value" in cell,
  );
  return cells.length === 0
    ? undefined
    : Object.fromEntries(cells.map(({ field, value }) => [String(field), value]));
}
