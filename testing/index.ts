/**
 * Unit tests of stacks against this pack: a real Pulumi program runs without cloud, credentials or CLI, and the pack's
 * policies evaluate its resources.
 *
 * @packageDocumentation
 */
export type { Finding, Plan, PlannedResource, PolicyConfig } from "../engine/model";
export type { CodePosition, SourcePosition } from "../engine/source";
export { planFromState, type StatePlan } from "../engine/state";
export { type Properties, UNKNOWN, type Value } from "../engine/values";
export { type CheckOptions, check, checkResources } from "./check";
export type { DataSourceAnswer, DataSourceAnswers } from "./data-sources";
export { type PlanOptions, type Program, plan, programFrom } from "./plan";
export { isPreview, planFromPreview } from "./preview";
