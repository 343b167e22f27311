import type { PlannedResource } from "../engine/model";
import { NO_SUBJECTS } from "../messages/pack";
import { subjectsOf } from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { stackKey, stackOfUrn } from "../stack/pulumi/urns";
import type { Input } from "./model";

/** Marks the stacks in which the policies on access have nothing to evaluate. */
export function markNotApplicable(
  inputs: readonly Input[],
  resources: readonly PlannedResource[],
): readonly Input[] {
  const byStack = new Map<string, PlannedResource[]>();
  for (const resource of resources) appendTo(byStack, stackKey(stackOfUrn(resource.urn)), resource);
  return inputs.map((input) => {
    const stackResources = byStack.get(stackKey(input)) ?? [];
    return hasSubjects(stackResources) ? input : { ...input, notApplicable: NO_SUBJECTS };
  });
}

function hasSubjects(resources: readonly PlannedResource[]): boolean {
  const resourcesWithProps = resources.map(({ type, urn, name, inputs, outputs }) => ({
    type,
    urn,
    name,
    props: { ...inputs, ...outputs },
  }));
  const subjects = subjectsOf(resourcesWithProps);
  return (["api", "function-url", "external-api"] as const).some((subject) => subjects.has(subject));
}
