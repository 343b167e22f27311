import type { GateName, Outcome } from "../report/model";

/**
 * The causes of the failures in a log, as plain data: the output of `diagnose --format json`.
 * `schema/diagnosis.schema.json` describes it. Lists are sorted, so that two runs have the same output.
 */
export interface Diagnosis {
  /** The version of the format; incremented by incompatible changes. */
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "apigateway-lambda-access"; readonly version: string };
  readonly inputs: readonly DiagnosisInput[];
  readonly log: LogSummary;
  /** Failures that are caused by a permission are first; within both groups, the most frequent are first. */
  readonly failures: readonly FailureEntry[];
  /** Differences between account data and a state; absent if there are none. */
  readonly drift?: readonly DiagnosedDrift[];
}

/** A difference between AWS and the state of a stack, in a resource or a part of it. */
export interface DiagnosedDrift {
  /** URN of the resource of the stack. */
  readonly urn: string;
  readonly message: string;
}

/** The source of the resources. */
export interface DiagnosisInput {
  /** The argument on the command line: a file, `-`, or a folder. */
  readonly name: string;
  readonly as: "state" | "preview" | "first-preview" | "deployed";
  readonly project: string;
  readonly stack: string;
}

export interface LogSummary {
  /** The argument on the command line: a file, or `-`. */
  readonly name: string;
  readonly lines: number;
  /** The number of requests in the log. */
  readonly records: number;
  /** The number of failed requests. */
  readonly failed: number;
  /** The number of lines, or events, without a request. */
  readonly skipped: number;
  /** The number of further kinds of failures that are not listed. */
  readonly notListed: number;
}

/**
 * - `explained`: a gate denies the request
 * - `unproven`: a gate may deny the request; the unknown values are listed
 * - `unexplained`: the stacks allow the request that AWS denied, so AWS differs from the stacks
 * - `no-route`: the stacks do not contain the route
 * - `other`: the failure is not caused by a permission
 */
export type DiagnosisOutcome = "explained" | "unproven" | "unexplained" | "no-route" | "other";

/** Requests by one caller to one route that failed for the same reason. */
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
  /** The status code, if the log contains it. */
  readonly status?: string;
  /** AWS's error message, or a description if the log contains no message. */
  readonly symptom: string;
  /** For `other`: the meaning of the failure. */
  readonly meaning?: string;
  readonly count: number;
  /** The time of the first request, in the format of the log; `last` is that of the last request. */
  readonly first?: string;
  readonly last?: string;
  /** The id of one of the requests. */
  readonly requestId?: string;
  /** The parts of the request that the log contains: `GET /orders/7`. */
  readonly requested: string;
  readonly stage?: string;
  /** The route, or all routes that match the request, if the log does not identify the route. */
  readonly routes: readonly DiagnosedRoute[];
  readonly caller: DiagnosedCaller;
  /**
   * Other callers with the same explanation, if the explanation does not depend on the caller or the callers are unknown.
   */
  readonly otherCallers?: OtherCallers;
  /** The gates that explain, or may explain, the failure, for each possible route and caller. */
  readonly causes: readonly CauseEntry[];
  /** Possible causes of a failure that the stacks do not explain, with commands that verify them. */
  readonly hypotheses: readonly Hypothesis[];
}

export interface DiagnosedRoute {
  readonly api: string;
  readonly apiUrn: string;
  readonly label: string;
  readonly credentials: "none" | "caller" | "role" | "unknown" | "no function";
}

export interface DiagnosedCaller {
  /** `principal`: in the stacks; `external`: known by its ARN only; `unknown`: has an id that is in no state. */
  readonly kind: "principal" | "external" | "unknown" | "anonymous" | "not-said";
  /** The name for display: `role "orders-client"`. */
  readonly label?: string;
  readonly urn?: string;
  /** The caller, as in the log. */
  readonly as?: string;
  /** The unique id in the log, if it differs from that in the state: the role or user was re-created. */
  readonly newId?: string;
}

export interface OtherCallers {
  readonly count: number;
  /** Present if there are more callers than `count`. */
  readonly more?: true;
  /** The first of these callers, as in the log. */
  readonly as: readonly string[];
}

/** A gate that denies or may deny the request, and its verdict. */
export interface CauseEntry {
  readonly gate: GateName;
  readonly outcome: Outcome;
  readonly question: string;
  readonly policy: string;
  /** URN of the resource to which the verdict is attached. */
  readonly urn: string;
  /** The route of the verdict, if the failure has several routes: `GET /orders`. */
  readonly route?: string;
  readonly evidence: readonly string[];
  /** The unknown values, one per line. */
  readonly unknown: readonly string[];
  /** The AWS CLI commands whose output, as account data, resolves the unknown values. */
  readonly commands?: readonly string[];
  /** The fix, or how to resolve unknown values. */
  readonly fix?: string;
  /** The part of `fix` to paste into the program. */
  readonly code?: string;
}

export interface Hypothesis {
  readonly what: string;
  /** The AWS CLI command that verifies it. */
  readonly command?: string;
}
