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
import { customStackHandler, makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
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

interface ResponseSummary {
  readonly findings: readonly string[];
  readonly notApplicable: readonly string[];
}

type Deserialize = (bytes: Uint8Array) => AnalyzeStackRequest;

const SERVICE = AnalyzerService as unknown as Definition;
const requestsOf = (definition: Definition): Deserialize =>
  (definition.analyzeStack as { requestDeserialize: Deserialize }).requestDeserialize;
const READERS = { pack: requestsOf(withFastStackRequests(SERVICE)), sdk: requestsOf(SERVICE) };

async function responseOf(
  reader: keyof typeof READERS,
  bytes: Uint8Array,
  config: PolicyConfig,
): Promise<ResponseSummary | "refused"> {
  const pack = new Pack({ folders: () => [process.cwd()] });
  pack.configure(config);
  const sdk = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", configuredPolicies(pack.policies, config));
  const handler = reader === "pack" ? stackHandler(pack, sdk) : customStackHandler(sdk);
  return await new Promise((resolve, reject) => {
    const done = (_error: unknown, response?: AnalyzeResponse): void =>
      resolve(response === undefined ? "refused" : summaryOf(response));
    Promise.resolve(handler({ request: READERS[reader](bytes) }, done)).catch(reject);
  });
}

function summaryOf(response: AnalyzeResponse): ResponseSummary {
  return {
    findings: response
      .getDiagnosticsList()
      .map(
        (diagnostic) =>
          `${diagnostic.getPolicyname()} ${diagnostic.getEnforcementlevel()} ${diagnostic.getUrn()} ${diagnostic.getMessage()}`,
      ),
    notApplicable: response
      .getNotApplicableList()
      .map((policy) => `${policy.getPolicyName()}: ${policy.getReason()}`),
  };
}

/**
 * Asserts that both responses are equal, unless the SDK rejects the stack because of a resource that the pack does
 * not read.
 */
async function assertSameResponse(
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
  description = "",
): Promise<ResponseSummary | "refused"> {
  const bytes = stackRequest(resources).serializeBinary();
  const [byPack, bySdk] = [await responseOf("pack", bytes, config), await responseOf("sdk", bytes, config)];
  if (bySdk !== "refused") deepStrictEqual(byPack, bySdk, description);
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

function integration(random: Random): { [name: string]: Value } {
  return {
    type: random.pick(["AWS", "aws", "AWS_PROXY"]),
    uri: random.pick([...SERVICE_URIS, ...SENTINELS, secret(SERVICE_URIS[0] ?? "")]),
    credentials: random.pick([GATEWAY_ROLE, ...SENTINELS]),
    httpMethod: "POST",
    requestParameters: { "integration.request.querystring.Action": "'SendMessage'" },
  };
}

function bodyWith(random: Random): Value {
  const serviceIntegration = integration(random);
  const body: Value = {
    openapi: "3.0.1",
    paths: { "/jobs": { post: { "x-amazon-apigateway-integration": serviceIntegration } } },
  };
  const json = JSON.stringify(body);
  const yaml = `x: &i ${JSON.stringify(serviceIntegration)}\npaths:\n  /jobs:\n    post:\n      x-amazon-apigateway-integration: {<<: *i}\n`;
  return random.pick([
    json,
    yaml,
    body,
    secret(json),
    json.replaceAll(":sqs:", ":\\u0073qs:"),
    `\ufeff${json}`,
  ]);
}

function called(random: Random, stack: readonly PlannedResource[]): PlannedResource {
  const type = random.pick([
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws-native:dynamodb:Table",
    "aws:sfn/stateMachine:StateMachine",
    "time:index/sleep:Sleep",
  ]);
  const statement = { Effect: random.pick(["Allow", "Deny"]), Principal: "*", Action: "*", Resource: "*" };
  const outputs = {
    id: random.pick<Value>(["bucket", UNKNOWN]),
    arn: random.pick<Value>(["arn:aws:sqs:us-east-1:123456789012:orders", UNKNOWN]),
    name: "orders",
    bucket: "bucket",
    queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
    policy: random.pick<Value>([JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), UNKNOWN]),
    description: "é😀".repeat(random.below(40)),
  };
  return {
    urn: `urn:pulumi:dev::project::${type}::called`,
    type,
    name: "called",
    custom: true,
    id: "called",
    inputs: {},
    outputs,
    dependencies: [random.pick(stack).urn],
    propertyDependencies: { policy: [random.pick(stack).urn] },
  };
}

/** Changes resources that the pack skips or reads in another way than the SDK. */
function changeWhatIsReduced(stack: PlannedResource[], random: Random): void {
  const resource = random.pick(stack);
  const service = called(random, stack);
  const resourceOf = (type: RegExp): PlannedResource =>
    random.pick(stack.filter((candidate) => type.test(candidate.type))) ?? resource;
  switch (random.below(6)) {
    case 0: {
      const target = resourceOf(/integration:Integration$/);
      const { uri, credentials, ...rest } = integration(random);
      Object.assign(target.outputs, rest, {
        uri,
        integrationUri: uri,
        credentials,
        credentialsArn: credentials,
      });
      if (random.below(2) === 0)
        target.propertyDependencies = { uri: [service.urn], integrationUri: [service.urn] };
      stack.push(service);
      return;
    }
    case 1:
      resourceOf(/:(RestApi|Api)$/).outputs.body = bodyWith(random);
      stack.push(service);
      return;
    case 2:
      resourceOf(/:Deployment$/).dependencies = [service.urn, resource.urn];
      stack.push(service);
      return;
    case 3:
      resource.outputs[random.pick(["description", "tags", "environment", "4dabf", "constructor"])] =
        random.pick<Value>([
          "calls execute-api",
          "lambda:InvokeFunctionUrl",
          secret(UNKNOWN),
          "\0".repeat(50),
          "é".repeat(40_000),
        ]);
      return;
    case 4:
      resource.outputs = random.pick([{}, { description: UNKNOWN }, { arn: secret(UNKNOWN) }]);
      return;
    default:
      resource.parent = random.pick([service.urn, random.pick(stack).urn]);
      service.parent = random.pick(stack).urn;
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
    let responses = 0;
    for (const seed of seeds) {
      const random = seededRandom(seed);
      const { resources } = mutate(random.pick(stacks), random, random.below(4));
      for (let time = random.below(5); time > 0; time--) changeWhatIsReduced(resources, random);
      if ((await assertSameResponse(resources, {}, `stack ${seed}`)) !== "refused") responses++;
    }
    ok(responses > seeds.length / 2, `${responses}`);
  });
});

describe("properties that the pack does not read", () => {
  it("do not make a policy applicable", async () => {
    const { resources } = await plan(restStack({ caller: false }), { as: "deployed" });
    const only = resources.filter(({ type }) => type === "aws:iam/role:Role");
    for (const resource of only)
      resource.outputs = { ...resource.outputs, description: "execute-api, lambda:InvokeFunctionUrl" };
    const response = await assertSameResponse(only);
    ok(
      response !== "refused" &&
        response.notApplicable.some((policy) => policy.startsWith("external-api-caller")),
    );
  });

  it("match account data like the properties that it reads", async () => {
    const folder = mkdtempSync(join(tmpdir(), "same-as-sdk-"));
    try {
      const file = join(folder, "iam.json");
      writeFileSync(file, JSON.stringify(gatewayRole("execute-api:Invoke")));
      const config = { "policy-configuration": { account: [file] } };
      const { resources } = await plan(restStack({ caller: false }), { as: "deployed" });
      const without = await assertSameResponse(resources, config);
      const fn = resources.find(({ type }) => type === "aws:lambda/function:Function");
      Object.assign(fn?.outputs ?? {}, { environment: { variables: { ROLE: GATEWAY_ROLE } } });
      notDeepStrictEqual(await assertSameResponse(resources, config), without);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
