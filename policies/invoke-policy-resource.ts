import { lintDocument, lintSize } from "../iam/document/lint";
import { type DocumentName, describeDocument } from "../messages/policies/invoke-policy-resource";
import { partitionOf } from "../stack";
import { type Metadata, type ResourcePolicy, resourcePolicy } from "./framework/create-policy";
import { DOCUMENT_KINDS, documentsIn, quotaOf } from "./framework/principal-documents";

const metadata: Metadata = {
  name: "invoke-policy-resource",
  displayName: "Grants of lambda:InvokeFunction and execute-api:Invoke can match",
  description:
    "A policy statement on lambda:InvokeFunction or execute-api:Invoke can never match, or IAM will refuse its document.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Use the function's ARN under lambda:InvokeFunction, and API/stage/method/path with * for parameters under execute-api:Invoke.",
};

const ALL: readonly DocumentName[] = [{ code: "inline-policies" }];

export const invokePolicyResource: ResourcePolicy = resourcePolicy(metadata, {
  kinds: DOCUMENT_KINDS,
  problems: (planned) => {
    const documents = documentsIn(planned);
    const place = { partition: partitionOf(planned) };
    const size = lintSize(
      documents.map(({ document }) => document),
      quotaOf(planned),
    );
    const [documentName] = documents.length > 1 ? ALL : documents.map((placed) => placed.documentName);
    return [
      ...documents.flatMap(({ documentName, document }) =>
        lintDocument(document, place).map((finding) => ({ documentName, finding })),
      ),
      ...(size === undefined || documentName === undefined ? [] : [{ documentName, finding: size }]),
    ];
  },
  describe: (problem) => describeDocument(problem),
});
