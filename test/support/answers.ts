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

/** Planned resources as the policy SDK hands them over; with the inputs that resource policies saw, where asked for. */
export function seen(resources: readonly PlannedResource[], withInputs = false): SeenResource[] {
  const byUrn = new Map<string, SeenResource>();
  for (const { urn, type, name, inputs, outputs } of resources)
    byUrn.set(urn, {
      ...{ urn, type, name, props: outputs, propertyDependencies: {} },
      ...(withInputs ? { inputs } : {}),
    } as unknown as SeenResource);
  for (const one of resources) {
    const target = byUrn.get(one.urn) as unknown as {
      propertyDependencies: Record<string, SeenResource[]>;
      provider?: unknown;
    };
    target.propertyDependencies = Object.fromEntries(
      Object.entries(one.propertyDependencies).map(([key, urns]) => [
        key,
        urns.flatMap((urn) => byUrn.get(urn) ?? []),
      ]),
    );
    const provider = one.provider === undefined ? undefined : byUrn.get(one.provider);
    if (provider !== undefined) target.provider = { ...provider, props: provider.props };
  }
  return [...byUrn.values()];
}

/** Outcomes by what they are about; several answers about one thing are kept together. */
export type Answers = ReadonlyMap<string, ReadonlySet<string>>;

interface Options {
  readonly withInputs?: boolean;
  /** Outcomes that are not held against the truth. */
  readonly except?: (verdict: Verdict) => boolean;
}

export function answers(
  resources: readonly PlannedResource[],
  whenUnknown: WhenUnknown,
  { withInputs, except }: Options = {},
): Answers {
  const access = new Access(readStack(seen(resources, withInputs), whenUnknown));
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
        .map(described),
      callersOfRoutes(access, callerCredentials, noDeclaredCaller, "all").filter(isReported).map(described),
    );
  const found = new Map<string, Set<string>>();
  for (const verdict of verdicts)
    for (const at of verdict.routes.length > 0
      ? verdict.routes.map((one) => one.integration?.urn ?? "")
      : [verdict.urn]) {
      const about = [verdict.gate, verdict.actions[0], principalOf(verdict)?.urn ?? "", at].join(" ");
      const outcome = except?.(verdict) ? `${verdict.outcome}, excepted` : verdict.outcome;
      found.set(about, (found.get(about) ?? new Set()).add(outcome));
    }
  return found;
}

/** Where a partial view says the opposite of what is true. */
export function opposed(truth: Answers, view: Answers): string[] {
  const wrong: string[] = [];
  for (const [about, outcomes] of view) {
    const really = truth.get(about);
    if (really === undefined) continue;
    if (outcomes.has("allowed") && really.has("denied") && !really.has("allowed"))
      wrong.push(`${about}: allowed, is denied`);
    if (outcomes.has("denied") && !really.has("denied") && really.has("allowed"))
      wrong.push(`${about}: denied, is allowed`);
  }
  return wrong;
}

function described({ gate, outcome, cause, urn, routes, unknowns, inferredFrom }: Verdict): string {
  const paths = routes.map(({ verb, path }) => [verb, path]);
  return JSON.stringify([gate, outcome, cause, urn, paths, unknowns, inferredFrom]);
}
