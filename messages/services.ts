import { authorizerOf, type Verdict } from "../access";
import { type Api, serviceOf } from "../stack";
import { list } from "./text";

/** The APIs that answers are about. */
export function apisOf(verdicts: readonly Verdict[]): readonly Api[] {
  return verdicts.flatMap((verdict) => {
    const authorizer = authorizerOf(verdict);
    return authorizer === undefined ? verdict.routes.map(({ api }) => api) : [authorizer.api];
  });
}

/** AWS's name of the APIs' service: `API Gateway`. */
export function serviceNames(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).name))]);
}

/** The service principals that it uses to invoke functions and to assume roles. */
export function servicePrincipals(apis: readonly Api[]): readonly string[] {
  return [...new Set(apis.map((api) => serviceOf(api).principal))];
}

/** Allows the service to assume a role. */
export function trustStatement(apis: readonly Api[]): string {
  const principals = servicePrincipals(apis);
  const statement = {
    Effect: "Allow",
    Principal: { Service: principals.length > 1 ? principals : principals[0] },
    Action: "sts:AssumeRole",
  };
  return JSON.stringify(statement, undefined, 2);
}

/** The action that callers of the APIs need: `execute-api:Invoke`. */
export function callActions(apis: readonly Api[]): string {
  return list([...new Set(apis.map((api) => serviceOf(api).action))]);
}

/** A symptom in API Gateway's own words, which no other service uses. */
export function symptomOfApiGateway(apis: readonly Api[], symptom: string): { readonly symptom?: string } {
  return apis.every((api) => api.service === undefined) ? { symptom } : {};
}
