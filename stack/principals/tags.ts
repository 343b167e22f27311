import { actionMatch, isUnknown, type Tags } from "../../iam";
import type { PrincipalFacts } from "../facts";
import type { ReadableResource } from "../pulumi/properties";
import { readTags } from "../pulumi/tags";

/**
 * The tags of a role's or user's requests. Session tags override the role's tags, and passing or inheriting them
 * requires `sts:TagSession` in the role's trust policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
 */
export function tagsOfRequests(planned: ReadableResource, trust: PrincipalFacts["trust"]): Tags | undefined {
  if (planned.kind === "Group" || (planned.kind === "Role" && mayTagSessions(trust))) return undefined;
  return readTags(planned);
}

function mayTagSessions(trust: PrincipalFacts["trust"]): boolean {
  const document = trust === undefined || isUnknown(trust) ? trust : trust.document;
  if (document === undefined || isUnknown(document) || document.opaque !== undefined) return true;
  return document.statements.some(
    (statement) => statement.effect !== "Deny" && actionMatch(statement, "sts:TagSession") !== "no",
  );
}
