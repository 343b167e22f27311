import assert from "node:assert/strict";
import { readStack, type SeenResource } from "../../stack";

const urn = (type: string, name: string): string => `urn:pulumi:dev::project::${type}::${name}`;
const resourceWith = (type: string, name: string, props: Record<string, unknown>): SeenResource =>
  ({ type, name, urn: urn(type, name), props, propertyDependencies: {} }) as unknown as SeenResource;

const API = resourceWith("aws:apigateway/restApi:RestApi", "api", { id: "abc123", name: "api" });
const withPolicy = (policy: string): SeenResource =>
  resourceWith("aws:apigateway/restApi:RestApi", "api", { id: "abc123", name: "api", policy });
const POLICY = resourceWith("aws:apigateway/restApiPolicy:RestApiPolicy", "policy", {
  restApiId: "abc123",
  policy: '{"Statement":[]}',
});

describe("the resource policy of a REST API is", () => {
  const labels = (...resources: SeenResource[]): readonly string[] | undefined =>
    readStack(resources, "infer").apis[0]?.policies.map(({ label }) => label);
  it("none", () => assert.deepEqual(labels(API), []));
  it("none for an empty argument", () => assert.deepEqual(labels(withPolicy("")), []));
  it("the policy argument", () =>
    assert.deepEqual(labels(withPolicy('{"Statement":[]}')), ["resource policy of RestApi api"]));
  it("a RestApiPolicy", () =>
    assert.deepEqual(labels(API, POLICY), ["resource policy of RestApiPolicy policy"]));
  it("a RestApiPolicy instead of the argument and the output", () =>
    assert.deepEqual(labels(withPolicy('{"Version":"2012-10-17"}'), POLICY), [
      "resource policy of RestApiPolicy policy",
    ]));
  it("the policy argument next to a RestApiPolicy of another API", () => {
    const policyOfOtherApi = resourceWith("aws:apigateway/restApiPolicy:RestApiPolicy", "policy", {
      restApiId: "xyz789",
      policy: "{}",
    });
    assert.deepEqual(labels(withPolicy("{}"), policyOfOtherApi), ["resource policy of RestApi api"]);
  });
});
