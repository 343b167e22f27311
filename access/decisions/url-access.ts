import { INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../../aws";
import {
  type AllowStatement,
  allowStatements,
  type Context,
  type Decision,
  decide,
  explainWith,
  functionUrlContext,
  type Hole,
  matchArn,
  mayAllow,
  type Question,
  type Request,
  splitArn,
  type Text,
  text,
  Unknown,
  withFunctionTags,
} from "../../iam";
import type { FunctionTarget, FunctionUrl, LambdaFunction, PrincipalFacts, StackFacts } from "../../stack";
import { appendTo, cached, textKey } from "../../stack/pulumi/keys";
import type { FunctionPolicies } from "./function-policies";
import { asPrincipal, sameAccount } from "./principals";

/** The functions of a region and an account that have no policy for callers, treated as one. */
interface FunctionGroup {
  readonly key: string;
  /** An ARN that matches each of them. */
  readonly everyArn: Text;
  /** By action. */
  readonly decisions: Readonly<Record<string, Map<PrincipalFacts, Decision>>>;
  /** Whether a statement of the principal allows calling all of their URLs. */
  readonly covered: Map<PrincipalFacts, boolean>;
}

const SOME_FUNCTION: Hole = {
  id: "some-function",
  shape: "tail",
  varies: true,
  label: { code: "function" },
  origins: [],
};

/** A function whose ARN is known. */
type LocatedTarget = FunctionTarget & { readonly arn: Text };

/** The URL of a function whose ARN is known. */
export type LocatedUrl = FunctionUrl & { readonly target: LocatedTarget };

function isLocated(target: FunctionTarget): target is LocatedTarget {
  return !(target.arn instanceof Unknown);
}

/** Whether the ARN of the function of a URL is known, so that policies on it can be evaluated. */
export function isLocatedUrl(url: FunctionUrl): url is LocatedUrl {
  return isLocated(url.target);
}

/** The permissions of principals on function URLs, and the decisions that pairs of a URL and a principal share. */
export class UrlAccess {
  private readonly contexts = new Map<PrincipalFacts, Map<string, Context>>();
  private readonly groups = new Map<string, FunctionGroup>();
  private readonly groupByArn = new Map<Text, FunctionGroup | "has-policy">();
  private readonly statements = new Map<PrincipalFacts, readonly AllowStatement[]>();
  private readonly invokers = new Map<PrincipalFacts, boolean>();
  private byFunction: ReadonlyMap<LambdaFunction, readonly FunctionUrl[]> | undefined;

  constructor(
    private readonly facts: Pick<StackFacts, "functionUrls">,
    private readonly policies: FunctionPolicies,
  ) {}

  /**
   * Whether the principal has the action on the function through its URL. The evidence may be that of any function in
   * the group.
   */
  decide({ target }: LocatedUrl, principal: PrincipalFacts, action: string): Decision {
    return this.decideForGroup(target, principal, action) ?? this.decision(target, principal, action);
  }

  /** {@link decision}, with evidence computed when it is read: there are many such pairs. */
  explained(decision: Decision, { target }: LocatedUrl, principal: PrincipalFacts, action: string): Decision {
    return explainWith(decision, () => this.decision(target, principal, action));
  }

  private decision(target: LocatedTarget, principal: PrincipalFacts, action: string): Decision {
    const context = withFunctionTags(this.contextOf(principal, action), target.function ?? target);
    const resource = this.policies.ofTarget(target).forCallers;
    return decide({
      ...this.question(target, principal, { action, resource: target.arn, context }),
      resource,
    });
  }

  private question(
    target: FunctionTarget,
    principal: PrincipalFacts,
    request: Omit<Request, "principal">,
  ): Question {
    const { account } = splitArn(request.resource) ?? {};
    return {
      request: { principal: asPrincipal(principal), ...request },
      identity: principal,
      sameAccount: sameAccount(principal, account, target.function?.scope.isAccountAssumed),
    };
  }

  private contextOf(principal: PrincipalFacts, action: string): Context {
    const contexts = cached(this.contexts, principal, () => new Map<string, Context>());
    return cached(contexts, action, () =>
      functionUrlContext({ caller: asPrincipal(principal), action, authType: "AWS_IAM" }),
    );
  }

  /**
   * The decision for every function of the region and account that has no policy for callers, regardless of its name
   * and tags: most documents do not distinguish between these functions. `undefined` where the decision, or its reason,
   * may differ from function to function.
   */
  private decideForGroup(
    target: LocatedTarget,
    principal: PrincipalFacts,
    action: string,
  ): Decision | undefined {
    const group = this.group(target);
    const decisions = group?.decisions[action];
    if (group === undefined || decisions === undefined) return undefined;
    const decision = cached(decisions, principal, () =>
      decide(
        this.question(target, principal, {
          action,
          resource: group.everyArn,
          context: this.contextOf(principal, action),
        }),
      ),
    );
    const { answer, reason, parts } = decision;
    const isSameForAll =
      answer === "yes" || reason === "explicit-deny" || (reason === "no-allow" && parts?.deny === "no");
    return isSameForAll ? decision : undefined;
  }

  private group(target: LocatedTarget): FunctionGroup | undefined {
    const { arn } = target;
    const group = cached(this.groupByArn, arn, () => {
      const { sources, unseen } = this.policies.ofTarget(target).forCallers;
      const parts = splitArn(arn);
      if (parts === undefined || sources.length + unseen.length > 0) return "has-policy";
      const { partition, region, account } = parts;
      const everyArn = text("arn:", partition, ":lambda:", region, ":", account, ":function:", SOME_FUNCTION);
      const id = `${textKey(everyArn)} ${target.function?.scope.isAccountAssumed}`;
      return cached(this.groups, id, () => ({
        key: id,
        everyArn,
        decisions: {
          [INVOKE_FUNCTION_URL]: new Map<PrincipalFacts, Decision>(),
          [INVOKE_FUNCTION]: new Map(),
        },
        covered: new Map(),
      }));
    });
    return group === "has-policy" ? undefined : group;
  }

  /** Whether a statement of the principal allows calling the URLs of every function in the group of this one. */
  coversGroup(target: LocatedTarget, principal: PrincipalFacts): boolean {
    const group = this.group(target);
    if (group === undefined) return false;
    return cached(group.covered, principal, () =>
      this.statementsOf(principal).some(
        ({ resources, except }) =>
          resources.some((pattern) => matchArn(pattern, group.everyArn) === "yes") &&
          except.every((pattern) => matchArn(pattern, group.everyArn) === "no"),
      ),
    );
  }

  /** The same for functions of a region and account that have no policy for callers; `undefined` for others. */
  groupKey(target: FunctionTarget): string | undefined {
    return isLocated(target) ? this.group(target)?.key : undefined;
  }

  /**
   * Whether the answer for the principal, and its reason, is the same for the URL of each function in the group of this
   * one: all its permissions cover every function of the group.
   */
  hasSameAnswerForGroup(target: FunctionTarget, principal: PrincipalFacts): boolean {
    if (!isLocated(target) || !this.coversGroup(target, principal)) return false;
    if (this.decideForGroup(target, principal, INVOKE_FUNCTION_URL)?.answer !== "yes") return false;
    const byFunction = this.decideForGroup(target, principal, INVOKE_FUNCTION);
    // The nearest statement to a missing permission may differ from function to function.
    return byFunction?.answer === "yes" || (byFunction?.reason === "no-allow" && !this.mayInvoke(principal));
  }

  /** Whether any policy of the principal may apply to the URL of a function that has no policy for callers. */
  mayCallUrls(principal: PrincipalFacts): boolean {
    const isHidden = principal.sources.some(
      ({ unknownDocument }) => (unknownDocument?.functions.length ?? 0) > 0,
    );
    return isHidden || this.statementsOf(principal).length > 0 || this.mayInvoke(principal);
  }

  /** The statements that allow the principal to call URLs. */
  statementsOf(principal: PrincipalFacts): readonly AllowStatement[] {
    return cached(this.statements, principal, () => allowStatements(principal.sources, INVOKE_FUNCTION_URL));
  }

  /** Whether a document of the principal may allow it to invoke any function. */
  mayInvoke(principal: PrincipalFacts): boolean {
    return cached(this.invokers, principal, () => mayAllow(principal.sources, INVOKE_FUNCTION) !== "no");
  }

  /** The URLs of a function and of its versions and aliases. */
  ofFunction(fn: LambdaFunction): readonly FunctionUrl[] {
    this.byFunction ??= byFunction(this.facts.functionUrls);
    return this.byFunction.get(fn) ?? [];
  }
}

function byFunction(urls: readonly FunctionUrl[]): ReadonlyMap<LambdaFunction, readonly FunctionUrl[]> {
  const byTarget = new Map<LambdaFunction, FunctionUrl[]>();
  for (const url of urls) if (url.target.function !== undefined) appendTo(byTarget, url.target.function, url);
  return byTarget;
}
