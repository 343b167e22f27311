import { API_GATEWAY } from "../../../aws";
import {
  type Decision,
  decideTrust,
  known,
  type PolicyDocument,
  type PolicySource,
  serviceAccountContext,
  serviceTrustContext,
  show,
  type Text,
  Unknown,
} from "../../../iam";
import type { PrincipalFacts, RoleUse, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { roleFinder } from "../../decisions/credentials-roles";
import { namedRoutes } from "./identity-pool-trust";
import { routeCalls } from "./service-calls";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

const ASSUME: readonly string[] = ["sts:AssumeRole"];

/**
 * Roles that are intended to call routes and whose trust policy certainly denies the service that is to assume them:
 * the service that makes the call, or that gives a program the role's credentials.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
 */
export function untrustedServices(access: Access): readonly CallerRouteVerdict[] {
  const findRole = roleFinder(access);
  const ofCalls = [...routeCalls(access)].flatMap(([principal, calls]) =>
    calls.flatMap(({ call, routes }) => trustVerdicts(principal, call, ASSUME, [routes])),
  );
  const ofUses = access.facts.roleUses.flatMap((use) => {
    const principal = findRole(use.role);
    return principal === undefined
      ? []
      : trustVerdicts(principal, use, use.actions, namedRoutes(access, principal));
  });
  return [...ofCalls, ...ofUses];
}

function trustVerdicts(
  principal: PrincipalFacts,
  { label, service, subject }: Pick<RoleUse, "label" | "service" | "subject">,
  actions: readonly string[],
  routesByApi: readonly (readonly Route[])[],
): readonly CallerRouteVerdict[] {
  const missing = actions.flatMap((action) => {
    const decision =
      subject === undefined
        ? trustDenial(principal, service, action)
        : webIdentityDenial(principal, subject, action);
    return decision === undefined ? [] : [{ action, decision }];
  });
  const [first] = missing;
  if (first === undefined) return [];
  return routesByApi.map((routes) =>
    callerRouteVerdict({
      outcome: "denied",
      cause: "service-not-trusted",
      urn: principal.urn,
      routes,
      principal,
      decision: first.decision,
      user: { label, service, ...(subject === undefined ? {} : { subject: show(subject) }) },
      actions: missing.map(({ action }) => action),
    }),
  );
}

/**
 * The decision that denies a service; `undefined` if it may be allowed under one of the names that a statement may use.
 */
function trustDenial(principal: PrincipalFacts, service: string, action: string): Decision | undefined {
  const knownTrust = knownTrustOf(principal);
  if (knownTrust === undefined) return undefined;
  const { trust, document } = knownTrust;
  const decisions = [service, ...otherNames(document, service)].map((name) =>
    decideTrust({
      trust,
      resourceControl: principal.resourceControl,
      request: {
        principal: { kind: "service", name },
        action,
        resource: principal.arn,
        context: serviceTrustContext({ service: name, setsSourceAccount: service !== API_GATEWAY }),
      },
    }),
  );
  return decisions.every(({ answer }) => answer === "no") ? decisions[0] : undefined;
}

function knownTrustOf({
  trust,
  external,
}: PrincipalFacts): { readonly trust: PolicySource; readonly document: PolicyDocument } | undefined {
  if (external || trust === undefined || trust instanceof Unknown) return undefined;
  const { document } = trust;
  return document instanceof Unknown || document.opaque !== undefined ? undefined : { trust, document };
}

/** A provider that the trust policy does not name. */
const OTHER_PROVIDER = "arn:aws:iam::000000000000:oidc-provider/other";

/** `arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE` */
const PROVIDER = /:oidc-provider\/(.{1,255})$/;

/** The decision that denies a web identity, for every OpenID Connect provider that the trust policy names. */
function webIdentityDenial(principal: PrincipalFacts, subject: Text, action: string): Decision | undefined {
  const knownTrust = knownTrustOf(principal);
  if (knownTrust === undefined) return undefined;
  const namedProviders = knownTrust.document.statements.flatMap((statement) =>
    (statement.principal?.entries ?? []).flatMap((entry) => (entry.kind === "federated" ? [entry.text] : [])),
  );
  if (namedProviders.some((provider) => known(provider) === undefined)) return undefined;
  const providers = namedProviders.flatMap((provider) => known(provider) ?? []);
  const decisions = [...new Set([...providers, OTHER_PROVIDER])].map((provider) =>
    decideTrust({
      trust: knownTrust.trust,
      resourceControl: principal.resourceControl,
      request: {
        principal: { kind: "federated", name: provider },
        action,
        resource: principal.arn,
        context: serviceAccountContext({
          provider,
          issuer: PROVIDER.exec(provider)?.[1]?.toLowerCase() ?? provider,
          subject,
        }),
      },
    }),
  );
  return decisions.every(({ answer }) => answer === "no") ? decisions[0] : undefined;
}

/**
 * The names with a region or a partition that a trust policy has for a service: `states.us-east-1.amazonaws.com`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
 */
function otherNames({ statements }: PolicyDocument, service: string): readonly string[] {
  const head = `${service.slice(0, service.indexOf(".amazonaws."))}.`;
  return statements.flatMap(({ principal }) =>
    (principal?.entries ?? []).flatMap((entry) => {
      const name = entry.kind === "service" ? known(entry.text) : undefined;
      return name?.startsWith(head) && name !== service ? [name] : [];
    }),
  );
}
