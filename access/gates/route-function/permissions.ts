import { and, show, subjectKey, type Text, Unknown, type UnknownReason } from "../../../iam";
import { type FunctionTarget, type LambdaIntegration, type Route, serviceOf } from "../../../stack";
import { cached, textKey } from "../../../stack/pulumi/keys";
import type { Wanted } from "../../answer";
import type { Access } from "../../decisions/access";
import { trustsService } from "../../decisions/credentials-roles";
import {
  anyRequest,
  certainlyReceives,
  seenFrom,
  sourceArns,
  stageNames,
  undocumentedArn,
} from "../../requests/routes";
import { pathName, routeName, targetName } from "../../unknowns";
import { groupVerdicts } from "../../verdict";
import { ofIntegration, permissionAnswer, type SourceArnAnswer } from "../invoke-permission";
import { type RouteFunctionVerdict, routeFunctionVerdict } from "./verdict";

/** Routes without credentials: whether the function's resource policy allows API Gateway to invoke it. */
export function functionPermissions(access: Access, wanted: Wanted = "all"): readonly RouteFunctionVerdict[] {
  const isAllowedForAll = allowedForAllRequests(access);
  const verdicts = access.facts.routes.flatMap((route) => {
    const { integration } = route;
    if (integration === undefined || integration.credentials.mode !== "none") return [];
    const { target } = integration;
    if (wanted === "reported" && isAllowedForAll(route, target)) return [];
    const verdict = permissionOfRoute(access, route, integration, target);
    return route.unknownBody === undefined
      ? verdict
      : permissionForUnknownBody(access, route, target, verdict);
  });
  return groupVerdicts(verdicts, reasonKey);
}

/** Whether a function certainly allows API Gateway to invoke it, for every request to the route's API. */
function allowedForAllRequests(access: Access): (route: Route, target: FunctionTarget) => boolean {
  const byStages = new Map<Route["stages"], Map<string, boolean>>();
  return (route, target) => {
    const { api, stages } = route;
    const { arn, function: fn } = target;
    if (arn instanceof Unknown || target.mayHaveQualifier || route.request !== undefined) return false;
    const answers = cached(byStages, stages, () => new Map<string, boolean>());
    return cached(answers, `${api.urn} ${fn?.urn} ${textKey(arn)}`, () =>
      stageNames(route, "service").every((stage) => {
        const source = anyRequest(seenFrom(arn, route).api, stage);
        return access.functions.allowsInvokeFrom(api, source, { ...target, arn }).answer === "yes";
      }),
    );
  };
}

/** The routes of a body have the same URN: those that fail for the same reason are reported together. */
function reasonKey(verdict: RouteFunctionVerdict): string {
  const { urn, outcome, cause, target } = verdict;
  const arn = target.arn instanceof Unknown ? "" : show(target.arn);
  const failing = "failing" in verdict ? verdict.failing : undefined;
  const unknowns = verdict.unknowns.map(subjectKey);
  return JSON.stringify([urn, outcome, cause, failing, target.function?.urn, arn, unknowns]);
}

/**
 * An unknown body may give its integrations credentials, the caller's or a role's, and then the function needs no
 * permission; neither is visible in the body's dependencies. Nor does the body necessarily call a function that it
 * depends on: a description may name it. A role among its dependencies that may invoke the function probably does.
 */
function permissionForUnknownBody(
  access: Access,
  route: Route,
  target: FunctionTarget,
  verdict: RouteFunctionVerdict,
): RouteFunctionVerdict {
  if (verdict.outcome !== "denied" || !("decision" in verdict)) return verdict;
  const allowedRole = access.facts.principals
    .filter((principal) => route.unknownBody?.roles.includes(principal.urn))
    .map((role) => {
      const decision = access.functions.invoke(role, target, "credentials-role");
      return {
        decision,
        answer: and([decision.answer, trustsService(role, serviceOf(route.api).principal).answer]),
      };
    })
    .find(({ answer }) => answer === "yes");
  if (allowedRole !== undefined)
    return { ...verdict, outcome: "allowed", cause: "policies", decision: allowedRole.decision };
  return { ...verdict, outcome: "unproven", unknowns: [unknownIntegrationInBody(verdict, target)] };
}

function unknownIntegrationInBody(
  { inferredFrom }: RouteFunctionVerdict,
  target: FunctionTarget,
): UnknownReason {
  return {
    subject: { code: "integration-in-body", target: targetName(target) },
    dependsOn: inferredFrom,
    resolution: { code: "permit-or-preview-body" },
  };
}

function permissionOfRoute(
  access: Access,
  route: Route,
  integration: LambdaIntegration,
  target: FunctionTarget,
): RouteFunctionVerdict {
  const answersFor = (arn: Text): readonly SourceArnAnswer[] =>
    stageNames(route, "service").flatMap((stage) =>
      [...sourceArns(seenFrom(arn, route), stage)].map(([verb, source]) => ({
        stage,
        verb,
        sourceArn: source,
        decision: access.functions.allowsInvokeFrom(route.api, source, { ...target, arn }),
      })),
    );
  const unknownFor = (failing: readonly SourceArnAnswer[]): UnknownReason | undefined => {
    if (!certainlyReceives(route, new Set(failing.map(({ verb }) => verb))))
      return unknownRemainingMethods(route);
    const denied = failing.some(({ decision }) => decision.reason === "explicit-deny");
    return !denied && mayBeLiteralAny(access, route, target) ? ANY_IN_SOURCE_ARN : undefined;
  };
  const answer = permissionAnswer(access, { target, answersFor, unknownFor });
  return routeFunctionVerdict({ ...ofIntegration(route, integration), ...answer });
}

/**
 * Whether a permission allows a source ARN that API Gateway might present for an `ANY` route, on any qualifier of the
 * function.
 */
function mayBeLiteralAny(access: Access, route: Route, target: FunctionTarget): boolean {
  const qualifiedTargets = target.mayHaveQualifier
    ? access.functionPolicies.ofTarget(target).onOtherQualifiers.map((permission) => permission.target)
    : [];
  return [target, ...qualifiedTargets].some(
    ({ arn }) =>
      !(arn instanceof Unknown) &&
      stageNames(route, "service").some((stage) => {
        const source = undocumentedArn(seenFrom(arn, route), stage);
        return (
          source !== undefined &&
          access.functions.allowsInvokeFrom(route.api, source, { ...target, arn }).answer !== "no"
        );
      }),
  );
}

function unknownRemainingMethods(route: Route): UnknownReason {
  return {
    subject: { code: "remaining-methods", path: pathName(route.path), route: routeName(route) },
    dependsOn: [],
    resolution: { code: "any-method-or-preview-routes" },
  };
}

const ANY_IN_SOURCE_ARN: UnknownReason = {
  subject: { code: "any-in-source-arn" },
  dependsOn: [],
  resolution: { code: "any-method" },
};
