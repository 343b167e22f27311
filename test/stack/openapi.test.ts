import assert from "node:assert/strict";
import { dump } from "js-yaml";
import { Unknown } from "../../iam";
import { MAX_OPERATIONS, type OpenApi, readOpenApi } from "../../stack/apis/openapi";

const URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/F/invocations";
const lambda = { type: "aws_proxy", httpMethod: "POST", uri: URI };

const iam = { "x-amazon-apigateway-authtype": "awsSigv4", type: "apiKey" };
const token = {
  type: "apiKey",
  "x-amazon-apigateway-authtype": "custom",
  "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: URI, authorizerCredentials: "R" },
};
const jwt = { type: "oauth2", "x-amazon-apigateway-authorizer": { type: "jwt" } };
const key = { type: "apiKey", name: "x-api-key", in: "header" };
const securitySchemes = { iam, token, jwt, key, same: { $ref: "#/components/securitySchemes/iam" } };

function document(operation: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    openapi: "3.0.1",
    paths: { "/orders": { get: operation } },
    components: { securitySchemes },
    ...more,
  };
}

function read(body: unknown): OpenApi {
  const found = readOpenApi(body);
  assert.ok(!(found instanceof Unknown), "no document");
  return found;
}

function shown(value: unknown): unknown {
  return value instanceof Unknown ? "unknown" : value;
}

describe("readOpenApi", () => {
  describe("authorization", () => {
    const auth = (type: unknown) => ({ "x-amazon-apigateway-auth": { type } });
    const cases: readonly [name: string, operation: unknown, expected: string, root?: unknown][] = [
      ["nothing", {}, "NONE"],
      ["the extension", auth("AWS_IAM"), "AWS_IAM"],
      ["the extension in lower case", auth("aws_iam"), "AWS_IAM"],
      ["the extension, no authorization", auth("NONE"), "NONE"],
      ["the extension, unknown", auth(new Unknown()), "unknown"],
      ["a scheme with Signature Version 4", { security: [{ iam: [] }] }, "AWS_IAM"],
      ["a scheme by reference", { security: [{ same: [] }] }, "AWS_IAM"],
      ["an API key", { security: [{ key: [] }] }, "NONE"],
      ["an API key alongside a signature", { security: [{ key: [] }, { iam: [] }] }, "AWS_IAM"],
      ["both in one requirement", { security: [{ key: [], iam: [] }] }, "AWS_IAM"],
      ["a Lambda authorizer", { security: [{ token: [] }] }, "LAMBDA"],
      ["a JWT authorizer", { security: [{ jwt: [] }] }, "OTHER"],
      ["two contradictory schemes", { security: [{ token: [] }, { iam: [] }] }, "unknown"],
      ["a scheme without a definition", { security: [{ other: [] }] }, "unknown"],
      ["a scheme named like a prototype's property", { security: [{ constructor: [] }] }, "unknown"],
      ["the document's default", {}, "AWS_IAM", [{ iam: [] }]],
      ["an empty list instead of the document's default", { security: [] }, "NONE", [{ iam: [] }]],
      ["no authorization instead of the document's default", auth("NONE"), "NONE", [{ iam: [] }]],
      ["no authorization despite its own scheme", { ...auth("NONE"), security: [{ iam: [] }] }, "unknown"],
      ["unknown security", { security: new Unknown() }, "unknown"],
      ["invalid security", { security: "iam" }, "NONE"],
    ];
    for (const [name, operation, expected, security] of cases)
      it(name, () => {
        const { operations } = read(document(operation, security === undefined ? {} : { security }));
        assert.equal(shown(operations[0]?.authorization), expected);
      });

    it("reads the definitions of OpenAPI 2", () => {
      const { operations } = read({
        swagger: "2.0",
        securityDefinitions: { iam },
        security: [{ iam: [] }],
        paths: { "/orders": { get: {} } },
      });
      assert.equal(operations[0]?.authorization, "AWS_IAM");
    });
  });

  it("returns only authorizers that operations use", () => {
    const { authorizers } = read(document({ security: [{ token: [] }] }));
    assert.deepEqual(authorizers, [{ name: "token", uri: URI, credentials: "R" }]);
    assert.deepEqual(read(document({ security: [{ iam: [] }] })).authorizers, []);
  });

  describe("integration", () => {
    const integration = (value: unknown, more: Record<string, unknown> = {}): unknown =>
      shown(read(document({ "x-amazon-apigateway-integration": value }, more)).operations[0]?.integration);
    const nothing = {
      type: undefined,
      uri: undefined,
      credentials: undefined,
      subtype: undefined,
      method: undefined,
      responseTransferMode: undefined,
      requestParameters: undefined,
      requestTemplates: undefined,
    };
    const found = { ...nothing, type: "aws_proxy", uri: URI, method: "POST" };
    const references = (target: unknown) => ({
      components: { "x-amazon-apigateway-integrations": { "a/b~c": target, loop: target } },
    });
    const REFERENCE = "#/components/x-amazon-apigateway-integrations/a~1b~0c";
    const LOOP = "#/components/x-amazon-apigateway-integrations/loop";
    const cases: readonly [
      name: string,
      value: unknown,
      expected: unknown,
      more?: Record<string, unknown>,
    ][] = [
      ["inline", lambda, found],
      ["none", undefined, undefined],
      ["of a wrong type", [lambda], undefined],
      ["with fields of a wrong type", { type: 1, uri: ["x"] }, nothing],
      ["unknown", new Unknown(), "unknown"],
      ["by reference", { $ref: REFERENCE }, found, references(lambda)],
      ["by an encoded reference", { $ref: REFERENCE.replace("~1", "%7E1") }, found, references(lambda)],
      ["by a broken encoding", { $ref: "#/%E0%A4%A" }, undefined],
      ["by reference to a missing part", { $ref: "#/components/nothing" }, undefined],
      ["by a cycle", { $ref: LOOP }, undefined, references({ $ref: LOOP })],
      ["by reference to another document", { $ref: "other.yaml#/x" }, "unknown"],
      ["by reference to a prototype", { $ref: "#/constructor/prototype" }, undefined],
      ["by reference to the whole document", { $ref: "#" }, nothing],
      [
        "with a transfer mode",
        { responseTransferMode: "STREAM" },
        { ...nothing, responseTransferMode: "STREAM" },
      ],
    ];
    for (const [name, value, expected, more] of cases)
      it(name, () => assert.deepEqual(integration(value, more), expected));

    for (const [reference, expected] of [
      ["other.yaml#/x", "$ref other.yaml#/x"],
      ["https://user:secret@example.com/api.json?token=secret#/x", "$ref https://example.com/api.json#/x"],
    ] as const)
      it(`returns the unknown reference ${expected}`, () => {
        const body = read(document({ "x-amazon-apigateway-integration": { $ref: reference } }));
        const found = body.operations[0]?.integration;
        assert.ok(found instanceof Unknown);
        assert.deepEqual(
          found.origins.map(({ label }) => label),
          [expected],
        );
      });
  });

  describe("paths", () => {
    const cases: readonly [name: string, paths: unknown, expected: readonly string[]][] = [
      ["methods", { "/a": { get: {}, put: {}, trace: {}, parameters: [] } }, ["GET /a", "PUT /a"]],
      ["any method", { "/{proxy+}": { "x-amazon-apigateway-any-method": {} } }, ["ANY /{proxy+}"]],
      ["an item by reference", { "/a": { $ref: "#/paths/~1b" }, "/b": { get: {} } }, ["GET /a", "GET /b"]],
      ["the default route", { $default: { "x-amazon-apigateway-any-method": {} } }, ["ANY $default"]],
      ["no path", { a: { get: {} }, "x-note": {} }, []],
      ["items of a wrong type", { "/a": null, "/b": 1, "/c": [{ get: {} }], "/d": "get" }, []],
      ["paths of a wrong type", ["/a"], []],
      ["no paths", undefined, []],
    ];
    for (const [name, paths, expected] of cases)
      it(name, () =>
        assert.deepEqual(
          read({ paths }).operations.map(({ verb, path }) => `${verb} ${path}`),
          expected,
        ),
      );

    it("distinguishes unknown and known values", () => {
      const body = read({ paths: { "/a": new Unknown(), "/b": { get: new Unknown(), post: {} } } });
      assert.ok(body.unknownOperations instanceof Unknown);
      assert.deepEqual(
        body.operations.map(({ verb, path, authorization }) => [verb, path, shown(authorization)]),
        [
          ["GET", "/b", "unknown"],
          ["POST", "/b", "NONE"],
        ],
      );
      assert.ok(read({ paths: new Unknown() }).unknownOperations instanceof Unknown);
    });
  });

  describe("base path", () => {
    const cases: readonly [name: string, more: Record<string, unknown>, expected: string][] = [
      ["none", {}, ""],
      ["OpenAPI 2", { basePath: "/v1/" }, "/v1"],
      ["a root", { basePath: "/" }, ""],
      ["a server", { servers: [{ url: "https://example.com/v1/shop" }] }, "/v1/shop"],
      [
        "a server's variable",
        { servers: [{ url: "https://e.com/{basePath}", variables: { basePath: { default: "/v2" } } }] },
        "/v2",
      ],
      ["a server of a wrong type", { servers: [null] }, ""],
    ];
    for (const [name, more, expected] of cases)
      it(name, () => assert.equal(read(document({}, more)).basePath, expected));
  });

  describe("text", () => {
    const json = JSON.stringify(document({ "x-amazon-apigateway-integration": lambda }));
    const yaml = `
openapi: 3.0.1
x-shared: &shared
  type: aws_proxy
  uri: ${URI}
paths:
  /orders:
    get:
      x-amazon-apigateway-integration:
        <<: *shared
        httpMethod: POST
      responses:
        200: {description: ok}
        200: {description: twice}
`;
    for (const [name, body] of [
      ["JSON", json],
      ["YAML with an anchor and a merge", yaml],
      ["YAML with Windows line ends", yaml.replaceAll("\n", "\r\n")],
    ] as const)
      it(`reads ${name}`, () => {
        const [operation] = read(body).operations;
        assert.ok(operation?.integration !== undefined && !(operation.integration instanceof Unknown));
        assert.equal(operation.integration.uri, URI);
      });

    const expandingYaml = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefghi"
        .split("")
        .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[at]}`).join(", ")}]`),
    ].join("\n");
    const mergeBomb = [
      "m0: &m0 {k: v}",
      ...Array.from(
        { length: 24 },
        (_, at) => `m${at + 1}: &m${at + 1} {<<: [*m${at}, *m${at}, *m${at}, *m${at}]}`,
      ),
      "paths: {}",
    ].join("\n");
    const hostile: readonly [name: string, body: string][] = [
      ["nothing", ""],
      ["a number", "42"],
      ["a list", "[1, 2]"],
      ["null", "null"],
      ["a truncated JSON text", json.slice(0, -20)],
      ["a truncated YAML text", "paths: {/orders: [unclosed"],
      ["tabs", "paths:\n\t/orders: x"],
      ["anchors that expand exponentially", expandingYaml],
      ["merge keys that expand exponentially", mergeBomb],
      ["an alias without an anchor", "paths: *nowhere"],
      ["deep JSON", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
      ["deep YAML maps", Array.from({ length: 1200 }, (_, at) => `${" ".repeat(at)}k:`).join("\n")],
      ["deep YAML lists", "- ".repeat(20_000)],
      ["100 kB of brackets", "[".repeat(100_000)],
      // Nesting depths at which the call stack overflows within the parser.
      ...[1000, 1500, 2000, 3000, 5000, 10_000].flatMap((depth): [string, string][] => [
        [`${depth} braces`, "{".repeat(depth)],
        [`${depth} braces with keys`, "{a: ".repeat(depth)],
        [`${depth} lists in a list`, "- ".repeat(depth)],
        [
          `${depth} lists on lines`,
          Array.from({ length: depth }, (_, at) => `${" ".repeat(at)}-`).join("\n"),
        ],
        [`${depth} complex keys`, "? ".repeat(depth)],
      ]),
      ["100 kB of quotes", '"'.repeat(100_000)],
      ["100 kB of colons", ": ".repeat(50_000)],
      ["100 kB of ampersands", "&a ".repeat(33_333)],
      ["a YAML tag for code", "paths: !!js/function 'function () { throw 1 }'"],
      ["many keys", Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join("\n")],
      ["a NUL byte", "paths:\u0000 {}"],
    ];
    for (const [name, body] of hostile)
      it(`returns no route for ${name}, and throws no exception`, () => {
        const found = readOpenApi(body);
        const operations = found instanceof Unknown ? [] : found.operations;
        assert.deepEqual(operations, []);
      });

    it("accepts an anchor that contains itself", () => {
      const body = read("paths: &p\n  /orders: *p\n  get: *p\nx-amazon-apigateway-policy: *p");
      assert.deepEqual(
        body.operations.map(({ path, integration }) => [path, integration]),
        [["/orders", undefined]],
      );
      assert.ok(body.policy instanceof Unknown);
    });

    it("treats a policy that anchors multiply as unknown", () => {
      const { policy } = read(`${expandingYaml}\nx-amazon-apigateway-policy: *i`);
      assert.ok(policy instanceof Unknown);
      assert.deepEqual(
        policy.origins.map(({ label }) => label),
        ["a policy that is too large or too deeply nested"],
      );
    });

    it("treats __proto__ as an ordinary key", () => {
      const text =
        '{"__proto__": {"paths": {"/a": {"get": {}}}}, "paths": {"__proto__": {"get": {}}, "/b": {"__proto__": {"get": {}}}}}';
      for (const body of [text, `# YAML\n${text}`]) assert.deepEqual(read(body).operations, []);
      assert.equal(({} as Record<string, unknown>).paths, undefined);
    });

    it("reports a document with more operations than an API can have", () => {
      const body = (paths: number): string =>
        `x: &op {x-amazon-apigateway-auth: {type: AWS_IAM}}\npaths:\n${Array.from({ length: paths }, (_, at) => `  /r${at}: {get: *op}`).join("\n")}`;
      const whole = read(body(MAX_OPERATIONS));
      assert.equal(whole.operations.length, MAX_OPERATIONS);
      assert.equal(whole.unknownOperations, undefined);
      const cut = read(body(MAX_OPERATIONS + 1));
      assert.equal(cut.operations.length, MAX_OPERATIONS);
      assert.deepEqual(
        cut.unknownOperations?.origins.map(({ label }) => label),
        [`all operations of a body after its first ${MAX_OPERATIONS}`],
      );
    });

    it("reports YAML of many megabytes as too large", () => {
      const found = readOpenApi(`paths: {}\n${"# note\n".repeat(1_000_000)}`);
      assert.ok(found instanceof Unknown);
      assert.deepEqual(
        found.origins.map(({ label }) => label),
        ["a YAML body of more than 6 MB"],
      );
    });

    for (const [name, body] of [
      ["a truncated JSON text", json.slice(0, -20)],
      ["a truncated JSON text of many megabytes", `${json.slice(0, -1)},"x":"${"x".repeat(2_000_000)}`],
      ["a truncated YAML text", "paths: {/orders: [unclosed"],
      ["a list", "[1, 2]"],
      ["a list of values that are not strings", [1]],
    ] as const)
      it(`rejects ${name}`, () => {
        const found = readOpenApi(body);
        assert.ok(found instanceof Unknown);
        assert.deepEqual(
          found.origins.map(({ label }) => label),
          ["a body that is not an OpenAPI document"],
        );
      });

    for (const [name, write] of [
      ["JSON", JSON.stringify],
      ["YAML", (value: unknown) => dump(value)],
    ] as const)
      it(`reads 5 MB of ${name} with 2,000 operations`, () => {
        const paths = Object.fromEntries(
          Array.from({ length: 1000 }, (_, at) => [
            `/orders/${at}`,
            {
              get: { description: "x".repeat(2400), "x-amazon-apigateway-integration": lambda },
              put: {
                description: "x".repeat(2400),
                security: [{ token: [] }],
                "x-amazon-apigateway-integration": lambda,
              },
            },
          ]),
        );
        const body = write({ paths, components: { securitySchemes } });
        assert.ok(body.length > 5_000_000);
        assert.equal(read(body).operations.length, 2000);
      });

    it("reads a long list of requirements once for all operations that share it", () => {
      let reads = 0;
      const requirement = (): object =>
        new Proxy(
          { iam: [] },
          {
            ownKeys(target) {
              reads++;
              return Reflect.ownKeys(target);
            },
          },
        );
      const readsFor = (operations: number): number => {
        const paths = Object.fromEntries(
          Array.from({ length: operations }, (_, at) => [`/orders/${at}`, { get: {} }]),
        );
        const security = Array.from({ length: 100 }, requirement);
        reads = 0;
        const body = read({ paths, security, components: { securitySchemes } });
        assert.equal(body.operations.length, operations);
        return reads;
      };
      assert.ok(readsFor(1) > 0);
      assert.equal(readsFor(200), readsFor(1));
    });
  });
});
