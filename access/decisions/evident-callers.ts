import { isUnknown, known, or, type PrincipalEntry, type Trilean, type UnknownReason } from "../../iam";
import type { Api, PrincipalFacts, Route } from "../../stack";
import { dependenciesOf } from "../unknowns";
import type { Access } from "./access";

/**
 * Services that run the customer's own programs, which may call any API. Lambda runs such programs too, but the AWS
 * managed policy for all APIs is attached to the roles of functions as often for posting to WebSocket connections as
 * for calling an API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
const WORKLOADS: ReadonlySet<string> = new Set([
  "batch.amazonaws.com",
  "codebuild.amazonaws.com",
  "ec2.amazonaws.com",
  "ecs-tasks.amazonaws.com",
  "eks.amazonaws.com",
  "glue.amazonaws.com",
  "pods.eks.amazonaws.com",
  "sagemaker.amazonaws.com",
  "ssm.amazonaws.com",
  "tasks.apprunner.amazonaws.com",
]);

/**
 * Whether any policy that allows a principal to call routes of an API makes it one of the API's callers. A statement
 * written for this stack always does. An AWS managed policy applies to all APIs, so it depends on who uses the
 * principal's credentials: people and programs that may call this API, or a service that does not.
 *
 * @param callerCredentials whether AWS itself requires the caller to have permission to invoke the function: then any
 * such principal is treated as a caller, because its calls would fail
 */
export function callsByAnyPolicy(
  access: Access,
  principal: PrincipalFacts,
  api: Api,
  callerCredentials: boolean,
): Trilean {
  const isWebSocket = api.kind === "WEBSOCKET";
  if (
    (callerCredentials && !isWebSocket) ||
    !access.grants.ofPrincipal(principal).some(({ isAwsManaged }) => isAwsManaged)
  )
    return "yes";
  return usedByCallers(principal, isWebSocket);
}

/** Whether a statement outside AWS managed policies allows, or may allow, the principal to call the route. */
export function isNamedForRoute(access: Access, principal: PrincipalFacts, route: Route): boolean {
  return (
    access.grants
      .ofPrincipal(principal)
      .some((grant) => !grant.isAwsManaged && !access.grants.neverCovers(grant, route)) ||
    access.apis.mayAllowByUnknownDocument(principal, route.api) ||
    access.apis.allowsSpecifically(route.api, principal)
  );
}

/** Whether the trust policy of a role allows a principal that signs arbitrary requests. */
function usedByCallers({ kind, trust }: PrincipalFacts, isWebSocket: boolean): Trilean {
  if (kind !== "role") return "yes";
  const document = trust === undefined || isUnknown(trust) ? trust : trust.document;
  if (document === undefined || isUnknown(document) || document.opaque !== undefined) return "unknown";
  return or(
    document.statements
      .filter(({ effect }) => effect !== "Deny")
      .flatMap(({ principal }): readonly Trilean[] => {
        if (principal === undefined) return [];
        return principal.not ? ["yes"] : principal.entries.map((entry) => signsRequests(entry, isWebSocket));
      }),
  );
}

function signsRequests(entry: PrincipalEntry, isWebSocket: boolean): Trilean {
  if (entry.kind === "unknown") return "unknown";
  if (entry.kind !== "service") return "yes";
  const name = known(entry.text);
  if (name === undefined) return "unknown";
  // Browsers and devices connect to a WebSocket API; services send to connected clients.
  return !isWebSocket && WORKLOADS.has(name) ? "yes" : "no";
}

/**
 * The reason why it is unknown whether a principal with an AWS managed policy calls this API: the policy applies to
 * all APIs, and it is unknown who uses the principal's credentials.
 */
export function generalCaller(principal: PrincipalFacts): UnknownReason {
  const { trust, label, unseen } = principal;
  const document = trust === undefined || isUnknown(trust) ? trust : trust.document;
  const isHidden = unseen.some(
    (unknownSubject) => unknownSubject.code === "other-policies" && !unknownSubject.isNamed,
  );
  const isExternal =
    document !== undefined && isUnknown(document) && document.origins.length === 0 && !isHidden;
  return {
    subject: { code: "general-caller", principal: label, ...(isExternal ? { isExternal: true } : {}) },
    dependsOn: dependenciesOf(document),
  };
}
