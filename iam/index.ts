/**
 * AWS's policy language over partly unknown values: ARNs, patterns, documents, conditions and the decision itself. It
 * does not depend on the tool that plans the resources.
 */

export { parseDocument } from "./document/document";
export * from "./document/lint";
export * from "./document/types";
export { type AllowStatement, allowStatements, mayAllow } from "./evaluate/allow-statements";
export * from "./evaluate/context";
export { decide, decideResource, decideTrust, type Question } from "./evaluate/evaluate";
export { explainWith, withUnknownAnswer } from "./evaluate/lazy-decision";
export * from "./evaluate/model";
export type { Quote, QuotedCondition, QuotedElement, QuotedPrincipal } from "./evaluate/quotes";
export { actionMatch } from "./evaluate/statement";
export * from "./evaluate/unknowns";
export { managedPolicyDocument } from "./managed-policies/managed-policies";
export {
  type ArnMatch,
  type ArnParts,
  type ArnPattern,
  type ArnSegment,
  type ArnUse,
  arnLike,
  arnMismatch,
  arnPatternOf,
  compileArn,
  matchArn,
  matchArnPattern,
  splitArn,
} from "./text/arn";
export * from "./text/arn-formats";
export { type HoleLabel, holeName } from "./text/hole-labels";
export { isObject } from "./text/json";
export { leftoverIn } from "./text/leftovers";
export { equal, equalIgnoreCase, match, matchIgnoreCase, matchPattern } from "./text/match";
export { compile, type Pattern } from "./text/pattern";
export * from "./text/text";
export * from "./text/trilean";
export * from "./text/unknown";
