/** AWS's provider on REST APIs. */
import { dnsSuffix } from "../../aws";
import {
  type Answers,
  accessAssociationArn,
  CREATED,
  endpoint,
  executionArn,
  input,
  joined,
  LOWER,
  managementArn,
  random,
  restPath,
  restStagePath,
  text,
  token,
} from "./derived";

export const REST: Readonly<Record<string, Answers>> = {
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
};
