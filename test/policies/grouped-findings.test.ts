import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { MOMENTS } from "../support/cases";
import { endpoint, makeFunction } from "../support/programs";
import { allow, trustOf } from "../support/rest";

const POLICY = "iam-route-caller-lambda-invoke";
/** More APIs than a finding lists. */
const APIS = 14;
const CALLERS = 15;

/** Callers that are allowed to call every API and to invoke no function. */
function manyApis(): void {
  const apis = Array.from({ length: APIS }, (_, at) => {
    const api = new aws.apigateway.RestApi(`api-${at}`, { name: `api-${at}` });
    const fn = makeFunction(`fn-${at}`);
    endpoint(`orders-${at}`, api, "GET", "orders", fn.invokeArn);
    new aws.lambda.Permission(`permission-${at}`, {
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      function: fn.name,
      sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
    });
    return api;
  });
  for (let at = 0; at < CALLERS; at += 1) {
    const role = new aws.iam.Role(`caller-${at}`, {
      assumeRolePolicy: trustOf("arn:aws:iam::123456789012:root"),
    });
    new aws.iam.RolePolicy(`calls-${at}`, {
      role: role.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: apis.map((api) => allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)),
      }),
    });
  }
}

describe("callers without permissions on the functions of many APIs", () => {
  for (const as of MOMENTS) {
    it(`get one finding each, with their functions and routes (${as})`, async () => {
      const found = (await check(await plan(manyApis, { as }))).filter(({ policy }) => policy === POLICY);
      assert.deepEqual(
        found.map(({ name }) => name).sort(),
        Array.from({ length: CALLERS }, (_, at) => `caller-${at}`).sort(),
      );
      for (const { message } of found) {
        for (let at = 0; at < APIS; at += 1) assert.match(message, new RegExp(`\\bfn-${at}\\b`));
        assert.equal(message.match(/^ {2}- function fn-\d+-\w+ is called by /gm)?.length, 12, message);
        assert.match(message, /^ {2}- 2 more functions$/m);
        assert.equal(message.match(/"Action": "lambda:InvokeFunction"/g)?.length, 1, message);
      }
    });
  }
});
