/** The HTTP and WebSocket API resources of `@pulumi/aws`. */
import {
  endpoint,
  executionArn,
  input,
  managementArn,
  protocol,
  random,
  routingRuleArn,
  stageUrl,
  type TypeBehavior,
  text,
} from "./derived";

export const HTTP: Readonly<Record<string, TypeBehavior>> = {
  "aws:apigatewayv2/api:Api": {
    named: "name",
    defaults: {
      apiKeySelectionExpression: "$request.header.x-api-key",
      disableExecuteApiEndpoint: false,
      routeSelectionExpression: "$request.method $request.path",
    },
    id: random(10),
    computed: (request, id) => ({
      apiEndpoint: endpoint(request, id, text(request, "protocolType") === "WEBSOCKET" ? "wss" : "https"),
      arn: managementArn(request, `/apis/${id}`),
      executionArn: executionArn(request, id),
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
    computed: (request, id) => ({
      apiMappingSelectionExpression: "$request.basepath",
      arn: managementArn(request, `/domainnames/${id}`),
      routingMode: "API_MAPPING_ONLY",
    }),
  },
  "aws:apigatewayv2/integration:Integration": {
    defaults: { connectionType: "INTERNET", payloadFormatVersion: "1.0" },
    id: random(7),
    computed: (request) => ({
      integrationResponseSelectionExpression: "",
      timeoutMilliseconds: protocol(request) === "WEBSOCKET" ? 29000 : 30000,
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
    id: (request) => routingRuleArn(request, "domainName"),
    computed: (request, id) => ({ routingRuleArn: id, routingRuleId: random(10)(request) }),
  },
  "aws:apigatewayv2/stage:Stage": {
    named: "name",
    defaults: { autoDeploy: false },
    id: input("name"),
    computed: (request, id) => ({
      arn: managementArn(request, `/apis/${text(request, "apiId")}/stages/${id}`),
      deploymentId: random(6)(request),
      executionArn: `${executionArn(request, text(request, "apiId"))}/${id}`,
      invokeUrl: stageUrl(request, id),
    }),
  },
  "aws:apigatewayv2/vpcLink:VpcLink": {
    named: "name",
    id: random(6),
    computed: (request, id) => ({ arn: managementArn(request, `/vpclinks/${id}`) }),
  },
};
