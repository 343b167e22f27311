import { API_GATEWAY } from "../../aws";
import { type Language, writeExample } from "../languages";
import { argument } from "../snippets";
import { message } from "../text";

/** The unintended principals that a function permission allows. */
export interface LambdaPermissionScopeProblem {
  /** API Gateway for any API of any account; or everyone. */
  readonly code: "any-api" | "everyone";
}

export function describeLambdaPermissionScope(
  { code }: LambdaPermissionScopeProblem,
  language: Language,
): string {
  switch (code) {
    case "any-api":
      return message([
        "This permission has no source ARN: any API Gateway API, in any account, can invoke the function.",
        "Why: the service principal is the same for all customers of AWS; only the source ARN distinguishes their APIs (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).",
        `Fix: ${writeExample([argument("sourceArn", { urn: "api", property: "executionArn" }, "/*")], language)}`,
      ]);
    case "everyone":
      return message([
        "This permission allows every AWS principal, in any account, to invoke the function.",
        'Why: principal "*" without a source ARN, source account, organization or function URL condition is public.',
        `Fix: name the principal ("${API_GATEWAY}" with a sourceArn, an account, or a role ARN).`,
      ]);
  }
}
