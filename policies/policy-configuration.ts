import { describeConfiguration } from "../messages/policies/policy-configuration";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "policy-configuration",
  displayName: "The pack's configuration takes effect",
  description:
    "Part of the configuration has no effect: a misspelled key, a wrong value, or an exemption that exempts nothing; or findings are exempt.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Correct the named key in the policy configuration.",
};

/**
 * Reports problems of the configuration of the policies that it requires. They cannot do so themselves: a mandatory
 * policy reports at its own level, and a typing error should not stop a deployment.
 */
export function policyConfiguration(requires: readonly string[]): StackPolicy {
  return stackPolicy(metadata, { account: true }, requires, (stack) => {
    const problems = [
      ...stack.required.flatMap(({ policy, problems }) => problems.map((problem) => ({ policy, problem }))),
      ...stack.problems.map((problem) => ({ policy: metadata.name, problem })),
    ];
    const files = stack.accountProblems();
    const exempted = stack.required.flatMap(({ policy, exempted }) =>
      exempted.map(({ urn, exemption: { reason, until } }) => ({
        policy,
        urn,
        reason,
        ...(until === undefined ? {} : { until }),
      })),
    );
    const isEmpty = [problems, files, exempted].every(({ length }) => length === 0);
    return {
      findings: stack.findings(isEmpty ? [] : [{ problems, files, exempted }], (report) => ({
        urn: "",
        message: describeConfiguration(report),
        // Neither exemptions nor a missing file, which may exist on another machine, may block a deployment.
        ...(problems.length === 0 ? { advisory: true } : {}),
      })),
    };
  });
}
