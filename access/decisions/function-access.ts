import { INVOKE_FUNCTION } from "../../aws";
import {
  apiGatewayServiceContext,
  type Context,
  callerCredentialsContext,
  type Decision,
  decide,
  directCallContext,
  explainWith,
  type Hole,
  type HoleLabel,
  integrationRoleContext,
  type PolicySource,
  type Principal,
  type Question,
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
 * The way in which the function is invoked. The two-step rule considers only the caller's permissions: its own policies
 * and the stack's resource policies that name it, regardless of the function's account and stack.
 */
type InvocationMode = "direct" | "two-step" | "caller-credentials" | "credentials-role";

const CONTEXT: Record<InvocationMode, (caller: Principal) => Context> = {
  direct: (caller) => directCallContext({ caller }),
  "two-step": (caller) => directCallContext({ caller }),
  "caller-credentials": (caller) => callerCredentialsContext({ caller }),
  "credentials-role": (role) => integrationRoleContext({ role }),
};

function byMode<T>(make: () => T): Record<InvocationMode, T> {
  return { direct: make(), "two-step": make(), "caller-credentials": make(), "credentials-role": make() };
}

/** A function, and the ARN of the call: its own, or one with a qualifier. */
interface CalledFunction {
  readonly target: FunctionTarget;
  readonly arn: Text;
}

/** The permissions of principals on functions. Each question is decided once. */
export class FunctionAccess {
  private readonly invocations = byMode(() => new Map<PrincipalFacts, Map<string, Decision>>());
  private readonly contexts = byMode(() => new Map<PrincipalFacts, Context>());

  constructor(private readonly policies: FunctionPolicies) {}

  /**
   * Whether the principal may invoke the function with its own credentials.
   *
   * @param api the API that it calls, or that assumes it
   */
  invoke(caller: PrincipalFacts, target: FunctionTarget, mode: InvocationMode, api?: Api): Decision {
    const principal = asInferred(caller, mode === "credentials-role" ? "credentials" : "caller", api);
    const arn = target.arn instanceof Unknown ? unknownText(target) : target.arn;
    const decision = this.invokeArn(principal, target, arn, mode);
    if (decision.answer !== "no" || decision.reason === "explicit-deny" || !target.mayHaveQualifier)
      return decision;
    const unknown: UnknownReason = {
      subject: {
        code: "called-qualifier",
        ...(target.function === undefined ? {} : { function: target.function.label }),
      },
      dependsOn: target.inferredFrom ?? [],
    };
    const qualifier: Hole = { id: "qualifier", shape: "word", label: { code: "qualifier" }, origins: [] };
    const qualified = this.invokeArn(principal, target, text(arn, ":", qualifier), mode);
    return qualified.answer === "no" ? decision : withUnknownAnswer(decision, unknown);
  }

  private invokeArn(
    principal: PrincipalFacts,
    target: FunctionTarget,
    arn: Text,
    mode: InvocationMode,
  ): Decision {
    const decisions = cached(this.invocations[mode], principal, () => new Map<string, Decision>());
    return cached(decisions, textKey(arn), () => {
      const compute = (): Decision => decide(this.question(principal, { target, arn }, mode));
      // A decision with evidence keeps its documents in memory, and few of the many decisions are explained.
      return explainWith(compute(), compute);
    });
  }

  private question(
    principal: PrincipalFacts,
    { target, arn }: CalledFunction,
    mode: InvocationMode,
  ): Question {
    const caller = asPrincipal(principal);
    const context = cached(this.contexts[mode], principal, () => CONTEXT[mode](caller));
    const { inStack, forCallers } = this.policies.ofTarget(target);
    return {
      request: {
        principal: caller,
        action: INVOKE_FUNCTION,
        resource: arn,
        context: withFunctionTags(context, target.function ?? target),
      },
      identity: principal,
      ...(mode === "two-step"
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
    const statements = this.policies.ofTarget(target);
    const decideWith = (sources: readonly PolicySource[]): Decision =>
      decide({
        request: {
          principal: { kind: "service", name: service },
          action: INVOKE_FUNCTION,
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
    const decision = decideWith(sources);
    // The nearest statement and other statements that allow it may be in any of them.
    return sources === statements.sources
      ? decision
      : explainWith(decision, () => decideWith(statements.sources));
  }
}

function unknownText(target: FunctionTarget): Text {
  const { function: fn, inferredFrom: origins = [] } = target;
  const label: HoleLabel = fn === undefined ? { code: "function" } : { code: "named", name: fn.label };
  const id = JSON.stringify(["function", fn?.urn, ...origins.map(({ key }) => key)]);
  return text({ id, shape: "any", label, origins });
}
