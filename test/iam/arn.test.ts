import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type ArnUse,
  arnLike,
  arnMismatch,
  compileArn,
  executeApiArn,
  functionArn,
  matchArn,
  parseFunctionArn,
  parseInvocationUri,
  roleArn,
  show,
  splitArn,
  type Text,
  type Trilean,
  text,
  userArn,
} from "../../iam";
import { ACCOUNT, API, FUNCTION, FUNCTION_ARN, hole, property } from "./support";

const account = hole("digits", { id: "account" });
const region = hole("word", { id: "region" });
const f = hole("word", { id: "f", universe: "functions" });
const g = hole("word", { id: "g", universe: "functions" });
const api = hole("word", { id: "api", universe: "apis" });
const whole = hole("any", { id: "whole" });
const at = { partition: ["aws"], region: [region], account: [account] } as const;

describe("Resource patterns", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
  const cases: readonly [string, Text, Text, Trilean, ArnUse?][] = [
    ["* matches every ARN", ["*"], FUNCTION, "yes"],
    ["* matches an unknown ARN", ["*"], [whole], "yes"],
    ["the ARN itself", [FUNCTION_ARN], FUNCTION, "yes"],
    ["ARNs are case-sensitive", [FUNCTION_ARN.toUpperCase().replace("ARN", "arn")], FUNCTION, "no"],
    ["another function", [`${FUNCTION_ARN}2`], FUNCTION, "no"],
    ["another partition", [FUNCTION_ARN.replace("aws", "aws-cn")], FUNCTION, "no"],
    ["wildcards in every field that supports them", ["arn:*:lambda:*:*:function:*"], FUNCTION, "yes"],
    ["* for the resource", ["arn:aws:lambda:*:*:*"], FUNCTION, "yes"],
    ["* crosses the colons inside the resource", [`${FUNCTION_ARN}*`], [`${FUNCTION_ARN}:live`], "yes"],
    ["an unqualified ARN does not match a qualified one", [FUNCTION_ARN], [`${FUNCTION_ARN}:live`], "no"],
    ["NAME:* does not match the unqualified ARN", [`${FUNCTION_ARN}:*`], FUNCTION, "no"],
    ["a wildcard in the service", ["arn:aws:lamb*:*:*:*"], FUNCTION, "unknown"],
    ["a wildcard in the service that does not match", ["arn:aws:s*:*:*:*"], FUNCTION, "no"],
    ["a wildcard in the resource type", ["arn:aws:lambda:*:*:functi*:orders"], FUNCTION, "unknown"],
    [
      "a single-character wildcard in the resource type",
      ["arn:aws:lambda:*:*:function?orders"],
      FUNCTION,
      "unknown",
    ],
    [
      "a wildcard in the resource type with another function",
      ["arn:aws:lambda:*:*:functi*:users"],
      FUNCTION,
      "no",
    ],
    [
      "a wildcard does not match colons if the fields correspond",
      ["arn:aws:lambda:us-east-1:*:orders"],
      FUNCTION,
      "no",
    ],
    [
      "a wildcard in part of an account does not match colons",
      ["arn:aws:lambda:us-east-1:1?*:orders"],
      FUNCTION,
      "no",
    ],
    [
      "fields that correspond by coincidence",
      ["arn:aws:lambda:*:function:orders:live"],
      [`${FUNCTION_ARN}:live`],
      "unknown",
    ],
    ["an incomplete ARN is completed with wildcards", ["arn:aws:lambda"], FUNCTION, "yes"],
    ["an incomplete ARN with a *", ["arn:aws:lambda:*"], FUNCTION, "yes"],
    ["an incomplete ARN in a resource-based policy", ["arn:aws:lambda"], FUNCTION, "no", "resource"],
    [
      "an incomplete ARN with a * in a resource-based policy",
      ["arn:aws:lambda:*"],
      FUNCTION,
      "unknown",
      "resource",
    ],
    ["fields that do not correspond", ["arn:aws:lambda:*:function:orders"], FUNCTION, "unknown"],
    ["not an ARN, which IAM rejects", ["orders"], FUNCTION, "unknown"],
    ["not an ARN, with an unknown part", [hole("word")], FUNCTION, "unknown"],
    ["an empty pattern", [], FUNCTION, "unknown"],
    ["** instead of *", ["**"], FUNCTION, "unknown"],
    [
      "not an ARN, in a resource-based policy",
      ["execute-api:*"],
      [`${API}/prod/GET/pets`],
      "unknown",
      "resource",
    ],
    ["execute-api: all requests to an API", [`${API}/*`], [`${API}/prod/GET/pets`], "yes"],
    ["execute-api: the API without a tail", [API], [`${API}/prod/GET/pets`], "no"],
    ["execute-api: all stages", [`${API}/*/GET/pets`], [`${API}/prod/GET/pets`], "yes"],
    ["execute-api: the root path", [`${API}/*/GET/*`], [`${API}/prod/GET/`], "yes"],
    ["execute-api: everything", ["arn:aws:execute-api:*:*:*"], [`${API}/prod/GET/pets`], "yes"],
    ["execute-api: another method", [`${API}/prod/POST/*`], [`${API}/prod/GET/pets`], "no"],
    ["short form of API policies", ["execute-api:/*"], [`${API}/prod/GET/pets`], "yes", "resource"],
    [
      "short form, stage and method",
      ["execute-api:/prod/GET/*"],
      [`${API}/prod/GET/pets`],
      "yes",
      "resource",
    ],
    ["short form, another stage", ["execute-api:/dev/*"], [`${API}/prod/GET/pets`], "no", "resource"],
    ["short form for a function", ["execute-api:/*"], FUNCTION, "no", "resource"],
    ["short form on an unknown ARN", ["execute-api:/*"], [whole], "unknown", "resource"],
    [
      "short form on an unknown service",
      ["execute-api:/*"],
      text("arn:aws:", hole(), ":us-east-1:1:abc/prod/GET/pets"),
      "unknown",
      "resource",
    ],
    ["short form on an ARN without a stage", ["execute-api:/*"], [API], "no", "resource"],
    [
      "short form with an unknown part",
      text("execute-api:/", hole(), "/*"),
      [`${API}/prod/GET/`],
      "unknown",
      "resource",
    ],
    ["short form in an identity-based policy", ["execute-api:/*"], [`${API}/prod/GET/pets`], "unknown"],
    ["a function of this stack", functionArn({ ...at, name: [f] }), functionArn({ ...at, name: [f] }), "yes"],
    [
      "another function of this stack",
      functionArn({ ...at, name: [g] }),
      functionArn({ ...at, name: [f] }),
      "no",
    ],
    [
      "another function under wildcards",
      text("arn:aws:lambda:*:*:function:", g),
      functionArn({ ...at, name: [f] }),
      "no",
    ],
    [
      "a wildcard matches an unknown account",
      ["arn:aws:lambda:*:*:function:orders"],
      functionArn({ ...at, name: ["orders"] }),
      "yes",
    ],
    [
      "a literal account may match an unknown account",
      [FUNCTION_ARN],
      functionArn({ ...at, name: ["orders"] }),
      "unknown",
    ],
    [
      "an invalid account",
      ["arn:aws:lambda:*:me:function:orders"],
      functionArn({ ...at, name: ["orders"] }),
      "no",
    ],
    ["an unknown Resource", [whole], FUNCTION, "unknown"],
    [
      "an unknown Resource whose known end matches",
      text(whole, ":live"),
      [`${FUNCTION_ARN}:live`],
      "unknown",
    ],
    ["an unknown Resource whose known end does not match", text(whole, ":live"), FUNCTION, "no"],
    ["an unknown ARN equals itself", [whole], [whole], "yes"],
    ["an unknown ARN and all its qualifiers", text(whole, ":*"), text(whole, ":live"), "yes"],
    ["an unknown ARN in two objects with the same id", text({ ...whole }, ":*"), text(whole, ":live"), "yes"],
    [
      "an unknown ARN and a wildcard that may match colons",
      text(whole, "*"),
      text(whole, ":live"),
      "unknown",
    ],
    ["an unknown ARN and the beginning of a qualifier", text(whole, ":li*"), text(whole, ":live"), "yes"],
    ["an unknown ARN and an unknown qualifier", text(whole, ":*"), text(whole, ":", f), "yes"],
    [
      "an unknown ARN and unknown text that may contain colons",
      text(whole, ":*"),
      text(whole, ":", hole("any")),
      "unknown",
    ],
    ["an unknown ARN and a qualifier with a colon", text(whole, ":li*"), text(whole, ":li:ve"), "unknown"],
    ["two unknown ARNs", text(hole("any"), ":*"), text(whole, ":live"), "unknown"],
    ["an unknown ARN after known text", text("arn:", whole, "*"), text("arn:", whole, "x"), "yes"],
    ["an unknown ARN followed by different holes", text("arn:", whole, f), text("arn:", whole, g), "unknown"],
    ["an unknown ARN with longer known text", text(whole, "ab*"), text(whole, "a"), "unknown"],
    ["an unknown ARN and another qualifier", text(whole, ":dev"), text(whole, ":live"), "no"],
    ["an unknown ARN that may be incomplete", text(whole, ":lambda"), FUNCTION, "unknown"],
    ["an unknown ARN whose known end cannot match", text(whole, ":s3"), FUNCTION, "no"],
    ["an unknown ARN whose known end is not a whole field", text(whole, "/lambda"), FUNCTION, "no"],
    ["an unknown ARN with six fields", text(whole, "::::lambda:orders:"), FUNCTION, "no"],
    [
      "an unknown ARN that may have six fields",
      text(whole, ":", hole("any"), ":lambda"),
      FUNCTION,
      "unknown",
    ],
    [
      "an unknown ARN that is not completed in a resource-based policy",
      text(whole, ":lambda"),
      FUNCTION,
      "no",
      "resource",
    ],
    [
      "a pattern and an ARN with different unknown parts",
      text(whole, ":lambda"),
      text(hole("any"), ":function:f"),
      "unknown",
    ],
    [
      "a pattern with fewer known parts than the ARN",
      text(whole, ":dev"),
      text(whole, ":", f, ":live"),
      "unknown",
    ],
    [
      "different unknown parts before the same number of colons",
      text(whole, ":lambda"),
      text(hole("any"), ":f"),
      "unknown",
    ],
    ["an unknown ARN and text that is not a name", text(whole, ":dev/"), text(whole, ":", f), "no"],
    [
      "an unknown ARN and further unknown text",
      text(whole, ":dev:y"),
      text(whole, ":", hole("any"), ":x"),
      "unknown",
    ],
    ["the short form on another service", ["execute-api:/*"], ["arn:aws:s3:::a/b"], "no", "resource"],
    [
      "an account with letters, wildcards over colons",
      ["arn:aws:lambda:*:function:a"],
      ["arn:aws:lambda:r:1:function:a"],
      "unknown",
    ],
    [
      "an account of wildcards",
      ["arn:aws:lambda:*:1?*:function:b"],
      ["arn:aws:lambda:r:1:x:12:function:b"],
      "no",
    ],
  ];
  for (const [name, pattern, subject, expected, use] of cases)
    it(name, () => assert.equal(matchArn(pattern, subject, use), expected));
});

describe("ArnLike", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
  const called = [`${API}/prod/GET/pets`];
  const cases: readonly [string, Text, Text, Trilean][] = [
    ["the ARN itself", called, called, "yes"],
    ["all of the API", [`${API}/*`], called, "yes"],
    ["the API alone", [API], called, "no"],
    ["neither value is an ARN", ["x*"], ["xy"], "unknown"],
    [
      "stage and method for a route with two segments",
      [`${API}/*/*/$default`],
      [`${API}/prod/$default`],
      "no",
    ],
    ["two segments for a route with two segments", [`${API}/*/$default`], [`${API}/prod/$default`], "yes"],
    ["three segments for an authorizer", [`${API}/*/*/*`], [`${API}/authorizers/x1`], "no"],
    ["two segments for an authorizer", [`${API}/*/*`], [`${API}/authorizers/x1`], "yes"],
    ["text that is not an ARN", ["orders"], called, "no"],
    ["a bare *, which is not an ARN", ["*"], called, "unknown"],
    ["a * across colons", ["arn:aws:execute-api:*:abc123/*"], called, "unknown"],
    ["an unknown value", [`${API}/*`], [whole], "unknown"],
    ["a wildcard service is allowed here", ["arn:aws:exec*:*:*:*"], called, "yes"],
    ["an empty account", [API.replace(ACCOUNT, "").concat("/*")], called, "no"],
    ["an incomplete ARN is not completed", ["arn:aws:execute-api"], called, "no"],
    ["the ANY that API Gateway never sends", [`${API}/*/ANY/pets`], called, "no"],
    ["the template of a path", [`${API}/*/GET/pets/{id}`], [`${API}/prod/GET/pets/{id}`], "yes"],
    ["another parameter's name", [`${API}/*/GET/pets/{petId}`], [`${API}/prod/GET/pets/{id}`], "no"],
  ];
  for (const [name, pattern, subject, expected] of cases)
    it(name, () => assert.equal(arnLike(pattern, subject), expected));
});

describe("the mismatching segment of a pattern", () => {
  const cases: readonly [Text, Text, string | undefined][] = [
    [[FUNCTION_ARN], FUNCTION, undefined],
    [[FUNCTION_ARN.replace("aws", "aws-cn")], FUNCTION, "partition"],
    [[API], FUNCTION, "service"],
    [[FUNCTION_ARN.replace("us-east-1", "eu-west-1")], FUNCTION, "region"],
    [[FUNCTION_ARN.replace(ACCOUNT, "999999999999")], FUNCTION, "account"],
    [["arn:aws:lambda:*:*:layer:orders"], FUNCTION, "resource-type"],
    [["arn:aws:lambda:*:*:function:users"], FUNCTION, "function-name"],
    [[`${FUNCTION_ARN}:live`], FUNCTION, "qualifier"],
    [[FUNCTION_ARN], [`${FUNCTION_ARN}:live`], "qualifier"],
    [[`${API.replace("abc123", "xyz")}/*`], [`${API}/prod/GET/pets`], "api-id"],
    [[`${API}/dev/*`], [`${API}/prod/GET/pets`], "stage"],
    [[`${API}/*/POST/*`], [`${API}/prod/GET/pets`], "verb"],
    [[`${API}/*/GET/orders`], [`${API}/prod/GET/pets`], "path"],
    [[`${API}/prod/$connect`], [`${API}/prod/$default`], "route-key"],
    [[API], [`${API}/prod/GET/pets`], "stage"],
    [[`${API}/pr*`], [`${API}/dev/GET/pets`], "stage"],
    [[`${API}/*/pets`], [`${API}/prod/GET/orders`], "path"],
    [["arn:aws:sqs:*:*:a"], ["arn:aws:sqs:us-east-1:1:b"], "resource"],
  ];
  for (const [pattern, subject, segment] of cases)
    it(`${show(pattern)} on ${show(subject)}: ${segment}`, () =>
      assert.equal(arnMismatch(compileArn(pattern, "identity"), subject).segment, segment));
  it("distinguishes varying values from unknown values", () => {
    const id = hole("segment", { varies: true });
    const route = executeApiArn({ ...at, apiId: [api], tail: text("prod/GET/pets/", id) });
    const varies = (tail: string, apiId: Text = [api]): boolean =>
      arnMismatch(compileArn(executeApiArn({ ...at, apiId, tail: [tail] }), "identity"), route).varies;
    assert.equal(varies("*/GET/pets/a1"), true);
    assert.equal(varies("*/GET/pets/a1", ["abc"]), false);
    assert.equal(varies("*/POST/pets/a1"), false);
    assert.equal(varies("*/GET/pets"), false);
  });
});

describe("ARNs in parts", () => {
  it("are split and joined", () => {
    const arn = functionArn({ ...at, name: [f], qualifier: ["live"] });
    assert.equal(show(arn), "arn:aws:lambda:<test>:<test>:function:<test>:live");
    const parts = splitArn(arn);
    assert.deepEqual(parts?.account, [account]);
    assert.deepEqual(parts?.resource, ["function:", f, ":live"]);
    assert.equal(
      show(roleArn({ partition: ["aws"], account: ["1"], path: ["/a/"], name: ["r"] })),
      "arn:aws:iam::1:role/a/r",
    );
    assert.equal(show(userArn({ partition: ["aws"], account: ["1"], name: ["u"] })), "arn:aws:iam::1:user/u");
    assert.equal(
      show(executeApiArn({ ...at, apiId: ["a"], tail: ["s/GET/"] })),
      "arn:aws:execute-api:<test>:<test>:a/s/GET/",
    );
  });
  for (const value of [
    ["x"],
    [],
    ["arn:aws:s3"],
    [whole],
    ["arn:", whole, ":lambda:r:a:function:f"],
    ["brn:a:b:c:d:e"],
  ] as Text[])
    it(`are not split: ${show(value)}`, () => assert.equal(splitArn(value), undefined));
  it("are split at choices without a colon", () => {
    const choice = (...oneOf: string[]): Text =>
      text("arn:aws:lambda:r:", hole("any", { oneOf }), ":function:f");
    assert.deepEqual(splitArn(choice("1", "2"))?.resource, ["function:f"]);
    assert.equal(splitArn(choice("1", "a:b")), undefined);
    assert.equal(splitArn(choice("a:b", "c:d")), undefined);
  });
  it("are split before a hole that may contain colons", () =>
    assert.deepEqual(splitArn(["arn:aws:lambda:r:1:", whole])?.resource, [whole]));
});

describe("names of functions", () => {
  // https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html#lambda-AddPermission-request-FunctionName
  const cases: readonly [Text, Record<string, Text> | undefined][] = [
    [["orders"], { name: ["orders"] }],
    [["orders:live"], { name: ["orders"], qualifier: ["live"] }],
    [["orders:$LATEST"], { name: ["orders"], qualifier: ["$LATEST"] }],
    [[`${ACCOUNT}:function:orders`], { account: [ACCOUNT], name: ["orders"] }],
    [
      [`us-east-1:${ACCOUNT}:function:orders:1`],
      { region: ["us-east-1"], account: [ACCOUNT], name: ["orders"], qualifier: ["1"] },
    ],
    [["function:orders"], { name: ["orders"] }],
    [["function:orders:live"], { name: ["orders"], qualifier: ["live"] }],
    [[FUNCTION_ARN], { partition: ["aws"], region: ["us-east-1"], account: [ACCOUNT], name: ["orders"] }],
    [[f], { name: [f] }],
    [
      functionArn({ ...at, name: [f], qualifier: [g] }),
      { partition: ["aws"], region: [region], account: [account], name: [f], qualifier: [g] },
    ],
    [["orders-${stageVariables.v}:live"], { name: ["orders-${stageVariables.v}"], qualifier: ["live"] }],
    [[whole], undefined],
    [[], undefined],
    [["arn:aws:lambda:us-east-1:1:layer:x"], undefined],
    [["arn:aws:sqs:us-east-1:1:function:x"], undefined],
    [["a:b:c"], undefined],
    [["orders:"], undefined],
    [[":orders"], undefined],
    [["function:"], undefined],
    [["function:orders:live:x"], undefined],
    [["a:b:c:function:x"], undefined],
    [["arn:aws:lambda:us-east-1:1:function"], undefined],
    [["arn:aws:lambda:us-east-1:1:function:"], undefined],
    [["arn:aws:lambda:us-east-1:1:function::q"], undefined],
    [["arn:aws:lambda:us-east-1:1:function:f:q:z"], undefined],
    [text(f, "/x"), undefined],
    [["path/2015-03-31/functions"], undefined],
  ];
  for (const [value, expected] of cases)
    it(show(value) || "nothing", () => assert.deepEqual(parseFunctionArn(value), expected));
});

describe("invocation URIs", () => {
  const uri = (path: string, arn: Text = FUNCTION, end = "/invocations"): Text =>
    text("arn:aws:apigateway:us-east-1:lambda:path/", path, "/functions/", arn, end);
  const cases: readonly [string, Text, Text | undefined, boolean?][] = [
    ["plain", uri("2015-03-31"), FUNCTION],
    ["an extra slash", uri("/2015-03-31"), FUNCTION],
    ["streaming", uri("2021-11-15", FUNCTION, "/response-streaming-invocations"), FUNCTION, true],
    ["streaming date, plain end", uri("2021-11-15"), undefined],
    ["plain date, streaming end", uri("2015-03-31", FUNCTION, "/response-streaming-invocations"), undefined],
    ["holes inside", uri("2015-03-31", functionArn({ ...at, name: [f] })), functionArn({ ...at, name: [f] })],
    ["an unknown function", uri("2015-03-31", [whole]), [whole]],
    [
      "a stage variable",
      uri("2015-03-31", text(FUNCTION_ARN, ":${stageVariables.v}")),
      [`${FUNCTION_ARN}:\${stageVariables.v}`],
    ],
    ["no function", uri("2015-03-31", []), undefined],
    ["no end", uri("2015-03-31", FUNCTION, ""), undefined],
    [
      "no path",
      [`arn:aws:apigateway:us-east-1:lambda:x/2015-03-31/functions/${FUNCTION_ARN}/invocations`],
      undefined,
    ],
    [
      "another word of the same length",
      [`arn:aws:apigateway:us-east-1:lambda:home/2015-03-31/functions/${FUNCTION_ARN}/invocations`],
      undefined,
    ],
    ["an unknown path", text("arn:aws:apigateway:us-east-1:lambda:", whole, "/invocations"), undefined],
    ["an unknown end", uri("2015-03-31", FUNCTION, "").concat(whole), undefined],
    ["a function's ARN", FUNCTION, undefined],
    ["another service", ["arn:aws:apigateway:us-east-1:sqs:path/1/q"], undefined],
    ["unknown", [whole], undefined],
  ];
  for (const [name, value, arn, streaming = false] of cases)
    it(name, () => assert.deepEqual(parseInvocationUri(value), arn && { functionArn: arn, streaming }));
});

describe("laws of ARNs", () => {
  const piece = fc.string({ unit: fc.constantFrom(..."arn:lambdfuctio*?/1"), maxLength: 12 });
  it("an ARN matches itself, and never throws", () =>
    property(
      2_000,
      fc.property(piece, piece, (a, b) => {
        const arn: Text = [`arn:aws:lambda:r:1:function:${a.replace(/[*?]/g, "")}`];
        assert.equal(matchArn(arn, arn), "yes");
        for (const use of ["identity", "resource", "condition"] as const)
          assert.match(arnMismatch(compileArn(text(a), use), text(b)).match, /yes|no|unknown/);
        parseFunctionArn(text(a));
        parseInvocationUri(text(a));
      }),
    ));
});
