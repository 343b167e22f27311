import { SERVICE_TYPES, type ServiceKind } from "./service-types";

/**
 * The resource types that the pack reads, and each provider's names for their properties. The readers use the names of
 * `@pulumi/aws`; where `@pulumi/aws-native` has another name, the entry contains it, so that a reader is written once
 * for both. A contract test checks every type token and property name here against the SDKs' typings.
 */

export type ResourceKind =
  | ServiceKind
  | "RestApi"
  | "RestApiPolicy"
  | "RestApiPut"
  | "RestResource"
  | "RestMethod"
  | "RestIntegration"
  | "RestDeployment"
  | "RestStage"
  | "RestAuthorizer"
  | "HttpApi"
  | "HttpRoute"
  | "HttpIntegration"
  | "HttpDeployment"
  | "HttpStage"
  | "HttpAuthorizer"
  | "HttpOverrides"
  | "DomainMapping"
  | "RoutingRule"
  | "VpcEndpoint"
  | "Function"
  | "Alias"
  | "Version"
  | "Permission"
  | "FunctionPolicy"
  | "FunctionUrl"
  | "Role"
  | "RolePolicy"
  | "RolePolicyAttachment"
  | "RolePoliciesExclusive"
  | "RolePolicyAttachmentsExclusive"
  | "Policy"
  | "PolicyAttachment"
  | "User"
  | "UserPolicy"
  | "UserPolicyAttachment"
  | "UserPoliciesExclusive"
  | "UserPolicyAttachmentsExclusive"
  | "Group"
  | "GroupPolicy"
  | "GroupPolicyAttachment"
  | "GroupPoliciesExclusive"
  | "GroupPolicyAttachmentsExclusive"
  | "GroupMembership"
  | "UserGroupMembership"
  | "EventTarget"
  | "EventRule"
  | "Pipe"
  | "StateMachine"
  | "DataSource"
  | "PoolRoles"
  | "TaskDefinition"
  | "InstanceProfile"
  | "PodIdentityAssociation"
  | "ServiceAccount";

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

function term(
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
    term(
      "RestApi",
      "id name region executionArn rootResourceId body policy endpointConfiguration parameters disableExecuteApiEndpoint",
      {},
      { endpointConfiguration: "types vpcEndpointIds" },
    ),
  ],
  [
    "aws:apigateway/restApiPolicy:RestApiPolicy",
    term("RestApiPolicy", "restApi policy", { restApi: "restApiId" }),
  ],
  [
    "aws:apigateway/restApiPut:RestApiPut",
    term("RestApiPut", "restApi body parameters", { restApi: "restApiId" }),
  ],
  ["aws:apigateway/resource:Resource", term("RestResource", "id restApi parentId pathPart path")],
  [
    "aws:apigateway/method:Method",
    term("RestMethod", "restApi resourceId httpMethod authorization authorizerId"),
  ],
  [
    "aws:apigateway/integration:Integration",
    term(
      "RestIntegration",
      "restApi resourceId httpMethod type uri credentials integrationHttpMethod responseTransferMode requestParameters requestTemplates",
    ),
  ],
  [
    "aws:apigateway/deployment:Deployment",
    // Until version 7 of @pulumi/aws a deployment with a `stageName` created that stage.
    term(
      "RestDeployment",
      "restApi stageName variables canarySettings triggers",
      {},
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws:apigateway/stage:Stage",
    term(
      "RestStage",
      "restApi stageName variables canarySettings",
      {},
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws:apigateway/authorizer:Authorizer",
    term("RestAuthorizer", "id restApi type authorizerUri authorizerCredentials name"),
  ],
  [
    "aws:apigatewayv2/api:Api",
    term(
      "HttpApi",
      "id name region protocolType executionArn body target routeKey credentialsArn disableExecuteApiEndpoint",
    ),
  ],
  ["aws:apigatewayv2/route:Route", term("HttpRoute", "apiId routeKey target authorizationType authorizerId")],
  [
    "aws:apigatewayv2/integration:Integration",
    term(
      "HttpIntegration",
      "id apiId integrationType integrationMethod integrationUri integrationSubtype credentialsArn requestParameters requestTemplates",
    ),
  ],
  ["aws:apigatewayv2/deployment:Deployment", term("HttpDeployment", "apiId")],
  ["aws:apigatewayv2/stage:Stage", term("HttpStage", "apiId name stageVariables")],
  [
    "aws:apigatewayv2/authorizer:Authorizer",
    term("HttpAuthorizer", "id apiId authorizerType authorizerUri authorizerCredentialsArn name"),
  ],
  ["aws:apigateway/basePathMapping:BasePathMapping", term("DomainMapping", "api region", { api: "restApi" })],
  ["aws:apigatewayv2/apiMapping:ApiMapping", term("DomainMapping", "api region", { api: "apiId" })],
  [
    "aws:apigatewayv2/routingRule:RoutingRule",
    term("RoutingRule", "actions region", {}, { actions: "invokeApi invokeApi.apiId" }),
  ],
  ["aws:ec2/vpcEndpoint:VpcEndpoint", term("VpcEndpoint", "id vpcId serviceName region")],
  [
    "aws:lambda/function:Function",
    term(
      "Function",
      "name region arn role publish version code imageUri s3Bucket durableConfig tags tagsAll",
    ),
  ],
  ["aws:lambda/alias:Alias", term("Alias", "functionName name arn region")],
  [
    "aws:lambda/permission:Permission",
    term(
      "Permission",
      "action function principal qualifier sourceArn sourceAccount principalOrgId eventSourceToken functionUrlAuthType invokedViaFunctionUrl statementId region",
    ),
  ],
  ["aws:lambda/resourcePolicy:ResourcePolicy", term("FunctionPolicy", "resourceArn policy")],
  [
    "aws:lambda/functionUrl:FunctionUrl",
    term("FunctionUrl", "functionName authorizationType qualifier functionArn functionUrl region"),
  ],
  [
    "aws:iam/role:Role",
    term(
      "Role",
      "name path arn assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary tags tagsAll",
      {},
      { inlinePolicies: "name policy" },
    ),
  ],
  ["aws:iam/rolePolicy:RolePolicy", term("RolePolicy", "name role policy")],
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", term("RolePolicyAttachment", "role policyArn")],
  [
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    term("RolePoliciesExclusive", "role policyNames", { role: "roleName" }),
  ],
  [
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    term("RolePolicyAttachmentsExclusive", "role policyArns", { role: "roleName" }),
  ],
  ["aws:iam/policy:Policy", term("Policy", "name path arn policy")],
  ["aws:iam/policyAttachment:PolicyAttachment", term("PolicyAttachment", "policyArn roles users groups")],
  ["aws:iam/user:User", term("User", "name path arn permissionsBoundary tags tagsAll")],
  ["aws:iam/userPolicy:UserPolicy", term("UserPolicy", "name user policy")],
  ["aws:iam/userPolicyAttachment:UserPolicyAttachment", term("UserPolicyAttachment", "user policyArn")],
  [
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive",
    term("UserPoliciesExclusive", "user policyNames", { user: "userName" }),
  ],
  [
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
    term("UserPolicyAttachmentsExclusive", "user policyArns", { user: "userName" }),
  ],
  ["aws:iam/group:Group", term("Group", "name path arn")],
  ["aws:iam/groupPolicy:GroupPolicy", term("GroupPolicy", "name group policy")],
  ["aws:iam/groupPolicyAttachment:GroupPolicyAttachment", term("GroupPolicyAttachment", "group policyArn")],
  [
    "aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive",
    term("GroupPoliciesExclusive", "group policyNames", { group: "groupName" }),
  ],
  [
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
    term("GroupPolicyAttachmentsExclusive", "group policyArns", { group: "groupName" }),
  ],
  ["aws:iam/groupMembership:GroupMembership", term("GroupMembership", "group users")],
  ["aws:iam/userGroupMembership:UserGroupMembership", term("UserGroupMembership", "user groups")],
  [
    "aws:cloudwatch/eventTarget:EventTarget",
    term("EventTarget", "target roleArn rule eventBusName region", { target: "arn" }),
  ],
  [
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    term(
      "PoolRoles",
      "identityPoolId roles roleMappings region",
      {},
      { roleMappings: "mappingRules mappingRules.roleArn" },
    ),
  ],
  ["aws:pipes/pipe:Pipe", term("Pipe", "target enrichment roleArn region")],
  ["aws:sfn/stateMachine:StateMachine", term("StateMachine", "arn definition roleArn region")],
  [
    "aws:appsync/dataSource:DataSource",
    term(
      "DataSource",
      "httpConfig serviceRoleArn region",
      {},
      { httpConfig: "endpoint authorizationConfig authorizationConfig.awsIamConfig" },
    ),
  ],
  ["aws:ecs/taskDefinition:TaskDefinition", term("TaskDefinition", "taskRoleArn region")],
  ["aws:iam/instanceProfile:InstanceProfile", term("InstanceProfile", "role")],
  [
    "kubernetes:core/v1:ServiceAccount",
    term("ServiceAccount", "metadata", {}, { metadata: "annotations name namespace" }),
  ],
  ["aws:eks/podIdentityAssociation:PodIdentityAssociation", term("PodIdentityAssociation", "roleArn region")],

  [
    "aws-native:apigateway:RestApi",
    term(
      "RestApi",
      "id name rootResourceId body policy endpointConfiguration bodyS3Location parameters disableExecuteApiEndpoint",
      { id: "restApiId" },
      { endpointConfiguration: "types vpcEndpointIds" },
    ),
  ],
  [
    "aws-native:apigateway:Resource",
    term("RestResource", "id restApi parentId pathPart", { id: "resourceId", restApi: "restApiId" }),
  ],
  [
    "aws-native:apigateway:Method",
    term(
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
    term(
      "RestDeployment",
      "restApi stageName stageDescription",
      { restApi: "restApiId" },
      { stageDescription: "variables canarySetting.stageVariableOverrides" },
    ),
  ],
  [
    "aws-native:apigateway:Stage",
    term(
      "RestStage",
      "restApi stageName variables canarySettings",
      { restApi: "restApiId", canarySettings: "canarySetting" },
      { canarySettings: "stageVariableOverrides" },
    ),
  ],
  [
    "aws-native:apigateway:Authorizer",
    term("RestAuthorizer", "id restApi type authorizerUri authorizerCredentials name", {
      id: "authorizerId",
      restApi: "restApiId",
    }),
  ],
  [
    "aws-native:apigatewayv2:Api",
    term(
      "HttpApi",
      "id name protocolType executionArn body target routeKey credentialsArn bodyS3Location basePath disableExecuteApiEndpoint",
      { id: "apiId", executionArn: "executeApiArn" },
    ),
  ],
  [
    "aws-native:apigatewayv2:Route",
    term("HttpRoute", "apiId routeKey target authorizationType authorizerId"),
  ],
  [
    "aws-native:apigatewayv2:Integration",
    term(
      "HttpIntegration",
      "id apiId integrationType integrationMethod integrationUri integrationSubtype credentialsArn requestParameters requestTemplates",
      {
        id: "integrationId",
      },
    ),
  ],
  ["aws-native:apigatewayv2:Deployment", term("HttpDeployment", "apiId")],
  ["aws-native:apigatewayv2:Stage", term("HttpStage", "apiId name stageVariables", { name: "stageName" })],
  [
    "aws-native:apigatewayv2:Authorizer",
    term("HttpAuthorizer", "id apiId authorizerType authorizerUri authorizerCredentialsArn name", {
      id: "authorizerId",
    }),
  ],
  [
    "aws-native:apigatewayv2:ApiGatewayManagedOverrides",
    term(
      "HttpOverrides",
      "apiId route stage",
      {},
      { route: "authorizationType target", stage: "stageVariables" },
    ),
  ],
  ["aws-native:apigateway:BasePathMapping", term("DomainMapping", "api", { api: "restApiId" })],
  ["aws-native:apigateway:BasePathMappingV2", term("DomainMapping", "api", { api: "restApiId" })],
  ["aws-native:apigatewayv2:ApiMapping", term("DomainMapping", "api", { api: "apiId" })],
  [
    "aws-native:apigatewayv2:RoutingRule",
    term("RoutingRule", "actions", {}, { actions: "invokeApi invokeApi.apiId" }),
  ],
  ["aws-native:ec2:VpcEndpoint", term("VpcEndpoint", "id vpcId serviceName", { id: "awsId" })],
  [
    "aws-native:lambda:Function",
    term("Function", "name arn role code durableConfig tags", { name: "functionName" }),
  ],
  ["aws-native:lambda:Alias", term("Alias", "functionName name arn", { arn: "aliasArn" })],
  ["aws-native:lambda:Version", term("Version", "functionName version arn", { arn: "functionArn" })],
  [
    "aws-native:lambda:Permission",
    term(
      "Permission",
      "action function principal sourceArn sourceAccount principalOrgId eventSourceToken functionUrlAuthType invokedViaFunctionUrl",
      { function: "functionName" },
    ),
  ],
  [
    "aws-native:lambda:ResourcePolicy",
    term("FunctionPolicy", "resourceArn policy", { policy: "policyDocument" }),
  ],
  [
    "aws-native:lambda:Url",
    term("FunctionUrl", "functionName authorizationType qualifier functionArn functionUrl", {
      functionName: "targetFunctionArn",
      authorizationType: "authType",
    }),
  ],
  [
    "aws-native:iam:Role",
    term(
      "Role",
      "name path arn assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary tags",
      { name: "roleName", assumeRolePolicy: "assumeRolePolicyDocument", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:RolePolicy",
    term("RolePolicy", "name role policy", {
      name: "policyName",
      role: "roleName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:ManagedPolicy",
    term("Policy", "name path arn policy roles users groups", {
      name: "managedPolicyName",
      arn: "policyArn",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:User",
    term(
      "User",
      "name path arn groups inlinePolicies managedPolicyArns permissionsBoundary tags",
      { name: "userName", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:UserPolicy",
    term("UserPolicy", "name user policy", {
      name: "policyName",
      user: "userName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:iam:Group",
    term(
      "Group",
      "name path arn inlinePolicies managedPolicyArns",
      { name: "groupName", inlinePolicies: "policies" },
      { inlinePolicies: "policyName policyDocument" },
    ),
  ],
  [
    "aws-native:iam:GroupPolicy",
    term("GroupPolicy", "name group policy", {
      name: "policyName",
      group: "groupName",
      policy: "policyDocument",
    }),
  ],
  [
    "aws-native:events:Rule",
    term("EventRule", "name arn eventBusName targets", {}, { targets: "arn roleArn" }),
  ],
  [
    "aws-native:cognito:IdentityPoolRoleAttachment",
    term(
      "PoolRoles",
      "identityPoolId roles roleMappings",
      {},
      { roleMappings: "rulesConfiguration.rules rulesConfiguration.rules.roleArn" },
    ),
  ],
  ["aws-native:pipes:Pipe", term("Pipe", "target enrichment roleArn")],
  [
    "aws-native:stepfunctions:StateMachine",
    term("StateMachine", "arn definition definitionString definitionSubstitutions roleArn"),
  ],
  [
    "aws-native:appsync:DataSource",
    term(
      "DataSource",
      "httpConfig serviceRoleArn",
      {},
      { httpConfig: "endpoint authorizationConfig authorizationConfig.awsIamConfig" },
    ),
  ],
  ["aws-native:ecs:TaskDefinition", term("TaskDefinition", "taskRoleArn")],
  ["aws-native:iam:InstanceProfile", term("InstanceProfile", "roles")],
  ["aws-native:eks:PodIdentityAssociation", term("PodIdentityAssociation", "roleArn")],
  ...SERVICE_TYPES.map(([type, kind, ...rest]) => [type, term(kind, ...rest)] as const),
]);
