import type { Plan } from "../engine/model";
import type { Properties } from "../engine/values";

/** The outputs of the stacks that were read, for the stack references of programs. */
export class StackOutputs {
  readonly #outputs = new Map<string, Properties>();

  add(plan: Plan): void {
    const root = plan.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    if (root !== undefined) this.#outputs.set(keyOf(plan.project, plan.stack), root.outputs);
  }

  /**
   * @param reference `organization/project/stack`, or shorter within the same organization or project:
   * https://www.pulumi.com/docs/iac/concepts/stacks/#stackreferences
   * @param project The project of the program that refers to it.
   */
  outputsOf(reference: string, project: string): Properties | undefined {
    const [stack = "", projectName = project] = reference.split("/").reverse();
    return this.#outputs.get(keyOf(projectName, stack));
  }
}

function keyOf(project: string, stack: string): string {
  return JSON.stringify([project, stack]);
}
