import assert from "node:assert/strict";
import type { SourceArnMismatch } from "../../messages/policies/lambda-permission-source-arn";
import { sourceArnMismatch } from "../../policies/lambda-permission-source-arn";
import { PERMISSION, permission, source, testFindings, UNKNOWN } from "../support/resources";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";

testFindings("lambda-permission-source-arn", PERMISSION, permission, [
  ["every route", source(`${API}/*`), 0],
  ["every stage, method and path", source(`${API}/*/*/*`), 0],
  ["a route", source(`${API}/prod/GET/orders/{id}`), 0],
  ["the root", source(`${API}/*/GET/`), 0],
  ["the root with any method", source(`${API}/*/*/`), 0],
  ["an authorizer", source(`${API}/authorizers/abc123`), 0],
  ["the $default route of an HTTP API", source(`${API}/*/$default`), 0],
  ["a WebSocket route", source(`${API}/prod/$connect`), 0],
  ["any API of the account", source("arn:aws:execute-api:us-east-1:123456789012:*/*"), 0],
  ["region in China", source("arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/*/*"), 0],
  ["path that contains undefined", source(`${API}/*/GET/undefinedness`), 0],
  [
    "GovCloud region with the commercial partition",
    source("arn:aws:execute-api:us-gov-west-1:123456789012:abcdef1234/*"),
    "region us-gov-west-1 is in aws-us-gov",
  ],
  [
    "commercial region with China's partition",
    source("arn:aws-cn:execute-api:us-east-1:123456789012:abcdef1234/*"),
    "region us-east-1 is in aws",
  ],
  ["path that ends in null", source(`${API}/*/GET/null`), 0],
  ["Python Output converted to a string", source("Calling __str__ on an Output[T] is not supported./*"), 1],
  ["unknown source ARN", source(UNKNOWN), 0],
  ["no source ARN", {}, 0],
  ["bucket's ARN for S3", { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::bucket" }, 0],
  ["bare execution ARN", source(API), "ends before the stage"],
  // HTTP APIs present such source ARNs, and the ARN does not contain the form of the API; see
  // route-function-permission.
  ["ANY as the method", source(`${API}/*/ANY/orders`), 0],
  ["trailing slash", source(`${API}/*/GET/orders/`), 0],
  [
    "apigateway ARN, which is for managing the API",
    source("arn:aws:apigateway:us-east-1::/restapis/abcdef1234"),
    "arn:aws:apigateway",
  ],
  ["wildcard for the region", source("arn:aws:execute-api:*:123456789012:abcdef1234/*"), "no wildcard"],
  ["wildcard for the account", source("arn:aws:execute-api:us-east-1:*:abcdef1234/*"), "no wildcard"],
  ["undefined", source("arn:aws:execute-api:us-east-1:123456789012:undefined/*/*"), "converted to a string"],
  ["None", source("arn:aws:execute-api:us-east-1:None:abcdef1234/*/*"), "converted to a string"],
  [
    "[object Object]",
    source("arn:aws:execute-api:us-east-1:123456789012:[object Object]/*/*"),
    "converted to a string",
  ],
  [
    "Output converted to a string",
    source("Calling [toString] on an [Output<T>] is not supported./*/*"),
    "converted to a string",
  ],
  ["not an ARN", source("abcdef1234/*/*"), "not an ARN"],
  ["no slash before the path", source(`${API}/*/GETorders`), 0],
  ["empty region", source("arn:aws:execute-api::123456789012:abcdef1234/*"), "region or account is empty"],
  ["object instead of an ARN", source({ arn: API }), 0],
  ["thousands of wildcards", source(`${API}/${"*a".repeat(1500)}`), 0],
]);

const partition = (found: string, expected: string, region?: string): SourceArnMismatch => ({
  code: "partition",
  partition: found,
  expected,
  ...(region === undefined ? {} : { region }),
});

/** Rows without `stack` are in partition `aws`. */
const MISMATCHES: readonly (readonly [
  arn: string,
  expected: SourceArnMismatch | undefined,
  stack?: string | undefined,
])[] = [
  [`${API}/*`, undefined],
  [`${API}/prod/GET/orders/{id}`, undefined],
  [`${API}/*/*/`, undefined],
  [`${API}/*/$default`, undefined],
  [`${API}/authorizers/abc123`, undefined],
  [`${API}/*/ANY/orders`, undefined],
  [`${API}/*/GET/null`, undefined],
  [API, { code: "too-short" }],
  [`${API}/prod`, { code: "too-short" }],
  ["arn:aws:execute-api:us-east-1:123456789012:undefined/*/*", { code: "leftover" }],
  ["Calling [toString] on an [Output<T>] is not supported./*", { code: "leftover" }],
  ["arn:aws:apigateway:us-east-1::/restapis/abcdef1234", { code: "management-arn" }],
  ["abcdef1234/*/*", { code: "not-an-arn" }],
  ["arn:aws:execute-api:us-east-1:123456789012", { code: "not-an-arn" }],
  ["arn:aws:execute-api:*:123456789012:abcdef1234/*", { code: "wildcard" }],
  ["arn:aws:execute-api:us-east-1:?:abcdef1234/*", { code: "wildcard" }],
  ["arn:aws:s3:us-east-1:123456789012:abcdef1234/*", { code: "other-service", service: "s3" }],
  ["arn:aws::us-east-1:123456789012:abcdef1234/*", { code: "other-service", service: "" }],
  ["arn:aws:execute-api::123456789012:abcdef1234/*", { code: "empty-field" }],
  ["arn:aws:execute-api:us-east-1::abcdef1234/*", { code: "empty-field" }],
  ["arn:aws:execute-api:cn-north-1:1:a/*", partition("aws", "aws-cn", "cn-north-1")],
  // The region determines the partition in any stack.
  ["arn:aws-cn:execute-api:cn-north-1:1:a/*", undefined, "aws"],
  // For an unknown region the stack's partition applies, if it is known.
  ["arn:aws:execute-api:moon-1:1:a/*", partition("aws", "aws-cn"), "aws-cn"],
  ["arn:aws:execute-api:moon-1:1:a/*", undefined, undefined],
  ["arn:AWS 1:execute-api:us-east-1:1:a/*", partition("AWS 1", "aws", "us-east-1")],
  // Only the first problem of an ARN is reported.
  ["arn:aws:execute-api:cn-north-1:1:a", partition("aws", "aws-cn", "cn-north-1")],
  [`${API}/${"*a".repeat(1500)}`, undefined],
];

describe("lambda-permission-source-arn on facts", () => {
  for (const [arn, expected, ...stack] of MISMATCHES)
    it(`reports ${expected?.code ?? "no mismatch"} for ${arn.slice(0, 80)}${stack.length === 0 ? "" : `, in ${stack[0]}`}`, () => {
      assert.deepEqual(sourceArnMismatch(arn, stack.length === 0 ? "aws" : stack[0]), expected);
    });
});
