import type { Policies } from "@pulumi/policy";
import { authorizerFunctionPermission } from "./authorizer-function-permission";
import { callerCredentialsLambdaInvoke } from "./caller-credentials-lambda-invoke";
import { callerExecuteApiInvoke } from "./caller-execute-api-invoke";
import { externalApiCallerLambdaInvoke } from "./external-api-caller-lambda-invoke";
import { functionUrlCallerLambdaInvoke } from "./function-url-caller-lambda-invoke";
import { iamRouteCallerLambdaInvoke } from "./iam-route-caller-lambda-invoke";
import { integrationRoleLambdaInvoke } from "./integration-role-lambda-invoke";
import { invokePolicyResource } from "./invoke-policy-resource";
import { invokePolicyScope } from "./invoke-policy-scope";
import { lambdaIntegrationRequest } from "./lambda-integration-request";
import { lambdaPermissionScope } from "./lambda-permission-scope";
import { lambdaPermissionSourceArn } from "./lambda-permission-source-arn";
import { policyConfiguration } from "./policy-configuration";
import { routeFunctionPermission } from "./route-function-permission";
import { Run } from "./run";
import { unprovenAccess } from "./unproven-access";

/**
 * The policies of the pack, sharing one model of the stack. Each call makes policies with a state of their own,
 * or with the given one, for who wants to see more than their findings. The last two report what the others leave to them, so they stay last.
 */
export function createPolicies(run = new Run()): Policies {
  return [
    iamRouteCallerLambdaInvoke(run),
    callerCredentialsLambdaInvoke(run),
    routeFunctionPermission(run),
    integrationRoleLambdaInvoke(run),
    authorizerFunctionPermission(run),
    functionUrlCallerLambdaInvoke(run),
    callerExecuteApiInvoke(run),
    externalApiCallerLambdaInvoke(run),
    lambdaPermissionSourceArn(run),
    lambdaPermissionScope(run),
    lambdaIntegrationRequest(run),
    invokePolicyResource(run),
    invokePolicyScope(run),
    unprovenAccess(run),
    policyConfiguration(run),
  ];
}
