import type { Api, LambdaIntegration } from "../../../stack";
import { type Answer, PLAIN, type VerdictFields } from "../../answer";
import type { PermissionAnswer } from "../invoke-permission";
import { GATES } from "../table";

export type RouteFunctionVerdict = Answer &
  PermissionAnswer & {
    readonly gate: "route-function";
    readonly api: Api;
    readonly integration: LambdaIntegration;
  };

export function routeFunctionVerdict(fields: VerdictFields<RouteFunctionVerdict>): RouteFunctionVerdict {
  return { gate: "route-function", actions: GATES["route-function"].actions, ...PLAIN, ...fields };
}
