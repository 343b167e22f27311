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
  type Finding,
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
import { hasRefreshedProperties } from "../stack";
import { Call } from "./call";
import { LIMITS_OF_A_RESPONSE, type Limits, report } from "./limits";

export interface PackOptions {
  /** Default: `analyze`, in which every policy reports. */
  readonly operation?: Operation;
  /** Default: all. A policy that requires another one considers it disabled when it is not among them. */
  readonly definitions?: readonly PolicyDefinition[];
  readonly limits?: Limits;
  /** The language of the program of a resource. Default: that of the program that is run here. */
  readonly languageOf?: LanguageOf;
  /** Account data in addition to the files that the configuration names. */
  readonly account?: readonly AccountFile[];
  /**
   * Further principals of the account that are intended, in addition to those that the stack and the configuration
   * name.
   */
  readonly named?: AccountData["namedResources"];
  /** The resources that the update removes, where known. */
  readonly removed?: AccountData["removed"];
  /** The folders of programs, which relative paths in the configuration start from. */
  readonly folders?: () => readonly string[];
  readonly onSession?: (session: AnalysisSession) => void;
  /** Called with the findings of each policy, as they are reported. */
  readonly onFindings?: (findings: readonly Finding[], policy: string) => void;
  /** Called with each fault of the pack itself, once per operation. */
  readonly onFault?: (fault: Fault, policy: string) => void;
}

/**
 * The calls of the `AnalyzeStack` request that the current asynchronous context belongs to, by the pack whose policies
 * the SDK runs. One storage is shared by all packs: Node 20 notifies each storage ever entered about each new promise,
 * so one for each pack would slow down a process that checks many stacks.
 */
const calls = new AsyncLocalStorage<Map<Pack, Call>>();

/** Answers one `AnalyzeStack` request, in which the policies of a pack share their sessions. */
export function inOneRequest<T>(answer: () => T): T {
  return calls.run(new Map(), answer);
}

type ReportViolation = (message: string, urn?: string) => void;

/**
 * The policies of the pack for Pulumi's SDK, and the state that they share: the session of the current call, and the
 * inputs that resource policies saw in the operation.
 */
export class Pack {
  readonly policies: Policies;
  private readonly definitions: readonly PolicyDefinition[];
  private inputs = new SeenInputs();
  private reportedFaults = new Set<string>();
  private configured: ReturnType<typeof configuredAccount> = { paths: [], namedResources: [] };
  private readonly deferred: { readonly policy: string; readonly error: unknown }[] = [];

  constructor(private readonly options: PackOptions = {}) {
    this.definitions = options.definitions ?? POLICIES;
    this.policies = this.definitions.map((policy) =>
      policy.kind === "stack" ? this.stackPolicy(policy) : this.resourcePolicy(policy),
    );
  }

  /**
   * Replaces the configuration, by policy: the settings for account data apply to all policies, and each receives only
   * its own settings.
   */
  configure(configuration: Readonly<Record<string, unknown>>): void {
    this.configured = { paths: [], namedResources: [] };
    try {
      this.configured = configuredAccount(configuration);
    } catch (error) {
      this.deferred.push({ policy: "policy-configuration", error });
    }
  }

  /** Whether a policy reports single resources of a type, or keeps their inputs for the end. */
  evaluatesType(policy: string, type: string): boolean {
    const definition = this.definitions.find(({ metadata }) => metadata.name === policy);
    try {
      return (
        definition?.kind === "resource" && (hasRefreshedProperties(type) || reportsType(definition, type))
      );
    } catch (error) {
      this.deferred.push({ policy, error });
      return true;
    }
  }

  /** Drops the recorded inputs: a new operation begins. */
  reset(): void {
    this.inputs = new SeenInputs();
    this.reportedFaults = new Set();
  }

  /**
   * Runs the stack policies on `stack` instead of on their own arguments. When the stack cannot be prepared, `fallback`
   * must pass it to each of them.
   */
  within<T>(stack: () => Stack | undefined, run: () => T, fallback: () => T): T {
    const call = this.beginCall();
    return calls.run(new Map([[this, call]]), call.prepare(stack) ? run : fallback);
  }

  /** The call of the current request, if any. */
  private currentCall(): Call | undefined {
    const callsOfRequest = calls.getStore();
    if (callsOfRequest === undefined) return undefined;
    const call = callsOfRequest.get(this) ?? this.beginCall();
    callsOfRequest.set(this, call);
    return call;
  }

  /** An operation ends with its stack. */
  private beginCall(): Call {
    const { inputs, reportedFaults } = this;
    this.reset();
    return this.newCall(inputs, reportedFaults);
  }

  private newCall(inputs: SeenInputs, reportedFaults: Set<string>): Call {
    const open = (stack: Stack): AnalysisSession => {
      const resources = inputs.withInputs(stack.resources);
      const { operation, languageOf } = this;
      const session = new AnalysisSession({ ...stack, resources }, operation, languageOf, this.account());
      this.options.onSession?.(session);
      return session;
    };
    return new Call({ open, reportedFaults, withAccountData: this.readsAccount });
  }

  /** Whether account data, which may contain more resources, is configured. */
  get readsAccount(): boolean {
    const { paths, namedResources } = this.configured;
    const { account = [] } = this.options;
    return account.length > 0 || paths.length > 0 || namedResources.length > 0;
  }

  /** The reader of account data for the current configuration. */
  private account(): () => ReadAccount {
    const { paths, namedResources } = this.configured;
    const { account = [], named: extraNames = [], removed = [], folders = () => [] } = this.options;
    return () =>
      readAccount(account, {
        paths,
        removed,
        folders: paths.length === 0 ? [] : folders(),
        namedResources:
          extraNames === "everything" || namedResources === "everything"
            ? "everything"
            : [...namedResources, ...extraNames],
      });
  }

  private get languageOf(): LanguageOf {
    return this.options.languageOf ?? (() => "typescript");
  }

  private get operation(): Operation {
    return this.options.operation ?? "analyze";
  }

  /**
   * The session of a policy that is called directly, such as in a unit test of a custom pack: nothing shows which other
   * calls have the same stack, so it has its own, in which the policies that it requires run first.
   */
  private directSession(
    policy: PolicyDefinition,
    call: Call,
    resources: readonly SeenResource[],
  ): AnalysisSession {
    const session = call.sessionFor(resources);
    const requires: readonly string[] = policy.requires;
    for (const required of this.definitions)
      if (requires.includes(required.metadata.name)) session.evaluate(required, () => ({}));
    return session;
  }

  private stackPolicy(policy: StackPolicy): StackValidationPolicy {
    return { ...described(policy), validateStack: this.stackValidation(policy) };
  }

  /**
   * The kind of a policy is that of its resource half; the other half validates its configuration with the whole stack.
   */
  private resourcePolicy(policy: ResourcePolicy): ResourceValidationPolicy & StackValidationPolicy {
    return {
      ...described(policy),
      validateResource: (args, reportViolation) => {
        const { name } = policy.metadata;
        let reason: string | undefined;
        this.reportDeferred(reportViolation, this.reportedFaults);
        this.guarded(name, reportViolation, this.reportedFaults, () => {
          this.inputs.record(args);
          const { reports, findings, faults } = evaluateResource(
            policy,
            args,
            () => args.getConfig(),
            this.languageOf,
          );
          if (!reports) reason = appliesToResources(policy.kinds);
          if (!reportsAtTheEnd(this.operation)) {
            this.options.onFindings?.(findings, name);
            report(findings, this.limits, (text) => reportViolation(text));
          }
          for (const fault of faults) this.reportFault(fault, name, reportViolation, this.reportedFaults);
        });
        if (reason === undefined) return;
        const notApplicable = reason;
        withoutTrace(() => args.notApplicable?.(notApplicable));
      },
      validateStack: this.stackValidation(policy),
      ...(policy.remediate === undefined ? {} : { remediateResource: this.remediation(policy) }),
    };
  }

  /** The protocol has no field for a fault here: the next policy reports it. */
  private remediation(policy: ResourcePolicy): ResourceRemediation {
    return (args) => {
      try {
        return withRemediation(policy, args);
      } catch (error) {
        this.deferred.push({ policy: policy.metadata.name, error });
        return undefined;
      }
    };
  }

  private reportDeferred(reportViolation: ReportViolation, reported: Set<string>): void {
    for (const { policy, error } of this.deferred.splice(0))
      this.guarded(policy, reportViolation, reported, () => {
        throw error;
      });
  }

  private stackValidation(policy: PolicyDefinition): StackValidationPolicy["validateStack"] {
    return (args, reportViolation) => {
      const { name } = policy.metadata;
      let reason: string | undefined;
      const current = this.currentCall();
      const call = current ?? this.newCall(new SeenInputs(), new Set());
      const { reported, reportedFaults } = call;
      this.reportDeferred(reportViolation, reportedFaults);
      this.guarded(name, reportViolation, reportedFaults, () => {
        for (const error of call.takeErrors())
          this.reportFault(faultOf(error), name, reportViolation, reportedFaults);
        const session =
          current?.sessionFor(args.resources) ?? this.directSession(policy, call, args.resources);
        const { findings, faults, notApplicable } = session.evaluate(policy, () => args.getConfig());
        reason = notApplicable;
        this.options.onFindings?.(findings, name);
        report(findings, this.limits, reporting(reportViolation), reported);
        for (const fault of faults) this.reportFault(fault, name, reportViolation, reportedFaults);
      });
      // The SDK's notation for this is to throw. The arguments of a unit test may lack it.
      if (reason !== undefined) args.notApplicable?.(reason);
    };
  }

  private get limits(): Limits {
    return this.options.limits ?? LIMITS_OF_A_RESPONSE;
  }

  /** Any exception of a policy would abort the deployment, even in an advisory one. */
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
        // Reporting the fault failed as well.
        this.reportInternalError(policy, reportViolation, reported);
      }
    }
  }

  private reportInternalError(policy: string, reportViolation: ReportViolation, reported: Set<string>): void {
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
 * Sets one property and keeps the others as the SDK passed them, including unknown values and secrets: its proxies keep
 * a replaced secret secret.
 */
function withRemediation(policy: ResourcePolicy, args: Parameters<ResourceRemediation>[0]) {
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
  const [next, ...deeper] = inner;
  if (next === undefined) bag[name] = value;
  else setIn(bag[name] as Record<string, unknown>, [next, ...deeper], value);
}

/**
 * Reports at the level `advisory`, regardless of the level of the policy. The SDK accepts such an object in place of a
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

/** An error without a stack trace is created in a third of the time. */
function withoutTrace(make: () => void): void {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
