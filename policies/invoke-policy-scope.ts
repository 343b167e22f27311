import { scopeFindings } from "../iam/document/lint";
import { LEAST_PRIVILEGE, type Metadata, type ResourcePolicy, resourcePolicy } from "./framework";
import { DOCUMENT_KINDS, documentsIn, findingMessage } from "./principal-documents";

const metadata: Metadata = {
  name: "invoke-policy-scope",
  displayName: "Grants of lambda:InvokeFunction and execute-api:Invoke name what they are for",
  description: "A policy grants lambda:InvokeFunction on every function, or execute-api:Invoke on every API.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "Name the functions and APIs that the principal is intended to call.",
  framework: LEAST_PRIVILEGE,
};

const WHY =
  "its holder may call what it is not intended to call: functions of the account directly, past any API, or routes of other APIs.";

export const invokePolicyScope: ResourcePolicy = resourcePolicy(metadata, {
  kinds: DOCUMENT_KINDS,
  problems: (planned) =>
    documentsIn(planned).flatMap(({ label, document }) =>
      scopeFindings(document).map((finding) => findingMessage(label, finding, WHY)),
    ),
  describe: (sentence) => sentence,
  // A permissions boundary grants nothing.
  withStack: { kinds: ["Policy"], counts: (urn, access) => !access.facts.onlyBoundaries.has(urn) },
});
