import { decisionOf, type SameReason, type Verdict } from "../../access";
import type { Decision } from "../../iam";
import type { Route } from "../../stack";
import { evidence } from "../evidence";
import { list } from "../text";

/** Pieces of evidence of several answers, a line each; long lists are cut. */
const MOST_EVIDENCE = 12;
/** Of more answers nobody needs to know how much more there is. */
const MOST_EXPLAINED = 100;

export function evidenceOf(verdicts: SameReason): readonly string[] {
  const found = new Set<string>();
  for (const verdict of verdicts.slice(0, MOST_EXPLAINED)) {
    for (const line of evidence(verdict)) found.add(line);
    // How many more there are is not known of this many answers.
    if (found.size > MOST_EVIDENCE && verdicts.length > MOST_EXPLAINED) break;
  }
  const lines = [...found];
  const more = lines.length - MOST_EVIDENCE;
  if (more <= 0) return lines;
  return [
    ...lines.slice(0, MOST_EVIDENCE),
    verdicts.length > MOST_EXPLAINED ? "and more" : `and ${more} more`,
  ];
}

export function routesOf(verdicts: SameReason): readonly Route[] {
  return [...new Set(verdicts.flatMap(({ routes }) => routes))];
}

/** `probably ` where an answer was concluded from what unknown values depend on. */
export function probably({ inferredFrom }: Pick<Verdict, "inferredFrom">): string {
  return inferredFrom.length > 0 ? "probably " : "";
}

/**
 * The same for what is missing: a Deny that applies is not a guess, nor is what the policies of an organization do not
 * allow.
 */
export function probablyMissing(verdict: Verdict): string {
  const reason = decisionOf(verdict)?.reason;
  return reason === "explicit-deny" || reason === "control-policies" ? "" : probably(verdict);
}

/** What limits a principal whose own policies allow more. */
export function byLimit({ reason }: Pick<Decision, "reason">): string {
  if (reason === "permissions-boundary") return " by its permissions boundary";
  return reason === "control-policies" ? " by the service control policies of the organization" : "";
}

export function names<V extends Verdict>(verdicts: SameReason<V>, nameOf: (verdict: V) => string): string {
  return list([...new Set(verdicts.map(nameOf))]);
}

/** AWS's words for a function that may not be invoked. */
export const INVALID_PERMISSIONS =
  '500 "Execution failed due to configuration error: Invalid permissions on Lambda function"';

/** What to do about a function's resource policy that denies. */
export const DENY = { text: "remove the Deny from the function's resource policy." };

/** The evidence of what a permission is compared with. */
export function presented({ sourceArn }: { readonly sourceArn: string }): string {
  return `API Gateway presents the source ARN ${sourceArn}`;
}
