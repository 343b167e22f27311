import { type LogRecord, recordOf, saysFailure } from "./fields";

const LINE = /^\(([0-9a-zA-Z-]{8,64})\) (.*)$/s;

/** What a line of an execution log tells of its request. */
const TOLD: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["httpMethod", /^HTTP Method: ([A-Z]+)/],
  ["resourcePath", /Resource Path: (\S+)/],
  ["stage", /API Stage: [0-9a-z]+\/([\w-]+)/],
  ["apiId", /API Stage: ([0-9a-z]+)\//],
  ["status", /^Method completed with status: (\d{3})/],
  ["responseType", /^Gateway response type: ([A-Z0-9_]+)/],
  ["userArn", /^User: (arn:\S+) is not authorized/],
];

/** Requests whose lines are awaited: those of one request stand close together. */
const MOST_OPEN = 5_000;

/** Puts the lines of execution logs together: those of one request begin with its id. */
export class ExecutionLog {
  private readonly requests = new Map<string, Map<string, string>>();

  /** `undefined` if it is no such line; else what was finished with it. */
  push(line: string): readonly LogRecord[] | undefined {
    const [, id, text] = LINE.exec(line) ?? [];
    if (id === undefined || text === undefined) return undefined;
    const request = this.requests.get(id) ?? new Map([["requestId", id]]);
    this.requests.set(id, request);
    for (const [name, pattern] of TOLD) {
      const value = pattern.exec(text)?.[1];
      if (value !== undefined) request.set(name, value);
    }
    if (saysFailure(text)) request.set("integrationError", text);
    if (/^Method completed with status/.test(text)) return this.finished(id);
    const [oldest] = this.requests.keys();
    return this.requests.size > MOST_OPEN && oldest !== undefined ? this.finished(oldest) : [];
  }

  /** What nothing more will be said of. */
  end(): readonly LogRecord[] {
    return [...this.requests.keys()].flatMap((id) => this.finished(id));
  }

  private finished(id: string): readonly LogRecord[] {
    const request = this.requests.get(id);
    this.requests.delete(id);
    const record = request === undefined ? undefined : recordOf([...request], new Map());
    return record === undefined ? [] : [record];
  }
}
