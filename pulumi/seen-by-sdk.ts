import { isRead, propertiesRead, type SeenResource } from "../stack";
import type { StackResource } from "./reduced-stack";
import { type Properties, type ProviderMessage, type ResourceMessage, SentProperties } from "./sent-resource";
import { NOT_READ } from "./struct";

/** A resource of a request that the pack keeps. */
export interface KeptResource {
  readonly resource: StackResource;
  /** Only its name and its dependencies matter. */
  readonly isStub: boolean;
  /** Whether its order of creation matters. */
  readonly isOrdered: boolean;
}

interface Struct {
  toJavaScript(): object;
}

/** The SDK's reader of properties; it exports it for its own use. */
const {
  deserializeProperties,
}: { readonly deserializeProperties?: (struct: Struct, proxySecrets: boolean) => object } =
  require("@pulumi/policy/deserialize");

/**
 * Thrown when the SDK rejects the request: given the request itself, the SDK reports the error. A constant, since
 * reading the properties of an unknown error may throw.
 */
const REJECTED = new Error();

/**
 * The resources as the SDK gives them to a stack policy, unknown values and secrets included, with no more of each than
 * the pack reads: without the proxies that throw where a value is unknown, and with one object for each provider.
 * `undefined` where the SDK refuses them, or is not as in version 1.21.0.
 * https://github.com/pulumi/pulumi-policy/blob/v1.21.0/sdk/nodejs/policy/server.ts
 */
export function seenBySdk(
  keptResources: readonly KeptResource[],
  propertiesOf: PropertiesOf = reduced,
): readonly SeenResource[] | undefined {
  if (typeof deserializeProperties !== "function") return undefined;
  try {
    const providerOf = providersRead();
    const seen = keptResources.map((entry) => seenResource(entry, { propertiesOf, providerOf }));
    link(keptResources, seen);
    return seen;
  } catch (error) {
    if (error === REJECTED) return undefined;
    throw error;
  }
}

/** Returns the properties of a resource that are read. */
type PropertiesOf = (message: ResourceMessage, type: string) => Struct | undefined;

/**
 * All properties, since account data is looked up by any name in them. For types that the pack does not read, only the
 * ARN, which shows an account of the stack.
 */
export const forAccountData: PropertiesOf = (message, type) => {
  const properties = message.getProperties();
  const arn = properties && !isRead(type) && propertiesSent(properties, (name) => name === "arn");
  return arn ? { toJavaScript: () => arn } : properties;
};

function seenResource(
  { resource, isStub }: KeptResource,
  {
    propertiesOf,
    providerOf,
  }: { readonly propertiesOf: PropertiesOf; readonly providerOf: ReturnType<typeof providersRead> },
): Linked {
  const { message, urn, type } = resource;
  const provider = isStub ? undefined : message.getProvider();
  const seen: Linked = {
    type,
    urn,
    name: message.getName(),
    props: isStub ? NO_PROPERTIES : propertiesIn(propertiesOf(message, type)),
    opts: optionsOf(message, type),
  };
  if (provider !== undefined) seen.provider = providerOf(provider);
  return seen;
}

/**
 * Reads a provider once for all of its resources: the engine looks it up by its URN.
 * https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step_generator.go
 */
function providersRead(): (message: ProviderMessage) => Provider {
  const providers = new Map<string, Provider>();
  return (message) => {
    const urn = message.getUrn();
    let provider = providers.get(urn);
    if (provider === undefined) {
      const props = propertiesIn(message.getProperties());
      provider = { type: message.getType(), props, urn, name: message.getName() };
      providers.set(urn, provider);
    }
    return provider;
  };
}

type Provider = NonNullable<SeenResource["provider"]>;
type Linked = { -readonly [Property in keyof SeenResource]: SeenResource[Property] };

const NO_PROPERTIES = {};
const NO_CHANGES_IGNORED = { ignoreChanges: [] };

/**
 * The properties that the pack reads. All properties where the resource has none of these: the properties of such a
 * resource are unknown, or a report has reduced them already.
 */
function reduced(message: ResourceMessage, type: string): Struct | undefined {
  const properties = message.getProperties();
  const wanted = propertiesRead(type);
  const sentProperties = properties && propertiesSent(properties, (name) => wanted.has(name));
  return sentProperties === undefined || Object.keys(sentProperties).length === 0
    ? properties
    : { toJavaScript: () => sentProperties };
}

/** The wanted properties as they are sent; `undefined` where the message is not one of protobuf's. */
export function propertiesSent(
  properties: Properties,
  isWanted: (name: string) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  if (properties instanceof SentProperties) return properties.wanted(isWanted);
  if (typeof properties.getFieldsMap !== "function") return undefined;
  const sentProperties: Record<string, unknown> = {};
  properties.getFieldsMap().forEach((value, name) => {
    if (isWanted(name)) sentProperties[name] = value.toJavaScript();
  });
  return sentProperties;
}

function propertiesIn(struct: Struct | undefined): object {
  try {
    return deserializeProperties?.(struct as Struct, false) ?? NO_PROPERTIES;
  } catch (error) {
    throw error === NOT_READ ? error : REJECTED;
  }
}

/** The changes that are ignored matter to tags only. */
function optionsOf(message: ResourceMessage, type: string): NonNullable<SeenResource["opts"]> {
  const options = message.getOptions();
  // An older version of the CLI.
  if (options === undefined) throw REJECTED;
  const ignoreChanges = propertiesRead(type).has("tags") ? options.getIgnorechangesList() : [];
  return ignoreChanges.length === 0 ? NO_CHANGES_IGNORED : { ignoreChanges: [...ignoreChanges] };
}

/** Replaces URNs by resources, and removes the URNs of those that are not kept. */
function link(keptResources: readonly KeptResource[], seen: readonly Linked[]): void {
  const byUrn = new Map(seen.map((entry) => [entry.urn, entry]));
  const resourcesWith = (urns: readonly string[]): readonly SeenResource[] =>
    urns.flatMap((urn) => byUrn.get(urn) ?? []);
  keptResources.forEach(({ resource, isOrdered }, index) => {
    const entry = seen[index];
    if (entry === undefined) return;
    const urn = resource.message.getParent();
    const parent = urn === "" ? undefined : byUrn.get(urn);
    if (parent !== undefined) entry.parent = parent;
    entry.dependencies = isOrdered ? resourcesWith(resource.message.getDependenciesList()) : [];
    entry.propertyDependencies = Object.fromEntries(
      resource.propertyDependencies.map(([property, urns]) => [property, resourcesWith(urns)]),
    );
  });
}
