import { Unknown, type UnknownReason } from "../../../iam";
import type { Api, ResourcePolicy } from "../../../stack";
import type { Access } from "../../decisions/access";
import { dependenciesOf } from "../../unknowns";
import { ofIntegration } from "../invoke-permission";
import { type CallerFunctionVerdict, callerCredentialsVerdict } from "./verdict";

/**
 * Integrations with caller credentials on routes without a caller, or where API Gateway refuses the deployment ("Caller
 * provided credentials not allowed when resource policy is set").
 */
export function impossibleCallerCredentials(access: Access): readonly CallerFunctionVerdict[] {
  return access.facts.routes.flatMap((route): readonly CallerFunctionVerdict[] => {
    const { integration } = route;
    if (integration?.credentials.mode !== "caller" || integration.mayNotBeFunction) return [];
    const base = { outcome: "denied", ...ofIntegration(route, integration) } as const;
    const verdicts: CallerFunctionVerdict[] = [];
    if (!(route.authorization instanceof Unknown) && route.authorization !== "AWS_IAM")
      verdicts.push(
        callerCredentialsVerdict({ ...base, cause: "caller-credentials-without-iam-authorization" }),
      );
    const { policies } = route.api;
    if (policies.some(({ mayNotExist }) => mayNotExist === undefined))
      verdicts.push(callerCredentialsVerdict({ ...base, cause: "caller-credentials-with-resource-policy" }));
    else if (policies.length > 0)
      verdicts.push(
        callerCredentialsVerdict({
          ...base,
          outcome: "unproven",
          cause: "caller-credentials-with-resource-policy",
          unknowns: policies.map((policy) => unknownResourcePolicy(route.api, policy)),
        }),
      );
    return verdicts;
  });
}

function unknownResourcePolicy({ name }: Api, { document }: ResourcePolicy): UnknownReason {
  return { subject: { code: "resource-policy-set", api: name }, dependsOn: dependenciesOf(document) };
}
