/** The AWS Cloud Control provider on REST APIs. */
import { dnsSuffix } from "../../aws";
import {
  type Answers,
  accessAssociationArn,
  arn,
  basePathMappingArn,
  input,
  joined,
  LOWER,
  managementArn,
  random,
  text,
  token,
} from "./derived";

export const NATIVE_REST: Readonly<Record<string, Answers>> = {
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
};
