import type { PrincipalFacts } from "../../../stack";
import { type Answer, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import { GATES } from "../table";

/** Whether a principal that may call an API outside the stack may also invoke the functions of the stack. */
export interface ExternalApiVerdict extends Answer {
  readonly gate: "external-api";
  readonly cause: "policies";
  readonly principal: PrincipalFacts;
  /** The pattern of the grant that names the API. */
  readonly grant: string;
}

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function externalApiVerdict(fields: VerdictFields<ExternalApiVerdict>): ExternalApiVerdict {
  return { gate: "external-api", actions: GATES["external-api"].actions, ...NO_UNKNOWNS, ...fields };
}
