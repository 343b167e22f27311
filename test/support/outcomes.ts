import { deepEqual } from "node:assert/strict";
import { Access, principalOf, type Verdict } from "../../access";
import { authorizers } from "../../access/gates/authorizer-function/authorizers";
import { callersOfRoutes } from "../../access/gates/caller-function/callers";
import { impossibleCallerCredentials } from "../../access/gates/caller-function/impossible-caller-credentials";
import { deniedCallers } from "../../access/gates/caller-route/denied-callers";
import { untrustedPools } from "../../access/gates/caller-route/identity-pool-trust";
import { deniedServiceCalls } from "../../access/gates/caller-route/service-calls";
import { functionUrlCallers } from "../../access/gates/function-url/callers";
import { integrationRoles } from "../../access/gates/role-function/integration-roles";
import { functionPermissions } from "../../access/gates/route-function/permissions";
import { readStack, type SeenResource, type WhenUnknown } from "../../stack";
import type { PlannedResource } from "../../testing";

/** Planned resources as the policy SDK passes them; `withInputs` adds the inputs that resource policies received. */
export function asSdkResources(resources: readonly PlannedResource[], withInputs = false): SeenResource[] {
  const byUrn = new Map<string, SeenResource>();
  for (const { urn, type, name, inputs, outputs } of resources)
    byUrn.set(urn, {
      ...{ urn, type, name, props: outputs, propertyDependencies: {} },
      ...(withInputs ? { inputs } : {}),
    } as unknown as SeenResource);
  for (const resource of resources) {
    const target = byUrn.get(resource.urn) as unknown as {
      propertyDependencies: Record<string, SeenResource[]>;
      provider?: unknown;
    };
    target.propertyDependencies = Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([key, urns]) => [
        key,
        urns.flatMap((urn) => byUrn.get(urn) ?? []),
      ]),
    );
    const provider = resource.provider === undefined ? undefined : byUrn.get(resource.provider);
    if (provider !== undefined) target.provider = { ...provider, props: provider.props };
  }
  return [...byUrn.values()];
}

/** The outcomes of all verdicts on the same subject: gate, action, principal and resource. */
export type Outcomes = ReadonlyMap<string, ReadonlySet<string>>;

interface Options {
  readonly withInputs?: boolean;
  /** Verdicts that are not compared. */
  readonly except?: (verdict: Verdict) => boolean;
}

export function outcomesOf(
  resources: readonly PlannedResource[],
  whenUnknown: WhenUnknown,
  { withInputs, except }: Options = {},
): Outcomes {
  const access = new Access(readStack(asSdkResources(resources, withInputs), whenUnknown));
  const noDeclaredCaller = (): boolean => false;
  const verdicts: readonly Verdict[] = [
    ...callersOfRoutes(access, false, noDeclaredCaller),
    ...callersOfRoutes(access, true, noDeclaredCaller),
    ...impossibleCallerCredentials(access),
    ...functionPermissions(access),
    ...integrationRoles(access),
    ...authorizers(access),
    ...functionUrlCallers(access),
    ...deniedCallers(access, noDeclaredCaller),
    ...deniedServiceCalls(access),
    ...untrustedPools(access),
  ];
  const isReported = ({ outcome }: Verdict): boolean => outcome !== "allowed";
  for (const callerCredentials of [false, true])
    deepEqual(
      callersOfRoutes(access, callerCredentials, noDeclaredCaller, "reported")
        .filter(isReported)
        .map(summaryOf),
      callersOfRoutes(access, callerCredentials, noDeclaredCaller, "all").filter(isReported).map(summaryOf),
    );
  const found = new Map<string, Set<string>>();
  for (const verdict of verdicts)
    for (const at of verdict.routes.length > 0
      ? verdict.routes.map((route) => route.integration?.urn ?? "")
      : [verdict.urn]) {
      const subject = [verdict.gate, verdict.actions[0], principalOf(verdict)?.urn ?? "", at].join(" ");
      const outcome = except?.(verdict) ? `${verdict.outcome}, excepted` : verdict.outcome;
      found.set(subject, (found.get(subject) ?? new Set()).add(outcome));
    }
  return found;
}

/** Outcomes with unknown values that are the opposite of those with all values. */
export function contradictions(complete: Outcomes, partial: Outcomes): string[] {
  const found: string[] = [];
  for (const [subject, outcomes] of partial) {
    const completeOutcomes = complete.get(subject);
    if (completeOutcomes === undefined) continue;
    if (outcomes.has("allowed") && completeOutcomes.has("denied") && !completeOutcomes.has("allowed"))
      found.push(`${subject}: allowed, is denied`);
    if (outcomes.has("denied") && !completeOutcomes.has("denied") && completeOutcomes.has("allowed"))
      found.push(`${subject}: denied, is allowed`);
  }
  return found;
}

function summaryOf({ gate, outcome, cause, urn, routes, unknowns, inferredFrom }: Verdict): string {
  const paths = routes.map(({ verb, path }) => [verb, path]);
  return JSON.stringify([gate, outcome, cause, urn, paths, unknowns, inferredFrom]);
}
