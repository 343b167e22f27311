import type { FunctionTarget, Route } from "../stack";
import type { Access } from "./access";

/** The functions that a route may call: one, or one for each stage where stage variables name it. */
export function functionTargets(_access: Access, route: Route): readonly FunctionTarget[] {
  return route.integration === undefined ? [] : [route.integration.target];
}
