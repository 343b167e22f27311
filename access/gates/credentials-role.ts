import { INVOKE_FUNCTION } from "../../aws";
import { type Decision, equal, type Origin, show, splitArn, Unknown, type UnknownReason } from "../../iam";
import { type Api, type FunctionTarget, type PrincipalFacts, serviceOf } from "../../stack";
import { type Answer, NO_UNKNOWNS, originsTogether } from "../answer";
import type { Access } from "../decisions/access";
import { type FindRole, type RoleCredentials, trustsService } from "../decisions/credentials-roles";
import { withResolutions } from "../decisions/function-policies";
import { literalArnGrants } from "../decisions/literal-arn";

type Answered = Pick<Answer, "outcome" | "actions" | "inferredFrom" | "unknowns"> & {
  readonly target: FunctionTarget;
};

/** The answers for a role that API Gateway assumes, for a route or an authorizer. */
export type RoleAnswer =
  | (Answered & {
      /** What was evaluated: whether its policies allow it to invoke the function, or whether it trusts API Gateway. */
      readonly cause: "role-policies" | "trust-policy";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
    })
  | (Answered & {
      readonly cause: "role-in-another-account";
      readonly principal?: PrincipalFacts;
      readonly roleArn?: string;
    })
  | (Answered & {
      readonly cause: "role-outside-stack";
      readonly outcome: "unproven";
      readonly roleArn?: string;
    });

/** The role that API Gateway is to assume, the API that it serves, and the function that it invokes. */
export interface RoleQuestion {
  readonly credentials: RoleCredentials;
  readonly api: Api;
  readonly target: FunctionTarget;
}

/**
 * Whether the role may invoke the function and whether it trusts API Gateway, as two answers; a single answer for a
 * role in another account, which API Gateway refuses, or outside the stack, whose policies are unknown.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function roleAnswers(
  access: Access,
  findRole: FindRole,
  { credentials, api, target }: RoleQuestion,
): readonly RoleAnswer[] {
  const role = findRole(credentials);
  const { arn } = credentials;
  // A value that is not an ARN may be a secret.
  const shownArn = arn instanceof Unknown || !show(arn).startsWith("arn:") ? undefined : show(arn);
  const account = role?.account ?? (arn instanceof Unknown ? undefined : splitArn(arn)?.account);
  const isAccountAssumed = role === undefined && api.scope.isAccountAssumed;
  const base = { target, actions: [INVOKE_FUNCTION], ...NO_UNKNOWNS };
  const roleArn = shownArn === undefined ? {} : { roleArn: shownArn };
  if (account !== undefined && !isAccountAssumed && equal(account, api.scope.account) === "no")
    return [
      {
        ...base,
        outcome: "denied",
        cause: "role-in-another-account",
        ...(role === undefined ? {} : { principal: role }),
        ...roleArn,
      },
    ];
  if (role === undefined)
    return [
      {
        ...base,
        outcome: "unproven",
        cause: "role-outside-stack",
        ...roleArn,
        unknowns: [
          {
            subject: { code: "external-role", ...(shownArn === undefined ? {} : { arn: shownArn }) },
            dependsOn: credentials.origins,
            resolution: { code: "preview-role-stack" },
          },
        ],
      },
    ];
  const inferredFrom = originsTogether(credentials.origins, target.inferredFrom);
  const invocation = access.functions.invoke(role, target, "credentials-role", api);
  const trust = trustsService(role, serviceOf(api).principal);
  const intendedBy = invocation.answer === "unknown" ? inferredPurpose(access, role, api) : undefined;
  const mayInvoke = roleAnswer(
    { cause: "role-policies", principal: role, target, actions: [INVOKE_FUNCTION], decision: invocation },
    originsTogether(inferredFrom, ...role.sources.map((source) => source.inferredFrom)),
    literalArnGrants(role, target, invocation),
  );
  return [
    intendedBy === undefined || trust.answer !== "yes"
      ? mayInvoke
      : {
          ...mayInvoke,
          outcome: "allowed",
          unknowns: [],
          inferredFrom: originsTogether(mayInvoke.inferredFrom, intendedBy),
        },
    roleAnswer(
      { cause: "trust-policy", principal: role, target, actions: ["sts:AssumeRole"], decision: trust },
      [],
    ),
  ];
}

/**
 * A new role that API Gateway assumes for one function only, and whose documents are completely unknown (those of
 * `aws.iam.getPolicyDocumentOutput` have no dependencies), probably exists to invoke that function. Returns the
 * documents, as the basis of this inference.
 */
function inferredPurpose(access: Access, role: PrincipalFacts, api: Api): readonly Origin[] | undefined {
  const { urn, sources, unseen, boundary } = role;
  const unknown = sources.filter(
    ({ document }) => document instanceof Unknown || document.opaque !== undefined,
  );
  const isNew = sources.every(
    ({ unknownDocument }) =>
      unknownDocument === undefined || (unknownDocument.mayInfer && !unknownDocument.exists),
  );
  if (api.exists || !isNew || unknown.length === 0 || unseen.length > 0 || boundary !== undefined)
    return undefined;
  if (
    sources.some(({ unknownDocument }) => unknownDocument !== undefined && !unknownDocument.hasNoDependencies)
  )
    return undefined;
  if (access.functionsInvokedAs(role).size !== 1) return undefined;
  return unknown.map(({ label, key }) => ({ key: key ?? urn, label }));
}

type Decided = Extract<RoleAnswer, { readonly decision: Decision }>;

function roleAnswer(
  subject: Omit<Decided, "outcome" | "inferredFrom" | "unknowns">,
  inferredFrom: readonly Origin[],
  literalGrants: readonly UnknownReason[] = [],
): Decided {
  const { cause, principal, decision, target } = subject;
  const { answer, unknowns } = decision;
  const ofBoundary = cause === "role-policies" && answer === "yes" ? principal.boundary?.inferredFrom : [];
  return {
    ...subject,
    outcome:
      answer === "yes" ? "allowed" : answer === "no" && literalGrants.length === 0 ? "denied" : "unproven",
    inferredFrom: originsTogether(inferredFrom, ofBoundary),
    unknowns: answer === "unknown" ? withResolutions(target, unknowns) : literalGrants,
  };
}
