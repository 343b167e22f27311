import type { PolicyEntry } from "../engine/model";
import type { ApiKind } from "../stack/facts";
import type { GateName } from "./gates";

export type { PolicyEntry } from "../engine/model";
export type { GateName } from "./gates";

/**
 * The results of the pack on one or several stacks, as plain data: the content of every format and the output of
 * `--format json`. `docs/report.schema.json` describes it.
 *
 * Lists are sorted by the identity of their members, so that two runs print the same. Ids (`route-1`) are for
 * references within one report only.
 */
export interface Report {
  /** The version of the format; incremented by incompatible changes. */
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "apigateway-lambda-access"; readonly version: string };
  readonly inputs: readonly Input[];
  /** The pack's policies as configured, in the pack's order. */
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

/** A component without its parts, because its plugin is not installed. */
export interface MissingPluginEntry {
  /** URN of the component. */
  readonly urn: string;
  /** The component's name in the program. */
  readonly name: string;
  /** The missing parts, the reason, and the routes that stay open. */
  readonly message: string;
  /** The line that declares the component. */
  readonly source?: Source;
}

/** A resource, or a part of one, that differs between AWS and the state of a stack. */
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

/** Where resources were read from. */
export interface Input {
  /** As given on the command line: a file, `-`, a folder. */
  readonly name: string;
  readonly as: "state" | "preview" | "first-preview" | "deployed";
  readonly project: string;
  readonly stack: string;
  readonly resources: number;
  /** Why no route, function URL or caller is evaluated in this stack, where none is. */
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
  /** For display, including its qualifier: `orders`, `orders:live`. */
  readonly label: string;
  /** Absent for a function outside the stacks. */
  readonly urn?: string;
  /** Its known parts; unknown parts are shown as `<description>`. */
  readonly arn?: string;
}

export interface CallerEntry {
  readonly id: string;
  readonly kind: "role" | "user" | "group";
  readonly name: string;
  /** `role "caller"` */
  readonly label: string;
  readonly urn: string;
  /** Its known parts; unknown parts are shown as `<description>`. */
  readonly arn: string;
}

export interface RouteEntry {
  readonly id: string;
  /** Id of its API. */
  readonly api: string;
  /** `GET`, `ANY`, or a route key such as `$default`. */
  readonly method: string;
  /** With its braces: `/orders/{id}`; empty for route keys. */
  readonly path: string;
  /** `GET /orders/{id}` */
  readonly label: string;
  readonly authorization: "AWS_IAM" | "NONE" | "LAMBDA" | "OTHER" | "unknown";
  /** The principal that API Gateway invokes the function as; `no function` for a route without one. */
  readonly credentials: "none" | "caller" | "role" | "unknown" | "no function";
  /** Ids of the functions it calls: one, or several where a stage variable names a different one on each stage. */
  readonly functions: readonly string[];
  /** Names of the stages on which it can be called; empty when the plan contains none. */
  readonly stages: readonly string[];
  /** URN of the resource that findings about the integration are attached to. */
  readonly urn?: string;
}

/** One question with its answer and the evidence. */
export interface Answer {
  readonly id: string;
  readonly gate: GateName;
  readonly outcome: Outcome;
  /** The question as text: `role "caller" may invoke function orders`. */
  readonly question: string;
  /** The policy that reports it when it is denied. */
  readonly policy: string;
  /** Whose rule it is: AWS's own, or this pack's two-step rule. */
  readonly rule: "AWS" | "two-step";
  /** Ids. */
  readonly routes: readonly string[];
  readonly caller?: string;
  readonly function?: string;
  /** URN of the resource that it is about. */
  readonly urn: string;
  /** The line that declares that resource, or the component that it is a part of. */
  readonly source?: Source;
  /** The statements, permissions or facts that decided it, a line each. */
  readonly evidence: readonly string[];
  /** For `unproven`: the unknown values, a line each. */
  readonly doubts: readonly string[];
  /** For `unproven`: the commands of the AWS CLI whose output, as account data, resolves the unknown values. */
  readonly commands?: readonly string[];
  /** Set when it was inferred from the dependencies of unknown values. */
  readonly inferred?: true;
  /** The basis of that inference: names of resources. */
  readonly inferredFrom: readonly string[];
  /** For `denied` by AWS: what a caller sees, in AWS's own words. */
  readonly symptom?: string;
  /** The fix, or how to resolve it; absent when it is allowed. */
  readonly fix?: string;
  /** The part of `fix` to paste into the program. */
  readonly code?: string;
  /** For `allowed`: what to change to deny it, with every statement that grants it. */
  readonly change?: string;
  /** For a `denied` answer that the configuration exempts: the reason given. There is no finding then. */
  readonly exempt?: string;
  /** The last day of that exemption, `YYYY-MM-DD`; absent when it has no end. */
  readonly exemptUntil?: string;
}

export interface FindingEntry {
  readonly policy: string;
  readonly level: "mandatory" | "advisory";
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly urn: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Its Pulumi type token. */
  readonly type: string;
  /** As the CLI prints it, without the policy's description. */
  readonly message: string;
  /** The line that declares the resource, or the component that it is a part of. */
  readonly source?: Source;
}

/** A line of a program, from a state, a preview or a program that was run. */
export interface Source {
  /** A path from the folder of the project file, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** A finding that the configuration exempts. */
export interface ExemptedEntry extends FindingEntry {
  /** The reason in the configuration. */
  readonly reason: string;
  /** The last day of the exemption, `YYYY-MM-DD`; absent when it has no end. */
  readonly until?: string;
}
