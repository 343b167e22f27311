import { deepStrictEqual, ok } from "node:assert";
import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { runPack } from "../../engine/pack";
import { POLICIES, type PolicyDefinition } from "../../policies";
import { Pack } from "../../pulumi";
import { type Finding, type PlannedResource, type PolicyConfig, plan } from "../../testing";
import { entriesOfCorpus, type Moment, momentOf } from "../corpus/corpus";
import { type Breakable, loadBreakable } from "../support/breakable";
import { FAULTS } from "../support/faults";
import { restStack } from "../support/rest";

/** Folders with functions whose errors the pack handles. */
const FOLDERS =
  /^(access|account|aws|stack|iam|messages|policies)\/|^pulumi\/(language|limits|reduced-stack|seen-by-sdk|stack-request|struct)\.ts$/;

const INTERNAL_ERROR = "Internal error in this policy pack";

/** A stack under a configuration. */
interface ConfiguredStack {
  readonly name: string;
  readonly resources: readonly PlannedResource[];
  readonly config: PolicyConfig;
}

/** Programs of the corpus that together call most functions. */
const PROGRAMS: readonly (readonly [moment: Moment, entry: string])[] = [
  ["deployed", "aws-native: a role that may invoke another function"],
  ["deployed", "Open Next behind origin access control, with functionUrlAuthType on both"],
  ["first", "caller credentials, and a caller with only execute-api:Invoke"],
  ["deployed", "an HTTP API's authorizer with permission for its routes"],
  ["first", "a function URL with lambda:* on everything"],
  ["first", "a declared caller of the account, while a document names another account"],
  ["first", "a pipe with a route as its enrichment, and a role that may not call it"],
  ["first", "an integration that starts a state machine with a role without a policy"],
  ["first", "a private API, called through the endpoint that it is associated with"],
  ["first", "a permission for a service that does not invoke functions for APIs"],
  ["first", "a function URL's caller with both actions"],
  ["deployed", "a literal credentials role of another stack"],
  ["deployed", "a caller that may not invoke a function of another stack"],
  [
    "deployed",
    "a WebSocket handler with execute-api:* on @connections/{connectionId}, which is not a connection's path",
  ],
  ["first", "a URI with the current date as the version"],
  ["first", "HTTP, a caller of one path of another API"],
  ["first", "a caller that is denied DELETE"],
  ["first", "a policy whose ARN comes from the configuration"],
  ["first", "a published version is called, with a permission on the function"],
  ["first", "the API's resource policy names a role of the account, and another account"],
  ["first", "an authorizer with a permission for a stage"],
  ["first", "a public URL with the only permission that CDK Terrain created"],
  ["first", "update: the body's role has a document with a literal prefix and a new queue"],
  ["first", "HTTP integration without a method"],
  ["first", "a private API whose policy names another endpoint than that of the stack"],
  ["first", "a caller with a document from one data source for all statements"],
  ["deployed", "caller credentials, and a caller with only execute-api:Invoke"],
  ["first", "an HTTP API without a default endpoint, and without a domain"],
  ["first", "a function that this program creates in another account, without a permission"],
  ["deployed", "a permission with the bare execution ARN"],
  ["deployed", "a durable function with its unqualified ARN"],
  ["first", "a permissions boundary of another stack"],
  ["deployed", "rest-policy-bare-arn, broken"],
  ["first", "aws-ts-apigatewayv2-http-api-quickcreate"],
  ["first", "a service account that a trust policy with a wildcard under StringEquals denies"],
  ["first", "cognito-sts-assumerole, broken"],
];

const FIXTURES = resolve(__dirname, "../account/fixtures");

/** All policies are mandatory, and policy-configuration is disabled. */
const STRICT: PolicyConfig = { all: "mandatory", "policy-configuration": "disabled" };

/** Each kind of setting, valid and invalid, and account data. */
const SETTINGS: PolicyConfig = {
  all: "mandatory",
  "policy-configuration": {
    enforcementLevel: "mandatory",
    account: ["iam.json", "function-policy.json", "http-apis.json", "rest-apis.json", "nothing.json"].map(
      (file) => resolve(FIXTURES, file),
    ),
  },
  "route-function-permission": {
    enforcementLevel: "mandatory",
    exempt: [
      { resource: "integration", reason: "x" },
      { resource: "missing", reason: "x", until: "2020-01-31" },
    ],
  },
  "iam-route-caller-lambda-invoke": {
    enforcementLevel: "mandatory",
    exemptt: 1,
    callers: [{ principal: "caller", routes: ["GET /orders/*", 7] }],
  },
  "invoke-policy-scope": { exempt: [{ resource: "*", reason: "x" }] },
};

/** A route without authorization of an API whose resource policy names one caller. */
const publicStack = restStack({
  authorization: "NONE",
  caller: false,
  more: ({ api }) =>
    new aws.apigateway.RestApiPolicy("named", {
      restApiId: api.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::123456789012:role/named" },
            Action: "execute-api:Invoke",
            Resource: pulumi.interpolate`${api.executionArn}/*`,
          },
        ],
      }),
    }),
});

async function configuredStacks(): Promise<readonly ConfiguredStack[]> {
  const byName = new Map(entriesOfCorpus().map((entry) => [entry.name, entry]));
  const found: ConfiguredStack[] = [];
  for (const [moment, name] of PROGRAMS) {
    const entry = byName.get(name);
    ok(entry, name);
    const { resources } = await plan(entry.program, { as: momentOf(entry, moment), ...entry.options });
    found.push({ name: `${moment}, ${name}`, resources, config: { ...STRICT, ...entry.config } });
  }
  for (const as of ["first-preview", "deployed"] as const) {
    const { resources } = await plan(publicStack, { as });
    found.push({ name: `${as}, a public route with a resource policy`, resources, config: STRICT });
  }
  for (const as of ["first-preview", "deployed"] as const) {
    const { resources } = await plan(restStack({ permission: false }), { as });
    found.push({ name: `${as}, with settings`, resources, config: SETTINGS });
  }
  return found;
}

const isFault = ({ message }: Finding): boolean => message.startsWith(INTERNAL_ERROR);
const textOf = ({ policy, level, resource, message }: Finding): string =>
  [policy, level, resource, message].join("\n");

/**
 * Whether a finding also occurs without the fault, in whole or in part: policy-configuration reports each problem on
 * a line of one finding, and unproven-access reports a route only if no denial does.
 */
function isPartOf(text: string, before: readonly string[], unrelatedLoss: readonly string[]): boolean {
  if (before.includes(text)) return true;
  const [policy, , urn, ...lines] = text.split("\n");
  if (policy === "unproven-access") return unrelatedLoss.length > 0;
  const linesBefore = before
    .map((line) => line.split("\n"))
    .find((line) => line[0] === policy && line[2] === urn);
  return policy === "policy-configuration" && lines.every((line) => linesBefore?.includes(line));
}

describe("an internal error", function () {
  this.timeout(300_000);
  let pack: Breakable;
  let all: readonly ConfiguredStack[];
  /** Runs the pack on a stack. `visit` is called for each function, except while the pack is created. */
  let run: (
    stack: Pick<ConfiguredStack, "resources" | "config">,
    visit?: (name: string) => void,
  ) => Promise<readonly Finding[]>;
  /** The findings without a fault. */
  const expected = new Map<ConfiguredStack, readonly string[]>();
  /** For each function, the stacks that call it, with the policies that call it or require a policy that does. */
  const callersOf = new Map<string, Map<ConfiguredStack, Set<string>>>();

  before(async () => {
    all = await configuredStacks();
    pack = loadBreakable((file) => FOLDERS.test(file));
    const engine = pack.load<typeof import("../../engine/pack")>("engine/pack");
    const pulumiModule = pack.load<typeof import("../../pulumi")>("pulumi");
    const { POLICIES: definitions } = pack.load<typeof import("../../policies")>("policies");
    run = async ({ resources, config }, visit = () => undefined) => {
      const newPack = new pulumiModule.Pack();
      pack.onCall(visit);
      try {
        return await engine.runPack(newPack, resources, config);
      } finally {
        pack.onCall(() => undefined);
      }
    };
    for (const stack of all) {
      const found = await run(stack);
      ok(!found.some(isFault), stack.name);
      expected.set(stack, found.map(textOf));
      for (const { metadata } of definitions) {
        const { name } = metadata;
        const setting = stack.config[name];
        const level = "mandatory" as const;
        const config: PolicyConfig = {
          all: "disabled",
          ...(setting === "disabled"
            ? {}
            : { [name]: typeof setting === "object" ? { ...setting, enforcementLevel: level } : level }),
        };
        await run({ resources: stack.resources, config }, (called) => {
          const policiesByStack = callersOf.get(called) ?? new Map<ConfiguredStack, Set<string>>();
          callersOf.set(called, policiesByStack);
          policiesByStack.set(stack, (policiesByStack.get(stack) ?? new Set()).add(name));
        });
      }
    }
    for (const { metadata, requires } of definitions)
      for (const policiesByStack of callersOf.values())
        for (const policies of policiesByStack.values())
          if (requires.some((name) => policies.has(name))) policies.add(metadata.name);
  });
  after(() => pack.unload());

  it("is injected into hundreds of functions", () => {
    ok(callersOf.size > 590, String(callersOf.size));
  });

  it("is injected with programs that have findings of every policy", () => {
    const found = [...expected.values()].flat();
    const names = POLICIES.map(({ metadata }) => metadata.name);
    deepStrictEqual(
      names.filter((name) => !found.some((text) => text.startsWith(`${name}\n`))),
      [],
    );
  });

  it("in any function is reported once as advisory and affects only the policies that depend on the function", async () => {
    const problems: string[] = [];
    for (const [at, [name, policiesByStack]] of [...callersOf].entries()) {
      // Pulumi's engine, as the tests simulate it, calls this function, too.
      if (name === "iam/text/json: isObject") continue;
      const [description, make] = FAULTS[at % FAULTS.length] as (typeof FAULTS)[number];
      const [first, last] = [[...policiesByStack][0], [...policiesByStack].at(-1)];
      for (const [stack, affected] of new Set([first, last]) as Set<[ConfiguredStack, Set<string>]>) {
        const problem = await problemOf(name, make, stack, affected);
        if (problem !== undefined) problems.push(`${description} in ${name}, ${stack.name}: ${problem}`);
      }
    }
    deepStrictEqual(problems, []);
  });

  async function problemOf(
    name: string,
    make: () => unknown,
    stack: ConfiguredStack,
    affected: ReadonlySet<string>,
  ): Promise<string | undefined> {
    let called = false;
    let found: readonly Finding[];
    try {
      found = await run(stack, (functionName) => {
        if (functionName !== name) return;
        called = true;
        throw make();
      });
    } catch (error) {
      return `aborts the deployment: ${error instanceof Error ? error.message : typeof error}`;
    }
    if (!called) return undefined;
    const faults = found.filter(isFault);
    if (faults.length !== 1) return `${faults.length} lines: ${faults.map(textOf).join("; ")}`;
    if (faults[0]?.level !== "advisory") return "the internal error blocks";
    const before = expected.get(stack) ?? [];
    const after = found.filter((finding) => !isFault(finding)).map(textOf);
    const lostFindings = before.filter((finding) => !after.includes(finding));
    const unexpected = after.find((finding) => !isPartOf(finding, before, lostFindings));
    if (unexpected !== undefined) return `reports another finding: ${unexpected}`;
    const isUnaffected = (text: string): boolean => !affected.has(text.slice(0, text.indexOf("\n")));
    const unrelatedLoss = lostFindings.find(isUnaffected);
    return unrelatedLoss === undefined ? undefined : `loses ${unrelatedLoss}`;
  }

  it("is reported even if the functions that report it also fail", async () => {
    const reporters = [
      "policies/framework/faults: faultOf",
      "policies/framework/faults: faultKey",
      "messages/pack: faultMessage",
      "messages/pack: showFault",
    ];
    for (const reporter of reporters) {
      ok(pack.names.includes(reporter), reporter);
      for (const [at, stack] of all.entries()) {
        const make = (FAULTS[at % FAULTS.length] as (typeof FAULTS)[number])[1];
        const found = await run(stack, (name) => {
          if (name === reporter || name === "stack/index: readStack") throw make();
        });
        deepStrictEqual(
          found.filter(isFault).map(({ level }) => level),
          ["advisory"],
          `${reporter}, ${stack.name}`,
        );
      }
    }
  });
});

/** Thrown by the tests below. */
class Injected extends Error {
  override readonly name = "Injected";
}

describe("an internal error while reading the configuration", () => {
  it("does not report exempt resources", async () => {
    const { resources } = await plan(restStack({ permission: false }), { as: "deployed" });
    const config: PolicyConfig = {
      all: "disabled",
      "route-function-permission": {
        enforcementLevel: "mandatory",
        exempt: [{ resource: "integration", reason: "x" }],
        exemptt: 1,
      },
    };
    const pack = new Pack();
    deepStrictEqual(await runPack(pack, resources, config), []);
    const exempt = String.prototype.toLowerCase;
    String.prototype.toLowerCase = function (this: string) {
      if (this.startsWith("exemptt")) throw new Injected("injected");
      return exempt.call(this);
    };
    try {
      const all = await runPack(pack, resources, config);
      deepStrictEqual(
        all.map((finding) => [finding.level, isFault(finding)]),
        [["advisory", true]],
      );
    } finally {
      String.prototype.toLowerCase = exempt;
    }
  });
});

describe("an internal error in a remediation", () => {
  const NAME = "lambda-integration-request";
  const definitions = POLICIES.map((policy): PolicyDefinition => {
    if (policy.kind !== "resource" || policy.metadata.name !== NAME) return policy;
    const remediate = (): never => {
      throw new Injected("injected");
    };
    return { ...policy, remediate };
  });
  const args = {
    urn: "urn:pulumi:dev::shop::aws:apigateway/integration:Integration::orders",
    name: "orders",
    type: "aws:apigateway/integration:Integration",
    props: {
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: "arn:aws:apigateway:eu-west-1:lambda:path",
    },
    getConfig: () => ({}),
    notApplicable: () => undefined,
  };

  it("does not change the resource and is reported once by the next policy", () => {
    const { policies } = new Pack({ definitions });
    const policy = policies.find(({ name }) => name === NAME) as unknown as {
      remediateResource(policyArgs: object): unknown;
      validateResource(policyArgs: object, report: (violation: unknown) => void): void;
    };
    const before = JSON.stringify(args.props);
    deepStrictEqual(policy.remediateResource(args), undefined);
    deepStrictEqual(JSON.stringify(args.props), before);
    const reported: unknown[] = [];
    policy.remediateResource(args);
    for (let run = 0; run < 2; run++)
      policy.validateResource(args, (violation) => void reported.push(violation));
    const advice = reported.filter((violation) => typeof violation === "object") as {
      message: string;
      enforcementLevel: string;
    }[];
    deepStrictEqual(
      advice.map(({ message, enforcementLevel }) => [message.startsWith(INTERNAL_ERROR), enforcementLevel]),
      [[true, "advisory"]],
    );
  });
});
