import { type Language, writeExample } from "../languages";
import { argument, type Phrase } from "../snippets";
import { message } from "../text";
import { INVALID_PERMISSIONS } from "../verdicts/parts";

/** Why no request has the source ARN of a permission for API Gateway. */
export type LambdaPermissionSourceArnProblem = { readonly arn: string } & SourceArnMismatch;

export type SourceArnMismatch =
  /** A missing value was converted to a string; the ARN for managing the API; too short for a request's. */
  | { readonly code: "leftover" | "management-arn" | "not-an-arn" | "wildcard" | "empty-field" | "too-short" }
  | { readonly code: "other-service"; readonly service: string }
  /** It names a partition that its region is not in; without a known region, that the stack is not in. */
  | {
      readonly code: "partition";
      readonly partition: string;
      readonly expected: string;
      readonly region?: string;
    };

const EXECUTION_ARN = { urn: "api", property: "executionArn" };
const ROUTE = argument("sourceArn", EXECUTION_ARN, "/*/GET/path");
const USE_EXECUTION_ARN: Phrase = ["use the API's execution ARN: ", ROUTE];

export function describeLambdaPermissionSourceArn(
  problem: LambdaPermissionSourceArnProblem,
  language: Language,
): string {
  const { arn } = problem;
  const clippedArn = arn.length > 300 ? `${arn.slice(0, 300)}…` : arn;
  const { finding, fix } = partsOf(problem);
  return message([
    `The source ARN ${clippedArn} of this permission can never match: ${finding}.`,
    `Why: AWS's own rule. API Gateway presents a source ARN that ends with API/stage/method/path: the method of the request and the path as the route defines it. Callers get ${INVALID_PERMISSIONS}.`,
    `Fix: ${writeExample(fix, language)}`,
  ]);
}

function partsOf(mismatch: SourceArnMismatch): { readonly finding: string; readonly fix: Phrase } {
  switch (mismatch.code) {
    case "leftover":
      return {
        finding: "a missing value was converted to a string",
        fix: ["build it from outputs: ", ROUTE],
      };
    case "management-arn":
      return {
        finding: "ARNs of apigateway are for managing APIs; requests have an ARN of execute-api",
        fix: USE_EXECUTION_ARN,
      };
    case "not-an-arn":
      return { finding: "it is not an ARN", fix: USE_EXECUTION_ARN };
    case "wildcard":
      return {
        finding: "AWS accepts no wildcard in the partition, region or account of a source ARN",
        fix: ["write them out, as in the API's execution ARN: ", ROUTE],
      };
    case "other-service":
      return {
        finding:
          mismatch.service === ""
            ? "it has no service"
            : `its service is ${mismatch.service}, not execute-api`,
        fix: USE_EXECUTION_ARN,
      };
    case "empty-field":
      return { finding: "its region or account is empty", fix: USE_EXECUTION_ARN };
    case "partition": {
      const { partition, expected, region } = mismatch;
      const isValid = /^[a-z-]{1,20}$/.test(partition);
      const place = region === undefined ? "its stack" : `region ${region}`;
      return {
        finding: isValid
          ? `it is in partition ${partition}, but ${place} is in ${expected}`
          : `it has no valid partition; ${place} is in ${expected}`,
        fix: USE_EXECUTION_ARN,
      };
    }
    case "too-short":
      return {
        finding: "it ends before the stage, method and path",
        fix: [
          "add them: ",
          ROUTE,
          ", or ",
          argument("sourceArn", EXECUTION_ARN, "/*"),
          " for every route of the API",
        ],
      };
  }
}
