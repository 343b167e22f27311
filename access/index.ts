export { Access, EXECUTE, INVOKE } from "./access";
export {
  callersLetThrough,
  callersOfOutsideApis,
  callersOfRoutes,
  callersStopped,
  type DeclaredCaller,
  mayCall,
  NOBODY_DECLARED,
  usesCaller,
} from "./callers";
export { functionUrlCallers } from "./function-urls";
export { untrustedPools } from "./identity-pools";
export {
  authorizers,
  functionPermissions,
  impossiblePassthrough,
  integrationRoles,
  showTarget,
} from "./integrations";
export { outsider } from "./outsiders";
export { callerArn, seenFrom, showPath, showRoute, sourceArns, stageNames, VERBS } from "./routes";
export type { Cause, Gate, Outcome, Verdict } from "./verdict";
