import type { PrincipalFacts } from "../../../stack";
import { type Answer, PLAIN, type VerdictFields } from "../../answer";
import { GATES } from "../table";

export interface ExternalApiVerdict extends Answer {
  readonly gate: "external-api";
  readonly cause: "policies";
  readonly principal: PrincipalFacts;
  /** The pattern of the grant that names the API. */
  readonly grant: string;
}

export function externalApiVerdict(fields: VerdictFields<ExternalApiVerdict>): ExternalApiVerdict {
  return { gate: "external-api", actions: GATES["external-api"].actions, ...PLAIN, ...fields };
}
