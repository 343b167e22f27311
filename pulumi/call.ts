import type { AnalysisSession, SeenResource, Stack } from "../policies";
import type { Reported } from "./limits";
import { isSameStack, type Reachable, reachableFrom } from "./same-resources";

/** What a call needs of its pack. */
export interface CallOptions {
  readonly open: (stack: Stack) => AnalysisSession;
  /** The faults that were reported in this operation: policies that share a part have the same one. */
  readonly reportedFaults: Set<string>;
  readonly withAccountData: boolean;
}

interface OpenedSession {
  readonly reachable: () => Reachable;
  readonly session: AnalysisSession;
}

/** One `AnalyzeStack` call. */
export class Call {
  readonly reportedFaults: Set<string>;
  readonly reported: Reported = { characters: 0 };
  /** Exceptions before the policies ran; the first policy reports them. */
  private readonly errors: unknown[] = [];
  private prepared: AnalysisSession | undefined;
  private readonly opened: OpenedSession[] = [];

  constructor(private readonly options: CallOptions) {
    this.reportedFaults = options.reportedFaults;
  }

  /** Opens the session of a stack that is read before the policies run. Returns whether there is one. */
  prepare(stack: () => Stack | undefined): boolean {
    try {
      const preparedStack = stack();
      this.prepared = preparedStack && this.options.open(preparedStack);
    } catch (error) {
      this.errors.push(error);
    }
    return this.prepared !== undefined;
  }

  takeErrors(): readonly unknown[] {
    return this.errors.splice(0);
  }

  /**
   * The session of a policy. The SDK deserializes the stack again for each policy, and a custom pack may pass a policy
   * other resources than the SDK did: policies with the same resources share a session.
   */
  sessionFor(resources: readonly SeenResource[]): AnalysisSession {
    if (this.prepared !== undefined) return this.prepared;
    let reached: Reachable | undefined;
    // The only policy of a call compares nothing.
    const reachable = (): Reachable => {
      reached ??= reachableFrom(resources);
      return reached;
    };
    const isSame = (opened: OpenedSession): boolean => {
      try {
        return isSameStack(opened.reachable(), reachable(), this.options.withAccountData);
      } catch {
        // A custom pack may pass resources that cannot be compared, and that the policies can read.
        return false;
      }
    };
    const found = this.opened.find(isSame);
    if (found !== undefined) return found.session;
    const session = this.options.open({ resources, allResources: () => resources });
    this.opened.push({ reachable, session });
    return session;
  }
}
