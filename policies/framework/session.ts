import { Access } from "../../access";
import { isOfAccount, principalsNaming, relevantTo, withDates } from "../../account";
import type { ReadAccount } from "../../account/configured";
import { type LanguageOf, page } from "../../messages";
import type { ConfigurationProblem } from "../../messages/configuration";
import { appliesToStacksWith, type Fault } from "../../messages/pack";
import {
  isRead,
  plannedOf,
  RESOURCE_TYPES,
  readStack,
  type SeenResource,
  type StackFacts,
  type Subject,
  subjectsOf,
  type WhenUnknown,
} from "../../stack";
import { compareText } from "../../stack/pulumi/keys";
import { exemptionFor, readSettings, type Settings, unusedExemptions } from "./configuration";
import type {
  Exempted,
  Finding,
  PolicyDefinition,
  PolicyResult,
  Remediation,
  ResourcePolicy,
  StackOutcome,
} from "./definition";
import { faultOf } from "./faults";

const NO_ACCOUNT: ReadAccount = { data: undefined, problems: [] };

/** The name of a resource, for exemptions. */
export interface NamedResource {
  readonly urn: string;
  readonly name: string;
}

/** A stack in one `AnalyzeStack` call. */
export interface Stack {
  /** The resources that the pack reads, and those that they refer to. */
  readonly resources: readonly SeenResource[];
  /** All resources of the stack, including those that the pack does not read. */
  readonly allResources: () => readonly NamedResource[];
}

/** The operation of the engine. `analyze` is `pulumi policy analyze`: an existing state, without changes. */
export type Operation = "preview" | "update" | "analyze";

/**
 * Resource policies report a resource before it is created, except in an update: a mandatory finding there would stop
 * it half-way, and a resource policy does not know the result of the preview. They then report at the end.
 */
export function reportsAtTheEnd(operation: Operation): boolean {
  return operation === "update";
}

/**
 * One analysis of one stack: the model, made once for all policies, and the results of each policy. Policies share
 * values only here, so two calls share nothing.
 */
export class AnalysisSession {
  private readonly models = new Map<WhenUnknown, () => Access>();
  private readonly results = new Map<string, PolicyResult>();
  private subjects: ReadonlySet<Subject> | undefined;
  private withAccountData: readonly SeenResource[] | undefined;
  private names: ReadonlyMap<string, string> | undefined;
  private readonly readAccount: () => ReadAccount;

  constructor(
    private readonly stack: Stack,
    private readonly operation: Operation,
    private readonly languageOf: LanguageOf = () => "typescript",
    account: () => ReadAccount = () => NO_ACCOUNT,
  ) {
    this.readAccount = lazy(account);
  }

  /** The account data. Files are read only for stacks that need them. */
  get account(): ReadAccount {
    return this.stack.resources.some(({ type }) => isRead(type)) ? this.readAccount() : NO_ACCOUNT;
  }

  /** Runs a policy with its configuration. Never throws: exceptions are among the faults of the result. */
  evaluate(policy: PolicyDefinition, configuration: () => object): PolicyResult {
    const { name } = policy.metadata;
    const faults: Fault[] = [];
    const attempt = <T>(make: () => T): T | undefined => {
      try {
        return make();
      } catch (error) {
        faults.push(faultOf(error));
        return undefined;
      }
    };
    const read = attempt(() => readSettings(configuration(), policy.options, new Date()));
    const exemptionProblems = attempt(() => this.exemptionProblems(read?.settings));
    const problems = [...(read?.problems ?? []), ...(exemptionProblems ?? [])];
    const notApplicable = attempt(() => this.notApplicable(policy));
    if (notApplicable !== undefined) {
      const nothing = { policy: name, findings: [], exempted: [], problems, faults, notApplicable };
      this.results.set(name, nothing);
      return nothing;
    }
    // Without its settings a policy would report exempt findings.
    const outcome = read && attempt(() => this.outcome(policy, read.settings, problems, faults));
    const result = { policy: name, ...(outcome ?? { findings: [], exempted: [] }), problems, faults };
    this.results.set(name, result);
    return result;
  }

  private notApplicable(policy: PolicyDefinition): string | undefined {
    if (policy.kind !== "stack" || policy.subjects === undefined) return undefined;
    if (this.hasSubject(policy.subjects)) return undefined;
    return appliesToStacksWith(policy.subjects);
  }

  private hasSubject(wanted: readonly Subject[]): boolean {
    this.subjects ??= subjectsOf(this.resources());
    const { subjects } = this;
    return wanted.some((subject) => subjects.has(subject));
  }

  access(whenUnknown: WhenUnknown): Access {
    const model = this.models.get(whenUnknown) ?? lazy(() => new Access(this.facts(whenUnknown)));
    this.models.set(whenUnknown, model);
    return model();
  }

  private facts(whenUnknown: WhenUnknown): StackFacts {
    const facts = readStack(this.resources(), whenUnknown);
    const { data } = this.account;
    return data === undefined ? facts : withDates(facts, data);
  }

  /** The facts of the stack, and account data on other resources that it names. */
  private resources(): readonly SeenResource[] {
    const { account, stack } = this;
    if (account.data === undefined) return stack.resources;
    this.withAccountData ??= [...stack.resources, ...relevantTo(account.data, stack.resources)];
    return this.withAccountData;
  }

  /** Resources in account data are not resources of the stack; the resource that names them is reported. */
  private onStackResource(finding: Finding): Finding {
    if (!isOfAccount(finding.urn)) return finding;
    const { data } = this.account;
    return {
      ...finding,
      urn: data === undefined ? "" : (principalsNaming(data, finding.urn, this.stack.resources) ?? ""),
    };
  }

  /** The results of the policies so far, in the order in which they ran. */
  evaluated(): readonly PolicyResult[] {
    return [...this.results.values()];
  }

  private outcome(
    policy: PolicyDefinition,
    settings: Settings,
    problems: readonly ConfigurationProblem[],
    faults: Fault[],
  ): StackOutcome & Pick<PolicyResult, "exempted"> {
    const exemption = this.exemptions(settings);
    const { findings, ...more } =
      policy.kind === "stack"
        ? policy.check({
            resources: this.stack.resources,
            settings,
            problems,
            accountProblems: () => this.account.problems,
            access: () => this.access(settings.whenUnknown),
            exemption,
            languageOf: this.languageOf,
            required: policy.requires.flatMap((name) => this.results.get(name) ?? []),
            findings: (items, make) => collectFindings(items, (item) => [make(item)], faults),
          })
        : { findings: this.resourceFindings(policy, settings, exemption, faults) };
    const sorted = withoutDuplicates(findings.map((finding) => this.onStackResource(finding))).sort(
      (a, b) => compareText(a.urn, b.urn) || compareText(a.message, b.message),
    );
    return {
      ...more,
      findings: sorted.filter(({ urn }) => exemption(urn) === undefined),
      exempted: sorted.flatMap((finding): readonly Exempted[] => {
        const exempt = exemption(finding.urn);
        return exempt === undefined ? [] : [{ ...finding, exemption: exempt }];
      }),
    };
  }

  /** Including exempt resources, which a resource policy does not report. */
  private resourceFindings(
    policy: ResourcePolicy,
    settings: Settings,
    exemption: (urn: string) => unknown,
    faults: Fault[],
  ): readonly Finding[] {
    const { resources } = this.stack;
    const atTheEnd = reportsAtTheEnd(this.operation);
    const { withStack } = policy;
    if (!atTheEnd && settings.exempt.length === 0 && withStack === undefined) return [];
    const isReportedNow = (resource: SeenResource): boolean =>
      atTheEnd || exemption(resource.urn) !== undefined || waitsForStack(policy, resource);
    return collectFindings(
      resources.filter(isReportedNow),
      (resource) => {
        const findings = findingsOf(policy, withInputs(resource), this.languageOf);
        const isIndependent = findings.length === 0 || !waitsForStack(policy, resource);
        return isIndependent || withStack?.counts(resource.urn, this.access(settings.whenUnknown))
          ? findings
          : [];
      },
      faults,
    );
  }

  private exemptions(settings: Settings): (urn: string) => ReturnType<typeof exemptionFor> {
    if (settings.exempt.length === 0) return () => undefined;
    this.names ??= new Map(this.stack.allResources().map(({ urn, name }) => [urn, name]));
    const { names } = this;
    return (urn) =>
      exemptionFor(settings, { urn, name: names.get(urn) ?? urn.slice(urn.lastIndexOf("::") + 2) });
  }

  private exemptionProblems(settings: Settings | undefined): readonly ConfigurationProblem[] {
    return settings === undefined || settings.exempt.length === 0
      ? []
      : unusedExemptions(settings, this.stack.allResources());
  }
}

/** The results of a resource policy on one resource. */
export interface ResourceResult {
  /** Whether the policy reports resources of this type. */
  readonly reports: boolean;
  readonly findings: readonly Finding[];
  readonly faults: readonly Fault[];
}

/** Runs a resource policy on one planned resource. Never throws. */
export function evaluateResource(
  policy: ResourcePolicy,
  resource: SeenResource,
  configuration: () => object,
  languageOf: LanguageOf,
): ResourceResult {
  let reports = true;
  try {
    const planned = plannedOf(resource);
    reports = planned !== undefined && policy.kinds.includes(planned.kind);
    if (!reports) return { reports, findings: [], faults: [] };
    const { settings } = readSettings(configuration(), policy.options, new Date());
    const exempt = exemptionFor(settings, { urn: resource.urn, name: resource.name }) !== undefined;
    const isNotReported = exempt || waitsForStack(policy, resource);
    return { reports, findings: isNotReported ? [] : findingsOf(policy, resource, languageOf), faults: [] };
  } catch (error) {
    return { reports, findings: [], faults: [faultOf(error)] };
  }
}

/** The change that fixes a planned resource, if the policy has one and the resource is not exempt. */
export function remediationOf(
  policy: ResourcePolicy,
  resource: SeenResource,
  configuration: () => object,
): Remediation | undefined {
  const planned = plannedOf(resource);
  if (planned === undefined || !policy.kinds.includes(planned.kind)) return undefined;
  const { settings } = readSettings(configuration(), policy.options, new Date());
  const exempt = exemptionFor(settings, { urn: resource.urn, name: resource.name }) !== undefined;
  return exempt ? undefined : policy.remediate?.(planned);
}

function findingsOf(
  policy: ResourcePolicy,
  resource: SeenResource,
  languageOf: LanguageOf,
): readonly Finding[] {
  const planned = plannedOf(resource);
  if (planned === undefined || !policy.kinds.includes(planned.kind)) return [];
  return policy
    .check(planned, languageOf(resource.urn))
    .map((finding) => ({
      ...finding,
      urn: resource.urn,
      message: `${finding.message}\n${page(policy.metadata.name)}`,
    }))
    .toSorted((a, b) => compareText(a.message, b.message));
}

/** Whether a policy evaluates single resources of a type. */
export function reportsType({ kinds }: ResourcePolicy, type: string): boolean {
  const kind = RESOURCE_TYPES.get(type)?.kind;
  return kind !== undefined && kinds.includes(kind);
}

function waitsForStack({ withStack }: ResourcePolicy, { type }: SeenResource): boolean {
  const kind = RESOURCE_TYPES.get(type)?.kind;
  return kind !== undefined && withStack?.kinds.includes(kind) === true;
}

/** Without duplicates. */
function withoutDuplicates(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.urn}\n${finding.message}`, finding])).values()];
}

/**
 * The outputs of some resources contain values that the program did not set: where the inputs were seen, they are used
 * instead.
 */
function withInputs(resource: SeenResource): SeenResource {
  return resource.inputs === undefined ? resource : { ...resource, props: resource.inputs };
}

function collectFindings<T>(
  items: readonly T[],
  make: (item: T) => readonly Finding[],
  faults: Fault[],
): readonly Finding[] {
  return items.flatMap((item) => {
    try {
      return make(item);
    } catch (error) {
      faults.push(faultOf(error));
      return [];
    }
  });
}

/** Computes a value on demand. A failure is repeated each time. */
function lazy<T>(make: () => T): () => T {
  let result: { readonly value: T } | { readonly error: unknown } | undefined;
  return () => {
    if (result === undefined)
      try {
        result = { value: make() };
      } catch (error) {
        result = { error };
      }
    if ("error" in result) throw result.error;
    return result.value;
  };
}
