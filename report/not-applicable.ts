import type { PlannedResource } from "../engine/model";
import { NO_SUBJECTS } from "../messages/pack";
import { subjectsOf } from "../stack";
import type { Input } from "./model";

/** Marks the stacks in which the policies on access have nothing to evaluate. */
export function withoutSubjects(
  inputs: readonly Input[],
  resources: readonly PlannedResource[],
): readonly Input[] {
  const byStack = new Map<string, PlannedResource[]>();
  for (const resource of resources) {
    const stack = stackOfUrn(resource.urn);
    const before = byStack.get(stack);
    if (before === undefined) byStack.set(stack, [resource]);
    else before.push(resource);
  }
  return inputs.map((input) => {
    const own = byStack.get(`${input.project}/${input.stack}`) ?? [];
    return holdsAccess(own) ? input : { ...input, notApplicable: NO_SUBJECTS };
  });
}

function holdsAccess(resources: readonly PlannedResource[]): boolean {
  const seen = resources.map(({ type, urn, name, inputs, outputs }) => ({
    type,
    urn,
    name,
    props: { ...inputs, ...outputs },
  }));
  const subjects = subjectsOf(seen);
  return (["api", "function-url", "external-api"] as const).some((subject) => subjects.has(subject));
}

/** `project/stack` */
export function stackOfUrn(urn: string): string {
  const [stack = "", project = ""] = urn.replace(/^urn:pulumi:/, "").split("::");
  return `${project}/${stack}`;
}
