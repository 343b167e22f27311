import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Plan, PlannedResource } from "../../testing";

/** The resource of a plan with this name and, if the name is ambiguous, this kind (`Role`). */
export function named(plan: Plan, name: string, kind = ""): PlannedResource {
  const found = plan.resources.find((resource) => resource.name === name && resource.type.endsWith(kind));
  if (found === undefined) throw new Error(`no ${kind || "resource"} named ${name} in the plan`);
  return found;
}

/** A REST API with one route to a function. */
export function ordersApi(): { api: aws.apigateway.RestApi; handler: aws.lambda.Function } {
  const handler = new aws.lambda.Function("orders", {
    role: "arn:aws:iam::123456789012:role/execution",
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
  });
  const api = new aws.apigateway.RestApi("shop");
  const path = new aws.apigateway.Resource("orders", {
    restApi: api,
    parentId: api.rootResourceId,
    pathPart: "orders",
  });
  const orderPath = new aws.apigateway.Resource("order", {
    restApi: api,
    parentId: path.id,
    pathPart: "{id}",
  });
  new aws.apigateway.Method("get", {
    restApi: api,
    resourceId: orderPath.id,
    httpMethod: "GET",
    authorization: "AWS_IAM",
  });
  new aws.lambda.Permission("shop", {
    action: "lambda:InvokeFunction",
    function: handler,
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/*`,
  });
  return { api, handler };
}
