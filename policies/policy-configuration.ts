import { type Metadata, type StackPolicy, stackPolicy } from "./framework";
import { message, page } from "./messages";

const metadata: Metadata = {
  name: "policy-configuration",
  displayName: "The pack's configuration is as meant",
  description:
    "Part of the configuration has no effect: a misspelled key, a wrong value, or an exemption that exempts nothing.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Correct the named key in the policy configuration.",
};

/**
 * Reports what is wrong with the configuration of the policies it requires. They cannot say it themselves: a
 * mandatory policy reports at its own level, and a typing error should not stop a deployment.
 */
export function policyConfiguration(requires: readonly string[]): StackPolicy {
  return stackPolicy(metadata, {}, requires, (stack) => {
    const problems = [
      ...stack.required.flatMap(({ policy, problems }) => problems.map((problem) => ({ policy, problem }))),
      ...stack.problems.map((problem) => ({ policy: metadata.name, problem })),
    ];
    return {
      findings: stack.findings(problems, ({ policy, problem }) => ({
        urn: "",
        message: message([
          `Configuration of ${policy}: ${problem}${problem.endsWith("?") ? "" : "."}`,
          page(metadata.name),
        ]),
      })),
    };
  });
}
