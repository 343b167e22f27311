/** A policy pack in a separate process, started and called as the engine does. */
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { type BenchResource, PROVIDER, ROOT_URN } from "./resources";

const ROOT = path.resolve(__dirname, "..");
const USAGE = path.join(__dirname, "usage.cjs");
const { BENCH_PROFILES } = process.env;
/** Node writes profiles to a folder of the user's choice. */
const PROFILE = BENCH_PROFILES === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${BENCH_PROFILES}`];
// All messages must be of the copy of protobuf that @pulumi/pulumi uses.
const requireFromPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = requireFromPulumi("@grpc/grpc-js");
const messages: typeof import("@pulumi/pulumi/proto/analyzer_pb") = requireFromPulumi("./proto/analyzer_pb");
const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb") = requireFromPulumi(
  "google-protobuf/google/protobuf/struct_pb",
);
const { Empty }: typeof import("google-protobuf/google/protobuf/empty_pb") = requireFromPulumi(
  "google-protobuf/google/protobuf/empty_pb",
);

/** One violation: the policy, its level, the resource and the text. */
export interface Violation {
  readonly policy: string;
  readonly mandatory: boolean;
  readonly urn: string;
  readonly message: string;
}

/** Processor time in milliseconds, which hardly depends on the load of the machine, and the peak memory in MiB. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

const struct = (props: object) => Struct.fromJavaScript(props as Record<string, never>);

export class Pack {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: InstanceType<typeof grpc.Client>,
  ) {}

  static async boot(folder: string): Promise<Pack> {
    const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [folder] });
    const child = spawn(process.execPath, [...PROFILE, "-r", USAGE, runner, "127.0.0.1:1", folder], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: {
        ...process.env,
        PULUMI_NODEJS_ORGANIZATION: "org",
        PULUMI_NODEJS_PROJECT: "shop",
        PULUMI_NODEJS_STACK: "dev",
        PULUMI_NODEJS_DRY_RUN: "true",
        PULUMI_CONFIG: "{}",
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      let out = "";
      child.stdout?.on("data", (chunk) => {
        out += chunk;
        if (out.includes("\n")) resolve(Number.parseInt(out, 10));
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`the pack in ${folder} ended with ${code}`)));
    });
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    return new Pack(child, client);
  }

  /** Requests name and policies; the engine does so before anything else. */
  async policies(): Promise<readonly { name: string; stack: boolean }[]> {
    return (await this.info()).map((policy) => ({
      name: policy.getName(),
      stack: policy.getPolicyType() === messages.PolicyType.POLICY_TYPE_STACK,
    }));
  }

  /** Configures policies, and keeps the level of each. */
  async configure(settings: Readonly<Record<string, object>>): Promise<void> {
    const request = new messages.ConfigureAnalyzerRequest();
    for (const policy of await this.info()) {
      const config = new messages.PolicyConfig();
      config.setEnforcementlevel(policy.getEnforcementlevel());
      config.setProperties(struct(settings[policy.getName()] ?? {}));
      request.getPolicyconfigMap().set(policy.getName(), config);
    }
    await this.call("Configure", request.serializeBinary());
  }

  private async info() {
    const response = await this.call("GetAnalyzerInfo", new Empty().serializeBinary());
    return messages.AnalyzerInfo.deserializeBinary(response).getPoliciesList();
  }

  /** Milliseconds of processor time that the pack takes for a request of {@link stackRequest}, and its response. */
  async analyzeStack(request: Uint8Array): Promise<{ time: number; violations: readonly Violation[] }> {
    const usageBefore = await this.usage();
    const response = await this.call("AnalyzeStack", request);
    const { cpu } = await this.usage();
    const violations = messages.AnalyzeResponse.deserializeBinary(response)
      .getDiagnosticsList()
      .map((diagnostic) => ({
        policy: diagnostic.getPolicyname(),
        mandatory: diagnostic.getEnforcementlevel() === messages.EnforcementLevel.MANDATORY,
        urn: diagnostic.getUrn(),
        message: diagnostic.getMessage(),
      }));
    return { time: cpu - usageBefore.cpu, violations };
  }

  /** The usage of the process since it started. */
  usage(): Promise<Usage> {
    return new Promise((resolve, reject) => {
      this.child.once("message", (usage) => resolve(usage as Usage));
      this.child.send("usage", (error) => error && reject(error));
    });
  }

  stop(): void {
    this.client.close();
    this.child.removeAllListeners("exit");
    this.child.send("stop");
  }

  /** The request is serialized beforehand, so that only the pack's own work is timed. */
  private call(method: string, request: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        `/pulumirpc.Analyzer/${method}`,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        request,
        (error, response) => (error ? reject(error) : resolve(response ?? new Uint8Array())),
      );
    });
  }
}

/** An `AnalyzeStack` request as bytes. */
export function stackRequest(resources: readonly BenchResource[]): Uint8Array {
  const provider = new messages.AnalyzerProviderResource();
  provider.setType(PROVIDER.type);
  provider.setName(PROVIDER.name);
  provider.setUrn(PROVIDER.urn);
  provider.setProperties(struct(PROVIDER.props));
  const request = new messages.AnalyzeStackRequest();
  request.setResourcesList(
    resources.map((resource) => {
      const message = new messages.AnalyzerResource();
      message.setType(resource.type);
      message.setName(resource.name);
      message.setUrn(resource.urn);
      message.setProperties(struct(resource.props));
      message.setOptions(new messages.AnalyzerResourceOptions());
      if (!resource.type.startsWith("pulumi:")) message.setProvider(provider);
      if (resource.urn !== ROOT_URN) message.setParent(ROOT_URN);
      message.setDependenciesList([...resource.dependencies]);
      for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
        const dependencies = new messages.AnalyzerPropertyDependencies();
        dependencies.setUrnsList([...urns]);
        message.getPropertydependenciesMap().set(key, dependencies);
      }
      return message;
    }),
  );
  return request.serializeBinary();
}

/** Creates a compiled pack whose policies do nothing: the cost of Pulumi itself. */
export function emptyPack(stackPolicies: number, resourcePolicies: number): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "empty-policy-pack-"));
  fs.writeFileSync(path.join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "empty", version: "0.0.1", main: "index.js" }),
  );
  fs.writeFileSync(
    path.join(folder, "index.js"),
    `const { PolicyPack } = require("@pulumi/policy");
const policies = (kind, count, check) =>
  Array.from({ length: count }, (_, i) => ({
    name: kind + i, description: "Does nothing.", enforcementLevel: "mandatory", [check]: () => {},
  }));
new PolicyPack("empty", {
  policies: [...policies("stack", ${stackPolicies}, "validateStack"), ...policies("resource", ${resourcePolicies}, "validateResource")],
});
`,
  );
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
  return folder;
}
