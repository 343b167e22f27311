/** The items of a report: routes, callers and functions. Does not use the DOM. */
import { INVOKED_BY, NO_STAGE, OTHER_CALLERS, OUTSIDE_STACKS } from "../../../messages/report";
import type { ApiEntry, Report, RouteEntry } from "../../model";
import type { Item } from "./graph";
import { stackOf, stacksOf } from "./names";

/** The items of a report by the ids in its answers. */
export interface Items {
  readonly routes: ReadonlyMap<string, Item>;
  readonly callers: ReadonlyMap<string, Item>;
  readonly functions: ReadonlyMap<string, Item>;
  /** The items that represent the callers of routes without a known caller; one for each authorization. */
  placeholderCallerOf(route: RouteEntry): Item;
}

export function itemsIn(report: Omit<Report, "answers">): Items {
  const apis = new Map(report.apis.map((api) => [api.id, api]));
  const hasSeveralStacks = stacksOf(report).length > 1;
  const byId = (parts: readonly ItemParts[]): Map<string, Item> =>
    new Map(parts.map((part) => [part.id, createItem(part, hasSeveralStacks)]));
  const placeholderCallers = byId(AUTHORIZATIONS.map(placeholderCallerParts));
  return {
    routes: byId(report.routes.map((route) => routeParts(route, apis.get(route.api)))),
    callers: byId(report.callers.map(callerParts)),
    functions: byId(report.functions.map(functionParts)),
    placeholderCallerOf: ({ authorization }) => placeholderCallers.get(placeholderId(authorization)) as Item,
  };
}

const AUTHORIZATIONS = Object.keys(OTHER_CALLERS) as readonly RouteEntry["authorization"][];

function placeholderId(authorization: RouteEntry["authorization"]): string {
  return `open ${authorization}`;
}

function placeholderCallerParts(authorization: RouteEntry["authorization"]): ItemParts {
  return {
    kind: "caller",
    id: placeholderId(authorization),
    label: OTHER_CALLERS[authorization],
    note: "",
    urn: undefined,
    facts: [],
    isPlaceholder: true,
  };
}

function callerParts({ id, kind, name, urn, arn }: Report["callers"][number]): ItemParts {
  return {
    kind: "caller",
    id,
    label: name,
    note: kind,
    urn,
    facts: [
      ["ARN", arn],
      ["Resource", urn],
    ],
  };
}

function functionParts({ id, label, urn, arn }: Report["functions"][number]): ItemParts {
  return {
    kind: "function",
    id,
    label,
    note: urn === undefined ? OUTSIDE_STACKS : "",
    urn,
    facts: [...fact("ARN", arn), ...fact("Resource", urn)],
  };
}

function routeParts(route: RouteEntry, api: ApiEntry | undefined): ItemParts {
  const name = api?.name ?? "";
  return {
    kind: "route",
    id: route.id,
    label: route.label,
    note: [name, route.authorization === "unknown" ? "unknown authorization" : route.authorization].join(
      " · ",
    ),
    urn: route.urn,
    facts: [
      ["API", name],
      ["Authorization", route.authorization],
      ["Invoked by", INVOKED_BY[route.credentials]],
      ["Stages", route.stages.length === 0 ? NO_STAGE : route.stages.join(", ")],
      ...fact("Resource", route.urn),
    ],
    api: route.api,
    apiName: name,
    ...stackOf(api?.urn ?? route.urn),
  };
}

type ItemParts = Omit<Item, "searchText" | "place"> & { readonly apiName?: string };

/** If there are several stacks, each item shows the name of its stack. */
function createItem({ apiName = "", ...parts }: ItemParts, hasSeveralStacks: boolean): Item {
  const { stack } = { ...stackOf(parts.urn), ...parts };
  const shownStack = hasSeveralStacks && stack !== undefined ? stack : "";
  const join = (...texts: string[]): string => texts.filter((part) => part !== "").join(" · ");
  const note = join(parts.note, shownStack);
  const texts = [parts.label, note, ...parts.facts.map(([, value]) => value)];
  return {
    ...parts,
    ...(stack === undefined ? {} : { stack }),
    note,
    place: join(apiName, shownStack),
    searchText: texts.join("\n").toLowerCase(),
  };
}

function fact(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]];
}
