import type { ResourceValidationPolicy } from "@pulumi/policy";
import { lintDocument } from "../iam/lint";
import { type Metadata, resourcePolicy } from "./framework";
import { message } from "./messages";
import { DOCUMENT_KINDS, documentsIn } from "./principal-documents";
import type { Run } from "./run";

const metadata: Metadata = {
  name: "invoke-policy-resource",
  displayName: "Grants of lambda:InvokeFunction and execute-api:Invoke can match",
  description:
    "A policy statement on lambda:InvokeFunction or execute-api:Invoke can never match, or IAM will refuse its document.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Use the function's ARN under lambda:InvokeFunction, and API/stage/verb/path with * for parameters under execute-api:Invoke.",
};

export function invokePolicyResource(run: Run): ResourceValidationPolicy {
  return resourcePolicy(run, metadata, DOCUMENT_KINDS, (planned) =>
    documentsIn(planned).flatMap(({ label, document, managed }) =>
      lintDocument(document, managed ? "managed" : "inline").map((finding) =>
        message([
          `${label}${finding.statement === undefined ? "" : `, ${finding.statement}`}: ${finding.message}`,
          `Fix: ${finding.fix}`,
        ]),
      ),
    ),
  );
}
