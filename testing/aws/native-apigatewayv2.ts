/** The AWS Cloud Control provider on HTTP and WebSocket APIs. */
import { dnsSuffix } from "../../aws";
import {
  type Answers,
  CREATED,
  endpoint,
  executionArn,
  input,
  joined,
  LOWER,
  managementArn,
  random,
  text,
  token,
} from "./derived";

export const NATIVE_HTTP: Readonly<Record<string, Answers>> = {
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
};
