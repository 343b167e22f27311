import { API_GATEWAY } from "../../aws";
import {
  assumeRoleContext,
  type Decision,
  decideTrust,
  equal,
  known,
  type Origin,
  show,
  splitArn,
  text,
  Unknown,
  type UnknownReason,
} from "../../iam";
import type { Api, Credentials, FunctionTarget, PrincipalFacts } from "../../stack";
import type { Access } from "../decisions/access";
import { withResolutions } from "../decisions/function-policies";
import { literalArnGrants } from "../decisions/literal-arn";
import { type Cause, originsTogether, type Verdict } from "../verdict";
import type { Base } from "./invoke-permission";

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

export function roleVerdicts(
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
  const { scope } = base.api;
  const assumed = role === undefined && scope.accountAssumed;
  if (account !== undefined && !assumed && equal(account, scope.account) === "no")
    return [
      {
        ...base,
        outcome: "denied",
        cause: "role-in-another-account",
        target,
        ...(role === undefined ? {} : { urn: role.urn, principal: role }),
        ...(shownArn === undefined ? {} : { asked: shownArn }),
        inferredFrom: [],
        unknowns: [],
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
        unknowns: [
          {
            subject: { code: "external-role", ...(shownArn === undefined ? {} : { arn: shownArn }) },
            dependsOn: credentials.from.map((origin) => origin.label),
            resolution: { code: "preview-role-stack" },
          },
        ],
        notes: [],
      },
    ];
  const inferredFrom = originsTogether(credentials.from, target.inferredFrom);
  const rights = access.functions.invoke(role, target, "credentials-role", base.api);
  const trust = trustsApiGateway(role);
  const about = { ...base, urn: role.urn, principal: role, target, inferredFrom };
  const asked = target.arn instanceof Unknown ? {} : { asked: show(target.arn) };
  const meantFor = rights.answer === "unknown" ? onlyUse(access, role, base.api) : undefined;
  const mayInvoke = verdictOf(
    { ...about, ...asked, cause: "policies", decision: rights },
    inferredFrom,
    role,
    literalArnGrants(role, target, rights),
  );
  return [
    meantFor === undefined || trust.answer !== "yes"
      ? mayInvoke
      : {
          ...mayInvoke,
          outcome: "allowed",
          unknowns: [],
          inferredFrom: originsTogether(mayInvoke.inferredFrom, meantFor),
        },
    verdictOf(
      {
        ...about,
        asked: "sts:AssumeRole",
        actions: ["sts:AssumeRole"],
        cause: "role-not-trusted",
        decision: trust,
      },
      [],
    ),
  ];
}

/**
 * What a new role is for that API Gateway assumes for one function only, and of whose documents nothing at all is known
 * (those of `aws.iam.getPolicyDocumentOutput` depend on nothing): to invoke that function. The documents, as that from
 * which this is concluded.
 */
function onlyUse(access: Access, role: PrincipalFacts, api: Api): readonly Origin[] | undefined {
  const { urn, sources, unseen, boundary } = role;
  const unknown = sources.filter(
    ({ document }) => document instanceof Unknown || document.opaque !== undefined,
  );
  const isNew = sources.every(({ hidden }) => hidden === undefined || (hidden.mayInfer && !hidden.exists));
  if (api.exists || !isNew || unknown.length === 0 || unseen.length > 0 || boundary !== undefined)
    return undefined;
  if (sources.some(({ hidden }) => hidden !== undefined && !hidden.fromNothing)) return undefined;
  if (access.functionsServedBy(role).size !== 1) return undefined;
  return unknown.map(({ label, key }) => ({ key: key ?? urn, label }));
}

function verdictOf(
  base: Base & { cause: Cause; decision: Decision },
  inferredFrom: Verdict["inferredFrom"],
  role?: PrincipalFacts,
  open: readonly UnknownReason[] = [],
): Verdict {
  const { answer, unknowns } = base.decision;
  return {
    ...base,
    outcome: answer === "yes" ? "allowed" : answer === "no" && open.length === 0 ? "denied" : "unproven",
    inferredFrom: originsTogether(
      inferredFrom,
      ...(role?.sources ?? []).map((source) => source.inferredFrom),
      answer === "yes" ? role?.boundary?.inferredFrom : [],
    ),
    unknowns:
      answer === "unknown"
        ? base.target === undefined
          ? unknowns
          : withResolutions(base.target, unknowns)
        : open,
    notes: [],
  };
}

/** Does the role trust API Gateway? */
export function trustsApiGateway(principal: PrincipalFacts): Decision {
  return decideTrust({
    trust: principal.trust ?? new Unknown(),
    request: {
      principal: { kind: "service", name: API_GATEWAY },
      action: "sts:AssumeRole",
      resource: principal.arn,
      context: assumeRoleContext({}),
    },
  });
}
