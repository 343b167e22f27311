import type { Plan, PlannedResource } from "../../testing";

/** A step of `pulumi preview --json`, which has no outputs of new resources. */
export interface PrintedStep {
  op: string;
  urn: string;
  oldState?: Record<string, unknown>;
  newState?: Record<string, unknown>;
}

/** The operation of a step on an existing resource. */
export type Operation = (resource: PlannedResource) => string;

/**
 * The output of `pulumi preview --json --show-sames` for a plan. Resources of an earlier plan have its state; default
 * providers have no steps.
 */
export function previewOf(planned: Plan, before?: Plan, operation: Operation = () => "same"): unknown {
  const old = new Map(before?.resources.map((resource) => [resource.urn, resource]));
  const steps = planned.resources
    .filter(({ type }) => !type.startsWith("pulumi:providers:"))
    .map((resource): PrintedStep => {
      const existing = old.get(resource.urn);
      return {
        op: existing === undefined ? "create" : operation(resource),
        urn: resource.urn,
        ...(existing === undefined ? {} : { oldState: stateOf(existing, true) }),
        newState: stateOf(resource, false),
      };
    });
  const same = steps.filter(({ op }) => op === "same").length;
  return { config: { "aws:region": "us-east-1" }, steps, changeSummary: same === 0 ? {} : { same } };
}

function stateOf(resource: PlannedResource, exists: boolean): Record<string, unknown> {
  const { name: _name, id, outputs, provider, source: _source, ...rest } = resource;
  return {
    ...rest,
    ...(provider === undefined ? {} : { provider: `${provider}::04da6b54-80e4-46f7-96ec-b56ff0331ba9` }),
    ...(exists ? { id, outputs } : {}),
  };
}
