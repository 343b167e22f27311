import { API_GATEWAY } from "../aws";
import { argument, type Language, message, writeExample } from "../messages";
import { type Planned, read, readString } from "../stack";
import { LEAST_PRIVILEGE, type Metadata, type ResourcePolicy, resourcePolicy } from "./framework";

const metadata: Metadata = {
  name: "lambda-permission-scope",
  displayName: "Function permissions are no wider than intended",
  description:
    "A function permission allows API Gateway to invoke the function for any API of any account, or allows everyone.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "Give the permission a source ARN of the API, or name the principal.",
  framework: LEAST_PRIVILEGE,
};

export const lambdaPermissionScope: ResourcePolicy = resourcePolicy(
  metadata,
  ["Permission"],
  (planned, language) => {
    const wide = widthOf(planned, language);
    return wide === undefined ? [] : [wide];
  },
);

const NARROWING = [
  "sourceArn",
  "sourceAccount",
  "principalOrgId",
  "eventSourceToken",
  "functionUrlAuthType",
  "invokedViaFunctionUrl",
];

function widthOf(planned: Planned, language: Language): string | undefined {
  const principal = readString(planned, "principal");
  const set = (property: string): boolean => {
    const value = planned.term.reads.includes(property) ? read(planned, property) : undefined;
    return value !== undefined && value !== "";
  };
  if (principal === API_GATEWAY && !set("sourceArn")) {
    return message([
      "This permission has no source ARN: any API Gateway API, of any account, may invoke the function.",
      "Why: the service principal is the same for all customers of AWS; only the source ARN distinguishes their APIs (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).",
      `Fix: ${writeExample([argument("sourceArn", { urn: "api", property: "executionArn" }, "/*")], language)}`,
    ]);
  }
  if (principal === "*" && !NARROWING.some(set)) {
    return message([
      "This permission lets every AWS principal, of any account, invoke the function.",
      'Why: principal "*" without a source ARN, source account, organization or function URL condition is public.',
      `Fix: name the principal ("${API_GATEWAY}" with a sourceArn, an account, or a role ARN).`,
    ]);
  }
  return undefined;
}
