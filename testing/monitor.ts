/**
 * A resource monitor: the server that a program's `new aws.lambda.Function(…)` calls when it runs. It answers each
 * registration as Pulumi's engine and AWS's provider would, and keeps the resources that a policy pack would receive.
 */

import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import { partitionOfRegion } from "../aws";
import type { PlannedResource } from "../engine/model";
import { type CodePosition, firstInProject, type SourcePosition } from "../engine/source";
import {
  hasUnknown,
  isObject,
  type Properties,
  plainProperties,
  referencedResources,
  SECRET,
  SIGNATURE,
  UNKNOWN,
  withoutOutputs,
} from "../engine/values";
import { fromStruct } from "../engine/wire";
import { checkedInputs, createOutputs, readOutputs, type SimulatedLocation } from "./aws-answers";
import { Callbacks, type Transform } from "./callbacks";
import type { ComponentHost } from "./components";
import { type DataSourceAnswer, dataSource } from "./data-sources";
import { setDependencies } from "./dependencies";
import type { Messages } from "./sdk";

/** The registration of a resource. */
interface Identity {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** The deployment that a program runs in. */
export interface DeploymentState {
  project: string;
  stack: string;
  place: SimulatedLocation;
  /** Configuration, with full keys (`aws:region`). */
  config: Record<string, string>;
  /** The outputs of another stack, by the name in a StackReference; undefined where they are unknown. */
  stackReference(name: string): Properties | undefined;
  /** The results of data sources that the plan sets, by their names. */
  answers: ReadonlyMap<string, DataSourceAnswer>;
  /** The random seed of this run, for the names of resources that do not exist yet. */
  nameSeed?: string;
  /** Whether a resource already exists. */
  exists(resource: Identity): boolean;
  /** The position in the project's sources of a position in the running code. */
  locate(position: CodePosition): SourcePosition | undefined;
}

/** The features of this resource monitor. */
const FEATURES: ReadonlySet<string> = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "deletedWith",
  "aliasSpecs",
  "replaceWith",
  "replacementTrigger",
  "parameterization",
  "transforms",
  "invokeTransforms",
  // Hooks are accepted and never run: they would run around a provider's operations.
  "resourceHooks",
  "errorHooks",
]);

/** Properties of a program's resource that no policy receives. */
interface Registration {
  readonly key: string;
  /** Whether a plugin registers it. */
  readonly isConstructed: boolean;
  readonly transforms: readonly Transform[];
  readonly source: SourcePosition | undefined;
}

const ROOT = "pulumi:pulumi:Stack";
const PROVIDERS = "pulumi:providers:";

/**
 * The monitor itself. A program in this process calls it through `clientOf`, one in a separate process through
 * a server.
 */
export class Monitor {
  readonly resources = new Map<string, PlannedResource>();
  /** The URNs of the components that a plugin would construct, whose parts are missing. */
  readonly remoteComponents = new Set<string>();
  readonly #outputsById = new Map<string, Properties>();
  /** The states of all resources, including those that are only read, for resource references. */
  readonly #states = new Map<string, { readonly id: string; readonly state: Properties }>();
  readonly #callbacks: Callbacks;
  readonly #stackTransforms: Transform[] = [];
  readonly #invokeTransforms: Transform[] = [];
  /** The transforms of resources, which their children inherit. */
  readonly #transforms = new Map<string, readonly Transform[]>();
  /** The program's registrations of components that plugins are constructing: these register themselves. */
  readonly #constructing = new Map<string, Pick<Registration, "transforms" | "source">>();
  /** The components that plugins have constructed or are constructing. */
  readonly #constructed = new Set<string>();
  /** The packages that a program registered, by their reference. */
  readonly #packages = new Map<string, { readonly name: string; readonly version: string }>();

  constructor(
    readonly state: DeploymentState,
    private readonly sdk: Messages,
    private readonly components?: ComponentHost,
  ) {
    this.#callbacks = new Callbacks(sdk);
  }

  /** Closes the connections to the program. */
  close(): void {
    this.#callbacks.close();
  }

  /** The resources in the order of registration, without dependencies on resources outside the stack. */
  plannedResources(): PlannedResource[] {
    const inStack = (urns: string[]): string[] => urns.filter((urn) => this.resources.has(urn));
    return [...this.resources.values()].map((resource) => ({
      ...resource,
      dependencies: inStack(resource.dependencies),
      // A property that depends only on resources outside the stack keeps its key, without dependencies.
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.propertyDependencies)
          .filter(([, urns]) => urns.length > 0)
          .map(([key, urns]): [string, string[]] => [key, inStack(urns)]),
      ),
    }));
  }

  registerResource(request: resource.RegisterResourceRequest): unknown {
    const registration = this.#registration(request);
    const transforms = this.#transformsOf(request, registration);
    const register = (): unknown =>
      request.getRemote() && this.components !== undefined
        ? this.#construct(request, registration, this.components)
        : this.#registerResource(request, registration);
    if (transforms.length === 0) return register();
    return this.#callbacks.transformResource(request, transforms).then(register);
  }

  /** A plugin registers its component itself: the program's registration is the one to keep. */
  #registration(request: resource.RegisterResourceRequest): Registration {
    const key = JSON.stringify([request.getParent(), request.getType(), request.getName()]);
    const programRegistration = request.getRemote() ? undefined : this.#constructing.get(key);
    if (programRegistration !== undefined) return { key, isConstructed: true, ...programRegistration };
    const source = firstInProject(positionsIn(request).map((position) => this.state.locate(position)));
    const parentSource = this.#constructed.has(request.getParent())
      ? this.resources.get(request.getParent())?.source
      : undefined;
    return {
      key,
      isConstructed: this.#constructed.has(request.getParent()),
      // Copies of the SDK from before transforms were introduced have no such field.
      transforms: request.getTransformsList?.() ?? [],
      source: source ?? parentSource,
    };
  }

  /** First the transforms of the resource, then those of its parents from the inside out, then those of the stack. */
  #transformsOf(
    request: resource.RegisterResourceRequest,
    { transforms }: Registration,
  ): readonly Transform[] {
    const inherited = [...transforms];
    for (let urn: string | undefined = request.getParent(); urn; urn = this.resources.get(urn)?.parent)
      inherited.push(...(this.#transforms.get(urn) ?? []));
    return [...inherited, ...this.#stackTransforms];
  }

  /** Constructs a component with its plugin, as the engine does; without a plugin it has no parts. */
  async #construct(
    request: resource.RegisterResourceRequest,
    registration: Registration,
    host: ComponentHost,
  ): Promise<unknown> {
    const { key, transforms, source } = registration;
    const pkg = this.#packageOf(request.getType(), request.getPackageref(), request.getVersion());
    const plugin = await this.#plugin(pkg, request.getProvider(), host);
    if (plugin === undefined) return this.#registerResource(request, registration);
    this.#constructing.set(key, { transforms, source });
    const { construct } = await import("./components");
    const { urn, state, dependencies } = await construct(plugin, request, host);
    this.#constructing.delete(key);
    const response = new this.sdk.resource.RegisterResourceResponse();
    response.setUrn(urn);
    response.setObject(this.sdk.toStruct(state));
    const { PropertyDependencies } = this.sdk.resource.RegisterResourceResponse;
    setDependencies(response.getPropertydependenciesMap(), PropertyDependencies, dependencies);
    return response;
  }

  #packageOf(token: string, reference: string, version: string): { name: string; version: string } {
    return this.#packages.get(reference) ?? { name: token.split(":")[0] ?? "", version };
  }

  #plugin(
    { name, version }: { readonly name: string; readonly version: string },
    reference: string,
    host: ComponentHost,
  ): ReturnType<ComponentHost["find"]> {
    const provider = this.#provider(reference, `${name}:`, version) ?? "";
    return host.find({ name, version, provider, settings: this.resources.get(provider)?.inputs ?? {} });
  }

  #registerResource(request: resource.RegisterResourceRequest, registration: Registration): unknown {
    const type = request.getType();
    const urn = this.#urn(request.getParent(), type, request.getName());
    if (this.resources.has(urn))
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const properties = fromStruct(request.getObject());
    const plannedResource = this.#register(request, urn, plainProperties(properties));
    const dependencies: Record<string, string[]> = {};
    for (const [key, urns] of request.getPropertydependenciesMap().entries()) {
      dependencies[key] = urns.getUrnsList();
    }
    plannedResource.propertyDependencies = dependencies;
    plannedResource.dependencies = request.getDependenciesList();
    if (registration.source !== undefined) plannedResource.source = registration.source;
    if (request.getRemote()) {
      this.remoteComponents.add(urn);
      // SDKs omit resources that are passed as such from the dependencies of a remote component.
      plannedResource.dependencies = [
        ...new Set([...plannedResource.dependencies, ...referencedResources(properties)]),
      ];
    }
    if (registration.isConstructed && !request.getCustom()) this.#constructed.add(urn);
    this.resources.set(urn, plannedResource);
    const state = plannedResource.custom
      ? withSecretsOf(properties, plannedResource.outputs)
      : withoutOutputs(properties);
    this.#states.set(urn, { id: plannedResource.id, state });
    this.#transforms.set(urn, registration.transforms);
    const response = new this.sdk.resource.RegisterResourceResponse();
    response.setUrn(urn);
    // The engine sends no id rather than an unknown one.
    response.setId(plannedResource.id === UNKNOWN ? "" : plannedResource.id);
    // The outputs that a plugin would have returned are unknown; in a preview, a missing output is unknown.
    const isUnknown = request.getRemote() && this.components?.dryRun === true;
    response.setObject(this.sdk.toStruct(isUnknown ? {} : state));
    return response;
  }

  #register(request: resource.RegisterResourceRequest, urn: string, inputs: Properties): PlannedResource {
    const [type, name, custom] = [request.getType(), request.getName(), request.getCustom()];
    const parent = request.getParent();
    const base = { urn, type, name, custom, dependencies: [], propertyDependencies: {} };
    const common = parent === "" ? base : { ...base, parent };
    if (!custom || type.startsWith(PROVIDERS)) {
      const exists = this.state.exists({ urn, type, name });
      const id = custom ? (exists ? idOfProvider(urn) : UNKNOWN) : "";
      const version = request.getVersion();
      const settings = custom && version !== "" ? { version, ...inputs } : inputs;
      return { ...common, id, inputs: settings, outputs: settings };
    }
    const providerUrn = this.#provider(request.getProvider(), type, request.getVersion());
    const answers = this.#checkAndCreate({ urn, type, name }, inputs, providerUrn);
    return { ...common, ...answers, ...(providerUrn === undefined ? {} : { provider: providerUrn }) };
  }

  #checkAndCreate(
    { urn, type, name }: Identity,
    properties: Properties,
    providerUrn: string | undefined,
  ): Pick<PlannedResource, "id" | "inputs" | "outputs"> {
    const exists = this.state.exists({ urn, type, name });
    const settings = providerUrn === undefined ? undefined : this.resources.get(providerUrn)?.inputs;
    // A provider without a known configuration checks nothing, and its new resources have no properties.
    if (!exists && settings !== undefined && hasUnknown(settings)) {
      return { id: UNKNOWN, inputs: properties, outputs: {} };
    }
    const place = this.#place(settings, properties);
    const { nameSeed } = this.state;
    const seed = exists || nameSeed === undefined ? {} : { nameSeed };
    const inputs = checkedInputs({ type, name, urn, inputs: properties, place, ...seed });
    const { id, outputs } = createOutputs({ type, name, urn, inputs, place, find: this.#find }, exists);
    if (type.startsWith("aws:")) outputs.id = id;
    if (id !== UNKNOWN) this.#outputsById.set(outputsKey(kindOf(type), id), outputs);
    return { id, inputs, outputs };
  }

  readResource(request: resource.ReadResourceRequest): unknown {
    const [type, name, id] = [request.getType(), request.getName(), request.getId()];
    const urn = this.#urn(request.getParent(), type, name);
    const response = new this.sdk.resource.ReadResourceResponse();
    response.setUrn(urn);
    const state = this.#read(request, { urn, type, name }, id);
    this.#states.set(urn, { id, state });
    response.setProperties(this.sdk.toStruct(state));
    return response;
  }

  #read(request: resource.ReadResourceRequest, { urn, type, name }: Identity, id: string): Properties {
    if (type === "pulumi:pulumi:StackReference") {
      return { name: id, outputs: this.state.stackReference(id) ?? UNKNOWN, secretOutputNames: [] };
    }
    const providerUrn = this.#provider(request.getProvider(), type, request.getVersion());
    if (id === UNKNOWN) return {};
    const settings = providerUrn === undefined ? undefined : this.resources.get(providerUrn)?.inputs;
    const properties = plainProperties(fromStruct(request.getProperties()));
    const place = this.#place(settings, properties);
    const state = readOutputs({ type, name, urn, inputs: properties, place, find: this.#find }, id);
    this.#outputsById.set(outputsKey(kindOf(type), id), state);
    return state;
  }

  registerResourceOutputs(request: resource.RegisterResourceOutputsRequest): unknown {
    const plannedResource = this.resources.get(request.getUrn());
    if (plannedResource === undefined) throw new Error(`unknown resource '${request.getUrn()}'`);
    const state = fromStruct(request.getOutputs());
    plannedResource.outputs = plainProperties(state);
    this.#states.set(plannedResource.urn, { id: plannedResource.id, state });
    return this.sdk.empty();
  }

  invoke(request: resource.ResourceInvokeRequest): unknown {
    if (this.#invokeTransforms.length === 0) return this.#invokeResponse(request);
    return this.#callbacks
      .transformInvoke(request, this.#invokeTransforms)
      .then(() => this.#invokeResponse(request));
  }

  #invokeResponse(request: resource.ResourceInvokeRequest): unknown {
    const token = request.getTok();
    const args = plainProperties(fromStruct(request.getArgs()));
    const response = new this.sdk.provider.InvokeResponse();
    response.setReturn(
      this.sdk.toStruct(this.#invoke(token, args, request.getProvider(), request.getVersion())),
    );
    return response;
  }

  #invoke(token: string, args: Properties, reference: string, version: string): Properties {
    if (token === "pulumi:pulumi:getResource") {
      const urn = String(args.urn);
      const registered = this.#states.get(urn);
      if (registered === undefined) throw new Error(`unknown resource '${urn}'`);
      return { urn, id: registered.id === UNKNOWN ? null : registered.id, state: registered.state };
    }
    const providerUrn = this.#provider(reference, token, version);
    const settings = providerUrn === undefined ? undefined : this.resources.get(providerUrn)?.inputs;
    return dataSource(token, args, this.#place(settings, args), this.state.answers);
  }

  async call(request: resource.ResourceCallRequest): Promise<unknown> {
    const token = request.getTok();
    const pkg = this.#packageOf(token, request.getPackageref?.() ?? "", request.getVersion());
    const host = this.components;
    const plugin = host && (await this.#plugin(pkg, request.getProvider(), host));
    if (host === undefined || plugin === undefined)
      throw new Error(`the method '${token}' runs in the plugin ${pkg.name}, which is not available`);
    const { callMethod } = await import("./components");
    const { state, dependencies } = await callMethod(plugin, request, host);
    const response = new this.sdk.provider.CallResponse();
    response.setReturn(this.sdk.toStruct(state));
    const { ReturnDependencies } = this.sdk.provider.CallResponse;
    setDependencies(response.getReturndependenciesMap(), ReturnDependencies, dependencies);
    return response;
  }

  registerPackage(request: resource.RegisterPackageRequest): unknown {
    const [name, version] = [request.getName(), request.getVersion()];
    const reference = `${name}@${version}`;
    this.#packages.set(reference, { name, version });
    const response = new this.sdk.resource.RegisterPackageResponse();
    response.setRef(reference);
    return response;
  }

  registerStackTransform(transform: Transform): unknown {
    this.#stackTransforms.push(transform);
    return this.sdk.empty();
  }

  registerStackInvokeTransform(transform: Transform): unknown {
    this.#invokeTransforms.push(transform);
    return this.sdk.empty();
  }

  registerResourceHook(): unknown {
    return this.sdk.empty();
  }

  registerErrorHook(): unknown {
    return this.sdk.empty();
  }

  supportsFeature(request: resource.SupportsFeatureRequest): unknown {
    const response = new this.sdk.resource.SupportsFeatureResponse();
    response.setHassupport(FEATURES.has(request.getId()));
    return response;
  }

  signalAndWaitForShutdown(): unknown {
    return this.sdk.empty();
  }

  readonly #find = (kind: string, id: string): Properties | undefined =>
    this.#outputsById.get(outputsKey(kind, id));

  /** `urn:pulumi:stack::project::ParentType$Type::name`; the stack's own type is omitted from the chain. */
  #urn(parent: string, type: string, name: string): string {
    const parentType = this.resources.get(parent)?.urn.split("::")[2];
    const chain = parentType === undefined || parentType === ROOT ? type : `${parentType}$${type}`;
    return `urn:pulumi:${this.state.stack}::${this.state.project}::${chain}::${name}`;
  }

  /** The URN of the provider of a resource or data source; the default one is registered at its first use. */
  #provider(reference: string, type: string, version: string): string | undefined {
    if (reference !== "") return reference.slice(0, reference.lastIndexOf("::"));
    const pkg = type.split(":")[0] ?? "";
    if (pkg === "pulumi" || pkg === "") return undefined;
    const providerType = `${PROVIDERS}${pkg}`;
    const name = version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;
    const urn = `urn:pulumi:${this.state.stack}::${this.state.project}::${providerType}::${name}`;
    if (!this.resources.has(urn)) {
      const inputs: Properties = version === "" ? {} : { version };
      for (const [key, value] of Object.entries(this.state.config)) {
        if (key.startsWith(`${pkg}:`)) inputs[key.slice(pkg.length + 1)] = value;
      }
      const exists = this.state.exists({ urn, type: providerType, name });
      this.resources.set(urn, {
        urn,
        type: providerType,
        name,
        custom: true,
        id: exists ? idOfProvider(urn) : UNKNOWN,
        inputs,
        outputs: inputs,
        dependencies: [],
        propertyDependencies: {},
      });
    }
    return urn;
  }

  #place(settings: Properties | undefined, inputs: Properties): SimulatedLocation {
    return placeOf(this.state.place, settings, inputs);
  }
}

/** The region of a resource: from its inputs, else from the settings of its provider, else the default. */
export function placeOf(
  initial: SimulatedLocation,
  settings: Properties | undefined,
  inputs: Properties,
): SimulatedLocation {
  const region = [inputs.region, settings?.region].find(
    (value): value is string => typeof value === "string" && value !== "" && value !== UNKNOWN,
  );
  return {
    ...initial,
    ...(region === undefined ? {} : { region, partition: partitionOfRegion(region) }),
    account: accountOf(settings) ?? initial.account,
  };
}

/** The account of a provider, if it is certain: the only allowed account, or the account of the last role it assumes. */
function accountOf(settings: Properties | undefined): string | undefined {
  const jsonOf = (name: string): string => JSON.stringify(settings?.[name] ?? "");
  const allowed = jsonOf("allowedAccountIds").match(/\d{12}/g) ?? [];
  const roles = [...jsonOf("assumeRoles").matchAll(/roleArn\W+arn:[\w-]+:iam::(\d{12}):role\//g)];
  return allowed.length === 1 ? allowed[0] : roles.at(-1)?.[1];
}

/** The position in the program that registered a resource, the innermost first. */
function positionsIn(request: resource.RegisterResourceRequest): readonly CodePosition[] {
  // Copies of the SDK from before stack traces were introduced have no such field.
  const frames = request.getStacktrace?.()?.getFramesList() ?? [];
  return [request.getSourceposition?.(), ...frames.map((frame) => frame.getPc())].flatMap((position) =>
    position === undefined
      ? []
      : [{ uri: position.getUri(), line: position.getLine(), column: position.getColumn() }],
  );
}

const kindOf = (type: string): string => type.split(":").at(-1) ?? type;
const outputsKey = (kind: string, id: string): string => `${kind} ${id}`;
const idOfProvider = (urn: string): string => `provider-${urn.split("::").at(-1)}`;

/** The outputs as a program gets them: an input that is a secret is returned as a secret. */
function withSecretsOf(properties: Properties, outputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => {
      const input = properties[key];
      const secret = isObject(input) && input[SIGNATURE] === SECRET;
      return [key, secret ? { [SIGNATURE]: SECRET, value } : value];
    }),
  );
}
