import type { PrincipalFacts, StackFacts } from "../stack";
import { ApiAccess } from "./api-access";
import { FunctionAccess } from "./function-access";
import { FunctionPolicies } from "./function-policies";
import { Grants } from "./grants";
import { RouteIndex } from "./route-index";

/**
 * The decisions about one stack, each made once and kept. Everything the policies and reports say comes from
 * here, so that no question is answered twice in different words.
 */
export class Access {
  readonly routes: RouteIndex;
  readonly grants: Grants;
  readonly apis: ApiAccess;
  readonly functionPolicies: FunctionPolicies;
  readonly functions: FunctionAccess;
  private integrationRoles: ReadonlySet<string> | undefined;

  constructor(readonly facts: StackFacts) {
    this.routes = new RouteIndex(facts);
    this.grants = new Grants(this.routes);
    this.apis = new ApiAccess(this.routes, this.grants);
    this.functionPolicies = new FunctionPolicies(facts);
    this.functions = new FunctionAccess(this.functionPolicies);
  }

  /** Whether an integration or authorizer calls its function as the principal. */
  isIntegrationRole(principal: PrincipalFacts): boolean {
    this.integrationRoles ??= new Set(
      [...this.facts.routes.map(({ integration }) => integration), ...this.facts.authorizers].flatMap(
        (one) => (one?.credentials.mode === "role" ? (one.credentials.roleUrn ?? []) : []),
      ),
    );
    return this.integrationRoles.has(principal.urn);
  }
}
