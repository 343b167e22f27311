import { EXECUTE_API_INVOKE, MANAGE_CONNECTIONS } from "../../aws";
import { allowStatements, type Decision, decide, executeApiContext, type Text } from "../../iam";
import type { Api, FunctionTarget, PrincipalFacts } from "../../stack";
import type { Access } from "../decisions/access";
import { asPrincipal, inAccountOf } from "../decisions/principals";
import { handlersOf } from "../decisions/websocket-handlers";
import { apiIdOf, connectionArn, stageNames } from "../requests/routes";

/** A role with permissions on a WebSocket API, none of which covers the API's connections. */
export interface Disconnected {
  readonly principal: PrincipalFacts;
  readonly api: Api;
  /** The functions that run as the role and that the API's routes call. */
  readonly handlers: readonly FunctionTarget[];
  /** It has the action, on a resource that does not match. */
  readonly hasOtherResource: boolean;
  readonly decision: Decision;
}

/**
 * Functions of a WebSocket API whose role has permissions on the API but cannot send messages to its clients: that
 * requires `execute-api:ManageConnections` on `API/STAGE/POST/@connections/*`, which `execute-api:Invoke` does not
 * grant.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
 */
export function disconnectedHandlers(access: Access): readonly Disconnected[] {
  return access.facts.apis.flatMap((api): readonly Disconnected[] => {
    if (api.kind !== "WEBSOCKET" || api.external) return [];
    const handlers = handlersOf(access, api);
    return access.facts.principals.flatMap((principal): readonly Disconnected[] => {
      if (principal.kind !== "role" || principal.unseen.length > 0 || hasAwsManagedGrant(principal))
        return [];
      const handlersOfRole = handlers.get(principal) ?? [];
      const hasOtherResource = hasGrantOn(access, principal, api, MANAGE_CONNECTIONS);
      if (
        !hasOtherResource &&
        (handlersOfRole.length === 0 || !hasGrantOn(access, principal, api, EXECUTE_API_INVOKE))
      )
        return [];
      const decisions = connectionArns(access, api).map((resource) =>
        decideConnection(principal, api, resource),
      );
      const [first] = decisions;
      return first === undefined || decisions.some(({ answer }) => answer !== "no")
        ? []
        : [{ principal, api, handlers: handlersOfRole, hasOtherResource, decision: first }];
    });
  });
}

/** Whether a statement written for the API grants the principal an action on some resource of the API. */
function hasGrantOn({ routes }: Access, { sources }: PrincipalFacts, api: Api, action: string): boolean {
  return allowStatements(sources, action).some(
    ({ source, action: match, resources }) =>
      source.key !== undefined &&
      match === "yes" &&
      resources.some((resource) => {
        const id = apiIdOf(resource);
        return id !== undefined && routes.apiWithId(id) === api;
      }),
  );
}

/**
 * The pack knows only two actions of AWS managed policies, those for routes. The AWS managed policies that grant one of
 * them also grant execute-api:ManageConnections.
 */
function hasAwsManagedGrant({ sources }: PrincipalFacts): boolean {
  return allowStatements(sources, EXECUTE_API_INVOKE).some(({ source }) => source.key === undefined);
}

function connectionArns(access: Access, api: Api): readonly Text[] {
  const [route] = access.routes.ofApi(api);
  return route === undefined ? [] : stageNames(route, "caller").map((stage) => connectionArn(api, stage));
}

function decideConnection(principal: PrincipalFacts, api: Api, resource: Text): Decision {
  const caller = asPrincipal(principal);
  return decide({
    request: {
      principal: caller,
      action: MANAGE_CONNECTIONS,
      resource,
      context: executeApiContext({ caller, privateApi: "no" }),
    },
    identity: principal,
    sameAccount: inAccountOf(api, principal),
  });
}
