/** The meaning of each error of API Gateway: the gates that can have failed. */
import * as assert from "node:assert/strict";
import { type Failure, failureOf } from "../../diagnose/failures";
import { recordOf } from "../../diagnose/records/fields";
import { showFailureMeaning } from "../../messages/log-failures";

const CONFIGURATION = "Execution failed due to configuration error:";
const INVALID = `${CONFIGURATION} Invalid permissions on Lambda function`;
const USER = "User: arn:aws:sts::123456789012:assumed-role/caller/me";
const ROUTE = "arn:aws:execute-api:us-east-1:********9012:abc/live/GET/orders";

const INVOKING = ["route-function", "role-function", "caller-function", "integration-request"];
const CALLING = ["resource-policy", "caller-route"];
const AUTHORIZER = ["authorizer-function"];

function failed(values: Record<string, unknown>): Failure | undefined {
  const record = recordOf(Object.entries(values), new Map());
  assert.ok(record !== undefined, JSON.stringify(values));
  return failureOf(record);
}

describe("failureOf", () => {
  for (const [values, kind, gates] of [
    // Messages of REST APIs.
    [{ status: 500, "integration.error": INVALID }, "function-not-invoked", INVOKING],
    [
      {
        status: 500,
        "error.message": "Internal server error",
        "error.responseType": "API_CONFIGURATION_ERROR",
      },
      "function-not-invoked",
      INVOKING,
    ],
    [
      { status: 500, integrationError: "API Gateway does not have permission to assume the provided role" },
      "role-not-assumed",
      ["role-function", ...AUTHORIZER],
    ],
    [
      {
        status: 500,
        integrationError: `${CONFIGURATION} API Gateway does not have permission to assume the provided role`,
      },
      "role-not-assumed",
      ["role-function", ...AUTHORIZER],
    ],
    [
      {
        status: 403,
        message: `${USER} is not authorized to perform: execute-api:Invoke on resource: ${ROUTE}`,
      },
      "caller-not-authorized",
      CALLING,
    ],
    [
      {
        status: 403,
        message: `${USER} is not authorized to perform: execute-api:Invoke on resource: ${ROUTE} with an explicit deny in an identity-based policy`,
      },
      "caller-not-authorized",
      CALLING,
    ],
    [{ status: 403, responseType: "ACCESS_DENIED", message: "Forbidden" }, "forbidden", CALLING],
    // Messages of HTTP APIs.
    [
      {
        status: 500,
        integrationErrorMessage:
          "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.",
      },
      "function-not-invoked",
      INVOKING,
    ],
    [
      {
        status: 500,
        integrationErrorMessage:
          "API Gateway doesn't have permissions to assume the IAM role configured on the integration. Check the permissions and try again.",
      },
      "role-not-assumed",
      ["role-function", ...AUTHORIZER],
    ],
    [
      {
        status: 500,
        authorizerError:
          "The IAM role configured on the authorizer or API Gateway doesn't have permissions to call the authorizer. Check the permissions and try again.",
      },
      "authorizer-not-invoked",
      AUTHORIZER,
    ],
    [{ status: 500, integrationStatus: "403" }, "server-error", [...INVOKING, ...AUTHORIZER]],
    // Authorizers fail with the messages of integrations, in other fields.
    [
      { status: 500, integrationError: INVALID, responseType: "AUTHORIZER_CONFIGURATION_ERROR" },
      "authorizer-not-invoked",
      AUTHORIZER,
    ],
    [{ status: 500, "authorizer.error": INVALID }, "authorizer-not-invoked", AUTHORIZER],
    [
      { status: 500, integrationError: INVALID, authorizerError: `${CONFIGURATION} Authorizer error` },
      "authorizer-not-invoked",
      AUTHORIZER,
    ],
    [
      { status: 500, authorizerError: "API Gateway does not have permission to assume the provided role" },
      "role-not-assumed",
      AUTHORIZER,
    ],
    // A request that Lambda rejects as malformed.
    [
      { status: 500, integrationError: "Unable to determine service/operation name to be authorized" },
      "function-not-invoked",
      ["integration-request"],
    ],
    [
      { status: 500, integrationError: `${CONFIGURATION} Invalid endpoint address` },
      "function-not-invoked",
      ["integration-request"],
    ],
    // Caller credentials: messages of IAM.
    [
      {
        status: 500,
        integrationError: `${USER} is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders because no identity-based policy allows the lambda:InvokeFunction action`,
      },
      "function-not-invoked",
      INVOKING,
    ],
    // Records with only a status.
    [{ status: 500 }, "server-error", [...INVOKING, ...AUTHORIZER]],
    [{ status: 403 }, "forbidden", CALLING],
    [{ status: 403, authenticateStatus: 200, authorizeStatus: 403 }, "forbidden", CALLING],
  ] as const)
    it(`${kind}: ${JSON.stringify(values).slice(0, 150)}`, () => {
      const failure = failed(values);
      assert.deepEqual([failure?.kind, [...(failure?.gates ?? [])].sort()], [kind, [...gates].sort()]);
    });

  for (const [values, meaning] of [
    [
      {
        status: 500,
        integrationError: `${CONFIGURATION} No match for output mapping and no default endpoint configured. Endpoint Response Status Code: 200`,
        responseType: "API_CONFIGURATION_ERROR",
      },
      /was invoked/,
    ],
    [{ status: 502, integrationError: `${CONFIGURATION} Malformed Lambda proxy response` }, /was invoked/],
    [
      {
        status: 500,
        integrationError:
          'The response from the Lambda function doesn\'t match the format that API Gateway expects. Lambda body contains the wrong type for field "headers"',
      },
      /was invoked/,
    ],
    [
      {
        status: 500,
        integrationError: `${CONFIGURATION} Unable to transform request`,
        responseType: "API_CONFIGURATION_ERROR",
      },
      /configuration is wrong/,
    ],
    [{ status: 504, integrationError: "Endpoint request timed out" }, /longer/],
    [
      { status: 500, integrationError: "Lambda invocation failed with status: 429. Lambda request id: 8" },
      /limit/,
    ],
    [
      { status: 500, integrationError: "Lambda invocation failed with status: 404. Lambda request id: 8" },
      /does not exist/,
    ],
    [{ status: 500, integrationStatus: "200" }, /see (its|the function's) log/],
    [{ status: 403, integrationStatus: "403" }, /see (its|the function's) log/],
    [{ status: 403, authorizeStatus: 200 }, /denied later/],
    [{ status: 403, authenticateStatus: 403 }, /expired/],
    [{ status: 403, message: "Missing Authentication Token" }, /not signed/],
    [{ status: 403, message: "The security token included in the request is expired" }, /expired/],
    [
      {
        status: 403,
        message: "The request signature we calculated does not match the signature you provided.",
      },
      /signature/,
    ],
    [
      { status: 403, message: "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z" },
      /signature/,
    ],
    [
      {
        status: 403,
        message: `${USER} is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:123456789012:abc/live/POST/@connections/x`,
      },
      /ManageConnections/,
    ],
    [
      {
        status: 500,
        integrationError: `${USER} is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/t`,
      },
      /an action that no route requires/,
    ],
    [
      { status: 403, message: "User is not authorized to access this resource with an explicit deny" },
      /authorizer denied/,
    ],
    [{ status: 401, responseType: "UNAUTHORIZED" }, /token/],
    [{ status: 429, responseType: "THROTTLED" }, /limit/],
    [{ status: 404 }, /a missing IAM permission/],
  ] as const)
    it(`not caused by IAM: ${JSON.stringify(values).slice(0, 150)}`, () => {
      const failure = failed(values);
      assert.deepEqual(failure?.gates, []);
      assert.ok(failure?.meaning !== undefined);
      assert.match(showFailureMeaning(failure.meaning), meaning);
    });

  it("names the organization if the message does", () => {
    const message = `${USER} is not authorized to perform: execute-api:Invoke on resource: ${ROUTE} with an explicit deny in a service control policy`;
    assert.equal(failed({ status: 403, message })?.byOrganization, true);
  });

  it("is undefined for a successful request", () => {
    for (const status of [200, 204, 301, 101]) assert.equal(failed({ status }), undefined);
  });
});
