/** APIs with several routes, as in public programs: a function for each route, or one function for all. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeFunction } from "../../support/programs";
import { type Entry, fails, WORKS } from "../corpus";

const ROUTES = ["GET /orders", "POST /orders", "GET /orders/{id}", "PUT /orders/{id}", "DELETE /orders/{id}"];

interface Service {
  readonly authorization?: "NONE" | "AWS_IAM";
  /** One function for all routes. */
  readonly monolith?: true;
  /** The routes whose function allows API Gateway to invoke it; all if not given. */
  readonly permitted?: (route: string) => boolean;
  readonly stage?: string;
}

const labelOf = (route: string): string => route.toLowerCase().replace(/\W+/g, "-").replace(/-$/, "");

function httpService({
  authorization = "NONE",
  monolith,
  permitted = () => true,
  stage,
}: Service): () => void {
  return () => {
    const api = new aws.apigatewayv2.Api("service", { protocolType: "HTTP" });
    const sharedFunction = monolith ? makeFunction("service") : undefined;
    for (const route of ROUTES) {
      const name = labelOf(route);
      const fn = sharedFunction ?? makeFunction(name);
      const integration = new aws.apigatewayv2.Integration(name, {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.arn,
        payloadFormatVersion: "2.0",
      });
      new aws.apigatewayv2.Route(name, {
        apiId: api.id,
        routeKey: route,
        authorizationType: authorization,
        target: pulumi.interpolate`integrations/${integration.id}`,
      });
      if (sharedFunction === undefined && permitted(route)) permit(name, fn, api.executionArn);
    }
    if (sharedFunction !== undefined && permitted("")) permit("service", sharedFunction, api.executionArn);
    new aws.apigatewayv2.Stage("service", { apiId: api.id, name: stage ?? "$default", autoDeploy: true });
  };
}

function restService({
  authorization = "NONE",
  monolith,
  permitted = () => true,
  stage,
}: Service): () => void {
  return () => {
    const api = new aws.apigateway.RestApi("service", {});
    const orders = new aws.apigateway.Resource("orders", {
      restApi: api.id,
      parentId: api.rootResourceId,
      pathPart: "orders",
    });
    const order = new aws.apigateway.Resource("order", {
      restApi: api.id,
      parentId: orders.id,
      pathPart: "{id}",
    });
    const sharedFunction = monolith ? makeFunction("service") : undefined;
    const integrations = ROUTES.map((route) => {
      const name = labelOf(route);
      const fn = sharedFunction ?? makeFunction(name);
      const [httpMethod = "", path = ""] = route.split(" ");
      const at = { restApi: api.id, resourceId: path.endsWith("}") ? order.id : orders.id, httpMethod };
      const method = new aws.apigateway.Method(name, { ...at, authorization });
      if (sharedFunction === undefined && permitted(route)) permit(name, fn, api.executionArn);
      return new aws.apigateway.Integration(
        name,
        { ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: fn.invokeArn },
        { dependsOn: [method] },
      );
    });
    if (sharedFunction !== undefined && permitted("")) permit("service", sharedFunction, api.executionArn);
    const deployment = new aws.apigateway.Deployment(
      "service",
      { restApi: api.id },
      { dependsOn: integrations },
    );
    new aws.apigateway.Stage("service", {
      restApi: api.id,
      deployment: deployment.id,
      stageName: stage ?? "v1",
    });
  };
}

function permit(name: string, fn: aws.lambda.Function, executionArn: pulumi.Output<string>): void {
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: fn.name,
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${executionArn}/*/*`,
  });
}

const denied = (...routes: string[]) =>
  fails(...routes.map((route) => `route-function-permission @ ${labelOf(route)}`));

const FORMS = [
  ["HTTP", httpService],
  ["REST", restService],
] as const;

const entries: Entry[] = FORMS.flatMap(([form, service]) => [
  {
    name: `${form} service, a function for each route`,
    source: "https://github.com/pulumi/examples/tree/master/aws-ts-apigatewayv2-http-api",
    program: service({}),
    answers: WORKS,
  },
  { name: `${form} service, one function`, program: service({ monolith: true }), answers: WORKS },
  { name: `${form} service, IAM-authorized`, program: service({ authorization: "AWS_IAM" }), answers: WORKS },
  { name: `${form} service on a custom stage`, program: service({ stage: "live" }), answers: WORKS },
  {
    name: `${form} service, without one of its permissions`,
    program: service({ permitted: (route) => !route.startsWith("DELETE") }),
    answers: denied("DELETE /orders/{id}"),
  },
  {
    name: `${form} service, permissions only for GET`,
    program: service({ permitted: (route) => route.startsWith("GET") }),
    answers: denied("POST /orders", "PUT /orders/{id}", "DELETE /orders/{id}"),
  },
]);

export default entries;
