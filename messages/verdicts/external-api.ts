import type { SameReason } from "../../access";
import type { ExternalApiVerdict } from "../../access/gates/external-api/verdict";
import type { Description } from "../description";
import { principalName } from "../fixes/statements";
import { showPrincipal } from "../names";

/** A caller of an API outside the stack. */
export function describeExternalApiCaller([
  { principal, grant },
]: SameReason<ExternalApiVerdict>): Description {
  return {
    finding: `${showPrincipal(principal)} can call ${grant}, an API outside this stack, but is not allowed lambda:InvokeFunction on any function`,
    explanation:
      "the caller needs lambda:InvokeFunction only if the route is IAM-authorized, calls Lambda and uses the caller's credentials (the default of AWS SAM for IAM-authorized REST APIs). The API is not in this stack, so this is unknown.",
    evidence: [],
    fix: {
      text: `if the route calls Lambda with the caller's credentials, add this statement to a policy of ${principalName(principal)}`,
      code: '{\n  "Effect": "Allow",\n  "Action": "lambda:InvokeFunction",\n  "Resource": "<the ARN of the function that the route calls>"\n}',
    },
  };
}
