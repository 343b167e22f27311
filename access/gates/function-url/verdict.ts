import type { Decision } from "../../../iam";
import type { FunctionTarget, FunctionUrl, PrincipalFacts, UnsignedReason } from "../../../stack";
import { type Answer, type NamedGrantee, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import { GATES } from "../table";

interface OfUrl extends Answer {
  readonly gate: "function-url";
  readonly target: FunctionTarget;
}

interface OfKnownUrl extends OfUrl {
  readonly functionUrl: FunctionUrl;
}

/**
 * Whether a caller may call the URL of a function: a principal of the stack, one that a permission names, or a
 * distribution.
 */
export type FunctionUrlVerdict =
  | (OfKnownUrl & {
      readonly cause: "policies";
      readonly principal: PrincipalFacts;
      readonly decision: Decision;
      /** The URLs that it is about, where several have the same answer: this one is the first of them. */
      readonly urlGroup?: readonly FunctionUrl[];
    })
  /** A URL without authorization. */
  | (OfKnownUrl & { readonly cause: "everyone"; readonly decision: Decision })
  /** The plan does not show the URL's authorization or function. */
  | (OfKnownUrl & { readonly cause: "url-unknown"; readonly outcome: "unproven" })
  /** A principal that the function's resource policy allows to call the URL; the URL may be in another stack. */
  | (OfUrl & {
      readonly cause: "second-action";
      readonly functionUrl?: FunctionUrl;
      readonly grantee: NamedGrantee;
      readonly decision: Decision;
    })
  /** The same on a version or alias that has no URL. */
  | (OfKnownUrl & {
      readonly cause: "other-qualifier";
      readonly grantee: NamedGrantee;
      readonly decision: Decision;
    })
  /** A distribution sends unsigned requests. */
  | (OfKnownUrl & {
      readonly cause: "unsigned-requests";
      readonly because: UnsignedReason;
      readonly grantee: NamedGrantee;
    })
  /** A distribution signs its requests, and the function's resource policy does not allow it to call the URL. */
  | (OfKnownUrl & {
      readonly cause: "unpermitted-distribution";
      readonly grantee: NamedGrantee;
      readonly decision: Decision;
    });

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function functionUrlVerdict(fields: VerdictFields<FunctionUrlVerdict>): FunctionUrlVerdict {
  return { gate: "function-url", actions: GATES["function-url"].actions, ...NO_UNKNOWNS, ...fields };
}
