import type { LambdaIntegration, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { dependenciesOf, routeName } from "../../unknowns";
import type { Verdict } from "../../verdict";
import { roleFinder, roleVerdicts } from "../credentials-role";
import { ofIntegration } from "../invoke-permission";

/** Routes whose integration assumes a role: may that role invoke the function, and does it trust API Gateway? */
export function integrationRoles(access: Access): readonly Verdict[] {
  const groups = new Map<string, { verdict: Verdict; routes: Route[] }>();
  const findRole = roleFinder(access);
  for (const route of access.facts.routes) {
    const { integration } = route;
    if (integration === undefined) continue;
    const { credentials } = integration;
    if (credentials.mode === "unknown") {
      groups.set(JSON.stringify([integration.urn, routeName(route)]), {
        verdict: unknownCredentials(integration, credentials.from, route),
        routes: [route],
      });
      continue;
    }
    if (credentials.mode !== "role") continue;
    const base = {
      gate: "role-function",
      ...ofIntegration(route, integration),
    } as const;
    for (const found of roleVerdicts(access, findRole, base, credentials, integration.target)) {
      const verdict = unlessOther(found, integration);
      const id = [verdict.urn, verdict.outcome, verdict.cause, verdict.asked ?? integration.urn].join(" ");
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { verdict, routes: [route] });
      else group.routes.push(route);
    }
  }
  return [...groups.values()].map(({ verdict, routes }) => ({ ...verdict, routes }));
}

/** What may call no function at all is not denied a function. */
function unlessOther(verdict: Verdict, integration: LambdaIntegration): Verdict {
  if (verdict.outcome !== "denied" || !integration.mayBeOther) return verdict;
  const { arn } = integration.target;
  const subject = { code: "integration-target", integration: integration.label } as const;
  return { ...verdict, outcome: "unproven", unknowns: [{ subject, dependsOn: dependenciesOf(arn) }] };
}

function unknownCredentials(
  integration: LambdaIntegration,
  from: readonly { label: string }[],
  route: Route,
): Verdict {
  return {
    gate: "role-function",
    outcome: "unproven",
    cause: "policies",
    ...ofIntegration(route, integration),
    inferredFrom: [],
    unknowns: [
      {
        subject: { code: "credentials", of: integration.label },
        dependsOn: from.map((origin) => origin.label),
      },
    ],
    notes: [],
  };
}
