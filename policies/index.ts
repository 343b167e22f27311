import { authorizerFunctionPermission } from "./authorizer-function-permission";
import { callerCredentialsLambdaInvoke } from "./caller-credentials-lambda-invoke";
import { callerExecuteApiInvoke } from "./caller-execute-api-invoke";
import { disabledDefaultEndpoint } from "./disabled-default-endpoint";
import { durableFunctionQualifiedArn } from "./durable-function-qualified-arn";
import { externalApiCallerLambdaInvoke } from "./external-api-caller-lambda-invoke";
import type { PolicyDefinition, StackPolicy } from "./framework/definition";
import { functionUrlCallerLambdaInvoke } from "./function-url-caller-lambda-invoke";
import { iamRouteCallerLambdaInvoke } from "./iam-route-caller-lambda-invoke";
import { integrationRoleLambdaInvoke } from "./integration-role-lambda-invoke";
import { invokePolicyResource } from "./invoke-policy-resource";
import { invokePolicyScope } from "./invoke-policy-scope";
import { lambdaIntegrationRequest } from "./lambda-integration-request";
import { lambdaPermissionRequest } from "./lambda-permission-request";
import { lambdaPermissionScope } from "./lambda-permission-scope";
import { lambdaPermissionSourceArn } from "./lambda-permission-source-arn";
import { policyConfiguration } from "./policy-configuration";
import { restApiDeploymentDependencies } from "./rest-api-deployment-dependencies";
import { restApiResourcePolicy } from "./rest-api-resource-policy";
import { routeFunctionPermission } from "./route-function-permission";
import { serviceIntegrationRole } from "./service-integration-role";
import { unprovenAccess } from "./unproven-access";
import { websocketManageConnections } from "./websocket-manage-connections";

export { type LanguageOf, languageOfRuntime, pageUrl } from "../messages";
export type { Fault } from "../messages/pack";
export type { SeenResource } from "../stack";
export { type ConfigurationOptions, configSchema } from "./framework/configuration";
export { configuredAccount } from "./framework/configured-account";
export type * from "./framework/definition";
export { faultKey, faultOf } from "./framework/faults";
export { SeenInputs } from "./framework/seen-inputs";
export {
  AnalysisSession,
  evaluateResource,
  type NamedResource,
  type Operation,
  remediationOf,
  reportsAtTheEnd,
  reportsType,
  type Stack,
} from "./framework/session";
export { concernsStack } from "./framework/stack-verdicts";

/** The policies that decide whether routes, authorizers and function URLs work. */
const GATES: readonly StackPolicy[] = [
  iamRouteCallerLambdaInvoke,
  callerCredentialsLambdaInvoke,
  routeFunctionPermission,
  integrationRoleLambdaInvoke,
  authorizerFunctionPermission,
  functionUrlCallerLambdaInvoke,
  restApiResourcePolicy,
  callerExecuteApiInvoke,
  externalApiCallerLambdaInvoke,
];

/** The policies that find configurations which AWS refuses, in one resource at a time where possible. */
const LINTS: readonly PolicyDefinition[] = [
  durableFunctionQualifiedArn,
  lambdaPermissionRequest,
  lambdaPermissionSourceArn,
  lambdaPermissionScope,
  lambdaIntegrationRequest,
  invokePolicyResource,
  invokePolicyScope,
  websocketManageConnections,
  restApiDeploymentDependencies,
  serviceIntegrationRole,
  disabledDefaultEndpoint,
];

const names = (policies: readonly PolicyDefinition[]): readonly string[] =>
  policies.map(({ metadata }) => metadata.name);

const unproven = unprovenAccess(names([...GATES, serviceIntegrationRole]));

/** The policies of the pack. Each follows those that it requires, since they run in this order. */
export const POLICIES: readonly PolicyDefinition[] = inOrder([
  policyConfiguration(names([...GATES, ...LINTS, unproven])),
  unproven,
  ...GATES,
  ...LINTS,
]);

/** The policies that support the level `remediate`. */
export const REMEDIATING: readonly string[] = names(
  POLICIES.filter((policy) => policy.kind === "resource" && policy.remediate !== undefined),
);

/** @throws If policies require each other in a circle, or require one that does not exist. */
export function inOrder(policies: readonly PolicyDefinition[]): readonly PolicyDefinition[] {
  const ordered: PolicyDefinition[] = [];
  let remaining = policies;
  while (remaining.length > 0) {
    const done = new Set<string>(names(ordered));
    const ready = remaining.filter(({ requires }) => requires.every((name) => done.has(name)));
    if (ready.length === 0)
      throw new Error(`policies without what they require: ${names(remaining).join(", ")}`);
    ordered.push(...ready);
    remaining = remaining.filter((policy) => !ready.includes(policy));
  }
  return ordered;
}
