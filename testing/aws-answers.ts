/**
 * What AWS's Pulumi providers make of a resource: the names they generate, the defaults they fill in, the form
 * they give to policy documents, and the properties AWS computes. One table, read by the in-process plan and
 * by the stand-in provider.
 *
 * Values have AWS's shapes (lengths, alphabets, prefixes) and are derived from the resource's URN, so that two
 * runs agree. ARN formats: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { createHash } from "node:crypto";
import { defined, hasUnknown, isObject, type Properties, sortedJson, UNKNOWN, type Value } from "./values";

/** Where a resource is deployed. */
export interface Place {
  /** As in `us-east-1`. */
  region: string;
  /** Twelve digits. */
  account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
}

/** A resource as its provider sees it. */
export interface Asked {
  type: string;
  /** The name in the program, not the one in AWS. */
  name: string;
  urn: string;
  inputs: Properties;
  place: Place;
  /** The outputs of the resource of the given type (`RestApi`) that AWS knows under an id. */
  find(kind: string, id: string): Properties | undefined;
}

/** How the provider answers for one type. */
interface Answers {
  /** The property that gets a generated name when the program gives none. */
  named?: string;
  /** Properties that may be given as a policy document object, and are JSON strings from then on. */
  documents?: readonly string[];
  /** Defaults the provider fills in before the deployment. */
  defaults?: Properties;
  /** Properties that are lists of blocks: the bridge marks each block with the defaults it filled in. */
  blocks?: readonly string[];
  /** The id AWS or the provider gives. */
  id(asked: Asked): string;
  /** Properties known only after the deployment, unless the program sets them. */
  computed?(asked: Asked, id: string): Record<string, Value | undefined>;
}

/** The partition of a region. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return "aws";
}

/** The domain of a partition's service endpoints. */
export function dnsSuffix(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const CREATED = "2026-01-15T09:30:00Z";

function token(seed: string, length: number, alphabet: string): string {
  let text = "";
  for (let round = 0; text.length < length; round += 1) {
    for (const byte of createHash("sha256").update(`${seed}#${round}`).digest()) {
      text += alphabet[byte % alphabet.length];
    }
  }
  return text.slice(0, length);
}

const random =
  (length: number, alphabet = LOWER) =>
  (asked: Asked): string =>
    token(asked.urn, length, alphabet);

const uuid = (asked: Asked): string => {
  const hex = token(asked.urn, 32, HEX);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

/** An input as text; an input that is missing is empty, an unknown stays the sentinel. */
function text(asked: Asked, key: string): string {
  const value = asked.inputs[key];
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
}

const input =
  (...keys: string[]) =>
  (asked: Asked): string =>
    keys.map((key) => text(asked, key)).join("");

const joined =
  (separator: string, ...keys: string[]) =>
  (asked: Asked): string =>
    keys.map((key) => text(asked, key)).join(separator);

/** An ARN of this place. `service` as in `lambda`, `rest` as in `function:orders`. */
function arn({ place }: Asked, service: string, rest: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${rest}`;
}

/** An IAM ARN: no region, and the path before the name. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
function iamArn(asked: Asked, kind: string, nameKey = "name"): string {
  const path = text(asked, "path") || "/";
  return `arn:${asked.place.partition}:iam::${asked.place.account}:${kind}${path}${text(asked, nameKey)}`;
}

/** An ARN that names a thing API Gateway manages: no account. */
function managementArn({ place }: Asked, path: string): string {
  return `arn:${place.partition}:apigateway:${place.region}::${path}`;
}

function executionArn(asked: Asked, api: string): string {
  return arn(asked, "execute-api", api);
}

function endpoint(asked: Asked, api: string, scheme = "https"): string {
  return `${scheme}://${api}.execute-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}`;
}

/** What an integration's URI names. https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html */
function invokeArn({ place }: Asked, functionArn: string): string {
  return `arn:${place.partition}:apigateway:${place.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}

function streamingArn({ place }: Asked, functionArn: string): string {
  return `arn:${place.partition}:apigateway:${place.region}:lambda:path/2021-11-15/functions/${functionArn}/response-streaming-invocations`;
}

/** The ARN of the function that a name, a partial ARN or an ARN stands for. */
function functionArn(asked: Asked, reference: string): string {
  if (reference.startsWith("arn:")) return reference;
  const name = reference.includes(":function:") ? reference.split(":function:")[1] : reference;
  return arn(asked, "lambda", `function:${name}`);
}

function digest(asked: Asked): string {
  return createHash("sha256").update(asked.urn).digest("base64");
}

const restStagePath = (asked: Asked, stage: string): string =>
  `/restapis/${text(asked, "restApi")}/stages/${stage}`;

/** The path of a REST resource: its parent's, and its own part. */
function restPath(asked: Asked): string {
  const part = text(asked, "pathPart");
  const parent = asked.find("Resource", text(asked, "parentId"));
  const above = parent === undefined ? "" : String(parent.path ?? "");
  return `${above}/${part}`;
}

const TABLE: Readonly<Record<string, Answers>> = {
  // --- aws:iam
  "aws:iam/accessKey:AccessKey": {
    defaults: { status: "Active" },
    id: (asked) => `AKIA${token(asked.urn, 16, UPPER)}`,
    computed: (asked) => ({
      createDate: CREATED,
      encryptedSecret: "",
      encryptedSesSmtpPasswordV4: "",
      keyFingerprint: "",
      secret: token(`${asked.urn}secret`, 40, LOWER),
      sesSmtpPasswordV4: token(`${asked.urn}smtp`, 44, LOWER),
    }),
  },
  "aws:iam/accountAlias:AccountAlias": { id: input("accountAlias") },
  "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": {
    defaults: { allowUsersToChangePassword: true, minimumPasswordLength: 6 },
    id: () => "iam-account-password-policy",
    computed: () => ({
      expirePasswords: false,
      hardExpiry: false,
      maxPasswordAge: 0,
      passwordReusePrevention: 0,
      requireLowercaseCharacters: false,
      requireNumbers: false,
      requireSymbols: false,
      requireUppercaseCharacters: false,
    }),
  },
  "aws:iam/group:Group": {
    named: "name",
    defaults: { path: "/" },
    id: input("name"),
    computed: (asked) => ({ arn: iamArn(asked, "group"), uniqueId: `AGPA${token(asked.urn, 17, UPPER)}` }),
  },
  "aws:iam/groupMembership:GroupMembership": { named: "name", id: input("name") },
  "aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive": { id: input("groupName") },
  "aws:iam/groupPolicy:GroupPolicy": {
    named: "name",
    documents: ["policy"],
    id: joined(":", "group", "name"),
    computed: () => ({ namePrefix: "" }),
  },
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": { id: joined("/", "group", "policyArn") },
  "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": { id: input("groupName") },
  "aws:iam/instanceProfile:InstanceProfile": {
    named: "name",
    defaults: { path: "/" },
    id: input("name"),
    computed: (asked) => ({
      arn: iamArn(asked, "instance-profile"),
      createDate: CREATED,
      namePrefix: "",
      uniqueId: `AIPA${token(asked.urn, 17, UPPER)}`,
    }),
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    id: (asked) => oidcArn(asked, "url"),
    computed: (asked) => ({ arn: oidcArn(asked, "url"), thumbprintLists: [token(asked.urn, 40, HEX)] }),
  },
  "aws:iam/organizationsFeatures:OrganizationsFeatures": { id: () => "o-exampleorg1" },
  "aws:iam/outboundWebIdentityFederation:OutboundWebIdentityFederation": {
    id: (asked) => asked.place.account,
    computed: (asked) => ({ issuerIdentifier: `https://${uuid(asked)}.tokens.sts.global.api.aws` }),
  },
  "aws:iam/policy:Policy": {
    named: "name",
    documents: ["policy"],
    defaults: { path: "/" },
    id: (asked) => iamArn(asked, "policy"),
    computed: (asked) => ({
      arn: iamArn(asked, "policy"),
      attachmentCount: 0,
      namePrefix: "",
      policyId: `ANPA${token(asked.urn, 17, UPPER)}`,
    }),
  },
  "aws:iam/policyAttachment:PolicyAttachment": { named: "name", id: input("name") },
  "aws:iam/role:Role": {
    named: "name",
    documents: ["assumeRolePolicy"],
    blocks: ["inlinePolicies"],
    defaults: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
    id: input("name"),
    computed: (asked) => ({
      arn: iamArn(asked, "role"),
      createDate: CREATED,
      inlinePolicies: [],
      managedPolicyArns: [],
      namePrefix: "",
      uniqueId: `AROA${token(asked.urn, 17, UPPER)}`,
    }),
  },
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": { id: input("roleName") },
  "aws:iam/rolePolicy:RolePolicy": {
    named: "name",
    documents: ["policy"],
    id: joined(":", "role", "name"),
    computed: () => ({ namePrefix: "" }),
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { id: joined("/", "role", "policyArn") },
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": { id: input("roleName") },
  "aws:iam/samlProvider:SamlProvider": {
    named: "name",
    id: (asked) => iamGlobal(asked, `saml-provider/${text(asked, "name")}`),
    computed: (asked, id) => ({ arn: id, samlProviderUuid: uuid(asked), validUntil: "2036-01-15T09:30:00Z" }),
  },
  "aws:iam/securityTokenServicePreferences:SecurityTokenServicePreferences": {
    id: (asked) => asked.place.account,
  },
  "aws:iam/serverCertificate:ServerCertificate": {
    named: "name",
    defaults: { path: "/" },
    id: (asked) => `ASCA${token(asked.urn, 17, UPPER)}`,
    computed: (asked) => ({
      arn: iamArn(asked, "server-certificate"),
      expiration: "2036-01-15T09:30:00Z",
      namePrefix: "",
      uploadDate: CREATED,
    }),
  },
  "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
    id: (asked) => serviceLinkedArn(asked),
    computed: (asked, id) => ({
      arn: id,
      createDate: CREATED,
      name: id.split("/").at(-1),
      path: `/aws-service-role/${text(asked, "awsServiceName")}/`,
      uniqueId: `AROA${token(asked.urn, 17, UPPER)}`,
    }),
  },
  "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": {
    defaults: { status: "Active" },
    id: (asked) => `${joined(":", "serviceName", "userName")(asked)}:ACCA${token(asked.urn, 17, UPPER)}`,
    computed: (asked, id) => ({
      createDate: CREATED,
      expirationDate: "",
      serviceCredentialAlias: "",
      serviceCredentialSecret: token(`${asked.urn}secret`, 40, LOWER),
      servicePassword: token(`${asked.urn}password`, 44, LOWER),
      serviceSpecificCredentialId: id.split(":").at(-1),
      serviceUserName: `${text(asked, "userName")}-at-${asked.place.account}`,
    }),
  },
  "aws:iam/signingCertificate:SigningCertificate": {
    defaults: { status: "Active" },
    id: (asked) => `${random(24, UPPER)(asked)}:${text(asked, "userName")}`,
    computed: (asked) => ({ certificateId: random(24, UPPER)(asked) }),
  },
  "aws:iam/sshKey:SshKey": {
    id: (asked) => `APKA${token(asked.urn, 17, UPPER)}`,
    computed: (asked, id) => ({
      fingerprint: (token(asked.urn, 32, HEX).match(/../g) ?? []).join(":"),
      sshPublicKeyId: id,
      status: "Active",
    }),
  },
  "aws:iam/user:User": {
    named: "name",
    defaults: { forceDestroy: false, path: "/" },
    id: input("name"),
    computed: (asked) => ({ arn: iamArn(asked, "user"), uniqueId: `AIDA${token(asked.urn, 17, UPPER)}` }),
  },
  "aws:iam/userGroupMembership:UserGroupMembership": {
    id: (asked) => `terraform-${token(asked.urn, 26, DIGITS)}`,
  },
  "aws:iam/userLoginProfile:UserLoginProfile": {
    defaults: { passwordLength: 20 },
    id: input("user"),
    computed: (asked) => ({
      encryptedPassword: "",
      keyFingerprint: "",
      password: token(`${asked.urn}password`, 20, LOWER),
      passwordResetRequired: false,
    }),
  },
  "aws:iam/userPoliciesExclusive:UserPoliciesExclusive": { id: input("userName") },
  "aws:iam/userPolicy:UserPolicy": {
    named: "name",
    documents: ["policy"],
    id: joined(":", "user", "name"),
    computed: () => ({ namePrefix: "" }),
  },
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": { id: joined("/", "user", "policyArn") },
  "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": { id: input("userName") },
  "aws:iam/virtualMfaDevice:VirtualMfaDevice": {
    defaults: { path: "/" },
    id: (asked) => iamArn(asked, "mfa", "virtualMfaDeviceName"),
    computed: (asked, id) => ({
      arn: id,
      base32StringSeed: token(`${asked.urn}seed`, 64, UPPER),
      enableDate: "",
      qrCodePng: "",
      serialNumber: id,
      userName: "",
    }),
  },

  // --- aws:apigateway (REST)
  "aws:apigateway/account:Account": {
    id: () => "api-gateway-account",
    computed: () => ({
      apiKeyVersion: "4",
      cloudwatchRoleArn: "",
      features: ["UsagePlans"],
      throttleSettings: [{ burstLimit: 5000, rateLimit: 10000 }],
    }),
  },
  "aws:apigateway/apiKey:ApiKey": {
    named: "name",
    defaults: { description: "Managed by Pulumi", enabled: true },
    id: random(10),
    computed: (asked, id) => ({
      arn: managementArn(asked, `/apikeys/${id}`),
      createdDate: CREATED,
      lastUpdatedDate: CREATED,
      value: token(`${asked.urn}value`, 40, LOWER),
    }),
  },
  "aws:apigateway/authorizer:Authorizer": {
    named: "name",
    defaults: {
      authorizerResultTtlInSeconds: 300,
      identitySource: "method.request.header.Authorization",
      type: "TOKEN",
    },
    id: random(6),
    computed: (asked, id) => ({
      arn: managementArn(asked, `/restapis/${text(asked, "restApi")}/authorizers/${id}`),
    }),
  },
  "aws:apigateway/basePathMapping:BasePathMapping": { id: joined("/", "domainName", "basePath") },
  "aws:apigateway/clientCertificate:ClientCertificate": {
    id: random(6),
    computed: (asked, id) => ({
      arn: managementArn(asked, `/clientcertificates/${id}`),
      createdDate: CREATED,
      expirationDate: "2027-01-15T09:30:00Z",
      pemEncodedCertificate: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    }),
  },
  "aws:apigateway/deployment:Deployment": { id: random(6), computed: () => ({ createdDate: CREATED }) },
  "aws:apigateway/documentationPart:DocumentationPart": {
    id: (asked) => `${text(asked, "restApiId")}/${random(6)(asked)}`,
    computed: (asked) => ({ documentationPartId: random(6)(asked) }),
  },
  "aws:apigateway/documentationVersion:DocumentationVersion": { id: joined("/", "restApiId", "version") },
  "aws:apigateway/domainName:DomainName": {
    id: input("domainName"),
    computed: (asked, id) => ({
      arn: managementArn(asked, `/domainnames/${id}`),
      certificateUploadDate: CREATED,
      cloudfrontDomainName: `d${token(asked.urn, 13, LOWER)}.cloudfront.net`,
      cloudfrontZoneId: "Z2FDTNDATAQYW2",
      domainNameId: random(10)(asked),
      endpointConfiguration: { types: "EDGE" },
      ownershipVerificationCertificateArn: "",
      policy: "",
      regionalDomainName: `d-${token(asked.urn, 10, LOWER)}.execute-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}`,
      regionalZoneId: "Z1UJRXOUMOOFQ8",
      routingMode: "BASE_PATH_MAPPING_ONLY",
      securityPolicy: "TLS_1_2",
    }),
  },
  "aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": {
    id: (asked) => accessAssociationArn(asked),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws:apigateway/integration:Integration": {
    defaults: { connectionType: "INTERNET", timeoutMilliseconds: 29000 },
    id: (asked) => `agi-${joined("-", "restApi", "resourceId", "httpMethod")(asked)}`,
    computed: (asked) => ({
      cacheNamespace: text(asked, "resourceId"),
      passthroughBehavior: "WHEN_NO_MATCH",
      responseTransferMode: "BUFFERED",
    }),
  },
  "aws:apigateway/integrationResponse:IntegrationResponse": {
    id: (asked) => `agir-${joined("-", "restApi", "resourceId", "httpMethod", "statusCode")(asked)}`,
  },
  "aws:apigateway/method:Method": {
    defaults: { apiKeyRequired: false },
    id: (asked) => `agm-${joined("-", "restApi", "resourceId", "httpMethod")(asked)}`,
  },
  "aws:apigateway/methodResponse:MethodResponse": {
    id: (asked) => `agmr-${joined("-", "restApi", "resourceId", "httpMethod", "statusCode")(asked)}`,
  },
  "aws:apigateway/methodSettings:MethodSettings": { id: joined("-", "restApi", "stageName", "methodPath") },
  "aws:apigateway/model:Model": { named: "name", id: random(6) },
  "aws:apigateway/requestValidator:RequestValidator": {
    named: "name",
    defaults: { validateRequestBody: false, validateRequestParameters: false },
    id: random(6),
  },
  "aws:apigateway/resource:Resource": { id: random(6), computed: (asked) => ({ path: restPath(asked) }) },
  "aws:apigateway/response:Response": {
    id: (asked) => `aggr-${joined("-", "restApiId", "responseType")(asked)}`,
  },
  "aws:apigateway/restApi:RestApi": {
    named: "name",
    id: random(10),
    computed: (asked, id) => ({
      apiKeySource: "HEADER",
      arn: managementArn(asked, `/restapis/${id}`),
      binaryMediaTypes: [],
      createdDate: CREATED,
      description: "",
      disableExecuteApiEndpoint: false,
      endpointConfiguration: { ipAddressType: "ipv4", types: "EDGE", vpcEndpointIds: [] },
      executionArn: executionArn(asked, id),
      minimumCompressionSize: "",
      policy: "",
      rootResourceId: token(`${asked.urn}root`, 10, LOWER),
      securityPolicy: "TLS_1_0",
    }),
  },
  "aws:apigateway/restApiPolicy:RestApiPolicy": { id: input("restApiId") },
  "aws:apigateway/restApiPut:RestApiPut": {
    id: input("restApiId"),
    computed: () => ({ failOnWarnings: false }),
  },
  "aws:apigateway/stage:Stage": {
    id: (asked) => `ags-${joined("-", "restApi", "stageName")(asked)}`,
    computed: (asked) => ({
      arn: managementArn(asked, restStagePath(asked, text(asked, "stageName"))),
      executionArn: `${executionArn(asked, text(asked, "restApi"))}/${text(asked, "stageName")}`,
      invokeUrl: `${endpoint(asked, text(asked, "restApi"))}/${text(asked, "stageName")}`,
      webAclArn: "",
    }),
  },
  "aws:apigateway/usagePlan:UsagePlan": {
    named: "name",
    id: random(6),
    computed: (asked, id) => ({ arn: managementArn(asked, `/usageplans/${id}`) }),
  },
  "aws:apigateway/usagePlanKey:UsagePlanKey": {
    id: input("keyId"),
    computed: (asked) => ({ name: asked.name, value: token(`${asked.urn}value`, 40, LOWER) }),
  },
  "aws:apigateway/vpcLink:VpcLink": {
    named: "name",
    id: random(6),
    computed: (asked, id) => ({ arn: managementArn(asked, `/vpclinks/${id}`) }),
  },

  // --- aws:apigatewayv2 (HTTP and WebSocket)
  "aws:apigatewayv2/api:Api": {
    named: "name",
    defaults: {
      apiKeySelectionExpression: "$request.header.x-api-key",
      disableExecuteApiEndpoint: false,
      routeSelectionExpression: "$request.method $request.path",
    },
    id: random(10),
    computed: (asked, id) => ({
      apiEndpoint: endpoint(asked, id, text(asked, "protocolType") === "WEBSOCKET" ? "wss" : "https"),
      arn: managementArn(asked, `/apis/${id}`),
      executionArn: executionArn(asked, id),
      ipAddressType: "ipv4",
    }),
  },
  "aws:apigatewayv2/apiMapping:ApiMapping": { id: random(6) },
  "aws:apigatewayv2/authorizer:Authorizer": {
    named: "name",
    id: random(6),
    computed: () => ({ authorizerResultTtlInSeconds: 300 }),
  },
  "aws:apigatewayv2/deployment:Deployment": { id: random(6), computed: () => ({ autoDeployed: false }) },
  "aws:apigatewayv2/domainName:DomainName": {
    id: input("domainName"),
    computed: (asked, id) => ({
      apiMappingSelectionExpression: "$request.basepath",
      arn: managementArn(asked, `/domainnames/${id}`),
      routingMode: "API_MAPPING_ONLY",
    }),
  },
  "aws:apigatewayv2/integration:Integration": {
    defaults: { connectionType: "INTERNET", payloadFormatVersion: "1.0" },
    id: random(7),
    computed: (asked) => ({
      integrationResponseSelectionExpression: "",
      timeoutMilliseconds: protocol(asked) === "WEBSOCKET" ? 29000 : 30000,
    }),
  },
  "aws:apigatewayv2/integrationResponse:IntegrationResponse": { id: random(6) },
  "aws:apigatewayv2/model:Model": { named: "name", id: random(6) },
  "aws:apigatewayv2/route:Route": {
    defaults: { apiKeyRequired: false, authorizationType: "NONE" },
    id: random(7),
  },
  "aws:apigatewayv2/routeResponse:RouteResponse": { id: random(6) },
  "aws:apigatewayv2/routingRule:RoutingRule": {
    id: (asked) => routingRuleArn(asked, "domainName"),
    computed: (asked, id) => ({ routingRuleArn: id, routingRuleId: random(10)(asked) }),
  },
  "aws:apigatewayv2/stage:Stage": {
    named: "name",
    defaults: { autoDeploy: false },
    id: input("name"),
    computed: (asked, id) => ({
      arn: managementArn(asked, `/apis/${text(asked, "apiId")}/stages/${id}`),
      deploymentId: random(6)(asked),
      executionArn: `${executionArn(asked, text(asked, "apiId"))}/${id}`,
      invokeUrl: stageUrl(asked, id),
    }),
  },
  "aws:apigatewayv2/vpcLink:VpcLink": {
    named: "name",
    id: random(6),
    computed: (asked, id) => ({ arn: managementArn(asked, `/vpclinks/${id}`) }),
  },

  // --- aws:lambda
  "aws:lambda/alias:Alias": {
    named: "name",
    id: (asked) => `${functionArn(asked, text(asked, "functionName"))}:${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: id, invokeArn: invokeArn(asked, id) }),
  },
  "aws:lambda/capacityProvider:CapacityProvider": {
    named: "name",
    id: input("name"),
    computed: (asked, id) => ({
      arn: arn(asked, "lambda", `capacity-provider:${id}`),
      capacityProviderScalingConfigs: [],
      instanceRequirements: [],
    }),
  },
  "aws:lambda/codeSigningConfig:CodeSigningConfig": {
    id: (asked) => arn(asked, "lambda", `code-signing-config:csc-${token(asked.urn, 17, LOWER)}`),
    computed: (asked, id) => ({
      arn: id,
      configId: `csc-${token(asked.urn, 17, LOWER)}`,
      lastModified: CREATED,
      policies: { untrustedArtifactOnDeployment: "Warn" },
    }),
  },
  "aws:lambda/coreNetworkConnector:CoreNetworkConnector": {
    named: "name",
    id: (asked) => arn(asked, "lambda", `network-connector:${text(asked, "name")}`),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    defaults: { enabled: true },
    id: uuid,
    computed: (asked, id) => ({
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      arn: arn(asked, "lambda", `event-source-mapping:${id}`),
      documentDbEventSourceConfig: {},
      functionArn: functionArn(asked, text(asked, "functionName")),
      lastModified: CREATED,
      lastProcessingResult: "",
      maximumRecordAgeInSeconds: -1,
      maximumRetryAttempts: -1,
      parallelizationFactor: 1,
      selfManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      state: "Enabled",
      stateTransitionReason: "USER_INITIATED",
      uuid: id,
    }),
  },
  "aws:lambda/function:Function": {
    named: "name",
    defaults: {
      memorySize: 128,
      packageType: "Zip",
      publish: false,
      reservedConcurrentExecutions: -1,
      skipDestroy: false,
      timeout: 3,
    },
    id: input("name"),
    computed: (asked, id) => {
      const own = arn(asked, "lambda", `function:${id}`);
      const version = asked.inputs.publish === true ? "1" : "$LATEST";
      return {
        architectures: ["x86_64"],
        arn: own,
        codeSha256: digest(asked),
        ephemeralStorage: { size: 512 },
        invokeArn: invokeArn(asked, own),
        lastModified: CREATED,
        loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${id}` },
        qualifiedArn: `${own}:${version}`,
        qualifiedInvokeArn: invokeArn(asked, `${own}:${version}`),
        responseStreamingInvokeArn: streamingArn(asked, own),
        signingJobArn: "",
        signingProfileVersionArn: "",
        sourceCodeHash: digest(asked),
        sourceCodeSize: 512,
        tracingConfig: { mode: "PassThrough" },
        version,
      };
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    id: (asked) => [text(asked, "functionName"), text(asked, "qualifier")].filter(Boolean).join(":"),
  },
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": { id: input("functionName") },
  "aws:lambda/functionScalingConfig:FunctionScalingConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (asked) => ({
      functionArn: functionArn(asked, text(asked, "functionName")),
      functionState: "Active",
    }),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    defaults: { invokeMode: "BUFFERED" },
    id: (asked) => [text(asked, "functionName"), text(asked, "qualifier")].filter(Boolean).join("/"),
    computed: (asked) => ({
      functionArn: [functionArn(asked, text(asked, "functionName")), text(asked, "qualifier")]
        .filter(Boolean)
        .join(":"),
      functionUrl: `https://${random(32)(asked)}.lambda-url.${asked.place.region}.on.aws/`,
      urlId: random(32)(asked),
    }),
  },
  "aws:lambda/invocation:Invocation": {
    defaults: { lifecycleScope: "CREATE_ONLY", qualifier: "$LATEST", terraformKey: "tf" },
    id: (asked) => `${joined("_", "functionName", "qualifier")(asked)}_${token(asked.urn, 32, HEX)}`,
    computed: () => ({ result: "null" }),
  },
  "aws:lambda/layerVersion:LayerVersion": {
    id: (asked) => arn(asked, "lambda", `layer:${text(asked, "layerName")}:1`),
    computed: (asked, id) => ({
      arn: id,
      codeSha256: digest(asked),
      createdDate: CREATED,
      layerArn: id.slice(0, id.lastIndexOf(":")),
      signingJobArn: "",
      signingProfileVersionArn: "",
      sourceCodeHash: digest(asked),
      sourceCodeSize: 512,
      version: "1",
    }),
  },
  "aws:lambda/layerVersionPermission:LayerVersionPermission": {
    id: joined(",", "layerName", "versionNumber"),
    computed: (asked) => ({ policy: layerPolicy(asked), revisionId: uuid(asked) }),
  },
  "aws:lambda/microvmsImage:MicrovmsImage": {
    named: "name",
    id: (asked) => arn(asked, "lambda", `microvm-image:${text(asked, "name")}`),
    computed: (_asked, id) => ({
      additionalOsCapabilities: [],
      arn: id,
      baseImageVersion: "1",
      cpuConfigurations: [],
      createdAt: CREATED,
      egressNetworkConnectors: [],
      environmentVariables: {},
      imageVersion: "1",
      latestActiveImageVersion: "1",
      latestFailedImageVersion: "",
      state: "ACTIVE",
      updatedAt: CREATED,
    }),
  },
  "aws:lambda/permission:Permission": {
    named: "statementId",
    id: input("statementId"),
    computed: () => ({ statementIdPrefix: "" }),
  },
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
    id: joined(",", "functionName", "qualifier"),
  },
  "aws:lambda/resourcePolicy:ResourcePolicy": {
    id: input("resourceArn"),
    computed: (asked) => ({ revisionId: uuid(asked) }),
  },
  "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (asked) => ({ functionArn: functionArn(asked, text(asked, "functionName")) }),
  },

  // --- what programs keep beside their APIs
  "aws:cloudwatch/logGroup:LogGroup": {
    named: "name",
    defaults: { retentionInDays: 0, skipDestroy: false },
    id: input("name"),
    computed: (asked, id) => ({ arn: arn(asked, "logs", `log-group:${id}`), namePrefix: "" }),
  },
  "aws:cognito/identityPool:IdentityPool": {
    defaults: { allowUnauthenticatedIdentities: false },
    id: (asked) => `${asked.place.region}:${uuid(asked)}`,
    computed: (asked, id) => ({ arn: arn(asked, "cognito-identity", `identitypool/${id}`) }),
  },
  "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": { id: input("identityPoolId") },
  "aws:cognito/userPool:UserPool": {
    named: "name",
    id: (asked) => `${asked.place.region}_${token(asked.urn, 9, LOWER)}`,
    computed: (asked, id) => ({
      arn: arn(asked, "cognito-idp", `userpool/${id}`),
      endpoint: `cognito-idp.${asked.place.region}.${dnsSuffix(asked.place.partition)}/${id}`,
    }),
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    named: "name",
    id: random(26),
    computed: (asked) => ({ clientSecret: token(`${asked.urn}secret`, 52, LOWER) }),
  },
  "aws:cloudwatch/eventRule:EventRule": {
    named: "name",
    defaults: { eventBusName: "default" },
    id: (asked) => `${eventBus(asked)}${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: arn(asked, "events", `rule/${id}`) }),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    named: "targetId",
    defaults: { eventBusName: "default" },
    id: (asked) => `${eventBus(asked)}${joined("-", "rule", "targetId")(asked)}`,
  },
  "aws:pipes/pipe:Pipe": {
    named: "name",
    id: input("name"),
    computed: (asked, id) => ({ arn: arn(asked, "pipes", `pipe/${id}`) }),
  },
  "aws:sfn/stateMachine:StateMachine": {
    named: "name",
    id: (asked) => arn(asked, "states", `stateMachine:${text(asked, "name")}`),
    computed: (_asked, id) => ({
      arn: id,
      creationDate: CREATED,
      revisionId: "",
      stateMachineVersionArn: "",
      status: "ACTIVE",
    }),
  },
  "aws:dynamodb/table:Table": {
    named: "name",
    defaults: { billingMode: "PROVISIONED" },
    id: input("name"),
    computed: (asked, id) => ({ arn: arn(asked, "dynamodb", `table/${id}`), streamArn: "", streamLabel: "" }),
  },
  "aws:kms/key:Key": {
    id: uuid,
    computed: (asked, id) => ({ arn: arn(asked, "kms", `key/${id}`), keyId: id, policy: "" }),
  },
  "aws:s3/bucket:Bucket": {
    named: "bucket",
    defaults: { forceDestroy: false },
    id: input("bucket"),
    computed: (asked, id) => ({
      arn: `arn:${asked.place.partition}:s3:::${id}`,
      bucketDomainName: `${id}.s3.${dnsSuffix(asked.place.partition)}`,
      bucketRegionalDomainName: `${id}.s3.${asked.place.region}.${dnsSuffix(asked.place.partition)}`,
    }),
  },
  "aws:s3/bucketPolicy:BucketPolicy": { documents: ["policy"], id: input("bucket") },
  "aws:secretsmanager/secret:Secret": {
    named: "name",
    id: (asked) =>
      arn(asked, "secretsmanager", `secret:${text(asked, "name")}-${token(asked.urn, 6, LOWER)}`),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws:sns/topic:Topic": {
    named: "name",
    id: (asked) => arn(asked, "sns", text(asked, "name")),
    computed: (asked, id) => ({ arn: id, owner: asked.place.account }),
  },
  "aws:sns/topicPolicy:TopicPolicy": { documents: ["policy"], id: input("arn") },
  "aws:sqs/queue:Queue": {
    named: "name",
    id: (asked) =>
      `https://sqs.${asked.place.region}.${dnsSuffix(asked.place.partition)}/${asked.place.account}/${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: arn(asked, "sqs", text(asked, "name")), url: id }),
  },
  "aws:sqs/queuePolicy:QueuePolicy": { documents: ["policy"], id: input("queueUrl") },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
    documents: ["policyDocument"],
    id: input("policyName"),
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": { documents: ["policy"], id: input("repository") },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    documents: ["policy"],
    id: (asked) => asked.place.account,
    computed: (asked) => ({ registryId: asked.place.account }),
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    documents: ["policy"],
    id: input("repository"),
    computed: (asked) => ({ registryId: asked.place.account }),
  },
  "aws:elasticsearch/domainPolicy:DomainPolicy": {
    documents: ["accessPolicies"],
    id: (asked) => `esd-policy-${text(asked, "domainName")}`,
  },

  // --- aws-native: ids are CloudFormation's primary identifiers, documents stay objects
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
  "aws-native:apigateway:Account": { id: random(10), computed: (_asked, id) => ({ awsId: id }) },
  "aws-native:apigateway:ApiKey": {
    named: "name",
    id: random(10),
    computed: (_asked, id) => ({ apiKeyId: id }),
  },
  "aws-native:apigateway:Authorizer": {
    named: "name",
    id: (asked) => `${text(asked, "restApiId")}|${random(6)(asked)}`,
    computed: (asked) => ({ authorizerId: random(6)(asked) }),
  },
  "aws-native:apigateway:BasePathMapping": { id: joined("|", "domainName", "basePath") },
  "aws-native:apigateway:BasePathMappingV2": {
    id: (asked) => basePathMappingArn(asked),
    computed: (_asked, id) => ({ basePathMappingArn: id }),
  },
  "aws-native:apigateway:ClientCertificate": {
    id: random(6),
    computed: (_asked, id) => ({ clientCertificateId: id }),
  },
  "aws-native:apigateway:Deployment": {
    id: (asked) => `${random(6)(asked)}|${text(asked, "restApiId")}`,
    computed: (asked) => ({ deploymentId: random(6)(asked) }),
  },
  "aws-native:apigateway:DocumentationPart": {
    id: (asked) => `${random(6)(asked)}|${text(asked, "restApiId")}`,
    computed: (asked) => ({ documentationPartId: random(6)(asked) }),
  },
  "aws-native:apigateway:DocumentationVersion": { id: joined("|", "documentationVersion", "restApiId") },
  "aws-native:apigateway:DomainName": {
    id: input("domainName"),
    computed: (asked, id) => ({
      distributionDomainName: `d${token(asked.urn, 13, LOWER)}.cloudfront.net`,
      distributionHostedZoneId: "Z2FDTNDATAQYW2",
      domainNameArn: managementArn(asked, `/domainnames/${id}`),
      regionalDomainName: `d-${token(asked.urn, 10, LOWER)}.execute-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}`,
      regionalHostedZoneId: "Z1UJRXOUMOOFQ8",
    }),
  },
  "aws-native:apigateway:DomainNameAccessAssociation": {
    id: (asked) => accessAssociationArn(asked),
    computed: (_asked, id) => ({ domainNameAccessAssociationArn: id }),
  },
  "aws-native:apigateway:DomainNameV2": {
    id: (asked) => arn(asked, "apigateway", `/domainnames/${text(asked, "domainName")}+${random(10)(asked)}`),
    computed: (asked, id) => ({ domainNameArn: id, domainNameId: random(10)(asked) }),
  },
  "aws-native:apigateway:GatewayResponse": { id: random(10), computed: (_asked, id) => ({ awsId: id }) },
  "aws-native:apigateway:Method": { id: joined("|", "restApiId", "resourceId", "httpMethod") },
  "aws-native:apigateway:Model": { named: "name", id: joined("|", "restApiId", "name") },
  "aws-native:apigateway:RequestValidator": {
    named: "name",
    id: (asked) => `${text(asked, "restApiId")}|${random(6)(asked)}`,
    computed: (asked) => ({ requestValidatorId: random(6)(asked) }),
  },
  "aws-native:apigateway:Resource": {
    id: (asked) => `${text(asked, "restApiId")}|${random(6)(asked)}`,
    computed: (asked) => ({ resourceId: random(6)(asked) }),
  },
  "aws-native:apigateway:RestApi": {
    named: "name",
    id: random(10),
    computed: (asked, id) => ({ restApiId: id, rootResourceId: token(`${asked.urn}root`, 10, LOWER) }),
  },
  "aws-native:apigateway:Stage": { named: "stageName", id: joined("|", "restApiId", "stageName") },
  "aws-native:apigateway:UsagePlan": {
    named: "usagePlanName",
    id: random(6),
    computed: (_asked, id) => ({ awsId: id }),
  },
  "aws-native:apigateway:UsagePlanKey": {
    id: joined(":", "keyId", "usagePlanId"),
    computed: (_asked, id) => ({ awsId: id }),
  },
  "aws-native:apigateway:VpcLink": {
    named: "name",
    id: random(6),
    computed: (_asked, id) => ({ vpcLinkId: id }),
  },
  "aws-native:apigatewayv2:Api": {
    named: "name",
    id: random(10),
    computed: (asked, id) => ({
      apiEndpoint: endpoint(asked, id, text(asked, "protocolType") === "WEBSOCKET" ? "wss" : "https"),
      apiId: id,
      executeApiArn: executionArn(asked, id),
    }),
  },
  "aws-native:apigatewayv2:ApiGatewayManagedOverrides": {
    id: random(10),
    computed: (_asked, id) => ({ awsId: id }),
  },
  "aws-native:apigatewayv2:ApiMapping": {
    id: (asked) => `${random(6)(asked)}|${text(asked, "domainName")}`,
    computed: (asked) => ({ apiMappingId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:Authorizer": {
    named: "name",
    id: (asked) => `${random(6)(asked)}|${text(asked, "apiId")}`,
    computed: (asked) => ({ authorizerId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:Deployment": {
    id: (asked) => `${text(asked, "apiId")}|${random(6)(asked)}`,
    computed: (asked) => ({ deploymentId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:DomainName": {
    id: input("domainName"),
    computed: (asked, id) => ({
      domainNameArn: managementArn(asked, `/domainnames/${id}`),
      regionalDomainName: `d-${token(asked.urn, 10, LOWER)}.execute-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}`,
      regionalHostedZoneId: "Z1UJRXOUMOOFQ8",
    }),
  },
  "aws-native:apigatewayv2:Integration": {
    id: (asked) => `${text(asked, "apiId")}|${random(7)(asked)}`,
    computed: (asked) => ({ integrationId: random(7)(asked) }),
  },
  "aws-native:apigatewayv2:IntegrationResponse": {
    id: (asked) => `${joined("|", "apiId", "integrationId")(asked)}|${random(6)(asked)}`,
    computed: (asked) => ({ integrationResponseId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:Model": {
    named: "name",
    id: (asked) => `${text(asked, "apiId")}|${random(6)(asked)}`,
    computed: (asked) => ({ modelId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:PortalProduct": {
    id: (asked) => managementArn(asked, `/portalproducts/${random(10)(asked)}`),
    computed: (asked, id) => ({
      lastModified: CREATED,
      portalProductArn: id,
      portalProductId: random(10)(asked),
    }),
  },
  "aws-native:apigatewayv2:Route": {
    id: (asked) => `${text(asked, "apiId")}|${random(7)(asked)}`,
    computed: (asked) => ({ routeId: random(7)(asked) }),
  },
  "aws-native:apigatewayv2:RouteResponse": {
    id: (asked) => `${joined("|", "apiId", "routeId")(asked)}|${random(6)(asked)}`,
    computed: (asked) => ({ routeResponseId: random(6)(asked) }),
  },
  "aws-native:apigatewayv2:RoutingRule": {
    id: (asked) => `${text(asked, "domainNameArn")}/routingrules/${random(10)(asked)}`,
    computed: (asked, id) => ({ routingRuleArn: id, routingRuleId: random(10)(asked) }),
  },
  "aws-native:apigatewayv2:Stage": { named: "stageName", id: joined("|", "apiId", "stageName") },
  "aws-native:apigatewayv2:VpcLink": {
    named: "name",
    id: random(6),
    computed: (_asked, id) => ({ vpcLinkId: id }),
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

/** The answers for a type without an entry: an id, and an ARN made of the type's service and name. */
const OTHERS: Answers = {
  id: random(17, HEX),
  computed: (asked, id) => {
    const [, module = "", kind = ""] = asked.type.split(":");
    const service = module.split("/")[0] ?? module;
    return { arn: arn(asked, service, `${kind.toLowerCase()}/${text(asked, "name") || id}`) };
  },
};

/** What stands before a rule's name in its ARN: nothing on the default bus. */
function eventBus(asked: Asked): string {
  const bus = text(asked, "eventBusName").replace(/^arn:.*:event-bus\//, "");
  return bus === "" || bus === "default" ? "" : `${bus}/`;
}

function oidcArn(asked: Asked, key: string): string {
  return iamGlobal(asked, `oidc-provider/${text(asked, key).replace("https://", "")}`);
}

function iamGlobal({ place }: Asked, rest: string): string {
  return `arn:${place.partition}:iam::${place.account}:${rest}`;
}

function serviceLinkedArn(asked: Asked): string {
  const service = text(asked, "awsServiceName");
  const suffix = text(asked, "customSuffix");
  const name = `AWSServiceRoleFor${service.split(".")[0]}${suffix && `_${suffix}`}`;
  return iamGlobal(asked, `role/aws-service-role/${service}/${name}`);
}

function accessAssociationArn(asked: Asked): string {
  const source = text(asked, "accessAssociationSource");
  return arn(
    asked,
    "apigateway",
    `/domainnameaccessassociations/domainname/${asked.name}/vpcesource/${source}`,
  );
}

function basePathMappingArn(asked: Asked): string {
  return `${text(asked, "domainNameArn")}/basepathmappings/${text(asked, "basePath") || "(none)"}`;
}

function routingRuleArn(asked: Asked, key: string): string {
  return arn(asked, "apigateway", `/domainnames/${text(asked, key)}/routingrules/${random(10)(asked)}`);
}

function protocol(asked: Asked): string {
  return String(asked.find("Api", text(asked, "apiId"))?.protocolType ?? "HTTP");
}

function stageUrl(asked: Asked, stage: string): string {
  const api = text(asked, "apiId");
  if (protocol(asked) === "WEBSOCKET") return `${endpoint(asked, api, "wss")}/${stage}`;
  return `${endpoint(asked, api)}/${stage === "$default" ? "" : stage}`;
}

function layerPolicy(asked: Asked): string {
  return sortedJson({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: text(asked, "statementId"),
        Effect: "Allow",
        Principal: text(asked, "principal"),
        Action: text(asked, "action"),
        Resource: `${text(asked, "layerName")}:${text(asked, "versionNumber")}`,
      },
    ],
  });
}

function answersFor(type: string): Answers {
  return Object.hasOwn(TABLE, type) ? (TABLE[type] ?? OTHERS) : OTHERS;
}

/** The types the table answers for. */
export function answeredTypes(): string[] {
  return Object.keys(TABLE);
}

/** What the table says about a type: the properties it names, computes and defaults, and its documents. */
export function contract(type: string): {
  named: string | undefined;
  documents: readonly string[];
  defaults: readonly string[];
  computed: readonly string[];
} {
  const answers = answersFor(type);
  const place: Place = { region: "us-east-1", account: "123456789012", partition: "aws" };
  const asked: Asked = { type, name: "x", urn: "x", inputs: {}, place, find: () => undefined };
  return {
    named: answers.named,
    documents: answers.documents ?? [],
    defaults: Object.keys(answers.defaults ?? {}),
    computed: Object.keys(answers.computed?.(asked, "x") ?? {}),
  };
}

/**
 * The inputs after the provider has checked them: with a generated name, defaults, and policy documents as
 * JSON text. A document that holds one unknown is unknown as a whole, as the provider's own is.
 * Providers other than AWS's return their inputs.
 */
export function checked(asked: Omit<Asked, "find">): Properties {
  if (!isAws(asked.type)) return asked.inputs;
  const answers = answersFor(asked.type);
  const inputs = defined({ ...answers.defaults, ...asked.inputs });
  if (answers.named !== undefined && inputs[answers.named] === undefined) {
    // With a prefix AWS's provider makes the name up while it creates the resource.
    if (inputs[`${answers.named}Prefix`] === undefined) inputs[answers.named] = generatedName(asked, answers);
  }
  for (const key of answers.documents ?? []) {
    const document = inputs[key];
    if (document === undefined || document === null || typeof document === "string") continue;
    inputs[key] = hasUnknown(document) ? UNKNOWN : sortedJson(document);
  }
  for (const key of answers.blocks ?? []) {
    const blocks = inputs[key];
    if (!Array.isArray(blocks)) continue;
    inputs[key] = blocks.map((block) => (isObject(block) ? { __defaults: [], ...block } : block));
  }
  return inputs;
}

function generatedName(asked: Omit<Asked, "find">, answers: Answers): string {
  const base = answers.named === "bucket" ? asked.name.toLowerCase() : asked.name;
  return `${base}-${token(`${asked.urn}name`, 7, HEX)}`;
}

/**
 * The id and the outputs of a resource. `deployed` says whether it exists: when it does, everything AWS
 * computes is there; when it does not, all of that is unknown. Whatever is made of an unknown input is unknown.
 * A resource that AWS knows under another id than it would get here is given with that id.
 */
export function answered(
  asked: Asked,
  deployed: boolean,
  givenId?: string,
): { id: string; outputs: Properties } {
  const shown = stripped(asked.inputs);
  if (!isAws(asked.type)) {
    return { id: deployed ? random(20, HEX)(asked) : UNKNOWN, outputs: shown };
  }
  const answers = answersFor(asked.type);
  const named = withPrefixedName(asked, answers);
  const id = givenId ?? hidden(answers.id(named));
  const computed = Object.entries(defined(answers.computed?.(named, String(id)) ?? {}));
  if (answers.named !== undefined && named !== asked) {
    computed.push([answers.named, named.inputs[answers.named] ?? UNKNOWN]);
  }
  const outputs = settled(asked, shown);
  for (const [key, value] of computed) {
    if (outputs[key] === undefined) outputs[key] = deployed ? hidden(value) : UNKNOWN;
  }
  return { id: deployed ? String(id) : UNKNOWN, outputs };
}

/**
 * The outputs of a resource that exists outside the stack and was looked up by its id. `asked.inputs` are the
 * properties the program gave to find it, often none.
 */
export function lookedUp(asked: Asked, id: string): Properties {
  const { named } = isAws(asked.type) ? answersFor(asked.type) : OTHERS;
  const inputs = named === undefined ? asked.inputs : { [named]: nameIn(id), ...asked.inputs };
  const { outputs } = answered({ ...asked, inputs: checked({ ...asked, inputs }) }, true, id);
  return { ...outputs, id, ...(id.startsWith("arn:") && "arn" in outputs ? { arn: id } : {}) };
}

/** The name in an ARN; anything else is a name itself, as the ids of most named resources are. */
function nameIn(id: string): string {
  return id.startsWith("arn:") ? (id.split(/[/:]/).at(-1) ?? id) : id;
}

/** What the provider computes while it plans: the region and the tags with the provider's default ones. */
function settled(asked: Asked, shown: Properties): Properties {
  if (!asked.type.startsWith("aws:")) return { ...shown };
  const outputs = { ...shown };
  if (outputs.tags !== undefined) outputs.tagsAll = outputs.tags;
  // IAM is global: its resources have no region. https://docs.aws.amazon.com/IAM/latest/UserGuide/disable-regions.html
  if (!asked.type.startsWith("aws:iam/")) outputs.region ??= asked.place.region;
  return outputs;
}

function withPrefixedName(asked: Asked, answers: Answers): Asked {
  const key = answers.named;
  if (key === undefined || asked.inputs[key] !== undefined) return asked;
  const prefix = asked.inputs[`${key}Prefix`];
  if (typeof prefix !== "string") return asked;
  return {
    ...asked,
    inputs: { ...asked.inputs, [key]: `${prefix}${token(`${asked.urn}name`, 26, DIGITS)}` },
  };
}

/** An unknown inside a text makes the whole text unknown. */
function hidden(value: Value): Value {
  if (typeof value === "string") return value.includes(UNKNOWN) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(hidden);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]));
}

/** The bridge's own marks are not part of what a resource is. */
function stripped(properties: Properties): Properties {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(clean);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== "__defaults")
        .map(([key, inner]) => [key, clean(inner)]),
    );
  };
  return clean(properties) as Properties;
}

function isAws(type: string): boolean {
  return type.startsWith("aws:") || type.startsWith("aws-native:");
}
