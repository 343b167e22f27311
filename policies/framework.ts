import type {
  EnforcementLevel,
  PolicyComplianceFramework,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";
import { type Access, type DeclaredCaller, NOBODY_DECLARED, outsider, type Verdict } from "../access";
import { known, splitArn, type Text } from "../iam";
import {
  isPlaceholder,
  type Kind,
  type Planned,
  type PrincipalFacts,
  plannedOf,
  type Route,
  type SeenResource,
} from "../stack";
import {
  type ConfigurationOptions,
  configSchema,
  type Exemption,
  exemptionFor,
  idleExemptions,
  matchesPrincipal,
  matchesRoute,
  readSettings,
  type Settings,
} from "./configuration";
import { page, pageUrl, type Said, violation } from "./messages";
import type { Limits, Run } from "./run";

/** What every policy says of itself: to the engine, to Pulumi Cloud, and to its page. */
export interface Metadata {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly enforcementLevel: EnforcementLevel;
  readonly severity: Severity;
  readonly remediationSteps: string;
  /** The published practice that the policy follows, where there is one. */
  readonly framework?: PolicyComplianceFramework;
}

/** https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_permissions_least_privileges.html */
export const LEAST_PRIVILEGE: PolicyComplianceFramework = {
  name: "AWS Well-Architected Framework",
  version: "2024-11-06",
  reference: "SEC03-BP02",
  specification: "Grant least privilege access",
};

/** A finding: the resource it is about and what it says. */
export interface Finding {
  readonly urn: string;
  readonly message: string;
}

function metadata(policy: Metadata, options: ConfigurationOptions) {
  return {
    name: policy.name,
    displayName: policy.displayName,
    description: policy.description,
    enforcementLevel: policy.enforcementLevel,
    severity: policy.severity,
    tags: ["aws", "apigateway", "lambda", "iam"],
    remediationSteps: policy.remediationSteps,
    url: pageUrl(policy.name),
    ...(policy.framework === undefined ? {} : { framework: policy.framework }),
    configSchema: configSchema(options),
  };
}

function settingsOf(
  run: Run,
  policy: string,
  getConfig: () => object,
  options: ConfigurationOptions,
): Settings {
  const { settings, problems } = readSettings(getConfig(), options, new Date());
  for (const problem of problems) run.tell(policy, problem);
  return settings;
}

/** Reports findings in order, within bounds: what is left out is said in one line, on the root of the stack. */
export function report(
  findings: readonly Finding[],
  limits: Limits,
  reportViolation: (message: string, urn?: string) => void,
): void {
  const sorted = [...findings].sort((a, b) => compare(a.urn, b.urn) || compare(a.message, b.message));
  let characters = 0;
  let shown = 0;
  for (const finding of sorted) {
    characters += finding.message.length;
    if (shown === limits.findings || characters > limits.characters) break;
    reportViolation(finding.message, finding.urn === "" ? undefined : finding.urn);
    shown++;
  }
  if (shown < sorted.length)
    reportViolation(
      `${sorted.length - shown} more findings of this policy are left out; mend the others first.`,
    );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The innermost line of the pack's own code, without the folder it is installed in. */
function placeOf(error: Error): string {
  const line = error.stack?.split("\n").find((one) => one.trimStart().startsWith("at "));
  return (line ?? "").trim().replace(/\(.*[\\/]/, "(");
}

/** The pack's own faults must not stop a deployment: they are told by `policy-configuration`. */
function guarded(run: Run, policy: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    const where = error instanceof Error ? placeOf(error) : "";
    const kind = error instanceof Error ? error.name : "Error";
    run.tell(
      policy,
      `could not judge this stack (${kind} ${where}): please report it; the other policies went on`,
    );
  }
}

export interface StackCheck {
  readonly resources: readonly SeenResource[];
  readonly settings: Settings;
  access(): Access;
  /** The exemption that covers a resource (URN), if one does. */
  exemption(urn: string): Exemption | undefined;
}

/** A stack validation policy: a function from a stack to findings. */
export function stackPolicy(
  run: Run,
  policy: Metadata,
  options: ConfigurationOptions,
  check: (stack: StackCheck) => readonly Finding[],
): StackValidationPolicy {
  return {
    ...metadata(policy, options),
    validateStack: (args, reportViolation) =>
      guarded(run, policy.name, () => {
        const resources: readonly SeenResource[] = args.resources;
        const settings = settingsOf(run, policy.name, () => args.getConfig(), options);
        const exemption = exemptions(settings, resources);
        const findings = check({
          resources,
          settings,
          access: () => run.access(resources, settings.whenUnknown),
          exemption,
        });
        for (const problem of idleExemptions(settings, resources)) run.tell(policy.name, problem);
        report(
          findings.filter((finding) => exemption(finding.urn) === undefined),
          run.limits,
          reportViolation,
        );
      }),
  };
}

function exemptions(settings: Settings, resources: readonly SeenResource[]): StackCheck["exemption"] {
  if (settings.exempt.length === 0) return () => undefined;
  const names = new Map(resources.map((resource) => [resource.urn, resource.name]));
  return (urn) => {
    const name = names.get(urn) ?? urn.slice(urn.lastIndexOf("::") + 2);
    return exemptionFor(settings, { urn, name });
  };
}

/** The usual stack policy: asks one question of every route, reports what is denied, leaves open what is not known. */
export function gatePolicy(
  run: Run,
  policy: Metadata,
  options: ConfigurationOptions,
  judge: (access: Access, declared: DeclaredCaller) => readonly Verdict[],
  say: (verdict: Verdict) => Said,
): StackValidationPolicy {
  return stackPolicy(run, policy, { whenUnknown: true, ...options }, (stack) => {
    const access = stack.access();
    const declared = declaredBy(stack.settings, access.facts.principals);
    const verdicts = judge(access, declared);
    const { exemption } = stack;
    run.keep(stack.resources, { policy: policy.name, access, declared, verdicts, exemption, say });
    return verdicts
      .filter((verdict) => verdict.outcome === "denied")
      .map((verdict) => ({ urn: verdict.urn, message: violation(say(verdict), policy.name) }));
  });
}

function declaredBy(settings: Settings, principals: readonly PrincipalFacts[]): DeclaredCaller {
  if (settings.callers.length === 0) return NOBODY_DECLARED;
  const entries = new Map<PrincipalFacts, Settings["callers"]>();
  const met = new Set<Settings["callers"][number]>();
  for (const principal of principals) {
    const { name } = principal;
    const shown = (value: Text): string | undefined => (isPlaceholder(value) ? undefined : known(value));
    const [arn, resource] = [shown(principal.arn), shown(splitArn(principal.arn)?.resource ?? [])];
    const own = settings.callers.filter((one) => matchesPrincipal(one.principal, { arn, resource, name }));
    if (own.length > 0) entries.set(principal, own);
    for (const one of own) met.add(one);
  }
  const others = settings.callers.filter((one) => !met.has(one));
  for (const name of new Set(others.map((one) => one.principal)))
    entries.set(
      outsider(name),
      others.filter((one) => one.principal === name),
    );
  const declared = (principal: PrincipalFacts, route: Route): boolean =>
    entries.get(principal)?.some((one) =>
      (one.routes ?? ["*"]).some((pattern) =>
        // A route key has no path, and stands in the place of one.
        matchesRoute(pattern, {
          apiName: route.api.name,
          verb: route.verb,
          path: known(route.path) || route.verb,
        }),
      ),
    ) ?? false;
  return Object.assign(declared, { outsiders: [...entries.keys()].filter(({ outside }) => outside) });
}

/** A resource validation policy over the planned inputs of the given kinds of resources. */
export function resourcePolicy(
  run: Run,
  policy: Metadata,
  kinds: readonly Kind[],
  check: (planned: Planned) => readonly string[],
): ResourceValidationPolicy {
  return {
    ...metadata(policy, {}),
    validateResource: (args, reportViolation) => {
      run.inputs.record(args);
      const planned = plannedOf(args);
      if (planned === undefined || !kinds.includes(planned.kind))
        return args.notApplicable(`Policy only applies to ${kinds.join(", ")} resources`);
      guarded(run, policy.name, () => {
        const settings = settingsOf(run, policy.name, () => args.getConfig(), {});
        run.remember(policy.name, settings);
        if (exemptionFor(settings, { urn: args.urn, name: args.name }) !== undefined) return;
        report(
          check(planned).map((said) => ({ urn: args.urn, message: `${said}\n${page(policy.name)}` })),
          run.limits,
          (said) => reportViolation(said),
        );
      });
    },
  };
}
