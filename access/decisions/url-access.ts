import { INVOKE, INVOKE_URL } from "../../aws";
import {
  type AllowStatement,
  allowStatements,
  type Context,
  type Decision,
  decide,
  explainedBy,
  functionUrlContext,
  mayApplyTo,
  onFunction,
  show,
  splitArn,
  type Text,
} from "../../iam";
import type { FunctionUrl, LambdaFunction, PrincipalFacts, StackFacts } from "../../stack";
import { cached } from "../../stack/pulumi/keys";
import type { FunctionPolicies } from "./function-policies";
import { asPrincipal, sameAccount } from "./principals";

/** Who may call function URLs, and what all pairs of a URL and a principal share. */
export class UrlAccess {
  private readonly contexts = new WeakMap<PrincipalFacts, Map<string, Context>>();
  private readonly statements = new Map<PrincipalFacts, readonly AllowStatement[]>();
  private readonly invokers = new Map<PrincipalFacts, boolean>();
  private readonly texts = new Map<Text, string>();
  private byFunction: ReadonlyMap<LambdaFunction, readonly FunctionUrl[]> | undefined;

  constructor(
    private readonly facts: Pick<StackFacts, "functionUrls">,
    private readonly policies: FunctionPolicies,
  ) {}

  /** May the principal do this to the function by its URL? There are many such pairs: why is worked out when it is read. */
  ask(url: FunctionUrl, arn: Text, principal: PrincipalFacts, action: string): Decision {
    const decideIt = (): Decision => this.decide(url, arn, principal, action);
    return explainedBy(decideIt(), decideIt);
  }

  private decide({ target }: FunctionUrl, arn: Text, principal: PrincipalFacts, action: string): Decision {
    const caller = asPrincipal(principal);
    const contexts = this.contexts.get(principal) ?? new Map<string, Context>();
    this.contexts.set(principal, contexts);
    const context = cached(contexts, action, () =>
      functionUrlContext({ caller, action, authType: "AWS_IAM" }),
    );
    return decide({
      request: {
        principal: caller,
        action,
        resource: arn,
        context: onFunction(context, target.function ?? target),
      },
      identity: principal,
      resource: this.policies.of(target).forCallers,
      sameAccount: sameAccount(principal, splitArn(arn)?.account, target.function?.scope.accountAssumed),
    });
  }

  /** An ARN for people, the same string each time. */
  shown(arn: Text): string {
    return cached(this.texts, arn, () => show(arn));
  }

  /** What lets the principal call URLs. */
  statementsOf(principal: PrincipalFacts): readonly AllowStatement[] {
    return cached(this.statements, principal, () => allowStatements(principal.sources, INVOKE_URL));
  }

  /** Whether a document of the principal may let it invoke any function. */
  mayInvoke(principal: PrincipalFacts): boolean {
    return cached(this.invokers, principal, () => mayApplyTo(principal.sources, INVOKE) !== "no");
  }

  /** The URLs of a function and of its versions and aliases. */
  of(fn: LambdaFunction): readonly FunctionUrl[] {
    this.byFunction ??= byFunction(this.facts.functionUrls);
    return this.byFunction.get(fn) ?? [];
  }
}

function byFunction(urls: readonly FunctionUrl[]): ReadonlyMap<LambdaFunction, readonly FunctionUrl[]> {
  const found = new Map<LambdaFunction, FunctionUrl[]>();
  for (const url of urls)
    if (url.target.function !== undefined) cached(found, url.target.function, () => []).push(url);
  return found;
}
