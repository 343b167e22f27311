import type { Api, LambdaIntegration } from "../../../stack";
import { type Answer, type Given, PLAIN } from "../../answer";
import type { PermissionAnswer } from "../invoke-permission";
import { GATES } from "../table";

export type RouteFunctionVerdict = Answer &
  PermissionAnswer & {
    readonly gate: "route-function";
    readonly api: Api;
    readonly integration: LambdaIntegration;
  };

export function routeFunctionVerdict(given: Given<RouteFunctionVerdict>): RouteFunctionVerdict {
  return { gate: "route-function", actions: GATES["route-function"].actions, ...PLAIN, ...given };
}
