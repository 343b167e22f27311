/**
 * The resources of `@pulumi/aws-native` for IAM, Lambda and event sources. Their ids are CloudFormation's primary
 * identifiers, and policy documents remain objects.
 */
import {
  arn,
  CREATED,
  eventBus,
  functionArn,
  iamArn,
  iamGlobal,
  input,
  joined,
  LOWER,
  oidcArn,
  random,
  serviceLinkedArn,
  type TypeBehavior,
  text,
  token,
  UPPER,
  uuid,
} from "./derived";

export const NATIVE: Readonly<Record<string, TypeBehavior>> = {
  "aws-native:iam:Group": {
    named: "groupName",
    id: input("groupName"),
    computed: (request) => ({ arn: iamArn(request, "group", "groupName") }),
  },
  "aws-native:iam:GroupPolicy": { named: "policyName", id: joined("|", "policyName", "groupName") },
  "aws-native:iam:InstanceProfile": {
    named: "instanceProfileName",
    id: input("instanceProfileName"),
    computed: (request) => ({ arn: iamArn(request, "instance-profile", "instanceProfileName") }),
  },
  "aws-native:iam:ManagedPolicy": {
    named: "managedPolicyName",
    id: (request) => iamArn(request, "policy", "managedPolicyName"),
    computed: (request, id) => ({
      attachmentCount: 0,
      createDate: CREATED,
      defaultVersionId: "v1",
      isAttachable: true,
      permissionsBoundaryUsageCount: 0,
      policyArn: id,
      policyId: `ANPA${token(request.urn, 17, UPPER)}`,
      updateDate: CREATED,
    }),
  },
  "aws-native:iam:OidcProvider": {
    id: (request) => oidcArn(request, "url"),
    computed: (_request, id) => ({ arn: id }),
  },
  "aws-native:iam:Role": {
    named: "roleName",
    id: input("roleName"),
    computed: (request) => ({
      arn: iamArn(request, "role", "roleName"),
      roleId: `AROA${token(request.urn, 17, UPPER)}`,
    }),
  },
  "aws-native:iam:RolePolicy": { named: "policyName", id: joined("|", "policyName", "roleName") },
  "aws-native:iam:SamlProvider": {
    named: "name",
    id: (request) => iamGlobal(request, `saml-provider/${text(request, "name")}`),
    computed: (request, id) => ({ arn: id, samlProviderUuid: uuid(request) }),
  },
  "aws-native:iam:ServerCertificate": {
    named: "serverCertificateName",
    id: input("serverCertificateName"),
    computed: (request) => ({ arn: iamArn(request, "server-certificate", "serverCertificateName") }),
  },
  "aws-native:iam:ServiceLinkedRole": {
    id: (request) => serviceLinkedArn(request).split("/").at(-1) ?? "",
    computed: (_request, id) => ({ roleName: id }),
  },
  "aws-native:iam:User": {
    named: "userName",
    id: input("userName"),
    computed: (request) => ({ arn: iamArn(request, "user", "userName") }),
  },
  "aws-native:iam:UserPolicy": { named: "policyName", id: joined("|", "policyName", "userName") },
  "aws-native:iam:VirtualMfaDevice": {
    named: "virtualMfaDeviceName",
    id: (request) => iamArn(request, "mfa", "virtualMfaDeviceName"),
    computed: (_request, id) => ({ serialNumber: id }),
  },
  "aws-native:lambda:Alias": {
    named: "name",
    id: (request) => `${functionArn(request, text(request, "functionName"))}:${text(request, "name")}`,
    computed: (_request, id) => ({ aliasArn: id }),
  },
  "aws-native:lambda:CapacityProvider": {
    named: "capacityProviderName",
    id: input("capacityProviderName"),
    computed: (request, id) => ({ arn: arn(request, "lambda", `capacity-provider:${id}`), state: "Active" }),
  },
  "aws-native:lambda:CodeSigningConfig": {
    id: (request) => arn(request, "lambda", `code-signing-config:csc-${token(request.urn, 17, LOWER)}`),
    computed: (request, id) => ({
      codeSigningConfigArn: id,
      codeSigningConfigId: `csc-${token(request.urn, 17, LOWER)}`,
    }),
  },
  "aws-native:lambda:EventInvokeConfig": { id: joined("|", "functionName", "qualifier") },
  "aws-native:lambda:EventSourceMapping": {
    id: uuid,
    computed: (request, id) => ({
      awsId: id,
      eventSourceMappingArn: arn(request, "lambda", `event-source-mapping:${id}`),
    }),
  },
  "aws-native:lambda:Function": {
    named: "functionName",
    id: input("functionName"),
    computed: (request, id) => ({
      arn: arn(request, "lambda", `function:${id}`),
      snapStartResponse: { applyOn: "None", optimizationStatus: "Off" },
    }),
  },
  "aws-native:lambda:LayerVersion": {
    named: "layerName",
    id: (request) => arn(request, "lambda", `layer:${text(request, "layerName")}:1`),
    computed: (_request, id) => ({ layerVersionArn: id }),
  },
  "aws-native:lambda:LayerVersionPermission": {
    id: (request) => `${text(request, "layerVersionArn")}#${uuid(request)}`,
    computed: (_request, id) => ({ awsId: id }),
  },
  "aws-native:lambda:MicrovmImage": {
    named: "name",
    id: (request) => arn(request, "lambda", `microvm-image:${text(request, "name")}`),
    computed: (_request, id) => ({
      createdAt: CREATED,
      imageArn: id,
      latestActiveImageVersion: "1",
      latestFailedImageVersion: "",
      state: "ACTIVE",
      updatedAt: CREATED,
    }),
  },
  "aws-native:lambda:NetworkConnector": {
    named: "name",
    id: (request) => arn(request, "lambda", `network-connector:${text(request, "name")}`),
    computed: (_request, id) => ({ arn: id, state: "Active" }),
  },
  "aws-native:lambda:Permission": {
    id: (request) => `${text(request, "functionName")}|${uuid(request)}`,
    computed: (request) => ({ awsId: uuid(request) }),
  },
  "aws-native:lambda:ResourcePolicy": { id: input("resourceArn") },
  "aws-native:lambda:Url": {
    id: (request) =>
      [functionArn(request, text(request, "targetFunctionArn")), text(request, "qualifier")]
        .filter(Boolean)
        .join(":"),
    computed: (request, id) => ({
      functionArn: id,
      functionUrl: `https://${random(32)(request)}.lambda-url.${request.place.region}.on.aws/`,
    }),
  },
  "aws-native:lambda:Version": {
    id: (request) => `${functionArn(request, text(request, "functionName"))}:1`,
    computed: (_request, id) => ({ functionArn: id, version: "1" }),
  },
  "aws-native:events:Rule": {
    named: "name",
    id: (request) => arn(request, "events", `rule/${eventBus(request)}${text(request, "name")}`),
    computed: (request, id) => ({ arn: id, ruleName: text(request, "name") }),
  },
  "aws-native:pipes:Pipe": {
    named: "name",
    id: input("name"),
    computed: (request, id) => ({
      arn: arn(request, "pipes", `pipe/${id}`),
      creationTime: CREATED,
      currentState: "RUNNING",
      lastModifiedTime: CREATED,
      stateReason: "",
    }),
  },
  "aws-native:stepfunctions:StateMachine": {
    named: "stateMachineName",
    id: (request) => arn(request, "states", `stateMachine:${text(request, "stateMachineName")}`),
    computed: (request, id) => ({
      arn: id,
      name: text(request, "stateMachineName"),
      stateMachineRevisionId: uuid(request),
    }),
  },
  "aws-native:cognito:IdentityPool": {
    named: "identityPoolName",
    id: (request) => `${request.place.region}:${uuid(request)}`,
    computed: (request, id) => ({ awsId: id, name: text(request, "identityPoolName") }),
  },
  "aws-native:cognito:IdentityPoolRoleAttachment": {
    id: input("identityPoolId"),
    computed: (_request, id) => ({ awsId: id }),
  },
};
