/**
 * The entry `apigateway-lambda-access/policies`: the policies for a custom pack. Its declarations are public, so they
 * refer to no type of the pack's other folders.
 */
import type { Policies } from "@pulumi/policy";
import { type OptionProblem, showOptionProblem } from "../messages/pack";
import { POLICIES, type PolicyDefinition } from "../policies";
import { ofProject } from "./language";
import { Pack } from "./pack";
import { isStartedByEngine, operationOf, serveInCustomPack } from "./serve";

/** The names of all policies, in alphabetical order. */
export const POLICY_NAMES = [
  // policy-names:begin (npm run docs writes them, from policies/index.ts)
  "authorizer-function-permission",
  "caller-credentials-lambda-invoke",
  "caller-execute-api-invoke",
  "disabled-default-endpoint",
  "durable-function-qualified-arn",
  "external-api-caller-lambda-invoke",
  "function-url-caller-lambda-invoke",
  "iam-route-caller-lambda-invoke",
  "integration-role-lambda-invoke",
  "invoke-policy-resource",
  "invoke-policy-scope",
  "lambda-integration-request",
  "lambda-permission-request",
  "lambda-permission-scope",
  "lambda-permission-source-arn",
  "policy-configuration",
  "rest-api-deployment-dependencies",
  "rest-api-resource-policy",
  "route-function-permission",
  "service-integration-role",
  "unproven-access",
  "websocket-manage-connections",
  // policy-names:end
] as const;

/** The name of a policy, as in the configuration of the pack and in its findings. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** The policies to include, and their level. A policy is included when it meets every given condition. */
export interface ApiGatewayLambdaAccessOptions {
  /** By name. */
  readonly names?: readonly PolicyName[];
  /** By severity. */
  readonly severities?: readonly ("low" | "medium" | "high" | "critical")[];
  /**
   * By whose rule it is: AWS's own, or the two-step rule of this package. `unproven-access` and `policy-configuration`
   * concern all other policies, and belong to both.
   */
  readonly rules?: readonly ("aws" | "two-step")[];
  /** By the policy's default level. */
  readonly levels?: readonly ("advisory" | "mandatory")[];
  /** The level of all included policies, instead of their defaults. The configuration of the pack overrides it. */
  readonly enforcementLevel?: "advisory" | "mandatory" | "disabled";
}

/**
 * The policies, for the `policies` of a `PolicyPack`. The policies of different calls share nothing.
 *
 * @throws {TypeError} If an option is misspelled, or no policy is selected: a pack without checks would look like one
 * without findings.
 */
export function apiGatewayLambdaAccess(options: ApiGatewayLambdaAccessOptions = {}): Policies {
  const { enforcementLevel, ...selection } = checked(options);
  const definitions = POLICIES.filter((policy) => isSelected(policy, selection));
  if (definitions.length === 0) throw failure({ code: "no-policy-selected" });
  const pack = new Pack({
    operation: operationOf(process.env),
    definitions,
    ...(isStartedByEngine() ? ofProject(process.env) : {}),
  });
  if (isStartedByEngine()) serveInCustomPack(pack);
  const { policies } = pack;
  return enforcementLevel === undefined
    ? policies
    : policies.map((policy) => ({ ...policy, enforcementLevel }));
}

function isSelected(
  { metadata: { name, severity, rule, enforcementLevel } }: PolicyDefinition,
  { names, severities, rules, levels }: ApiGatewayLambdaAccessOptions,
): boolean {
  const among = (list: readonly string[] | undefined, value: string): boolean =>
    list === undefined || list.includes(value);
  return (
    among(names, name) &&
    among(severities, severity) &&
    (rule === undefined || among(rules, rule)) &&
    among(levels, enforcementLevel)
  );
}

const CHOICES: { readonly [Option in keyof ApiGatewayLambdaAccessOptions]-?: readonly string[] } = {
  names: POLICY_NAMES,
  severities: ["low", "medium", "high", "critical"],
  rules: ["aws", "two-step"],
  levels: ["advisory", "mandatory"],
  enforcementLevel: ["advisory", "mandatory", "disabled"],
};

/** JavaScript has no types that would reject a misspelled option. */
function checked(options: ApiGatewayLambdaAccessOptions): ApiGatewayLambdaAccessOptions {
  for (const [option, optionValue] of Object.entries(options)) {
    if (optionValue === undefined) continue;
    const choices = Object.hasOwn(CHOICES, option) ? CHOICES[option as keyof typeof CHOICES] : undefined;
    if (choices === undefined)
      throw failure({ code: "unknown-option", option, options: Object.keys(CHOICES) });
    if (option !== "enforcementLevel" && !Array.isArray(optionValue))
      throw failure({ code: "not-a-list", option });
    for (const entry of [optionValue].flat())
      if (!choices.includes(entry)) throw failure({ code: "unknown-choice", option, given: entry, choices });
  }
  return options;
}

function failure(problem: OptionProblem): TypeError {
  return new TypeError(showOptionProblem(problem));
}
