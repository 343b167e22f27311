import { list, message, page, showAccountProblem } from "../messages";
import type { PolicyResult, StackContext } from "./definition";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "policy-configuration",
  displayName: "The pack's configuration is as intended",
  description:
    "Part of the configuration has no effect: a misspelled key, a wrong value, or an exemption that exempts nothing; or findings are exempt.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Correct the named key in the policy configuration.",
};

/**
 * Reports what is wrong with the configuration of the policies it requires. They cannot say it themselves: a
 * mandatory policy reports at its own level, and a typing error should not stop a deployment.
 */
export function policyConfiguration(requires: readonly string[]): StackPolicy {
  return stackPolicy(metadata, { account: true }, requires, (stack) => {
    const problems = [
      ...stack.required.flatMap(({ policy, problems }) => problems.map((problem) => ({ policy, problem }))),
      ...stack.problems.map((problem) => ({ policy: metadata.name, problem })),
    ];
    const wrong = problems.map(
      ({ policy, problem }) => `Configuration of ${policy}: ${problem}${problem.endsWith("?") ? "" : "."}`,
    );
    const lines = [...wrong, ...problemsOfFiles(stack), ...exemptions(stack.required)];
    return {
      findings: stack.findings(lines.length === 0 ? [] : [lines], (all) => ({
        urn: "",
        message: message([...all, page(metadata.name)]),
        // What is exempt must not block instead, nor a file that is on one machine and not on another.
        ...(wrong.length === 0 ? { advisory: true } : {}),
      })),
    };
  });
}

function problemsOfFiles({ accountProblems }: StackContext): readonly string[] {
  const problems = accountProblems();
  if (problems.length === 0) return [];
  return [
    ...problems.map((problem) => `Account data: ${showAccountProblem(problem)}.`),
    "What it would decide stays unproven.",
  ];
}

/** One line for all that is exempt: it must not go unseen, nor grow into a report of its own. */
function exemptions(results: readonly PolicyResult[]): readonly string[] {
  const each = results.flatMap(({ policy, exempted }) =>
    exempted.map(({ urn, exemption: { reason, until } }) => {
      const resource = JSON.stringify(urn.slice(urn.lastIndexOf("::") + 2));
      return `${policy} on ${resource} (${reason}${until === undefined ? "" : `; until ${until}`})`;
    }),
  );
  if (each.length === 0) return [];
  const findings = each.length === 1 ? "1 finding is exempt" : `${each.length} findings are exempt`;
  return [`${findings}: ${list([...new Set(each)].sort())}.`];
}
