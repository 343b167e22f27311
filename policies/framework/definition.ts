import type { Access, Rule, UnprovenIntegration, Verdict } from "../../access";
import type { DeclaredCaller } from "../../access/gates/caller-route/declared-callers";
import type { AccountProblem } from "../../account";
import type { Description, Language, LanguageOf } from "../../messages";
import type { ConfigurationProblem } from "../../messages/configuration";
import type { Fault } from "../../messages/pack";
import type { RequestSummary } from "../../messages/text";
import type { ReadableResource, ResourceKind, SeenResource, Subject } from "../../stack";
import type { ConfigurationOptions, Exemption, Settings } from "./configuration";

/** The level of a finding: a mandatory one blocks a deployment, an advisory one is only shown. */
export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** The metadata of a policy, for the engine, for Pulumi Cloud, and for its page. */
export interface Metadata {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly enforcementLevel: Level;
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly remediationSteps: string;
  /** Whose rule it enforces; absent for a policy about the results of others. */
  readonly rule?: Rule;
  /** The published best practice behind the policy, where there is one. */
  readonly framework?: {
    readonly name: string;
    readonly version: string;
    readonly reference: string;
    readonly specification: string;
  };
}

/** A finding: the resource it is about (its URN; empty for the stack as a whole) and its message. */
export interface Finding {
  readonly urn: string;
  readonly message: string;
  /** It is advisory, regardless of the level of its policy. */
  readonly advisory?: true;
  /** For a finding on the requests that API Gateway sends to functions. */
  readonly request?: RequestProblem;
}

/** Why such requests fail, even if IAM allows them. */
export interface RequestProblem extends RequestSummary {
  /** In a body: the operations whose requests fail, as `GET /orders`. */
  readonly operations?: ReadonlySet<string>;
}

/** The decisions of a policy that evaluates one question for every route, for `unproven-access` and for reports. */
export interface Decisions {
  readonly access: Access;
  /** The declared callers of the policy's configuration. */
  readonly declared: DeclaredCaller;
  /** The verdicts that findings report, and others. */
  readonly verdicts: readonly Verdict[];
  /** All verdicts, for reports: computed on demand. */
  readonly eachVerdict: () => readonly Verdict[];
  /** The exemption of a resource (URN) from the policy. */
  readonly exemption: (urn: string) => Exemption | undefined;
  /** The policy's description of one of its denied verdicts. */
  readonly describe: (verdict: Verdict) => Description | undefined;
  /** The language of the program of a resource (URN), for the code of fixes. */
  readonly languageOf: LanguageOf;
}

/** A finding that the configuration exempts. */
export interface Exempted extends Finding {
  readonly exemption: Exemption;
}

/** The results of one policy on a stack. */
export interface PolicyResult {
  readonly policy: string;
  /** Without exempt findings; sorted. */
  readonly findings: readonly Finding[];
  /** Findings on exempt resources. */
  readonly exempted: readonly Exempted[];
  /** Problems of the policy's configuration. */
  readonly problems: readonly ConfigurationProblem[];
  /** Faults of the pack itself: the affected findings are missing. */
  readonly faults: readonly Fault[];
  readonly decisions?: Decisions;
  /** Further undecided questions, for `unproven-access`. */
  readonly unprovenIntegrations?: readonly UnprovenIntegration[];
  /** Why the policy does not apply to the stack, where it does not. */
  readonly notApplicable?: string;
}

/** The input of a stack policy. */
export interface StackContext {
  readonly resources: readonly SeenResource[];
  readonly settings: Settings;
  /** Problems of the policy's own configuration. */
  readonly problems: readonly ConfigurationProblem[];
  /** Problems of the files of account data that the configuration names. */
  accountProblems(): readonly AccountProblem[];
  access(): Access;
  readonly languageOf: LanguageOf;
  /** The exemption of a resource (URN), if there is one. */
  exemption(urn: string): Exemption | undefined;
  /** The results of the policies that this one requires, where these are enabled. */
  readonly required: readonly PolicyResult[];
  /** Makes findings one by one, so that a fault in one does not affect the others. */
  findings<T>(items: readonly T[], make: (item: T) => Finding): readonly Finding[];
}

export interface StackOutcome {
  readonly findings: readonly Finding[];
  /** Further undecided questions, for `unproven-access`. */
  readonly unprovenIntegrations?: readonly UnprovenIntegration[];
  readonly decisions?: Decisions;
}

/** A policy that evaluates a whole stack. */
export interface StackPolicy {
  readonly kind: "stack";
  readonly metadata: Metadata;
  readonly options: ConfigurationOptions;
  /** It does not apply to a stack without any of these; absent where it may apply to every stack. */
  readonly subjects?: readonly Subject[];
  /** The names of the policies whose results it reads: they run before it. */
  readonly requires: readonly string[];
  readonly check: (stack: StackContext) => StackOutcome;
}

/** A policy that evaluates one planned resource at a time. */
export interface ResourcePolicy {
  readonly kind: "resource";
  readonly metadata: Metadata;
  readonly options: ConfigurationOptions;
  readonly requires: readonly [];
  readonly kinds: readonly ResourceKind[];
  /** The findings on a resource of these kinds, with code in the program's language. */
  readonly check: (planned: ReadableResource, language: Language) => readonly Omit<Finding, "urn">[];
  /** The kinds whose findings depend on the rest of the stack: they are reported with the whole stack. */
  readonly withStack?: {
    readonly kinds: readonly ResourceKind[];
    readonly counts: (urn: string, access: Access) => boolean;
  };
  /** The change that fixes a resource, where there is only one correct value. */
  readonly remediate?: (planned: ReadableResource) => Remediation | undefined;
}

/** A property to set, as a path of the provider's names. */
export interface Remediation {
  readonly path: readonly [string, ...string[]];
  readonly value: string;
}

export type PolicyDefinition = StackPolicy | ResourcePolicy;
