export type { Answer, FailingStage, NamedGrantee, Note, Outcome, Wanted } from "./answer";
export { unreachableEndpoints } from "./checks/default-endpoints";
export { type Undeployed, undeployedRoutes } from "./checks/deployments";
export { type Disconnected, disconnectedHandlers } from "./checks/manage-connections";
export {
  type OpenIntegration,
  type RefusedIntegration,
  serviceIntegrations,
} from "./checks/service-integrations";
export { Access } from "./decisions/access";
export { type UnseenDocument, unseenDocument } from "./decisions/inference";
export { authorizers } from "./gates/authorizer-function/authorizers";
export type { AuthorizerFunctionVerdict } from "./gates/authorizer-function/verdict";
export { callersOfRoutes, mayInvoke } from "./gates/caller-function/callers";
export { impossibleCallerCredentials } from "./gates/caller-function/impossible-caller-credentials";
export type {
  CallerCredentialsVerdict,
  CallerFunctionVerdict,
  CallerVerdict,
} from "./gates/caller-function/verdict";
export { callersOfEachRoute, mayCall } from "./gates/caller-route/callers";
export { type DeclaredCaller, NOBODY_DECLARED } from "./gates/caller-route/declared-callers";
export { deniedCallers } from "./gates/caller-route/denied-callers";
export { untrustedPools } from "./gates/caller-route/identity-pool-trust";
export { deniedServiceCalls } from "./gates/caller-route/service-calls";
export { untrustedServices } from "./gates/caller-route/service-trust";
export { unmatchedResourcePolicies } from "./gates/caller-route/unmatched-resource-policies";
export type { CallerRouteVerdict } from "./gates/caller-route/verdict";
export { externalApiCallers } from "./gates/external-api/callers";
export type { ExternalApiVerdict } from "./gates/external-api/verdict";
export { functionUrlCallers } from "./gates/function-url/callers";
export type { FunctionUrlVerdict } from "./gates/function-url/verdict";
export { policiesForPrincipals, resourcePolicies } from "./gates/resource-policy/resource-policies";
export type { ResourcePolicyVerdict } from "./gates/resource-policy/verdict";
export { integrationRoles } from "./gates/role-function/integration-roles";
export type { RoleFunctionVerdict } from "./gates/role-function/verdict";
export { functionPermissions } from "./gates/route-function/permissions";
export type { RouteFunctionVerdict } from "./gates/route-function/verdict";
export { GATES, type Gate, type Question, type Rule, reportedAs, ruleOf } from "./gates/table";
export { reasonOf, type SameReason, sameReason } from "./reasons";
export { usesCallerCredentials } from "./requests/route-groups";
export { callerArn, seenFrom, sourceArns, stageNames } from "./requests/routes";
export { routeOfRequest } from "./requests/specific-routes";
export { type Grantee, pathName, type RouteName, routeName, type TargetName, targetName } from "./unknowns";
export {
  authorizerOf,
  type Cause,
  type Denied,
  decisionOf,
  functionUrlOf,
  granteeOf,
  isDenied,
  principalOf,
  targetOf,
  type Verdict,
} from "./verdict";
