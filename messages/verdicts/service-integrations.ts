import type { RefusedIntegration, UnprovenIntegration } from "../../access";
import type { ServiceIntegration } from "../../stack";
import { type Code, pasteable } from "../code";
import { explain } from "../decisions";
import type { Description } from "../description";
import type { Fix } from "../fixes/fix";
import { principalName, statementFix } from "../fixes/statements";
import { printable } from "../printable";
import { References } from "../references";
import { serviceNames, symptomOfApiGateway, trustStatement } from "../services";

/** An integration with another service whose role lacks the action. */
export function describeServiceIntegration({
  integration,
  principal,
  lacks,
  decision,
}: RefusedIntegration): Description {
  const { action, api, mayHavePolicy } = integration;
  const call = `${printable(integration.label)} of API ${printable(api.name)} calls ${action} as ${printable(principal.label)}`;
  const roleName = principalName(principal);
  const service = serviceNames([api]);
  if (lacks === "trust")
    return {
      finding: `${call}, which does not trust ${service}`,
      explanation: `${service} assumes the credentials role of an integration (https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html).`,
      ...symptomOfApiGateway(
        [api],
        'Callers get 500; the log says "API Gateway does not have permission to assume the provided role".',
      ),
      evidence: explain(decision),
      fix: { text: `add this statement to the trust policy of ${roleName}`, code: trustStatement([api]) },
    };
  if (decision.reason === "explicit-deny")
    return {
      finding: `${call}, which is denied that action`,
      explanation:
        "an explicit deny, including one in the policy of the called resource, overrides the role's policies (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html).",
      symptom: `Callers get the service's AccessDeniedException: "User: … is not authorized to perform: ${action} … with an explicit deny".`,
      evidence: explain(decision),
      fix: { text: `exclude ${roleName} from the Deny.` },
    };
  return {
    finding: `${call}, whose policies do not allow that action`,
    explanation: `${service} calls the service with the credentials role's permissions (https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html).${mayHavePolicy ? " A policy of the called resource that allows the role is sufficient too; this stack has none." : ""}`,
    symptom: `Callers get the service's AccessDeniedException: "User: … is not authorized to perform: ${action}".`,
    evidence: explain(decision),
    fix: serviceActionFix(integration, principal.urn, roleName),
  };
}

/** The unknowns of an integration with another service, and the policies that they belong to. */
export function serviceQuestion({
  integration: { label, api, action },
  principal,
  gate,
}: Pick<UnprovenIntegration, "integration" | "principal" | "gate">): {
  readonly subject: string;
  readonly question: string;
} {
  const role = printable(principal.label);
  return {
    subject: `${printable(label)} of API ${printable(api.name)}`,
    question: gate === "trust" ? `${role} trusts ${serviceNames([api])}` : `${role} is allowed ${action}`,
  };
}

/** Allows the role of an integration to call a service. */
function serviceActionFix(
  { action, target, resource }: ServiceIntegration,
  ownerUrn: string,
  roleName: string,
): Fix {
  const names = new References(ownerUrn);
  // For a bucket, the objects are the resource.
  const tail = action.startsWith("s3:") ? ["/*"] : [];
  const resourceText = pasteable(resource);
  const calledArn: Code =
    target !== undefined && names.typeOf(target.urn) !== undefined
      ? [names.property(target.urn, target.property), ...tail]
      : [resourceText === "*" ? "<the ARN of the resource that the route is for>" : resourceText];
  return statementFix({
    place: `a policy of ${roleName}`,
    action,
    resources: [calledArn],
    omitted: 0,
    names,
    wildcards: [],
  });
}
