import "./sdk";
import type { Policies } from "@pulumi/policy";
import { Access } from "../access";
import type { AccountData } from "../account";
import type { LanguageOf } from "../messages";
import { NOT_RUN } from "../messages/pack";
import type { AnalysisSession, Decisions, Exempted, Fault, PolicyResult } from "../policies";
import { NO_LIMITS, Pack, type PackOptions } from "../pulumi";
import type { StackFacts } from "../stack";
import type { Finding, PlannedResource, PolicyConfig, PolicyEntry } from "./model";
import { configuredPolicies, runPack } from "./pack";

/** What a policy that asks about routes and callers decided. */
export type PolicyDecisions = Decisions & { readonly policy: string };

/** What a policy found on a resource that the configuration exempts. */
export type ExemptedFinding = Exempted & { readonly policy: string };

/** What the policies made of planned resources, in one run of them. */
export interface Analysis {
  readonly policies: readonly PolicyEntry[];
  readonly findings: readonly Finding[];
  /** What they found on resources that the configuration exempts. */
  readonly exempted: readonly ExemptedFinding[];
  /** What each policy that asks about routes and callers decided, allowed and unproven answers included. */
  readonly decisions: readonly PolicyDecisions[];
  /** The decisions themselves, for callers and routes and for what a reader asks in addition. */
  readonly access: Access;
  /** Where the pack itself failed: what it would have found there is missing. */
  readonly faults: readonly Fault[];
  /** What is known of the account outside of the stacks. */
  readonly account?: AccountData;
}

/**
 * Runs the pack on planned resources, of one stack or of several together, as the engine would with this
 * configuration. A report is not a response to the engine, so it holds all findings.
 */
export async function analyze(
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
  languageOf?: LanguageOf,
  account: Pick<PackOptions, "account" | "named" | "folders" | "removed"> = {},
): Promise<Analysis> {
  let session: AnalysisSession | undefined;
  const faults: Fault[] = [];
  const pack = new Pack({
    limits: NO_LIMITS,
    ...(languageOf === undefined ? {} : { languageOf }),
    ...account,
    onSession: (opened) => {
      session = opened;
    },
    onFault: (fault) => faults.push(fault),
  });
  const findings = await runPack(pack, resources, config);
  if (session === undefined && faults.length === 0) throw new Error(NOT_RUN);
  const evaluated = session?.evaluated() ?? [];
  const decisions = evaluated.flatMap(({ policy, decisions }): readonly PolicyDecisions[] =>
    decisions === undefined ? [] : [{ policy, ...decisions }],
  );
  const access = decisions[0]?.access ?? accessOf(session);
  const exempted = evaluated.flatMap(({ policy, exempted }) => exempted.map((one) => ({ policy, ...one })));
  const policies = entries(configuredPolicies(pack.policies, config), evaluated);
  const data = accountOf(session);
  return {
    decisions,
    exempted,
    access,
    faults,
    findings,
    policies,
    ...(data === undefined ? {} : { account: data }),
  };
}

export const NO_FACTS: StackFacts = {
  apis: [],
  routes: [],
  authorizers: [],
  functions: [],
  permissions: [],
  functionPolicies: [],
  functionUrls: [],
  urlOrigins: [],
  principals: [],
  apiCalls: [],
  poolRoles: [],
  roleUses: [],
  serviceIntegrations: [],
  servicePolicies: [],
  onlyBoundaries: new Set(),
  withAwsPolicies: new Set(),
  deployments: [],
  routeResources: [],
  disabledEndpoints: [],
};

/** Where a fault left no policy a model of the stack, a report has no routes to show. */
function accessOf(session: AnalysisSession | undefined): Access {
  try {
    return session?.access("infer") ?? new Access(NO_FACTS);
  } catch {
    return new Access(NO_FACTS);
  }
}

function accountOf(session: AnalysisSession | undefined): AccountData | undefined {
  try {
    return session?.account.data;
  } catch {
    // The policies met the same fault, and reported it.
    return undefined;
  }
}

function entries(policies: Policies, evaluated: readonly PolicyResult[]): readonly PolicyEntry[] {
  const reasons = new Map(evaluated.map((result) => [result.policy, result.notApplicable]));
  return policies.map((policy) => {
    const notApplicable = reasons.get(policy.name);
    return {
      name: policy.name,
      displayName: policy.displayName ?? policy.name,
      description: policy.description,
      // A report changes nothing: what the engine would remediate is as bad as without. The SDK then takes `remediate` for
      // `mandatory`.
      level: policy.enforcementLevel === "remediate" ? "mandatory" : (policy.enforcementLevel ?? "advisory"),
      severity: policy.severity ?? "low",
      remediation: policy.remediationSteps ?? "",
      url: policy.url ?? "",
      ...(notApplicable === undefined ? {} : { notApplicable }),
    };
  });
}
