import type { Access, OpenIntegration, Verdict } from "../access";
import type { DeclaredCaller } from "../access/gates/caller-route/declared-callers";
import type { AccountProblem } from "../account";
import type { Description, Language, LanguageOf } from "../messages";
import type { ConfigurationProblem } from "../messages/configuration";
import type { Fault } from "../messages/pack";
import type { Kind, Planned, SeenResource, Subject } from "../stack";
import type { ConfigurationOptions, Exemption, Settings } from "./configuration";

/** What a finding does: a mandatory one blocks a deployment, an advisory one is shown. */
export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** AWS's own rule, or the rule of this pack that a caller holds the permissions for both steps. */
export type Rule = "aws" | "two-step";

/** What every policy says of itself: to the engine, to Pulumi Cloud, and to its page. */
export interface Metadata {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly enforcementLevel: Level;
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly remediationSteps: string;
  /** Whose rule it holds routes to; absent for a policy that is about the results of others. */
  readonly rule?: Rule;
  /** The published practice that the policy follows, where there is one. */
  readonly framework?: {
    readonly name: string;
    readonly version: string;
    readonly reference: string;
    readonly specification: string;
  };
}

/** A finding: the resource it is about (its URN; empty for the stack as a whole) and what it says. */
export interface Finding {
  readonly urn: string;
  readonly message: string;
  /** It is shown and blocks nothing, whatever the level of its policy. */
  readonly advisory?: true;
}

/** What a policy that asks one question of every route decided, for `unproven-access` and for reports. */
export interface Decisions {
  readonly access: Access;
  /** Whom the policy's configuration declares as callers. */
  readonly declared: DeclaredCaller;
  /** Those that findings report, and others. */
  readonly verdicts: readonly Verdict[];
  /** All, for reports: made when they are asked for. */
  readonly eachVerdict: () => readonly Verdict[];
  /** The exemption that keeps the policy from reporting a resource (URN). */
  readonly exemption: (urn: string) => Exemption | undefined;
  /** What the policy says of one of its verdicts that is denied. */
  readonly describe: (verdict: Verdict) => Description | undefined;
  /** The language of the program of a resource (URN): what is to be pasted is written in it. */
  readonly languageOf: LanguageOf;
}

/** A finding that the configuration exempts. */
export interface Exempted extends Finding {
  readonly exemption: Exemption;
}

/** What one policy made of a stack. */
export interface PolicyResult {
  readonly policy: string;
  /** Those of exempt resources left out; sorted. */
  readonly findings: readonly Finding[];
  /** What would be findings if their resources were not exempt. */
  readonly exempted: readonly Exempted[];
  /** What is wrong with the policy's configuration. */
  readonly problems: readonly ConfigurationProblem[];
  /** Where the pack itself failed: what the policy would have found there is missing. */
  readonly faults: readonly Fault[];
  readonly decisions?: Decisions;
  /** What else it could not decide, for `unproven-access`. */
  readonly open?: readonly OpenIntegration[];
  /** Why the policy has nothing to say of the stack, where it has not. */
  readonly notApplicable?: string;
}

/** What a stack policy is given. */
export interface StackContext {
  readonly resources: readonly SeenResource[];
  readonly settings: Settings;
  /** What is wrong with the policy's own configuration. */
  readonly problems: readonly ConfigurationProblem[];
  /** What is wrong with the files of account data that the configuration names. */
  accountProblems(): readonly AccountProblem[];
  access(): Access;
  readonly languageOf: LanguageOf;
  /** The exemption that covers a resource (URN), if one does. */
  exemption(urn: string): Exemption | undefined;
  /** The results of the policies that this one requires, as far as they are enabled. */
  readonly required: readonly PolicyResult[];
  /** Makes findings one by one: a fault in one leaves the others. */
  findings<T>(of: readonly T[], make: (item: T) => Finding): readonly Finding[];
}

export interface StackOutcome {
  readonly findings: readonly Finding[];
  /** What else it could not decide, for `unproven-access`. */
  readonly open?: readonly OpenIntegration[];
  readonly decisions?: Decisions;
}

/** A policy that looks at a whole stack. */
export interface StackPolicy {
  readonly kind: "stack";
  readonly metadata: Metadata;
  readonly options: ConfigurationOptions;
  /** It has nothing to say of a stack that holds none of these; absent where it may have of any. */
  readonly subjects?: readonly Subject[];
  /** The policies whose results it reads, by name: they run before it. */
  readonly requires: readonly string[];
  readonly check: (stack: StackContext) => StackOutcome;
}

/** A policy that looks at one planned resource at a time. */
export interface ResourcePolicy {
  readonly kind: "resource";
  readonly metadata: Metadata;
  readonly options: ConfigurationOptions;
  readonly requires: readonly [];
  readonly kinds: readonly Kind[];
  /** The messages of what is wrong with a resource of these kinds, with what to paste in the program's language. */
  readonly check: (planned: Planned, language: Language) => readonly string[];
  /** The kinds of which the rest of the stack says whether a finding counts: they are reported with the whole stack. */
  readonly withStack?: {
    readonly kinds: readonly Kind[];
    readonly counts: (urn: string, access: Access) => boolean;
  };
  /** What sets a resource right, where that can be one value only. */
  readonly remediate?: (planned: Planned) => Remediation | undefined;
}

/** A property to set, by the provider's names from the resource inwards. */
export interface Remediation {
  readonly path: readonly [string, ...string[]];
  readonly value: string;
}

export type PolicyDefinition = StackPolicy | ResourcePolicy;
