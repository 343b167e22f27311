/** Forms of the permission that API Gateway needs to invoke a function. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { httpStack, sourceArn } from "../../support/http";
import { type Base, restStack } from "../../support/rest";
import { type Entry, fails, failsOnceKnown, WORKS, worksOnceKnown } from "../corpus";

const DENIED = "route-function-permission @ integration";

const from = (tail: string) => (base: Base) => ({
  sourceArn: pulumi.interpolate`${base.api.executionArn}${tail}`,
});

const liveAlias = ({ fn }: Pick<Base, "fn">, name = "live") =>
  new aws.lambda.Alias(name, { name, functionName: fn.name, functionVersion: "1" });

/** The route calls the alias `live`. */
const onAlias = (permission: (base: Base) => Partial<aws.lambda.PermissionArgs>) => {
  let alias: aws.lambda.Alias;
  return restStack({
    caller: false,
    integration: (base) => {
      alias = liveAlias(base);
      return { uri: alias.invokeArn };
    },
    permission,
  });
};

const entries: Entry[] = [
  { name: "REST, a permission for every route of the API", program: restStack(), answers: WORKS },
  {
    name: "REST, a permission for the stage, method and path",
    program: restStack({ permission: from("/prod/GET/orders/*") }),
    answers: WORKS,
  },
  {
    name: "REST, the path with its parameter as a wildcard",
    program: restStack({ permission: from("/*/GET/orders/*") }),
    answers: WORKS,
  },
  { name: "REST, no permission", program: restStack({ permission: false }), answers: fails(DENIED) },
  {
    name: "REST, a permission for another method",
    program: restStack({ permission: from("/*/POST/orders/*") }),
    answers: failsOnceKnown(0, DENIED),
  },
  {
    name: "REST, a permission for another stage",
    program: restStack({ permission: from("/test/GET/orders/*") }),
    answers: failsOnceKnown(0, DENIED),
  },
  {
    name: "REST, a permission for another service",
    program: restStack({ permission: () => ({ principal: "events.amazonaws.com" }) }),
    answers: {
      first: { denied: [DENIED] },
      deployed: { denied: [DENIED, "lambda-permission-request @ permission"] },
    },
  },
  {
    name: "REST, a permission without a source ARN",
    program: restStack({ permission: () => ({ sourceArn: undefined as never }) }),
    answers: WORKS,
  },
  {
    name: "REST, a permission with the stack's account as source account",
    program: restStack({ permission: () => ({ sourceAccount: "123456789012" }) }),
    answers: worksOnceKnown(1),
  },
  {
    name: "REST, a permission with another source account",
    program: restStack({ permission: () => ({ sourceAccount: "999999999999" }) }),
    answers: failsOnceKnown(1, DENIED),
  },
  {
    name: "REST, the function's ARN in the permission",
    program: restStack({ permission: ({ fn }) => ({ function: fn.arn }) }),
    answers: WORKS,
  },
  {
    name: "REST, an alias with a permission on the alias",
    program: onAlias(() => ({ qualifier: "live" })),
    answers: WORKS,
  },
  {
    name: "REST, an alias with a permission on the function",
    program: onAlias(() => ({})),
    answers: fails(DENIED),
  },
  {
    name: "REST, an alias with a permission on another alias",
    program: onAlias(() => ({ qualifier: "next" })),
    answers: fails(DENIED),
  },
  {
    name: "REST, a route without authorization and without permission",
    program: restStack({ authorization: "NONE", permission: false }),
    answers: fails(DENIED),
  },
  {
    name: "REST, ANY with a permission for ANY's wildcard",
    program: restStack({ verb: "ANY", caller: false, permission: from("/*/*/orders/*") }),
    answers: { deployed: {} },
  },
  { name: "HTTP, a permission for every route", program: httpStack(), answers: WORKS },
  { name: "HTTP, no permission", program: httpStack({ permission: false }), answers: fails(DENIED) },
  {
    name: "HTTP, the route's own ARN",
    program: httpStack({ permission: sourceArn("/*/GET/orders/{id}") }),
    answers: WORKS,
  },
  {
    name: "HTTP, another route's ARN",
    program: httpStack({ permission: sourceArn("/*/GET/items") }),
    answers: failsOnceKnown(0, DENIED),
  },
  {
    name: "HTTP, $default stage in the ARN",
    program: httpStack({ permission: sourceArn("/$default/GET/orders/{id}") }),
    answers: WORKS,
  },
  {
    name: "HTTP, $default route",
    program: httpStack({ routeKey: "$default", permission: sourceArn("/*/$default") }),
    answers: WORKS,
  },
  {
    name: "HTTP, a route without authorization and without permission",
    program: httpStack({ route: { authorizationType: "NONE" }, permission: false }),
    answers: fails(DENIED),
  },
  {
    name: "WebSocket, a permission for $connect",
    program: httpStack({ protocol: "WEBSOCKET", caller: false, permission: sourceArn("/*/$connect") }),
    answers: WORKS,
  },
  {
    name: "WebSocket, no permission",
    program: httpStack({ protocol: "WEBSOCKET", caller: false, permission: false }),
    answers: fails(DENIED),
  },
];

export default entries;
