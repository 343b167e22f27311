import { type SameReason, sameReason } from "../../access";
import type { ResourcePolicyVerdict } from "../../access/gates/resource-policy/verdict";
import type { Description } from "../description";
import { inference } from "../inference";
import { showRoutes } from "../names";
import { printable } from "../printable";
import { list } from "../text";
import { evidenceOf, routesOf } from "./parts";

type VerdictsOf<Cause extends ResourcePolicyVerdict["cause"]> = SameReason<
  Extract<ResourcePolicyVerdict, { readonly cause: Cause }>
>;

const FLOW =
  "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html";

/** A REST API whose resource policy, or the lack of one, denies requests to routes without IAM authorization. */
export function describeResourcePolicy(verdicts: SameReason<ResourcePolicyVerdict>): Description {
  const [verdict] = verdicts;
  switch (verdict.cause) {
    case "policies":
      return describePolicies(sameReason(verdict, verdicts));
    case "private-api-without-resource-policy":
      return describeClosedApi(verdict);
    case "resource-policy-for-principals":
      return describePolicyForPrincipals(sameReason(verdict, verdicts));
  }
}

function describePolicies(verdicts: VerdictsOf<"policies">): Description {
  const [verdict] = verdicts;
  const routes = showRoutes(routesOf(verdicts));
  const denied = verdict.decision.reason === "explicit-deny";
  const lines = evidenceOf(verdicts);
  return {
    finding: denied
      ? `${routes} cannot be called: the API's resource policy denies every request`
      : `${routes} cannot be called: the API's resource policy allows no request without an IAM identity`,
    explanation: denied
      ? `an explicit deny in the resource policy refuses a request regardless of the route's authorization (${FLOW}).`
      : `once an API has a resource policy, a route without authorization or with a Cognito authorizer needs an explicit allow in that policy; requests to such a route have no IAM identity, so a statement for a role, user or account never matches (${FLOW}).`,
    symptom: `Callers get 403 "User: anonymous is not authorized to perform: execute-api:Invoke on resource: …"${denied ? ' "with an explicit deny"' : ""}.`,
    evidence:
      lines.length > 0
        ? lines
        : ["No statement of the resource policy allows execute-api:Invoke on these routes."],
    fix: denied
      ? {
          text: "exclude these routes from the Deny, or correct its condition: a negated condition (StringNotEquals) matches where the request has no such key, and aws:SourceVpce (an id vpce-…) and aws:SourceVpc (vpc-…) are present for private APIs only.",
        }
      : {
          text: "add this statement to the API's resource policy, and add a condition if not everyone is intended to call it (or give the route authorization AWS_IAM)",
          code: ALLOW,
        },
  };
}

/** An unknown resource policy that names principals, of an API that does not authenticate callers. */
function describePolicyForPrincipals(verdicts: VerdictsOf<"resource-policy-for-principals">): Description {
  const [verdict] = verdicts;
  const principals = list(verdict.inferredFrom.map((origin) => printable(origin.label)));
  return {
    finding: `the resource policy of API ${printable(verdict.api.name)} is probably only for ${principals}, and no route of the API is IAM-authorized: no caller can then call ${showRoutes(routesOf(verdicts))}`,
    explanation: `requests to a route without IAM authorization have no IAM identity, so a statement for a role, user or account never matches (${FLOW}).`,
    symptom:
      'Callers get 403 "User: anonymous is not authorized to perform: execute-api:Invoke on resource: …".',
    evidence: verdict.api.policies.map(({ label }) => `Unknown document: ${printable(label)}`),
    inference: inference(verdict),
    fix: {
      text: "give the routes authorization AWS_IAM; or allow execute-api:Invoke for everyone in the resource policy, with this statement (a preview does not show it before the principals exist)",
      code: ALLOW,
    },
  };
}

const ALLOW = JSON.stringify(
  { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
  undefined,
  2,
);

function describeClosedApi({ api, routes }: ResourcePolicyVerdict): Description {
  return {
    finding: `private API ${printable(api.name)} has no resource policy and cannot be deployed, so no caller can call ${showRoutes(routes)}`,
    explanation:
      "a private API can be called only by callers that its resource policy allows (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).",
    // As reported: https://github.com/hashicorp/terraform-provider-aws/issues/14290
    symptom:
      'The deployment fails with "BadRequestException: Private REST API doesn\'t have a resource policy attached to it".',
    evidence: [],
    fix: {
      text: "give the API a resource policy (RestApiPolicy, which the Deployment depends on) with this statement, narrowed to your VPC endpoints",
      code: JSON.stringify(
        {
          Effect: "Allow",
          Principal: "*",
          Action: "execute-api:Invoke",
          Resource: "execute-api:/*",
          Condition: { StringEquals: { "aws:SourceVpce": "vpce-…" } },
        },
        undefined,
        2,
      ),
    },
  };
}
