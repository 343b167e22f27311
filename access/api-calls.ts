import { compileArn, text } from "../iam";
import { type ApiCall, asPattern, type PrincipalFacts, type Route } from "../stack";
import type { Access } from "./access";
import { roleFinder } from "./credentials-roles";
import { outsider } from "./outsiders";

/** A call that a resource of the stack makes, and the routes that may answer it: all of them IAM-authorized. */
export interface RouteCall {
  readonly call: ApiCall;
  readonly routes: readonly Route[];
}

/** The calls of a stack's resources by whom they are made as, who is none of the stack included. */
export function routeCalls(access: Access): ReadonlyMap<PrincipalFacts, readonly RouteCall[]> {
  const calls = new Map<PrincipalFacts, RouteCall[]>();
  if (access.facts.apiCalls.length === 0) return calls;
  const findRole = roleFinder(access);
  const outsiders = new Map<string, PrincipalFacts>();
  for (const call of access.facts.apiCalls) {
    const pattern = compileArn(text(asPattern(call.arn)), "identity");
    const routes = access.routes.of(call.api).filter((route) => !access.grants.miss({ pattern }, route));
    // Where one of them asks for no credentials, the call needs none.
    if (routes.length === 0 || routes.some((route) => route.authorization !== "AWS_IAM")) continue;
    const principal = findRole(call.role) ?? outsideRole(call, outsiders);
    if (principal === undefined) continue;
    const same = calls.get(principal);
    if (same === undefined) calls.set(principal, [{ call, routes }]);
    else same.push({ call, routes });
  }
  return calls;
}

/** A role that is written down and none of the stack's. */
function outsideRole({ role }: ApiCall, met: Map<string, PrincipalFacts>): PrincipalFacts | undefined {
  const [arn, ...more] = Array.isArray(role.arn) ? role.arn : [];
  if (typeof arn !== "string" || more.length > 0 || !/^arn:[\w-]+:iam::\d{12}:role\//.test(arn))
    return undefined;
  const found = met.get(arn) ?? outsider(arn);
  met.set(arn, found);
  return found;
}
