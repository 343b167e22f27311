import assert from "node:assert/strict";
import { printableLines } from "../../messages/printable";
import { RESOURCE_TYPES } from "../../stack";
import { checkResources, type Finding, type PlannedResource, plan, type Value } from "../../testing";
import { findingLabel } from "../support/cases";
import { executeOnly, restStack } from "../support/rest";

/**
 * With any content of a stack, the pack does not throw, other resources keep their findings, and the messages are far
 * below the size limit of a response.
 */
const LIMIT = 1_000_000;

/** Returns other resources, or changes the given ones in place. */
type Change = (resources: PlannedResource[]) => unknown;

/** The base program, deployed: its one finding must be reported in spite of the additional resources. */
let baseResources: readonly PlannedResource[] = [];
const BASE_FINDING = "iam-route-caller-lambda-invoke @ caller";

before(async () => {
  baseResources = (await plan(restStack({ caller: executeOnly }), { as: "deployed" })).resources;
});

const copy = (resources: readonly PlannedResource[]): PlannedResource[] => structuredClone([...resources]);

async function analyzeWithoutFault(
  resources: readonly PlannedResource[],
  expected = [BASE_FINDING],
): Promise<Finding[]> {
  const found = await checkResources(resources);
  const size = found.reduce((sum, { message }) => sum + message.length, 0);
  assert.ok(size < LIMIT, `${size} characters`);
  const labels = found.map(findingLabel);
  for (const label of expected)
    assert.ok(labels.includes(label), `${label} is missing from ${labels.join(", ")}`);
  const faults = found.filter(({ message }) => message.includes("Internal error"));
  assert.deepEqual(
    faults.map(({ message }) => message),
    [],
    "a policy threw",
  );
  return found;
}

const urnOf = (type: string, name: string): string => `urn:pulumi:dev::project::${type}::${name}`;

function resourceOf(
  type: string,
  name: string,
  properties: Record<string, unknown>,
  more: Partial<PlannedResource> = {},
): PlannedResource {
  return {
    urn: urnOf(type, name),
    type,
    name,
    custom: true,
    id: name,
    inputs: properties as Record<string, Value>,
    outputs: properties as Record<string, Value>,
    dependencies: [],
    propertyDependencies: {},
    ...more,
  };
}

const TYPES = {
  api: "aws:apigateway/restApi:RestApi",
  resource: "aws:apigateway/resource:Resource",
  method: "aws:apigateway/method:Method",
  integration: "aws:apigateway/integration:Integration",
  stage: "aws:apigateway/stage:Stage",
  authorizer: "aws:apigateway/authorizer:Authorizer",
  apiPolicy: "aws:apigateway/restApiPolicy:RestApiPolicy",
  fn: "aws:lambda/function:Function",
  alias: "aws:lambda/alias:Alias",
  permission: "aws:lambda/permission:Permission",
  url: "aws:lambda/functionUrl:FunctionUrl",
  fnPolicy: "aws:lambda/resourcePolicy:ResourcePolicy",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  policy: "aws:iam/policy:Policy",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  user: "aws:iam/user:User",
  group: "aws:iam/group:Group",
  membership: "aws:iam/userGroupMembership:UserGroupMembership",
} as const;

/** A resource of every type, with the value in each property that the pack reads. */
function resourcesWith(value: unknown): PlannedResource[] {
  return [...RESOURCE_TYPES].map(([type, { reads, renamed }]) =>
    resourceOf(
      type,
      `hostile-${type.replace(/\W+/g, "-")}`,
      Object.fromEntries(reads.map((property) => [renamed[property] ?? property, value])),
    ),
  );
}

const VALUES: Record<string, unknown> = {
  nothing: null,
  true: true,
  zero: 0,
  "a huge number": 1e308,
  "an empty string": "",
  "a space": " ",
  "an empty list": [],
  "an empty object": {},
  "a list of lists": [[[[]]]],
  "a list of nulls": [null, null],
  "null as JSON": "null",
  "a number as JSON": "42",
  "a string as JSON": '"x"',
  "cut JSON": '{"Version":"2012-10-17","Statement":[{',
  "a document with values of the wrong type": JSON.stringify({
    Version: 1,
    Statement: [null, 5, "x", { Effect: {}, Action: 5, Resource: { a: 1 }, Principal: [[]], Condition: [] }],
  }),
  "a document with keys such as __proto__":
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*","Condition":{"__proto__":{"constructor":"x"},"constructor":{"__proto__":"y"}}}],"__proto__":{"polluted":true}}',
  __proto__: "__proto__",
  "the text __proto__": "__proto__",
  constructor: "constructor",
  toString: "toString",
  hasOwnProperty: "hasOwnProperty",
  "a regular expression": "((((a+)+)+)+)+$[\\",
  "many wildcards": "*?".repeat(2000),
  "wildcards in an ARN": `arn:aws:execute-api:*:*:${"*a".repeat(500)}`,
  colons: ":".repeat(5000),
  braces: "{".repeat(5000),
  "stage variables": "${stageVariables.".repeat(500),
  "a megabyte": "x".repeat(1_000_000),
  "a megabyte of an ARN": `arn:aws:lambda:us-east-1:123456789012:function:${"x".repeat(1_000_000)}`,
  "a megabyte of an invocation URI": `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${"a:".repeat(500_000)}/invocations`,
  "the engine's sentinel for an unknown string": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "the engine's sentinel for an unknown value of another type": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "characters in the private use area": "\uE000x\uE0021\uE001",
  "half of a surrogate pair": "\ud800",
  "a NUL": "a\u0000b",
  "yaml with anchors": "a: &a [*a, *a]\n",
  "a list of malformed inline policies": [
    { name: 5, policy: 5 },
    { policy: null },
    7,
    "x",
    { name: "n", policy: "{" },
  ],
};

describe("unusual property values", () => {
  for (const [name, value] of Object.entries(VALUES)) {
    it(`${name}, in every property that the pack reads`, async () => {
      await analyzeWithoutFault([...copy(baseResources), ...resourcesWith(value)]);
    });
  }

  it("do not change Object.prototype", () => {
    assert.ok(!("polluted" in {}));
  });
});

describe("unusual values in each property of a working stack", () => {
  /** Sets each property of each resource in turn. */
  for (const name of [
    "nothing",
    "an empty object",
    "cut JSON",
    "a list of lists",
    "constructor",
    "the engine's sentinel for an unknown string",
  ]) {
    it(name, async function () {
      this.timeout(120_000);
      assert.ok(Object.hasOwn(VALUES, name));
      for (const [at, resource] of baseResources.entries()) {
        const keys = Object.keys(resource.outputs);
        const changed = copy(baseResources);
        const target = changed[at] as PlannedResource;
        for (const key of keys) {
          (target.outputs as Record<string, unknown>)[key] = VALUES[name];
          (target.inputs as Record<string, unknown>)[key] = VALUES[name];
        }
        await analyzeWithoutFault(changed, []);
      }
    });
  }
});

const document = (statements: unknown): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

describe("malformed stacks", () => {
  const stack = (name: string, change: Change, expected = [BASE_FINDING]): void => {
    it(name, async () => {
      const resources = copy(baseResources);
      const changed = change(resources);
      await analyzeWithoutFault(Array.isArray(changed) ? changed : resources, expected);
    });
  };

  it("an empty stack", async () => {
    assert.deepEqual(await analyzeWithoutFault([], []), []);
  });
  stack(
    "functions without properties",
    (resources) => {
      for (const resource of resources.filter(({ type }) => type.includes("lambda/function")))
        resource.outputs = {};
    },
    [],
  );
  stack(
    "resources without properties",
    (resources) => {
      for (const resource of resources) resource.outputs = {};
    },
    [],
  );
  stack("additional resources without properties", (resources) => [
    ...resources,
    ...Object.entries(TYPES).map(([key, type]) => resourceOf(type, `blank-${key}`, {})),
  ]);
  stack("a Method without its API", (resources) => [
    ...resources,
    resourceOf(TYPES.method, "lost", {
      restApi: "nowhere",
      resourceId: "nowhere",
      httpMethod: "GET",
      authorization: "AWS_IAM",
    }),
    resourceOf(TYPES.integration, "lost", {
      restApi: "nowhere",
      resourceId: "nowhere",
      httpMethod: "GET",
      type: "AWS_PROXY",
      uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations",
      integrationHttpMethod: "POST",
    }),
    resourceOf(TYPES.method, "bare", {}),
  ]);
  stack("two Integrations for one Method", (resources) => {
    const integration = resources.find(({ name }) => name === "integration") as PlannedResource;
    return [
      ...resources,
      { ...structuredClone(integration), name: "second", urn: urnOf(TYPES.integration, "second") },
    ];
  });
  stack("the same URN twice", (resources) => [...resources, ...copy(resources)]);
  stack("a cycle of parents among Resources", (resources) => {
    const path = (name: string, id: string, parentId: string) =>
      resourceOf(TYPES.resource, name, { id, restApi: "api", parentId, pathPart: name });
    return [...resources, path("a", "ra", "rb"), path("b", "rb", "ra"), path("self", "rs", "rs")];
  });
  stack(
    "a cycle of property dependencies",
    (resources) => {
      const urns = resources.map(({ urn }) => urn);
      for (const resource of resources)
        if (resource.name !== "caller" && !resource.name.startsWith("caller"))
          resource.propertyDependencies = Object.fromEntries(
            Object.keys(resource.outputs).map((key) => [key, urns]),
          );
    },
    [],
  );
  stack("a cycle of unknown references", (resources) => {
    const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const a = urnOf(TYPES.resource, "ca");
    const b = urnOf(TYPES.resource, "cb");
    const cyclicResource = (name: string, dependency: string) =>
      resourceOf(
        TYPES.resource,
        name,
        { id: UNKNOWN, restApi: UNKNOWN, parentId: UNKNOWN, pathPart: name },
        { propertyDependencies: { restApi: [dependency], parentId: [dependency] } },
      );
    const alias = urnOf(TYPES.alias, "alias");
    return [
      ...resources,
      cyclicResource("ca", b),
      cyclicResource("cb", a),
      resourceOf(
        TYPES.alias,
        "alias",
        { functionName: UNKNOWN, name: UNKNOWN },
        { propertyDependencies: { functionName: [alias] } },
      ),
      resourceOf(
        TYPES.method,
        "ringed",
        { restApi: UNKNOWN, resourceId: UNKNOWN, httpMethod: "GET", authorization: "AWS_IAM" },
        { propertyDependencies: { restApi: [a], resourceId: [a] } },
      ),
    ];
  });
  stack("Methods that each take their Resource from any earlier one", (resources) => {
    const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const names = Array.from({ length: 60 }, (_, i) => `method-${i}`);
    return [
      ...resources,
      ...names.map((name, i) =>
        resourceOf(
          TYPES.method,
          name,
          { restApi: "api", resourceId: UNKNOWN, httpMethod: "GET", authorization: "AWS_IAM" },
          {
            propertyDependencies: {
              resourceId: names.slice(0, i).map((earlier) => urnOf(TYPES.method, earlier)),
            },
          },
        ),
      ),
    ];
  });
  stack("a chain of 500 Resources", (resources) => [
    ...resources,
    ...Array.from({ length: 500 }, (_, i) =>
      resourceOf(TYPES.resource, `deep-${i}`, {
        id: `d${i}`,
        restApi: "api",
        parentId: `d${i - 1}`,
        pathPart: `p${i}`,
      }),
    ),
  ]);
  stack("resources that are their own parents", (resources) => {
    for (const resource of resources) resource.parent = resource.urn;
  });
  stack("nonexistent parents", (resources) => {
    for (const resource of resources) resource.parent = "urn:pulumi:dev::project::x:y:Z::missing";
  });
  stack("malformed URNs", (resources) => [
    ...resources,
    resourceOf(TYPES.role, "", { name: "" }, { urn: "" }),
    resourceOf(TYPES.role, "::", { name: "::" }, { urn: "::::::" }),
    resourceOf(TYPES.role, "__proto__", { name: "__proto__" }, { urn: "__proto__" }),
    resourceOf(TYPES.role, "constructor", { name: "constructor" }, { urn: "constructor" }),
  ]);
  stack(
    "a Permission, a URL and a ResourcePolicy without a function",
    (resources) => {
      const withoutPermissions = resources.filter(({ type }) => type !== TYPES.permission);
      return [
        ...withoutPermissions,
        resourceOf(TYPES.permission, "nowhere", {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
        }),
        resourceOf(TYPES.permission, "missing", { function: ["orders"], statementId: "missing" }),
        resourceOf(TYPES.fnPolicy, "nowhere", {
          policy: document([{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }]),
        }),
        resourceOf(TYPES.url, "nowhere", { authorizationType: "AWS_IAM" }),
      ];
    },
    [BASE_FINDING, "route-function-permission @ integration"],
  );
  stack("malformed types", (resources) => [
    ...resources,
    resourceOf("", "empty", {}),
    resourceOf("constructor", "constructor", {}),
    resourceOf("__proto__", "proto", {}),
    resourceOf("aws:iam/role:Role:Role", "double", {}),
  ]);

  stack("5,000 statements", (resources) => [
    ...resources,
    resourceOf(TYPES.role, "many", { name: "many", arn: "arn:aws:iam::123456789012:role/many" }),
    resourceOf(TYPES.rolePolicy, "many", {
      role: "many",
      policy: document(
        Array.from({ length: 5000 }, (_, i) => ({
          Effect: "Allow",
          Action: ["execute-api:Invoke", "lambda:*"],
          Resource: `arn:aws:execute-api:us-east-1:123456789012:api${i}/*`,
        })),
      ),
    }),
  ]);
  stack("5,000 resources and actions in one statement", (resources) => [
    ...resources,
    resourceOf(TYPES.role, "many", { name: "many", arn: "arn:aws:iam::123456789012:role/many" }),
    resourceOf(TYPES.rolePolicy, "many", {
      role: "many",
      policy: document([
        {
          Effect: "Allow",
          Action: Array.from({ length: 5000 }, (_, i) => `execute-api:I${"*".repeat(i % 10)}nvoke`),
          Resource: Array.from({ length: 5000 }, (_, i) => `arn:aws:execute-api:*:*:*${i}*/*${i}*`),
        },
      ]),
    }),
  ]);
  stack(
    "2,000 callers without lambda:InvokeFunction",
    (resources) => {
      const api = resources.find(({ type }) => type === TYPES.api)?.outputs.executionArn as string;
      const callers = Array.from({ length: 2000 }, (_, i) => [
        resourceOf(TYPES.role, `c${i}`, { name: `c${i}`, arn: `arn:aws:iam::123456789012:role/c${i}` }),
        resourceOf(TYPES.rolePolicy, `p${i}`, {
          role: `c${i}`,
          policy: document([{ Effect: "Allow", Action: "execute-api:Invoke", Resource: `${api}/*` }]),
        }),
      ]).flat();
      return [...resources, ...callers];
    },
    [],
  );
  stack("deeply nested documents", (resources) => {
    let nested: unknown = "x";
    for (let i = 0; i < 500; i++) nested = { a: [nested] };
    return [
      ...resources,
      resourceOf(TYPES.rolePolicy, "deep", {
        role: "caller2",
        policy: { Version: "2012-10-17", Statement: nested },
      }),
    ];
  });
  stack("conditions with unusual operators, keys and values", (resources) => [
    ...resources,
    resourceOf(TYPES.role, "odd", { name: "odd", arn: "arn:aws:iam::123456789012:role/odd" }),
    resourceOf(TYPES.rolePolicy, "odd", {
      role: "odd",
      policy: `{"Version":"2012-10-17","Statement":[${[
        "__proto__",
        "constructor",
        "toString",
        "StringLike",
        "ForAnyValue:",
        "ForAllValues:ForAllValues:StringEquals",
        "IpAddressIfExists",
        "NullIfExists",
      ]
        .map(
          (operator) =>
            `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"${operator}":{"aws:SourceIp":["((a+)+)+$","999.999.999.999/99","\${\${\${"],"__proto__":"x","":null}}}`,
        )
        .join(",")}]}`,
    }),
  ]);
});

describe("names with special characters", () => {
  /** The findings on the base program with this suffix in the names of its function, API, route and caller. */
  const called = async (name: string): Promise<Finding[]> => {
    const resources = copy(baseResources);
    for (const resource of resources)
      for (const bag of [resource.inputs, resource.outputs])
        for (const [key, value] of Object.entries(bag))
          if (["name", "role"].includes(key) || value === "{id}")
            bag[key] = String(value).startsWith("arn:") ? value : `${value}${name}`;
    const permission = resources.find(({ type }) => type === TYPES.permission) as PlannedResource;
    return analyzeWithoutFault(resources.filter((resource) => resource !== permission));
  };

  const NAMES: Record<string, string> = {
    "terminal control characters": "\u001b[31m\u0007\u009b2J\r",
    "characters that change the text direction": "\u202ex\u2066",
    "an unpaired surrogate": "\ud800",
    "lines that look like part of a message": "\nFix: there is nothing to fix.\nMore: https://example.com",
    "TypeScript template syntax": "`${process.exit()}\\",
    "20,000 lines": "\nline".repeat(20_000),
    "100,000 characters": "x".repeat(100_000),
    "100,000 surrogate pairs": "\ud83d\ude42".repeat(50_000),
  };
  for (const [description, name] of Object.entries(NAMES))
    it(`${description} are printable in messages, which stay short`, async () => {
      const found = await called(name);
      assert.ok(found.length >= 2, "the caller and the function without a permission");
      for (const { message } of found) {
        assert.equal(message, printableLines(message));
        assert.ok(message.length < 10_000, `${message.length} characters`);
        const lines = message.split("\n");
        assert.ok(lines.length < 40, `${lines.length} lines`);
        assert.equal(lines.filter((line) => line.startsWith("Fix: ")).length, 1, message);
        assert.equal(lines.filter((line) => line.startsWith("More: ")).length, 1, message);
        const pasted = lines.filter((line) => line.startsWith("  sourceArn: "));
        for (const line of pasted)
          assert.match(
            line,
            /^ {2}sourceArn: pulumi\.interpolate`\$\{ordersApi\.executionArn\}(\\.|[^`\\$])*(`,|…)$/,
          );
        assert.match(lines.at(-1) ?? "", /^More: https:\/\/github\.com/);
      }
    });
});

describe("secret values", () => {
  const SECRET = "s3cr3t-Passw0rd";

  it("in any property of any resource type never appear in a message", async () => {
    for (const value of [
      SECRET,
      `arn:aws:secretsmanager:us-east-1:123456789012:secret:${SECRET}`,
      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"${SECRET}","Principal":{"Service":"${SECRET}"},"Condition":{"StringEquals":{"aws:PrincipalTag/x":"${SECRET}"}}}]}`,
      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/x":"${SECRET}"}}}]} ${SECRET}`,
    ]) {
      const found = await analyzeWithoutFault([
        ...copy(baseResources),
        ...resourcesWith(value).map(withPlainNames),
      ]);
      for (const finding of found)
        assert.ok(
          !finding.message.includes(SECRET),
          `${findingLabel(finding)} shows it:\n${finding.message}`,
        );
    }
  });

  /** Replaces names, ARNs and paths, which messages contain and which are not secret. */
  function withPlainNames(resource: PlannedResource): PlannedResource {
    const plain = {
      name: "plain",
      path: "/",
      arn: "arn:aws:iam::123456789012:role/plain",
      functionName: "orders",
      role: "caller2",
      user: "u",
      group: "g",
      roles: ["caller2"],
      users: ["u"],
      groups: ["g"],
      stageName: "prod",
      pathPart: "p",
      function: "orders",
      id: "plain",
      executionArn: "arn:aws:execute-api:us-east-1:123456789012:plain",
      qualifier: "live",
      httpMethod: "GET",
      routeKey: "GET /",
    };
    const renamed = RESOURCE_TYPES.get(resource.type)?.renamed ?? {};
    const renamedProperties = Object.fromEntries(
      Object.entries(plain).map(([property, value]) => [renamed[property] ?? property, value]),
    );
    return {
      ...resource,
      inputs: { ...resource.inputs, ...renamedProperties },
      outputs: { ...resource.outputs, ...renamedProperties },
    };
  }

  it("in conditions of the caller's policy never appear in a message", async () => {
    const resources = copy(baseResources);
    const policy = resources.find(({ name }) => name === "caller-policy") as PlannedResource;
    const policyDocument = JSON.parse(String(policy.outputs.policy));
    for (const statement of policyDocument.Statement)
      statement.Condition = {
        StringEquals: { "aws:PrincipalTag/key": SECRET, "aws:SourceIp": SECRET },
        StringLike: { "aws:UserAgent": [SECRET] },
      };
    policy.outputs.policy = JSON.stringify(policyDocument);
    policy.inputs.policy = policy.outputs.policy;
    for (const { message } of await checkResources(resources)) assert.ok(!message.includes(SECRET), message);
  });
});
