import { scopeFindings } from "../iam/document/lint";
import { describeScope } from "../messages/policies/invoke-policy-scope";
import {
  LEAST_PRIVILEGE,
  type Metadata,
  type ResourcePolicy,
  resourcePolicy,
} from "./framework/create-policy";
import { DOCUMENT_KINDS, documentsIn } from "./framework/principal-documents";

const metadata: Metadata = {
  name: "invoke-policy-scope",
  displayName: "Grants of lambda:InvokeFunction and execute-api:Invoke are specific",
  description: "A policy grants lambda:InvokeFunction on every function, or execute-api:Invoke on every API.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "Name the functions and APIs that the principal is intended to call.",
  framework: LEAST_PRIVILEGE,
};

export const invokePolicyScope: ResourcePolicy = resourcePolicy(metadata, {
  kinds: DOCUMENT_KINDS,
  problems: (planned) =>
    documentsIn(planned).flatMap(({ documentName, document }) =>
      scopeFindings(document).map((finding) => ({ documentName, finding })),
    ),
  describe: describeScope,
  // A permissions boundary grants nothing.
  withStack: { kinds: ["Policy"], counts: (urn, access) => !access.facts.boundaryOnlyPolicies.has(urn) },
});
