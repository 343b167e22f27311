import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import type { Access } from "../access";
import { createPolicies } from "../policies";
import { type Judged, Run } from "../policies/run";
import type { Finding, PlannedResource, PolicyConfig } from "../testing";
import { checkResources, configured } from "../testing/check";
import type { PolicyEntry } from "./model";

/** What the policies made of planned resources, in one run of them. */
export interface Judgement {
  readonly policies: readonly PolicyEntry[];
  readonly findings: readonly Finding[];
  /** What each policy that judges routes and callers decided, allowed and unproven answers included. */
  readonly judged: readonly Judged[];
  /** The decisions themselves, for gate 1 and for what somebody asks beside. */
  readonly access: Access;
}

/** A report is no response to the engine, so it holds all findings. */
const NO_LIMITS = { findings: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };

const WITNESS = "report";

/**
 * Runs the pack on planned resources, of one stack or of several together, as the engine would with this
 * configuration.
 *
 * @throws What a policy throws.
 */
export async function judge(
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
): Promise<Judgement> {
  const run = new Run(NO_LIMITS);
  const own = createPolicies(run);
  let seen: Pick<Judgement, "judged" | "access"> | undefined;
  // Runs last in the same call, so that it finds the model that the others have made.
  const witness: StackValidationPolicy = {
    name: WITNESS,
    description: "Takes down what the other policies decided.",
    enforcementLevel: "advisory",
    validateStack: (args) => {
      const judged = [...run.judged(args.resources)];
      seen = { judged, access: judged[0]?.access ?? run.access(args.resources, "infer") };
    },
  };
  const findings = await checkResources(resources, {
    config: { ...config, [WITNESS]: "advisory" },
    policies: [...own, witness],
  });
  if (seen === undefined) throw new Error("the policies did not run");
  return { ...seen, findings, policies: entries(configured(own, config)) };
}

function entries(policies: Policies): readonly PolicyEntry[] {
  return policies.map((policy) => ({
    name: policy.name,
    displayName: policy.displayName ?? policy.name,
    description: policy.description,
    // None of the policies can mend anything: the SDK then takes `remediate` for `mandatory`.
    level: policy.enforcementLevel === "remediate" ? "mandatory" : (policy.enforcementLevel ?? "advisory"),
    severity: policy.severity ?? "low",
    remediation: policy.remediationSteps ?? "",
    url: policy.url ?? "",
  }));
}
