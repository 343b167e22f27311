import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { join, resolve } from "node:path";
import { stackRequest } from "../../engine/pack";
import { POLICIES } from "../../policies";
import {
  type ApiGatewayLambdaAccessOptions,
  apiGatewayLambdaAccess,
  POLICY_NAMES,
} from "../../pulumi/policies";
import { isStartedByEngine } from "../../pulumi/serve";
import { makeAnalyzeStackRpcFun } from "../../pulumi/server";
import { plan, programFrom } from "../../testing";

const EXAMPLES = resolve(__dirname, "../../examples");
const ALL = POLICIES.map(({ metadata }) => metadata.name);
const names = (options?: ApiGatewayLambdaAccessOptions): string[] =>
  apiGatewayLambdaAccess(options).map(({ name }) => name);

describe("the policies for another pack", () => {
  it("are all policies of the pack by default", () => {
    deepStrictEqual(names(), ALL);
    deepStrictEqual([...POLICY_NAMES], [...ALL].sort());
  });

  it("are selected by name", () => {
    deepStrictEqual(names({ names: ["route-function-permission"] }), ["route-function-permission"]);
  });

  it("are selected by severity", () => {
    const low = ["external-api-caller-lambda-invoke", "policy-configuration", "unproven-access"];
    deepStrictEqual(names({ severities: ["low"] }).sort(), low);
  });

  it("are selected by rule", () => {
    const twoStep = ["external-api-caller-lambda-invoke", "iam-route-caller-lambda-invoke"];
    const both = ["policy-configuration", "unproven-access"];
    deepStrictEqual(names({ rules: ["two-step"] }).sort(), [...twoStep, ...both].sort());
    deepStrictEqual(
      names({ rules: ["aws"] }),
      ALL.filter((name) => !twoStep.includes(name)),
    );
  });

  it("are selected by level", () => {
    const advisory = POLICIES.filter(({ metadata }) => metadata.enforcementLevel === "advisory");
    deepStrictEqual(
      names({ levels: ["advisory"] }),
      advisory.map(({ metadata }) => metadata.name),
    );
  });

  it("are selected by all conditions together", () => {
    deepStrictEqual(names({ rules: ["two-step"], levels: ["mandatory"] }), [
      "iam-route-caller-lambda-invoke",
    ]);
  });

  it("have the given level", () => {
    const policies = apiGatewayLambdaAccess({ enforcementLevel: "advisory" });
    ok(policies.every(({ enforcementLevel }) => enforcementLevel === "advisory"));
    strictEqual(policies.length, ALL.length);
  });

  const invalid: [options: object, message: RegExp][] = [
    [{ names: ["route-function-permissions"] }, /names cannot be "route-function-permissions"; it can be /],
    [{ rules: ["AWS"] }, /rules cannot be "AWS"; it can be aws, two-step/],
    [{ severities: "high" }, /severities is not a list/],
    [{ level: "advisory" }, /no option level; the options are names, /],
    [{ enforcementLevel: "remediate" }, /enforcementLevel cannot be "remediate"/],
    [{ names: [] }, /select no policy/],
    [JSON.parse('{"__proto__": ["x"]}'), /no option __proto__/],
  ];
  for (const [options, message] of invalid)
    it(`reject ${JSON.stringify(options)}`, () => {
      throws(() => apiGatewayLambdaAccess(options as ApiGatewayLambdaAccessOptions), message);
    });

  it("report findings without the other policies", async () => {
    const { resources } = await plan(programFrom(join(EXAMPLES, "caller-credentials")), {
      as: "first-preview",
      project: "shop",
    });
    const reportedBy = (options: ApiGatewayLambdaAccessOptions): Promise<string[]> =>
      new Promise((done, fail) => {
        const policies = apiGatewayLambdaAccess(options);
        const handler = makeAnalyzeStackRpcFun("acme", "1.0.0", "advisory", policies);
        void handler({ request: stackRequest(resources) }, (error, response) =>
          response === undefined
            ? fail(error)
            : done(response.getDiagnosticsList().map((diagnostic) => diagnostic.getPolicyname())),
        );
      });
    deepStrictEqual(await reportedBy({ rules: ["aws"] }), ["caller-credentials-lambda-invoke"]);
    deepStrictEqual(await reportedBy({ rules: ["two-step"] }), []);
  });
});

describe("the pack's main module", () => {
  it("starts the server only in the engine's process", () => {
    const script = "/shop/node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js";
    strictEqual(isStartedByEngine([script, undefined]), true);
    strictEqual(isStartedByEngine(["C:\\shop\\node_modules\\@pulumi\\pulumi\\cmd\\run-policy-pack"]), true);
    strictEqual(isStartedByEngine(["/shop/node_modules/@pulumi/pulumi/cmd/run/index.js"]), false);
    strictEqual(isStartedByEngine(["/shop/test.js", undefined]), false);
    strictEqual(isStartedByEngine(), false);
  });
});
