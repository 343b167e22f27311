import { INVOKE_FUNCTION } from "../../../aws";
import { mayAllow, show } from "../../../iam";
import type { Api } from "../../../stack";
import type { Access } from "../../decisions/access";
import { reachesApi } from "../../decisions/api-access";
import type { Grant } from "../../decisions/grants";
import { unseenDocuments } from "../../decisions/inference";
import { apiIdOf } from "../../requests/routes";
import { type ExternalApiVerdict, externalApiVerdict } from "./verdict";

/**
 * Whether a grant certainly applies to no API of the stack, including routes that the stack adds to an API of another
 * stack.
 */
function isOutsideStack(access: Access, grant: Grant, api: Api): boolean {
  if (reachesApi(grant.text, api) === "no") return true;
  return (
    api.external === true &&
    access.routes.ofApi(api).every((route) => access.grants.neverCovers(grant, route))
  );
}

/**
 * Roles and users that may call an API outside the stack and have no permission to invoke any function. Their grant
 * names the API: grants for all APIs, and AWS managed policies, do not show which API is intended.
 */
export function externalApiCallers(access: Access): readonly ExternalApiVerdict[] {
  return access.facts.principals.flatMap((principal): readonly ExternalApiVerdict[] => {
    if (principal.unseen.length > 0) return [];
    const invoking = mayAllow(principal.sources, INVOKE_FUNCTION);
    const unseen = unseenDocuments(principal).filter(({ dependsOn }) => dependsOn.length > 0);
    if (invoking === "yes" || (invoking === "unknown" && unseen.length === 0)) return [];
    const external = access.grants
      .ofPrincipal(principal)
      .find(
        (grant) =>
          !grant.isAwsManaged &&
          apiIdOf(grant.text) !== undefined &&
          !(grant.api !== undefined && grant.api.external !== true) &&
          !show(grant.text).includes("@connections") &&
          access.facts.apis.every((api) => isOutsideStack(access, grant, api)),
      );
    if (external === undefined) return [];
    return [
      externalApiVerdict({
        outcome: invoking === "no" ? "denied" : "unproven",
        cause: "policies",
        urn: principal.urn,
        routes: [],
        principal,
        grant: show(external.text),
        unknowns:
          invoking === "no"
            ? []
            : unseen.map(({ label, dependsOn }) => ({
                subject: { code: "document", source: label },
                dependsOn,
              })),
      }),
    ];
  });
}
