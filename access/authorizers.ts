import { INVOKE } from "../aws";
import type { Doubt } from "../iam";
import type { Access } from "./access";
import { roleFinder, roleVerdicts } from "./credentials-roles";
import { type Base, permissionVerdict } from "./permission-verdict";
import { authorizerArn, seenFrom } from "./routes";
import type { Verdict } from "./verdict";

/** Lambda authorizers: may API Gateway invoke the authorizer's function? */
export function authorizers(access: Access): readonly Verdict[] {
  const findRole = roleFinder(access);
  return access.facts.authorizers.flatMap((authorizer): readonly Verdict[] => {
    const { credentials, target, urn, api } = authorizer;
    const base: Base = {
      gate: "function lets API Gateway in for the authorizer",
      urn,
      routes: [],
      api,
      target,
      authorizer,
      actions: [INVOKE],
    };
    if (credentials.mode === "role") {
      return roleVerdicts(access, findRole, base, credentials, target).map((verdict) => ({
        ...verdict,
        urn,
        authorizer,
      }));
    }
    if (credentials.mode === "unknown" || credentials.mode === "caller") {
      const doubt: Doubt = {
        what: `the credentials of ${authorizer.label}`,
        from: credentials.mode === "unknown" ? credentials.from.map((origin) => origin.label) : [],
      };
      return [
        { ...base, outcome: "unproven", cause: "policies", inferredFrom: [], doubts: [doubt], notes: [] },
      ];
    }
    return [
      permissionVerdict(access, base, target, (arn) => {
        const asked = authorizerArn(seenFrom(arn, authorizer));
        const decision = access.functions.letsIn(target, asked, api.scope.account, arn);
        return [{ stage: [], verb: "", asked, decision }];
      }),
    ];
  });
}
