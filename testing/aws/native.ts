/**
 * The AWS Cloud Control provider on IAM, Lambda and event sources: ids are CloudFormation's primary identifiers,
 * documents stay objects.
 */
import {
  type Answers,
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
  text,
  token,
  UPPER,
  uuid,
} from "./derived";

export const NATIVE: Readonly<Record<string, Answers>> = {
  "aws-native:iam:Group": {
    named: "groupName",
    id: input("groupName"),
    computed: (asked) => ({ arn: iamArn(asked, "group", "groupName") }),
  },
  "aws-native:iam:GroupPolicy": { named: "policyName", id: joined("|", "policyName", "groupName") },
  "aws-native:iam:InstanceProfile": {
    named: "instanceProfileName",
    id: input("instanceProfileName"),
    computed: (asked) => ({ arn: iamArn(asked, "instance-profile", "instanceProfileName") }),
  },
  "aws-native:iam:ManagedPolicy": {
    named: "managedPolicyName",
    id: (asked) => iamArn(asked, "policy", "managedPolicyName"),
    computed: (asked, id) => ({
      attachmentCount: 0,
      createDate: CREATED,
      defaultVersionId: "v1",
      isAttachable: true,
      permissionsBoundaryUsageCount: 0,
      policyArn: id,
      policyId: `ANPA${token(asked.urn, 17, UPPER)}`,
      updateDate: CREATED,
    }),
  },
  "aws-native:iam:OidcProvider": {
    id: (asked) => oidcArn(asked, "url"),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws-native:iam:Role": {
    named: "roleName",
    id: input("roleName"),
    computed: (asked) => ({
      arn: iamArn(asked, "role", "roleName"),
      roleId: `AROA${token(asked.urn, 17, UPPER)}`,
    }),
  },
  "aws-native:iam:RolePolicy": { named: "policyName", id: joined("|", "policyName", "roleName") },
  "aws-native:iam:SamlProvider": {
    named: "name",
    id: (asked) => iamGlobal(asked, `saml-provider/${text(asked, "name")}`),
    computed: (asked, id) => ({ arn: id, samlProviderUuid: uuid(asked) }),
  },
  "aws-native:iam:ServerCertificate": {
    named: "serverCertificateName",
    id: input("serverCertificateName"),
    computed: (asked) => ({ arn: iamArn(asked, "server-certificate", "serverCertificateName") }),
  },
  "aws-native:iam:ServiceLinkedRole": {
    id: (asked) => serviceLinkedArn(asked).split("/").at(-1) ?? "",
    computed: (_asked, id) => ({ roleName: id }),
  },
  "aws-native:iam:User": {
    named: "userName",
    id: input("userName"),
    computed: (asked) => ({ arn: iamArn(asked, "user", "userName") }),
  },
  "aws-native:iam:UserPolicy": { named: "policyName", id: joined("|", "policyName", "userName") },
  "aws-native:iam:VirtualMfaDevice": {
    named: "virtualMfaDeviceName",
    id: (asked) => iamArn(asked, "mfa", "virtualMfaDeviceName"),
    computed: (_asked, id) => ({ serialNumber: id }),
  },
  "aws-native:lambda:Alias": {
    named: "name",
    id: (asked) => `${functionArn(asked, text(asked, "functionName"))}:${text(asked, "name")}`,
    computed: (_asked, id) => ({ aliasArn: id }),
  },
  "aws-native:lambda:CapacityProvider": {
    named: "capacityProviderName",
    id: input("capacityProviderName"),
    computed: (asked, id) => ({ arn: arn(asked, "lambda", `capacity-provider:${id}`), state: "Active" }),
  },
  "aws-native:lambda:CodeSigningConfig": {
    id: (asked) => arn(asked, "lambda", `code-signing-config:csc-${token(asked.urn, 17, LOWER)}`),
    computed: (asked, id) => ({
      codeSigningConfigArn: id,
      codeSigningConfigId: `csc-${token(asked.urn, 17, LOWER)}`,
    }),
  },
  "aws-native:lambda:EventInvokeConfig": { id: joined("|", "functionName", "qualifier") },
  "aws-native:lambda:EventSourceMapping": {
    id: uuid,
    computed: (asked, id) => ({
      awsId: id,
      eventSourceMappingArn: arn(asked, "lambda", `event-source-mapping:${id}`),
    }),
  },
  "aws-native:lambda:Function": {
    named: "functionName",
    id: input("functionName"),
    computed: (asked, id) => ({
      arn: arn(asked, "lambda", `function:${id}`),
      snapStartResponse: { applyOn: "None", optimizationStatus: "Off" },
    }),
  },
  "aws-native:lambda:LayerVersion": {
    named: "layerName",
    id: (asked) => arn(asked, "lambda", `layer:${text(asked, "layerName")}:1`),
    computed: (_asked, id) => ({ layerVersionArn: id }),
  },
  "aws-native:lambda:LayerVersionPermission": {
    id: (asked) => `${text(asked, "layerVersionArn")}#${uuid(asked)}`,
    computed: (_asked, id) => ({ awsId: id }),
  },
  "aws-native:lambda:MicrovmImage": {
    named: "name",
    id: (asked) => arn(asked, "lambda", `microvm-image:${text(asked, "name")}`),
    computed: (_asked, id) => ({
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
    id: (asked) => arn(asked, "lambda", `network-connector:${text(asked, "name")}`),
    computed: (_asked, id) => ({ arn: id, state: "Active" }),
  },
  "aws-native:lambda:Permission": {
    id: (asked) => `${text(asked, "functionName")}|${uuid(asked)}`,
    computed: (asked) => ({ awsId: uuid(asked) }),
  },
  "aws-native:lambda:ResourcePolicy": { id: input("resourceArn") },
  "aws-native:lambda:Url": {
    id: (asked) =>
      [functionArn(asked, text(asked, "targetFunctionArn")), text(asked, "qualifier")]
        .filter(Boolean)
        .join(":"),
    computed: (asked, id) => ({
      functionArn: id,
      functionUrl: `https://${random(32)(asked)}.lambda-url.${asked.place.region}.on.aws/`,
    }),
  },
  "aws-native:lambda:Version": {
    id: (asked) => `${functionArn(asked, text(asked, "functionName"))}:1`,
    computed: (_asked, id) => ({ functionArn: id, version: "1" }),
  },
  "aws-native:events:Rule": {
    named: "name",
    id: (asked) => arn(asked, "events", `rule/${eventBus(asked)}${text(asked, "name")}`),
    computed: (asked, id) => ({ arn: id, ruleName: text(asked, "name") }),
  },
  "aws-native:pipes:Pipe": {
    named: "name",
    id: input("name"),
    computed: (asked, id) => ({
      arn: arn(asked, "pipes", `pipe/${id}`),
      creationTime: CREATED,
      currentState: "RUNNING",
      lastModifiedTime: CREATED,
      stateReason: "",
    }),
  },
  "aws-native:stepfunctions:StateMachine": {
    named: "stateMachineName",
    id: (asked) => arn(asked, "states", `stateMachine:${text(asked, "stateMachineName")}`),
    computed: (asked, id) => ({
      arn: id,
      name: text(asked, "stateMachineName"),
      stateMachineRevisionId: uuid(asked),
    }),
  },
  "aws-native:cognito:IdentityPool": {
    named: "identityPoolName",
    id: (asked) => `${asked.place.region}:${uuid(asked)}`,
    computed: (asked, id) => ({ awsId: id, name: text(asked, "identityPoolName") }),
  },
  "aws-native:cognito:IdentityPoolRoleAttachment": {
    id: input("identityPoolId"),
    computed: (_asked, id) => ({ awsId: id }),
  },
};
