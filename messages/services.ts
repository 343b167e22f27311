import { type Api, serviceOf } from "../stack";
import { list } from "./text";

/** AWS's name of the APIs' service: `API Gateway`. */
export function serviceNames(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).name))]);
}

/** The service principals that it uses to invoke functions and to assume roles. */
export function servicePrincipals(apis: readonly Api[]): readonly string[] {
  return [...new Set(apis.map((api) => serviceOf(api).principal))];
}

/** The action that callers of the APIs need: `execute-api:Invoke`. */
export function callActions(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).action))]);
}

/** A symptom in API Gateway's own words, which no other service uses. */
export function symptomOfApiGateway(apis: readonly Api[], symptom: string): { readonly symptom?: string } {
  return apis.every((api) => api.service === undefined) ? { symptom } : {};
}
