import type { Api, LambdaIntegration } from "../../../stack";
import { type Answer, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import type { PermissionAnswer } from "../invoke-permission";
import { GATES } from "../table";

/** Whether the resource policy of a function allows API Gateway to invoke it for a route without credentials. */
export type RouteFunctionVerdict = Answer &
  PermissionAnswer & {
    readonly gate: "route-function";
    readonly api: Api;
    readonly integration: LambdaIntegration;
  };

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function routeFunctionVerdict(fields: VerdictFields<RouteFunctionVerdict>): RouteFunctionVerdict {
  return { gate: "route-function", actions: GATES["route-function"].actions, ...NO_UNKNOWNS, ...fields };
}
