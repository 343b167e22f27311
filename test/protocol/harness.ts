/**
 * Starts a policy pack in its own process, as Pulumi's engine does, and calls its Analyzer service.
 *
 * Protocol: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto
 */
import { type ChildProcess, spawn } from "node:child_process";

import analyzer = require("@pulumi/pulumi/proto/analyzer_pb");
import services = require("@pulumi/pulumi/proto/analyzer_grpc_pb");

import { resourceRequest, stackRequest } from "../../engine/pack";
import { Empty, fromStruct, grpc, toStruct } from "../../engine/wire";
import type { PlannedResource, PolicyConfig, Properties } from "../../testing";

/** A pack's description of a policy. */
export interface PolicyInfo {
  name: string;
  displayName: string;
  description: string;
  level: string;
  kind: "resource" | "stack" | "unknown";
  severity: number;
  url: string;
  remediationSteps: string;
  tags: string[];
  /** JSON Schema of the policy's settings. */
  settings: Properties;
  required: string[];
}

/** A pack's description of itself. */
export interface PackInfo {
  name: string;
  displayName: string;
  description: string;
  supportsConfig: boolean;
  policies: PolicyInfo[];
}

/** A violation in the response. */
export interface Reported {
  policy: string;
  level: string;
  urn: string;
  /** The policy's description and the message, as the CLI prints them. */
  message: string;
}

/** The properties of a resource after a policy's remediation. */
export interface Remediated {
  policy: string;
  properties: Properties;
}

export interface BootedPack {
  pid: number;
  info(): Promise<PackInfo>;
  /** Configures the policies as the engine does, with the defaults of the schema and a level for each policy. */
  configure(config: PolicyConfig): Promise<void>;
  /** Runs the resource policies on one resource of a stack. */
  analyze(resource: PlannedResource, stack?: readonly PlannedResource[]): Promise<Reported[]>;
  /** Runs the remediations of the resource policies, and returns the properties after each. */
  remediate(resource: PlannedResource): Promise<Remediated[]>;
  /** Runs the stack policies. */
  analyzeStack(resources: readonly PlannedResource[]): Promise<Reported[]>;
  /** The names of the stack policies that do not apply to a stack. */
  notApplicable(resources: readonly PlannedResource[]): Promise<string[]>;
  /** Analyzes each resource and then the stack, as an operation of the engine does. */
  run(resources: readonly PlannedResource[]): Promise<Reported[]>;
  /** The output of the process without its port. */
  log(): string;
  close(): void;
}

const LEVELS = ["advisory", "mandatory", "disabled", "remediate"];

/**
 * Starts the pack in a folder.
 *
 * @throws With the output of the process if it does not start.
 */
export async function bootPack(
  folder: string,
  environment: Record<string, string> = {},
): Promise<BootedPack> {
  const script = require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [folder] });
  const child = spawn(process.execPath, [script, "127.0.0.1:1", folder], {
    cwd: folder,
    env: {
      ...process.env,
      PULUMI_CONFIG: "{}",
      PULUMI_NODEJS_DRY_RUN: "true",
      PULUMI_NODEJS_ORGANIZATION: "organization",
      PULUMI_NODEJS_PROJECT: "project",
      PULUMI_NODEJS_STACK: "dev",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { port, log } = await firstLine(child);
  const client = new services.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure() as never);
  const call = <Response>(invoke: (callback: (error: Error | null, response: Response) => void) => void) =>
    new Promise<Response>((resolve, reject) => {
      invoke((error, response) => (error ? reject(error) : resolve(response)));
    });

  const info = async (): Promise<PackInfo> =>
    packInfo(await call<analyzer.AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done)));

  const analyze: BootedPack["analyze"] = async (resource, stack = [resource]) => {
    const byUrn = new Map(stack.map((planned) => [planned.urn, planned]));
    const request = resourceRequest(resource, byUrn);
    return reported(await call<analyzer.AnalyzeResponse>((done) => client.analyze(request, done)));
  };

  const remediate: BootedPack["remediate"] = async (resource) => {
    const request = resourceRequest(resource, new Map([[resource.urn, resource]]));
    const response = await call<analyzer.RemediateResponse>((done) => client.remediate(request, done));
    return response.getRemediationsList().map((remediation) => ({
      policy: remediation.getPolicyname(),
      properties: fromStruct(remediation.getProperties()),
    }));
  };

  const analyzeStack: BootedPack["analyzeStack"] = async (resources) => {
    const request = stackRequest(resources);
    return reported(await call<analyzer.AnalyzeResponse>((done) => client.analyzeStack(request, done)));
  };

  const notApplicable: BootedPack["notApplicable"] = async (resources) => {
    const request = stackRequest(resources);
    const response = await call<analyzer.AnalyzeResponse>((done) => client.analyzeStack(request, done));
    return response.getNotApplicableList().map((policy) => policy.getPolicyName());
  };

  return {
    pid: child.pid ?? -1,
    info,
    analyze,
    remediate,
    analyzeStack,
    notApplicable,
    configure: async (config) => {
      const request = new analyzer.ConfigureAnalyzerRequest();
      for (const policy of (await info()).policies) {
        request.getPolicyconfigMap().set(policy.name, configuration(policy, config));
      }
      await call((done) => client.configure(request, done));
    },
    run: async (resources) => {
      const found: Reported[] = [];
      for (const resource of resources) found.push(...(await analyze(resource, resources)));
      return [...found, ...(await analyzeStack(resources))];
    },
    log,
    close: () => {
      client.close();
      child.kill();
    },
  };
}

function firstLine(child: ChildProcess): Promise<{ port: number; log: () => string }> {
  return new Promise((resolve, reject) => {
    let [out, rest] = ["", ""];
    let up = false;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (up) {
        rest += chunk.toString("utf8");
        return;
      }
      out += chunk.toString("utf8");
      if (!out.includes("\n")) return;
      const [line = "", ...more] = out.split("\n");
      const port = Number(line);
      if (!Number.isInteger(port)) {
        child.kill();
        reject(new Error(`the pack printed this before its port: ${line}`));
        return;
      }
      up = true;
      rest += more.join("\n");
      resolve({ port, log: () => rest });
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      rest += chunk.toString("utf8");
    });
    child.on("error", reject);
    // Its output may arrive after it ended.
    child.on("close", (code) => reject(new Error(`the pack ended with code ${code}: ${rest}`)));
  });
}

function configuration(policy: PolicyInfo, config: PolicyConfig): analyzer.PolicyConfig {
  const setting = Object.hasOwn(config, policy.name) ? config[policy.name] : undefined;
  const all = Object.hasOwn(config, "all") ? config.all : undefined;
  const levelOf = (entry: typeof setting): string | undefined =>
    typeof entry === "string" ? entry : entry?.enforcementLevel;
  const settings: Properties = {};
  for (const [key, schema] of Object.entries(policy.settings)) {
    const fallback = (schema as Properties).default;
    if (fallback !== undefined) settings[key] = fallback;
  }
  for (const [key, value] of Object.entries(typeof setting === "object" ? setting : {})) {
    if (key !== "enforcementLevel") settings[key] = value as Properties[string] & {};
  }
  const message = new analyzer.PolicyConfig();
  message.setEnforcementlevel(LEVELS.indexOf(levelOf(setting) ?? levelOf(all) ?? policy.level) as never);
  message.setProperties(toStruct(settings));
  return message;
}

function packInfo(info: analyzer.AnalyzerInfo): PackInfo {
  return {
    name: info.getName(),
    displayName: info.getDisplayname(),
    description: info.getDescription(),
    supportsConfig: info.getSupportsconfig(),
    policies: info.getPoliciesList().map((policy) => ({
      name: policy.getName(),
      displayName: policy.getDisplayname(),
      description: policy.getDescription(),
      level: LEVELS[policy.getEnforcementlevel()] ?? "",
      kind: kindOf(policy.getPolicyType()),
      severity: policy.getSeverity(),
      url: policy.getUrl(),
      remediationSteps: policy.getRemediationSteps(),
      tags: policy.getTagsList(),
      settings: fromStruct(policy.getConfigschema()?.getProperties()),
      required: policy.getConfigschema()?.getRequiredList() ?? [],
    })),
  };
}

function kindOf(type: analyzer.PolicyType): PolicyInfo["kind"] {
  if (type === analyzer.PolicyType.POLICY_TYPE_RESOURCE) return "resource";
  return type === analyzer.PolicyType.POLICY_TYPE_STACK ? "stack" : "unknown";
}

function reported(response: analyzer.AnalyzeResponse): Reported[] {
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    level: LEVELS[diagnostic.getEnforcementlevel()] ?? "",
    urn: diagnostic.getUrn(),
    message: diagnostic.getMessage(),
  }));
}
