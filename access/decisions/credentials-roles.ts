import { assumeRoleContext, type Decision, decideTrust, equal, known, text, Unknown } from "../../iam";
import type { Credentials, PrincipalFacts } from "../../stack";
import { appendTo } from "../../stack/pulumi/keys";
import type { Access } from "./access";

/** The credentials of an integration or a caller that are a role. */
export type RoleCredentials = Extract<Credentials, { mode: "role" }>;

/** Finds credentials roles among the stack's principals. */
export type FindRole = (credentials: RoleCredentials) => PrincipalFacts | undefined;

/**
 * Indexes the roles of a stack. A role is found by its resource, by its ARN, or by the name in a literal ARN where its
 * own ARN is partly unknown; `undefined` is a role outside the stack.
 */
export function roleFinder({ facts }: Access): FindRole {
  const byUrn = new Map<string, PrincipalFacts>();
  const byName = new Map<string, PrincipalFacts[]>();
  for (const principal of facts.principals) {
    if (principal.kind !== "role") continue;
    byUrn.set(principal.urn, principal);
    appendTo(byName, principal.name, principal);
  }
  return ({ arn, roleUrn }) => {
    const resource = roleUrn === undefined ? undefined : byUrn.get(roleUrn);
    const knownArn = arn instanceof Unknown ? undefined : known(arn);
    if (resource !== undefined || knownArn === undefined) return resource;
    // A literal ARN may be that of a role whose account or path is unknown: then its name decides.
    const candidates = byName.get(knownArn.slice(knownArn.lastIndexOf("/") + 1)) ?? [];
    return candidates.find((principal) => equal(principal.arn, text(knownArn)) !== "no");
  };
}

/** Whether the role trusts the API's service. */
export function trustsService(principal: PrincipalFacts, service: string): Decision {
  return decideTrust({
    trust: principal.trust ?? new Unknown(),
    resourceControl: principal.resourceControl,
    request: {
      principal: { kind: "service", name: service },
      action: "sts:AssumeRole",
      resource: principal.arn,
      context: assumeRoleContext({ service }),
    },
  });
}
