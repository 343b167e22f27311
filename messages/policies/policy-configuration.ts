import type { AccountProblem } from "../../account";
import { showAccountProblem } from "../account-problems";
import { type ConfigurationProblem, showConfigurationProblem } from "../configuration";
import { list, message, page } from "../text";

/** The contents of the message about a configuration. */
export interface ConfigurationReport {
  readonly problems: readonly { readonly policy: string; readonly problem: ConfigurationProblem }[];
  /** Files of account data that could not be used. */
  readonly files: readonly AccountProblem[];
  /** Exempt findings. */
  readonly exempted: readonly ExemptedFinding[];
}

export interface ExemptedFinding {
  readonly policy: string;
  readonly urn: string;
  readonly reason: string;
  readonly until?: string;
}

export function describeConfiguration({ problems, files, exempted }: ConfigurationReport): string {
  return message([
    ...problems.map(({ policy, problem }) =>
      asSentence(`Configuration of ${policy}: ${showConfigurationProblem(problem)}`),
    ),
    ...files.map((problem) => `Account data: ${showAccountProblem(problem)}.`),
    files.length === 0 ? undefined : "Access that depends on this data remains unproven.",
    exempted.length === 0 ? undefined : exemptions(exempted),
    page("policy-configuration"),
  ]);
}

function asSentence(sentence: string): string {
  return sentence.endsWith("?") ? sentence : `${sentence}.`;
}

/** One line for all exemptions: they must be visible without becoming a separate report. */
function exemptions(exempted: readonly ExemptedFinding[]): string {
  const each = exempted.map(({ policy, urn, reason, until }) => {
    const resource = JSON.stringify(urn.slice(urn.lastIndexOf("::") + 2));
    return `${policy} on ${resource} (${reason}${until === undefined ? "" : `; until ${until}`})`;
  });
  const findings = each.length === 1 ? "1 finding is exempt" : `${each.length} findings are exempt`;
  return `${findings}: ${list([...new Set(each)].sort())}.`;
}
