/** Public bug reports about access to routes other than by IAM callers, each before and after its fix. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Native } from "../../support/native";
import {
  allowDocument,
  allowInvoke,
  distribution,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
} from "../../support/programs";
import { trustOf } from "../../support/rest";
import { creating, type Entry, fails, WORKS } from "../corpus";
import { attach, executionRole, interpolate, open, restApi, routesTo, socketApi, stageOf } from "../parts";

const URL_CALLER = "function-url-caller-lambda-invoke";
const REQUEST = "lambda-permission-request";
const DEPLOYMENT = "rest-api-deployment-dependencies";
const CALLER = "caller-execute-api-invoke";

type Permissions = readonly Partial<aws.lambda.PermissionArgs>[];
const BY_URL = { action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "AWS_IAM" };
const BY_FUNCTION = { action: "lambda:InvokeFunction" };

/** A function URL whose requests CloudFront signs, unless another signer is given. */
const behindCloudFront =
  (
    permissions: Permissions,
    control: Partial<aws.cloudfront.OriginAccessControlArgs> | "none" = {},
    signer?: () => pulumi.Input<string>,
  ) =>
  () => {
    const fn = makeFunction("server");
    const url = new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
    const access =
      control === "none"
        ? undefined
        : new aws.cloudfront.OriginAccessControl("access", {
            originAccessControlOriginType: "lambda",
            signingBehavior: "always",
            signingProtocol: "sigv4",
            ...control,
          });
    const cdn = distribution(
      "cdn",
      [
        {
          originId: "server",
          domainName: url.functionUrl.apply((address) => new URL(address).host),
          ...(access === undefined ? {} : { originAccessControlId: access.id }),
        },
      ],
      signer === undefined
        ? {}
        : { lambdaFunctionAssociations: [{ eventType: "origin-request", lambdaArn: signer() }] },
    );
    for (const [at, more] of permissions.entries())
      new aws.lambda.Permission(`cdn-${at}`, {
        function: fn.name,
        principal: "cloudfront.amazonaws.com",
        sourceArn: cdn.arn,
        action: "",
        ...more,
      });
  };

/** Lambda@Edge signs requests to the function URL with its execution role. */
const signedAtTheEdge = (actions: string[], trust: readonly string[]) => () => {
  const fn = makeFunction("server", { name: "server" });
  new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
  const role = new aws.iam.Role("signer", {
    name: "signer",
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: [...trust] } }],
    },
  });
  attach("sign", role, allowDocument([actions, "arn:aws:lambda:*:*:function:server"]));
};

const publicUrl =
  (form: "aws" | "native", ...permissions: readonly string[]) =>
  () => {
    const fn = makeFunction("page");
    if (form === "aws")
      new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "NONE" });
    else new Native("lambda:Url", "url", { targetFunctionArn: fn.arn, authType: "NONE" });
    for (const action of permissions)
      new Native("lambda:Permission", action.split(":")[1] ?? "", {
        action,
        functionName: fn.arn,
        principal: "*",
        ...(action === "lambda:InvokeFunctionUrl"
          ? { functionUrlAuthType: "NONE" }
          : { invokedViaFunctionUrl: true }),
      });
  };

/** A function that sends messages to the clients of a WebSocket API. */
const posting =
  (...grants: readonly (readonly [action: string | string[], tail: string])[]) =>
  () => {
    const [api, fn] = [socketApi(), makeFunction("handler")];
    routesTo("chat", api.id, fn.invokeArn, { $connect: {}, sendmessage: {} });
    stageOf(api, "default");
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    const statements = grants.map(
      ([action, tail]) => [action, interpolate`${api.executionArn}${tail}`] as const,
    );
    attach("post", executionRole(fn), allowDocument(...statements));
  };

const streamed = (isFixed: boolean) => (): void => {
  const fn = makeFunction("stream");
  const api = restApi((created) => [
    open(created, "stream", "GET", "stream", isFixed ? fn.responseStreamingInvokeArn : fn.invokeArn, {
      responseTransferMode: "STREAM",
    }),
  ]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
};

const ofVersion = (version: string) => () => {
  const fn = makeFunction("collect", { name: "collect" });
  const api = restApi((created) => [
    open(
      created,
      "visit",
      "POST",
      "visit",
      `arn:aws:apigateway:eu-west-1:lambda:path/${version}/functions/arn:aws:lambda:eu-west-1:123456789012:function:collect/invocations`,
    ),
  ]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
};

/** A permission for each of this number of routes. */
const permissions = (routes: number) => () => {
  const fn = makeFunction("forms", { name: "forms" });
  const api = restApi((created) => [open(created, "all", "ANY", "{proxy+}", fn.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  for (let at = 1; at < routes; at++)
    allowInvoke(
      `in-${at}`,
      fn.name,
      `arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*/GET/forms/${at}`,
    );
};

const permitted = (args: Partial<aws.lambda.PermissionArgs>) => () => {
  const fn = makeFunction("sign-up", { name: "sign-up" });
  const api = restApi((created) => [open(created, "sign-up", "POST", "sign-up", fn.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  allowInvoke("more", fn.name, interpolate`${api.executionArn}/*/POST/sign-up`, args);
};

/** A route to a durable function or to its alias. */
const durable = (byAlias: boolean) => () => {
  const fn = makeFunction("order", { publish: true, durableConfig: { executionTimeout: 7200 } });
  const live = new aws.lambda.Alias("live", {
    name: "live",
    functionName: fn.name,
    functionVersion: fn.version,
  });
  const api = restApi((created) => [
    open(created, "order", "POST", "order", byAlias ? live.invokeArn : fn.invokeArn),
  ]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, byAlias ? { qualifier: live.name } : {});
};

/** A REST API whose deployment depends on its routes or not. */
const deployment =
  (waits: boolean, routes: readonly string[] = ["orders"], triggers = false) =>
  () => {
    const fn = makeFunction("orders");
    const api = new aws.apigateway.RestApi("shop");
    const endpoints = routes.map((path) => open(api, path, "GET", path, fn.invokeArn));
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    const { id } = new aws.apigateway.Deployment(
      "live",
      {
        restApi: api.id,
        ...(triggers
          ? {
              triggers: {
                routes: pulumi.jsonStringify(endpoints.map((routeEndpoint) => routeEndpoint.integration.uri)),
              },
            }
          : {}),
      },
      waits ? { dependsOn: endpoints.map(({ integration }) => integration) } : {},
    );
    new aws.apigateway.Stage("live", { restApi: api.id, deployment: id, stageName: "live" });
  };

/** An IAM-authorized API and a service that calls it with this role. */
const called =
  (
    trust: string | aws.iam.RoleArgs["assumeRolePolicy"],
    mayCall: boolean,
    by: (role: aws.iam.Role, api: aws.apigateway.RestApi) => unknown,
  ) =>
  () => {
    const fn = makeFunction("orders");
    const api = restApi((created) => [endpoint("orders", created, "POST", "orders", fn.invokeArn)]);
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    const role = new aws.iam.Role("maker", {
      assumeRolePolicy: typeof trust === "string" && !trust.startsWith("{") ? trustOf(trust) : trust,
    });
    attach("call", role, allowDocument(...(mayCall ? [executeApi({ api })] : []), invokeFunction({ fn })));
    by(role, api);
  };

const byMachine = (role: aws.iam.Role, api: aws.apigateway.RestApi): unknown =>
  new aws.sfn.StateMachine("machine", {
    roleArn: role.arn,
    definition: pulumi.jsonStringify({
      StartAt: "Persist",
      States: {
        Persist: {
          Type: "Task",
          Resource: "arn:aws:states:::apigateway:invoke",
          Parameters: {
            ApiEndpoint: interpolate`${api.id}.execute-api.us-east-1.amazonaws.com`,
            Method: "POST",
            Stage: "prod",
            Path: "/orders",
            AuthType: "IAM_ROLE",
          },
          End: true,
        },
      },
    }),
  });

const byRule = (role: aws.iam.Role, api: aws.apigateway.RestApi): unknown =>
  new aws.cloudwatch.EventTarget("target", {
    rule: new aws.cloudwatch.EventRule("rule", { scheduleExpression: "rate(1 hour)" }).name,
    arn: interpolate`${api.executionArn}/prod/POST/orders`,
    roleArn: role.arn,
  });

const byPipe = (role: aws.iam.Role, api: aws.apigateway.RestApi): unknown =>
  new aws.pipes.Pipe("pipe", {
    roleArn: role.arn,
    source: "arn:aws:sqs:us-east-1:123456789012:in",
    enrichment: interpolate`${api.executionArn}/prod/POST/orders`,
    target: "arn:aws:sqs:us-east-1:123456789012:out",
  });

const byAppSync = (role: aws.iam.Role, api: aws.apigateway.RestApi): unknown =>
  new aws.appsync.DataSource("source", {
    apiId: "graphql",
    name: "api",
    type: "HTTP",
    serviceRoleArn: role.arn,
    httpConfig: {
      endpoint: interpolate`https://${api.id}.execute-api.us-east-1.amazonaws.com`,
      authorizationConfig: {
        authorizationType: "AWS_IAM",
        awsIamConfig: { signingRegion: "us-east-1", signingServiceName: "execute-api" },
      },
    },
  });

const byTask = (role: aws.iam.Role): unknown =>
  new aws.ecs.TaskDefinition("task", {
    family: "task",
    taskRoleArn: role.arn,
    containerDefinitions: JSON.stringify([{ name: "app", image: "app:1" }]),
  });

const byPods = (role: aws.iam.Role): unknown =>
  new aws.eks.PodIdentityAssociation("pods", {
    clusterName: "cluster",
    namespace: "shop",
    serviceAccount: "app",
    roleArn: role.arn,
  });

const byInstance = (role: aws.iam.Role): unknown =>
  new aws.iam.InstanceProfile("profile", { role: role.name });

const trusting = (Service: string, Action: string | readonly string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service }, Action }] });

const issue = (repository: string, number: number): string =>
  `https://github.com/${repository}/issues/${number}`;

const urls: readonly Entry[] = [
  {
    name: "origin access control of CDK, with the permission that CDK created",
    source: issue("aws/aws-cdk", 35872),
    program: behindCloudFront([BY_URL]),
    answers: fails(`${URL_CALLER} @ cdn-0`),
  },
  {
    name: "origin access control of CDK, with a second permission for the distribution",
    source: "https://github.com/aws-samples/serverless-full-stack-webapp-starter-kit/pull/83",
    program: behindCloudFront([BY_URL, BY_FUNCTION]),
    answers: WORKS,
  },
  {
    name: "Open Next behind origin access control, with both permissions",
    source: issue("RJPearson94/terraform-aws-open-next", 71),
    program: behindCloudFront([BY_URL, { ...BY_FUNCTION, invokedViaFunctionUrl: true }]),
    answers: WORKS,
  },
  {
    name: "Open Next behind origin access control, with functionUrlAuthType on both",
    source: issue("RJPearson94/terraform-aws-open-next", 73),
    program: behindCloudFront([BY_URL, { ...BY_FUNCTION, functionUrlAuthType: "AWS_IAM" }]),
    answers: fails(`${REQUEST} @ cdn-1`),
  },
  {
    name: "an origin access control of another type than its origin",
    source: issue("hashicorp/terraform-provider-aws", 26850),
    program: behindCloudFront([BY_URL, BY_FUNCTION], { originAccessControlOriginType: "s3" }),
    answers: fails(`${URL_CALLER} @ cdn`),
  },
  {
    name: "a distribution that signs at the edge",
    source: issue("mhart/aws4", 163),
    program: behindCloudFront([], "none", () => "arn:aws:lambda:us-east-1:123456789012:function:sign:1"),
    answers: WORKS,
  },
  {
    name: "a signer at the edge with one of the two actions",
    source: "https://github.com/aws-samples/aws-lambda-function-url-secured",
    program: signedAtTheEdge(
      ["lambda:InvokeFunctionUrl"],
      ["lambda.amazonaws.com", "edgelambda.amazonaws.com"],
    ),
    answers: fails(`${URL_CALLER} @ signer`),
  },
  {
    name: "a signer at the edge with both actions",
    source: "https://github.com/aws-samples/aws-lambda-function-url-secured",
    program: signedAtTheEdge(
      ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
      ["lambda.amazonaws.com", "edgelambda.amazonaws.com"],
    ),
    answers: WORKS,
  },
  {
    name: "a public URL with the only permission that CDK Terrain created",
    source: issue("TerraConstructs/base", 98),
    program: publicUrl("native", "lambda:InvokeFunctionUrl"),
    answers: fails(`${URL_CALLER} @ url`),
  },
  {
    name: "a public URL with both permissions",
    source: issue("awsdocs/aws-lambda-developer-guide", 494),
    program: publicUrl("native", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
    answers: WORKS,
  },
  {
    name: "a public URL whose permissions the provider creates",
    source: "https://github.com/brikis98/devops-book/pull/12",
    program: publicUrl("aws"),
    answers: WORKS,
  },
];

const sockets: readonly Entry[] = [
  {
    name: "a WebSocket handler with execute-api:Invoke on its API",
    source: issue("anomalyco/sst", 956),
    program: posting(["execute-api:Invoke", "/*"]),
    // A new document that depends on the API can grant either action.
    answers: { first: {}, deployed: { reported: ["websocket-manage-connections @ handler-exec"] } },
  },
  {
    name: "a WebSocket handler with execute-api:ManageConnections on POST",
    source: issue("anomalyco/sst", 956),
    program: posting(["execute-api:ManageConnections", "/default/POST/*"]),
    answers: WORKS,
  },
  {
    name: "a WebSocket handler with both actions on its stage",
    source: issue("localstack/localstack", 8942),
    program: posting([["execute-api:Invoke", "execute-api:ManageConnections"], "/default/*"]),
    answers: WORKS,
  },
  {
    name: "a WebSocket handler with ManageConnections on @connections without a wildcard",
    source: issue("localstack/localstack", 8942),
    program: posting(["execute-api:ManageConnections", "/default/POST/@connections"]),
    answers: { deployed: { reported: ["websocket-manage-connections @ handler-exec"] } },
  },
];

const refused: readonly Entry[] = [
  {
    name: "a streamed response with the URI for buffered responses",
    source: issue("hashicorp/terraform-provider-aws", 45649),
    program: streamed(false),
    answers: { first: {}, deployed: { denied: ["lambda-integration-request @ stream-integration"] } },
  },
  {
    name: "a streamed response with the URI for streamed responses",
    source: "https://github.com/aws/aws-cdk/pull/36155",
    program: streamed(true),
    answers: WORKS,
  },
  {
    name: "a URI with the current date as the version",
    source: issue("amazon-archives/aws-apigateway-importer", 183),
    program: ofVersion("2016-03-16"),
    answers: { deployed: { denied: ["lambda-integration-request @ visit-integration"], unproven: 1 } },
  },
  {
    name: "a permission for each of a hundred routes",
    source: issue("aws/serverless-application-model", 337),
    program: permissions(100),
    answers: fails(`${REQUEST} @ forms`),
  },
  {
    name: "a permission for each of twenty routes",
    source: issue("adobe/helix-deploy", 24),
    program: permissions(20),
    answers: WORKS,
  },
  {
    name: "a permission on $LATEST",
    source: issue("terraform-aws-modules/terraform-aws-lambda", 36),
    program: permitted({ qualifier: "$LATEST" }),
    answers: fails(`${REQUEST} @ more`),
  },
  {
    name: "a permission for amazonaws.com",
    source: "https://github.com/Pocket/terraform-modules/pull/1037",
    program: permitted({ principal: "amazonaws.com" }),
    answers: fails(`${REQUEST} @ more`),
  },
  {
    name: "a durable function with its unqualified ARN",
    source: "https://github.com/serverless/serverless/pull/13589",
    program: durable(false),
    answers: { deployed: { denied: ["durable-function-qualified-arn @ order-integration"] } },
  },
  {
    name: "a durable function with the ARN of an alias",
    source: "https://github.com/serverless/serverless/pull/13589",
    program: durable(true),
    answers: WORKS,
  },
];

const deployments: readonly Entry[] = [
  {
    name: "a deployment that depends on no method",
    source: issue("pulumi/pulumi-awsx", 667),
    program: deployment(false),
    answers: { first: { reported: [`${DEPLOYMENT} @ live`] }, deployed: {} },
  },
  {
    name: "a deployment that depends on its methods",
    source: issue("cloudtools/troposphere", 496),
    program: deployment(true),
    answers: WORKS,
  },
  {
    name: "a new route without a new deployment",
    source: issue("hashicorp/terraform-provider-aws", 7613),
    program: deployment(true, ["orders", "prices"]),
    update: creating("prices*"),
    answers: { update: { reported: [`${DEPLOYMENT} @ live`] } },
  },
  {
    name: "a function that is replaced without a new deployment",
    source: "https://github.com/aws/aws-cdk/pull/8813",
    program: deployment(true),
    update: creating("orders"),
    answers: { update: { reported: [`${DEPLOYMENT} @ live`] } },
  },
];

const callers: readonly Entry[] = [
  {
    name: "a state machine that may not call the API",
    source: issue("aws/aws-cdk", 21182),
    program: called("states.amazonaws.com", false, byMachine),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "a state machine that may call the API",
    source: "https://docs.aws.amazon.com/step-functions/latest/dg/api-gateway-iam.html",
    program: called("states.amazonaws.com", true, byMachine),
    answers: { deployed: {} },
  },
  {
    name: "a rule whose target is a route",
    source: "https://github.com/hashicorp/terraform-provider-aws/pull/19337",
    program: called("events.amazonaws.com", true, byRule),
    answers: { deployed: {} },
  },
  {
    name: "a rule whose target is a route, with a role for another service",
    source: issue("hashicorp/terraform-provider-aws", 32442),
    program: called("apigateway.amazonaws.com", true, byRule),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "a pipe with a route as its enrichment",
    source: "https://github.com/aws/aws-cdk/pull/31794",
    program: called("pipes.amazonaws.com", true, byPipe),
    answers: { deployed: {} },
  },
  {
    name: "a pipe with a route as its enrichment, and a role that may not call it",
    source: "https://github.com/terraform-aws-modules/terraform-aws-eventbridge/issues/144",
    program: called("pipes.amazonaws.com", false, byPipe),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "a data source that signs requests to API Gateway",
    source: issue("sid88in/serverless-appsync-plugin", 318),
    program: called("appsync.amazonaws.com", true, byAppSync),
    answers: { deployed: {} },
  },
  {
    name: "a data source that signs requests to API Gateway without permission",
    source: issue("aws/aws-cdk", 11183),
    program: called("appsync.amazonaws.com", false, byAppSync),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "a task whose role trusts the service ECS instead of its tasks",
    source: issue("aws-samples/aws-modern-application-workshop", 88),
    program: called("ecs.amazonaws.com", true, byTask),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "a task whose role trusts ECS tasks",
    source: issue("aws-samples/aws-modern-application-workshop", 149),
    program: called("ecs-tasks.amazonaws.com", true, byTask),
    answers: { deployed: {} },
  },
  {
    name: "pods that may not tag their session",
    source: issue("hashicorp/terraform-provider-aws", 41483),
    program: called(trusting("pods.eks.amazonaws.com", "sts:AssumeRole"), true, byPods),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "pods that may tag their session",
    source: "https://github.com/makeplane/developer-docs/pull/323",
    program: called(trusting("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]), true, byPods),
    answers: { deployed: {} },
  },
  {
    name: "instances whose role trusts ECS tasks",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
    program: called("ecs-tasks.amazonaws.com", true, byInstance),
    answers: { deployed: { reported: [`${CALLER} @ maker`] } },
  },
  {
    name: "instances whose role trusts EC2",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
    program: called("ec2.amazonaws.com", true, byInstance),
    answers: { deployed: {} },
  },
];

export default [...urls, ...sockets, ...refused, ...deployments, ...callers];
