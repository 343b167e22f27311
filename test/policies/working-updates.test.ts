/** Updates of working stacks that replace, add or hide resources are not blocked. */
import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { findingLabel } from "../support/cases";
import {
  allowDocument,
  allowInvoke,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  shop,
  stage,
} from "../support/programs";
import { trustOf } from "../support/rest";

interface Update {
  readonly name: string;
  readonly program: () => void;
  /** The logical names of resources that are new or replaced. */
  readonly created: RegExp;
}

const { interpolate } = pulumi;
/** A literal grant on every function of the shop. */
const SHOP = ["lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"] as const;
const namedShop = () => shop({}, { name: "shop-orders" });
const queue = () => ["sqs:SendMessage", new aws.sqs.Queue("new-queue").arn] as const;

/** An API with one route, and its permission unless the integration has a credentials role. */
function route(
  uri: pulumi.Input<string>,
  integration: Partial<aws.apigateway.IntegrationArgs> = {},
): aws.apigateway.RestApi {
  const api = new aws.apigateway.RestApi("shop");
  stage("prod", api, [endpoint("orders", api, "GET", "orders", uri, {}, integration, "NONE")]);
  return api;
}

function gateway(args: Partial<aws.iam.RoleArgs> = {}): aws.iam.Role {
  return new aws.iam.Role("gateway", { assumeRolePolicy: trustOf("apigateway.amazonaws.com"), ...args });
}

const inlineOf = (role: aws.iam.Role, policy: aws.iam.RolePolicyArgs["policy"], name: string) =>
  new aws.iam.RolePolicy(name, { role: role.name, policy });

const UPDATES: readonly Update[] = [
  {
    name: "a queue in the inline policies of a role",
    created: /^new/,
    program: () => {
      const base = namedShop();
      const policy = pulumi.jsonStringify(allowDocument(executeApi(base), queue(), SHOP));
      caller("app", { inlinePolicies: [{ name: "calls", policy }] });
    },
  },
  {
    name: "a queue in a managed policy that the role lists",
    created: /^new/,
    program: () => {
      const base = namedShop();
      const policy = new aws.iam.Policy("calls", {
        policy: pulumi.jsonStringify(allowDocument(executeApi(base), queue(), SHOP)),
      });
      caller("app", { managedPolicyArns: [policy.arn] });
    },
  },
  {
    name: "a queue in a managed policy of several roles",
    created: /^new/,
    program: () => {
      const base = namedShop();
      const policy = new aws.iam.Policy("calls", {
        policy: pulumi.jsonStringify(allowDocument(executeApi(base), queue(), SHOP)),
      });
      const roles = [caller("app"), caller("batch")].map(({ name }) => name);
      new aws.iam.PolicyAttachment("calls", { roles, policyArn: policy.arn });
    },
  },
  {
    name: "a queue in the policy of a group",
    created: /^new/,
    program: () => {
      const base = namedShop();
      const group = new aws.iam.Group("staff");
      new aws.iam.GroupPolicy("staff", {
        group: group.name,
        policy: pulumi.jsonStringify(allowDocument(executeApi(base), queue(), SHOP)),
      });
    },
  },
  {
    name: "a new document with all grants, on an existing role",
    created: /^new/,
    program: () => {
      const base = namedShop();
      const role = caller("app");
      inlineOf(role, pulumi.jsonStringify(allowDocument(executeApi(base), queue(), SHOP)), "new-policy");
    },
  },
  {
    name: "a replaced role with its document",
    created: /^app/,
    program: () => {
      const base = namedShop();
      inlineOf(caller("app"), pulumi.jsonStringify(allowDocument(executeApi(base), SHOP)), "app-policy");
    },
  },
  {
    name: "a replaced function with its permission",
    created: /^orders(-in)?$/,
    program: () => {
      const base = shop();
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
    },
  },
  {
    name: "a replaced API with its routes",
    created: /^(shop|prod|orders-(path|method|integration))/,
    program: () => {
      const base = namedShop();
      inlineOf(caller("app"), pulumi.jsonStringify(allowDocument(executeApi(base), SHOP)), "calls");
    },
  },
  {
    name: "a replaced permission",
    created: /^in$/,
    program: () => {
      const fn = makeFunction("orders");
      const api = route(fn.invokeArn);
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/GET/orders`);
    },
  },
  {
    name: "a replaced credentials role with a literal grant",
    created: /^gateway/,
    program: () => {
      const fn = makeFunction("orders", { name: "shop-orders" });
      const role = gateway();
      inlineOf(role, pulumi.jsonStringify(allowDocument(SHOP)), "gateway-policy");
      route(fn.invokeArn, { credentials: role.arn });
    },
  },
  {
    name: "another function in the document of a credentials role",
    created: /^new/,
    program: () => {
      const fn = makeFunction("orders", { name: "shop-orders" });
      const otherFunction = makeFunction("new-function");
      const role = gateway();
      inlineOf(
        role,
        pulumi.jsonStringify(allowDocument(SHOP, ["lambda:InvokeFunction", otherFunction.arn])),
        "grants",
      );
      route(fn.invokeArn, { credentials: role.arn });
    },
  },
  {
    name: "a new role in the trust policy of a credentials role",
    created: /^new/,
    program: () => {
      const newRole = caller("new-role");
      const fn = makeFunction("orders");
      const role = gateway({
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
            { Effect: "Allow", Principal: { AWS: newRole.arn }, Action: "sts:AssumeRole" },
          ],
        }),
      });
      inlineOf(role, pulumi.jsonStringify(allowDocument(["lambda:InvokeFunction", fn.arn])), "grants");
      route(fn.invokeArn, { credentials: role.arn });
    },
  },
  {
    name: "a new permissions boundary, which is unknown",
    created: /^new/,
    program: () => {
      const base = shop();
      const boundary = new aws.iam.Policy("new-boundary", {
        policy: pulumi.jsonStringify(allowDocument(["*", "*"], queue())),
      });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { permissionsBoundary: boundary.arn });
    },
  },
  {
    name: "a VPC endpoint in the Deny of a resource policy",
    created: /^new/,
    program: () => {
      const base = shop();
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
      const endpointOfVpc = new aws.ec2.VpcEndpoint("new-endpoint", {
        vpcId: "vpc-0123456789abcdef0",
        serviceName: "com.amazonaws.us-east-1.execute-api",
      });
      const onEveryRoute = { Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
      new aws.apigateway.RestApiPolicy("policy", {
        restApiId: base.api.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", ...onEveryRoute },
            {
              Effect: "Deny",
              ...onEveryRoute,
              Condition: { StringEquals: { "aws:SourceVpce": endpointOfVpc.id } },
            },
          ],
        }),
      });
    },
  },
  {
    name: "a new version of a function behind an alias",
    created: /^live$/,
    program: () => {
      const fn = makeFunction("orders", { publish: true });
      const alias = new aws.lambda.Alias("live", {
        functionName: fn.name,
        functionVersion: fn.version,
        name: "live",
      });
      const api = route(alias.invokeArn);
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*`, { qualifier: alias.name });
    },
  },
];

describe("updates of working stacks", () => {
  for (const { name, program, created } of UPDATES) {
    it(`does not block an update with ${name}`, async () => {
      const planned = await plan(program, { as: { update: (resource) => !created.test(resource.name) } });
      const mandatory = (await check(planned)).filter(({ level }) => level === "mandatory");
      assert.deepEqual(mandatory.map(findingLabel), [], mandatory.map(({ message }) => message).join("\n"));
    });

    it(`reports no findings once deployed: ${name}`, async () => {
      const found = await check(await plan(program, { as: "deployed" }));
      assert.deepEqual(found.filter(({ level }) => level === "mandatory").map(findingLabel), []);
    });
  }
});
