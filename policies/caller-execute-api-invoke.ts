import {
  callerArn,
  callersStopped,
  servicesStopped,
  stageNames,
  untrustedPools,
  type Verdict,
} from "../access";
import { known, show, type Text, text } from "../iam";
import type { CallingService } from "../stack";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import {
  evidence,
  inference,
  list,
  type Pasted,
  pasteable,
  pasted,
  placeOfAllow,
  type Said,
  showRoutes,
  statementFix,
  whoOf,
} from "./messages";
import { printable } from "./printable";

const metadata: Metadata = {
  name: "caller-execute-api-invoke",
  displayName: "Callers that are meant to call a route may",
  description:
    "A principal whose policy names an API of this stack should be let through to one of its routes.",
  enforcementLevel: "advisory",
  severity: "medium",
  remediationSteps:
    "Write the execute-api ARN as stage, verb and the concrete path; use * where the path has a parameter.",
};

export const callerExecuteApiInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared) => [
    ...callersStopped(access, declared),
    ...servicesStopped(access),
    ...untrustedPools(access),
  ],
  say,
);

function say(verdict: Verdict): Said {
  const who = whoOf(verdict, "a caller");
  const api = verdict.api?.name ?? "";
  const symptom =
    'The caller gets 403 "User is not authorized to perform: execute-api:Invoke" (an HTTP API says "Forbidden").';
  if (verdict.cause === "private API without a resource policy")
    return {
      finding: `${who} is meant to call ${showRoutes(verdict.routes)} but is stopped: the API is private and has no resource policy.`,
      why: "a private API lets in whom its resource policy lets in, and without one nobody (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).",
      symptom,
      evidence: [],
      fix: "give the API a resource policy that allows execute-api:Invoke for the VPC endpoints or principals that are meant to call it.",
    };
  if (verdict.cause === "identity pool not trusted") return sayPool(verdict, who);
  if (verdict.call?.by.mode === "service")
    return sayService(verdict, printable(verdict.call.label), verdict.call.by);
  if (verdict.decision !== undefined) {
    const denied = verdict.decision.reason === "explicit deny";
    return {
      finding: `${who} is meant to call ${showRoutes(verdict.routes)} but is stopped: execute-api:Invoke is ${denied ? "denied" : "not allowed"}${verdict.decision.reason === "permissions boundary" ? " by its permissions boundary" : ""}.`,
      symptom,
      evidence: evidence(verdict),
      inference: inference(verdict),
      fix: denied ? "take these routes out of the Deny that applies to this caller." : fixOf(verdict, who),
    };
  }
  const braces = /\{[^}]*\}/.test(verdict.asked ?? "")
    ? " A path parameter in braces never matches: IAM sees the path of the request, so write * there."
    : "";
  return {
    finding: `${who} is granted execute-api:Invoke on ${verdict.asked}, which is no route of API ${api}.`,
    why: `the ARN is compared with stage, verb and path of the request.${braces}`,
    symptom,
    evidence: [
      verdict.routes.length > 0
        ? `IAM-authorized routes of the API: ${list(verdict.routes.map((route) => `${route.verb} ${show(route.path)}`))}`
        : "The API has no IAM-authorized route.",
    ],
    fix:
      verdict.routes.length > 0
        ? `name a route; for example, ${statementFix(`a policy of ${who}`, "execute-api:Invoke", nearest(verdict))}`
        : undefined,
  };
}

function sayService(verdict: Verdict, label: string, { name }: CallingService): Said {
  return {
    finding: `${label} calls ${showRoutes(verdict.routes)} without a role and is stopped: ${
      verdict.decision?.reason === "explicit deny"
        ? `the API's resource policy denies ${name}.`
        : `nothing lets ${name} in.`
    }`,
    why: "to an IAM-authorized route EventBridge needs the credentials of a role, or a resource policy of the API that lets it in (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html).",
    symptom: "EventBridge gets 403 from the API, and the event is lost or goes to the dead-letter queue.",
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: `give the target a roleArn: a role that trusts ${name} and holds execute-api:Invoke for the route and lambda:InvokeFunction for its function.`,
  };
}

function sayPool(verdict: Verdict, who: string): Said {
  const trust = {
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": verdict.asked } },
  };
  return {
    finding: `${who} is meant to call ${showRoutes(verdict.routes)}, but the identity pool that gives the role cannot assume it: its trust policy does not let the pool's identities in.`,
    symptom:
      'Cognito answers "Invalid identity pool configuration. Check assigned IAM roles for this pool." and gives no credentials.',
    evidence: evidence(verdict),
    fix: `add this statement to the trust policy of ${who}:\n${JSON.stringify(trust, undefined, 2)}`,
  };
}

/** Across accounts the caller's own policies are not enough. */
function fixOf(verdict: Verdict, who: string): string {
  const [route] = verdict.routes;
  if (verdict.decision?.reason !== "cross-account")
    return statementFix(placeOfAllow(verdict, who), "execute-api:Invoke", nearest(verdict));
  return route?.api.kind === "REST"
    ? `name ${who} in the API's resource policy: a caller of another account needs an allow of both accounts.`
    : `let ${who} assume a role of the API's account and call with that: only REST APIs have the resource policy that a caller of another account needs.`;
}

function nearest(verdict: Verdict): Pasted {
  const [route] = verdict.routes;
  if (route === undefined) return { resource: "<the ARN of the route>", instead: [] };
  const [stage] = stageNames(route, "caller");
  const { api } = route;
  // A wildcard for an id that is not known yet would grant every API.
  const executionArn = isKnown(api.id) ? api.executionArn : text(`<the execution ARN of API ${api.name}>`);
  return pasted(callerArn({ ...route, api: { ...api, executionArn } }, stage ?? ["*"]));
}

function isKnown(id: Text): boolean {
  const shown = known(id);
  return shown !== undefined && pasteable(shown) === shown;
}
