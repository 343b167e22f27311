/**
 * Remote components: their parts are constructed by a plugin of their package, which registers them with the program's
 * monitor.
 * https://www.pulumi.com/docs/iac/guides/building-extending/components/
 */
import provider = require("@pulumi/pulumi/proto/provider_pb");

import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import type { Properties } from "../engine/values";
import { fromStruct, toStruct } from "../engine/wire";
import { setDependencies } from "./dependencies";

/** A package, and its configuration in the program. */
export interface ComponentPackage {
  readonly name: string;
  /** Empty where the program has none. */
  readonly version: string;
  /** The settings of the package's provider in the program. */
  readonly settings: Properties;
  /** The URN of that provider; each provider has a separate plugin. */
  readonly provider: string;
}

/** Returns the plugin of a package, configured and ready; undefined where it is not installed. */
export type FindPlugin = (pkg: ComponentPackage) => Promise<ResourceProviderClient | undefined>;

/** The organization of a stack that belongs to none. */
export const ORGANIZATION = "organization";

/** The information about a program's run that a plugin needs, with the address of its monitor. */
export interface ComponentHost {
  readonly find: FindPlugin;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly dryRun: boolean;
  /** For example, `127.0.0.1:4711`. */
  address(): Promise<string>;
}

/** The result of a plugin: the state of a component, or the return value of a method. */
export interface PluginResult {
  /** Of a component. */
  readonly urn: string;
  readonly state: Properties;
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

/** The fields that both requests share. */
interface Settings {
  setProject(name: string): unknown;
  setStack(name: string): unknown;
  setOrganization(name: string): unknown;
  setDryrun(isDryRun: boolean): unknown;
  setParallel(number: number): unknown;
  setMonitorendpoint(address: string): unknown;
  setConfigsecretkeysList(keys: string[]): unknown;
  getConfigMap(): { set(key: string, value: string): unknown };
}

async function addSettings(request: Settings, host: ComponentHost): Promise<void> {
  request.setProject(host.project);
  request.setStack(host.stack);
  request.setOrganization(ORGANIZATION);
  request.setDryrun(host.dryRun);
  request.setParallel(1);
  request.setMonitorendpoint(await host.address());
  request.setConfigsecretkeysList([...host.secrets]);
  for (const [key, value] of Object.entries(host.config)) request.getConfigMap().set(key, value);
}

/**
 * Constructs a component with a plugin.
 *
 * @throws If the plugin fails.
 */
export async function construct(
  plugin: ResourceProviderClient,
  registration: resource.RegisterResourceRequest,
  host: ComponentHost,
): Promise<PluginResult> {
  const request = new provider.ConstructRequest();
  await addSettings(request, host);
  request.setType(registration.getType());
  request.setName(registration.getName());
  request.setParent(registration.getParent());
  request.setInputs(toStruct(fromStruct(registration.getObject())));
  const dependencies = urnsByKey(registration.getPropertydependenciesMap().entries());
  const { PropertyDependencies } = provider.ConstructRequest;
  setDependencies(request.getInputdependenciesMap(), PropertyDependencies, dependencies);
  request.setDependenciesList(registration.getDependenciesList());
  for (const [name, reference] of registration.getProvidersMap().entries())
    request.getProvidersMap().set(name, reference);
  const response = await new Promise<provider.ConstructResponse>((resolve, reject) => {
    plugin.construct(request, (error, result) => {
      if (error) reject(new Error(error.details));
      else resolve(result);
    });
  });
  return {
    urn: response.getUrn(),
    state: fromStruct(response.getState()),
    dependencies: urnsByKey(response.getStatedependenciesMap().entries()),
  };
}

/**
 * Calls a method of a component.
 *
 * @throws If the plugin fails, or rejects the arguments.
 */
export async function callMethod(
  plugin: ResourceProviderClient,
  call: resource.ResourceCallRequest,
  host: ComponentHost,
): Promise<Omit<PluginResult, "urn">> {
  const request = new provider.CallRequest();
  await addSettings(request, host);
  request.setTok(call.getTok());
  request.setArgs(toStruct(fromStruct(call.getArgs())));
  const dependencies = urnsByKey(call.getArgdependenciesMap().entries());
  const { ArgumentDependencies } = provider.CallRequest;
  setDependencies(request.getArgdependenciesMap(), ArgumentDependencies, dependencies);
  const response = await new Promise<provider.CallResponse>((resolve, reject) => {
    plugin.call(request, (error, result) => {
      if (error) reject(new Error(error.details));
      else resolve(result);
    });
  });
  const [failure] = response.getFailuresList();
  if (failure !== undefined) throw new Error(`${failure.getProperty()}: ${failure.getReason()}`);
  return {
    state: fromStruct(response.getReturn()),
    dependencies: urnsByKey(response.getReturndependenciesMap().entries()),
  };
}

function urnsByKey(
  entries: Iterable<[string, { getUrnsList(): string[] }]>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...entries].map(([key, urns]) => [key, urns.getUrnsList()]));
}
