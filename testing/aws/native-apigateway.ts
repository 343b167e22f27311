/** The REST API resources of `@pulumi/aws-native`. */
import { dnsSuffix } from "../../aws";
import {
  accessAssociationArn,
  arn,
  basePathMappingArn,
  input,
  joined,
  LOWER,
  managementArn,
  random,
  type TypeBehavior,
  text,
  token,
} from "./derived";

export const NATIVE_REST: Readonly<Record<string, TypeBehavior>> = {
  "aws-native:apigateway:Account": { id: random(10), computed: (_request, id) => ({ awsId: id }) },
  "aws-native:apigateway:ApiKey": {
    named: "name",
    id: random(10),
    computed: (_request, id) => ({ apiKeyId: id }),
  },
  "aws-native:apigateway:Authorizer": {
    named: "name",
    id: (request) => `${text(request, "restApiId")}|${random(6)(request)}`,
    computed: (request) => ({ authorizerId: random(6)(request) }),
  },
  "aws-native:apigateway:BasePathMapping": { id: joined("|", "domainName", "basePath") },
  "aws-native:apigateway:BasePathMappingV2": {
    id: (request) => basePathMappingArn(request),
    computed: (_request, id) => ({ basePathMappingArn: id }),
  },
  "aws-native:apigateway:ClientCertificate": {
    id: random(6),
    computed: (_request, id) => ({ clientCertificateId: id }),
  },
  "aws-native:apigateway:Deployment": {
    id: (request) => `${random(6)(request)}|${text(request, "restApiId")}`,
    computed: (request) => ({ deploymentId: random(6)(request) }),
  },
  "aws-native:apigateway:DocumentationPart": {
    id: (request) => `${random(6)(request)}|${text(request, "restApiId")}`,
    computed: (request) => ({ documentationPartId: random(6)(request) }),
  },
  "aws-native:apigateway:DocumentationVersion": { id: joined("|", "documentationVersion", "restApiId") },
  "aws-native:apigateway:DomainName": {
    id: input("domainName"),
    computed: (request, id) => ({
      distributionDomainName: `d${token(request.urn, 13, LOWER)}.cloudfront.net`,
      distributionHostedZoneId: "Z2FDTNDATAQYW2",
      domainNameArn: managementArn(request, `/domainnames/${id}`),
      regionalDomainName: `d-${token(request.urn, 10, LOWER)}.execute-api.${request.place.region}.${dnsSuffix(request.place.partition)}`,
      regionalHostedZoneId: "Z1UJRXOUMOOFQ8",
    }),
  },
  "aws-native:apigateway:DomainNameAccessAssociation": {
    id: (request) => accessAssociationArn(request),
    computed: (_request, id) => ({ domainNameAccessAssociationArn: id }),
  },
  "aws-native:apigateway:DomainNameV2": {
    id: (request) =>
      arn(request, "apigateway", `/domainnames/${text(request, "domainName")}+${random(10)(request)}`),
    computed: (request, id) => ({ domainNameArn: id, domainNameId: random(10)(request) }),
  },
  "aws-native:apigateway:GatewayResponse": { id: random(10), computed: (_request, id) => ({ awsId: id }) },
  "aws-native:apigateway:Method": { id: joined("|", "restApiId", "resourceId", "httpMethod") },
  "aws-native:apigateway:Model": { named: "name", id: joined("|", "restApiId", "name") },
  "aws-native:apigateway:RequestValidator": {
    named: "name",
    id: (request) => `${text(request, "restApiId")}|${random(6)(request)}`,
    computed: (request) => ({ requestValidatorId: random(6)(request) }),
  },
  "aws-native:apigateway:Resource": {
    id: (request) => `${text(request, "restApiId")}|${random(6)(request)}`,
    computed: (request) => ({ resourceId: random(6)(request) }),
  },
  "aws-native:apigateway:RestApi": {
    named: "name",
    id: random(10),
    computed: (request, id) => ({ restApiId: id, rootResourceId: token(`${request.urn}root`, 10, LOWER) }),
  },
  "aws-native:apigateway:Stage": { named: "stageName", id: joined("|", "restApiId", "stageName") },
  "aws-native:apigateway:UsagePlan": {
    named: "usagePlanName",
    id: random(6),
    computed: (_request, id) => ({ awsId: id }),
  },
  "aws-native:apigateway:UsagePlanKey": {
    id: joined(":", "keyId", "usagePlanId"),
    computed: (_request, id) => ({ awsId: id }),
  },
  "aws-native:apigateway:VpcLink": {
    named: "name",
    id: random(6),
    computed: (_request, id) => ({ vpcLinkId: id }),
  },
};
