/** A document that AWS only formats differently is not drift. A document with another meaning is. */
import * as assert from "node:assert/strict";
import { sameDocument } from "../../account/drift/documents";
import { Unknown } from "../../iam";

const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";
const base = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: ["123456789012", "arn:aws:iam::123456789012:role/caller"] },
      Action: ["execute-api:Invoke", "lambda:InvokeFunction"],
      Resource: "execute-api:/*",
      Condition: {
        StringEquals: { "aws:SourceVpce": ["vpce-1", "vpce-2"] },
        Bool: { "aws:SecureTransport": true },
      },
    },
  ],
};
type Parts = Readonly<Record<string, unknown>>;
const [baseStatement] = base.Statement;
const withParts = (parts: Parts, more: Parts = {}): Parts => ({
  ...base,
  ...more,
  Statement: [{ ...baseStatement, ...parts }],
});

const EQUIVALENT_DOCUMENTS: readonly (readonly [
  difference: string,
  document: unknown,
  equivalent: unknown,
])[] = [
  ["whitespace", JSON.stringify(base, undefined, 4), JSON.stringify(base)],
  ["escaped slashes", JSON.stringify(base), JSON.stringify(base).replaceAll("/", "\\/")],
  ["the type: a string or an object", JSON.stringify(base), base],
  ["the order of keys", withParts({}), { Statement: base.Statement, Version: base.Version }],
  ["the order of lists", base, withParts({ Action: ["lambda:InvokeFunction", "execute-api:Invoke"] })],
  [
    "the form of a single value: a list or a string",
    withParts({ Action: ["a:B"] }),
    withParts({ Action: "a:B" }),
  ],
  ["the form of a single statement: a list or an object", base, { ...base, Statement: baseStatement }],
  [
    "the order of statements",
    { ...base, Statement: [baseStatement, { ...baseStatement, Effect: "Deny" }] },
    { ...base, Statement: [{ ...baseStatement, Effect: "Deny" }, baseStatement] },
  ],
  ["repeated statements", base, { ...base, Statement: [baseStatement, baseStatement] }],
  ["the case of actions", base, withParts({ Action: ["EXECUTE-API:invoke", "lambda:invokefunction"] })],
  [
    "the form of an account: its ID or its root ARN",
    base,
    withParts({
      Principal: { AWS: ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/caller"] },
    }),
  ],
  ["the form of everyone", withParts({ Principal: "*" }), withParts({ Principal: { AWS: "*" } })],
  [
    "the form of a deleted role: its ARN or its unique ID",
    base,
    withParts({ Principal: { AWS: ["arn:aws:iam::123456789012:root", "AROAJQABLZS4A3QDU576Q"] } }),
  ],
  ["the form of a Resource in a REST API's resource policy", base, withParts({ Resource: `${API}/*` })],
  ["a Version that AWS adds", base, { Statement: base.Statement }],
  ["an Id and a Sid", withParts({ Sid: "a" }, { Id: "default" }), base],
  [
    "the case of condition keys and operators",
    base,
    withParts({
      Condition: {
        stringEquals: { "AWS:sourcevpce": ["vpce-2", "vpce-1"] },
        Bool: { "aws:SecureTransport": "true" },
      },
    }),
  ],
  ["an empty Condition", withParts({ Condition: {} }), withParts({ Condition: undefined })],
  ["an unknown value", base, withParts({ Action: new Unknown() })],
  ["a partly unknown string", base, new Unknown()],
  ["text that is not JSON", base, "{"],
];

const OTHER: readonly (readonly [difference: string, different: unknown])[] = [
  ["another effect", withParts({ Effect: "Deny" })],
  [
    "an additional action",
    withParts({ Action: ["execute-api:Invoke", "lambda:InvokeFunction", "s3:GetObject"] }),
  ],
  ["another resource", withParts({ Resource: "execute-api:/prod/*" })],
  ["another resource of the API", withParts({ Resource: `${API}/prod/*` })],
  ["another principal", withParts({ Principal: { AWS: "arn:aws:iam::123456789012:role/other" } })],
  ["another kind of principal", withParts({ Principal: { Service: "123456789012" } })],
  ["NotPrincipal", withParts({ Principal: undefined, NotPrincipal: baseStatement?.Principal })],
  ["NotAction", withParts({ Action: undefined, NotAction: baseStatement?.Action })],
  [
    "a missing condition",
    withParts({ Condition: { StringEquals: { "aws:SourceVpce": ["vpce-1", "vpce-2"] } } }),
  ],
  [
    "another operator",
    withParts({
      Condition: {
        StringLike: { "aws:SourceVpce": ["vpce-1", "vpce-2"] },
        Bool: { "aws:SecureTransport": true },
      },
    }),
  ],
  [
    "another case of a value",
    withParts({
      Condition: { ...baseStatement?.Condition, StringEquals: { "aws:SourceVpce": ["VPCE-1", "vpce-2"] } },
    }),
  ],
  ["another Version", { ...base, Version: "2008-10-17" }],
  ["a missing statement", { ...base, Statement: [] }],
];

describe("sameDocument", () => {
  for (const [difference, document, equivalent] of EQUIVALENT_DOCUMENTS)
    it(`is true for a difference in ${difference}`, () => {
      assert.ok(sameDocument(document, equivalent));
      assert.ok(sameDocument(equivalent, document));
    });

  for (const [difference, different] of OTHER)
    it(`is false for ${difference}`, () => {
      assert.ok(!sameDocument(base, different));
      assert.ok(!sameDocument(different, base));
    });
});
