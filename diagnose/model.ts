import type { GateName, Outcome } from "../report/model";

/**
 * The causes of the failures in a log, as plain data: the output of `diagnose --format json`.
 * `schema/diagnosis.schema.json` describes it. Lists are sorted, so that two runs print the same.
 */
export interface Diagnosis {
  /** The version of the format; incremented by incompatible changes. */
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "apigateway-lambda-access"; readonly version: string };
  readonly inputs: readonly DiagnosisInput[];
  readonly log: LogSummary;
  /** Failures caused by a permission first, and the most frequent of them first. */
  readonly failures: readonly FailureEntry[];
  /** Where account data and a state disagree; absent where they do not. */
  readonly drift?: readonly DiagnosedDrift[];
}

/** A resource, or a part of one, that differs between AWS and the state of a stack. */
export interface DiagnosedDrift {
  /** URN of the resource of the stack. */
  readonly urn: string;
  readonly message: string;
}

/** Where resources were read from. */
export interface DiagnosisInput {
  /** As given on the command line: a file, `-`, a folder. */
  readonly name: string;
  readonly as: "state" | "preview" | "first-preview" | "deployed";
  readonly project: string;
  readonly stack: string;
}

export interface LogSummary {
  /** As given on the command line: a file, or `-`. */
  readonly name: string;
  readonly lines: number;
  /** The number of requests in it. */
  readonly records: number;
  /** The number of failed requests. */
  readonly failed: number;
  /** The number of lines, or events, without a request. */
  readonly skipped: number;
  /** The number of further kinds of failures that are not listed. */
  readonly notListed: number;
}

/**
 * - `explained`: the stacks show why
 * - `unproven`: the stacks may show why; the unknown values are listed
 * - `unexplained`: the stacks allow the request that was denied, so AWS differs from them
 * - `no-route`: the stacks have no such route
 * - `other`: the cause is not a permission
 */
export type DiagnosisOutcome = "explained" | "unproven" | "unexplained" | "no-route" | "other";

/** Requests of one caller to one route that failed for one reason. */
export interface FailureEntry {
  readonly outcome: DiagnosisOutcome;
  readonly kind:
    | "function-not-invoked"
    | "role-not-assumed"
    | "caller-not-authorized"
    | "authorizer-not-invoked"
    | "refused-by-authorizer"
    | "forbidden"
    | "server-error"
    | "other";
  /** The status code, where the log has it. */
  readonly status?: string;
  /** AWS's error message, or a description in place of one. */
  readonly symptom: string;
  /** Its meaning, for `other`. */
  readonly meaning?: string;
  readonly count: number;
  /** When the first and the last of them were, in the format of the log. */
  readonly first?: string;
  readonly last?: string;
  /** The ID of one of them. */
  readonly requestId?: string;
  /** The request, as far as the log has it: `GET /orders/7`. */
  readonly requested: string;
  readonly stage?: string;
  /** Several where the log does not show which of them it was. */
  readonly routes: readonly DiagnosedRoute[];
  readonly caller: DiagnosedCaller;
  /**
   * Other callers with the same explanation, where it does not depend on the caller or nothing is known of any of them.
   */
  readonly otherCallers?: OtherCallers;
  /** The answers that explain it, or may explain it: for each possible route and caller. */
  readonly causes: readonly CauseEntry[];
  /** Possible causes where the stacks do not explain it, with the command that checks each. */
  readonly hypotheses: readonly Hypothesis[];
}

export interface DiagnosedRoute {
  readonly api: string;
  readonly apiUrn: string;
  readonly label: string;
  readonly credentials: "none" | "caller" | "role" | "unknown" | "no function";
}

export interface DiagnosedCaller {
  /** `principal`: of the stacks; `external`: known by its ARN only; `unknown`: by an ID that no state has. */
  readonly kind: "principal" | "external" | "unknown" | "anonymous" | "not-said";
  /** `role "orders-client"` */
  readonly label?: string;
  readonly urn?: string;
  /** As the log names it. */
  readonly as?: string;
  /** The unique ID in the log, where it differs from that in the state: the role or user was re-created. */
  readonly newId?: string;
}

export interface OtherCallers {
  readonly count: number;
  /** There are more of them than were counted. */
  readonly more?: true;
  /** The first of them, as the log names them. */
  readonly as: readonly string[];
}

/** One gate that the request met, and its answer. */
export interface CauseEntry {
  readonly gate: GateName;
  readonly outcome: Outcome;
  readonly question: string;
  readonly policy: string;
  /** URN of the resource that it is about. */
  readonly urn: string;
  /** The route that it is about, where the failure has several: `GET /orders`. */
  readonly route?: string;
  readonly evidence: readonly string[];
  /** The unknown values, a line each. */
  readonly unknown: readonly string[];
  /** The commands of the AWS CLI whose output, as account data, resolves the unknown values. */
  readonly commands?: readonly string[];
  /** The fix, or how to resolve it. */
  readonly fix?: string;
  /** The part of `fix` to paste into the program. */
  readonly code?: string;
}

export interface Hypothesis {
  readonly what: string;
  /** The AWS CLI command that checks it. */
  readonly command?: string;
}
