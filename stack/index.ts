import { documentSource } from "./documents";
import type { Api, ResourcePolicy, StackFacts } from "./facts";
import { readFunctions } from "./lambda";
import { readFunctionPolicies, readFunctionUrls, readPermissions } from "./permissions";
import { labelOf, read, type SeenResource } from "./planned";
import { readPrincipals } from "./principals";
import { type Reading, readResources, type WhenUnknown } from "./reading";
import { readRestApis } from "./rest";

export type * from "./facts";
export type { FunctionTarget, LambdaFunction } from "./lambda";
export { labelOf, type Planned, plain, plannedOf, read, readString, type SeenResource } from "./planned";
export { type WhenUnknown, withoutPlaceholders } from "./reading";
export { type Kind, VOCABULARY } from "./vocabulary";

/** The facts of a stack, from its planned resources. Never throws on what a stack may hold. */
export function readStack(resources: readonly SeenResource[], whenUnknown: WhenUnknown): StackFacts {
  const reading = readResources(resources, whenUnknown);
  const functions = readFunctions(reading);
  const rest = readRestApis(reading, functions);
  const policies = restApiPolicies(reading, rest);
  // Routes hold their API: each gets its policies in place, once.
  const withPolicies = new Map(rest.apis.map((api) => [api, { ...api, policies: policies.get(api) ?? [] }]));
  const complete = (api: Api): Api => withPolicies.get(api) ?? api;
  return {
    apis: rest.apis.map(complete),
    routes: rest.routes.map((route) => ({ ...route, api: complete(route.api) })),
    authorizers: rest.authorizers.map((authorizer) => ({ ...authorizer, api: complete(authorizer.api) })),
    functions: functions.all,
    permissions: readPermissions(reading, functions, rest),
    functionPolicies: readFunctionPolicies(reading, functions),
    functionUrls: readFunctionUrls(reading, functions),
    principals: readPrincipals(reading, functions, rest),
  };
}

function restApiPolicies(
  reading: Reading,
  rest: ReturnType<typeof readRestApis>,
): ReadonlyMap<Api, ResourcePolicy[]> {
  const policies = new Map<Api, ResourcePolicy[]>();
  for (const planned of [...reading.of("RestApi"), ...reading.of("RestApiPolicy")]) {
    const api = rest.partOf(planned)?.api;
    const given = read(planned, "policy");
    if (api === undefined || given === undefined || given === "") continue;
    const label = `resource policy of ${labelOf(planned)}`;
    policies.set(api, [...(policies.get(api) ?? []), documentSource(planned, "policy", label, "resource")]);
  }
  return policies;
}
