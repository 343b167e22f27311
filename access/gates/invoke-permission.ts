import { INVOKE_FUNCTION } from "../../aws";
import {
  and,
  type Decision,
  show,
  type Text,
  type Trilean,
  text,
  Unknown,
  type UnknownReason,
  withUnknownAnswer,
} from "../../iam";
import type { FunctionTarget, LambdaIntegration, Route } from "../../stack";
import { appendTo } from "../../stack/pulumi/keys";
import { type Answer, type FailingStage, NO_UNKNOWNS, originsTogether } from "../answer";
import type { Access } from "../decisions/access";
import type { FunctionStatements } from "../decisions/function-policies";
import { dependenciesOf, targetName } from "../unknowns";

/** One source ARN and the decision of the function's resource policy on it. */
export interface SourceArnAnswer {
  readonly stage: Text;
  readonly verb: string;
  readonly sourceArn: Text;
  readonly decision: Decision;
}

type Answered = Pick<Answer, "outcome" | "inferredFrom" | "unknowns" | "notes"> & {
  readonly target: FunctionTarget;
};

/** The decision of a function's resource policy, for a route or an authorizer. */
export type PermissionAnswer =
  | (Answered & {
      readonly cause: "policies" | "other-qualifier" | "no-permission";
      readonly decision: Decision;
      /** The source ARNs that API Gateway presents. */
      readonly sourceArn: string;
      /** The stages that fail where others work. */
      readonly failing?: readonly FailingStage[];
    })
  /** The function is unknown. */
  | (Answered & { readonly cause: "function-unknown"; readonly outcome: "unproven" })
  /** Other routes answer each request that the route could. */
  | (Answered & { readonly cause: "no-requests"; readonly outcome: "allowed" });

/** A request to evaluate a function's resource policy. */
export interface PermissionQuestion {
  readonly target: FunctionTarget;
  readonly answersFor: (arn: Text) => readonly SourceArnAnswer[];
  /** Returns why a denial for these source ARNs may still be an allow. */
  readonly unknownFor?: (failing: readonly SourceArnAnswer[]) => UnknownReason | undefined;
}

/** The subject of every verdict on an integration. */
export function ofIntegration(route: Route, integration: LambdaIntegration) {
  const { urn, target } = integration;
  return { urn, routes: [route], api: route.api, integration, target, actions: [INVOKE_FUNCTION] } as const;
}

/** Whether the function's resource policy allows API Gateway to invoke it. */
export function permissionAnswer(
  access: Access,
  { target, answersFor, unknownFor }: PermissionQuestion,
): PermissionAnswer {
  const { arn } = target;
  if (arn instanceof Unknown) {
    return {
      ...NO_UNKNOWNS,
      target,
      outcome: "unproven",
      cause: "function-unknown",
      unknowns: [{ subject: { code: "called-function" }, dependsOn: dependenciesOf(arn) }],
    };
  }
  const answers = answersOverQualifiers(access, target, answersFor(arn), answersFor);
  const answer = answerOfAll(access, target, answers);
  if (answer.outcome !== "denied" || unknownFor === undefined) return answer;
  const unknown = unknownFor(answers.filter((answer) => answerOf(answer) === "no"));
  return unknown === undefined ? answer : { ...answer, outcome: "unproven", unknowns: [unknown] };
}

function answerOf({ decision }: SourceArnAnswer): Trilean {
  return decision.answer;
}

/**
 * Makes answers unknown that depend on the qualifier of the call where the plan does not show it, separately for each
 * source ARN, since a stage variable may name an alias for each stage. An answer is `no` where no version and no alias
 * has a permission, and `yes` where the function and each of its versions and aliases in the stack has one.
 */
function answersOverQualifiers(
  access: Access,
  target: FunctionTarget,
  unqualified: readonly SourceArnAnswer[],
  answersFor: (arn: Text) => readonly SourceArnAnswer[],
): readonly SourceArnAnswer[] {
  const fn = target.function;
  if (!target.mayHaveQualifier || fn === undefined) return unqualified;
  const existing = (target.otherQualifiers ?? []).map(
    (qualifier): FunctionTarget => ({ function: fn, arn: text(fn.arn, ":", qualifier), qualifier }),
  );
  const namedByPermissions = access.functionPolicies
    .ofTarget(target)
    .onOtherQualifiers.map((permission) => permission.target);
  const answersOf = (targets: readonly FunctionTarget[]) =>
    targets.flatMap((qualified) =>
      qualified.arn instanceof Unknown ? [] : [{ qualified, answers: answersFor(qualified.arn) }],
    );
  const existingAnswers = answersOf(existing);
  const namedAnswers = answersOf(namedByPermissions);
  return unqualified.map((entry, index) => {
    const answer = answerOf(entry);
    // An alias that is not a resource is considered where it allows API Gateway to invoke it.
    const considered = answer === "no" ? [...existingAnswers, ...namedAnswers] : existingAnswers;
    const differing = considered.find(({ answers }) => {
      const qualifiedAnswer = answers[index];
      return qualifiedAnswer !== undefined && answerOf(qualifiedAnswer) !== answer;
    });
    return differing === undefined || answer === "unknown"
      ? entry
      : {
          ...entry,
          decision: withUnknownAnswer(entry.decision, unknownQualifier(target, differing.qualified)),
        };
  });
}

/** The function may be invoked by the version or alias that a permission is on. */
function unknownQualifier(target: FunctionTarget, likely: FunctionTarget): UnknownReason {
  return {
    subject: { code: "called-target", target: targetName(target), likely: targetName(likely) },
    dependsOn: target.inferredFrom ?? [],
    resolution: { code: "function-shown" },
  };
}

function answerOfAll(
  access: Access,
  target: FunctionTarget,
  answers: readonly SourceArnAnswer[],
): PermissionAnswer {
  const answer = and(answers.map(answerOf));
  const deciding = answers.find((entry) => entry.decision.answer === answer) ?? answers[0];
  const statements = access.functionPolicies.ofTarget(target);
  const external =
    target.function === undefined &&
    !statements.isWholePolicyKnown &&
    answer === "no" &&
    deciding?.decision.reason !== "explicit-deny";
  const failing = answers.filter((answer) => answer.decision.answer === "no");
  const inferredFrom = originsTogether(target.inferredFrom, statements.inferredFrom);
  const notes = [...statements.onOtherQualifiers, ...(answer === "no" ? statements.ofSameName : [])]
    .slice(0, 3)
    .map(
      ({ label, target }) => ({ code: "permission", permission: label, target: targetName(target) }) as const,
    );
  const base = { target, inferredFrom, notes };
  if (deciding === undefined) return { ...base, outcome: "allowed", cause: "no-requests", unknowns: [] };
  return {
    ...base,
    outcome: answer === "yes" ? "allowed" : answer === "unknown" || external ? "unproven" : "denied",
    cause: answer === "no" ? causeOf(statements) : "policies",
    decision: deciding.decision,
    sourceArn: show(deciding.sourceArn),
    ...(failing.length > 0 && failing.length < answers.length
      ? { failing: failingStages(failing, answers) }
      : {}),
    unknowns: external
      ? [
          {
            subject: {
              code: "function-policy-outside-stack",
              arn: show(target.arn instanceof Unknown ? [] : target.arn),
            },
            dependsOn: [],
            resolution: { code: "preview-function-stack-or-permit" },
          },
        ]
      : answer === "unknown"
        ? deciding.decision.unknowns
        : [],
  };
}

function causeOf({ permissions, onOtherQualifiers }: FunctionStatements) {
  if (permissions.length > 0) return "policies";
  return onOtherQualifiers.length > 0 ? "other-qualifier" : "no-permission";
}

/** The stages that fail, and where only some methods of a stage fail, those methods. */
function failingStages(
  failing: readonly SourceArnAnswer[],
  all: readonly SourceArnAnswer[],
): readonly FailingStage[] {
  const stages = new Map<string, string[]>();
  for (const { stage, verb } of failing) {
    const name = show(stage);
    appendTo(stages, name, verb);
  }
  return [...stages].map(([stage, verbs]) => {
    const isWhole = all.filter((answer) => show(answer.stage) === stage).length === verbs.length;
    return isWhole ? { stage } : { stage, verbs };
  });
}
