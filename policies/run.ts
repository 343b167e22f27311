import { Access, type DeclaredCaller, type Verdict } from "../access";
import { readStack, type SeenResource, type WhenUnknown } from "../stack";
import type { Exemption, Settings } from "./configuration";
import type { Said } from "./messages";
import { SeenInputs } from "./seen-inputs";

/** What a policy that asks one question of every route made of a stack: for `unproven-access` and for reports. */
export interface Judged {
  readonly policy: string;
  readonly access: Access;
  /** Whom the policy's configuration declares as callers. */
  readonly declared: DeclaredCaller;
  readonly verdicts: readonly Verdict[];
  /** The exemption that keeps the policy from reporting a resource (URN). */
  readonly exemption: (urn: string) => Exemption | undefined;
  /** What the policy says of a verdict that is denied. */
  readonly say: (verdict: Verdict) => Said;
}

/** How much each policy reports before it says how much it leaves out. */
export interface Limits {
  readonly findings: number;
  readonly characters: number;
}

/**
 * A response over 4 MB fails as a whole, and with it the deployment. These bounds keep the sum of all policies
 * far below that.
 */
const LIMITS_OF_A_RESPONSE: Limits = { findings: 200, characters: 150_000 };

interface Call {
  readonly resources: readonly SeenResource[];
  readonly access: Map<WhenUnknown, Access>;
  readonly judged: Judged[];
}

/**
 * What the policies of one pack share while it runs: the model of the stack, made once per `AnalyzeStack` call
 * though the SDK runs every policy with objects of its own, and what one policy leaves for another to report.
 */
export class Run {
  private call: Call | undefined;
  private readonly said = new Map<string, Set<string>>();
  private http = false;
  /** What the resource policies of this operation saw. */
  readonly inputs = new SeenInputs();
  private readonly settings = new Map<string, Settings>();

  constructor(readonly limits: Limits = LIMITS_OF_A_RESPONSE) {}

  access(resources: readonly SeenResource[], whenUnknown: WhenUnknown): Access {
    const call = this.callFor(resources);
    const made = call.access.get(whenUnknown) ?? new Access(readStack(call.resources, whenUnknown));
    call.access.set(whenUnknown, made);
    return made;
  }

  /** Keeps what a policy made of the stack for those that run after it. */
  keep(resources: readonly SeenResource[], judged: Judged): void {
    this.callFor(resources).judged.push(judged);
  }

  judged(resources: readonly SeenResource[]): readonly Judged[] {
    return this.callFor(resources).judged;
  }

  /** Leaves a problem of the pack's configuration to `policy-configuration`, once. */
  tell(policy: string, problem: string): void {
    const problems = this.said.get(policy) ?? new Set();
    problems.add(problem);
    this.said.set(policy, problems);
  }

  problems(): readonly { readonly policy: string; readonly problem: string }[] {
    return [...this.said].flatMap(([policy, problems]) =>
      [...problems].map((problem) => ({ policy, problem })),
    );
  }

  /** Keeps the settings of a resource policy: which of its exemptions are idle shows only in the whole stack. */
  remember(policy: string, settings: Settings): void {
    this.settings.set(policy, settings);
  }

  /** An API is planned before the permissions that name it. */
  sawHttpApi(): void {
    this.http = true;
  }

  hasHttpApi(): boolean {
    return this.http;
  }

  settingsOfResourcePolicies(): Iterable<readonly [string, Settings]> {
    return this.settings;
  }

  /**
   * The SDK runs the policies of one `AnalyzeStack` call one after another with nothing but microtasks between
   * them, so the next macrotask is the end of the call.
   */
  private callFor(resources: readonly SeenResource[]): Call {
    if (this.call !== undefined && sameStack(this.call.resources, resources)) return this.call;
    const call: Call = { resources: this.inputs.take(resources), access: new Map(), judged: [] };
    this.call = call;
    setImmediate(() => {
      if (this.call === call) this.call = undefined;
    });
    return call;
  }
}

function sameStack(a: readonly SeenResource[], b: readonly SeenResource[]): boolean {
  if (a.length !== b.length) return false;
  return a === b || (a[0]?.urn === b[0]?.urn && a.at(-1)?.urn === b.at(-1)?.urn);
}
