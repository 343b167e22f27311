import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// Routes in a custom component: its resources are evaluated like all others.
//
// The pack finds that the route POST / calls the alias "live" while the permission is on the function itself. AWS has a
// separate policy for each alias, so callers get a 500; the alias needs its own, with `qualifier: "live"`.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

interface RouteArgs {
  readonly api: aws.apigateway.RestApi;
  readonly verb: string;
  readonly code: string;
  /** The alias to call instead of the function. */
  readonly alias?: string;
}

class LambdaRoute extends pulumi.ComponentResource {
  readonly integration: aws.apigateway.Integration;

  constructor(name: string, { api, verb, code, alias }: RouteArgs) {
    super("shop:index:LambdaRoute", name);
    const inside = { parent: this };
    const fn = new aws.lambda.Function(
      name,
      {
        role: execution.arn,
        runtime: aws.lambda.Runtime.NodeJS22dX,
        handler: "index.handler",
        publish: alias !== undefined,
        code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(code) }),
      },
      inside,
    );
    const called =
      alias === undefined
        ? fn
        : new aws.lambda.Alias(
            name,
            { name: alias, functionName: fn.name, functionVersion: fn.version },
            inside,
          );
    const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: verb };
    const method = new aws.apigateway.Method(name, { ...at, authorization: "NONE" }, inside);
    this.integration = new aws.apigateway.Integration(
      name,
      { ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: called.invokeArn },
      { ...inside, dependsOn: method },
    );
    new aws.lambda.Permission(
      name,
      {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/${verb}/`,
      },
      inside,
    );
    this.registerOutputs({});
  }
}

const api = new aws.apigateway.RestApi("shop", { endpointConfiguration: { types: "REGIONAL" } });

const list = new LambdaRoute("list-orders", {
  api,
  verb: "GET",
  code: "exports.handler = async () => ({ statusCode: 200, body: '[]' });\n",
});

const create = new LambdaRoute("create-order", {
  api,
  verb: "POST",
  code: "exports.handler = async () => ({ statusCode: 201 });\n",
  alias: "live",
});

const deployment = new aws.apigateway.Deployment(
  "shop",
  { restApi: api },
  { dependsOn: [list.integration, create.integration] },
);

const stage = new aws.apigateway.Stage("live", { restApi: api, deployment, stageName: "live" });

export const url = stage.invokeUrl;
