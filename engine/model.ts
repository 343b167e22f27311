import type { EnforcementLevel } from "@pulumi/policy";
import type { SourcePosition } from "./source";
import type { Properties } from "./values";

/** A resource of a stack, as Pulumi's engine shows it to a policy pack. */
export interface PlannedResource {
  urn: string;
  /** For example, `aws:lambda/function:Function`. */
  type: string;
  /** The name in the program. */
  name: string;
  /** Whether a provider manages it; components and the stack itself are not custom. */
  custom: boolean;
  /** The id in the cloud; the unknown sentinel before it exists, empty for resources that are not custom. */
  id: string;
  parent?: string;
  /** The URN of the provider. */
  provider?: string;
  /** The inputs after the provider's Check: those that resource policies receive. */
  inputs: Properties;
  /** The outputs: those that stack policies receive. */
  outputs: Properties;
  /** URNs, of resources of this plan only. */
  dependencies: string[];
  /** For each input property that depends on other resources, their URNs. */
  propertyDependencies: Record<string, string[]>;
  /** The line that declares it, where it is known. */
  source?: SourcePosition;
  /** When the engine last changed it in the cloud, where the state contains it (ISO 8601). */
  modified?: string;
}

/** The resources of a stack, as Pulumi's engine shows them to a policy pack. */
export interface Plan {
  project: string;
  stack: string;
  resources: PlannedResource[];
}

/** A finding of a policy on a resource. */
export interface Finding {
  /** The name of the policy. */
  policy: string;
  /** `mandatory` findings block a deployment, `advisory` ones are shown. */
  level: "advisory" | "mandatory";
  /** The URN of the resource; the stack's own when the policy names none. */
  resource: string;
  /** The resource's name in the program. */
  name: string;
  /** The policy's description; the CLI prints it before the message. */
  description: string;
  message: string;
}

/** The content of a policy-config.json: a level, or a level and the policy's own settings. */
export type PolicyConfig = Record<
  string,
  EnforcementLevel | ({ enforcementLevel?: EnforcementLevel } & Record<string, unknown>)
>;

/** The metadata of a policy, and the level that the configuration gives it. */
export interface PolicyEntry {
  readonly name: string;
  /** The name for display, without a period at the end. */
  readonly displayName: string;
  readonly description: string;
  readonly level: "mandatory" | "advisory" | "disabled";
  readonly severity: "low" | "medium" | "high" | "critical";
  /** How to fix a violation, in one or two sentences. */
  readonly remediation: string;
  /** The URL of the policy's page. */
  readonly url: string;
  /** The reason why the policy does not apply to these stacks; absent if it applies. */
  readonly notApplicable?: string;
}
