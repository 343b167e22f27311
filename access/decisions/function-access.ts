import { INVOKE } from "../../aws";
import {
  apiGatewayServiceContext,
  type Context,
  callerCredentialsContext,
  type Decision,
  decide,
  directCallContext,
  explainWith,
  type Hole,
  integrationRoleContext,
  type Principal,
  type Question,
  type Source,
  splitArn,
  type Text,
  text,
  Unknown,
  type UnknownReason,
  withFunctionTags,
  withUnknownAnswer,
} from "../../iam";
import { type Api, type FunctionTarget, type PrincipalFacts, serviceOf } from "../../stack";
import { cached, textKey } from "../../stack/pulumi/keys";
import type { FunctionPolicies } from "./function-policies";
import { asInferred } from "./inference";
import { asPrincipal, sameAccount } from "./principals";

/**
 * Who calls the function. The two-step rule considers only the caller's permissions: its own policies and the stack's
 * resource policies that name it, whatever account and stack the function is in.
 */
type Use = "direct" | "two-step" | "caller-credentials" | "credentials-role";

const CONTEXT: Record<Use, (caller: Principal) => Context> = {
  direct: (caller) => directCallContext({ caller }),
  "two-step": (caller) => directCallContext({ caller }),
  "caller-credentials": (caller) => callerCredentialsContext({ caller }),
  "credentials-role": (role) => integrationRoleContext({ role }),
};

function byUse<T>(make: () => T): Record<Use, T> {
  return { direct: make(), "two-step": make(), "caller-credentials": make(), "credentials-role": make() };
}

/** A function, and the ARN of the call: its own, or one with a qualifier. */
interface CalledFunction {
  readonly target: FunctionTarget;
  readonly arn: Text;
}

/** Who may invoke a function. Each question of a principal is decided once. */
export class FunctionAccess {
  private readonly invocations = byUse(() => new Map<PrincipalFacts, Map<string, Decision>>());
  private readonly contexts = byUse(() => new Map<PrincipalFacts, Context>());

  constructor(private readonly policies: FunctionPolicies) {}

  /**
   * Whether the principal may invoke the function with its own credentials.
   *
   * @param api the API that it calls, or that assumes it
   */
  invoke(holder: PrincipalFacts, target: FunctionTarget, how: Use, api?: Api): Decision {
    const principal = asInferred(holder, how === "credentials-role" ? "credentials" : "caller", api);
    const arn = target.arn instanceof Unknown ? unknownText(target) : target.arn;
    const decision = this.invokeArn(principal, target, arn, how);
    if (decision.answer !== "no" || decision.reason === "explicit-deny" || !target.mayHaveQualifier)
      return decision;
    const unknown: UnknownReason = {
      subject: {
        code: "called-qualifier",
        ...(target.function === undefined ? {} : { function: target.function.label }),
      },
      dependsOn: (target.inferredFrom ?? []).map((origin) => origin.label),
    };
    const qualifier: Hole = { id: "qualifier", shape: "word", label: "qualifier", origins: [] };
    const otherwise = this.invokeArn(principal, target, text(arn, ":", qualifier), how);
    return otherwise.answer === "no" ? decision : withUnknownAnswer(decision, unknown);
  }

  private invokeArn(principal: PrincipalFacts, target: FunctionTarget, arn: Text, how: Use): Decision {
    const decisions = cached(this.invocations[how], principal, () => new Map<string, Decision>());
    return cached(decisions, textKey(arn), () => {
      const decideIt = (): Decision => decide(this.question(principal, { target, arn }, how));
      // Decisions keep the documents that they were made from, and few of the many are explained.
      return explainWith(decideIt(), decideIt);
    });
  }

  private question(principal: PrincipalFacts, { target, arn }: CalledFunction, how: Use): Question {
    const caller = asPrincipal(principal);
    const context = cached(this.contexts[how], principal, () => CONTEXT[how](caller));
    const { inStack, forCallers } = this.policies.of(target);
    return {
      request: {
        principal: caller,
        action: INVOKE,
        resource: arn,
        context: withFunctionTags(context, target.function ?? target),
      },
      identity: principal,
      ...(how === "two-step"
        ? { resource: inStack, sameAccount: "yes" }
        : {
            resource: forCallers,
            sameAccount: sameAccount(
              principal,
              splitArn(arn)?.account,
              target.function?.scope.isAccountAssumed,
            ),
          }),
    };
  }

  /** Whether the function's resource policy allows the API's service to invoke it for this source ARN. */
  allowsInvokeFrom(api: Api, sourceArn: Text, target: FunctionTarget & { readonly arn: Text }): Decision {
    const { arn } = target;
    const service = serviceOf(api).principal;
    const statements = this.policies.of(target);
    const by = (sources: readonly Source[]): Decision =>
      decide({
        request: {
          principal: { kind: "service", name: service },
          action: INVOKE,
          resource: arn,
          context: withFunctionTags(
            apiGatewayServiceContext({ service, sourceArn, sourceAccount: api.scope.account }),
            target.function ?? target,
          ),
        },
        resource: { sources, unseen: statements.unseen },
        sameAccount: "yes",
      });
    const sources = statements.bySourceArn.decidingOn(sourceArn);
    const decision = by(sources);
    // The nearest statement and other statements that allow it may be in any of them.
    return sources === statements.sources ? decision : explainWith(decision, () => by(statements.sources));
  }
}

function unknownText(target: FunctionTarget): Text {
  const label = target.function?.label ?? "function";
  return text({ id: `function:${label}`, shape: "any", label, origins: target.inferredFrom ?? [] });
}
