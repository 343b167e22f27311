import { authorizerOf, functionUrlOf, principalOf, type Verdict } from "../../access";
import { isOfAccount } from "../../account";

/**
 * Whether a verdict is about the stack. For other resources in account data, only the permissions of the stack's own
 * principals are evaluated: whether a route, an authorizer or a function URL of another stack works is decided there.
 */
export function concernsStack(verdict: Verdict): boolean {
  const { routes } = verdict;
  const principal = principalOf(verdict);
  const isOutsideStack =
    routes.length > 0
      ? routes.every(({ fromAccountData }) => fromAccountData)
      : isOfAccount(functionUrlOf(verdict)?.urn ?? authorizerOf(verdict)?.urn ?? "");
  return !isOutsideStack || (principal !== undefined && !principal.external && !isOfAccount(principal.urn));
}
