/** What AWS writes in a way of its own is not a drift; what says something else is. */
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
const [own] = base.Statement;
const withParts = (parts: Parts, more: Parts = {}): Parts => ({
  ...base,
  ...more,
  Statement: [{ ...own, ...parts }],
});

const SAME: readonly (readonly [what: string, one: unknown, other: unknown])[] = [
  ["whitespace", JSON.stringify(base, undefined, 4), JSON.stringify(base)],
  ["escaped slashes", JSON.stringify(base), JSON.stringify(base).replaceAll("/", "\\/")],
  ["text and an object", JSON.stringify(base), base],
  ["the order of keys", withParts({}), { Statement: base.Statement, Version: base.Version }],
  ["the order of lists", base, withParts({ Action: ["lambda:InvokeFunction", "execute-api:Invoke"] })],
  ["a list of one", withParts({ Action: ["a:B"] }), withParts({ Action: "a:B" })],
  ["one statement that is not a list", base, { ...base, Statement: own }],
  [
    "the order of statements",
    { ...base, Statement: [own, { ...own, Effect: "Deny" }] },
    { ...base, Statement: [{ ...own, Effect: "Deny" }, own] },
  ],
  ["a statement twice", base, { ...base, Statement: [own, own] }],
  ["letters' case of actions", base, withParts({ Action: ["EXECUTE-API:invoke", "lambda:invokefunction"] })],
  [
    "an account for its root",
    base,
    withParts({
      Principal: { AWS: ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/caller"] },
    }),
  ],
  ["everyone in either form", withParts({ Principal: "*" }), withParts({ Principal: { AWS: "*" } })],
  [
    "the id of a role that was deleted",
    base,
    withParts({ Principal: { AWS: ["arn:aws:iam::123456789012:root", "AROAJQABLZS4A3QDU576Q"] } }),
  ],
  ["which API a Resource is of", base, withParts({ Resource: `${API}/*` })],
  ["a Version that AWS added", base, { Statement: base.Statement }],
  ["an Id and a Sid", withParts({ Sid: "a" }, { Id: "default" }), base],
  [
    "letters' case of condition keys and operators",
    base,
    withParts({
      Condition: {
        stringEquals: { "AWS:sourcevpce": ["vpce-2", "vpce-1"] },
        Bool: { "aws:SecureTransport": "true" },
      },
    }),
  ],
  ["an empty Condition", withParts({ Condition: {} }), withParts({ Condition: undefined })],
  ["a value that is not shown", base, withParts({ Action: new Unknown() })],
  ["a text that is not shown", base, new Unknown()],
  ["what is not JSON", base, "{"],
];

const OTHER: readonly (readonly [what: string, other: unknown])[] = [
  ["an effect", withParts({ Effect: "Deny" })],
  ["an action more", withParts({ Action: ["execute-api:Invoke", "lambda:InvokeFunction", "s3:GetObject"] })],
  ["another resource", withParts({ Resource: "execute-api:/prod/*" })],
  ["another resource of the API", withParts({ Resource: `${API}/prod/*` })],
  ["another principal", withParts({ Principal: { AWS: "arn:aws:iam::123456789012:role/other" } })],
  ["another kind of principal", withParts({ Principal: { Service: "123456789012" } })],
  ["everyone else", withParts({ Principal: undefined, NotPrincipal: own?.Principal })],
  ["all other actions", withParts({ Action: undefined, NotAction: own?.Action })],
  [
    "a condition less",
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
    "letters' case of a value",
    withParts({ Condition: { ...own?.Condition, StringEquals: { "aws:SourceVpce": ["VPCE-1", "vpce-2"] } } }),
  ],
  ["another Version", { ...base, Version: "2008-10-17" }],
  ["no statement", { ...base, Statement: [] }],
];

describe("the same document", () => {
  for (const [what, one, other] of SAME)
    it(`is so with ${what} of AWS's own`, () => {
      assert.ok(sameDocument(one, other));
      assert.ok(sameDocument(other, one));
    });

  for (const [what, other] of OTHER)
    it(`is another one with ${what}`, () => {
      assert.ok(!sameDocument(base, other));
      assert.ok(!sameDocument(other, base));
    });
});
