import {
  and,
  type Decision,
  type Doubt,
  equal,
  known,
  show,
  splitArn,
  type Text,
  type Trilean,
  text,
  Unknown,
} from "../iam";
import type { Api, Credentials, FunctionTarget, LambdaIntegration, PrincipalFacts, Route } from "../stack";
import { type Access, INVOKE, settled } from "./access";
import { grantsByText } from "./by-text";
import {
  anyRequest,
  authorizerArn,
  seenFrom,
  showRoute,
  sourceArns,
  stageNames,
  undocumentedArn,
} from "./routes";
import { type Cause, originsTogether, type Verdict } from "./verdict";

/** One source ARN and what the function's resource policy says of it. */
interface Asked {
  readonly stage: Text;
  readonly verb: string;
  readonly asked: Text;
  readonly decision: Decision;
}

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
 * A body that the plan does not show may hold credentials, and then the function needs no permission. A role that
 * the body is computed from and that may invoke the function is there to do so; the caller's credentials leave no
 * trace, and are as likely where callers may invoke the function themselves while no function at all has a
 * permission for this API.
 */
function permissionOfUnread(access: Access, route: Route, target: FunctionTarget, verdict: Verdict): Verdict {
  if (verdict.outcome !== "denied" || verdict.decision?.reason === "explicit deny") return verdict;
  const roles = access.facts.principals
    .filter((principal) => route.unread?.roles.includes(principal.urn))
    .map((role) => {
      const decision = access.invoke(role, target, "integration role");
      return { role, decision, answer: and([decision.answer, access.trustsApiGateway(role).answer]) };
    });
  const covering = roles.find(({ answer }) => answer === "yes");
  if (covering !== undefined)
    return { ...verdict, outcome: "allowed", cause: "policies", decision: covering.decision };
  const other =
    roles.find(({ answer }) => answer === "unknown")?.role ??
    (hasPermissions(access, route)
      ? undefined
      : access.facts.principals.find(
          (principal) =>
            access
              .callPatterns(principal)
              .some((pattern) => access.reachesApi(pattern, route.api) !== "no") &&
            access.invoke(principal, target, "passthrough").answer === "yes",
        ));
  if (other === undefined) return verdict;
  return {
    ...verdict,
    outcome: "unproven",
    doubts: [
      {
        what: `whether the integrations in the body use the credentials of ${other.label}, which may invoke the function`,
        from: verdict.inferredFrom.map((origin) => origin.label),
        settle:
          "give the function an aws.lambda.Permission for this API, or preview again once the body is shown",
      },
    ],
  };
}

function hasPermissions(access: Access, route: Route): boolean {
  const { api } = route;
  return access.facts.permissions.some(
    ({ target }) =>
      !(target.arn instanceof Unknown) &&
      access.letsIn(target, anyRequest(seenFrom(target.arn, route).api), api.scope.account, target.arn)
        .answer !== "no",
  );
}

function permissionOfRoute(
  access: Access,
  route: Route,
  integration: LambdaIntegration,
  target: FunctionTarget,
): Verdict {
  const asked = (arn: Text): readonly Asked[] =>
    stageNames(route, "API Gateway").flatMap((stage) =>
      [...sourceArns(seenFrom(arn, route), stage)].map(([verb, source]) => ({
        stage,
        verb,
        asked: source,
        decision: access.letsIn(target, source, route.api.scope.account, arn),
      })),
    );
  const base = {
    gate: "function lets API Gateway in",
    urn: integration.urn,
    routes: [route],
    api: route.api,
    target,
    integration,
    actions: [INVOKE],
  } as const;
  const verdict = permissionVerdict(access, base, target, asked);
  if (verdict.outcome !== "denied" || verdict.decision?.reason === "explicit deny") return verdict;
  const arn = verdict.target?.arn;
  const literalAny =
    arn !== undefined &&
    !(arn instanceof Unknown) &&
    stageNames(route, "API Gateway").some((stage) => {
      const source = undocumentedArn(seenFrom(arn, route), stage);
      return (
        source !== undefined && access.letsIn(target, source, route.api.scope.account, arn).answer !== "no"
      );
    });
  return literalAny ? { ...verdict, outcome: "unproven", doubts: [ANY_IN_SOURCE_ARN] } : verdict;
}

const ANY_IN_SOURCE_ARN: Doubt = {
  what: "whether API Gateway presents ANY, as the permission's source ARN says, or the request's own verb for an ANY route of an HTTP API",
  from: [],
  settle: "write * for the verb in the permission's source ARN: it covers both",
};

type Base = Pick<Verdict, "gate" | "urn" | "routes" | "actions"> & Partial<Verdict> & { readonly api: Api };

/** The verdict on a function's resource policy, for a route or an authorizer. */
function permissionVerdict(
  access: Access,
  base: Base,
  target: FunctionTarget,
  ask: (arn: Text) => readonly Asked[],
): Verdict {
  const { arn } = target;
  if (arn instanceof Unknown) {
    return {
      ...base,
      outcome: "unproven",
      cause: "policies",
      inferredFrom: [],
      notes: [],
      doubts: [{ what: "which function it calls", from: arn.from.map((origin) => origin.label) }],
    };
  }
  const answers = ask(arn);
  const answer = and(answers.map((one) => one.decision.answer));
  if (answer !== "yes" && target.otherQualifier !== undefined && target.function !== undefined) {
    const other = text(target.function.arn, ":", target.otherQualifier);
    const others = ask(other);
    if (and(others.map((one) => one.decision.answer)) === "yes") {
      return permissionAnswer(
        access,
        base,
        { ...target, arn: other, qualifier: target.otherQualifier },
        others,
        "yes",
      );
    }
  }
  const verdict = permissionAnswer(access, base, target, answers, answer);
  if (verdict.outcome !== "denied" || verdict.decision?.reason === "explicit deny" || !target.mayBeQualified)
    return verdict;
  const likely = access
    .statementsOf(target)
    .elsewhere.map((permission) => permission.target)
    .find(
      (on) => !(on.arn instanceof Unknown) && and(ask(on.arn).map((one) => one.decision.answer)) !== "no",
    );
  return likely === undefined
    ? verdict
    : { ...verdict, outcome: "unproven", doubts: [whichQualifier(target, likely)] };
}

/** The function may be called by the version or alias that a permission is on. */
function whichQualifier(target: FunctionTarget, likely: FunctionTarget): Doubt {
  return {
    what: `whether ${showTarget(target)} or ${showTarget(likely)} is called`,
    from: (target.inferredFrom ?? []).map((origin) => origin.label),
    settle: "preview again once the function exists, or use the ARN or URI that the alias itself gives",
  };
}

function permissionAnswer(
  access: Access,
  base: Base,
  target: FunctionTarget,
  answers: readonly Asked[],
  answer: Trilean,
): Verdict {
  const wanted = answer === "yes" ? "yes" : answer === "no" ? "no" : "unknown";
  const shown = answers.find((one) => one.decision.answer === wanted) ?? answers[0];
  const statements = access.statementsOf(target);
  const outside =
    target.function === undefined && answer === "no" && shown?.decision.reason !== "explicit deny";
  const failing = answers.filter((one) => one.decision.answer === "no");
  const inferredFrom = originsTogether(
    target.inferredFrom,
    ...[...statements.permissions, ...statements.elsewhere].map((permission) => permission.inferredFrom),
  );
  const cause: Cause =
    answer !== "no"
      ? "policies"
      : statements.permissions.length > 0
        ? "policies"
        : statements.elsewhere.length > 0
          ? "other qualifier"
          : "no permission at all";
  return {
    ...base,
    outcome: answer === "yes" ? "allowed" : answer === "unknown" || outside ? "unproven" : "denied",
    cause,
    target,
    ...(shown === undefined ? {} : { decision: shown.decision, asked: show(shown.asked) }),
    ...(failing.length > 0 && failing.length < answers.length ? { only: onlySome(failing) } : {}),
    inferredFrom,
    doubts: outside
      ? [
          {
            what: `the resource policy of ${show(target.arn instanceof Unknown ? [] : target.arn)}, which is not a function of this stack`,
            from: [],
            settle:
              "run the pack on the stack that owns the function, or declare the function's permission here",
          },
        ]
      : answer === "unknown"
        ? (shown?.decision.doubts ?? [])
        : [],
    notes: statements.elsewhere
      .slice(0, 3)
      .map((permission) => `${permission.label} is on ${showTarget(permission.target)}`),
  };
}

export function showTarget(target: FunctionTarget): string {
  const name =
    target.function?.label ?? (target.arn instanceof Unknown ? "an unknown function" : show(target.arn));
  if (target.function === undefined) return name;
  return target.qualifier === undefined ? `${name} (unqualified)` : `${name}:${show(target.qualifier)}`;
}

function onlySome(failing: readonly Asked[]): string {
  const verbs = [...new Set(failing.map((one) => one.verb))].filter((verb) => verb !== "");
  const stages = [...new Set(failing.map((one) => show(one.stage)))];
  return `stage ${stages.slice(0, 5).join(", ")}${verbs.length > 0 ? `, ${verbs.join(", ")}` : ""}`;
}

/** Routes whose integration assumes a role: may that role invoke the function, and does it trust API Gateway? */
export function integrationRoles(access: Access): readonly Verdict[] {
  const groups = new Map<string, { verdict: Verdict; routes: Route[] }>();
  const findRole = roleFinder(access);
  for (const route of access.facts.routes) {
    const { integration } = route;
    if (integration === undefined) continue;
    const { credentials } = integration;
    if (credentials.mode === "unknown") {
      groups.set(`${integration.urn} ${showRoute(route)}`, {
        verdict: unknownCredentials(integration, credentials.from, route),
        routes: [route],
      });
      continue;
    }
    if (credentials.mode !== "role") continue;
    const base = {
      gate: "integration role may invoke the function",
      urn: integration.urn,
      routes: [route],
      api: route.api,
      integration,
      actions: [INVOKE],
    } as const;
    for (const found of roleVerdicts(access, findRole, base, credentials, integration.target)) {
      const verdict = unlessOther(found, integration);
      const id = [verdict.urn, verdict.outcome, verdict.cause, verdict.asked ?? integration.urn].join(" ");
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { verdict, routes: [route] });
      else group.routes.push(route);
    }
  }
  return [...groups.values()].map(({ verdict, routes }) => ({ ...verdict, routes }));
}

/** What may call no function at all is not denied a function. */
function unlessOther(verdict: Verdict, integration: LambdaIntegration): Verdict {
  if (verdict.outcome !== "denied" || !integration.mayBeOther) return verdict;
  const { arn } = integration.target;
  const from = arn instanceof Unknown ? arn.from.map((origin) => origin.label) : [];
  return { ...verdict, outcome: "unproven", doubts: [{ what: `what ${integration.label} calls`, from }] };
}

function unknownCredentials(
  integration: LambdaIntegration,
  from: readonly { label: string }[],
  route: Route,
): Verdict {
  return {
    gate: "integration role may invoke the function",
    outcome: "unproven",
    cause: "policies",
    urn: integration.urn,
    routes: [route],
    api: route.api,
    integration,
    target: integration.target,
    actions: [INVOKE],
    inferredFrom: [],
    doubts: [{ what: `the credentials of ${integration.label}`, from: from.map((origin) => origin.label) }],
    notes: [],
  };
}

type RoleCredentials = Extract<Credentials, { mode: "role" }>;

/** Finds credentials roles among the stack's principals. */
export type FindRole = (credentials: RoleCredentials) => PrincipalFacts | undefined;

export function roleFinder({ facts }: Access): FindRole {
  const byUrn = new Map<string, PrincipalFacts>();
  const byName = new Map<string, PrincipalFacts[]>();
  for (const principal of facts.principals) {
    if (principal.kind !== "role") continue;
    byUrn.set(principal.urn, principal);
    const same = byName.get(principal.name);
    if (same === undefined) byName.set(principal.name, [principal]);
    else same.push(principal);
  }
  return ({ arn, roleUrn }) => {
    const own = roleUrn === undefined ? undefined : byUrn.get(roleUrn);
    const shown = arn instanceof Unknown ? undefined : known(arn);
    if (own !== undefined || shown === undefined) return own;
    // A written ARN may be that of a role whose account or path is not shown: then its name tells.
    const named = byName.get(shown.slice(shown.lastIndexOf("/") + 1)) ?? [];
    return named.find((principal) => equal(principal.arn, text(shown)) !== "no");
  };
}

function roleVerdicts(
  access: Access,
  findRole: FindRole,
  base: Base,
  credentials: RoleCredentials,
  target: FunctionTarget,
): readonly Verdict[] {
  const role = findRole(credentials);
  const { arn } = credentials;
  // What is no ARN may be anything, a secret too.
  const shownArn = arn instanceof Unknown || !show(arn).startsWith("arn:") ? undefined : show(arn);
  const account = role?.account ?? (arn instanceof Unknown ? undefined : splitArn(arn)?.account);
  if (account !== undefined && equal(account, base.api.scope.account) === "no")
    return [
      {
        ...base,
        outcome: "denied",
        cause: "role of another account",
        target,
        ...(role === undefined ? {} : { urn: role.urn, principal: role }),
        ...(shownArn === undefined ? {} : { asked: shownArn }),
        inferredFrom: [],
        doubts: [],
        notes: [],
      },
    ];
  if (role === undefined)
    return [
      {
        ...base,
        outcome: "unproven",
        cause: "policies",
        target,
        ...(shownArn === undefined ? {} : { asked: shownArn }),
        inferredFrom: [],
        doubts: [
          {
            what: `the policies and the trust of ${shownArn ?? "the credentials role"}, which is not a role of this stack`,
            from: credentials.from.map((origin) => origin.label),
            settle: "run the pack on the stack that owns the role",
          },
        ],
        notes: [],
      },
    ];
  const inferredFrom = originsTogether(credentials.from, target.inferredFrom);
  const rights = access.invoke(role, target, "integration role");
  const trust = access.trustsApiGateway(role);
  const about = { ...base, urn: role.urn, principal: role, target, inferredFrom };
  const asked = target.arn instanceof Unknown ? {} : { asked: show(target.arn) };
  return [
    verdictOf(
      { ...about, ...asked, cause: "policies", decision: rights },
      inferredFrom,
      role,
      grantsByText(role, target, rights),
    ),
    verdictOf(
      {
        ...about,
        asked: "sts:AssumeRole",
        actions: ["sts:AssumeRole"],
        cause: "role not trusted",
        decision: trust,
      },
      [],
    ),
  ];
}

function verdictOf(
  base: Base & { cause: Cause; decision: Decision },
  inferredFrom: Verdict["inferredFrom"],
  role?: PrincipalFacts,
  open: readonly Doubt[] = [],
): Verdict {
  const { answer, doubts } = base.decision;
  return {
    ...base,
    outcome: answer === "yes" ? "allowed" : answer === "no" && open.length === 0 ? "denied" : "unproven",
    inferredFrom: originsTogether(
      inferredFrom,
      ...(role?.sources ?? []).map((source) => source.inferredFrom),
    ),
    doubts: answer === "unknown" ? (base.target === undefined ? doubts : settled(base.target, doubts)) : open,
    notes: [],
  };
}

/** Lambda authorizers: may API Gateway invoke the authorizer's function? */
export function authorizers(access: Access): readonly Verdict[] {
  const findRole = roleFinder(access);
  return access.facts.authorizers.flatMap((authorizer): readonly Verdict[] => {
    const { credentials, target, urn, api } = authorizer;
    const base: Base = {
      gate: "function lets API Gateway in for the authorizer",
      urn,
      routes: [],
      api,
      target,
      authorizer,
      actions: [INVOKE],
    };
    if (credentials.mode === "role") {
      return roleVerdicts(access, findRole, base, credentials, target).map((verdict) => ({
        ...verdict,
        urn,
        authorizer,
      }));
    }
    if (credentials.mode === "unknown" || credentials.mode === "caller") {
      const doubt: Doubt = {
        what: `the credentials of ${authorizer.label}`,
        from: credentials.mode === "unknown" ? credentials.from.map((origin) => origin.label) : [],
      };
      return [
        { ...base, outcome: "unproven", cause: "policies", inferredFrom: [], doubts: [doubt], notes: [] },
      ];
    }
    return [
      permissionVerdict(access, base, target, (arn) => {
        const asked = authorizerArn(seenFrom(arn, authorizer));
        const decision = access.letsIn(target, asked, api.scope.account, arn);
        return [{ stage: [], verb: "", asked, decision }];
      }),
    ];
  });
}

/**
 * Integrations that pass the caller's credentials on where there are none, or where API Gateway refuses the
 * deployment ("Caller provided credentials not allowed when resource policy is set").
 */
export function impossiblePassthrough(access: Access): readonly Verdict[] {
  return access.facts.routes.flatMap((route): readonly Verdict[] => {
    const { integration } = route;
    if (integration?.credentials.mode !== "caller" || integration.mayBeOther) return [];
    const base = {
      gate: "caller's credentials may invoke the function",
      outcome: "denied",
      urn: integration.urn,
      routes: [route],
      api: route.api,
      integration,
      target: integration.target,
      actions: [INVOKE],
      inferredFrom: [],
      doubts: [],
      notes: [],
    } as const;
    const verdicts: Verdict[] = [];
    if (!(route.authorization instanceof Unknown) && route.authorization !== "AWS_IAM")
      verdicts.push({ ...base, cause: "passthrough without IAM authorization" });
    if (route.api.policies.length > 0)
      verdicts.push({ ...base, cause: "passthrough beside a resource policy" });
    return verdicts;
  });
}
