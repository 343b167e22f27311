import { type PolicyDocument, type PolicyQuota, parseDocument, Unknown } from "../../iam";
import type { DocumentName } from "../../messages/policies/invoke-policy-resource";
import { type ReadableResource, type ResourceKind, read, readString } from "../../stack";

/** The resource types with identity-based policy documents. */
export const DOCUMENT_KINDS: readonly ResourceKind[] = [
  "Role",
  "User",
  "Group",
  "RolePolicy",
  "UserPolicy",
  "GroupPolicy",
  "Policy",
];

/** An identity-based policy document in the inputs of one planned resource. */
export interface PlacedDocument {
  readonly documentName: DocumentName;
  readonly document: PolicyDocument;
}

/** The quota for the documents of each resource type. */
export function quotaOf({ kind }: ReadableResource): PolicyQuota {
  switch (kind) {
    case "User":
    case "UserPolicy":
      return "user";
    case "Group":
    case "GroupPolicy":
      return "group";
    case "Policy":
      return "managed";
    default:
      return "role";
  }
}

/** The documents in the inputs of a resource. */
export function documentsIn(planned: ReadableResource): readonly PlacedDocument[] {
  if (planned.resourceType.reads.includes("inlinePolicies"))
    return inlineDocuments(read(planned, "inlinePolicies"));
  if (!planned.resourceType.reads.includes("policy")) return [];
  const document = read(planned, "policy");
  if (document === undefined || document instanceof Unknown) return [];
  const name = readString(planned, "name");
  return [
    {
      documentName: { code: "policy", name: typeof name === "string" ? name : planned.name },
      document: parseDocument(document, "identity"),
    },
  ];
}

function inlineDocuments(policies: unknown): readonly PlacedDocument[] {
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((entry): readonly PlacedDocument[] => {
    if (typeof entry !== "object" || entry === null || entry instanceof Unknown) return [];
    const { name, policyName, policy, policyDocument } = entry as Record<string, unknown>;
    const document = policy ?? policyDocument;
    if (document === undefined || document === null || document instanceof Unknown) return [];
    const documentName = name ?? policyName;
    return [
      {
        documentName: {
          code: "inline-policy",
          name: typeof documentName === "string" ? documentName : undefined,
        },
        document: parseDocument(document, "identity"),
      },
    ];
  });
}
