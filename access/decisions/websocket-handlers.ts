import type { Api, FunctionTarget, PrincipalFacts } from "../../stack";
import { appendTo } from "../../stack/pulumi/keys";
import type { Access } from "./access";
import { roleFinder } from "./credentials-roles";

/**
 * Whether a role is used only by functions that the routes of a WebSocket API call. They answer messages and post to
 * clients, and are not clients: their permissions on the API do not make them callers of `$connect`.
 */
export function isHandlerOnly(access: Access, principal: PrincipalFacts, api: Api): boolean {
  if (api.kind !== "WEBSOCKET") return false;
  const handlers = new Set(
    (handlersOf(access, api).get(principal) ?? []).map((target) => target.function?.urn),
  );
  if (handlers.size === 0) return false;
  const findRole = roleFinder(access);
  return access.facts.roleUses.every(({ role, urn }) => findRole(role) !== principal || handlers.has(urn));
}

/** The functions that the routes of an API call, by the role that they run as. */
export function handlersOf(access: Access, api: Api): ReadonlyMap<PrincipalFacts, readonly FunctionTarget[]> {
  const findRole = roleFinder(access);
  const roles = new Map(access.facts.roleUses.map(({ urn, role }) => [urn, role]));
  const handlers = new Map<PrincipalFacts, FunctionTarget[]>();
  const seen = new Set<string>();
  for (const { integration } of access.routes.ofApi(api)) {
    const urn = integration?.target.function?.urn;
    const role = urn === undefined ? undefined : roles.get(urn);
    const principal = role === undefined ? undefined : findRole(role);
    if (integration === undefined || urn === undefined || principal === undefined || seen.has(urn)) continue;
    seen.add(urn);
    appendTo(handlers, principal, integration.target);
  }
  return handlers;
}
