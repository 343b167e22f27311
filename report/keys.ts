import { pathName } from "../access";
import { show, type Text, Unknown } from "../iam";
import type { Api, FunctionTarget, PrincipalFacts, Route } from "../stack";

/**
 * Keys of the entries of a report, which are the same for each model of the stack. Entries are identified by these, and
 * never by their names for display.
 */

export function apiKey({ urn }: Pick<Api, "urn">): string {
  return JSON.stringify(["api", urn]);
}

/** All routes of an API whose bodies are unknown share one entry. */
export function routeKey({ api, verb, path, unknownBody }: Route): string {
  return JSON.stringify(["route", api.urn, ...(unknownBody === undefined ? [verb, pathName(path)] : [])]);
}

/** `undefined` for a completely unknown function. */
export function functionKey({ function: fn, arn, qualifier }: FunctionTarget): string | undefined {
  if (fn !== undefined)
    return JSON.stringify(["function", fn.urn, ...(qualifier === undefined ? [] : [show(qualifier)])]);
  return arn instanceof Unknown ? undefined : JSON.stringify(["function", undefined, show(arn)]);
}

/** One resource may name several principals outside the stack, so its URN does not identify them. */
export function principalKey({ urn, kind, name }: Pick<PrincipalFacts, "urn" | "kind" | "name">): string {
  return JSON.stringify(["principal", urn, kind, name]);
}

export function authorizerKey(api: Api, id: Text): string {
  return JSON.stringify(["authorizer", api.urn, show(id)]);
}
