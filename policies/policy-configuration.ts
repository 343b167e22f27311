import type { StackValidationPolicy } from "@pulumi/policy";
import { idleExemptions } from "./configuration";
import { type Metadata, stackPolicy } from "./framework";
import { message, page } from "./messages";
import type { Run } from "./run";

const metadata: Metadata = {
  name: "policy-configuration",
  displayName: "The pack's configuration is as meant",
  description:
    "Something about this pack needs attention: configuration that does nothing (a misspelled key, a wrong date, an exemption without effect), or a policy that could not judge the stack.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Correct the named key in the policy configuration.",
};

/**
 * Reports what the other policies found wrong with their configuration. They cannot say it themselves: a
 * mandatory policy reports at its own level, and a typing error should not stop a deployment.
 */
export function policyConfiguration(run: Run): StackValidationPolicy {
  return stackPolicy(run, metadata, {}, (stack) => {
    for (const [policy, settings] of run.settingsOfResourcePolicies()) {
      for (const problem of idleExemptions(settings, stack.resources)) run.tell(policy, problem);
    }
    return run.problems().map(({ policy, problem }) => ({
      urn: "",
      message: message([
        `Configuration of ${policy}: ${problem}${problem.endsWith("?") ? "" : "."}`,
        page(metadata.name),
      ]),
    }));
  });
}
