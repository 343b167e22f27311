import { type Api, serviceOf } from "../stack";
import { list } from "./text";

/** What serves the APIs, as AWS calls it: `API Gateway`. */
export function serviceNames(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).name))]);
}

/** The principals by which it calls functions and assumes roles. */
export function servicePrincipals(apis: readonly Api[]): readonly string[] {
  return [...new Set(apis.map((api) => serviceOf(api).principal))];
}

/** What callers of the APIs need: `execute-api:Invoke`. */
export function callActions(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).action))]);
}

/** A symptom in API Gateway's own words, which no other service uses. */
export function symptomOfApiGateway(apis: readonly Api[], symptom: string): { readonly symptom?: string } {
  return apis.every((api) => api.service === undefined) ? { symptom } : {};
}
