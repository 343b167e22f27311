/** The engine's handling of a policy pack, in this process, with the handlers of Pulumi's own policy SDK. */
import { createHash } from "node:crypto";
import type {
  EnforcementLevel,
  Policies,
  Policy,
  ResourceValidation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

import { compareText } from "../stack/pulumi/keys";

import analyzer = require("@pulumi/pulumi/proto/analyzer_pb");

// Imported first among the modules that load the SDK.
import "../pulumi/load-sdk";
import { Pack } from "../pulumi/pack";
import {
  customStackHandler,
  type Handler,
  makeAnalyzeRpcFun,
  makeAnalyzeStackRpcFun,
  stackHandler,
} from "../pulumi/server";
import type { Finding, PlannedResource, PolicyConfig } from "./model";
import { mayBeRead } from "./state";
import { optionsOf, unsentRequest } from "./unsent";
import { type Properties, sendable } from "./values";
import { type StructMessage, toStruct } from "./wire";

/** Runs policies, or the pack with the state that its policies share, as the engine does in a preview. */
export async function runPack(
  pack: Pack | Policies,
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
): Promise<Finding[]> {
  if ("policies" in pack) pack.configure(config);
  const policies = configuredPolicies("policies" in pack ? pack.policies : pack, config);
  const handler = makeAnalyzeStackRpcFun(PACK, "0.0.0", "advisory", policies);
  const analyzeStack = rpc("policies" in pack ? stackHandler(pack, handler) : customStackHandler(handler));
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const allDiagnostics: Diagnostic[] = [];
  const analyze = analyzerOf(pack, policies);
  for (const resource of resources) {
    const response = await analyze(resource.type)?.(resourceRequest(resource, byUrn));
    if (response === undefined) continue;
    // The engine attributes reports of a resource policy to the resource, regardless of the URN in them.
    allDiagnostics.push(...diagnostics(response).map((diagnostic) => ({ ...diagnostic, urn: resource.urn })));
  }
  // Policies of other packs may evaluate any resource.
  const isOwn = "policies" in pack;
  const request = unsentRequest(inStableOrder(resources), {
    properties: ({ type, outputs }) => unsentProperties(isOwn && !mayBeRead(type) ? arnOf(outputs) : outputs),
    provider: providersOf(byUrn),
  });
  allDiagnostics.push(...diagnostics(await analyzeStack(request)));
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
  return allDiagnostics
    .map((diagnostic) => finding(diagnostic, byUrn.has(diagnostic.urn) ? diagnostic.urn : root))
    .sort(order);
}

type Analyze = (request: analyzer.AnalyzeRequest) => Promise<analyzer.AnalyzeResponse>;

/**
 * The policies for the resources of a type: the SDK wraps each resource again for each policy, and most policies of
 * this pack read a few types.
 */
function analyzerOf(pack: Pack | Policies, policies: Policies): (type: string) => Analyze | undefined {
  const byType = new Map<string, Analyze | undefined>();
  return (type) => {
    if (!byType.has(type)) {
      const evaluating =
        "policies" in pack ? policies.filter(({ name }) => pack.evaluatesType(name, type)) : policies;
      byType.set(
        type,
        evaluating.length === 0 ? undefined : rpc(makeAnalyzeRpcFun(PACK, "0.0.0", "advisory", evaluating)),
      );
    }
    return byType.get(type);
  };
}

/** The only property that is read for every type: with account data, the ARN shows an account of the stack. */
function arnOf({ arn }: Properties): Properties {
  return arn === undefined ? {} : { arn };
}

/**
 * A substitute for a message in this process, with the methods that the SDK calls: a real message of a whole stack
 * takes twice the memory of the stack.
 */
function unsentProperties(properties: Properties): StructMessage {
  return { toJavaScript: () => sentProperties(properties) } as StructMessage;
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
  const prefix = `${description}\n`;
  const message = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  return { policy, level, resource, name: resource.split("::").slice(3).join("::"), description, message };
}

function order(a: Finding, b: Finding): number {
  const key = (finding: Finding): string => [finding.policy, finding.resource, finding.message].join("\n");
  return compareText(key(a), key(b));
}

/** The policies of this pack, which share nothing with those of another call. Tests run in the project's folder. */
export function ownPack(): Pack {
  return new Pack({ folders: () => [process.cwd()] });
}

function rpc<Request>(handler: Handler<Request>): (request: Request) => Promise<analyzer.AnalyzeResponse> {
  return (request) =>
    new Promise((resolve, reject) => {
      const answer = handler({ request }, (error, response) => {
        if (response === undefined) reject(error);
        else resolve(response);
      });
      Promise.resolve(answer).catch(reject);
    });
}

function diagnostics(response: analyzer.AnalyzeResponse): Diagnostic[] {
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    level:
      diagnostic.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
    urn: diagnostic.getUrn(),
    description: diagnostic.getDescription(),
    text: diagnostic.getMessage(),
  }));
}

/** One resource in the engine's format for resource policies: its inputs. */
export function resourceRequest(
  resource: PlannedResource,
  byUrn: ReadonlyMap<string, PlannedResource>,
): analyzer.AnalyzeRequest {
  const request = new analyzer.AnalyzeRequest();
  describe(request, resource, resource.inputs);
  const provider = providerMessage(resource, byUrn);
  if (provider !== undefined) request.setProvider(provider);
  return request;
}

function describe(
  message: analyzer.AnalyzeRequest | analyzer.AnalyzerResource,
  resource: PlannedResource,
  properties: Properties,
): void {
  message.setUrn(resource.urn);
  message.setType(resource.type);
  message.setName(resource.name);
  message.setProperties(toStruct(sentProperties(properties)));
  message.setOptions(optionsOf(resource));
}

/** A whole stack in the engine's format for stack policies: outputs. */
export function stackRequest(resources: readonly PlannedResource[]): analyzer.AnalyzeStackRequest {
  const providerOf = providersOf(new Map(resources.map((resource) => [resource.urn, resource])));
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(
    inStableOrder(resources).map((resource) => stackMessage(resource, providerOf(resource))),
  );
  return request;
}

/** The engine's order is random; this one is stable, and has no meaning. */
function inStableOrder(resources: readonly PlannedResource[]): readonly PlannedResource[] {
  return resources
    .map((resource) => ({ resource, key: createHash("md5").update(resource.urn).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ resource }) => resource);
}

/** The message of a resource's provider, which many resources share. */
function providersOf(
  byUrn: ReadonlyMap<string, PlannedResource>,
): (resource: PlannedResource) => analyzer.AnalyzerProviderResource | undefined {
  const messages = new Map<string | undefined, analyzer.AnalyzerProviderResource | undefined>();
  return (resource) => {
    const { provider } = resource;
    if (!messages.has(provider)) messages.set(provider, providerMessage(resource, byUrn));
    return messages.get(provider);
  };
}

function stackMessage(
  resource: PlannedResource,
  provider: analyzer.AnalyzerProviderResource | undefined,
): analyzer.AnalyzerResource {
  const message = new analyzer.AnalyzerResource();
  describe(message, resource, resource.outputs);
  message.setParent(resource.parent ?? "");
  message.setDependenciesList(resource.dependencies);
  for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
    const dependencies = new analyzer.AnalyzerPropertyDependencies();
    dependencies.setUrnsList(urns);
    message.getPropertydependenciesMap().set(key, dependencies);
  }
  if (provider !== undefined) message.setProvider(provider);
  return message;
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
  message.setProperties(toStruct(sentProperties(provider.inputs)));
  return message;
}

/** The engine does not send its own and the bridge's internal properties, which have these prefixes. */
function sentProperties(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key, value]) => !key.startsWith("__") && value !== undefined)
      .map(([key, value]) => [key, sendable(value)]),
  );
}

/**
 * The policies with the levels and settings of a configuration, as the engine would configure them: `all` is the level
 * of policies without their own, and missing settings have the schema's defaults.
 */
export function configuredPolicies(policies: Policies, config: PolicyConfig): Policies {
  return policies.map((policy) => {
    const { enforcementLevel, settings } = settingsOf(policy, config);
    const getConfig = getter(settings);
    return {
      ...policy,
      ...("validateResource" in policy ? resourceValidation(policy, getConfig) : {}),
      ...("validateStack" in policy ? stackValidation(policy, getConfig) : {}),
      enforcementLevel,
    } as typeof policy;
  });
}

function settingsOf(
  policy: Policy,
  config: PolicyConfig,
): { enforcementLevel: EnforcementLevel; settings: Record<string, unknown> } {
  const all = Object.hasOwn(config, "all") ? levelOf(config.all) : undefined;
  const entry = Object.hasOwn(config, policy.name) ? config[policy.name] : undefined;
  const entrySettings = typeof entry === "object" ? entry : {};
  const { enforcementLevel: _level, ...settings } = entrySettings;
  const defaults: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(policy.configSchema?.properties ?? {})) {
    if (schema.default !== undefined) defaults[key] = schema.default;
  }
  return {
    enforcementLevel: levelOf(entry) ?? all ?? policy.enforcementLevel ?? "advisory",
    settings: { ...defaults, ...settings },
  };
}

function levelOf(entry: PolicyConfig[string] | undefined): EnforcementLevel | undefined {
  return typeof entry === "string" ? entry : entry?.enforcementLevel;
}

type GetConfig = <T extends object>() => T;

/** A policy's settings are a copy, as when they are sent over the wire. */
function getter(settings: Record<string, unknown>): GetConfig {
  return <T extends object>() => structuredClone(settings) as T;
}

function stackValidation({ validateStack }: StackValidationPolicy, getConfig: GetConfig) {
  return {
    validateStack: withFieldsOf(validateStack, (args, report) =>
      validateStack({ ...args, getConfig }, report),
    ),
  };
}

function resourceValidation(
  { validateResource: validation }: ResourceValidationPolicy,
  getConfig: GetConfig,
) {
  const wrap = (validate: ResourceValidation): ResourceValidation =>
    withFieldsOf(validate, (args, report) => validate({ ...args, getConfig }, report));
  if (validation === undefined) return {};
  return { validateResource: Array.isArray(validation) ? validation.map(wrap) : wrap(validation) };
}

/** The SDK reads the resource type of a function from the function itself. */
function withFieldsOf<T extends object>(original: T, wrapper: T): T {
  return Object.assign(wrapper, original);
}
