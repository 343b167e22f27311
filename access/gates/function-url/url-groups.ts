import { Unknown } from "../../../iam";
import type { FunctionUrl, PrincipalFacts } from "../../../stack";
import { groupBy } from "../../../stack/pulumi/keys";
import type { Access } from "../../decisions/access";

/** URLs whose functions differ only in their names, and the principals whose answer may still differ between them. */
export interface UrlGroup {
  readonly urls: readonly FunctionUrl[];
  /** Principals whose answer may differ from URL to URL; each other principal has one answer for all of them. */
  readonly individual: readonly PrincipalFacts[];
  readonly isShared: (principal: PrincipalFacts) => boolean;
}

/**
 * The URLs that are evaluated together, by each of them: a stack with many functions has very many pairs of a URL and a
 * caller, and most callers have access to all functions.
 *
 * @param principals those that may be intended to call any
 */
export function urlGroups(
  access: Access,
  principals: readonly PrincipalFacts[],
): ReadonlyMap<FunctionUrl, UrlGroup> {
  const unqualified = access.facts.functionUrls.filter((url) => isUnqualified(access, url));
  const groups = groupBy(unqualified, ({ urn, target }) => {
    const stack = urn.slice(0, urn.indexOf("::"));
    return `${stack} ${access.urls.groupKey(target)} ${(target.inferredFrom ?? []).length > 0}`;
  });
  const byUrl = new Map<FunctionUrl, UrlGroup>();
  for (const urls of groups) {
    if (urls.length < 2) continue;
    const { target } = urls[0];
    const shared = new Set(
      principals.filter((principal) => access.urls.hasSameAnswerForGroup(target, principal)),
    );
    const individual = principals.filter((principal) => !shared.has(principal));
    const group = { urls, individual, isShared: (principal: PrincipalFacts) => shared.has(principal) };
    for (const url of urls) byUrl.set(url, group);
  }
  return byUrl;
}

/** The URL of a function itself: its fix needs only the function's name. */
function isUnqualified(access: Access, { authorization, target }: FunctionUrl): boolean {
  const { function: fn, qualifier, mayHaveQualifier } = target;
  if (authorization !== "AWS_IAM" || target.arn instanceof Unknown || fn === undefined) return false;
  if (qualifier !== undefined || mayHaveQualifier || fn.publishesVersions) return false;
  return access.urls.groupKey(target) !== undefined;
}
