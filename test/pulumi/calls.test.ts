import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Policies, ReportViolation, StackValidationArgs, StackValidationPolicy } from "@pulumi/policy";
import { runPack, stackRequest } from "../../engine/pack";
import type { AnalysisSession } from "../../policies";
import { Pack } from "../../pulumi";
import { customStackHandler, type Handler, makeAnalyzeStackRpcFun } from "../../pulumi/server";
import { type PlannedResource, plan, programFrom } from "../../testing";

const EXAMPLES = resolve(__dirname, "../../examples");
const POLICY = "route-function-permission";
/** The policies that report {@link withoutPermission}. */
const REPORTING = [POLICY, "lambda-permission-request"];
const PERMISSION = "aws:lambda/permission:Permission";

const example = async (name: string): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(EXAMPLES, name)), { as: "deployed", project: "shop" })).resources;

/** The same URNs, with permissions for another service. */
const withoutPermission = (resources: readonly PlannedResource[]): PlannedResource[] =>
  resources.map((resource) => {
    if (resource.type !== PERMISSION) return resource;
    const principal = "s3.amazonaws.com";
    return {
      ...resource,
      inputs: { ...resource.inputs, principal },
      outputs: { ...resource.outputs, principal },
    };
  });

type Request = Parameters<ReturnType<typeof makeAnalyzeStackRpcFun>>[0]["request"];

function respond(handler: Handler<Request>, resources: readonly PlannedResource[]): Promise<string[]> {
  return new Promise((done, fail) => {
    void handler({ request: stackRequest(resources) }, (error, response) =>
      response === undefined
        ? fail(error)
        : done(response.getDiagnosticsList().map((diagnostic) => diagnostic.getPolicyname())),
    );
  });
}

const handlerOf = (policies: Policies): Handler<Request> =>
  makeAnalyzeStackRpcFun("acme", "1.0.0", "advisory", policies);

/** The SDK's arguments of a stack policy. */
async function argsOf(resources: readonly PlannedResource[]): Promise<StackValidationArgs> {
  let received: StackValidationArgs | undefined;
  const validateStack = (args: StackValidationArgs): void => {
    received = { ...args, notApplicable: () => undefined as never };
  };
  await respond(
    handlerOf([{ name: "receive", description: "", enforcementLevel: "mandatory", validateStack }]),
    resources,
  );
  ok(received);
  return received;
}

function stackPolicyOf(pack: Pack, name: string): StackValidationPolicy {
  const found = pack.policies.find((policy) => policy.name === name);
  ok(found !== undefined && "validateStack" in found);
  return found;
}

function reportedBy(pack: Pack, name: string, args: StackValidationArgs): string[] {
  const messages: string[] = [];
  const report: ReportViolation = (message) => void messages.push(String(message));
  void stackPolicyOf(pack, name).validateStack(args, report);
  return messages;
}

/** Sets a property in the object behind the SDK's proxy. */
function change(args: StackValidationArgs, property: string, value: unknown): void {
  for (const { type, props } of args.resources) if (type === PERMISSION) props[property] = value;
}

describe("policies that are called directly, as in a unit test", () => {
  let working: PlannedResource[];
  let broken: PlannedResource[];

  before(async () => {
    working = await example("invalid-permissions-fixed");
    broken = withoutPermission(working);
    deepStrictEqual(
      broken.map(({ urn }) => urn),
      working.map(({ urn }) => urn),
    );
  });

  it("analyze a broken stack after a working stack with the same URNs", async () => {
    const pack = new Pack();
    const [first, second] = [await argsOf(working), await argsOf(broken)];
    for (const { name } of pack.policies) if (name !== POLICY) reportedBy(pack, name, first);
    strictEqual(reportedBy(pack, POLICY, second).length, 1);
  });

  it("analyze a working stack after a broken stack with the same URNs", async () => {
    const pack = new Pack();
    const [first, second] = [await argsOf(broken), await argsOf(working)];
    for (const { name } of pack.policies) if (name !== POLICY) reportedBy(pack, name, first);
    deepStrictEqual(reportedBy(pack, POLICY, second), []);
  });

  it("analyze the same arguments again after each change", async () => {
    const pack = new Pack();
    const args = await argsOf(working);
    for (const [principal, count] of [
      ["apigateway.amazonaws.com", 0],
      ["s3.amazonaws.com", 1],
      ["apigateway.amazonaws.com", 0],
    ] as const) {
      change(args, "principal", principal);
      for (const { name } of pack.policies)
        strictEqual(
          reportedBy(pack, name, args).length,
          REPORTING.includes(name) ? count : 0,
          `${name} ${principal}`,
        );
    }
  });

  it("report the same in each pack, in turn", async () => {
    const packs = [new Pack(), new Pack()];
    const stacks = [await argsOf(working), await argsOf(broken)];
    for (let turn = 0; turn < 8; turn++)
      for (const [index, pack] of packs.entries()) {
        const stackIndex = (turn + index) % 2;
        const args = stacks[stackIndex];
        ok(args);
        strictEqual(reportedBy(pack, POLICY, args).length, stackIndex, `turn ${turn}, pack ${index}`);
      }
  });

  it("do not use inputs that a resource policy received before", async () => {
    const pack = new Pack();
    const Statement = [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }];
    const inlinePolicies = [{ name: "invoke", policy: JSON.stringify({ Version: "2012-10-17", Statement }) }];
    // Only the inputs show that the program sets the policies, and not a refresh.
    const args = await argsOf(
      (await example("invalid-permissions")).map((resource) =>
        resource.type === "aws:iam/role:Role"
          ? { ...resource, outputs: { ...resource.outputs, inlinePolicies } }
          : resource,
      ),
    );
    for (const policy of pack.policies)
      for (const resource of args.resources) {
        const validate = "validateResource" in policy ? policy.validateResource : undefined;
        if (typeof validate !== "function") continue;
        const { getConfig, notApplicable } = args;
        void validate({ ...resource, getConfig, notApplicable } as never, () => undefined);
      }
    strictEqual(reportedBy(pack, "unproven-access", args).length, 1);
  });

  it("do not require notApplicable among their arguments", () => {
    const type = "aws:s3/bucket:Bucket";
    const bucket = { type, name: "photos", urn: `urn:pulumi:dev::shop::${type}::photos`, props: {} };
    const args = { ...bucket, resources: [bucket], getConfig: () => ({}) };
    const messages: unknown[] = [];
    const report: ReportViolation = (message) => void messages.push(message);
    for (const policy of new Pack().policies) {
      if ("validateResource" in policy && typeof policy.validateResource === "function")
        void policy.validateResource(args as never, report);
      if ("validateStack" in policy) void policy.validateStack(args as never, report);
    }
    deepStrictEqual(messages, []);
  });

  it("report the same as together in a call, including the policies that require others", async () => {
    const resources = await example("shop");
    const found = await runPack(new Pack(), resources);
    ok(found.some(({ policy }) => policy === "unproven-access"));
    const direct: string[] = [];
    for (const { name } of [...new Pack().policies].reverse())
      for (const message of reportedBy(new Pack(), name, await argsOf(resources)))
        direct.push(`${name}\n${message}`);
    deepStrictEqual(direct.sort(), found.map(({ policy, message }) => `${policy}\n${message}`).sort());
  });
});

describe("the policies in a custom pack", () => {
  let working: PlannedResource[];
  let broken: PlannedResource[];

  before(async () => {
    working = await example("invalid-permissions-fixed");
    broken = withoutPermission(working);
  });

  /** A pack, with the number of its sessions. */
  function counted() {
    const sessions: AnalysisSession[] = [];
    return { pack: new Pack({ onSession: (session) => void sessions.push(session) }), sessions };
  }

  it("share one session in each call", async () => {
    const { pack, sessions } = counted();
    const handler = customStackHandler(handlerOf(pack.policies));
    for (const [index, stack] of [working, broken, working].entries()) {
      deepStrictEqual(await respond(handler, stack), stack === broken ? REPORTING : []);
      strictEqual(sessions.length, index + 1);
    }
  });

  it("share no session between two packs and concurrent calls", async () => {
    const packs = [counted(), counted()];
    const waiting: StackValidationPolicy = {
      name: "waiting",
      description: "Waits for other calls.",
      validateStack: async () => {
        await setImmediate();
      },
    };
    const policies = packs.flatMap(({ pack }) => pack.policies.flatMap((policy) => [policy, waiting]));
    // Each pack wraps the handler.
    const handler = customStackHandler(customStackHandler(handlerOf(policies)));
    const stacks = Array.from({ length: 10 }, (_, turn) => (turn % 2 === 0 ? working : broken));
    const responses = await Promise.all(stacks.map((stack) => respond(handler, stack)));
    deepStrictEqual(
      responses,
      stacks.map((stack) => (stack === broken ? [...REPORTING, ...REPORTING] : [])),
    );
    for (const { sessions } of packs) strictEqual(sessions.length, stacks.length);
  });

  const changes: Record<string, (args: StackValidationArgs) => StackValidationArgs> = {
    "other resources": ({ resources, ...args }) => ({
      ...args,
      resources: resources.filter(({ type }) => type !== PERMISSION),
    }),
    "copies of resources with other properties": ({ resources, ...args }) => ({
      ...args,
      resources: resources.map((resource) =>
        resource.type === PERMISSION
          ? { ...resource, props: { ...resource.props, principal: "s3.amazonaws.com" } }
          : resource,
      ),
    }),
    "changed resources": (args) => {
      change(args, "principal", "s3.amazonaws.com");
      return args;
    },
  };
  for (const [label, changed] of Object.entries(changes))
    it(`analyze ${label} that the custom pack passes to one of them`, async () => {
      const { pack, sessions } = counted();
      const policies = pack.policies.map((policy) => {
        if (policy.name !== POLICY || !("validateStack" in policy)) return policy;
        const { validateStack } = policy;
        return {
          ...policy,
          validateStack: (args: StackValidationArgs, report: ReportViolation) =>
            validateStack(changed(args), report),
        };
      });
      const handler = customStackHandler(handlerOf(policies));
      deepStrictEqual(await respond(handler, working), [POLICY]);
      strictEqual(sessions.length, 2);
    });

  const incomparable: Record<string, object> = {
    "dependencies that are null": { dependencies: null },
    "properties that throw": {
      props: new Proxy(
        {},
        {
          get: () => {
            throw new Error("This property cannot be read.");
          },
        },
      ),
    },
  };
  for (const [label, fields] of Object.entries(incomparable))
    it(`analyze resources with ${label} without an internal error`, async () => {
      const { pack } = counted();
      const policies = pack.policies.map((policy) => {
        if (!("validateStack" in policy)) return policy;
        const { validateStack } = policy;
        return {
          ...policy,
          validateStack: (args: StackValidationArgs, report: ReportViolation) =>
            validateStack(
              {
                ...args,
                resources: args.resources.map((resource) =>
                  resource.type === "aws:iam/role:Role" ? { ...resource, ...fields } : resource,
                ),
              },
              report,
            ),
        };
      });
      const handler = customStackHandler(handlerOf(policies));
      deepStrictEqual(await respond(handler, broken), REPORTING);
    });
});
