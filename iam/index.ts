/**
 * AWS's policy language over values of which parts are unknown: ARNs, patterns, documents, conditions and
 * the decision itself. It knows nothing of the tool that plans the resources.
 */
export * from "./arn";
export * from "./context";
export * from "./document";
export {
  type AllowStatement,
  allowStatements,
  decide,
  decideResource,
  decideTrust,
  leftOpen,
  mayConcern,
  type Question,
} from "./evaluate";
export { explain, takenAway } from "./evidence";
export { leftoverIn } from "./leftovers";
export * from "./lint";
export { managedPolicyDocument } from "./managed-policies";
export * from "./model";
export {
  compile,
  equal,
  equalIgnoreCase,
  match,
  matchIgnoreCase,
  matchPattern,
  type Pattern,
} from "./pattern";
export { actionMatch } from "./statement";
export * from "./text";
export * from "./trilean";
export * from "./unknown";
