import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { showConfigurationProblem } from "../../messages/configuration";
import {
  type ConfigurationOptions,
  configKeys,
  configSchema,
  DEFAULT_SETTINGS,
  exemptionFor,
  readSettings,
  type Settings,
  unusedExemptions,
} from "../../policies/framework/configuration";
import { matchesGlob, matchesPrincipal, matchesRoute } from "../../policies/framework/patterns";

const ALL: ConfigurationOptions = { whenUnknown: true, callers: true };
const TODAY = new Date("2026-06-15T23:59:59Z");

const urn = (name: string): string => `urn:pulumi:dev::shop::aws:iam/role:Role::${name}`;
const resource = (name: string): { urn: string; name: string } => ({ urn: urn(name), name });
const exempting = (...patterns: string[]): Settings => ({
  ...DEFAULT_SETTINGS,
  exempt: patterns.map((pattern) => ({ resource: pattern, reason: "agreed", expired: false })),
});

/** Throws on every read, as the SDK's proxy does for an unknown value. */
function unreadable(target: object): object {
  return new Proxy(target, {
    get() {
      throw new Error("unknown during preview");
    },
  });
}

/** Throws on every operation. */
function hostile(): object {
  const refuse = (): never => {
    throw new Error("no");
  };
  return new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse, getOwnPropertyDescriptor: refuse });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

function cyclic(): object {
  const entry: Record<string, unknown> = { resource: "app", reason: "agreed" };
  entry.self = entry;
  return { exempt: [entry] };
}

/** The messages about exemptions without effect. */
function unusedMessages(...args: Parameters<typeof unusedExemptions>): readonly string[] {
  return unusedExemptions(...args).map(showConfigurationProblem);
}

describe("configuration", () => {
  describe("readSettings accepts", () => {
    const cases: [string, unknown, Partial<Settings>][] = [
      ["no configuration", undefined, {}],
      ["null", null, {}],
      ["an empty object", {}, {}],
      ["empty lists and nulls", { exempt: [], callers: null, whenUnknown: null }, {}],
      ["the enforcementLevel that the SDK adds", { enforcementLevel: "advisory" }, {}],
      [
        "an exemption without until",
        { exempt: [{ resource: "legacy-*", reason: "goes in May" }] },
        { exempt: [{ resource: "legacy-*", reason: "goes in May", expired: false }] },
      ],
      [
        "an exemption on the day of until",
        { exempt: [{ resource: "app", reason: "agreed", until: "2026-06-15" }] },
        { exempt: [{ resource: "app", reason: "agreed", until: "2026-06-15", expired: false }] },
      ],
      [
        "an exemption on the day after until, as expired",
        { exempt: [{ resource: "app", reason: "agreed", until: "2026-06-14" }] },
        { exempt: [{ resource: "app", reason: "agreed", until: "2026-06-14", expired: true }] },
      ],
      [
        "a leap day in until",
        { exempt: [{ resource: "app", reason: "agreed", until: "2028-02-29" }] },
        { exempt: [{ resource: "app", reason: "agreed", until: "2028-02-29", expired: false }] },
      ],
      ["prove", { whenUnknown: "prove" }, { whenUnknown: "prove" }],
      ["a caller of every route", { callers: [{ principal: "app" }] }, { callers: [{ principal: "app" }] }],
      [
        "a caller with routes",
        {
          callers: [
            {
              principal: "arn:aws:iam::*:role/team-*",
              routes: ["GET /orders/{id}", "any /*", "*", "orders-api GET /x", "My Chat API $connect"],
            },
          ],
        },
        {
          callers: [
            {
              principal: "arn:aws:iam::*:role/team-*",
              routes: ["GET /orders/{id}", "any /*", "*", "orders-api GET /x", "My Chat API $connect"],
            },
          ],
        },
      ],
    ];
    for (const [name, raw, expected] of cases)
      it(name, () => {
        const { settings, problems } = readSettings(raw, ALL, TODAY);
        assert.deepEqual(problems, []);
        assert.deepEqual(settings, { ...DEFAULT_SETTINGS, ...expected });
      });
  });

  describe("readSettings reports and uses the defaults for", () => {
    const cases: [string, unknown, string[]][] = [
      ["a list", [], ["configuration: expected an object, got a list"]],
      ["a number", 7, ["configuration: expected an object, got a number"]],
      ["a string", "exempt", ["configuration: expected an object, got a string"]],
      ["an unknown key", { color: 1 }, ["color: unknown key"]],
      ["a misspelled key", { exmpt: [] }, ['exmpt: unknown key, did you mean "exempt"?']],
      [
        "a key in the wrong case",
        { whenunknown: "prove" },
        ['whenunknown: unknown key, did you mean "whenUnknown"?'],
      ],
      [
        "the key __proto__",
        JSON.parse('{"__proto__": {"whenUnknown": "prove"}}'),
        ["__proto__: unknown key"],
      ],
      ["an object in place of a list", { exempt: {} }, ["exempt: expected a list, got an object"]],
      [
        "an unknown mode",
        { whenUnknown: "proof" },
        ['whenUnknown: "proof" is neither "infer" nor "prove"; "infer" applies'],
      ],
      [
        "a string in place of an entry",
        { exempt: ["app"] },
        ["exempt[0]: expected {resource, reason, until?}, got a string"],
      ],
      ["an exemption without a reason", { exempt: [{ resource: "app" }] }, ["exempt[0].reason: is missing"]],
      [
        "an exemption with an empty reason",
        { exempt: [{ resource: "app", reason: " \n" }] },
        ["exempt[0].reason: is empty"],
      ],
      [
        "an exemption with an empty resource",
        { exempt: [{ resource: "", reason: "x" }] },
        ["exempt[0].resource: is empty"],
      ],
      [
        "an exemption whose resource is a number",
        { exempt: [{ resource: 5, reason: "x" }] },
        ["exempt[0].resource: expected text, got a number"],
      ],
      [
        "a day that does not exist in until",
        { exempt: [{ resource: "a", reason: "x", until: "2026-13-45" }] },
        ['exempt[0].until: "2026-13-45" is not a date (YYYY-MM-DD)'],
      ],
      [
        "29 February of a common year in until",
        { exempt: [{ resource: "a", reason: "x", until: "2026-02-29" }] },
        ['exempt[0].until: "2026-02-29" is not a date (YYYY-MM-DD)'],
      ],
      [
        "a date with a time in until",
        { exempt: [{ resource: "a", reason: "x", until: "2026-01-01T00:00:00Z" }] },
        ['exempt[0].until: "2026-01-01T00:00:00Z" is not a date (YYYY-MM-DD)'],
      ],
      [
        "a number in until",
        { exempt: [{ resource: "a", reason: "x", until: 20260101 }] },
        ["exempt[0].until: 20260101 is not a date (YYYY-MM-DD)"],
      ],
      [
        "a misspelled until, without which the exemption never expires",
        { exempt: [{ resource: "a", reason: "x", untill: "2026-01-01" }] },
        ['exempt[0].untill: unknown key, did you mean "until"?'],
      ],
      ["a caller without a principal", { callers: [{}] }, ["callers[0].principal: is missing"]],
      [
        "a caller that is a session ARN",
        { callers: [{ principal: "arn:aws:sts::111122223333:assumed-role/app/me" }] },
        [
          'callers[0].principal: "arn:aws:sts::111122223333:assumed-role/app/me" is the ARN of a session; ' +
            "name the role (arn:aws:iam::…:role/…) instead",
        ],
      ],
      [
        "a caller that is the ARN of a bucket",
        { callers: [{ principal: "arn:aws:s3:::bucket" }] },
        ['callers[0].principal: "arn:aws:s3:::bucket" is not the ARN of an IAM role or user'],
      ],
      [
        "a caller that is neither an ARN nor a name",
        { callers: [{ principal: "role/app" }] },
        ['callers[0].principal: "role/app" is neither an ARN nor the name of a role or user'],
      ],
      [
        "a caller with an empty list of routes",
        { callers: [{ principal: "app", routes: [] }] },
        ["callers[0].routes: is empty; omit it to include every IAM-authorized route"],
      ],
      [
        "a caller with malformed routes",
        { callers: [{ principal: "app", routes: ["GET /x", "/x", "GET x", 5] }] },
        [
          'callers[0].routes[1]: "/x" is not a route ("GET /orders/{id}", "ANY /*" or "orders-api GET /orders/{id}")',
          'callers[0].routes[2]: "GET x" is not a route ("GET /orders/{id}", "ANY /*" or "orders-api GET /orders/{id}")',
          'callers[0].routes[3]: 5 is not a route ("GET /orders/{id}", "ANY /*" or "orders-api GET /orders/{id}")',
        ],
      ],
      ["a cyclic object", cyclic(), ["exempt[0].self: unknown key"]],
      [
        "properties that throw when they are read",
        unreadable({ exempt: [] }),
        ["exempt: expected a list, got a value that cannot be read"],
      ],
      [
        "an entry whose properties throw when they are read",
        { exempt: [unreadable({ resource: "a", reason: "x" })] },
        [
          "exempt[0].resource: expected text, got a value that cannot be read",
          "exempt[0].reason: expected text, got a value that cannot be read",
        ],
      ],
      ["an entry that throws on every operation", { exempt: [hostile()] }, ["exempt[0]: could not be read"]],
      [
        "an object that throws on every operation",
        hostile(),
        ["configuration: could not be read; the defaults apply"],
      ],
      ["a revoked proxy", revoked(), ["configuration: could not be read; the defaults apply"]],
    ];
    for (const [name, raw, expected] of cases)
      it(name, () => {
        const { settings, problems } = readSettings(raw, ALL, TODAY);
        assert.deepEqual(problems.map(showConfigurationProblem), expected);
        assert.deepEqual(settings, DEFAULT_SETTINGS);
      });

    it("one malformed entry and keeps the others", () => {
      const { settings, problems } = readSettings(
        {
          exempt: [{ resource: "a", reason: "x" }, null, { resource: "b", reason: "y" }],
          whenUnknown: "prove",
        },
        ALL,
        TODAY,
      );
      assert.deepEqual(problems.map(showConfigurationProblem), [
        "exempt[1]: expected {resource, reason, until?}, got null",
      ]);
      assert.deepEqual(
        settings.exempt.map((entry) => entry.resource),
        ["a", "b"],
      );
      assert.equal(settings.whenUnknown, "prove");
    });

    it("a key that only other policies have", () => {
      const raw = { callers: [{ principal: "app" }], whenUnknown: "prove" };
      const { settings, problems } = readSettings(raw, {}, TODAY);
      assert.deepEqual(problems.map(showConfigurationProblem), [
        "callers: unknown key",
        "whenUnknown: unknown key",
      ]);
      assert.deepEqual(settings, DEFAULT_SETTINGS);
    });

    it("at most 50 problems, each in fewer than 200 characters", () => {
      const endless = "x".repeat(1_000_000);
      const raw = {
        exempt: Array.from({ length: 5_000 }, () => ({ resource: "a", reason: "x", until: endless })),
      };
      const { settings, problems } = readSettings(raw, ALL, TODAY);
      assert.equal(problems.length, 50);
      const sentences = problems.map(showConfigurationProblem);
      assert.equal(sentences[0], "exempt: has 5000 entries; only the first 1000 are read");
      assert.equal(sentences.at(-1), "and 952 more problems");
      assert.ok(sentences.every((sentence) => sentence.length < 200));
      assert.deepEqual(settings.exempt, []);
    });

    it("no expiry when the clock is invalid", () => {
      const raw = { exempt: [{ resource: "a", reason: "x", until: "1999-01-01" }] };
      const { settings, problems } = readSettings(raw, ALL, new Date(Number.NaN));
      assert.deepEqual(problems, []);
      assert.equal(settings.exempt[0]?.expired, false);
    });
  });

  it("readSettings never throws and always returns valid settings", () => {
    const key = fc.constantFrom(
      "exempt",
      "whenUnknown",
      "callers",
      "resource",
      "reason",
      "until",
      "routes",
      "x",
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.anything({
          maxDepth: 1,
          maxKeys: 3,
          withNullPrototype: true,
          withBigInt: true,
          withDate: true,
          withSparseArray: true,
        }),
        fc.dictionary(key, tie("node")),
        fc.array(tie("node"), { maxLength: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (raw) => {
        const { settings, problems } = readSettings(raw, ALL, TODAY);
        assert.ok(settings.whenUnknown === "infer" || settings.whenUnknown === "prove");
        for (const entry of settings.exempt) assert.ok(entry.resource !== "" && entry.reason !== "");
        for (const entry of settings.callers) assert.ok(entry.principal !== "" && entry.routes?.length !== 0);
        for (const problem of problems) assert.match(showConfigurationProblem(problem), /^.+/);
      }),
      { numRuns: 1_000 },
    );
  });

  describe("configSchema", () => {
    const cases: [string, ConfigurationOptions, string[]][] = [
      ["of a resource policy has only exempt", {}, ["exempt"]],
      ["of a policy about routes has whenUnknown", { whenUnknown: true }, ["exempt", "whenUnknown"]],
      ["of a policy about callers has callers", ALL, ["exempt", "whenUnknown", "callers"]],
    ];
    for (const [name, options, keys] of cases)
      it(name, () => {
        const schema = configSchema(options);
        assert.deepEqual(Object.keys(schema.properties), keys);
        assert.deepEqual(configKeys(options), keys);
        assert.equal(schema.required, undefined);
        for (const property of Object.values(schema.properties))
          assert.ok((property.description ?? "").length > 20);
      });

    it("uses only the keywords that Pulumi supports", () => {
      const supported = new Set(
        "type enum items properties description default minItems uniqueItems required pattern format".split(
          " ",
        ),
      );
      const visit = (schema: object): void => {
        for (const [keyword, value] of Object.entries(schema)) {
          assert.ok(supported.has(keyword), keyword);
          if (keyword === "properties")
            for (const nested of Object.values(value as object)) visit(nested as object);
          if (keyword === "items") visit(value as object);
        }
      };
      for (const property of Object.values(configSchema(ALL).properties)) visit(property);
    });

    it("has valid defaults that are equal to no configuration", () => {
      const defaults = Object.fromEntries(
        Object.entries(configSchema(ALL).properties).map(([key, property]) => [key, property.default]),
      );
      assert.deepEqual(readSettings(defaults, ALL, TODAY), { settings: DEFAULT_SETTINGS, problems: [] });
    });
  });

  describe("exemptionFor", () => {
    const cases: [string, string, boolean][] = [
      ["matches the name", "app", true],
      ["matches the URN", urn("app"), true],
      ["matches the URN with wildcards", "*::aws:iam/role:Role::a*", true],
      ["matches every name with a single wildcard", "*", true],
      ["does not match part of the name", "ap", false],
      ["does not match a longer name", "app-2", false],
      ["does not match the name in another case", "App", false],
      ["does not evaluate the pattern as a regular expression", ".*", false],
    ];
    for (const [name, pattern, expected] of cases)
      it(name, () => {
        assert.equal(exemptionFor(exempting(pattern), resource("app")) !== undefined, expected);
      });

    it("skips an expired exemption and applies the next", () => {
      const settings: Settings = {
        ...DEFAULT_SETTINGS,
        exempt: [
          { resource: "app", reason: "old", until: "2020-01-01", expired: true },
          { resource: "a*", reason: "new", expired: false },
        ],
      };
      assert.equal(exemptionFor(settings, resource("app"))?.reason, "new");
    });
  });

  describe("unusedExemptions", () => {
    it("reports once each exemption that matches no resource or has expired", () => {
      const settings: Settings = {
        ...DEFAULT_SETTINGS,
        exempt: [
          { resource: "app", reason: "x", expired: false },
          { resource: "gone", reason: "x", expired: false },
          { resource: "gone", reason: "twice", expired: false },
          { resource: "app", reason: "x", until: "2020-01-01", expired: true },
        ],
      };
      assert.deepEqual(unusedMessages(settings, [resource("other"), resource("app")]), [
        'exempt: "app" expired at the end of 2020-01-01; it exempts nothing',
        'exempt: "gone" matches no resource of this stack',
      ]);
    });

    it("reports no exemption that matches a resource", () => {
      assert.deepEqual(unusedExemptions(exempting("a*", urn("b")), [resource("app"), resource("b")]), []);
    });

    it("reports no exemption that names another stack or project", () => {
      const urnIn = (stack: string): string => `urn:pulumi:${stack}::aws:iam/role:Role::gone`;
      const settings = exempting(
        urnIn("prod::shop"),
        urnIn("dev::warehouse"),
        urnIn("dev::shop"),
        urnIn("*::shop"),
        "urn:x",
      );
      assert.deepEqual(unusedMessages(settings, [resource("app")]), [
        `exempt: "${urnIn("dev::shop")}" matches no resource of this stack`,
        `exempt: "${urnIn("*::shop")}" matches no resource of this stack`,
        'exempt: "urn:x" matches no resource of this stack',
      ]);
    });

    it("does not read resources if there is no exemption", () => {
      const resources: Iterable<{ urn: string; name: string }> = {
        [Symbol.iterator]() {
          throw new Error("looked");
        },
      };
      assert.deepEqual(unusedExemptions(DEFAULT_SETTINGS, resources), []);
    });
  });

  describe("matchesRoute", () => {
    const route = { apiName: "orders-api", verb: "GET", path: "/orders/{id}" };
    const cases: [string, string, Partial<typeof route>, boolean][] = [
      ["method and path", "GET /orders/{id}", {}, true],
      ["method in lower case", "get /orders/{id}", {}, true],
      ["another method", "POST /orders/{id}", {}, false],
      ["ANY", "ANY /orders/{id}", {}, true],
      ["wildcard for the method", "* /orders/{id}", {}, true],
      ["a method of an ANY route", "POST /orders/{id}", { verb: "ANY" }, true],
      ["wildcard for the path", "GET /*", {}, true],
      ["wildcard for the path, root", "GET /*", { path: "/" }, true],
      ["wildcard for the path, $default route", "ANY /*", { verb: "ANY", path: "$default" }, true],
      ["wildcard below a path", "ANY /orders/*", {}, true],
      ["wildcard below a path, the path itself", "ANY /orders/*", { path: "/orders" }, false],
      ["another name for the path parameter", "GET /orders/{orderId}", {}, true],
      ["a greedy parameter for a simple one", "GET /orders/{proxy+}", {}, false],
      ["another name for the greedy parameter", "GET /{p+}", { path: "/{proxy+}" }, true],
      ["a trailing slash", "GET /orders/", { path: "/orders" }, true],
      ["the root", "GET /", { path: "/" }, true],
      ["the root for another path", "GET /", {}, false],
      ["the API's name", "orders-api GET /orders/{id}", {}, true],
      ["the API's name with a wildcard", "orders-* GET /*", {}, true],
      ["the API's name with spaces", "My Orders GET /*", { apiName: "My Orders" }, true],
      ["another API", "carts-api GET /orders/{id}", {}, false],
      ["an API named GET", "GET GET /*", { apiName: "GET" }, true],
      ["a single wildcard", "*", {}, true],
      ["a wildcard for an API", "orders-api *", {}, true],
      ["a wildcard for another API", "carts-api *", {}, false],
      ["a route key", "$connect", { verb: "ANY", path: "$connect" }, true],
      ["a route key of an API", "orders-api $connect", { verb: "ANY", path: "$connect" }, true],
      ["a path without a method", "/orders/{id}", {}, false],
      ["a blank", " ", {}, false],
      ["a regular expression", "GET /(a+)+$", {}, false],
    ];
    for (const [name, pattern, patch, expected] of cases)
      it(`${expected ? "matches" : "does not match"} ${name}: ${pattern}`, () => {
        assert.equal(matchesRoute(pattern, { ...route, ...patch }), expected);
      });
  });

  describe("matchesPrincipal", () => {
    const arn = "arn:aws:iam::111122223333:role/app";
    const cases: [string, string, { arn?: string; name: string }, boolean][] = [
      ["matches the ARN", arn, { arn, name: "app" }, true],
      ["does not match another account", "arn:aws:iam::999999999999:role/app", { arn, name: "app" }, false],
      ["matches a wildcard for the account", "arn:aws:iam::*:role/app", { arn, name: "app" }, true],
      ["matches the name", "app", { arn, name: "app" }, true],
      ["matches the name with a wildcard", "a*", { name: "app" }, true],
      ["matches the ARN by the name while the ARN is unknown", arn, { name: "app" }, true],
      ["does not match the ARN of another name while the ARN is unknown", arn, { name: "web" }, false],
      [
        "does not match a path while the ARN is unknown",
        "arn:aws:iam::*:role/service/*",
        { name: "app" },
        false,
      ],
      [
        "matches a path",
        "arn:aws:iam::*:role/service/*",
        { arn: "arn:aws:iam::1:role/service/a", name: "a" },
        true,
      ],
      [
        "does not match an account while the ARN is unknown",
        "arn:aws:iam::111122223333:*",
        { name: "app" },
        false,
      ],
    ];
    for (const [name, pattern, principal, expected] of cases)
      it(name, () => {
        assert.equal(matchesPrincipal(pattern, principal), expected);
      });
  });

  describe("matchesGlob", () => {
    it("agrees with an exhaustive search", () => {
      const slow = (pattern: string, text: string): boolean => {
        if (pattern === "") return text === "";
        if (pattern[0] !== "*")
          return pattern[0] === text[0] && text !== "" && slow(pattern.slice(1), text.slice(1));
        return Array.from({ length: text.length + 1 }).some((_, skip) =>
          slow(pattern.slice(1), text.slice(skip)),
        );
      };
      const letters = (alphabet: string): fc.Arbitrary<string> =>
        fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
      fc.assert(
        fc.property(letters("ab*"), letters("ab"), (pattern, text) => {
          assert.equal(matchesGlob(pattern, text), slow(pattern, text));
        }),
        { numRuns: 5_000 },
      );
    });

    it("matches 50,000 wildcards against a long text without backtracking", () => {
      assert.equal(matchesGlob(`${"a*".repeat(50_000)}b`, "a".repeat(1_000_000)), false);
    });
  });
});
