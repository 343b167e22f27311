/** The REST API resources of `@pulumi/aws`. */
import { dnsSuffix } from "../../aws";
import {
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
  type TypeBehavior,
  text,
  token,
} from "./derived";

export const REST: Readonly<Record<string, TypeBehavior>> = {
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
    computed: (request, id) => ({
      arn: managementArn(request, `/apikeys/${id}`),
      createdDate: CREATED,
      lastUpdatedDate: CREATED,
      value: token(`${request.urn}value`, 40, LOWER),
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
    computed: (request, id) => ({
      arn: managementArn(request, `/restapis/${text(request, "restApi")}/authorizers/${id}`),
    }),
  },
  "aws:apigateway/basePathMapping:BasePathMapping": { id: joined("/", "domainName", "basePath") },
  "aws:apigateway/clientCertificate:ClientCertificate": {
    id: random(6),
    computed: (request, id) => ({
      arn: managementArn(request, `/clientcertificates/${id}`),
      createdDate: CREATED,
      expirationDate: "2027-01-15T09:30:00Z",
      pemEncodedCertificate: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    }),
  },
  "aws:apigateway/deployment:Deployment": { id: random(6), computed: () => ({ createdDate: CREATED }) },
  "aws:apigateway/documentationPart:DocumentationPart": {
    id: (request) => `${text(request, "restApiId")}/${random(6)(request)}`,
    computed: (request) => ({ documentationPartId: random(6)(request) }),
  },
  "aws:apigateway/documentationVersion:DocumentationVersion": { id: joined("/", "restApiId", "version") },
  "aws:apigateway/domainName:DomainName": {
    id: input("domainName"),
    computed: (request, id) => ({
      arn: managementArn(request, `/domainnames/${id}`),
      certificateUploadDate: CREATED,
      cloudfrontDomainName: `d${token(request.urn, 13, LOWER)}.cloudfront.net`,
      cloudfrontZoneId: "Z2FDTNDATAQYW2",
      domainNameId: random(10)(request),
      endpointConfiguration: { types: "EDGE" },
      ownershipVerificationCertificateArn: "",
      policy: "",
      regionalDomainName: `d-${token(request.urn, 10, LOWER)}.execute-api.${request.place.region}.${dnsSuffix(request.place.partition)}`,
      regionalZoneId: "Z1UJRXOUMOOFQ8",
      routingMode: "BASE_PATH_MAPPING_ONLY",
      securityPolicy: "TLS_1_2",
    }),
  },
  "aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": {
    id: (request) => accessAssociationArn(request),
    computed: (_request, id) => ({ arn: id }),
  },
  "aws:apigateway/integration:Integration": {
    defaults: { connectionType: "INTERNET", timeoutMilliseconds: 29000 },
    id: (request) => `agi-${joined("-", "restApi", "resourceId", "httpMethod")(request)}`,
    computed: (request) => ({
      cacheNamespace: text(request, "resourceId"),
      passthroughBehavior: "WHEN_NO_MATCH",
      responseTransferMode: "BUFFERED",
    }),
  },
  "aws:apigateway/integrationResponse:IntegrationResponse": {
    id: (request) => `agir-${joined("-", "restApi", "resourceId", "httpMethod", "statusCode")(request)}`,
  },
  "aws:apigateway/method:Method": {
    defaults: { apiKeyRequired: false },
    id: (request) => `agm-${joined("-", "restApi", "resourceId", "httpMethod")(request)}`,
  },
  "aws:apigateway/methodResponse:MethodResponse": {
    id: (request) => `agmr-${joined("-", "restApi", "resourceId", "httpMethod", "statusCode")(request)}`,
  },
  "aws:apigateway/methodSettings:MethodSettings": { id: joined("-", "restApi", "stageName", "methodPath") },
  "aws:apigateway/model:Model": { named: "name", id: random(6) },
  "aws:apigateway/requestValidator:RequestValidator": {
    named: "name",
    defaults: { validateRequestBody: false, validateRequestParameters: false },
    id: random(6),
  },
  "aws:apigateway/resource:Resource": { id: random(6), computed: (request) => ({ path: restPath(request) }) },
  "aws:apigateway/response:Response": {
    id: (request) => `aggr-${joined("-", "restApiId", "responseType")(request)}`,
  },
  "aws:apigateway/restApi:RestApi": {
    named: "name",
    id: random(10),
    computed: (request, id) => ({
      apiKeySource: "HEADER",
      arn: managementArn(request, `/restapis/${id}`),
      binaryMediaTypes: [],
      createdDate: CREATED,
      description: "",
      disableExecuteApiEndpoint: false,
      endpointConfiguration: { ipAddressType: "ipv4", types: "EDGE", vpcEndpointIds: [] },
      executionArn: executionArn(request, id),
      minimumCompressionSize: "",
      policy: "",
      rootResourceId: token(`${request.urn}root`, 10, LOWER),
      securityPolicy: "TLS_1_0",
    }),
  },
  "aws:apigateway/restApiPolicy:RestApiPolicy": { id: input("restApiId") },
  "aws:apigateway/restApiPut:RestApiPut": {
    id: input("restApiId"),
    computed: () => ({ failOnWarnings: false }),
  },
  "aws:apigateway/stage:Stage": {
    id: (request) => `ags-${joined("-", "restApi", "stageName")(request)}`,
    computed: (request) => ({
      arn: managementArn(request, restStagePath(request, text(request, "stageName"))),
      executionArn: `${executionArn(request, text(request, "restApi"))}/${text(request, "stageName")}`,
      invokeUrl: `${endpoint(request, text(request, "restApi"))}/${text(request, "stageName")}`,
      webAclArn: "",
    }),
  },
  "aws:apigateway/usagePlan:UsagePlan": {
    named: "name",
    id: random(6),
    computed: (request, id) => ({ arn: managementArn(request, `/usageplans/${id}`) }),
  },
  "aws:apigateway/usagePlanKey:UsagePlanKey": {
    id: input("keyId"),
    computed: (request) => ({ name: request.name, value: token(`${request.urn}value`, 40, LOWER) }),
  },
  "aws:apigateway/vpcLink:VpcLink": {
    named: "name",
    id: random(6),
    computed: (request, id) => ({ arn: managementArn(request, `/vpclinks/${id}`) }),
  },
};
