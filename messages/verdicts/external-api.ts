import type { SameReason } from "../../access";
import type { ExternalApiVerdict } from "../../access/gates/external-api/verdict";
import type { Description } from "../description";
import { holderOf } from "../fixes/statements";
import { showPrincipal } from "../names";

/** A caller of an API outside the stack. */
export function describeExternalApiCaller([
  { principal, grant },
]: SameReason<ExternalApiVerdict>): Description {
  return {
    finding: `${showPrincipal(principal)} may call ${grant}, an API outside this stack, but is not allowed lambda:InvokeFunction on any function`,
    rule: "two-step",
    why: "the API is not in this stack, so whether its route is IAM-authorized, calls Lambda and uses the caller's credentials (which AWS SAM does by default for IAM-authorized REST APIs) is unknown here; only then does the caller need lambda:InvokeFunction.",
    evidence: [],
    fix: {
      text: `if the route calls Lambda with the caller's credentials, add this statement to a policy of ${holderOf(principal)}:`,
      code: '{\n  "Effect": "Allow",\n  "Action": "lambda:InvokeFunction",\n  "Resource": "<the ARN of the function that the route calls>"\n}',
    },
  };
}
