import type { GateName, Outcome } from "../report/model";

/**
 * What the records of a log failed for, as plain data: what `diagnose --format json` prints.
 * `schema/diagnosis.schema.json` describes it. Lists are sorted, so that two runs print the same.
 */
export interface Diagnosis {
  /** Of the format; a change that a reader must know of counts it up. */
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "apigateway-lambda-access"; readonly version: string };
  readonly inputs: readonly DiagnosisInput[];
  readonly log: LogSummary;
  /** Those that come of a permission first, and the most frequent of them. */
  readonly failures: readonly FailureEntry[];
  /** Where account data and a state disagree; absent where they do not. */
  readonly drift?: readonly DiagnosedDrift[];
}

/** Something that AWS no longer has as the state of a stack has it. */
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
  /** Requests that it contains. */
  readonly records: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** Lines, or events, without a request. */
  readonly skipped: number;
  /** Failures of further kinds than are listed. */
  readonly notListed: number;
}

/**
 * - `explained`: the stacks say why
 * - `unproven`: they may; what is unknown is said
 * - `unexplained`: the stacks allow what was refused, so AWS has something else than they say
 * - `no-route`: the stacks have no such route
 * - `other`: it is not a matter of a permission
 */
export type DiagnosisOutcome = "explained" | "unproven" | "unexplained" | "no-route" | "other";

/** Requests that failed for one reason, of one caller at one route. */
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
  /** AWS's words, or what stands for them. */
  readonly symptom: string;
  /** What it means, for `other`. */
  readonly meaning?: string;
  readonly count: number;
  /** When the first and the last of them were, as the log says it. */
  readonly first?: string;
  readonly last?: string;
  /** The id of one of them. */
  readonly requestId?: string;
  /** The request, as far as the log has it: `GET /orders/7`. */
  readonly requested: string;
  readonly stage?: string;
  /** Several where the log does not say which of them it was. */
  readonly routes: readonly DiagnosedRoute[];
  readonly caller: DiagnosedCaller;
  /** Others for whom the same is said, where it does not depend on who called or nothing is known of any of them. */
  readonly otherCallers?: OtherCallers;
  /** The answers that explain it, or that may: those of each route and caller that it may have been. */
  readonly causes: readonly CauseEntry[];
  /** What may be the case where the stacks do not explain it, with the command that shows it. */
  readonly hypotheses: readonly Hypothesis[];
}

export interface DiagnosedRoute {
  readonly api: string;
  readonly apiUrn: string;
  readonly label: string;
  readonly credentials: "none" | "caller" | "role" | "unknown" | "no function";
}

export interface DiagnosedCaller {
  /** `principal`: of the stacks; `external`: known by its ARN only; `unknown`: by an id that no state has. */
  readonly kind: "principal" | "external" | "unknown" | "anonymous" | "not-said";
  /** `role "orders-client"` */
  readonly label?: string;
  readonly urn?: string;
  /** As the log names it. */
  readonly as?: string;
  /** The unique id that the log has for it, where the state has another: the role or user was made again. */
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
  /** What is unknown, a line each. */
  readonly unknown: readonly string[];
  /** The commands of the AWS CLI whose output, as account data, settles what is unknown. */
  readonly commands?: readonly string[];
  /** What to do, or what would resolve it. */
  readonly fix?: string;
  /** The part of `fix` to paste into the program. */
  readonly code?: string;
}

export interface Hypothesis {
  readonly what: string;
  /** The AWS CLI's command that shows whether it is so. */
  readonly command?: string;
}
