import { isProxy } from "node:util/types";
import { isRead, type SeenResource, sameProperties } from "../stack";

/** The resources of a stack, and those that they refer to, which need not be among them. */
export interface Reachable {
  readonly resources: readonly SeenResource[];
  /** By resource, the positions of those that it refers to; first, those of the stack. */
  readonly links: readonly Links[];
}

/** Positions, after the name of their property. */
type Links = readonly (number | string)[];

export function reachableFrom(stack: readonly SeenResource[]): Reachable {
  const positions = new Map<SeenResource, number>();
  const resources: SeenResource[] = [];
  const positionOf = (resource: SeenResource): number => {
    let position = positions.get(resource);
    if (position === undefined) {
      position = resources.push(resource) - 1;
      positions.set(resource, position);
    }
    return position;
  };
  const links: Links[] = [stack.map(positionOf)];
  // An array that is extended while it is iterated iterates over the additions, too.
  for (const resource of resources) links.push(linksOf(resource, positionOf));
  return { resources, links };
}

function linksOf(
  { parent, dependencies = [], propertyDependencies = {} }: SeenResource,
  positionOf: (resource: SeenResource) => number,
): Links {
  const links: (number | string)[] = ["parent"];
  if (parent !== undefined) links.push(positionOf(parent));
  links.push("dependencies");
  for (const dependency of dependencies) links.push(positionOf(dependency));
  for (const property of Object.keys(propertyDependencies)) {
    links.push(property);
    for (const dependency of propertyDependencies[property] ?? []) links.push(positionOf(dependency));
  }
  return links;
}

/**
 * Whether two stacks are the same in all that the pack reads: every result is then the same, too.
 *
 * @param withAccountData whether account data is read too: it is looked up by any property of the stack
 */
export function isSameStack(first: Reachable, second: Reachable, withAccountData: boolean): boolean {
  return (
    first.resources.length === second.resources.length &&
    first.links.every((links, index) => areSameLinks(links, second.links[index])) &&
    first.resources.every((resource, index) =>
      isSameResource(resource, second.resources[index], withAccountData),
    )
  );
}

function areSameLinks(first: Links, second: Links | undefined): boolean {
  return first.length === second?.length && first.every((link, index) => link === second[index]);
}

function isSameResource(a: SeenResource, b: SeenResource | undefined, withAccountData: boolean): boolean {
  if (a.urn !== b?.urn || a.type !== b.type || a.name !== b.name) return false;
  if (!withAccountData && !isRead(a.type)) return true;
  return (
    isSameBag(a.props, b.props) &&
    isSameProvider(a.provider, b.provider) &&
    sameProperties(a.opts?.ignoreChanges, b.opts?.ignoreChanges)
  );
}

function isSameProvider(a: SeenResource["provider"], b: SeenResource["provider"]): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.urn === b.urn && a.type === b.type && a.name === b.name && isSameBag(a.props, b.props);
}

/** The names under which the SDK's proxies identify themselves and return the object behind them. */
const { isSpecialProxy, getSpecialProxyTarget }: Readonly<Record<string, string | undefined>> =
  require("@pulumi/policy/proxy");

/**
 * Reading each property through a proxy would take as long as the SDK's own deserialization; what is behind the SDK's
 * proxies is plain data.
 */
function isSameBag(a: object, b: object): boolean {
  const [plainA, plainB] = [behindProxy(a), behindProxy(b)];
  return plainA === undefined || plainB === undefined ? sameProperties(a, b) : isSameData(plainA, plainB);
}

function behindProxy(bag: object): unknown {
  if (!isProxy(bag) || isSpecialProxy === undefined || getSpecialProxyTarget === undefined) return undefined;
  return Reflect.get(bag, isSpecialProxy) === true ? Reflect.get(bag, getSpecialProxyTarget) : undefined;
}

/** More deeply nested data is considered different, and so is circular data. */
const MAX_DEPTH = 64;

function isSameData(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth === MAX_DEPTH || Array.isArray(a) !== Array.isArray(b)) return false;
  const [bagA, bagB] = [a, b] as Readonly<Record<string, unknown>>[];
  let count = 0;
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !isSameData(bagA?.[key], bagB?.[key], depth + 1)) return false;
    count++;
  }
  for (const _key in b) count--;
  return count === 0;
}
