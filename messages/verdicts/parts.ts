import { decisionOf, type SameReason, type Verdict } from "../../access";
import type { Decision } from "../../iam";
import type { Route } from "../../stack";
import { evidence } from "../evidence";
import { apisOf, serviceNames } from "../services";
import { list } from "../text";

/** The evidence of several answers, one per line; long lists are shortened. */
const MAX_EVIDENCE = 12;
/** With more answers, the exact number is not needed. */
const MAX_EXPLAINED = 100;

export function evidenceOf(verdicts: SameReason): readonly string[] {
  const distinct = new Set<string>();
  for (const verdict of verdicts.slice(0, MAX_EXPLAINED)) {
    for (const line of evidence(verdict)) distinct.add(line);
    // From this many answers on, the remaining number is not computed.
    if (distinct.size > MAX_EVIDENCE && verdicts.length > MAX_EXPLAINED) break;
  }
  const lines = [...distinct];
  const more = lines.length - MAX_EVIDENCE;
  if (more <= 0) return lines;
  return [...lines.slice(0, MAX_EVIDENCE), verdicts.length > MAX_EXPLAINED ? "and more" : `and ${more} more`];
}

export function routesOf(verdicts: SameReason): readonly Route[] {
  return [...new Set(verdicts.flatMap(({ routes }) => routes))];
}

/** `probably ` where an answer was inferred from the dependencies of unknown values. */
export function probably({ inferredFrom }: Pick<Verdict, "inferredFrom">): string {
  return inferredFrom.length > 0 ? "probably " : "";
}

/**
 * The same for a missing permission: a Deny that applies is certain, and so is a control policy that does not allow the
 * request.
 */
export function probablyMissing(verdict: Verdict): string {
  const reason = decisionOf(verdict)?.reason;
  return reason === "explicit-deny" || reason === "control-policies" ? "" : probably(verdict);
}

/** The policies that limit a principal whose own policies allow more. */
export function byLimit({ reason }: Pick<Decision, "reason">): string {
  if (reason === "permissions-boundary") return " by its permissions boundary";
  return reason === "control-policies" ? " by the service control policies of the organization" : "";
}

export function names<V extends Verdict>(verdicts: SameReason<V>, nameOf: (verdict: V) => string): string {
  return list([...new Set(verdicts.map(nameOf))]);
}

/** AWS's error for a function that may not be invoked. */
export const INVALID_PERMISSIONS =
  '500 "Execution failed due to configuration error: Invalid permissions on Lambda function"';

/** The fix of a function's resource policy that denies a call. */
export const REMOVE_DENY = { text: "remove the Deny from the function's resource policy." };

/** The evidence of the values that a permission is compared with. */
export function presented(verdict: Verdict & { readonly sourceArn: string }): string {
  const { sourceArn } = verdict;
  return `${serviceNames(apisOf([verdict]))} presents the source ARN ${sourceArn}`;
}
