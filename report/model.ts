import type { PolicyEntry } from "../engine/model";
import type { WrittenFix } from "../messages/fixes/written-fix";
import type { ApiKind } from "../stack/facts";
import type { GateName } from "./gates";

export type { PolicyEntry } from "../engine/model";
export type { GateName } from "./gates";

/**
 * The results of the pack on one or several stacks, as plain data: the content of every format and the output of
 * `--format json`. `docs/report.schema.json` describes it.
 *
 * Lists are sorted by the identity of their members, so that two runs have the same output. Ids (`route-1`) are
 * references within one report only.
 */
export interface Report {
  /** The version of the format; incremented by incompatible changes. */
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "apigateway-lambda-access"; readonly version: string };
  readonly inputs: readonly Input[];
  /** The policies as configured, in the order of the pack. */
  readonly policies: readonly PolicyEntry[];
  readonly apis: readonly ApiEntry[];
  readonly functions: readonly FunctionEntry[];
  readonly callers: readonly CallerEntry[];
  readonly routes: readonly RouteEntry[];
  readonly answers: readonly Answer[];
  readonly findings: readonly FindingEntry[];
  /** Findings on resources that the configuration exempts. */
  readonly exempted: readonly ExemptedEntry[];
  /** Differences between account data and a state; absent where there are none. */
  readonly drift?: readonly DriftEntry[];
  /** Components whose plugin is missing; absent where there are none. */
  readonly missingPlugins?: readonly MissingPluginEntry[];
}

/** A component without child resources, because its plugin is not installed. */
export interface MissingPluginEntry {
  /** URN of the component. */
  readonly urn: string;
  /** The component's name in the program. */
  readonly name: string;
  /** The missing child resources, the reason, and the routes that cannot be decided. */
  readonly message: string;
  /** The line that declares the component. */
  readonly source?: Source;
}

/** A difference between AWS and the state of a stack, in a resource or a part of it. */
export interface DriftEntry {
  /** URN of the resource of the stack. */
  readonly urn: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly message: string;
  /** The line that declares the resource. */
  readonly source?: Source;
}

export type Outcome = "allowed" | "denied" | "unproven";

/** The source of the resources. */
export interface Input {
  /** The argument on the command line: a file, `-`, or a folder. */
  readonly name: string;
  readonly as: "state" | "preview" | "first-preview" | "deployed";
  readonly project: string;
  readonly stack: string;
  readonly resources: number;
  /** The reason why this stack has no route, function URL or caller to evaluate; absent if it has one. */
  readonly notApplicable?: string;
}

export interface ApiEntry {
  readonly id: string;
  readonly name: string;
  readonly urn: string;
  readonly kind: ApiKind;
}

export interface FunctionEntry {
  readonly id: string;
  /** The name for display, including the qualifier: `orders`, `orders:live`. */
  readonly label: string;
  /** Absent for a function outside the stacks. */
  readonly urn?: string;
  /** The ARN, with unknown parts as `<description>`. */
  readonly arn?: string;
}

export interface CallerEntry {
  readonly id: string;
  readonly kind: "role" | "user" | "group";
  readonly name: string;
  /** The name for display: `role "caller"`. */
  readonly label: string;
  readonly urn: string;
  /** The ARN, with unknown parts as `<description>`. */
  readonly arn: string;
}

export interface RouteEntry {
  readonly id: string;
  /** The id of the API. */
  readonly api: string;
  /** `GET`, `ANY`, or a route key such as `$default`. */
  readonly method: string;
  /** The path, including braces: `/orders/{id}`; empty for route keys. */
  readonly path: string;
  /** The name for display: `GET /orders/{id}`. */
  readonly label: string;
  readonly authorization: "AWS_IAM" | "NONE" | "LAMBDA" | "OTHER" | "unknown";
  /** The credentials with which API Gateway invokes the function; `no function` for a route without a function. */
  readonly credentials: "none" | "caller" | "role" | "unknown" | "no function";
  /** Ids of the functions that the route invokes; several if a stage variable selects a function for each stage. */
  readonly functions: readonly string[];
  /** Names of the stages of the route; empty if the plan contains none. */
  readonly stages: readonly string[];
  /** URN of the resource to which findings about the integration are attached. */
  readonly urn?: string;
}

/** The verdict of a gate, with the evidence. */
export interface Answer {
  readonly id: string;
  readonly gate: GateName;
  readonly outcome: Outcome;
  /** The question of the gate, as text: `role "caller" can invoke function orders`. */
  readonly question: string;
  /** The policy that reports the verdict if it is denied. */
  readonly policy: string;
  /** AWS's own rule, or the two-step rule of this pack. */
  readonly rule: "AWS" | "two-step";
  /** Ids of the routes. */
  readonly routes: readonly string[];
  readonly caller?: string;
  readonly function?: string;
  /** URN of the resource to which the verdict is attached. */
  readonly urn: string;
  /** The line that declares the resource, or the component that contains it. */
  readonly source?: Source;
  /** The statements, permissions or facts that decided the verdict, one per line. */
  readonly evidence: readonly string[];
  /** For `unproven`: the unknown values, one per line. */
  readonly doubts: readonly string[];
  /** For `unproven`: the AWS CLI commands whose output, as account data, resolves the unknown values. */
  readonly commands?: readonly string[];
  /** Present if the verdict was inferred from the dependencies of unknown values. */
  readonly inferred?: true;
  /** The names of the resources from which the verdict was inferred. */
  readonly inferredFrom: readonly string[];
  /** For `denied` by AWS: the error that a caller gets, as AWS documents or logs it. */
  readonly symptom?: string;
  /** The fix, or how to resolve unknown values; absent for `allowed`. */
  // In the output, its text is `fix`, and its code again `code` (report/json.ts).
  readonly fix?: WrittenFix;
  /** For `allowed`: a change that would deny the request, with every statement that allows it. */
  readonly change?: string;
  /** For `denied`: the reason of the exemption, if the configuration exempts the resource. There is no finding then. */
  readonly exempt?: string;
  /** The last day of the exemption, `YYYY-MM-DD`; absent if it does not expire. */
  readonly exemptUntil?: string;
}

export interface FindingEntry {
  readonly policy: string;
  readonly level: "mandatory" | "advisory";
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly urn: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** The Pulumi type token of the resource. */
  readonly type: string;
  /** The message as the Pulumi CLI prints it, without the description of the policy. */
  readonly message: string;
  /** The line that declares the resource, or the component that contains it. */
  readonly source?: Source;
}

/** A line of a program, from a state, a preview or a program that was run. */
export interface Source {
  /** The path relative to the folder of the project file, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** A finding that the configuration exempts. */
export interface ExemptedEntry extends FindingEntry {
  /** The reason in the configuration. */
  readonly reason: string;
  /** The last day of the exemption, `YYYY-MM-DD`; absent if it does not expire. */
  readonly until?: string;
}
