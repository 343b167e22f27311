/** Reads records from every format of API Gateway's logs. */
import * as assert from "node:assert/strict";
import { type Field, type LogCounts, type LogRecord, readRecords } from "../../diagnose/records";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";

async function read(
  text: string | Buffer,
  {
    names = new Map<string, Field>(),
    chunk = 7,
  }: { names?: ReadonlyMap<string, Field>; chunk?: number } = {},
): Promise<LogCounts & { all: readonly LogRecord[]; fields: readonly LogRecord["fields"][] }> {
  const bytes = Buffer.from(text);
  const all: LogRecord[] = [];
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  };
  const counts = await readRecords(chunks(), names, (record) => all.push(record));
  return { ...counts, all, fields: all.map(({ fields }) => fields) };
}

const lines = (...all: readonly unknown[]): string =>
  all.map((record) => (typeof record === "string" ? record : JSON.stringify(record))).join("\n");

const EVENTS = {
  events: [
    {
      logStreamName: "0a1b",
      timestamp: 1_767_225_600_000,
      message: JSON.stringify({
        requestId: "r-1",
        status: "500",
        httpMethod: "GET",
        resourcePath: "/orders",
      }),
      ingestionTime: 1_767_225_600_500,
      eventId: "3",
    },
    { logStreamName: "0a1b", timestamp: 1, message: "START RequestId: 7", ingestionTime: 2, eventId: "4" },
    {
      logStreamName: "0a1b",
      timestamp: 1,
      message: '1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET /a HTTP/1.1" 403 23 r-2',
      ingestionTime: 2,
      eventId: "5",
    },
  ],
  searchedLogStreams: [],
};

describe("log records are read from", () => {
  it("JSON with the names that the console offers", async () => {
    const { fields, records, skipped } = await read(
      lines({
        requestId: "r-1",
        ip: "1.2.3.4",
        caller: "AROAEXAMPLEEXAMPLE01:me",
        user: "AROAEXAMPLEEXAMPLE01:me",
        requestTime: "01/Jan/2026:00:00:00 +0000",
        httpMethod: "GET",
        resourcePath: "/orders/{id}",
        status: "500",
        protocol: "HTTP/1.1",
        responseLength: "36",
      }),
    );
    assert.deepEqual([records, skipped], [1, 0]);
    assert.deepEqual(fields[0], {
      requestId: "r-1",
      caller: "AROAEXAMPLEEXAMPLE01:me",
      time: "01/Jan/2026:00:00:00 +0000",
      method: "GET",
      resourcePath: "/orders/{id}",
      status: "500",
    });
  });

  it("nested JSON and JSON with other spellings of names", async () => {
    const { fields } = await read(
      lines(
        {
          context: { identity: { userArn: "arn:aws:iam::1:user/u" }, integration: { error: INVALID } },
          status: 500,
        },
        { "$context.status": "403", "$context.error.responseType": "ACCESS_DENIED", api_id: "abc" },
        { "error-message": "Forbidden", Status_Code: "403", route_key: "GET /orders" },
      ),
    );
    assert.deepEqual(fields[0], {
      userArn: "arn:aws:iam::1:user/u",
      integrationError: INVALID,
      status: "500",
    });
    assert.deepEqual(fields[1], { status: "403", responseType: "ACCESS_DENIED", apiId: "abc" });
    assert.deepEqual(fields[2], { error: "Forbidden", status: "403", routeKey: "GET /orders" });
  });

  it("JSON with unknown keys, by the form of the values", async () => {
    const { all } = await read(
      lines({
        a: "AIDAEXAMPLEEXAMPLE01",
        b: "DELETE",
        c: 403,
        d: "/orders/{id}",
        e: "ACCESS_DENIED",
        f: "arn:aws:sts::123456789012:assumed-role/r/s",
        g: "abcdef1234.execute-api.eu-west-1.amazonaws.com",
        h: "-",
        i: "ap18jk",
      }),
    );
    assert.deepEqual(all[0]?.fields, {
      caller: "AIDAEXAMPLEEXAMPLE01",
      method: "DELETE",
      status: "403",
      resourcePath: "/orders/{id}",
      responseType: "ACCESS_DENIED",
      userArn: "arn:aws:sts::123456789012:assumed-role/r/s",
      domainName: "abcdef1234.execute-api.eu-west-1.amazonaws.com",
    });
    assert.ok(all[0]?.values.includes("ap18jk"));
  });

  it("JSON without confusing the status of the function or authorizer with the response's", async () => {
    const { records } = await read(lines({ authorizeStatus: "403", integrationStatus: "500", latency: 12 }));
    assert.equal(records, 0);
  });

  it("other keys that --field names", async () => {
    const names = new Map<string, Field>([["code", "status"]]);
    const { fields } = await read(lines({ code: 500, other: 403 }), { names });
    assert.equal(fields[0]?.status, "500");
  });

  it("JSON with unescaped quotation marks in a value", async () => {
    const { fields } = await read(
      '{ "status":"403", "message":""Forbidden"", "httpMethod":"GET", "resourcePath":"/a" }',
    );
    assert.deepEqual(fields[0], { status: "403", error: "Forbidden", method: "GET", resourcePath: "/a" });
  });

  it("JSON on several lines, one record or a list", async () => {
    const record = { status: "500", httpMethod: "GET", nested: { more: [1, 2] } };
    const single = await read(JSON.stringify(record, undefined, 2));
    assert.deepEqual([single.records, single.skipped], [1, 0]);
    const several = await read(JSON.stringify([record, record], undefined, 4));
    assert.deepEqual([several.records, several.skipped], [2, 0]);
  });

  it("CLF of REST APIs", async () => {
    const { fields } = await read(
      '1.2.3.4 AROAEXAMPLEEXAMPLE01:me AROAEXAMPLEEXAMPLE01:me [01/Jan/2026:00:00:00 +0000] "GET /orders/{id} HTTP/1.1" 500 36 r-1 ext-1=',
    );
    assert.deepEqual(fields[0], {
      caller: "AROAEXAMPLEEXAMPLE01:me",
      time: "01/Jan/2026:00:00:00 +0000",
      method: "GET",
      resourcePath: "/orders/{id}",
      status: "500",
      requestId: "r-1",
    });
  });

  it("CLF of HTTP APIs", async () => {
    const { fields } = await read(
      lines(
        '1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET GET /orders HTTP/1.1" 403 23 r-1',
        '1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET $default HTTP/1.1" 500 23 r-2',
      ),
    );
    assert.deepEqual(
      fields.map(({ method, routeKey, status }) => [method, routeKey, status]),
      [
        ["GET", "GET /orders", "403"],
        ["GET", "$default", "500"],
      ],
    );
  });

  it("CSV, with and without a header", async () => {
    const withoutHeader = await read(
      "1.2.3.4,AROAEXAMPLEEXAMPLE01:me,AROAEXAMPLEEXAMPLE01:me,01/Jan/2026:00:00:00 +0000,GET,/orders/{id},HTTP/1.1,500,36,r-1,ext=",
    );
    assert.deepEqual(withoutHeader.fields[0], {
      caller: "AROAEXAMPLEEXAMPLE01:me",
      method: "GET",
      resourcePath: "/orders/{id}",
      status: "500",
      time: "01/Jan/2026:00:00:00 +0000",
      requestId: "r-1",
    });
    const headed = await read(lines("status,httpMethod,error.message", '403,GET,"not, ""you"""'));
    assert.deepEqual(
      [headed.skipped, headed.fields],
      [0, [{ status: "403", method: "GET", error: 'not, "you"' }]],
    );
    const numbered = await read("x,500,200", { names: new Map<string, Field>([["2", "status"]]) });
    assert.equal(numbered.fields[0]?.status, "500");
  });

  it("XML", async () => {
    const { fields } = await read(
      '<request id="r-1"> <ip>1.2.3.4</ip> <caller>-</caller> <user>-</user> <requestTime>01/Jan/2026:00:00:00 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/a&amp;b</resourcePath> <status>403</status> <protocol>HTTP/1.1</protocol> <responseLength>23</responseLength> </request>',
    );
    assert.deepEqual(fields[0], {
      requestId: "r-1",
      time: "01/Jan/2026:00:00:00 +0000",
      method: "GET",
      resourcePath: "/a&b",
      status: "403",
    });
  });

  for (const indent of [undefined, 4])
    it(`aws logs filter-log-events, ${indent === undefined ? "on one line" : "indented"}`, async () => {
      const { fields, skipped } = await read(JSON.stringify(EVENTS, undefined, indent));
      assert.deepEqual(
        fields.map(({ requestId, status }) => [requestId, status]),
        [
          ["r-1", "500"],
          ["r-2", "403"],
        ],
      );
      assert.equal(skipped, 1);
    });

  it("aws logs tail, in each of its formats, and exports", async () => {
    const record = { status: "500", requestId: "r-1" };
    const { records, skipped } = await read(
      lines(
        `2026-01-01T00:00:00.000000+00:00 0a1b2c3d4e5f ${JSON.stringify(record)}`,
        `2026-01-01T00:00:00 ${JSON.stringify(record)}`,
        `2026-01-01T00:00:00.000Z ${JSON.stringify(record)}`,
        `2026-01-01T00:00:00.000000+00:00 0a1b2c3d4e5f ${JSON.stringify(record, undefined, 4)}`,
        '2026-01-01T00:00:00 1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET /a HTTP/1.1" 403 23 r-2',
      ),
    );
    assert.deepEqual([records, skipped], [5, 0]);
  });

  it("results of Logs Insights as JSON and as CSV with messages", async () => {
    const message = JSON.stringify({ status: "500", requestId: "r-1" });
    const results = {
      results: [
        [
          { field: "@timestamp", value: "2026-01-01 00:00:00.000" },
          { field: "@message", value: message },
          { field: "@ptr", value: "x" },
        ],
        [
          { field: "status", value: "403" },
          { field: "httpMethod", value: "GET" },
        ],
      ],
      statistics: { recordsMatched: 2.0 },
      status: "Complete",
    };
    const json = await read(JSON.stringify(results, undefined, 4));
    assert.deepEqual(
      json.fields.map(({ status }) => status),
      ["500", "403"],
    );
    const csv = await read(lines("@timestamp,@message", `2026-01-01,"${message.replaceAll('"', '""')}"`));
    assert.deepEqual([csv.records, csv.skipped, csv.fields[0]?.requestId], [1, 0, "r-1"]);
  });

  it("execution logs with interleaved requests", async () => {
    const { fields, records } = await read(
      lines(
        "(aaaa1111-1) Extended Request Id: x=",
        "2026-01-01T00:00:00 (bbbb2222-2) HTTP Method: POST, Resource Path: /b",
        "(aaaa1111-1) Verifying Usage Plan for request: aaaa1111-1. API Key:  API Stage: abc123/live",
        "(aaaa1111-1) HTTP Method: GET, Resource Path: /orders",
        `(aaaa1111-1) ${INVALID}`,
        "(bbbb2222-2) User: arn:aws:iam::123456789012:user/u is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abc123/live/POST/b",
        "(aaaa1111-1) Method completed with status: 500",
        "(cccc3333-3) HTTP Method: GET, Resource Path: /never",
      ),
    );
    assert.equal(records, 2);
    assert.deepEqual(fields[0], {
      requestId: "aaaa1111-1",
      apiId: "abc123",
      stage: "live",
      method: "GET",
      resourcePath: "/orders",
      integrationError: INVALID,
      status: "500",
    });
    assert.equal(fields[1]?.userArn, "arn:aws:iam::123456789012:user/u");
  });

  it("files with other lines, which are counted and skipped", async () => {
    const {
      records,
      skipped,
      lines: all,
    } = await read(
      lines(
        "hello",
        "{ broken",
        '{"a": [1,',
        "2]}",
        "\u0000\u0001",
        "[]]]]",
        "(x) y",
        '"a',
        "",
        '{"status":"500"}',
        "<a><b></a>",
        '{"status":"700"}',
      ),
    );
    assert.equal(all, 12);
    assert.ok(records >= 1 && skipped >= 5, JSON.stringify({ records, skipped }));
  });

  it("UTF-16, a byte order mark, and CRLF", async () => {
    const text = '{"status":"500","path":"/ö"}\r\n{"status":"403"}\r\n';
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    for (const bytes of [wide, Buffer.from(`\ufeff${text}`)])
      assert.deepEqual(
        (await read(bytes, { chunk: 3 })).fields.map(({ status }) => status),
        ["500", "403"],
      );
  });

  it("megabytes, which are not kept in memory", async () => {
    const line = `${JSON.stringify({ status: "500", httpMethod: "GET", resourcePath: "/orders" })}\n`;
    const chunks = async function* (): AsyncGenerator<Buffer> {
      const piece = Buffer.from(line.repeat(1_000));
      for (let at = 0; at < 100; at += 1) yield piece;
    };
    let records = 0;
    await readRecords(chunks(), new Map(), () => {
      records += 1;
    });
    assert.equal(records, 100_000);
  }).timeout(20_000);

  it("an endless line, which is truncated", async () => {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      const piece = Buffer.alloc(1_000_000, "x");
      for (let at = 0; at < 20; at += 1) yield piece;
    };
    const counts = await readRecords(chunks(), new Map(), () => undefined);
    assert.equal(counts.records, 0);
  });
});
