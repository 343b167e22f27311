/** The HTTP and WebSocket API resources of `@pulumi/aws-native`. */
import { dnsSuffix } from "../../aws";
import {
  CREATED,
  endpoint,
  executionArn,
  input,
  joined,
  LOWER,
  managementArn,
  random,
  type TypeBehavior,
  text,
  token,
} from "./derived";

export const NATIVE_HTTP: Readonly<Record<string, TypeBehavior>> = {
  "aws-native:apigatewayv2:Api": {
    named: "name",
    id: random(10),
    computed: (request, id) => ({
      apiEndpoint: endpoint(request, id, text(request, "protocolType") === "WEBSOCKET" ? "wss" : "https"),
      apiId: id,
      executeApiArn: executionArn(request, id),
    }),
  },
  "aws-native:apigatewayv2:ApiGatewayManagedOverrides": {
    id: random(10),
    computed: (_request, id) => ({ awsId: id }),
  },
  "aws-native:apigatewayv2:ApiMapping": {
    id: (request) => `${random(6)(request)}|${text(request, "domainName")}`,
    computed: (request) => ({ apiMappingId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:Authorizer": {
    named: "name",
    id: (request) => `${random(6)(request)}|${text(request, "apiId")}`,
    computed: (request) => ({ authorizerId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:Deployment": {
    id: (request) => `${text(request, "apiId")}|${random(6)(request)}`,
    computed: (request) => ({ deploymentId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:DomainName": {
    id: input("domainName"),
    computed: (request, id) => ({
      domainNameArn: managementArn(request, `/domainnames/${id}`),
      regionalDomainName: `d-${token(request.urn, 10, LOWER)}.execute-api.${request.place.region}.${dnsSuffix(request.place.partition)}`,
      regionalHostedZoneId: "Z1UJRXOUMOOFQ8",
    }),
  },
  "aws-native:apigatewayv2:Integration": {
    id: (request) => `${text(request, "apiId")}|${random(7)(request)}`,
    computed: (request) => ({ integrationId: random(7)(request) }),
  },
  "aws-native:apigatewayv2:IntegrationResponse": {
    id: (request) => `${joined("|", "apiId", "integrationId")(request)}|${random(6)(request)}`,
    computed: (request) => ({ integrationResponseId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:Model": {
    named: "name",
    id: (request) => `${text(request, "apiId")}|${random(6)(request)}`,
    computed: (request) => ({ modelId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:PortalProduct": {
    id: (request) => managementArn(request, `/portalproducts/${random(10)(request)}`),
    computed: (request, id) => ({
      lastModified: CREATED,
      portalProductArn: id,
      portalProductId: random(10)(request),
    }),
  },
  "aws-native:apigatewayv2:Route": {
    id: (request) => `${text(request, "apiId")}|${random(7)(request)}`,
    computed: (request) => ({ routeId: random(7)(request) }),
  },
  "aws-native:apigatewayv2:RouteResponse": {
    id: (request) => `${joined("|", "apiId", "routeId")(request)}|${random(6)(request)}`,
    computed: (request) => ({ routeResponseId: random(6)(request) }),
  },
  "aws-native:apigatewayv2:RoutingRule": {
    id: (request) => `${text(request, "domainNameArn")}/routingrules/${random(10)(request)}`,
    computed: (request, id) => ({ routingRuleArn: id, routingRuleId: random(10)(request) }),
  },
  "aws-native:apigatewayv2:Stage": { named: "stageName", id: joined("|", "apiId", "stageName") },
  "aws-native:apigatewayv2:VpcLink": {
    named: "name",
    id: random(6),
    computed: (_request, id) => ({ vpcLinkId: id }),
  },
};
