import { EXECUTE_API_INVOKE } from "../../../aws";
import {
  type Decision,
  decideResource,
  executeApiContext,
  show,
  Unknown,
  type UnknownReason,
} from "../../../iam";
import type { Api, Route, VpcEndpoint } from "../../../stack";
import { groupBy } from "../../../stack/pulumi/keys";
import type { Outcome } from "../../answer";
import type { Access } from "../../decisions/access";
import { isClosedPrivateApi } from "../../decisions/private-apis";
import { stageNames } from "../../requests/routes";
import { type ResourcePolicyVerdict, resourcePolicyVerdict } from "./verdict";

/**
 * Whether the resource policy of a REST API allows requests to its routes without IAM authorization. Its effect on
 * principals is evaluated with the callers.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function resourcePolicies(access: Access): readonly ResourcePolicyVerdict[] {
  return access.facts.apis.flatMap((api): readonly ResourcePolicyVerdict[] => {
    if (api.kind !== "REST" || api.external) return [];
    const routes = access.routes.ofApi(api).filter(({ integration }) => integration !== undefined);
    if (routes.length === 0) return [];
    if (isClosedPrivateApi(access, api)) return [closedApi(api, routes)];
    return api.policies.length === 0 ? [] : routeVerdicts(access, api, routes);
  });
}

/** If the API is not deployed in this stack, its deployment elsewhere may add a policy first. */
function closedApi(api: Api, routes: readonly Route[]): ResourcePolicyVerdict {
  const base = { urn: api.urn, api, routes, cause: "private-api-without-resource-policy" } as const;
  if (routes.some((route) => route.stages.length > 0))
    return resourcePolicyVerdict({ ...base, outcome: "denied" });
  const unknown: UnknownReason = {
    subject: { code: "resource-policy-at-deployment", api: api.name },
    dependsOn: [],
    resolution: { code: "declare-resource-policy" },
  };
  return resourcePolicyVerdict({ ...base, outcome: "unproven", unknowns: [unknown] });
}

/**
 * New unknown resource policies that depend on principals of the stack, on APIs none of whose routes authenticates
 * principals: they probably name only those, and allow no other caller.
 */
export function policiesForPrincipals(access: Access): readonly ResourcePolicyVerdict[] {
  return access.facts.apis.flatMap((api): readonly ResourcePolicyVerdict[] => {
    const principals = api.policies.flatMap(({ grantees }) => grantees ?? []);
    const all = access.routes.ofApi(api);
    const needAllow = all.filter(
      ({ authorization }) => authorization === "NONE" || authorization === "OTHER",
    );
    const isForOthers = all.some(
      ({ authorization, unknownBody }) =>
        unknownBody !== undefined || authorization instanceof Unknown || authorization === "AWS_IAM",
    );
    if (principals.length === 0 || isForOthers || needAllow.length === 0 || api.external) return [];
    if (api.policies.some(({ grantees }) => grantees === undefined)) return [];
    return [
      resourcePolicyVerdict({
        urn: api.urn,
        api,
        routes: needAllow,
        outcome: "denied",
        cause: "resource-policy-for-principals",
        inferredFrom: principals,
      }),
    ];
  });
}

interface Evaluated {
  readonly route: Route;
  readonly outcome: Outcome;
  readonly decision: Decision;
  readonly unknowns: readonly UnknownReason[];
}

function routeVerdicts(access: Access, api: Api, routes: readonly Route[]): readonly ResourcePolicyVerdict[] {
  const evaluated = routes.flatMap((route) => evaluatedRoute(access, api, route) ?? []);
  const denied = evaluated.filter(({ outcome }) => outcome === "denied");
  // A policy that denies some routes to everyone, and no others, does so intentionally.
  const reported =
    denied.length < evaluated.length
      ? evaluated.filter((entry) => entry.outcome !== "denied" || !isPlainDeny(api, entry.decision))
      : evaluated;
  return groupBy(reported, ({ outcome, decision, unknowns }) =>
    JSON.stringify([outcome, decision.reason, unknowns.map(({ subject }) => subject)]),
  ).map((group) => {
    const [{ outcome, decision, unknowns }] = group;
    return resourcePolicyVerdict({
      urn: api.urn,
      api,
      routes: group.map(({ route }) => route),
      outcome,
      cause: "policies",
      decision,
      unknowns,
    });
  });
}

/** An explicit deny that every request matches. */
function isPlainDeny(api: Api, { reason, decidedBy }: Decision): boolean {
  if (reason !== "explicit-deny" || decidedBy === undefined) return false;
  return api.policies.some(
    ({ document }) =>
      document === decidedBy.source.document &&
      !(document instanceof Unknown) &&
      document.statements.some(
        (statement) => statement.index === decidedBy.index && statement.conditions.length === 0,
      ),
  );
}

/** The most permissive decision of the stages; `undefined` where it depends on each request. */
function evaluatedRoute(access: Access, api: Api, route: Route): Evaluated | undefined {
  if (route.authorization instanceof Unknown || route.authorization === "AWS_IAM") return undefined;
  const byStage = stageNames(route, "caller").map((stage) => evaluatedOn(access, api, route, stage));
  for (const outcome of ["allowed", "varies", "unproven"] as const) {
    const best = byStage.find((onStage) => onStage.outcome === outcome);
    if (best !== undefined) return best.outcome === "varies" ? undefined : { ...best, outcome: best.outcome };
  }
  const [first] = byStage;
  return first === undefined ? undefined : { ...first, outcome: "denied" };
}

type OnStage = Omit<Evaluated, "outcome"> & { readonly outcome: Evaluated["outcome"] | "varies" };

function evaluatedOn(
  access: Access,
  api: Api,
  route: Route,
  stage: Parameters<Access["routes"]["callerArn"]>[1],
): OnStage {
  const decide = (through?: VpcEndpoint): Decision =>
    decideResource({
      request: {
        principal: { kind: "anonymous" },
        action: EXECUTE_API_INVOKE,
        resource: access.routes.callerArn(route, stage),
        context: executeApiContext({
          privateApi: api.private,
          ...(through === undefined ? {} : { vpcEndpoint: through }),
        }),
      },
      resource: { sources: api.policies, unseen: [] },
    });
  const decision = decide();
  const entry = { route, decision, unknowns: [] };
  if (decision.answer === "yes") return { ...entry, outcome: "allowed" };
  if (decision.answer === "no") {
    if (!isRefused(route, decision)) return { ...entry, outcome: "varies" };
    const sometimes = api.policies.filter(({ mayNotExist }) => mayNotExist === true);
    if (sometimes.length === 0) return { ...entry, outcome: "denied" };
    return { ...entry, outcome: "unproven", unknowns: sometimes.map(unknownWhetherKept) };
  }
  const isPolicyUnknown = api.policies.some((policy) => policy.isUnknown === true);
  const hidden = decision.unknowns.filter(({ dependsOn }) => isPolicyUnknown || dependsOn.length > 0);
  if (hidden.length > 0 && mayBeRefused(route, decision))
    return { ...entry, outcome: "unproven", unknowns: hidden };
  const through = api.vpcEndpoints.map((endpoint) => decide(endpoint));
  const isDeniedThroughAll =
    through.length > 0 &&
    through.every((throughEndpoint) => throughEndpoint.answer === "no" && isRefused(route, throughEndpoint));
  return isDeniedThroughAll
    ? { ...entry, outcome: "unproven", unknowns: [unknownVpcEndpoint(api)] }
    : { ...entry, outcome: "varies" };
}

/**
 * If the resource policy has no matching statement, the allow of a Lambda authorizer is sufficient: only explicit denies
 * apply. Without authorization, and with Cognito, the resource policy itself must allow the request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-resource-policies-iam-policies-interaction
 */
function isRefused({ authorization }: Route, { reason }: Decision): boolean {
  return authorization !== "LAMBDA" || reason === "explicit-deny";
}

function mayBeRefused({ authorization }: Route, { parts }: Decision): boolean {
  return authorization !== "LAMBDA" || parts?.deny !== "no";
}

function unknownWhetherKept({ label }: Api["policies"][number]): UnknownReason {
  return { subject: { code: "resource-policy-kept", policy: label }, dependsOn: [] };
}

/**
 * The association gives an API its DNS names; requests may come through every endpoint for execute-api.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/associate-private-api-with-vpc-endpoint.html
 */
function unknownVpcEndpoint({ name, vpcEndpoints }: Api): UnknownReason {
  return {
    subject: {
      code: "vpc-endpoint",
      api: name,
      endpoints: vpcEndpoints.map(({ id, label }) => label ?? show(id)),
    },
    dependsOn: [],
    resolution: { code: "same-vpc-endpoints" },
  };
}
