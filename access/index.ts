export type { Answer, FailingStage, NamedGrantee, Note, Outcome, Wanted } from "./answer";
export { unreachableEndpoints } from "./checks/default-endpoints";
export { type Undeployed, undeployedRoutes } from "./checks/deployments";
export { type Disconnected, disconnectedHandlers } from "./checks/manage-connections";
export {
  type RefusedIntegration,
  serviceIntegrations,
  type UnprovenIntegration,
} from "./checks/service-integrations";
export { Access } from "./decisions/access";
export { type UnseenDocument, unseenDocument } from "./decisions/inference";
export {
  GATES,
  type Gate,
  type GateEntry,
  INTEGRATION_REQUEST,
  type Rule,
  reportedAs,
  ruleOf,
} from "./gates/table";
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
