import { INVOCATION_FORMS } from "../../aws";
import { argument, type Phrase } from "../snippets";

/** Why the URI of an integration or authorizer, or the ARN in its place, cannot invoke a function. */
export type InvocationUriProblem = InvocationUriMismatch & {
  /** The property that contains it, by the provider's name: `uri`, `authorizerUri`. */
  readonly setting: string;
};

export type InvocationUriMismatch =
  /** It contains the text of a missing value. */
  | { readonly code: "leftover"; readonly leftover: string }
  /**
   * It names a version of Lambda's API that is not documented for its operation; the documented version, where there is
   * one.
   */
  | { readonly code: "version"; readonly version: string; readonly operation?: string }
  | { readonly code: "malformed" }
  /** It names a partition that its region is not in; without a known region, that the stack is not in. */
  | {
      readonly code: "partition";
      readonly partition: string;
      readonly expected: string;
      readonly region?: string;
    }
  /** An authorizer of a REST API has the function's ARN. */
  | { readonly code: "function-arn" };

export interface InvocationUriDescription {
  /** One sentence, without a full stop. */
  readonly finding: string;
  readonly fix: Phrase;
}

/** By an example's name. */
const INVOKE_ARN = { urn: "fn", property: "invokeArn" };

export function describeInvocationUri(problem: InvocationUriProblem): InvocationUriDescription {
  const { setting } = problem;
  const fix = [argument(setting, INVOKE_ARN)];
  switch (problem.code) {
    case "leftover":
      return {
        finding: `The ${setting} contains "${problem.leftover}" in place of a value (BadRequestException: Invalid ARN specified in the request)`,
        fix: [
          ...fix,
          ", or combine outputs: ",
          argument(setting, "arn:…:function:", { urn: "fn", property: "name" }, "/invocations"),
        ],
      };
    case "version": {
      const { version, operation } = problem;
      const documented = INVOCATION_FORMS.map((form) => `${form.version} for ${form.operation}`);
      return {
        finding: `The URI names version ${version} of Lambda's API${operation === undefined ? "" : ` for ${operation}`}; the documented versions are ${documented.join(" and ")}`,
        fix,
      };
    }
    case "malformed":
      return {
        finding:
          "The integration's URI is malformed: it must read arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations",
        fix,
      };
    case "partition": {
      const { partition, expected, region } = problem;
      const place = region === undefined ? "its stack" : `region ${region}`;
      return {
        finding:
          partition === ""
            ? `The ${setting} has no partition; ${place} is in ${expected}`
            : `The ${setting} is in partition ${partition}, but ${place} is in ${expected}`,
        fix,
      };
    }
    case "function-arn":
      return {
        finding: `The ${setting} is the function's ARN; a REST API needs the URI that invokes it`,
        fix,
      };
  }
}
