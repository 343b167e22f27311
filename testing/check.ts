import { createHash } from "node:crypto";
import type {
  EnforcementLevel,
  Policies,
  Policy,
  ResourceValidation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

import analyzer = require("@pulumi/pulumi/proto/analyzer_pb");

import type { PlannedResource } from "./monitor";
import type { Plan } from "./plan";
import { type Properties, sendable } from "./values";
import { toStruct } from "./wire";

/** What a policy says about a resource. */
export interface Finding {
  /** The name of the policy. */
  policy: string;
  /** `mandatory` findings block a deployment, `advisory` ones are shown. */
  level: "advisory" | "mandatory";
  /** The URN of the resource; the stack's own when the policy names none. */
  resource: string;
  /** The resource's name in the program. */
  name: string;
  /** What the policy says of itself; the CLI prints it before the message. */
  description: string;
  message: string;
}

/** The content of a policy-config.json: a level, or a level and the policy's own settings. */
export type PolicyConfig = Record<
  string,
  EnforcementLevel | ({ enforcementLevel?: EnforcementLevel } & Record<string, unknown>)
>;

export interface CheckOptions {
  /** As in the file given to `--policy-pack-config`. */
  config?: PolicyConfig;
  /** The policies to run. Default: those of this pack. */
  policies?: Policies;
}

/**
 * Runs the pack's policies on a plan, with the evaluation of Pulumi's own policy SDK, and gives what they find,
 * sorted. Nothing is printed.
 *
 * @throws What a policy throws: in a real deployment it would end the deployment.
 */
export async function check(plan: Plan, options: CheckOptions = {}): Promise<Finding[]> {
  return checkResources(plan.resources, options);
}

/** {@link check} for resources that come from elsewhere. */
export async function checkResources(
  resources: readonly PlannedResource[],
  options: CheckOptions = {},
): Promise<Finding[]> {
  const policies = configured(options.policies ?? (await ownPolicies()), options.config ?? {});
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const analyze = rpc(server.makeAnalyzeRpcFun(PACK, "0.0.0", "advisory", policies));
  const analyzeStack = rpc(server.makeAnalyzeStackRpcFun(PACK, "0.0.0", "advisory", policies));
  const found: Diagnostic[] = [];
  for (const resource of resources) {
    const response = await analyze(resourceRequest(resource, byUrn));
    // The engine attributes what a resource policy reports to the resource, whatever URN it gives.
    found.push(...diagnostics(response).map((one) => ({ ...one, urn: resource.urn })));
  }
  found.push(...diagnostics(await analyzeStack(stackRequest(resources))));
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
  return found.map((one) => finding(one, byUrn.has(one.urn) ? one.urn : root)).sort(order);
}

const PACK = "apigateway-lambda-access";

interface Diagnostic {
  policy: string;
  level: "advisory" | "mandatory";
  urn: string;
  description: string;
  text: string;
}

function finding({ policy, level, description, text }: Diagnostic, resource: string): Finding {
  const lead = `${description}\n`;
  const message = text.startsWith(lead) ? text.slice(lead.length) : text;
  return { policy, level, resource, name: resource.split("::").slice(3).join("::"), description, message };
}

function order(a: Finding, b: Finding): number {
  const key = (one: Finding): string => [one.policy, one.resource, one.message].join("\n");
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

/** Loaded when they are needed only: a program can be planned without the pack. */
async function ownPolicies(): Promise<Policies> {
  const { createPolicies } = await import("../policies/index");
  return createPolicies();
}

type Rpc = (
  call: { request: unknown },
  callback: (error: unknown, response?: analyzer.AnalyzeResponse) => void,
) => Promise<void>;

/** The SDK's handlers of the Analyzer protocol; it exports them for its own use. */
const server: Record<
  "makeAnalyzeRpcFun" | "makeAnalyzeStackRpcFun",
  (pack: string, version: string, level: EnforcementLevel, policies: Policies) => Rpc
> = require("@pulumi/policy/server");

function rpc(call: Rpc): (request: unknown) => Promise<analyzer.AnalyzeResponse> {
  return (request) =>
    new Promise((resolve, reject) => {
      call({ request }, (error, response) => {
        if (response === undefined) reject(error);
        else resolve(response);
      }).catch(reject);
    });
}

function diagnostics(response: analyzer.AnalyzeResponse): Diagnostic[] {
  return response.getDiagnosticsList().map((one) => ({
    policy: one.getPolicyname(),
    level: one.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
    urn: one.getUrn(),
    description: one.getDescription(),
    text: one.getMessage(),
  }));
}

/** One resource as the engine sends it to resource policies: its inputs. */
export function resourceRequest(
  resource: PlannedResource,
  byUrn: ReadonlyMap<string, PlannedResource>,
): analyzer.AnalyzeRequest {
  const request = new analyzer.AnalyzeRequest();
  request.setUrn(resource.urn);
  request.setType(resource.type);
  request.setName(resource.name);
  request.setProperties(toStruct(shown(resource.inputs)));
  request.setOptions(resourceOptions(resource));
  const provider = providerMessage(resource, byUrn);
  if (provider !== undefined) request.setProvider(provider);
  return request;
}

/**
 * A whole stack as the engine sends it to stack policies: outputs. The engine sends no particular order; this
 * one is stable and tells nothing.
 */
export function stackRequest(resources: readonly PlannedResource[]): analyzer.AnalyzeStackRequest {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const shuffled = resources
    .map((resource) => ({ resource, key: createHash("md5").update(resource.urn).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(shuffled.map(({ resource }) => stackMessage(resource, byUrn)));
  return request;
}

function stackMessage(
  resource: PlannedResource,
  byUrn: ReadonlyMap<string, PlannedResource>,
): analyzer.AnalyzerResource {
  const message = new analyzer.AnalyzerResource();
  message.setUrn(resource.urn);
  message.setType(resource.type);
  message.setName(resource.name);
  message.setProperties(toStruct(shown(resource.outputs)));
  message.setOptions(resourceOptions(resource));
  message.setParent(resource.parent ?? "");
  message.setDependenciesList(resource.dependencies);
  for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
    const dependencies = new analyzer.AnalyzerPropertyDependencies();
    dependencies.setUrnsList(urns);
    message.getPropertydependenciesMap().set(key, dependencies);
  }
  const provider = providerMessage(resource, byUrn);
  if (provider !== undefined) message.setProvider(provider);
  return message;
}

function resourceOptions(resource: PlannedResource): analyzer.AnalyzerResourceOptions {
  const options = new analyzer.AnalyzerResourceOptions();
  options.setParent(resource.parent ?? "");
  return options;
}

function providerMessage(
  resource: PlannedResource,
  byUrn: ReadonlyMap<string, PlannedResource>,
): analyzer.AnalyzerProviderResource | undefined {
  const provider = resource.provider === undefined ? undefined : byUrn.get(resource.provider);
  if (provider === undefined) return undefined;
  const message = new analyzer.AnalyzerProviderResource();
  message.setUrn(provider.urn);
  message.setType(provider.type);
  message.setName(provider.name);
  message.setProperties(toStruct(shown(provider.inputs)));
  return message;
}

/** The engine keeps properties of its own and of the bridge's, which begin so, to itself. */
function shown(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key, value]) => !key.startsWith("__") && value !== undefined)
      .map(([key, value]) => [key, sendable(value)]),
  );
}

/**
 * The policies at the levels and with the settings of a configuration, as the engine would have configured
 * them: `all` is the level of those that have none of their own, and settings that are not given have the
 * schema's defaults.
 */
export function configured(policies: Policies, config: PolicyConfig): Policies {
  return policies.map((policy) => {
    const { enforcementLevel, settings } = settingsOf(policy, config);
    return "validateStack" in policy
      ? configuredStack(policy, enforcementLevel, settings)
      : configuredResource(policy, enforcementLevel, settings);
  });
}

function settingsOf(
  policy: Policy,
  config: PolicyConfig,
): { enforcementLevel: EnforcementLevel; settings: Record<string, unknown> } {
  const all = Object.hasOwn(config, "all") ? levelOf(config.all) : undefined;
  const own = Object.hasOwn(config, policy.name) ? config[policy.name] : undefined;
  const given = typeof own === "object" ? own : {};
  const { enforcementLevel: _level, ...settings } = given;
  const defaults: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(policy.configSchema?.properties ?? {})) {
    if (schema.default !== undefined) defaults[key] = schema.default;
  }
  return {
    enforcementLevel: levelOf(own) ?? all ?? policy.enforcementLevel ?? "advisory",
    settings: { ...defaults, ...settings },
  };
}

function levelOf(entry: PolicyConfig[string] | undefined): EnforcementLevel | undefined {
  return typeof entry === "string" ? entry : entry?.enforcementLevel;
}

/** The settings a policy gets are its own copy, as they are when they come over the wire. */
function getter(settings: Record<string, unknown>): <T extends object>() => T {
  return <T extends object>() => structuredClone(settings) as T;
}

function configuredStack(
  policy: StackValidationPolicy,
  enforcementLevel: EnforcementLevel,
  settings: Record<string, unknown>,
): StackValidationPolicy {
  const getConfig = getter(settings);
  const validateStack = like(policy.validateStack, (args, report) =>
    policy.validateStack({ ...args, getConfig }, report),
  );
  return { ...policy, enforcementLevel, validateStack };
}

function configuredResource(
  policy: ResourceValidationPolicy,
  enforcementLevel: EnforcementLevel,
  settings: Record<string, unknown>,
): ResourceValidationPolicy {
  const getConfig = getter(settings);
  const wrap = (validate: ResourceValidation): ResourceValidation =>
    like(validate, (args, report) => validate({ ...args, getConfig }, report));
  const given = policy.validateResource;
  if (given === undefined) return { ...policy, enforcementLevel };
  const validateResource = Array.isArray(given) ? given.map(wrap) : wrap(given);
  return { ...policy, enforcementLevel, validateResource };
}

/** The SDK looks for the type a function is meant for on the function itself. */
function like<T extends object>(original: T, wrapper: T): T {
  return Object.assign(wrapper, original);
}
