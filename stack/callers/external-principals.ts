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
  const principal = parseDeclared(declared);
  return controlPoliciesOf === undefined ? principal : { ...principal, ...controlPoliciesOf(principal) };
}

function parseDeclared(declared: string): PrincipalFacts {
  const [, partition = "", account = "", resource] =
    /^arn:([^:]*):iam:[^:]*:([^:]*):(.*)$/.exec(declared) ?? [];
  const label = `the caller ${declared}`;
  const wildcardsIn = wildcards(declared);
  const kind = resource?.startsWith("user/") ? "user" : "role";
  const accountText = account === "" ? text(wildcardsIn.any("account")) : wildcardsIn.withHoles(account);
  return {
    urn: "",
    kind,
    name: declared,
    label,
    arn:
      resource === undefined
        ? text(
            "arn:",
            wildcardsIn.any("partition"),
            ":iam::",
            accountText,
            ":role/",
            wildcardsIn.any("path"),
            wildcardsIn.withHoles(declared),
          )
        : text(
            "arn:",
            wildcardsIn.withHoles(partition),
            ":iam::",
            accountText,
            ":",
            wildcardsIn.withHoles(resource),
          ),
    account: accountText,
    sources: [],
    unseen: [{ code: "principal-policies", principal: declared }],
    external: true,
  };
}

/** A wildcard matches many names, and the intended one is unknown. */
function wildcards(declared: string): { any(part: string): Hole; withHoles(pattern: string): Text } {
  const any = (property: string, id = property): Hole => ({
    id: `${id} of caller ${declared}`,
    shape: "any",
    label: { code: "property", property, of: declared },
    origins: [],
  });
  return {
    any,
    withHoles: (pattern) =>
      text(
        ...pattern
          .split("*")
          .flatMap((piece, index): Piece[] =>
            index === 0 ? [piece] : [any("wildcard", `wildcard ${index} in ${pattern}`), piece],
          ),
      ),
  };
}
