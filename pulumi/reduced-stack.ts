import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type { NamedResource } from "../policies";
import { isRead, isServiceTarget, mayHaveServiceIntegration, type SeenResource } from "../stack";
import { forAccountData, propertiesSent, seenBySdk } from "./seen-by-sdk";
import type { ResourceMessage } from "./sent-resource";
import { resourcesOf } from "./stack-request";
import { NOT_READ } from "./struct";

/** The part of an `AnalyzeStack` request that the pack needs. */
export interface ReducedStack {
  /** The resources that the pack reads, and, without properties, those that they refer to and their parents. */
  readonly resources: readonly SeenResource[];
  /** An empty request. */
  readonly empty: AnalyzeStackRequest;
  /** All resources of the stack. */
  readonly allResources: () => readonly NamedResource[];
}

/**
 * The SDK deserializes and wraps the whole stack for every stack policy, and most resources of a stack are of no
 * interest to this pack. `undefined` if the request or the SDK differs from version 1.21.0.
 *
 * @param withAccountData whether account data is read too: its integrations may call resources of the stack, and its
 * resources are looked up by any name in the stack
 */
export function reducedStack(
  request: AnalyzeStackRequest,
  withAccountData = false,
): ReducedStack | undefined {
  if (typeof request?.getResourcesList !== "function") return undefined;
  try {
    return reduced(request, resourcesOf(request), withAccountData);
  } catch (error) {
    if (error !== NOT_READ) throw error;
    return reduced(request, request.getResourcesList(), withAccountData);
  }
}

function reduced(
  request: AnalyzeStackRequest,
  messages: readonly ResourceMessage[],
  withAccountData: boolean,
): ReducedStack | undefined {
  const isReadHere = withAccountData ? isAnything : callServices(messages) ? isRead : isReadWithoutServices;
  const stackResources = messages.map((message) => new StackResource(message, isReadHere));
  const byUrn = new Map(stackResources.map((resource) => [resource.urn, resource]));
  // If two resources have the same URN, only the SDK knows to which of them a reference refers.
  if (byUrn.size < stackResources.length) return undefined;
  const ordered = orderedResources(stackResources, byUrn);
  const stubs = referred(stackResources, byUrn, ordered);
  const resources = seenBySdk(
    stackResources.flatMap((resource) => {
      const isOrdered = ordered.has(resource);
      return resource.isRead || isOrdered || stubs.has(resource.urn)
        ? [{ resource, isStub: !resource.isRead && !isOrdered, isOrdered }]
        : [];
    }),
    withAccountData ? forAccountData : undefined,
  );
  // A session keeps it for longer than the messages exist.
  const allResources = stackResources.map(({ urn, message }) => ({ urn, name: message.getName() }));
  return resources && { resources, empty: withoutResources(request), allResources: () => allResources };
}

const isAnything = (): boolean => true;
const isReadWithoutServices = (type: string): boolean => isRead(type) && !isServiceTarget(type);

/** Whether the stack has resources that an integration with a service can call, and an integration that may call one. */
function callServices(resources: readonly ResourceMessage[]): boolean {
  return (
    resources.some((resource) => isServiceTarget(resource.getType())) &&
    resources.some((resource) =>
      mayHaveServiceIntegration(resource.getType(), (name) => propertyOf(resource, name)),
    )
  );
}

/** A property in the format of the protocol. */
function propertyOf(resource: ResourceMessage, name: string): unknown {
  const properties = resource.getProperties();
  if (properties === undefined) return undefined;
  const sent = propertiesSent(properties, (property) => property === name);
  return (sent ?? (properties.toJavaScript() as Readonly<Record<string, unknown>>))[name];
}

/** A resource of a request. A class, since a stack has very many, and for most of them only the type is read. */
export class StackResource {
  readonly urn: string;
  readonly type: string;
  readonly isRead: boolean;
  private byProperty: readonly PropertyDependencies[] | undefined;

  constructor(
    readonly message: ResourceMessage,
    isReadHere: (type: string) => boolean,
  ) {
    this.urn = message.getUrn();
    this.type = message.getType();
    this.isRead = isReadHere(this.type);
  }

  /** The URNs that each property depends on. */
  get propertyDependencies(): readonly PropertyDependencies[] {
    if (this.byProperty === undefined) {
      const byProperty: PropertyDependencies[] = [];
      this.message.getPropertydependenciesMap().forEach((dependencies, property) => {
        byProperty.push([property, dependencies.getUrnsList()]);
      });
      this.byProperty = byProperty;
    }
    return this.byProperty;
  }

  /** Its parent, and the dependencies of its properties. */
  eachReference(follow: (urn: string) => void): void {
    follow(this.message.getParent());
    for (const [, urns] of this.propertyDependencies) for (const urn of urns) follow(urn);
  }
}

type PropertyDependencies = readonly [property: string, urns: readonly string[]];

/**
 * The URNs of the dependencies and parents of resources, including indirect ones: a value may pass through resources
 * that the pack does not read.
 */
function referred(
  resources: readonly StackResource[],
  byUrn: ReadonlyMap<string, StackResource>,
  ordered: ReadonlySet<StackResource>,
): ReadonlySet<string> {
  const urns = new Set<string>();
  const next = resources.filter(({ isRead }) => isRead);
  const follow = (urn: string): void => {
    if (urns.has(urn)) return;
    urns.add(urn);
    const dependency = byUrn.get(urn);
    if (dependency !== undefined && !dependency.isRead) next.push(dependency);
  };
  for (let resource = next.pop(); resource !== undefined; resource = next.pop()) {
    resource.eachReference(follow);
    if (ordered.has(resource)) for (const urn of resource.message.getDependenciesList()) follow(urn);
  }
  return urns;
}

// A message of another class would be rejected by the SDK's copy of protobuf; the replacement only needs the methods
// that the SDK calls.
function withoutResources(request: AnalyzeStackRequest): AnalyzeStackRequest {
  return Object.assign(Object.create(request) as AnalyzeStackRequest, { getResourcesList: () => [] });
}

/**
 * The resources whose order of creation matters: deployments, and the resources that they depend on and that are read,
 * including permissions.
 */
function orderedResources(
  resources: readonly StackResource[],
  byUrn: ReadonlyMap<string, StackResource>,
): ReadonlySet<StackResource> {
  const ordered = new Set<StackResource>();
  const next = resources.filter(({ type }) =>
    /:apigateway[:/](deployment:Deployment|Deployment)$/.test(type),
  );
  for (let resource = next.pop(); resource !== undefined; resource = next.pop()) {
    if (ordered.has(resource)) continue;
    ordered.add(resource);
    const follow = (urn: string): void => {
      const dependency = byUrn.get(urn);
      if (dependency !== undefined && isRead(dependency.type)) next.push(dependency);
    };
    resource.eachReference(follow);
    for (const urn of resource.message.getDependenciesList()) follow(urn);
  }
  return ordered;
}
