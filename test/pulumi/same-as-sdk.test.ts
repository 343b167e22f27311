/**
 * The pack reads only part of a stack request. Its response is equal to that of the SDK, which passes the whole stack
 * to each policy.
 *
 * `npm run soundness` runs more stacks; `FUZZ_SEED` repeats the stack with a given number.
 */
import { deepStrictEqual, notDeepStrictEqual, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzeResponse, AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { configuredPolicies, stackRequest } from "../../engine/pack";
import { Pack } from "../../pulumi";
import { makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
import { type Definition, withFastStackRequests } from "../../pulumi/stack-request";
import { type PlannedResource, type PolicyConfig, plan, UNKNOWN, type Value } from "../../testing";
import { GATEWAY_ROLE, gatewayRole } from "../account/gateway-role";
import { MOMENTS } from "../support/cases";
import { FORMS } from "../support/forms";
import { mutate, type Random, seededRandom } from "../support/mutate";
import { restStack } from "../support/rest";

const { SOUNDNESS_RUNS = "1", FUZZ_SEED } = process.env;
const STACKS = Math.ceil(60 * Number(SOUNDNESS_RUNS));
const SEED = 20_261;

interface Answer {
  readonly findings: readonly string[];
  readonly notApplicable: readonly string[];
}

type Deserialize = (bytes: Uint8Array) => AnalyzeStackRequest;

const SERVICE = AnalyzerService as unknown as Definition;
const requestsOf = (definition: Definition): Deserialize =>
  (definition.analyzeStack as { requestDeserialize: Deserialize }).requestDeserialize;
const WAYS = { pack: requestsOf(withFastStackRequests(SERVICE)), sdk: requestsOf(SERVICE) };

async function answerOf(
  way: keyof typeof WAYS,
  bytes: Uint8Array,
  config: PolicyConfig,
): Promise<Answer | "refused"> {
  const pack = new Pack({ folders: () => [process.cwd()] });
  pack.configure(config);
  const sdk = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", configuredPolicies(pack.policies, config));
  const handler = way === "pack" ? stackHandler(pack, sdk) : sdk;
  return await new Promise((resolve, reject) => {
    const answered = (_error: unknown, response?: AnalyzeResponse): void =>
      resolve(response === undefined ? "refused" : shown(response));
    Promise.resolve(handler({ request: WAYS[way](bytes) }, answered)).catch(reject);
  });
}

function shown(response: AnalyzeResponse): Answer {
  return {
    findings: response
      .getDiagnosticsList()
      .map(
        (one) => `${one.getPolicyname()} ${one.getEnforcementlevel()} ${one.getUrn()} ${one.getMessage()}`,
      ),
    notApplicable: response.getNotApplicableList().map((one) => `${one.getPolicyName()}: ${one.getReason()}`),
  };
}

/**
 * Asserts that both responses are equal, unless the SDK rejects the stack because of a resource that the pack does
 * not read.
 */
async function sameAnswer(
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
  about = "",
): Promise<Answer | "refused"> {
  const bytes = stackRequest(resources).serializeBinary();
  const [byPack, bySdk] = [await answerOf("pack", bytes, config), await answerOf("sdk", bytes, config)];
  if (bySdk !== "refused") deepStrictEqual(byPack, bySdk, about);
  return bySdk;
}

const SENTINELS: readonly Value[] = [UNKNOWN, "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", "[secret]"];
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: Value): Value => ({ value, [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270" });

const SERVICE_URIS = [
  "arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders",
  "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
  "arn:aws:apigateway:us-east-1:s3:path/bucket/{key}",
  "arn:aws:apigateway:us-east-1:${stageVariables.service}:path/orders",
];

function integration(dice: Random): { [name: string]: Value } {
  return {
    type: dice.pick(["AWS", "aws", "AWS_PROXY"]),
    uri: dice.pick([...SERVICE_URIS, ...SENTINELS, secret(SERVICE_URIS[0] ?? "")]),
    credentials: dice.pick([GATEWAY_ROLE, ...SENTINELS]),
    httpMethod: "POST",
    requestParameters: { "integration.request.querystring.Action": "'SendMessage'" },
  };
}

function bodyWith(dice: Random): Value {
  const one = integration(dice);
  const body: Value = {
    openapi: "3.0.1",
    paths: { "/jobs": { post: { "x-amazon-apigateway-integration": one } } },
  };
  const json = JSON.stringify(body);
  const yaml = `x: &i ${JSON.stringify(one)}\npaths:\n  /jobs:\n    post:\n      x-amazon-apigateway-integration: {<<: *i}\n`;
  return dice.pick([
    json,
    yaml,
    body,
    secret(json),
    json.replaceAll(":sqs:", ":\\u0073qs:"),
    `\ufeff${json}`,
  ]);
}

function called(dice: Random, stack: readonly PlannedResource[]): PlannedResource {
  const type = dice.pick([
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws-native:dynamodb:Table",
    "aws:sfn/stateMachine:StateMachine",
    "time:index/sleep:Sleep",
  ]);
  const on = { Effect: dice.pick(["Allow", "Deny"]), Principal: "*", Action: "*", Resource: "*" };
  const outputs = {
    id: dice.pick<Value>(["bucket", UNKNOWN]),
    arn: dice.pick<Value>(["arn:aws:sqs:us-east-1:123456789012:orders", UNKNOWN]),
    name: "orders",
    bucket: "bucket",
    queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
    policy: dice.pick<Value>([JSON.stringify({ Version: "2012-10-17", Statement: [on] }), UNKNOWN]),
    description: "é😀".repeat(dice.below(40)),
  };
  return {
    urn: `urn:pulumi:dev::project::${type}::called`,
    type,
    name: "called",
    custom: true,
    id: "called",
    inputs: {},
    outputs,
    dependencies: [dice.pick(stack).urn],
    propertyDependencies: { policy: [dice.pick(stack).urn] },
  };
}

/** Changes resources that the pack skips or reads in another way than the SDK. */
function changeWhatIsReduced(stack: PlannedResource[], dice: Random): void {
  const one = dice.pick(stack);
  const service = called(dice, stack);
  const named = (type: RegExp): PlannedResource =>
    dice.pick(stack.filter((other) => type.test(other.type))) ?? one;
  switch (dice.below(6)) {
    case 0: {
      const made = named(/integration:Integration$/);
      const { uri, credentials, ...rest } = integration(dice);
      Object.assign(made.outputs, rest, {
        uri,
        integrationUri: uri,
        credentials,
        credentialsArn: credentials,
      });
      if (dice.below(2) === 0)
        made.propertyDependencies = { uri: [service.urn], integrationUri: [service.urn] };
      stack.push(service);
      return;
    }
    case 1:
      named(/:(RestApi|Api)$/).outputs.body = bodyWith(dice);
      stack.push(service);
      return;
    case 2:
      named(/:Deployment$/).dependencies = [service.urn, one.urn];
      stack.push(service);
      return;
    case 3:
      one.outputs[dice.pick(["description", "tags", "environment", "4dabf", "constructor"])] =
        dice.pick<Value>([
          "calls execute-api",
          "lambda:InvokeFunctionUrl",
          secret(UNKNOWN),
          "\0".repeat(50),
          "é".repeat(40_000),
        ]);
      return;
    case 4:
      one.outputs = dice.pick([{}, { description: UNKNOWN }, { arn: secret(UNKNOWN) }]);
      return;
    default:
      one.parent = dice.pick([service.urn, dice.pick(stack).urn]);
      service.parent = dice.pick(stack).urn;
      stack.push(service);
  }
}

describe("a stack request that is read in part", function () {
  this.timeout(120_000);
  const stacks: (readonly PlannedResource[])[] = [];

  before(async () => {
    for (const as of MOMENTS)
      for (const program of Object.values(FORMS)) stacks.push((await plan(program, { as })).resources);
  });

  it("gets the same response as from the SDK, with random stacks", async () => {
    const seeds =
      FUZZ_SEED === undefined
        ? Array.from({ length: STACKS }, (_, index) => SEED + index)
        : [Number(FUZZ_SEED)];
    let answers = 0;
    for (const seed of seeds) {
      const dice = seededRandom(seed);
      const { resources } = mutate(dice.pick(stacks), dice, dice.below(4));
      for (let time = dice.below(5); time > 0; time--) changeWhatIsReduced(resources, dice);
      if ((await sameAnswer(resources, {}, `stack ${seed}`)) !== "refused") answers++;
    }
    ok(answers > seeds.length / 2, `${answers}`);
  });
});

describe("properties that the pack does not read", function () {
  this.timeout(60_000);

  it("do not make a policy applicable", async () => {
    const { resources } = await plan(restStack({ caller: false }), { as: "deployed" });
    const only = resources.filter(({ type }) => type === "aws:iam/role:Role");
    for (const one of only)
      one.outputs = { ...one.outputs, description: "execute-api, lambda:InvokeFunctionUrl" };
    const answer = await sameAnswer(only);
    ok(answer !== "refused" && answer.notApplicable.some((one) => one.startsWith("external-api-caller")));
  });

  it("match account data like the properties that it reads", async () => {
    const folder = mkdtempSync(join(tmpdir(), "same-as-sdk-"));
    try {
      const file = join(folder, "iam.json");
      writeFileSync(file, JSON.stringify(gatewayRole("execute-api:Invoke")));
      const config = { "policy-configuration": { account: [file] } };
      const { resources } = await plan(restStack({ caller: false }), { as: "deployed" });
      const without = await sameAnswer(resources, config);
      const fn = resources.find(({ type }) => type === "aws:lambda/function:Function");
      Object.assign(fn?.outputs ?? {}, { environment: { variables: { ROLE: GATEWAY_ROLE } } });
      notDeepStrictEqual(await sameAnswer(resources, config), without);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
