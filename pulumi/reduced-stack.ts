import type { AnalyzerResource, AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type { Named } from "../policies";
import { isCalled, isRead, mayCallService, propertiesRead } from "../stack";

/** What the pack needs of an `AnalyzeStack` request. */
export interface ReducedStack {
  /** The resources that the pack reads, and without properties those that they refer to or that are their parents. */
  readonly request: AnalyzeStackRequest;
  /** A request for no resource. */
  readonly empty: AnalyzeStackRequest;
  /** All resources of the stack. */
  readonly named: () => readonly Named[];
}

/** Whether resources of a type are read in full. */
type IsRead = (type: string) => boolean;

/**
 * The SDK deserializes and wraps the whole stack for every stack policy, and most resources of a stack are of no
 * interest to this pack. `undefined` where a request is not as this version of the SDK has it.
 *
 * @param others Whether resources are read with those of the stack, whose integrations may call what is in it
 */
export function reducedStack(request: AnalyzeStackRequest, others = false): ReducedStack | undefined {
  if (typeof request?.getResourcesList !== "function") return undefined;
  const resources = request.getResourcesList();
  const byUrn = new Map(resources.map((resource) => [resource.getUrn(), resource]));
  const waiting = waitingResources(resources, byUrn);
  const isReadHere = others || callServices(resources) ? isRead : isReadWithoutServices;
  const read = resources.filter((resource) => isReadHere(resource.getType()));
  const stubs = referred(read, byUrn, waiting, isReadHere);
  const kept = resources.flatMap((resource): readonly AnalyzerResource[] => {
    if (waiting.has(resource)) return [resource];
    if (isReadHere(resource.getType())) return [withoutDependencies(withPropertiesRead(resource))];
    return stubs.has(resource.getUrn()) ? [stub(resource)] : [];
  });
  // A session holds it for longer than the messages live.
  const named = resources.map((resource) => ({ urn: resource.getUrn(), name: resource.getName() }));
  return {
    request: withResources(request, kept),
    empty: withResources(request, []),
    named: () => named,
  };
}

const isReadWithoutServices: IsRead = (type) => isRead(type) && !isCalled(type);

/** Whether what integrations call is in the stack, and some integration may call it. */
function callServices(resources: readonly AnalyzerResource[]): boolean {
  return (
    resources.some((resource) => isCalled(resource.getType())) &&
    resources.some((resource) => mayCallService(resource.getType(), (name) => propertyOf(resource, name)))
  );
}

/** A property as it is sent. */
function propertyOf(resource: AnalyzerResource, name: string): unknown {
  const properties = resource.getProperties();
  return typeof properties?.getFieldsMap === "function"
    ? properties.getFieldsMap().get(name)?.toJavaScript()
    : properties?.toJavaScript()[name];
}

/**
 * The URNs of what resources depend on and of their parents, and of what these depend on: strings
 * pass through resources that the pack does not read.
 */
function referred(
  read: readonly AnalyzerResource[],
  byUrn: ReadonlyMap<string, AnalyzerResource>,
  waiting: ReadonlySet<AnalyzerResource>,
  isReadHere: IsRead,
): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...read];
  for (let resource = next.pop(); resource !== undefined; resource = next.pop())
    for (const urn of [
      ...referencesOf(resource),
      ...(waiting.has(resource) ? dependenciesOf(resource) : []),
    ]) {
      if (found.has(urn)) continue;
      found.add(urn);
      const other = byUrn.get(urn);
      if (other !== undefined && !isReadHere(other.getType())) next.push(other);
    }
  return found;
}

function referencesOf(resource: AnalyzerResource): readonly string[] {
  const dependencies = [...resource.getPropertydependenciesMap().entries()];
  return [resource.getParent(), ...dependencies.flatMap(([, some]) => some.getUrnsList())];
}

function dependenciesOf(resource: AnalyzerResource): readonly string[] {
  return resource.getDependenciesList();
}

// A message of a class of our own would be foreign to the SDK's copy of protobuf; what stands for one only has to
// answer what the SDK asks of it.
function withResources(request: AnalyzeStackRequest, resources: AnalyzerResource[]): AnalyzeStackRequest {
  return Object.assign(Object.create(request) as AnalyzeStackRequest, { getResourcesList: () => resources });
}

/**
 * The resources of which it matters what they are made after: deployments, and whatever they wait for that is read, a
 * permission too.
 */
function waitingResources(
  resources: readonly AnalyzerResource[],
  byUrn: ReadonlyMap<string, AnalyzerResource>,
): ReadonlySet<AnalyzerResource> {
  const found = new Set<AnalyzerResource>();
  const next = resources.filter((resource) =>
    /:apigateway[:/](deployment:Deployment|Deployment)$/.test(resource.getType()),
  );
  for (let resource = next.pop(); resource !== undefined; resource = next.pop()) {
    if (found.has(resource)) continue;
    found.add(resource);
    for (const urn of [...referencesOf(resource), ...dependenciesOf(resource)]) {
      const other = byUrn.get(urn);
      if (other !== undefined && isRead(other.getType())) next.push(other);
    }
  }
  return found;
}

/**
 * A resource with the properties that the pack reads. With all where it has none of these, as the properties of one
 * without any are unknown, and where a report has reduced them already.
 */
function withPropertiesRead(resource: AnalyzerResource): AnalyzerResource {
  const properties = resource.getProperties();
  const fields = typeof properties?.getFieldsMap === "function" ? properties.getFieldsMap() : undefined;
  const names = propertiesRead(resource.getType()).filter((name) => fields?.has(name));
  if (fields === undefined || names.length === 0) return resource;
  const toJavaScript = () =>
    Object.fromEntries(names.map((name) => [name, fields.get(name)?.toJavaScript()] as const));
  return Object.assign(Object.create(resource) as AnalyzerResource, {
    getProperties: () => ({ toJavaScript }),
  });
}

/** Of other resources the pack reads which property depends on what, and not the list of all dependencies. */
function withoutDependencies(resource: AnalyzerResource): AnalyzerResource {
  return Object.assign(Object.create(resource) as AnalyzerResource, { getDependenciesList: () => [] });
}

const NO_PROPERTIES = { toJavaScript: () => ({}) };

function stub(resource: AnalyzerResource): AnalyzerResource {
  return Object.assign(withoutDependencies(resource), {
    getProperties: () => NO_PROPERTIES,
    getProvider: () => undefined,
  });
}
