/** The log formats of API Gateway's console and of log tools. */
import * as assert from "node:assert/strict";
import { type LogCounts, type LogRecord, readRecords } from "../../diagnose/records";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";
const ID = "4f0e1c2d-1111-2222-3333-444455556666";
const TIME = "01/Jan/2026:00:00:00 +0000";
const CALLER = "AROAEXAMPLEEXAMPLE01:me";

async function read(text: string): Promise<LogCounts & { readonly fields: readonly LogRecord["fields"][] }> {
  const fields: LogRecord["fields"][] = [];
  const counts = await readRecords(
    (async function* () {
      yield Buffer.from(text);
    })(),
    new Map(),
    (record) => fields.push(record.fields),
  );
  return { ...counts, fields };
}

const lines = (...all: readonly string[]): string => all.join("\n");

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html */
const CONSOLE_FORMATS = {
  REST: {
    CLF: `1.2.3.4 ${CALLER} ${CALLER} [${TIME}] "GET /orders/{id} HTTP/1.1" 500 236 ${ID} ext1=`,
    JSON: `{ "requestId":"${ID}", "extendedRequestId":"ext1=", "ip": "1.2.3.4", "caller":"${CALLER}", "user":"${CALLER}", "requestTime":"${TIME}", "httpMethod":"GET", "resourcePath":"/orders/{id}", "status":"500", "protocol":"HTTP/1.1", "responseLength":"236" }`,
    XML: `<request id="${ID}"> <extendedRequestId>ext1=</extendedRequestId> <ip>1.2.3.4</ip> <caller>${CALLER}</caller> <user>${CALLER}</user> <requestTime>${TIME}</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/orders/{id}</resourcePath> <status>500</status> <protocol>HTTP/1.1</protocol> <responseLength>236</responseLength> </request>`,
    CSV: `1.2.3.4,${CALLER},${CALLER},${TIME},GET,/orders/{id},HTTP/1.1,500,236,${ID},ext1=`,
  },
  HTTP: {
    CLF: `1.2.3.4 - - [${TIME}] "GET GET /orders/{id} HTTP/1.1" 500 236 ${ID} ext1=`,
    JSON: `{ "requestId":"${ID}", "ip": "1.2.3.4", "requestTime":"${TIME}", "httpMethod":"GET","routeKey":"GET /orders/{id}", "status":"500","protocol":"HTTP/1.1", "responseLength":"236", "extendedRequestId": "ext1=" }`,
    XML: `<request id="${ID}"> <ip>1.2.3.4</ip> <requestTime>${TIME}</requestTime> <httpMethod>GET</httpMethod> <routeKey>GET /orders/{id}</routeKey> <status>500</status> <protocol>HTTP/1.1</protocol> <responseLength>236</responseLength> <extendedRequestId>ext1=</extendedRequestId> </request>`,
    CSV: `1.2.3.4,${TIME},GET,GET /orders/{id},HTTP/1.1,500,236,${ID},ext1=`,
  },
  WEBSOCKET: {
    CLF: `1.2.3.4 ${CALLER} ${CALLER} [${TIME}] "MESSAGE send L0SM9cOFvHcCIhw=" 500 ${ID}`,
    JSON: `{ "requestId":"${ID}", "ip": "1.2.3.4", "caller":"${CALLER}", "user":"${CALLER}", "requestTime":"${TIME}", "eventType":"MESSAGE", "routeKey":"send", "status":"500", "connectionId":"L0SM9cOFvHcCIhw=" }`,
    XML: `<request id="${ID}"> <ip>1.2.3.4</ip> <caller>${CALLER}</caller> <user>${CALLER}</user> <requestTime>${TIME}</requestTime> <eventType>MESSAGE</eventType> <routeKey>send</routeKey> <status>500</status> <connectionId>L0SM9cOFvHcCIhw=</connectionId> </request>`,
    CSV: `1.2.3.4,${CALLER},${CALLER},${TIME},MESSAGE,send,500,L0SM9cOFvHcCIhw=,${ID}`,
  },
};

const CALLED = { status: "500", time: TIME, requestId: ID };

const EXPECTED = {
  REST: { ...CALLED, caller: CALLER, method: "GET", resourcePath: "/orders/{id}" },
  HTTP: { ...CALLED, method: "GET", routeKey: "GET /orders/{id}" },
  WEBSOCKET: { ...CALLED, caller: CALLER, routeKey: "send" },
};

describe("formats of access logs", () => {
  for (const kind of ["REST", "HTTP", "WEBSOCKET"] as const)
    for (const format of ["CLF", "JSON", "XML", "CSV"] as const)
      it(`are read: ${format} of the console, ${kind}`, async () => {
        const line = CONSOLE_FORMATS[kind][format];
        for (const text of [
          line,
          `2026-01-01T00:00:00.000Z ${line}`,
          `2026-01-01T00:00:00.000000+00:00 0a1b2c3d4e5f ${line}`,
          `\u001b[32m2026-01-01T00:00:00.000000+00:00\u001b[0m \u001b[36m0a1b2c3d4e5f\u001b[0m ${line}`,
          JSON.stringify(
            { events: [{ logStreamName: "s", timestamp: 1, message: line, ingestionTime: 2 }] },
            undefined,
            4,
          ),
          JSON.stringify([line], undefined, 4),
          JSON.stringify(line),
          `EVENTS\t381\t1767225600500\t0a1b2c3d\t${line}\t1767225600000`,
        ]) {
          const { fields, skipped } = await read(text);
          assert.deepEqual([fields, skipped], [[EXPECTED[kind]], 0], text);
        }
      });

  it("use the time of the event if the record has none", async () => {
    const { fields } = await read('2026-01-01T00:00:00 {"status":"500"}');
    assert.deepEqual(fields, [{ status: "500", time: "2026-01-01T00:00:00" }]);
  });

  it("are read if a record has the keys of an event", async () => {
    const record = { timestamp: 1767225600000, message: "Forbidden", status: 403 };
    for (const text of [
      JSON.stringify(record),
      JSON.stringify({ events: [{ timestamp: 1, message: JSON.stringify(record) }] }),
    ]) {
      const { fields } = await read(text);
      assert.deepEqual([fields[0]?.status, fields[0]?.error], ["403", "Forbidden"]);
    }
  });

  it("are read as tab-separated messages of --output text", async () => {
    const { records, skipped } = await read(`{"status":"500"}\t{"status":"403"}\n`);
    assert.deepEqual([records, skipped], [2, 0]);
  });

  it("are read from JSON of Logs Insights, in which a message is an object", async () => {
    const { fields } = await read(
      JSON.stringify([
        { "@timestamp": "2026-01-01 00:00:00.000", "@message": { status: 500, httpMethod: "GET" } },
      ]),
    );
    assert.deepEqual(fields, [{ status: "500", method: "GET", time: "2026-01-01 00:00:00.000" }]);
  });

  it("are read from events of a subscription", async () => {
    const { fields } = await read(
      JSON.stringify({
        messageType: "DATA_MESSAGE",
        owner: "123456789012",
        logGroup: "API-Gateway-Execution-Logs_abc123/live",
        logStream: "s",
        subscriptionFilters: ["all"],
        logEvents: [{ id: "1", timestamp: 1767225600000, message: `(${ID}) ${INVALID}` }],
      }),
    );
    assert.deepEqual(fields, [
      {
        requestId: ID,
        integrationError: INVALID,
        apiId: "abc123",
        stage: "live",
        time: "2026-01-01T00:00:00.000Z",
      },
    ]);
  });
});

const REST_LINES = [
  `(${ID}) Extended Request Id: x=`,
  `(${ID}) Starting execution for request: ${ID}`,
  `(${ID}) HTTP Method: GET, Resource Path: /orders/7`,
  `(${ID}) Sending request to https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations`,
  `(${ID}) ${INVALID}`,
  `(${ID}) Gateway response type: API_CONFIGURATION_ERROR with status code: 500`,
  `(${ID}) Method completed with status: 500`,
];

const WEBSOCKET_ID = "L0SM9cOFvHcCIhw=";
const WEBSOCKET_LINES = [
  `(${WEBSOCKET_ID}) Extended Request Id: ${WEBSOCKET_ID}`,
  `(${WEBSOCKET_ID}) Starting execution for request: ${WEBSOCKET_ID}`,
  `(${WEBSOCKET_ID}) WebSocket Request Route: [send]`,
  `(${WEBSOCKET_ID}) WebSocket API [abc123] received message from client [Connection Id: L0SM9fOFvHcCIhw=].`,
  `(${WEBSOCKET_ID}) ${INVALID}`,
  `(${WEBSOCKET_ID}) Message from client [Connection Id: L0SM9fOFvHcCIhw=] sent to API [abc123] with response status code [500].`,
];

describe("execution logs", () => {
  const rest = {
    requestId: ID,
    method: "GET",
    resourcePath: "/orders/7",
    integrationError: INVALID,
    responseType: "API_CONFIGURATION_ERROR",
    status: "500",
  };
  const webSocket = {
    requestId: WEBSOCKET_ID,
    routeKey: "send",
    apiId: "abc123",
    integrationError: INVALID,
    status: "500",
  };

  for (const [apis, all, expected] of [
    ["of REST APIs", REST_LINES, rest],
    ["of WebSocket APIs", WEBSOCKET_LINES, webSocket],
  ] as const)
    for (const [order, inOrder] of [
      ["in the order in which they were written", all],
      ["latest first, as from Logs Insights", [...all].reverse()],
      ["with interleaved requests", [...all.slice(3), ...all.slice(0, 3)]],
    ] as const)
      it(`${apis} are read ${order}`, async () => {
        const { fields, skipped } = await read(lines(...inOrder));
        assert.deepEqual([fields, skipped], [[expected], 0]);
      });

  it("distinguish successful and failed connections", async () => {
    const { fields } = await read(
      lines(
        "(AAAABBBBCCCC=) WebSocket Request Route: [$connect]",
        "(AAAABBBBCCCC=) Client [UserAgent: null, SourceIp: 1.2.3.4] is connecting to WebSocket API [abc123].",
        "(AAAABBBBCCCC=) Client [Connection Id: AAAABBBBCCCC=] connected to API [abc123] successfully.",
        "(DDDDEEEEFFFF=) WebSocket Request Route: [$connect]",
        "(DDDDEEEEFFFF=) Client [UserAgent: null, SourceIp: 1.2.3.4] is connecting to WebSocket API [abc123].",
        `(DDDDEEEEFFFF=) ${INVALID}`,
      ),
    );
    assert.deepEqual(fields, [
      { requestId: "AAAABBBBCCCC=", routeKey: "$connect", apiId: "abc123", status: "200" },
      { requestId: "DDDDEEEEFFFF=", routeKey: "$connect", apiId: "abc123", integrationError: INVALID },
    ]);
  });

  it("have the API and stage of the log group's name if only errors are logged", async () => {
    for (const group of ["API-Gateway-Execution-Logs_abc123/live", "/aws/apigateway/abc123/live"]) {
      const { fields } = await read(
        JSON.stringify({
          results: [
            [
              { field: "@message", value: `(${WEBSOCKET_ID}) ${INVALID}` },
              { field: "@log", value: `123456789012:${group}` },
            ],
          ],
        }),
      );
      assert.deepEqual(fields, [
        { requestId: WEBSOCKET_ID, integrationError: INVALID, apiId: "abc123", stage: "live" },
      ]);
      const csv = await read(lines("@message,@log", `"(${WEBSOCKET_ID}) ${INVALID}",123456789012:${group}`));
      assert.deepEqual(csv.fields, fields);
    }
  });

  it("show an authorizer that could not be invoked, in either order of lines", async () => {
    const all = [
      `(${ID}) ${INVALID}`,
      `(${ID}) Execution failed due to configuration error: Authorizer error`,
    ];
    for (const text of [lines(...all), lines(...[...all].reverse())])
      assert.deepEqual((await read(text)).fields, [
        {
          requestId: ID,
          integrationError: INVALID,
          authorizerError: "Execution failed due to configuration error: Authorizer error",
        },
      ]);
  });

  it("are read from the console's test and from aws apigateway test-invoke-method", async () => {
    const log = lines(
      "Execution log for request 4f0e1c2d",
      "Thu Jan 01 00:00:00 UTC 2026 : Starting execution for request: 4f0e1c2d",
      "Thu Jan 01 00:00:00 UTC 2026 : HTTP Method: GET, Resource Path: /orders",
      `Thu Jan 01 00:00:00 UTC 2026 : ${INVALID}`,
      "Thu Jan 01 00:00:00 UTC 2026 : Method completed with status: 500",
    );
    const expected = {
      method: "GET",
      resourcePath: "/orders",
      integrationError: INVALID,
      status: "500",
      stage: "test-invoke-stage",
    };
    assert.deepEqual((await read(`${log}\n${log}`)).fields, [expected, expected]);
    const answer = { status: 500, body: "{}", headers: {}, log: `${log}\n`, latency: 36 };
    assert.deepEqual((await read(JSON.stringify(answer, undefined, 4))).fields, [expected]);
  });

  describe("with Lambda's response", () => {
    const REFUSED = "Unable to determine service/operation name to be authorized";
    const DENIED =
      'Endpoint response body before transformations: {"Message":"User: arn:aws:sts::123456789012:assumed-role/orders-client/s is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders"}';
    const FAILED = [
      "Lambda invocation failed with status: 403. Lambda request id: abc1d2ef-34ab-56c7-de8f-90123a456789",
      "Execution failed due to configuration error: ",
    ];
    const answered = (prefix: string): readonly string[] => [
      `${prefix}Endpoint response body before transformations: <AccessDeniedException>`,
      `  <Message>${REFUSED}</Message>`,
      "</AccessDeniedException>",
      "",
      ...FAILED.map((text) => `${prefix}${text}`),
      `${prefix}Method completed with status: 500`,
    ];

    for (const prefix of [`(${ID}) `, "Thu Jan 01 00:00:00 UTC 2026 : "])
      it(`contain the reason in a message of several lines: ${prefix}`, async () => {
        const { fields, records, skipped } = await read(lines(...answered(prefix)));
        assert.deepEqual([records, skipped], [1, 0]);
        assert.equal(fields[0]?.integrationError, `<Message>${REFUSED}</Message>`);
      });

    it("contain the reason in any order of lines", async () => {
      const all = [DENIED, ...FAILED].map((text) => `(${ID}) ${text}`);
      for (const order of [all, all.toReversed()])
        assert.equal((await read(lines(...order))).fields[0]?.integrationError, DENIED);
    });

    it("do not include an XML record after them", async () => {
      const { records } = await read(
        lines(
          `(${ID}) ${INVALID}`,
          '<request id="r"><status>500</status><httpMethod>GET</httpMethod></request>',
        ),
      );
      assert.equal(records, 2);
    });
  });

  it("have the lines of requests without a result counted", async () => {
    const { records, skipped } = await read(lines(`(${ID}) Starting execution`, `(${ID}) HTTP Method: GET`));
    assert.deepEqual([records, skipped], [0, 2]);
  });

  it("are read without exceptions if parts are replaced at random", async () => {
    const samples = [
      ...REST_LINES,
      ...WEBSOCKET_LINES,
      ...Object.values(CONSOLE_FORMATS).flatMap((formats) => Object.values(formats)),
    ];
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      '"',
      "(",
      ")",
      "<",
      ">",
      ",",
      "\t",
      "\n",
      "\\",
      "\u0000",
      "EVENTS\t",
      "@message",
      " : ",
      "=",
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let run = 0; run < 400; run += 1) {
      const text = Array.from({ length: 12 }, () => {
        const sample = samples[next(samples.length)] ?? "";
        const at = next(sample.length);
        return `${sample.slice(0, at)}${pieces[next(pieces.length)]}${sample.slice(at + next(3))}`;
      }).join("\n");
      const { lines: all, records, skipped } = await read(text);
      assert.ok(all >= 1 && records + skipped >= 1, text);
    }
  });

  it("are read with a bounded number of requests in memory", async () => {
    let records = 0;
    const text = (at: number): string =>
      Array.from({ length: 1_000 }, (_, index) =>
        REST_LINES.join("\n").replaceAll(ID, `${at}-${index}-abcdef`),
      ).join("\n");
    await readRecords(
      (async function* () {
        for (let at = 0; at < 20; at += 1) yield Buffer.from(`${text(at)}\n`);
      })(),
      new Map(),
      () => {
        records += 1;
      },
    );
    assert.equal(records, 20_000);
  }).timeout(20_000);
});
