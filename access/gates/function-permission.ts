import { and, type Doubt, show, type Text, Unknown } from "../../iam";
import type { FunctionTarget, LambdaIntegration, Route } from "../../stack";
import type { Access } from "../decisions/access";
import {
  seenFrom,
  showPath,
  showRoute,
  sourceArns,
  stageNames,
  surelyAsked,
  undocumentedArn,
} from "../requests/routes";
import type { Verdict } from "../verdict";
import { trustsApiGateway } from "./credentials-roles";
import { ofIntegration, permissionVerdict, type SourceArnAnswer, showTarget } from "./permission-verdict";

/** Routes without credentials: does the function's resource policy let API Gateway in? */
export function functionPermissions(access: Access): readonly Verdict[] {
  const verdicts = access.facts.routes.flatMap((route) => {
    const { integration } = route;
    if (integration === undefined || integration.credentials.mode !== "none") return [];
    const { target } = integration;
    const verdict = permissionOfRoute(access, route, integration, target);
    return route.unread === undefined ? verdict : permissionOfUnread(access, route, target, verdict);
  });
  return oncePerReason(verdicts);
}

/** All routes of a body stand under one URN: those that fail for one reason are told together. */
function oncePerReason(verdicts: readonly Verdict[]): readonly Verdict[] {
  const groups = new Map<string, { verdict: Verdict; routes: Route[] }>();
  for (const verdict of verdicts) {
    const { target } = verdict;
    const arn = target === undefined || target.arn instanceof Unknown ? "" : show(target.arn);
    const { urn, outcome, cause, only } = verdict;
    const doubts = verdict.doubts.map((doubt) => doubt.what).join();
    const id = JSON.stringify([urn, outcome, cause, only, target?.function?.urn, arn, doubts]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { verdict, routes: [...verdict.routes] });
    else group.routes.push(...verdict.routes);
  }
  return [...groups.values()].map(({ verdict, routes }) => ({ ...verdict, routes }));
}

/**
 * A body that the plan does not show may give its integrations credentials, the caller's or a role's, and then the
 * function needs no permission; neither leaves a trace in what the body depends on. Nor is a function that it depends
 * on called by it: a description may name it. A role among its dependencies that may invoke the function is there to
 * do so.
 */
function permissionOfUnread(access: Access, route: Route, target: FunctionTarget, verdict: Verdict): Verdict {
  if (verdict.outcome !== "denied") return verdict;
  const covering = access.facts.principals
    .filter((principal) => route.unread?.roles.includes(principal.urn))
    .map((role) => {
      const decision = access.functions.invoke(role, target, "credentials-role");
      return { decision, answer: and([decision.answer, trustsApiGateway(role).answer]) };
    })
    .find(({ answer }) => answer === "yes");
  if (covering !== undefined)
    return { ...verdict, outcome: "allowed", cause: "policies", decision: covering.decision };
  return { ...verdict, outcome: "unproven", doubts: [whetherByPermission(verdict, target)] };
}

function whetherByPermission({ inferredFrom }: Verdict, target: FunctionTarget): Doubt {
  return {
    what: `whether an integration in the body calls ${showTarget(target)}, and if so, whether it has credentials, with which the function needs no permission`,
    from: inferredFrom.map((origin) => origin.label),
    settle:
      "give the function an aws.lambda.Permission for this API, or preview again once the body is shown",
  };
}

function permissionOfRoute(
  access: Access,
  route: Route,
  integration: LambdaIntegration,
  target: FunctionTarget,
): Verdict {
  const asked = (arn: Text): readonly SourceArnAnswer[] =>
    stageNames(route, "API Gateway").flatMap((stage) =>
      [...sourceArns(seenFrom(arn, route), stage)].map(([verb, source]) => ({
        stage,
        verb,
        asked: source,
        decision: access.functions.allowsInvokeFrom(target, source, route.api.scope.account, arn),
      })),
    );
  const base = {
    gate: "route-function",
    ...ofIntegration(route, integration),
  } as const;
  return permissionVerdict(access, base, target, asked, (failing) => {
    if (!surelyAsked(route, new Set(failing.map(({ verb }) => verb)))) return verbsBeside(route);
    const denied = failing.some(({ decision }) => decision.reason === "explicit deny");
    return !denied && mayBeLiteralAny(access, route, target) ? ANY_IN_SOURCE_ARN : undefined;
  });
}

/** Whether a permission lets in what API Gateway might present for an `ANY` route, wherever the function is called. */
function mayBeLiteralAny(access: Access, route: Route, target: FunctionTarget): boolean {
  const others = target.mayBeQualified
    ? access.functionPolicies.of(target).onOtherQualifiers.map((permission) => permission.target)
    : [];
  return [target, ...others].some(
    ({ arn }) =>
      !(arn instanceof Unknown) &&
      stageNames(route, "API Gateway").some((stage) => {
        const source = undocumentedArn(seenFrom(arn, route), stage);
        return (
          source !== undefined &&
          access.functions.allowsInvokeFrom(target, source, route.api.scope.account, arn).answer !== "no"
        );
      }),
  );
}

function verbsBeside(route: Route): Doubt {
  return {
    what: `which verbs other routes of ${showPath(route.path)} take from ${showRoute(route)}`,
    from: [],
    settle:
      "write * for the verb in the permission's source ARN; or preview again once the other routes are shown",
  };
}

const ANY_IN_SOURCE_ARN: Doubt = {
  what: "whether API Gateway presents ANY, as the permission's source ARN says, or the request's own verb for an ANY route of an HTTP API",
  from: [],
  settle: "write * for the verb in the permission's source ARN: it covers both",
};
