import "../pulumi/load-sdk";
import type { Policies } from "@pulumi/policy";
import { Access } from "../access";
import type { AccountData } from "../account";
import type { LanguageOf } from "../messages";
import { NOT_RUN } from "../messages/pack";
import type { AnalysisSession, Exempted, Fault, PolicyResult, RequestProblem } from "../policies";
import { NO_LIMITS, Pack, type PackOptions } from "../pulumi";
import type { StackFacts } from "../stack";
import { CallerVerdicts, type PolicyDecisions } from "./callers";
import type { Finding, PlannedResource, PolicyConfig, PolicyEntry } from "./model";
import { configuredPolicies, runPack } from "./pack";

/** A finding on a resource that the configuration exempts. */
export type ExemptedFinding = Exempted & { readonly policy: string };

/** A finding on the requests that API Gateway sends to functions, on the resource (URN) with the mistake. */
export interface FailingRequest extends RequestProblem {
  readonly policy: string;
  readonly urn: string;
  readonly exemption?: ExemptedFinding["exemption"];
}

/** The results of the policies on planned resources, in one run. */
export interface Analysis {
  readonly policies: readonly PolicyEntry[];
  readonly findings: readonly Finding[];
  /** The findings on resources that the configuration exempts. */
  readonly exempted: readonly ExemptedFinding[];
  /** Those of both on the requests that API Gateway sends to functions. */
  readonly failingRequests: readonly FailingRequest[];
  /** The decisions of each policy on routes and callers, including allowed and unproven answers. */
  readonly decisions: readonly PolicyDecisions[];
  /** The verdicts on callers that no policy reports. */
  readonly callers: CallerVerdicts;
  /** The decisions that all verdicts are based on. */
  readonly access: Access;
  /** Faults of the pack itself: the affected findings are missing. */
  readonly faults: readonly Fault[];
  /** The account data. */
  readonly account?: AccountData;
}

/**
 * Runs the pack on planned resources, of one stack or of several together, as the engine would with this configuration.
 * A report is not a response to the engine, so it contains all findings.
 */
export async function analyze(
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
  languageOf?: LanguageOf,
  account: Pick<PackOptions, "account" | "named" | "folders" | "removed"> = {},
): Promise<Analysis> {
  let session: AnalysisSession | undefined;
  const faults: Fault[] = [];
  const requests = new Map<string, RequestProblem>();
  const pack = new Pack({
    limits: NO_LIMITS,
    ...(languageOf === undefined ? {} : { languageOf }),
    ...account,
    onSession: (opened) => {
      session = opened;
    },
    onFault: (fault) => faults.push(fault),
    onFindings: (reported, policy) => {
      for (const { urn, message, request } of reported)
        if (request !== undefined) requests.set(findingKey(policy, urn, message), request);
    },
  });
  const findings = await runPack(pack, resources, config);
  if (session === undefined && faults.length === 0) throw new Error(NOT_RUN);
  const evaluated = session?.evaluated() ?? [];
  const decisions = evaluated.flatMap(({ policy, decisions }): readonly PolicyDecisions[] =>
    decisions === undefined ? [] : [{ policy, ...decisions }],
  );
  const access = decisions[0]?.access ?? accessOf(session);
  const exempted = evaluated.flatMap(({ policy, exempted }) =>
    exempted.map((exempted) => ({ policy, ...exempted })),
  );
  const policies = entries(configuredPolicies(pack.policies, config), evaluated);
  const data = accountOf(session);
  const failingRequests = [
    ...findings.flatMap(({ policy, resource: urn, message }): readonly FailingRequest[] => {
      const request = requests.get(findingKey(policy, urn, message));
      return request === undefined ? [] : [{ ...request, policy, urn }];
    }),
    ...exempted.flatMap(({ policy, urn, request, exemption }): readonly FailingRequest[] =>
      request === undefined ? [] : [{ ...request, policy, urn, exemption }],
    ),
  ];
  return {
    decisions,
    exempted,
    failingRequests,
    access,
    callers: new CallerVerdicts(decisions, access),
    faults,
    findings,
    policies,
    ...(data === undefined ? {} : { account: data }),
  };
}

function findingKey(...parts: readonly [policy: string, urn: string, message: string]): string {
  return parts.join("\n");
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
  boundaryOnlyPolicies: new Set(),
  rolesWithAwsPolicies: new Set(),
  deployments: [],
  routeResources: [],
  disabledEndpoints: [],
};

/** When a fault left every policy without a model of the stack, a report has no routes to show. */
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
    // The policies have the same fault, and reported it.
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
      // A report changes nothing: a finding that the engine would remediate is reported like any other. The SDK then
      // treats `remediate` as `mandatory`.
      level: policy.enforcementLevel === "remediate" ? "mandatory" : (policy.enforcementLevel ?? "advisory"),
      severity: policy.severity ?? "low",
      remediation: policy.remediationSteps ?? "",
      url: policy.url ?? "",
      ...(notApplicable === undefined ? {} : { notApplicable }),
    };
  });
}
