import { deepStrictEqual, ok } from "node:assert";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { analyze } from "../../engine/analyze";
import { runPack } from "../../engine/pack";
import { POLICIES, type PolicyDefinition } from "../../policies";
import { Pack } from "../../pulumi";
import { type Finding, type Plan, type PolicyConfig, plan } from "../../testing";

const ROOT = resolve(__dirname, "../..");

/** Whose faults the pack has to survive. */
const FOLDERS = ["access", "account", "aws", "stack", "iam", "messages", "policies"];

const LED_TO = "Internal error in this policy pack";

/** Two routes: the caller of one may not invoke its function, and API Gateway may not invoke that of the other. */
function shop(): void {
  const trust = (Service: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
    });
  const execution = new aws.iam.Role("execution", { assumeRolePolicy: trust("lambda.amazonaws.com") });
  const api = new aws.apigateway.RestApi("shop");
  for (const [name, authorization] of [
    ["orders", "AWS_IAM"],
    ["stock", "NONE"],
  ] as const) {
    const handler = new aws.lambda.Function(name, {
      role: execution.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: new pulumi.asset.AssetArchive({}),
    });
    const { id } = new aws.apigateway.Resource(name, {
      restApi: api,
      parentId: api.rootResourceId,
      pathPart: name,
    });
    const at = { restApi: api, resourceId: id, httpMethod: "GET" };
    new aws.apigateway.Method(name, { ...at, authorization });
    new aws.apigateway.Integration(name, {
      ...at,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: handler.invokeArn,
    });
    if (name === "orders")
      new aws.lambda.Permission(name, {
        action: "lambda:InvokeFunction",
        function: handler.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/${name}`,
      });
  }
  const client = new aws.iam.Role("client", { name: "client", assumeRolePolicy: trust("ec2.amazonaws.com") });
  new aws.iam.RolePolicy("client", {
    role: client.id,
    policy: api.executionArn.apply((arn) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: `${arn}/*/GET/orders` }],
      }),
    ),
  });
}

type AnyFunction = (...args: never) => unknown;

/** A function that can be made to fail, and a way to learn when it is called. */
interface Replaceable {
  readonly name: string;
  replace(make: (original: AnyFunction) => AnyFunction): () => void;
}

function property(name: string, owner: object, key: string): readonly Replaceable[] {
  const described = Object.getOwnPropertyDescriptor(owner, key);
  const original: unknown = described?.value;
  if (typeof original !== "function" || described?.writable !== true) return [];
  return [
    {
      name,
      replace: (make) => {
        Object.defineProperty(owner, key, { ...described, value: make(original as AnyFunction) });
        return () => Object.defineProperty(owner, key, described);
      },
    },
  ];
}

function isClass(value: unknown): value is AnyFunction {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** What a module exports: functions, and the methods of classes. A re-export is the export of another module. */
function exportedBy(file: string): readonly Replaceable[] {
  const exported = require(file) as Record<string, unknown>;
  const where = file.slice(ROOT.length + 1, -".ts".length);
  return Object.keys(exported).flatMap((key) => {
    if (Object.getOwnPropertyDescriptor(exported, key)?.get !== undefined) return [];
    const value = exported[key];
    if (!isClass(value)) return property(`${where}: ${key}`, exported, key);
    const prototype = value.prototype as object;
    return Object.getOwnPropertyNames(prototype)
      .filter((method) => method !== "constructor")
      .flatMap((method) => property(`${where}: ${key}.${method}`, prototype, method));
  });
}

function everything(): readonly Replaceable[] {
  const files = FOLDERS.flatMap((folder) =>
    (readdirSync(join(ROOT, folder), { recursive: true }) as string[])
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(ROOT, folder, file)),
  );
  return [
    ...files.flatMap(exportedBy),
    ...POLICIES.flatMap((policy) => property(`check of ${policy.metadata.name}`, policy, "check")),
  ];
}

/** Each world and each configuration once: there are hundreds of functions to break. */
const RUNS = [
  { as: "first preview", how: "policy-configuration disabled" },
  { as: "deployed", how: "with settings" },
] as const;

class Injected extends Error {
  override readonly name = "Injected";
}

const isFault = ({ message }: Finding): boolean => message.startsWith(LED_TO);
const brief = ({ policy, level, resource, message }: Finding): string =>
  [policy, level, resource, message].join("\n");

const EXEMPT = "route-function-permission";
const CONFIGURATIONS: Record<string, PolicyConfig> = {
  "policy-configuration disabled": { all: "mandatory", "policy-configuration": "disabled" },
  "with settings": {
    all: "mandatory",
    [EXEMPT]: { enforcementLevel: "mandatory", exempt: [{ resource: "stock", reason: "x" }] },
    "iam-route-caller-lambda-invoke": { callers: [{ principal: "client", routes: ["GET /orders"] }] },
  },
};

/** Broken functions, by name, until they are restored; `called` says whether anyone noticed. */
function broken(...targets: readonly Replaceable[]): { called: () => boolean; restore: () => void } {
  let called = false;
  const undo = targets.map(({ replace }) =>
    replace(
      () =>
        function fails() {
          called = true;
          throw new Injected("injected");
        },
    ),
  );
  return { called: () => called, restore: () => undo.forEach((restore) => void restore()) };
}

describe("a fault of the pack", () => {
  const targets = everything();
  const worlds: Record<string, Plan> = {};
  /** By world and configuration: what is found without a fault. */
  const healthy = new Map<string, readonly string[]>();
  /** By function: the policies that call it, each run by itself, and those that require them. */
  const users = new Map<string, Set<string>>();
  /** What is called as the pack is made: a fault there has nothing to do with a stack, and fails every test. */
  const atStart = new Set<string>();

  before(async () => {
    worlds["first preview"] = await plan(shop, { as: "first-preview" });
    worlds.deployed = await plan(shop, { as: "deployed" });
    let call = (name: string): void => void atStart.add(name);
    const undo = targets.map(({ name, replace }) =>
      replace(
        (original) =>
          function (this: unknown, ...args: unknown[]) {
            call(name);
            return Reflect.apply(original, this, args);
          },
      ),
    );
    try {
      const pack = new Pack();
      for (const { metadata } of POLICIES) {
        call = (name) => void users.set(name, (users.get(name) ?? new Set()).add(metadata.name));
        for (const { as, how } of RUNS) {
          const config = CONFIGURATIONS[how] ?? {};
          const own = config[metadata.name];
          const level = "mandatory" as const;
          await runPack(pack, worlds[as]?.resources ?? [], {
            all: "disabled",
            [metadata.name]: typeof own === "object" ? { enforcementLevel: level, ...own } : level,
          });
        }
      }
    } finally {
      for (const restore of undo.reverse()) restore();
    }
    for (const { metadata, requires } of POLICIES)
      for (const set of users.values()) if (requires.some((name) => set.has(name))) set.add(metadata.name);
    for (const { as, how } of RUNS) {
      const found = await runPack(new Pack(), worlds[as]?.resources ?? [], CONFIGURATIONS[how]);
      ok(!found.some(isFault));
      healthy.set(`${as}, ${how}`, found.map(brief));
    }
  });

  it("is looked for in hundreds of functions, most of which the example calls", () => {
    ok(targets.length > 300, String(targets.length));
    ok(users.size > 200, String(users.size));
  });

  it("has findings to lose", () => {
    for (const [where, found] of healthy)
      for (const policy of ["iam-route-caller-lambda-invoke", "route-function-permission"])
        if (policy !== EXEMPT || !where.endsWith("with settings"))
          ok(
            found.some((text) => text.startsWith(`${policy}\nmandatory\n`)),
            `${policy}, ${where}`,
          );
  });

  /** @returns the policies' findings, where something was called that is broken */
  async function found(where: string, faulty: readonly Replaceable[]): Promise<string[]> {
    const [as = "", how = ""] = where.split(", ");
    const pack = new Pack();
    const fault = broken(...faulty);
    let all: Finding[];
    try {
      all = await runPack(pack, worlds[as]?.resources ?? [], CONFIGURATIONS[how]);
    } finally {
      fault.restore();
    }
    if (!fault.called()) return [...(healthy.get(where) ?? [])];
    deepStrictEqual(
      all.filter(isFault).map(({ level }) => level),
      ["advisory"],
      where,
    );
    return all.filter((one) => !isFault(one)).map(brief);
  }

  for (const target of targets)
    it(`in ${target.name} is reported once, as advice, and costs only what depends on it`, async () => {
      const touched = users.get(target.name);
      if (touched === undefined) return;
      const untouched = (text: string): boolean => !touched.has(text.slice(0, text.indexOf("\n")));
      for (const [where, before] of healthy) {
        const after = await found(where, [target]);
        for (const one of after) ok(before.includes(one), `${where}: blamed on the stack:\n${one}`);
        deepStrictEqual(after.filter(untouched), before.filter(untouched), where);
      }
      if (atStart.has(target.name)) return;
      const fault = broken(target);
      try {
        const { faults } = await analyze(
          worlds["first preview"]?.resources ?? [],
          CONFIGURATIONS["with settings"],
        );
        deepStrictEqual(
          faults.map(({ kind }) => kind),
          fault.called() ? ["Injected"] : [],
        );
      } finally {
        fault.restore();
      }
    });

  it("that hits what reports faults as well is reported all the same", async () => {
    const named = (...names: string[]) => targets.filter(({ name }) => names.includes(name));
    for (const teller of [
      "policies/faults: faultOf",
      "policies/faults: faultKey",
      "messages/pack: faultMessage",
    ]) {
      const faulty = named(teller, "stack/index: readStack");
      deepStrictEqual(faulty.length, 2);
      for (const [where, before] of healthy)
        for (const one of await found(where, faulty)) ok(before.includes(one), one);
    }
  });
});

describe("a fault in reading the configuration", () => {
  it("does not report what is exempt", async () => {
    const { resources } = await plan(shop, { as: "deployed" });
    const config: PolicyConfig = {
      all: "disabled",
      [EXEMPT]: { enforcementLevel: "mandatory", exempt: [{ resource: "stock", reason: "x" }], exemptt: 1 },
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
        all.map((one) => [one.level, isFault(one)]),
        [["advisory", true]],
      );
    } finally {
      String.prototype.toLowerCase = exempt;
    }
  });
});

describe("a fault in a remediation", () => {
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

  it("leaves the resource as it is, and is reported once by the policy that runs next", () => {
    const { policies } = new Pack({ definitions });
    const policy = policies.find(({ name }) => name === NAME) as unknown as {
      remediateResource(given: object): unknown;
      validateResource(given: object, report: (violation: unknown) => void): void;
    };
    const before = JSON.stringify(args.props);
    deepStrictEqual(policy.remediateResource(args), undefined);
    deepStrictEqual(JSON.stringify(args.props), before);
    const reported: unknown[] = [];
    policy.remediateResource(args);
    for (let run = 0; run < 2; run++)
      policy.validateResource(args, (violation) => void reported.push(violation));
    const advice = reported.filter((one) => typeof one === "object") as {
      message: string;
      enforcementLevel: string;
    }[];
    deepStrictEqual(
      advice.map(({ message, enforcementLevel }) => [message.startsWith(LED_TO), enforcementLevel]),
      [[true, "advisory"]],
    );
  });
});
