import { AsyncLocalStorage } from "node:async_hooks";
import type {
  EnforcementLevel,
  Policies,
  ResourceRemediation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { AccountData, AccountFile } from "../account";
import { type ReadAccount, readAccount } from "../account/configured";
import { appliesToResources, type Fault, faultMessage, INTERNAL_ERROR } from "../messages/pack";
import {
  AnalysisSession,
  configSchema,
  configuredAccount,
  evaluateResource,
  faultKey,
  faultOf,
  type LanguageOf,
  type Operation,
  POLICIES,
  type PolicyDefinition,
  pageUrl,
  type Remediation,
  type ResourcePolicy,
  remediationOf,
  reportsAtTheEnd,
  reportsType,
  SeenInputs,
  type SeenResource,
  type Stack,
  type StackPolicy,
} from "../policies";
import { isFilledByRead } from "../stack";
import { LIMITS_OF_A_RESPONSE, type Limits, type Reported, report } from "./limits";

export interface PackOptions {
  /** Default: `analyze`, in which every policy speaks. */
  readonly operation?: Operation;
  /** Default: all. A policy that requires another one takes it for disabled when it is not among them. */
  readonly definitions?: readonly PolicyDefinition[];
  readonly limits?: Limits;
  /** The language of the program of a resource. Default: that of a program which is run here. */
  readonly languageOf?: LanguageOf;
  /** What is known of the account outside of the stack, in addition to the files that the configuration names. */
  readonly account?: readonly AccountFile[];
  /** Whom else in the account is meant, in addition to whom the stack and the configuration name. */
  readonly named?: AccountData["named"];
  /** What the update removes, where that is known. */
  readonly removed?: AccountData["removed"];
  /** The folders of programs, from which relative paths in the configuration are. */
  readonly folders?: () => readonly string[];
  readonly onSession?: (session: AnalysisSession) => void;
  /** Called with each fault of the pack's own, once in an operation. */
  readonly onFault?: (fault: Fault, policy: string) => void;
}

/** One `AnalyzeStack` call. */
interface Call {
  readonly pack: Pack;
  readonly session: AnalysisSession;
  /** The faults that were reported in this operation: policies that share a part meet the same one. */
  readonly reportedFaults: Set<string>;
  readonly reported: Reported;
}

/** A call that was not announced by {@link Pack.within}, and that is known by what its policies are given. */
interface UnannouncedCall extends Call {
  readonly urns: readonly string[];
  /** As the pack was configured when the call began: what is configured anew begins a new one. */
  readonly configured: object;
  /** The position of the last policy that ran. */
  last: number;
}

/**
 * The call that the current asynchronous context belongs to. There is one storage for all packs: Node 20 asks each
 * storage that was ever entered about each new promise, so one for each pack would slow down a process that checks
 * many stacks.
 */
const calls = new AsyncLocalStorage<Call | UnannouncedCall>();

type ReportViolation = (message: string, urn?: string) => void;

/**
 * The policies of the pack as Pulumi's SDK takes them, and what they share: the session of the call that they run in,
 * and the inputs that resource policies saw in the operation.
 */
export class Pack {
  readonly policies: Policies;
  private readonly definitions: readonly PolicyDefinition[];
  private inputs = new SeenInputs();
  private reportedFaults = new Set<string>();
  private configured: ReturnType<typeof configuredAccount> = { paths: [], named: [] };
  /** What went wrong before the policies of a call ran; the first that runs reports it. */
  private untold: readonly unknown[] = [];
  private readonly deferred: { readonly policy: string; readonly error: unknown }[] = [];

  constructor(private readonly options: PackOptions = {}) {
    this.definitions = options.definitions ?? POLICIES;
    this.policies = this.definitions.map((policy, index) =>
      policy.kind === "stack" ? this.stackPolicy(policy, index) : this.resourcePolicy(policy, index),
    );
  }

  /**
   * Takes the configuration, by the names of policies, in the place of the last one: what it says of account data is
   * for all policies, and each of them is shown its own part only.
   */
  configure(configuration: Readonly<Record<string, unknown>>): void {
    this.configured = { paths: [], named: [] };
    try {
      this.configured = configuredAccount(configuration);
    } catch (error) {
      this.deferred.push({ policy: "policy-configuration", error });
    }
  }

  /** Whether a policy reports single resources of a type, or keeps their inputs for the end. */
  looksAt(policy: string, type: string): boolean {
    const definition = this.definitions.find(({ metadata }) => metadata.name === policy);
    try {
      return definition?.kind === "resource" && (isFilledByRead(type) || reportsType(definition, type));
    } catch (error) {
      this.deferred.push({ policy, error });
      return true;
    }
  }

  /** Forgets what was seen: a new operation begins. */
  forget(): void {
    this.inputs = new SeenInputs();
    this.reportedFaults = new Set();
  }

  /**
   * Runs what runs the stack policies on `stack`, whatever they are given themselves. Where it cannot be made
   * ready, `plainly` has to give it to each of them.
   */
  within<T>(stack: () => Stack | undefined, run: () => T, plainly: () => T): T {
    let call: Call | undefined;
    try {
      const given = stack();
      call = given && this.open(given);
    } catch (error) {
      this.untold = [error];
    }
    try {
      return call === undefined ? plainly() : calls.run(call, run);
    } finally {
      // The SDK runs the first policy before it waits for anything.
      this.untold = [];
    }
  }

  private open(stack: Stack): Call {
    const resources = this.inputs.take(stack.resources);
    const { operation, languageOf } = this;
    const session = new AnalysisSession({ ...stack, resources }, operation, languageOf, this.account());
    const { reportedFaults } = this;
    this.forget();
    this.options.onSession?.(session);
    return { pack: this, session, reportedFaults, reported: { characters: 0 } };
  }

  /** Whether account data, which may have more resources, are read as it is configured now. */
  get readsAccount(): boolean {
    const { paths, named } = this.configured;
    const { account = [] } = this.options;
    return account.length > 0 || paths.length > 0 || named.length > 0;
  }

  /** What reads account data as it is configured now. */
  private account(): () => ReadAccount {
    const { paths, named } = this.configured;
    const { account = [], named: also = [], removed = [], folders = () => [] } = this.options;
    return () =>
      readAccount(account, {
        paths,
        removed,
        folders: paths.length === 0 ? [] : folders(),
        named: also === "everything" || named === "everything" ? "everything" : [...named, ...also],
      });
  }

  private get languageOf(): LanguageOf {
    return this.options.languageOf ?? (() => "typescript");
  }

  private get operation(): Operation {
    return this.options.operation ?? "analyze";
  }

  /**
   * The call that a policy runs in. Where nobody announced it, the first policy opens it, for those that the SDK runs
   * after it in the same asynchronous context. That context may outlive the call: who comes out of turn, or with
   * another stack, opens a call of its own.
   */
  private callOf(index: number, resources: readonly SeenResource[]): Call {
    const call = calls.getStore();
    if (call?.pack === this) {
      if (!("urns" in call)) return call;
      const before = call.configured === this.configured && call.last < index;
      if (before && sameUrns(call.urns, resources)) {
        call.last = index;
        return call;
      }
    }
    const opened: UnannouncedCall = {
      ...this.open({ resources, named: () => resources }),
      urns: resources.map(({ urn }) => urn),
      configured: this.configured,
      last: index,
    };
    calls.enterWith(opened);
    return opened;
  }

  private stackPolicy(policy: StackPolicy, index: number): StackValidationPolicy {
    return { ...described(policy), validateStack: this.stackHalf(policy, index) };
  }

  /** The kind of a policy is that of its resource half; the other half reads its configuration in the whole stack. */
  private resourcePolicy(
    policy: ResourcePolicy,
    index: number,
  ): ResourceValidationPolicy & StackValidationPolicy {
    return {
      ...described(policy),
      validateResource: (args, reportViolation) => {
        const { name } = policy.metadata;
        let reason: string | undefined;
        this.tellDeferred(reportViolation, this.reportedFaults);
        this.guarded(name, reportViolation, this.reportedFaults, () => {
          this.inputs.record(args);
          const { reports, findings, faults } = evaluateResource(
            policy,
            args,
            () => args.getConfig(),
            this.languageOf,
          );
          if (!reports) reason = appliesToResources(policy.kinds);
          if (!reportsAtTheEnd(this.operation))
            report(findings, this.limits, (text) => reportViolation(text));
          for (const fault of faults) this.reportFault(fault, name, reportViolation, this.reportedFaults);
        });
        if (reason === undefined) return;
        const notApplicable = reason;
        withoutTrace(() => args.notApplicable(notApplicable));
      },
      validateStack: this.stackHalf(policy, index),
      ...(policy.remediate === undefined ? {} : { remediateResource: this.remediation(policy) }),
    };
  }

  /** The protocol has no place for a fault here: the next policy that runs reports it. */
  private remediation(policy: ResourcePolicy): ResourceRemediation {
    return (args) => {
      try {
        return remedied(policy, args);
      } catch (error) {
        this.deferred.push({ policy: policy.metadata.name, error });
        return undefined;
      }
    };
  }

  private tellDeferred(reportViolation: ReportViolation, reported: Set<string>): void {
    for (const { policy, error } of this.deferred.splice(0))
      this.guarded(policy, reportViolation, reported, () => {
        throw error;
      });
  }

  private stackHalf(policy: PolicyDefinition, index: number): StackValidationPolicy["validateStack"] {
    return (args, reportViolation) => {
      const { name } = policy.metadata;
      let reason: string | undefined;
      this.tellDeferred(reportViolation, this.reportedFaults);
      this.guarded(name, reportViolation, this.reportedFaults, () => {
        const { untold } = this;
        this.untold = [];
        const { session, reportedFaults, reported } = this.callOf(index, args.resources);
        for (const error of untold) this.reportFault(faultOf(error), name, reportViolation, reportedFaults);
        this.guarded(name, reportViolation, reportedFaults, () => {
          const { findings, faults, notApplicable } = session.evaluate(policy, () => args.getConfig());
          reason = notApplicable;
          report(findings, this.limits, reporting(reportViolation), reported);
          for (const fault of faults) this.reportFault(fault, name, reportViolation, reportedFaults);
        });
      });
      // The SDK's way to say so is to throw.
      if (reason !== undefined) args.notApplicable(reason);
    };
  }

  private get limits(): Limits {
    return this.options.limits ?? LIMITS_OF_A_RESPONSE;
  }

  /** Whatever a policy throws would abort the deployment, advisory or not. */
  private guarded(
    policy: string,
    reportViolation: ReportViolation,
    reported: Set<string>,
    run: () => void,
  ): void {
    try {
      run();
    } catch (error) {
      try {
        this.reportFault(faultOf(error), policy, reportViolation, reported);
      } catch {
        // What reports faults is itself at fault.
        this.tellPlainly(policy, reportViolation, reported);
      }
    }
  }

  private tellPlainly(policy: string, reportViolation: ReportViolation, reported: Set<string>): void {
    if (reported.has("")) return;
    reported.add("");
    this.options.onFault?.({ kind: "Error" }, policy);
    reportAdvisory(INTERNAL_ERROR, reportViolation);
  }

  private reportFault(
    fault: Fault,
    policy: string,
    reportViolation: ReportViolation,
    reported: Set<string>,
  ): void {
    const key = faultKey(fault);
    if (reported.has(key)) return;
    const text = faultMessage(fault, policy);
    reported.add(key);
    this.options.onFault?.(fault, policy);
    reportAdvisory(text, reportViolation);
  }
}

/**
 * Sets one property and leaves the others as the SDK gave them, unknown values and secrets among them: its proxies
 * keep a secret that is replaced secret.
 */
function remedied(policy: ResourcePolicy, args: Parameters<ResourceRemediation>[0]) {
  const remedy = remediationOf(policy, args, () => args.getConfig());
  if (remedy === undefined) return undefined;
  setIn(args.props, remedy.path, remedy.value);
  return args.props;
}

function setIn(
  bag: Record<string, unknown>,
  [name, ...inner]: Remediation["path"],
  value: Remediation["value"],
): void {
  const [next, ...others] = inner;
  if (next === undefined) bag[name] = value;
  else setIn(bag[name] as Record<string, unknown>, [next, ...others], value);
}

/**
 * Reports at the level `advisory`, whatever the level of the policy. The SDK takes such an object in the place of a
 * message: https://github.com/pulumi/pulumi-policy/blob/v1.21.0/sdk/nodejs/policy/server.ts
 */
function reportAdvisory(message: string, reportViolation: ReportViolation): void {
  (reportViolation as unknown as (violation: object) => void)({ message, enforcementLevel: "advisory" });
}

function reporting(
  reportViolation: ReportViolation,
): (message: string, urn?: string, advisory?: true) => void {
  return (message, urn, advisory) =>
    advisory ? reportAdvisory(message, reportViolation) : reportViolation(message, urn);
}

function sameUrns(urns: readonly string[], resources: readonly SeenResource[]): boolean {
  return urns.length === resources.length && resources.every(({ urn }, index) => urn === urns[index]);
}

function described({ metadata, options }: PolicyDefinition) {
  const { enforcementLevel, framework, rule: _rule, ...rest } = metadata;
  return {
    ...rest,
    enforcementLevel: enforcementLevel satisfies EnforcementLevel,
    tags: ["aws", "apigateway", "lambda", "iam"],
    url: pageUrl(metadata.name),
    ...(framework === undefined ? {} : { framework }),
    configSchema: configSchema(options),
  };
}

/** An error that nobody reads the stack trace of is made in a third of the time. */
function withoutTrace(make: () => void): void {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
