import { type Hole, type Piece, type Text, text } from "../../iam";
import type { PrincipalFacts, StackFacts } from "../facts";

/**
 * A caller that is not a principal of the stack: the configuration declares it, or a resource of the stack calls with
 * it. Its policies are not in the plan.
 *
 * @param declared the ARN of an IAM role or user, or its name; `*` matches any characters
 */
export function externalPrincipal(
  declared: string,
  { controlPoliciesOf }: Pick<StackFacts, "controlPoliciesOf">,
): PrincipalFacts {
  const principal = externalBy(declared);
  return controlPoliciesOf === undefined ? principal : { ...principal, ...controlPoliciesOf(principal) };
}

function externalBy(declared: string): PrincipalFacts {
  const [, partition = "", account = "", resource] =
    /^arn:([^:]*):iam:[^:]*:([^:]*):(.*)$/.exec(declared) ?? [];
  const label = `the caller ${declared}`;
  const wild = wildcards(declared);
  const kind = resource?.startsWith("user/") ? "user" : "role";
  const where = account === "" ? text(wild.any("account")) : wild.fill(account);
  return {
    urn: "",
    kind,
    name: declared,
    label,
    arn:
      resource === undefined
        ? text(
            "arn:",
            wild.any("partition"),
            ":iam::",
            where,
            ":role/",
            wild.any("path"),
            wild.fill(declared),
          )
        : text("arn:", wild.fill(partition), ":iam::", where, ":", wild.fill(resource)),
    account: where,
    sources: [],
    unseen: [{ code: "principal-policies", principal: declared }],
    external: true,
  };
}

/** A wildcard matches many names, and the intended one is unknown. */
function wildcards(declared: string): { any(what: string): Hole; fill(pattern: string): Text } {
  const any = (what: string): Hole => ({
    id: `${what} of caller ${declared}`,
    shape: "any",
    label: `${what} of ${declared}`,
    origins: [],
  });
  return {
    any,
    fill: (pattern) =>
      text(
        ...pattern
          .split("*")
          .flatMap((piece, at): Piece[] =>
            at === 0 ? [piece] : [any(`wildcard ${at} in ${pattern}`), piece],
          ),
      ),
  };
}
