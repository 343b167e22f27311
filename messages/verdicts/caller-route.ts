import { type SameReason, sameReason } from "../../access";
import type { CallerRouteVerdict } from "../../access/gates/caller-route/verdict";
import type { ResourcePolicyVerdict } from "../../access/gates/resource-policy/verdict";
import { show } from "../../iam";
import type { PrincipalFacts, Route } from "../../stack";
import type { Description } from "../description";
import type { Fix } from "../fixes/fix";
import { callFix, principalName, resourcePolicyFix } from "../fixes/statements";
import { inference } from "../inference";
import { showGrantee, showPrincipal, showRoutes } from "../names";
import { printable } from "../printable";
import { callActions, symptomOfApiGateway } from "../services";
import { list } from "../text";
import { byLimit, evidenceOf, names, probably, probablyMissing, routesOf } from "./parts";
import { describeResourcePolicy } from "./resource-policy";

type VerdictsOf<Cause extends CallerRouteVerdict["cause"]> = SameReason<
  Extract<CallerRouteVerdict, { readonly cause: Cause }>
>;

const SYMPTOM =
  'The caller gets 403 "User is not authorized to perform: execute-api:Invoke" (an HTTP API returns "Forbidden").';

/** A principal that is intended to call routes and is denied. */
export function describeCallerRoute(
  verdicts: SameReason<CallerRouteVerdict | ResourcePolicyVerdict>,
): Description {
  const [verdict] = verdicts;
  switch (verdict.cause) {
    case "policies":
      return verdict.gate === "caller-route"
        ? describePolicies(sameReason(verdict, verdicts))
        : describeResourcePolicy(sameReason(verdict, verdicts));
    case "grant-matches-no-route":
      return describeMissedGrant(sameReason(verdict, verdicts));
    case "private-api-without-resource-policy":
      return verdict.gate === "caller-route"
        ? describeClosedApi(sameReason(verdict, verdicts))
        : describeResourcePolicy(sameReason(verdict, verdicts));
    case "resource-policy-for-principals":
      return describeResourcePolicy(sameReason(verdict, verdicts));
    case "resource-policy-matches-no-route":
      return describeUnmatchedPolicy(sameReason(verdict, verdicts));
    case "identity-pool-not-trusted":
      return describePool(sameReason(verdict, verdicts));
    case "service-not-trusted":
      return describeUntrusted(sameReason(verdict, verdicts));
    case "service-call":
      return describeService(sameReason(verdict, verdicts));
  }
}

function describeClosedApi(verdicts: VerdictsOf<"private-api-without-resource-policy">): Description {
  return {
    finding: `${showPrincipal(verdicts[0].principal)} is intended to call ${showRoutes(routesOf(verdicts))} but cannot: the API is private and has no resource policy`,
    explanation:
      "a private API can be called only by callers that its resource policy allows; without a resource policy, every request is denied (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).",
    symptom: SYMPTOM,
    evidence: [],
    fix: {
      text: "give the API a resource policy that allows execute-api:Invoke for the VPC endpoints or principals that are intended to call it.",
    },
  };
}

function describePolicies(verdicts: VerdictsOf<"policies">): Description {
  const [verdict] = verdicts;
  const { principal, decision } = verdict;
  const denied = decision.reason === "explicit-deny";
  const apis = routesOf(verdicts).map(({ api }) => api);
  return {
    finding: `${showPrincipal(principal)} is ${probably(verdict)}intended to call ${showRoutes(routesOf(verdicts))} but ${probablyMissing(verdict)}cannot: ${callActions(apis)} is ${denied ? "denied" : `${probably(verdict)}not allowed`}${byLimit(decision)}`,
    ...symptomOfApiGateway(apis, SYMPTOM),
    evidence: evidenceOf(verdicts),
    inference: inference(verdict),
    fix: denied
      ? { text: `exclude these routes from the Deny that applies to ${principalName(principal)}.` }
      : fixOf(verdicts),
  };
}

/** Grants that name an API of the stack and match none of its routes. */
function describeMissedGrant(verdicts: VerdictsOf<"grant-matches-no-route">): Description {
  const [{ principal, urn }] = verdicts;
  const routes = routesOf(verdicts);
  const braces = verdicts.some(({ grant }) => /\{[^}]*\}/.test(grant))
    ? " A path parameter in braces never matches, because a request contains the parameter's value: write * instead."
    : "";
  const [route] = routes;
  return {
    finding: `${showPrincipal(principal)} is allowed ${callActions(verdicts.map(({ api }) => api))} on ${names(verdicts, ({ grant }) => grant)}, which matches no route of API ${names(verdicts, ({ api }) => api.name)}`,
    explanation: `IAM compares the ARN with the stage, method and path of the request.${braces}`,
    ...symptomOfApiGateway(
      verdicts.map(({ api }) => api),
      SYMPTOM,
    ),
    evidence: [
      routes.length > 0
        ? `IAM-authorized routes of the API: ${list([...new Set(routes.map((route) => `${route.verb} ${show(route.path)}`))])}`
        : "The API has no IAM-authorized route.",
    ],
    fix: route === undefined ? undefined : exampleFix(urn, principal, route),
  };
}

/** Grants in an API's resource policy that match none of its routes. */
function describeUnmatchedPolicy(verdicts: VerdictsOf<"resource-policy-matches-no-route">): Description {
  const [verdict] = verdicts;
  const namedPrincipal =
    "principal" in verdict ? showPrincipal(verdict.principal) : printable(showGrantee(verdict.grantee));
  return {
    finding: `the resource policy of API ${names(verdicts, ({ api }) => api.name)} allows ${namedPrincipal} execute-api:Invoke on ${names(verdicts, ({ unmatched }) => printable(list(unmatched)))}, which matches no route of the API, and no other policy allows it to call ${showRoutes(routesOf(verdicts))}`,
    explanation: "IAM compares the ARN with the stage, method and path of the request.",
    symptom: SYMPTOM,
    evidence: [],
    fix: resourcePolicyFix(routesOf(verdicts), "the statement of the resource policy"),
  };
}

function exampleFix(urn: string, principal: PrincipalFacts, route: Route): Fix {
  const decision = { reason: "no-allow" } as const;
  const fix = callFix({ urn, principal, routes: [route], inferredFrom: [], decision });
  return { ...fix, text: `name a route; for example, ${fix.text}` };
}

/** The explanation and the fix for a service that calls without a role. */
interface ServiceCallAdvice {
  readonly explanation: string;
  readonly symptom: string;
  readonly fix: string;
}

const SERVICES: Readonly<Record<string, ServiceCallAdvice>> = {
  "events.amazonaws.com": {
    explanation:
      "to call an IAM-authorized route, EventBridge needs a role, or a resource policy of the API that allows it (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html).",
    symptom: "EventBridge gets 403 from the API, and the event is lost or goes to the dead-letter queue.",
    fix: "give the target a roleArn: a role that trusts events.amazonaws.com and is allowed execute-api:Invoke on the route and lambda:InvokeFunction on its function.",
  },
  "states.amazonaws.com": {
    explanation:
      "with AuthType RESOURCE_POLICY, Step Functions calls the route as states.amazonaws.com on behalf of the state machine, and the API's resource policy must allow that (https://docs.aws.amazon.com/step-functions/latest/dg/api-gateway-iam.html).",
    symptom: 'The task fails with "ApiGateway.403".',
    fix: "allow execute-api:Invoke on the route for the service principal states.amazonaws.com in the resource policy of the REST API, with the state machine's ARN as aws:SourceArn; or use AuthType \"IAM_ROLE\" and allow the state machine's role to call the route.",
  },
};

/** For a service that is not in {@link SERVICES}. */
function resourcePolicyAdvice(name: string): ServiceCallAdvice {
  return {
    explanation:
      "only the API's resource policy can allow a service that calls without a role (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html).",
    symptom: SYMPTOM,
    fix: `allow execute-api:Invoke on the route for the service principal ${name} in the resource policy of the REST API.`,
  };
}

function describeService(verdicts: VerdictsOf<"service-call">): Description {
  const [verdict] = verdicts;
  const { name } = verdict.service;
  const { explanation, symptom, fix } = SERVICES[name] ?? resourcePolicyAdvice(name);
  return {
    finding: `${printable(verdict.call.label)} calls ${showRoutes(routesOf(verdicts))} without a role and is not allowed to: ${
      verdict.decision.reason === "explicit-deny"
        ? `the API's resource policy denies ${name}`
        : `no policy allows ${name} to call it`
    }`,
    explanation,
    symptom,
    evidence: evidenceOf(verdicts),
    inference: inference(verdict),
    fix: { text: fix },
  };
}

/**
 * The error of a service that may not assume a role, where it is known: most refuse the deployment. As reported:
 * https://github.com/aws-samples/aws-modern-application-workshop/issues/88 (ECS),
 * https://github.com/aws/aws-cdk/issues/5180 (Lambda@Edge), https://github.com/Miserlou/Zappa/issues/381 (EventBridge),
 * https://github.com/cloudposse/terraform-aws-lambda-function/issues/14 (Lambda),
 * https://github.com/lumigo-io/lumigo-CLI/issues/83 (Step Functions),
 * https://github.com/hashicorp/terraform-provider-aws/issues/41483 (EKS)
 */
const NOT_ASSUMED: Readonly<Record<string, string>> = {
  "ecs-tasks.amazonaws.com":
    "The task does not start: \"ECS was unable to assume the role '…' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions\".",
  "edgelambda.amazonaws.com":
    'The deployment fails with "InvalidLambdaFunctionAssociation: The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com principals."',
  "events.amazonaws.com":
    "The deployment fails with \"ValidationException: Provided role '…' cannot be assumed by principal 'events.amazonaws.com'\".",
  "pods.eks.amazonaws.com":
    'The deployment fails with "InvalidParameterException: Trust policy of the role provided is invalid".',
  "lambda.amazonaws.com":
    'The deployment fails with "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."',
  "states.amazonaws.com":
    'The deployment fails with "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."',
};

function describeUntrusted(verdicts: VerdictsOf<"service-not-trusted">): Description {
  const [{ principal, user, actions }] = verdicts;
  const { service, subject } = user;
  if (subject !== undefined) return describeServiceAccount(verdicts, subject);
  const statement = {
    Effect: "Allow",
    Principal: { Service: service },
    Action: actions.length === 1 ? actions[0] : actions,
  };
  return {
    finding: `${showPrincipal(principal)} is intended to call ${showRoutes(routesOf(verdicts))}, but ${printable(user.label)} cannot use the role: its trust policy does not allow ${list(actions)} for ${service}`,
    ...(NOT_ASSUMED[service] === undefined ? {} : { symptom: NOT_ASSUMED[service] }),
    evidence: evidenceOf(verdicts),
    fix: {
      text: `add this statement to the trust policy of ${principalName(principal)}`,
      code: JSON.stringify(statement, undefined, 2),
    },
  };
}

/** A service account of Kubernetes whose role does not trust it. */
function describeServiceAccount(verdicts: VerdictsOf<"service-not-trusted">, subject: string): Description {
  const [{ principal, user, actions }] = verdicts;
  const issuer = "<the OpenID Connect issuer of the cluster>";
  const statement = {
    Effect: "Allow",
    Principal: { Federated: "<the ARN of the cluster's IAM OIDC provider>" },
    Action: actions[0],
    Condition: {
      StringEquals: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: "sts.amazonaws.com" },
    },
  };
  return {
    finding: `${showPrincipal(principal)} is intended to call ${showRoutes(routesOf(verdicts))}, but ${printable(user.label)} cannot use the role: its trust policy does not allow ${list(actions)} for ${printable(subject)}`,
    explanation:
      "a pod assumes the role in the annotation of its service account with a token from the cluster's OpenID Connect provider, and the trust policy must allow the subject of that token (https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html).",
    symptom: 'Pods get "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity".',
    evidence: evidenceOf(verdicts),
    fix: {
      text: `add this statement to the trust policy of ${principalName(principal)}`,
      code: JSON.stringify(statement, undefined, 2),
    },
  };
}

function describePool(verdicts: VerdictsOf<"identity-pool-not-trusted">): Description {
  const [{ principal, pool }] = verdicts;
  const trust = {
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        "cognito-identity.amazonaws.com:aud": pool ?? "<the id of the identity pool>",
      },
    },
  };
  return {
    finding: `${showPrincipal(principal)} is intended to call ${showRoutes(routesOf(verdicts))}, but the identity pool that assigns the role cannot assume it: its trust policy does not allow the pool's identities`,
    symptom:
      'Cognito returns "Invalid identity pool configuration. Check assigned IAM roles for this pool." and no credentials.',
    evidence: evidenceOf(verdicts),
    fix: {
      text: `add this statement to the trust policy of ${principalName(principal)}`,
      code: JSON.stringify(trust, undefined, 2),
    },
  };
}

/** Across accounts the caller's own policies are not sufficient. */
function fixOf(verdicts: VerdictsOf<"policies">): Fix {
  const [verdict] = verdicts;
  const routes = routesOf(verdicts);
  const principal = principalName(verdict.principal);
  if (verdict.decision.reason !== "cross-account") return callFix({ ...verdict, routes });
  return routes[0]?.api.kind === "REST"
    ? {
        text: `name ${principal} in the API's resource policy: a caller in another account must be allowed in both accounts.`,
      }
    : {
        text: `have ${principal} assume a role in the API's account and call the route with that role: a caller in another account must be allowed by the API's resource policy, and only REST APIs have one.`,
      };
}
