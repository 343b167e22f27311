/** A stack, as its resources' URNs name it. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/**
 * The stack of a URN, `urn:pulumi:STACK::PROJECT::TYPE::NAME`; a part that the URN does not have is empty.
 * https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
 */
export function stackOfUrn(urn: string): StackName {
  const [stack = "", project = ""] = urn.replace(/^urn:pulumi:/, "").split("::", 2);
  return { project, stack };
}

/** `PROJECT/STACK`. It identifies a stack, since the name of a project contains no slash. */
export function stackKey({ project, stack }: StackName): string {
  return `${project}/${stack}`;
}
