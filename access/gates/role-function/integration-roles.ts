import { type Origin, show, Unknown } from "../../../iam";
import type { LambdaIntegration, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { roleFinder } from "../../decisions/credentials-roles";
import { dependenciesOf, routeName } from "../../unknowns";
import { groupVerdicts } from "../../verdict";
import { type RoleAnswer, roleAnswers } from "../credentials-role";
import { ofIntegration } from "../invoke-permission";
import { type RoleFunctionVerdict, roleFunctionVerdict } from "./verdict";

/** Whether the credentials role of a route's integration may invoke the function, and whether it trusts API Gateway. */
export function integrationRoles(access: Access): readonly RoleFunctionVerdict[] {
  const keys = new Map<RoleFunctionVerdict, string>();
  const findRole = roleFinder(access);
  for (const route of access.facts.routes) {
    const { integration } = route;
    if (integration === undefined) continue;
    const { credentials, target } = integration;
    if (credentials.mode === "unknown")
      keys.set(
        unknownCredentials(integration, credentials.origins, route),
        JSON.stringify([integration.urn, routeName(route)]),
      );
    if (credentials.mode !== "role") continue;
    for (const roleAnswer of roleAnswers(access, findRole, { credentials, api: route.api, target })) {
      const answer = unprovenIfOtherTarget(roleAnswer, integration);
      const urn = ("principal" in answer ? answer.principal?.urn : undefined) ?? integration.urn;
      const verdict = roleFunctionVerdict({ ...ofIntegration(route, integration), ...answer, urn });
      keys.set(verdict, [urn, verdict.outcome, verdict.cause, keyOf(answer) ?? integration.urn].join(" "));
    }
  }
  return groupVerdicts([...keys.keys()], (verdict) => keys.get(verdict) ?? "");
}

/** The answers on one role by function. */
function keyOf(answer: RoleAnswer): string | undefined {
  if (!("decision" in answer)) return answer.roleArn;
  if (answer.cause === "trust-policy") return "";
  return answer.target.arn instanceof Unknown ? undefined : show(answer.target.arn);
}

/** An integration that may call no function is not reported as denied. */
function unprovenIfOtherTarget<A extends RoleAnswer>(answer: A, integration: LambdaIntegration): A {
  if (answer.outcome !== "denied" || !integration.mayNotBeFunction) return answer;
  const { arn } = integration.target;
  const subject = { code: "integration-target", integration: integration.label } as const;
  return { ...answer, outcome: "unproven", unknowns: [{ subject, dependsOn: dependenciesOf(arn) }] };
}

function unknownCredentials(
  integration: LambdaIntegration,
  origins: readonly Origin[],
  route: Route,
): RoleFunctionVerdict {
  return roleFunctionVerdict({
    outcome: "unproven",
    cause: "credentials-unknown",
    ...ofIntegration(route, integration),
    unknowns: [
      {
        subject: { code: "credentials", label: integration.label },
        dependsOn: origins,
      },
    ],
  });
}
