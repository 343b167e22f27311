import { Access, type Verdict } from "../access";
import { readStack, type SeenResource, type WhenUnknown } from "../stack";
import type { Settings } from "./configuration";

/** An answer that a policy left open, kept for `unproven-access`. */
export interface OpenQuestion {
  readonly policy: string;
  readonly verdict: Verdict;
}

interface Call {
  readonly resources: readonly SeenResource[];
  readonly access: Map<WhenUnknown, Access>;
  readonly open: OpenQuestion[];
}

/**
 * What the policies of one pack share while it runs: the model of the stack, made once per `AnalyzeStack` call
 * though the SDK runs every policy with objects of its own, and what one policy leaves for another to report.
 */
export class Run {
  private call: Call | undefined;
  private readonly said = new Map<string, Set<string>>();
  private http = false;
  private readonly settings = new Map<string, Settings>();

  access(resources: readonly SeenResource[], whenUnknown: WhenUnknown): Access {
    const call = this.callFor(resources);
    const made = call.access.get(whenUnknown) ?? new Access(readStack(call.resources, whenUnknown));
    call.access.set(whenUnknown, made);
    return made;
  }

  /** Leaves questions that a policy could not answer to `unproven-access`, which runs after it. */
  leaveOpen(resources: readonly SeenResource[], policy: string, verdicts: readonly Verdict[]): void {
    const { open } = this.callFor(resources);
    for (const verdict of verdicts) open.push({ policy, verdict });
  }

  openQuestions(resources: readonly SeenResource[]): readonly OpenQuestion[] {
    return this.callFor(resources).open;
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
    const call: Call = { resources, access: new Map(), open: [] };
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
