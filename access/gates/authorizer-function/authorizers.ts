import { equal, or, type Trilean, Unknown, type UnknownReason } from "../../../iam";
import type { Authorizer } from "../../../stack";
import type { Access } from "../../decisions/access";
import { type FindRole, roleFinder } from "../../decisions/credentials-roles";
import { authorizerArn, seenFrom } from "../../requests/routes";
import { roleAnswers } from "../credentials-role";
import { permissionAnswer } from "../invoke-permission";
import { type AuthorizerFunctionVerdict, authorizerFunctionVerdict } from "./verdict";

/** Whether API Gateway may invoke the functions of the Lambda authorizers that routes use. */
export function authorizers(access: Access): readonly AuthorizerFunctionVerdict[] {
  const findRole = roleFinder(access);
  return access.facts.authorizers.flatMap((authorizer): readonly AuthorizerFunctionVerdict[] => {
    const isAuthorizerUsed = isUsed(access, authorizer);
    if (isAuthorizerUsed === "no") return [];
    const verdicts = authorizerVerdicts(access, findRole, authorizer);
    return isAuthorizerUsed === "yes"
      ? verdicts
      : verdicts.map((verdict) => unprovenIfUnused(verdict, authorizer));
  });
}

/** Whether a route of the API uses the authorizer. */
function isUsed(access: Access, { api, id, urn }: Authorizer): Trilean {
  const routes = access.routes.ofApi(api);
  const isOnly = access.facts.authorizers.every(
    (authorizer) => authorizer.api !== api || authorizer.urn === urn,
  );
  const uses = routes.map((route): Trilean => {
    if (route.authorization instanceof Unknown) return "unknown";
    if (route.authorization !== "LAMBDA") return "no";
    if (route.authorizer !== undefined) return equal(route.authorizer, id);
    return isOnly ? "yes" : "unknown";
  });
  // Routes that other stacks add to the API are not in the plan.
  return or([...uses, api.external === true ? "unknown" : "no"]);
}

function unprovenIfUnused(
  verdict: AuthorizerFunctionVerdict,
  { label, api }: Authorizer,
): AuthorizerFunctionVerdict {
  if (verdict.outcome !== "denied") return verdict;
  const subject = { code: "authorizer-used", authorizer: label, api: api.name } as const;
  return { ...verdict, outcome: "unproven", unknowns: [{ subject, dependsOn: [] }] };
}

function authorizerVerdicts(
  access: Access,
  findRole: FindRole,
  authorizer: Authorizer,
): readonly AuthorizerFunctionVerdict[] {
  const { credentials, target, urn, api } = authorizer;
  const base = { urn, routes: [], api, authorizer };
  if (credentials.mode === "role")
    return roleAnswers(access, findRole, { credentials, api, target }).map((answer) =>
      authorizerFunctionVerdict({ ...base, ...answer }),
    );
  if (credentials.mode === "unknown" || credentials.mode === "caller") {
    const unknown: UnknownReason = {
      subject: { code: "credentials", label: authorizer.label },
      dependsOn: credentials.mode === "unknown" ? credentials.origins : [],
    };
    return [
      authorizerFunctionVerdict({
        ...base,
        target,
        outcome: "unproven",
        cause: "credentials-unknown",
        unknowns: [unknown],
      }),
    ];
  }
  const answer = permissionAnswer(access, {
    target,
    answersFor: (arn) => {
      const sourceArn = authorizerArn(seenFrom(arn, authorizer));
      const decision = access.functions.allowsInvokeFrom(api, sourceArn, { ...target, arn });
      return [{ stage: [], verb: "", sourceArn, decision }];
    },
  });
  return [authorizerFunctionVerdict({ ...base, ...answer })];
}
