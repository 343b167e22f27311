import type { Plan, PlannedResource } from "../../testing";

/** The output of `pulumi stack export` for the plan of a deployed stack. */
export function stateOf(
  { resources }: Plan,
  change: (resource: PlannedResource) => Record<string, unknown> = () => ({}),
): string {
  const ids = new Map(resources.map(({ urn, id }) => [urn, id]));
  const exported = resources.map((resource) => {
    const { name: _name, provider, id, ...rest } = resource;
    return {
      ...rest,
      ...(id === "" ? {} : { id }),
      ...(provider === undefined ? {} : { provider: `${provider}::${ids.get(provider)}` }),
      ...change(resource),
    };
  });
  return JSON.stringify({ version: 3, deployment: { manifest: {}, resources: exported } }, undefined, 4);
}
