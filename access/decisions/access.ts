import { Unknown } from "../../iam";
import type { PrincipalFacts, StackFacts } from "../../stack";
import { cached, textKey } from "../../stack/pulumi/keys";
import { RouteIndex } from "../requests/route-index";
import { ApiAccess } from "./api-access";
import { FunctionAccess } from "./function-access";
import { FunctionPolicies } from "./function-policies";
import { Grants } from "./grants";
import { UrlAccess } from "./url-access";

/**
 * The decisions about one stack, each made once and cached. All verdicts in policies and reports are based on these
 * decisions, so they always agree.
 */
export class Access {
  readonly routes: RouteIndex;
  readonly grants: Grants;
  readonly apis: ApiAccess;
  readonly functionPolicies: FunctionPolicies;
  readonly functions: FunctionAccess;
  readonly urls: UrlAccess;
  private invokedAs: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(readonly facts: StackFacts) {
    this.routes = new RouteIndex(facts);
    this.grants = new Grants(this.routes);
    this.apis = new ApiAccess(this.routes, this.grants);
    this.functionPolicies = new FunctionPolicies(facts);
    this.functions = new FunctionAccess(this.functionPolicies);
    this.urls = new UrlAccess(facts, this.functionPolicies);
  }

  /** Whether an integration or authorizer invokes its function as the principal. */
  isIntegrationRole(principal: PrincipalFacts): boolean {
    return this.functionsInvokedAs(principal).size > 0;
  }

  /** The functions (by ARN, as keys) that integrations and authorizers invoke as the principal. */
  functionsInvokedAs(principal: PrincipalFacts): ReadonlySet<string> {
    if (this.invokedAs === undefined) {
      const invokedAs = new Map<string, Set<string>>();
      for (const route of [
        ...this.facts.routes.map(({ integration }) => integration),
        ...this.facts.authorizers,
      ]) {
        if (route?.credentials.mode !== "role" || route.credentials.roleUrn === undefined) continue;
        const { arn } = route.target;
        cached(invokedAs, route.credentials.roleUrn, () => new Set<string>()).add(
          arn instanceof Unknown ? `unknown:${route.urn}` : textKey(arn),
        );
      }
      this.invokedAs = invokedAs;
    }
    return this.invokedAs.get(principal.urn) ?? new Set();
  }
}
