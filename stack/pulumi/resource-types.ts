import type { ResourceKind } from "./resource-kinds";
import { SERVICE_TYPES } from "./service-types";

export type { ResourceKind } from "./resource-kinds";

/**
 * The resource types that the pack reads, and each provider's names for their properties. The readers use the names of
 * `@pulumi/aws`; where `@pulumi/aws-native` has another name, the entry contains it, so that a reader is written once
 * for both. A contract test checks every type token and property name here against the SDKs' typings. One file because it
 * is one table.
 */

export interface ResourceType {
  readonly kind: ResourceKind;
  /** The names of the properties that are read, as the readers use them. */
  readonly reads: readonly string[];
  /** The provider's own name of a property, where it differs from the readers' name. */
  readonly renamed: Readonly<Record<string, string>>;
  /** For properties that are objects or lists of objects: the fields that are read, with dots for nested fields. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

/**
 * Inputs that the provider sets when the program omits them. In a preview of a new resource they are unknown then,
 * although the program does not set them: an unknown without dependencies means unset.
 */
export const PROPERTIES_WITH_DEFAULTS: Partial<Record<ResourceKind, readonly string[]>> = {
  RestApi: ["policy", "endpointConfiguration", "name", "disableExecuteApiEndpoint"],
  Role: ["inlinePolicies", "managedPolicyArns"],
  Permission: ["statementId"],
  ServiceResource: ["policy", "arn"],
};

/**
 * Lists and documents that a provider's Read fills with all values in AWS, whether the program sets them or not. The
 * outputs of an unchanged resource come from the state and may therefore contain values that this update removes.
 */
export const REFRESHED_PROPERTIES: Partial<Record<ResourceKind, readonly string[]>> = {
  Role: ["inlinePolicies", "managedPolicyArns"],
  User: ["inlinePolicies", "managedPolicyArns", "groups"],
  Group: ["inlinePolicies", "managedPolicyArns"],
  RestApi: ["policy"],
};

function defineType(
  kind: ResourceKind,
  reads: string,
  renamed: Record<string, string> = {},
  fields: Record<string, string> = {},
): ResourceType {
  const split = Object.entries(fields).map(([property, names]) => [property, names.split(" ")] as const);
  return { kind, reads: reads.split(" "), renamed, fields: Object.fromEntries(split) };
}

/** By Pulumi type token. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>([
  [
    "aws:apigateway/restApi:RestApi",
    defineType(
      "RestApi",
      "id name region executionArn rootResourceId body policy endpointConfiguration parameters disableExecuteApiEndpoint",
      {},
      { endpointConfiguration: "types vpcEndpointIds" },
    ),
  ],
  [
    "aws:apigateway/restApiPolicy:RestApiPolicy",
    defineType("RestApiPolicy", "restApi policy", { restApi: "restApiId" }),
  ],
  [
    "aws:apigateway/restApiPut:RestApiPut",
    defineType("RestApiPut", "restApi body parameters", { restApi: "restApiId" }),
  ],
  ["aws:apigateway/resource:Resource", defineType("RestResource", "id restApi parentId pathPart path")],
  [
    "aws:apigateway/method:Method",
    defineType("RestMethod", "restApi resourceId httpMethod authorization authorizerId"),
  ],
  [
    "aws:apigateway/integration:Integration",
    defineType(
      "RestIntegration",
      "restApi resourceId httpMethod type uri credentials integrationHttpMethod responseTransferMode requestParameters requestTemplates",
    ),
  ],
  [
    "aws:apigateway/deployment:Deployment",
    // Until version 7 of @pulumi/aws a deployment with a `stageName` created that stage.
    defineType(
      "RestDeployment",
      "restApi stageName variables canarySettings triggers",
      {},
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws:apigateway/stage:Stage",
    defineType(
      "RestStage",
      "restApi stageName variables canarySettings",
      {},
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws:apigateway/authorizer:Authorizer",
    defineType("RestAuthorizer", "id restApi type authorizerUri authorizerCredentials name"),
  ],
  [
    "aws:apigatewayv2/api:Api",
    defineType(
      "HttpApi",
      "id name region protocolType executionArn body target routeKey credentialsArn disableExecuteApiEndpoint",
    ),
  ],
  [
    "aws:apigatewayv2/route:Route",
    defineType("HttpRoute", "apiId routeKey target authorizationType authorizerId"),
  ],
  [
    "aws:apigatewayv2/integration:Integration",
    defineType(
      "HttpIntegration",
      "id apiId integrationType integrationMethod integrationUri integrationSubtype credentialsArn requestParameters requestTemplates",
    ),
  ],
  ["aws:apigatewayv2/deployment:Deployment", defineType("HttpDeployment", "apiId")],
  ["aws:apigatewayv2/stage:Stage", defineType("HttpStage", "apiId name stageVariables")],
  [
    "aws:apigatewayv2/authorizer:Authorizer",
    defineType("HttpAuthorizer", "id apiId authorizerType authorizerUri authorizerCredentialsArn name"),
  ],
  [
    "aws:apigateway/basePathMapping:BasePathMapping",
    defineType("DomainMapping", "api region", { api: "restApi" }),
  ],
  ["aws:apigatewayv2/apiMapping:ApiMapping", defineType("DomainMapping", "api region", { api: "apiId" })],
  [
    "aws:apigatewayv2/routingRule:RoutingRule",
    defineType("RoutingRule", "actions region", {}, { actions: "invokeApi invokeApi.apiId" }),
  ],
  ["aws:ec2/vpcEndpoint:VpcEndpoint", defineType("VpcEndpoint", "id vpcId serviceName region")],
  [
    "aws:lambda/function:Function",
    defineType(
      "Function",
      "name region arn role publish version code imageUri s3Bucket durableConfig tags tagsAll",
    ),
  ],
  ["aws:lambda/alias:Alias", defineType("Alias", "functionName name arn region")],
  [
    "aws:lambda/permission:Permission",
    defineType(
      "Permission",
      "action function principal qualifier sourceArn sourceAccount principalOrgId eventSourceToken functionUrlAuthType invokedViaFunctionUrl statementId region",
    ),
  ],
  ["aws:lambda/resourcePolicy:ResourcePolicy", defineType("FunctionPolicy", "resourceArn policy")],
  [
    "aws:lambda/functionUrl:FunctionUrl",
    defineType("FunctionUrl", "functionName authorizationType qualifier functionArn functionUrl region"),
  ],
  [
    "aws:iam/role:Role",
    defineType(
      "Role",
      "name path arn assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary tags tagsAll",
      {},
      { inlinePolicies: "name policy" },
    ),
  ],
  ["aws:iam/rolePolicy:RolePolicy", defineType("RolePolicy", "name role policy")],
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", defineType("RolePolicyAttachment", "role policyArn")],
  [
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    defineType("RolePoliciesExclusive", "role policyNames", { role: "roleName" }),
  ],
  [
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    defineType("RolePolicyAttachmentsExclusive", "role policyArns", { role: "roleName" }),
  ],
  ["aws:iam/policy:Policy", defineType("Policy", "name path arn policy")],
  [
    "aws:iam/policyAttachment:PolicyAttachment",
    defineType("PolicyAttachment", "policyArn roles users groups"),
  ],
  ["aws:iam/user:User", defineType("User", "name path arn permissionsBoundary tags tagsAll")],
  ["aws:iam/userPolicy:UserPolicy", defineType("UserPolicy", "name user policy")],
  ["aws:iam/userPolicyAttachment:UserPolicyAttachment", defineType("UserPolicyAttachment", "user policyArn")],
  [
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive",
    defineType("UserPoliciesExclusive", "user policyNames", { user: "userName" }),
  ],
  [
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
    defineType("UserPolicyAttachmentsExclusive", "user policyArns", { user: "userName" }),
  ],
  ["aws:iam/group:Group", defineType("Group", "name path arn")],
  ["aws:iam/groupPolicy:GroupPolicy", defineType("GroupPolicy", "name group policy")],
  [
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    defineType("GroupPolicyAttachment", "group policyArn"),
  ],
  [
    "aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive",
    defineType("GroupPoliciesExclusive", "group policyNames", { group: "groupName" }),
  ],
  [
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
    defineType("GroupPolicyAttachmentsExclusive", "group policyArns", { group: "groupName" }),
  ],
  ["aws:iam/groupMembership:GroupMembership", defineType("GroupMembership", "group users")],
  ["aws:iam/userGroupMembership:UserGroupMembership", defineType("UserGroupMembership", "user groups")],
  [
    "aws:cloudwatch/eventTarget:EventTarget",
    defineType("EventTarget", "target roleArn rule eventBusName region", { target: "arn" }),
  ],
  [
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    defineType(
      "PoolRoles",
      "identityPoolId roles roleMappings region",
      {},
      { roleMappings: "mappingRules mappingRules.roleArn" },
    ),
  ],
  ["aws:pipes/pipe:Pipe", defineType("Pipe", "target enrichment roleArn region")],
  ["aws:sfn/stateMachine:StateMachine", defineType("StateMachine", "arn definition roleArn region")],
  [
    "aws:appsync/dataSource:DataSource",
    defineType(
      "DataSource",
      "httpConfig serviceRoleArn region",
      {},
      { httpConfig: "endpoint authorizationConfig authorizationConfig.awsIamConfig" },
    ),
  ],
  ["aws:ecs/taskDefinition:TaskDefinition", defineType("TaskDefinition", "taskRoleArn region")],
  ["aws:iam/instanceProfile:InstanceProfile", defineType("InstanceProfile", "role")],
  [
    "kubernetes:core/v1:ServiceAccount",
    defineType("ServiceAccount", "metadata", {}, { metadata: "annotations name namespace" }),
  ],
  [
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    defineType("PodIdentityAssociation", "roleArn region"),
  ],

  [
    "aws-native:apigateway:RestApi",
    defineType(
      "RestApi",
      "id name rootResourceId body policy endpointConfiguration bodyS3Location parameters disableExecuteApiEndpoint",
      { id: "restApiId" },
      { endpointConfiguration: "types vpcEndpointIds" },
    ),
  ],
  [
    "aws-native:apigateway:Resource",
    defineType("RestResource", "id restApi parentId pathPart", { id: "resourceId", restApi: "restApiId" }),
  ],
  [
    "aws-native:apigateway:Method",
    defineType(
      "RestMethod",
      "restApi resourceId httpMethod authorization authorizerId integration",
      { restApi: "restApiId", authorization: "authorizationType" },
      {
        integration:
          "type uri credentials integrationHttpMethod responseTransferMode requestParameters requestTemplates",
      },
    ),
  ],
  [
    "aws-native:apigateway:Deployment",
    defineType(
      "RestDeployment",
      "restApi stageName stageDescription",
      { restApi: "restApiId" },
      { stageDescription: "variables canarySetting.stageVariableOverrides" },
    ),
  ],
  [
    "aws-native:apigateway:Stage",
    defineType(
      "RestStage",
      "restApi stageName variables canarySettings",
      { restApi: "restApiId", canarySettings: "canarySetting" },
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws-native:apigateway:Authorizer",
    defineType("RestAuthorizer", "id restApi type authorizerUri authorizerCredentials name", {
      id: "authorizerId",
      restApi: "restApiId",
    }),
  ],
  [
    "aws-native:apigatewayv2:Api",
    defineType(
      "HttpApi",
      "id name protocolType executionArn body target routeKey credentialsArn bodyS3Location basePath disableExecuteApiEndpoint",
      { id: "apiId", executionArn: "executeApiArn" },
    ),
  ],
  [
    "aws-native:apigatewayv2:Route",
    defineType("HttpRoute", "apiId routeKey target authorizationType authorizerId"),
  ],
  [
    "aws-native:apigatewayv2:Integration",
    defineType(
      "HttpIntegration",
      "id apiId integrationType integrationMethod integrationUri integrationSubtype credentialsArn requestParameters requestTemplates",
      {
        id: "integrationId",
      },
    ),
  ],
  ["aws-native:apigatewayv2:Deployment", defineType("HttpDeployment", "apiId")],
  [
    "aws-native:apigatewayv2:Stage",
    defineType("HttpStage", "apiId name stageVariables", { name: "stageName" }),
  ],
  [
    "aws-native:apigatewayv2:Authorizer",
    defineType("HttpAuthorizer", "id apiId authorizerType authorizerUri authorizerCredentialsArn name", {
      id: "authorizerId",
    }),
  ],
  [
    "aws-native:apigatewayv2:ApiGatewayManagedOverrides",
    defineType(
      "HttpOverrides",
      "apiId route stage",
      {},
      { route: "authorizationType target", stage: "stageVariables" },
    ),
  ],
  ["aws-native:apigateway:BasePathMapping", defineType("DomainMapping", "api", { api: "restApiId" })],
  ["aws-native:apigateway:BasePathMappingV2", defineType("DomainMapping", "api", { api: "restApiId" })],
  ["aws-native:apigatewayv2:ApiMapping", defineType("DomainMapping", "api", { api: "apiId" })],
  [
    "aws-native:apigatewayv2:RoutingRule",
    defineType("RoutingRule", "actions", {}, { actions: "invokeApi invokeApi.apiId" }),
  ],
  ["aws-native:ec2:VpcEndpoint", defineType("VpcEndpoint", "id vpcId serviceName", { id: "awsId" })],
  [
    "aws-native:lambda:Function",
    defineType("Function", "name arn role code durableConfig tags", { name: "functionName" }),
  ],
  ["aws-native:lambda:Alias", defineType("Alias", "functionName name arn", { arn: "aliasArn" })],
  ["aws-native:lambda:Version", defineType("Version", "functionName version arn", { arn: "functionArn" })],
  [
    "aws-native:lambda:Permission",
    defineType(
      "Permission",
      "action function principal sourceArn sourceAccount principalOrgId eventSourceToken functionUrlAuthType invokedViaFunctionUrl",
      { function: "functionName" },
    ),
  ],
  [
    "aws-native:lambda:ResourcePolicy",
    defineType("FunctionPolicy", "resourceArn policy", { policy: "policyDocument" }),
  ],
  [
    "aws-native:lambda:Url",
    defineType("FunctionUrl", "functionName authorizationType qualifier functionArn functionUrl", {
      functionName: "targetFunctionArn",
      authorizationType: "authType",
    }),
  ],
  [
    "aws-native:iam:Role",
    defineType(
      "Role",
      "name path arn assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary tags",
      { name: "roleName", assumeRolePolicy: "assumeRolePolicyDocument", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:RolePolicy",
    defineType("RolePolicy", "name role policy", {
      name: "policyName",
      role: "roleName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:ManagedPolicy",
    defineType("Policy", "name path arn policy roles users groups", {
      name: "managedPolicyName",
      arn: "policyArn",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:User",
    defineType(
      "User",
      "name path arn groups inlinePolicies managedPolicyArns permissionsBoundary tags",
      { name: "userName", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:UserPolicy",
    defineType("UserPolicy", "name user policy", {
      name: "policyName",
      user: "userName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:Group",
    defineType(
      "Group",
      "name path arn inlinePolicies managedPolicyArns",
      { name: "groupName", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:GroupPolicy",
    defineType("GroupPolicy", "name group policy", {
      name: "policyName",
      group: "groupName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:events:Rule",
    defineType("EventRule", "name arn eventBusName targets", {}, { targets: "arn roleArn" }),
  ],
  [
    "aws-native:cognito:IdentityPoolRoleAttachment",
    defineType(
      "PoolRoles",
      "identityPoolId roles roleMappings",
      {},
      { roleMappings: "rulesConfiguration.rules rulesConfiguration.rules.roleArn" },
    ),
  ],
  ["aws-native:pipes:Pipe", defineType("Pipe", "target enrichment roleArn")],
  [
    "aws-native:stepfunctions:StateMachine",
    defineType("StateMachine", "arn definition definitionString definitionSubstitutions roleArn"),
  ],
  [
    "aws-native:appsync:DataSource",
    defineType(
      "DataSource",
      "httpConfig serviceRoleArn",
      {},
      { httpConfig: "endpoint authorizationConfig authorizationConfig.awsIamConfig" },
    ),
  ],
  ["aws-native:ecs:TaskDefinition", defineType("TaskDefinition", "taskRoleArn")],
  ["aws-native:iam:InstanceProfile", defineType("InstanceProfile", "roles")],
  ["aws-native:eks:PodIdentityAssociation", defineType("PodIdentityAssociation", "roleArn")],
  ...SERVICE_TYPES.map(([type, kind, ...rest]) => [type, defineType(kind, ...rest)] as const),
]);
