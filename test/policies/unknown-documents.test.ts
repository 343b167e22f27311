import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, type Finding, type PlanOptions, plan } from "../../testing";
import { Native } from "../support/native";
import {
  allowDocument,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  routeWithAuthorizer,
  shop,
  stage,
} from "../support/programs";
import { trustOf } from "../support/rest";

/**
 * Unknown policy documents. A new document of a new principal allows inferences from its dependencies; an existing
 * document, and a new document of an existing principal, may contain any grant.
 */

type Statement = ReturnType<typeof executeApi>;
type Statements = readonly Statement[];
/** Creates a principal with one document for each list of statements. */
type AssignDocuments = (name: string, documents: readonly Statements[]) => void;

const json = (statements: Statements) => pulumi.jsonStringify(allowDocument(...statements));
const nativeRole = (name: string, inputs: pulumi.Inputs = {}) =>
  new Native("iam:Role", name, { assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"), ...inputs }, [
    "arn",
  ]);

/** Every way to give a document to a principal. */
const DOCUMENT_FORMS: Readonly<Record<string, AssignDocuments>> = {
  "a role's RolePolicy": (name, documents) => {
    const role = caller(name);
    for (const [i, statements] of documents.entries())
      new aws.iam.RolePolicy(`${name}-${i}`, { role: role.name, policy: allowDocument(...statements) });
  },
  "a role's inlinePolicies": (name, documents) => {
    caller(name, {
      inlinePolicies: documents.map((statements, i) => ({ name: `p${i}`, policy: json(statements) })),
    });
  },
  "an attached policy": (name, documents) => {
    const role = caller(name);
    for (const [i, statements] of documents.entries()) {
      const policy = new aws.iam.Policy(`${name}-${i}`, { policy: allowDocument(...statements) });
      new aws.iam.RolePolicyAttachment(`${name}-${i}`, { role: role.name, policyArn: policy.arn });
    }
  },
  "a role's managedPolicyArns": (name, documents) => {
    caller(name, {
      managedPolicyArns: documents.map(
        (statements, i) => new aws.iam.Policy(`${name}-${i}`, { policy: allowDocument(...statements) }).arn,
      ),
    });
  },
  "a user's policy": (name, documents) => {
    const user = new aws.iam.User(name);
    for (const [i, statements] of documents.entries())
      new aws.iam.UserPolicy(`${name}-${i}`, { user: user.name, policy: allowDocument(...statements) });
  },
  "a policy of a user's group": (name, documents) => {
    const user = new aws.iam.User(name);
    const group = new aws.iam.Group(name);
    new aws.iam.UserGroupMembership(name, { user: user.name, groups: [group.name] });
    for (const [i, statements] of documents.entries())
      new aws.iam.GroupPolicy(`${name}-${i}`, { group: group.name, policy: allowDocument(...statements) });
  },
  "aws-native's RolePolicy": (name, documents) => {
    nativeRole(name, { roleName: name });
    for (const [i, statements] of documents.entries())
      new Native("iam:RolePolicy", `${name}-${i}`, {
        roleName: name,
        policyName: `p${i}`,
        policyDocument: json(statements),
      });
  },
  "aws-native's ManagedPolicy": (name, documents) => {
    nativeRole(name, { roleName: name });
    for (const [i, statements] of documents.entries())
      new Native("iam:ManagedPolicy", `${name}-${i}`, { roles: [name], policyDocument: json(statements) });
  },
  "aws-native's policies of a role": (name, documents) => {
    nativeRole(name, {
      policies: documents.map((statements, i) => ({ policyName: `p${i}`, policyDocument: json(statements) })),
    });
  },
};

const isOld = ({ name }: { name: string }): boolean => !name.startsWith("new");
const UPDATE = { update: isOld } as const;
const BY_PREFIX: Statement = ["lambda:InvokeFunction", "arn:aws:lambda:*:*:function:shop-*"];
const table = () => new aws.s3.Bucket("new-bucket");
const readBucket = (bucket: aws.s3.Bucket): Statement => [
  "s3:GetObject",
  pulumi.interpolate`${bucket.arn}/*`,
];

async function findings(program: () => unknown, as: PlanOptions["as"]): Promise<readonly Finding[]> {
  return check(await plan(program, { as }));
}

const labelsOf = (found: readonly Finding[]): readonly string[] =>
  found
    .filter(({ policy }) => policy !== "invoke-policy-scope")
    .map(({ policy, name }) => `${policy} @ ${name}`)
    .sort();

const denials = (found: readonly Finding[]): readonly Finding[] =>
  found.filter(({ policy }) => policy !== "unproven-access" && policy !== "invoke-policy-scope");

describe("unknown documents: callers", () => {
  for (const [form, addDocuments] of Object.entries(DOCUMENT_FORMS))
    for (const credentials of ["none", "the caller's"] as const) {
      const api = () =>
        shop(
          {},
          { name: "shop-orders" },
          credentials === "none" ? {} : { credentials: "arn:aws:iam::*:user/*" },
        );

      it(`allows an update that hides ${form}; credentials: ${credentials}`, async () => {
        const inOneDocument = () =>
          addDocuments("app", [[executeApi(api()), BY_PREFIX, readBucket(table())]]);
        const inTwoDocuments = () => {
          const base = api();
          addDocuments("app", [[executeApi(base)], [BY_PREFIX, readBucket(table())]]);
        };
        for (const program of [inOneDocument, inTwoDocuments]) {
          assert.deepEqual(labelsOf(denials(await findings(program, UPDATE))), []);
          assert.deepEqual(labelsOf(denials(await findings(program, "deployed"))), []);
        }
      });

      it(`infers on a first preview that ${form} does not allow a function that it does not depend on; credentials: ${credentials}`, async () => {
        const withoutFunction = () => {
          const base = api();
          addDocuments("app", [[executeApi(base)], [readBucket(new aws.s3.Bucket("bucket"))]]);
        };
        const policy =
          credentials === "none" ? "iam-route-caller-lambda-invoke" : "caller-credentials-lambda-invoke";
        const first = denials(await findings(withoutFunction, "first-preview"));
        for (const found of [first, denials(await findings(withoutFunction, "deployed"))])
          assert.deepEqual(labelsOf(found), [`${policy} @ app`]);
        const [finding] = first;
        const unknown =
          finding?.message.split("\n").filter((line) => line.includes("Unknown document:")) ?? [];
        assert.deepEqual(
          ["RestApi shop", "Bucket bucket"].map(
            (dependency) => unknown.filter((line) => line.includes(dependency)).length,
          ),
          form === "a role's inlinePolicies" || form === "aws-native's policies of a role" ? [2, 2] : [1, 1],
          finding?.message,
        );
      });

      it(`infers on a first preview that ${form} allows a function that it depends on; credentials: ${credentials}`, async () => {
        const withFunction = () => {
          const base = api();
          addDocuments("app", [
            [executeApi(base)],
            [invokeFunction(base), readBucket(new aws.s3.Bucket("bucket"))],
          ]);
        };
        assert.deepEqual(labelsOf(await findings(withFunction, "first-preview")), []);
        assert.deepEqual(labelsOf(await findings(withFunction, UPDATE)), []);
      });
    }

  it("a new document of an existing role or for an existing API is unproven", async () => {
    const program = () => {
      const base = shop({}, { name: "shop-orders" });
      roleWithPolicy("app", [executeApi(base), BY_PREFIX, readBucket(table())]);
    };
    for (const old of ["app", "shop"])
      assert.deepEqual(
        labelsOf(await findings(program, { update: ({ name }) => name === old })),
        ["unproven-access @ app"],
        old,
      );
    assert.deepEqual(labelsOf(await findings(program, { update: () => false })), [
      "iam-route-caller-lambda-invoke @ app",
    ]);
  });

  it("documents that do not depend on the API are unproven", async () => {
    const program = () => {
      shop({}, { name: "shop-orders" });
      const role = roleWithPolicy("app", [["execute-api:Invoke", "*"]]);
      new aws.iam.RolePolicy("more", {
        role: role.name,
        policy: allowDocument(readBucket(new aws.s3.Bucket("bucket")), BY_PREFIX),
      });
    };
    assert.deepEqual(labelsOf(await findings(program, "first-preview")), ["unproven-access @ app"]);
    assert.deepEqual(labelsOf(await findings(program, "deployed")), []);
  });

  it("documents are unproven under whenUnknown: prove", async () => {
    const program = () => roleWithPolicy("app", [executeApi(shop())]);
    const config = { "iam-route-caller-lambda-invoke": { whenUnknown: "prove" } } as never;
    const found = await check(await plan(program, { as: "first-preview" }), { config });
    assert.deepEqual(labelsOf(found), ["unproven-access @ app"]);
  });
});

describe("unknown documents: credentials roles", () => {
  const roleWith = (...statements: Statements) => {
    const role = new aws.iam.Role("gw", { assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
    new aws.iam.RolePolicy("gw-policy", { role: role.name, policy: allowDocument(...statements) });
    return role;
  };
  type Use = (role: aws.iam.Role, fn: aws.lambda.Function) => void;
  const USES: Readonly<Record<string, Use>> = {
    "a REST integration": (role, fn) => {
      const api = new aws.apigateway.RestApi("shop");
      stage("prod", api, [
        endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, { credentials: role.arn }, "NONE"),
      ]);
    },
    "a REST authorizer": (role, fn) => {
      const api = new aws.apigateway.RestApi("shop");
      const authorizer = new aws.apigateway.Authorizer("authorizer", {
        restApi: api.id,
        authorizerUri: fn.invokeArn,
        authorizerCredentials: role.arn,
      });
      routeWithAuthorizer("guarded", api, authorizer);
    },
    "an HTTP integration": (role, fn) => {
      const api = new aws.apigatewayv2.Api("web", { protocolType: "HTTP" });
      const integration = new aws.apigatewayv2.Integration("integration", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.arn,
        credentialsArn: role.arn,
        payloadFormatVersion: "2.0",
      });
      new aws.apigatewayv2.Route("route", {
        apiId: api.id,
        routeKey: "GET /orders",
        target: pulumi.interpolate`integrations/${integration.id}`,
      });
    },
    "a quick create": (role, fn) => {
      new aws.apigatewayv2.Api("web", { protocolType: "HTTP", target: fn.arn, credentialsArn: role.arn });
    },
  };
  const orders = () => makeFunction("orders", { name: "shop-orders" });

  for (const [use, make] of Object.entries(USES)) {
    it(`${use}: a document that depends on no function is unproven`, async () => {
      const program = () => make(roleWith(readBucket(table()), BY_PREFIX), orders());
      for (const as of ["first-preview", UPDATE] as const)
        assert.deepEqual(
          (await findings(program, as)).map(({ policy }) => policy),
          ["unproven-access"],
          JSON.stringify(as),
        );
      assert.deepEqual(labelsOf(await findings(program, "deployed")), []);
    });

    it(`${use}: a new document that depends on another function is denied; in an update it is unproven`, async () => {
      const program = () => {
        const otherFunction = makeFunction("other", { name: "other" });
        make(roleWith(readBucket(table()), invokeFunction({ fn: otherFunction })), orders());
      };
      assert.equal(denials(await findings(program, "first-preview")).length, 1);
      assert.equal(denials(await findings(program, "deployed")).length, 1);
      assert.deepEqual(
        (await findings(program, UPDATE)).map(({ policy }) => policy),
        ["unproven-access"],
      );
    });

    it(`${use}: a document that depends on the function is allowed`, async () => {
      const program = () => {
        const fn = orders();
        make(roleWith(readBucket(table()), invokeFunction({ fn })), fn);
      };
      for (const as of ["first-preview", UPDATE, "deployed"] as const)
        assert.deepEqual(labelsOf(await findings(program, as)), []);
    });
  }
});

describe("documents without dependencies: credentials roles", () => {
  /** A credentials role for functions with these names, with a document from `getPolicyDocumentOutput`. */
  const program = (names: readonly string[]) => () => {
    const functions = names.map((name) => makeFunction(name));
    const { json: policy } = aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["lambda:InvokeFunction"], resources: functions.map(({ arn }) => arn) }],
    });
    const role = new aws.iam.Role("gw", {
      assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
      inlinePolicies: [{ name: "invoke", policy }],
    });
    const api = new aws.apigateway.RestApi("shop");
    stage(
      "prod",
      api,
      functions.map((fn, i) =>
        endpoint(`e${i}`, api, "GET", `p${i}`, fn.invokeArn, {}, { credentials: role.arn }, "NONE"),
      ),
    );
  };

  it("allows a new role that is used for one function", async () => {
    for (const as of ["first-preview", "deployed"] as const)
      assert.deepEqual(labelsOf(await findings(program(["orders"]), as)), [], as);
  });

  it("a role for several functions, an existing role, and any role under prove are unproven", async () => {
    const open = ["unproven-access"];
    const policies = (found: readonly Finding[]) => [...new Set(found.map(({ policy }) => policy))];
    assert.deepEqual(policies(await findings(program(["orders", "items"]), "first-preview")), open);
    const exists = { update: ({ name }: { name: string }) => name === "gw" };
    assert.deepEqual(policies(await findings(program(["orders"]), exists)), open);
    const config = { "integration-role-lambda-invoke": { whenUnknown: "prove" } } as never;
    const planned = await plan(program(["orders"]), { as: "first-preview" });
    assert.deepEqual(policies(await check(planned, { config })), open);
  });
});

/** A role with one permission and a document that is unknown before the deployment. */
function callerWithUnknownDocument(action: string, resource: string): void {
  const role = roleWithPolicy("app", [[action, resource]]);
  new aws.iam.RolePolicy("more", {
    role: role.name,
    policy: allowDocument(readBucket(table()), BY_PREFIX),
  });
}

async function assertUnprovenUntilDeployed(program: () => unknown): Promise<void> {
  for (const as of ["first-preview", UPDATE] as const)
    assert.deepEqual(labelsOf(await findings(program, as)), ["unproven-access @ app"]);
  assert.deepEqual(labelsOf(await findings(program, "deployed")), []);
}

describe("unknown documents: function URLs", () => {
  it("a caller of a URL with an unknown document is unproven", async () => {
    const program = () => {
      const fn = makeFunction("orders", { name: "shop-orders" });
      new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
      callerWithUnknownDocument("lambda:InvokeFunctionUrl", "arn:aws:lambda:*:*:function:shop-orders");
    };
    await assertUnprovenUntilDeployed(program);
  });
});

describe("unknown documents: APIs outside the stack", () => {
  it("a caller of an external API with an unknown document is unproven", async () => {
    const program = () => {
      callerWithUnknownDocument(
        "execute-api:Invoke",
        "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*",
      );
    };
    await assertUnprovenUntilDeployed(program);
  });
});
