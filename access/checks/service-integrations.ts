import {
  type Decision,
  decide,
  integrationRoleContext,
  type PolicySource,
  type Principal,
  splitArn,
  type Text,
  text,
  Unknown,
  type UnknownReason,
} from "../../iam";
import { isTargetOf, type PrincipalFacts, type ServiceIntegration, serviceOf } from "../../stack";
import type { Access } from "../decisions/access";
import { roleFinder, trustsService } from "../decisions/credentials-roles";
import { asPrincipal } from "../decisions/principals";

/** An integration with a service whose role lacks the action, or cannot be assumed. */
export interface RefusedIntegration {
  readonly integration: ServiceIntegration;
  readonly principal: PrincipalFacts;
  readonly lacks: "action" | "trust";
  readonly decision: Decision;
}

/** An integration where it is unknown whether its role can be assumed, or whether the role has the action. */
export interface UnprovenIntegration {
  readonly integration: ServiceIntegration;
  readonly principal: PrincipalFacts;
  readonly gate: "action" | "trust";
  readonly unknowns: readonly UnknownReason[];
}

/** The integrations with other services that certainly fail, and those for which unknown values decide. */
export interface ServiceAnswers {
  readonly refused: readonly RefusedIntegration[];
  readonly unproven: readonly UnprovenIntegration[];
}

/**
 * Integrations with services other than Lambda: whether the credentials role has the action and trusts the API's service.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function serviceIntegrations(access: Access): ServiceAnswers {
  const findRole = roleFinder(access);
  const refused: RefusedIntegration[] = [];
  const unproven: UnprovenIntegration[] = [];
  for (const integration of access.facts.serviceIntegrations) {
    const principal = findRole(integration.credentials);
    if (principal === undefined || principal.external) continue;
    const trust = trustsService(principal, serviceOf(integration.api).principal);
    if (trust.answer === "no") refused.push({ integration, principal, lacks: "trust", decision: trust });
    if (trust.answer === "unknown")
      unproven.push({ integration, principal, gate: "trust", unknowns: trust.unknowns });
    const denied = deniedByResource(access, integration, principal);
    if (denied !== undefined) {
      refused.push({ integration, principal, lacks: "action", decision: denied });
      continue;
    }
    // The pack knows only those statements of AWS managed policies that are about routes and functions.
    if (access.facts.rolesWithAwsPolicies.has(principal.urn)) continue;
    const decision = decideCall(integration, principal);
    if (decision.answer === "no") {
      const byResource = allowedByResource(access, integration, principal, decision);
      if (byResource.answer === "no") refused.push({ integration, principal, lacks: "action", decision });
      if (byResource.answer === "unknown")
        unproven.push({ integration, principal, gate: "action", unknowns: byResource.unknowns });
    }
    // Each request chooses the resource, so the answer is unknown only where the plan does not show part of the
    // policies.
    if (
      decision.answer === "unknown" &&
      mayGrantMore(principal) &&
      !isProbablyAllowed(integration, principal)
    )
      unproven.push({ integration, principal, gate: "action", unknowns: decision.unknowns });
  }
  return { refused, unproven };
}

/** @param resourcePolicy the resource policy that also applies, and the resource that it is on */
function decideCall(
  { action, resource, api }: ServiceIntegration,
  principal: PrincipalFacts,
  resourcePolicy?: { readonly resource: Text; readonly source: PolicySource },
): Decision {
  const caller = asPrincipal(principal);
  // A resource policy may contain the account where nothing else shows it.
  const role =
    resourcePolicy !== undefined && api.scope.isAccountAssumed ? withUnknownAccount(caller) : caller;
  return decide({
    request: {
      principal: role,
      action,
      resource: resourcePolicy?.resource ?? resource,
      context: integrationRoleContext({ role }),
    },
    identity: principal,
    ...(resourcePolicy === undefined ? {} : { resource: { sources: [resourcePolicy.source], unseen: [] } }),
    sameAccount: "yes",
  });
}

function withUnknownAccount(principal: Principal): Principal {
  const parts = "arn" in principal ? splitArn(principal.arn) : undefined;
  if (parts === undefined || !("arn" in principal)) return principal;
  const account: Text = [{ id: "account", shape: "digits", label: { code: "account" }, origins: [] }];
  return {
    ...principal,
    arn: text("arn:", parts.partition, ":iam::", account, ":", parts.resource),
    account,
  };
}

/** The resource that a resource policy is evaluated for: for a bucket, its objects. */
function calledResource({ target, action, resource }: ServiceIntegration): Text {
  if (target === undefined || S3_ACTION.test(action)) return resource;
  return target.arn;
}

const S3_ACTION = /^s3:/;

/**
 * An explicit deny in the resource policy of the target, which overrides the role's own policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
function deniedByResource(
  { facts }: Access,
  integration: ServiceIntegration,
  principal: PrincipalFacts,
): Decision | undefined {
  const { target } = integration;
  if (target === undefined) return undefined;
  return facts.servicePolicies
    .filter(({ target: targetUrn }) => targetUrn === target.urn)
    .map(({ source }) =>
      decideCall(integration, principal, { resource: calledResource(integration), source }),
    )
    .find(({ answer, reason }) => answer === "no" && reason === "explicit-deny");
}

/**
 * Whether a resource policy of the target allows the role, in place of its own policies: within an account either is
 * sufficient.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-resource-based.html
 * https://repost.aws/knowledge-center/sqs-queue-access-permissions
 */
function allowedByResource(
  { facts }: Access,
  integration: ServiceIntegration,
  principal: PrincipalFacts,
  { reason }: Decision,
): Pick<Decision, "answer" | "unknowns"> {
  const { action, target, mayHavePolicy } = integration;
  if (!mayHavePolicy || reason === "explicit-deny") return NO;
  const service = action.split(":")[0];
  const policies = facts.servicePolicies.filter(
    (policy) =>
      policy.service === service &&
      (policy.target === undefined || target === undefined || policy.target === target.urn),
  );
  const answers = policies.map((policy) => ({
    isOn: target !== undefined && policy.target === target.urn,
    decision: decideCall(integration, principal, {
      resource: calledResource(integration),
      source: policy.source,
    }),
  }));
  if (answers.some(({ isOn, decision }) => isOn && decision.answer === "yes"))
    return { answer: "yes", unknowns: [] };
  const notDenied = answers.filter(({ decision }) => decision.answer !== "no");
  // A target that is not in the stack may have a policy that is not in the stack either.
  if (notDenied.length === 0 && target !== undefined) return NO;
  const unknownResourcePolicy: UnknownReason = {
    subject: { code: "called-resource-policy", action },
    dependsOn: [],
    resolution: { code: "grant-in-stack" },
    could: "allow",
  };
  const unknowns = notDenied.flatMap(({ decision }) => decision.unknowns);
  return { answer: "unknown", unknowns: unknowns.length > 0 ? unknowns : [unknownResourcePolicy] };
}

const NO = { answer: "no", unknowns: [] } as const;

function mayGrantMore({ sources, unseen }: PrincipalFacts): boolean {
  return (
    unseen.length > 0 ||
    sources.some(
      ({ unknownDocument, document }) => unknownDocument !== undefined || document instanceof Unknown,
    )
  );
}

/** A new document that depends on a resource of the service probably grants access to it. */
function isProbablyAllowed({ action }: ServiceIntegration, { sources }: PrincipalFacts): boolean {
  return sources.some(
    ({ unknownDocument, inferredFrom, document }) =>
      (unknownDocument?.mayInfer ?? document instanceof Unknown) &&
      (inferredFrom ?? []).some(({ key }) => isTargetOf(action, key.split("::")[2] ?? "")),
  );
}
