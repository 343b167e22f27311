import { describesFailure, type LogRecord, type Pairs, recordOf } from "./fields";

/** `(4f0e1c2d-…) TEXT`; the ids of WebSocket APIs are base64, as `(L0SM9cOFvHcCIhw=) TEXT`. */
const LINE = /^\(([\w+/-]{8,128}={0,2})\) (.*)$/s;

/**
 * The information about its request in a line of an execution log. Those of WebSocket APIs have separate lines for the
 * route, the API and the status.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
 */
const VALUES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["httpMethod", /^HTTP Method: ([A-Z]+)/],
  ["resourcePath", /Resource Path: (\S+)/],
  ["routeKey", /^WebSocket Request Route: \[(.+)\]/],
  ["stage", /API Stage: [0-9a-z]+\/([\w-]+)/],
  ["apiId", /API Stage: ([0-9a-z]+)\//],
  ["apiId", /\bAPI \[([0-9a-z]+)\]/],
  ["status", /^Method completed with status: (\d{3})/],
  ["status", /^Gateway response type: [A-Z0-9_]+ with status code: (\d{3})/],
  ["status", / response status code \[(\d{3})\]/],
  ["status", /^Connection API request completed with status: (\d{3})/],
  ["responseType", /^Gateway response type: ([A-Z0-9_]+)/],
  ["userArn", /^User: (arn:\S+) is not authorized/],
];

const CONNECTED = /^Client \[.*\] connected to API \[.*\] successfully/;

/** The maximum number of open requests: the lines of one request are close together. */
const MAX_OPEN_REQUESTS = 5_000;

/** The requests in an execution log. */
export interface CompletedRequests {
  readonly records: readonly LogRecord[];
  /** Lines of requests without a result. */
  readonly skipped: number;
}

const NONE_COMPLETED: CompletedRequests = { records: [], skipped: 0 };

interface Request {
  readonly values: Map<string, string>;
  lines: number;
}

/**
 * Groups the lines of execution logs by the request ID at their beginning. They may be in any order, since Logs
 * Insights has the latest first and mixes those of one moment, so a request stays open until others replace it.
 */
export class ExecutionLog {
  private readonly requests = new Map<string, Request>();
  private latest: Request | undefined;

  /**
   * `undefined` for any other line; otherwise the requests that it completes. `logFields`: the known fields of the log that
   * contains it.
   */
  push(line: string, logFields: Pairs = []): CompletedRequests | undefined {
    const [, id, text] = LINE.exec(line) ?? [];
    if (id === undefined || text === undefined) return undefined;
    const request = this.requests.get(id) ?? { values: new Map([["requestId", id]]), lines: 0 };
    this.requests.set(id, request);
    this.latest = request;
    request.lines += 1;
    addValues(request.values, text);
    for (const [name, value] of logFields) if (!request.values.has(name)) request.values.set(name, value);
    const [oldest] = this.requests.keys();
    return this.requests.size > MAX_OPEN_REQUESTS && oldest !== undefined
      ? this.complete(oldest)
      : NONE_COMPLETED;
  }

  /** A line that continues the last message, such as a line of a response body; returns whether it does. */
  pushContinuation(line: string): boolean {
    if (this.latest === undefined) return false;
    addValues(this.latest.values, line);
    return true;
  }

  /** The next line does not continue the last message. */
  interrupt(): void {
    this.latest = undefined;
  }

  /** The requests that no further line belongs to. */
  end(): CompletedRequests {
    const openRequests = [...this.requests.keys()].map((id) => this.complete(id));
    return {
      records: openRequests.flatMap(({ records }) => records),
      skipped: openRequests.reduce((sum, { skipped }) => sum + skipped, 0),
    };
  }

  private complete(id: string): CompletedRequests {
    const request = this.requests.get(id);
    this.requests.delete(id);
    const record = executionRecord(request?.values);
    return record === undefined
      ? { records: [], skipped: request?.lines ?? 0 }
      : { records: [record], skipped: 0 };
  }
}

/** Adds the information of one line about its request. */
function addValues(values: Map<string, string>, text: string): void {
  for (const [name, pattern] of VALUES) {
    const value = pattern.exec(text)?.[1];
    if (value !== undefined) values.set(name, value);
  }
  if (CONNECTED.test(text)) values.set("status", "200");
  // A Lambda authorizer that could not be invoked is logged in two lines.
  if (!describesFailure(text)) return;
  const name = /authorizer/i.test(text) ? "authorizerError" : "integrationError";
  if (!values.has(name) || !WITHOUT_REASON.test(text)) values.set(name, text);
}

/**
 * The line after Lambda's response has the reason:
 * https://repost.aws/knowledge-center/api-gateway-lambda-template-invoke-error
 */
const WITHOUT_REASON =
  /^(?:Lambda (?:invocation|execution) failed with status: ?403\b.*|Execution failed(?: due to [^:]+)?:?\s*)$/s;

function executionRecord(values: ReadonlyMap<string, string> | undefined): LogRecord | undefined {
  return values === undefined ? undefined : recordOf([...values], new Map());
}

/** Whether a line can continue a message: the first line of a message has an ID or a date. */
export function isContinuation(line: string): boolean {
  return /^<\/?[A-Z][\w]*>/.test(line.trim());
}

/**
 * The source ARN that a function's policy has to allow for the console's test:
 * https://repost.aws/knowledge-center/api-gateway-rest-api-lambda-integrations
 */
const TEST_STAGE = "test-invoke-stage";

/** `Wed Jun 05 14:22:11 UTC 2024 : Method completed with status: 500` */
const TEST_LINE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \w+ \d{4} : (.*)$/s;

/**
 * The log of one request that the console's test, or `aws apigateway test-invoke-method`, prints. Its lines have a date
 * instead of the request's ID.
 */
export class TestLog {
  private values = new Map<string, string>();

  /** `undefined` for any other line; otherwise the requests that it completes. */
  push(line: string): readonly LogRecord[] | undefined {
    const [, text] = TEST_LINE.exec(line) ?? [];
    if (text === undefined && this.values.size > 0 && isContinuation(line)) {
      addValues(this.values, line);
      return [];
    }
    if (text === undefined)
      return /^Execution log for request [\w-]+$/.test(line.trim()) ? this.end() : undefined;
    const completed = /^Starting execution for request: /.test(text) ? this.end() : [];
    addValues(this.values, text);
    this.values.set("stage", TEST_STAGE);
    return completed;
  }

  end(): readonly LogRecord[] {
    const record = this.values.size === 0 ? undefined : executionRecord(this.values);
    this.values = new Map();
    return record === undefined ? [] : [record];
  }
}

/**
 * The API and stage in the name of a log group that API Gateway creates for execution logs:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function apiAndStageOf(name: string): Pairs {
  const [, apiId, stage] =
    /(?:API-Gateway-Execution-Logs_|\/aws\/apigateway\/)([0-9a-z]+)\/([\w$-]+)$/.exec(name) ?? [];
  return apiId === undefined || stage === undefined
    ? []
    : [
        ["apiId", apiId],
        ["stage", stage],
      ];
}
