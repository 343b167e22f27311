/**
 * Unit tests of stacks against this pack: a real Pulumi program runs without cloud, credentials or CLI, and
 * the pack's policies look at what it declares.
 *
 * @packageDocumentation
 */
export {
  type CheckOptions,
  check,
  checkResources,
  type Finding,
  type PolicyConfig,
} from "./check";
export type { DataSourceAnswer, DataSourceAnswers } from "./data-sources";
export type { PlannedResource } from "./monitor";
export { type Plan, type PlanOptions, type Program, plan, programFrom } from "./plan";
export { isPreview, planFromPreview } from "./preview";
export type { CodePosition, SourcePosition } from "./source";
export { planFromState, type StatePlan } from "./state";
export { type Properties, UNKNOWN, type Value } from "./values";
