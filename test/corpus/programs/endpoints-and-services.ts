/** Access to routes other than by IAM callers, as in public programs: default endpoints, VPC endpoints and integrations
 * with services. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  allowDocument,
  allowInvoke,
  distribution,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  stage,
} from "../../support/programs";
import { type Entry, WORKS, worksOnceKnown } from "../corpus";
import { attach, gateway, httpApi, interpolate, open, restApi, routesTo, socketApi, stageOf } from "../parts";

const ENDPOINT = "disabled-default-endpoint";
const SERVICE = "service-integration-role";
const reported = (...findings: string[]): Entry["answers"] => ({
  first: { reported: findings },
  deployed: { reported: findings },
});

const temperature = (isMapped: boolean) => () => {
  const fn = makeFunction("temperature");
  const api = httpApi("web", { disableExecuteApiEndpoint: true });
  routesTo("temperature", api.id, fn.arn, { "GET /": {} });
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*`);
  const live = stageOf(api);
  if (!isMapped) return;
  const domain = new aws.apigatewayv2.DomainName("domain", {
    domainName: "temperature.example.com",
    domainNameConfiguration: {
      certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/5e93f596-ecc6-42c7-87b8-0b65d36d9760",
      endpointType: "REGIONAL",
      securityPolicy: "TLS_1_2",
    },
  });
  new aws.apigatewayv2.ApiMapping("mapping", {
    apiId: api.id,
    stage: live.name,
    domainName: domain.domainName,
  });
};

/** A REST API for a CloudFront distribution, which calls the default endpoint. */
const behindCloudFront = (disabled: boolean) => () => {
  const fn = makeFunction("hello");
  const api = restApi((created) => [open(created, "hello", "GET", "hello", fn.invokeArn)], {
    disableExecuteApiEndpoint: disabled,
  });
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  distribution("cdn", [
    {
      originId: "api",
      domainName: interpolate`${api.id}.execute-api.us-east-1.amazonaws.com`,
      originPath: "/prod",
    },
  ]);
};

const chat = () => {
  const fn = makeFunction("chat");
  const api = socketApi();
  new aws.apigatewayv2.Stage("prod", { apiId: api.id, name: "prod", autoDeploy: true });
  routesTo("chat", api.id, fn.invokeArn, { $connect: {}, $default: {} });
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*`);
};

/** A private API and the VPC endpoint that calls it. */
const privately = (allows: "endpoint" | "another endpoint", isAssociated: boolean) => () => {
  const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
  const endpoint = new aws.ec2.VpcEndpoint("gateway", {
    vpcId: vpc.id,
    serviceName: "com.amazonaws.us-east-1.execute-api",
    vpcEndpointType: "Interface",
    privateDnsEnabled: true,
  });
  const fn = makeFunction("hello");
  const api = new aws.apigateway.RestApi("shop", {
    endpointConfiguration: { types: "PRIVATE", ...(isAssociated ? { vpcEndpointIds: [endpoint.id] } : {}) },
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: "*",
          Action: "execute-api:Invoke",
          Resource: "execute-api:/*",
          Condition: {
            StringEquals: {
              "aws:SourceVpce": allows === "endpoint" ? endpoint.id : "vpce-0fedcba9876543210",
            },
          },
        },
      ],
    }),
  });
  stage("prod", api, [open(api, "hello", "GET", "hello", fn.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
};

/** API Gateway sends messages to a queue, and a function receives them. */
const toQueue = (action: string) => () => {
  const queue = new aws.sqs.Queue("jobs", { name: "jobs" });
  const role = gateway();
  attach("send", role, allowDocument([action, queue.arn]));
  restApi((api) => [
    open(
      api,
      "jobs",
      "POST",
      "jobs",
      interpolate`arn:aws:apigateway:us-east-1:sqs:path/123456789012/${queue.name}`,
      {
        type: "AWS",
        credentials: role.arn,
        requestParameters: {
          "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
        },
        requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$input.body" },
      },
    ),
  ]);
};

/** A role for the pods of a service account that its trust policy names. */
const forPods = (operator: string, subject: string) => () => {
  const issuer = "oidc.eks.us-east-1.amazonaws.com/id/145438BD0C0FFEE0";
  const fn = makeFunction("orders");
  const api = restApi((created) => [endpoint("orders", created, "GET", "orders", fn.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  const role = new aws.iam.Role("app", {
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { [operator]: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: "sts.amazonaws.com" } },
        },
      ],
    },
  });
  attach("call", role, allowDocument(executeApi({ api }), invokeFunction({ fn })));
  new ServiceAccount("app", {
    metadata: {
      namespace: "crossplane-system",
      name: "provider-aws-s3",
      annotations: { "eks.amazonaws.com/role-arn": role.arn },
    },
  });
};

class ServiceAccount extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs) {
    super("kubernetes:core/v1:ServiceAccount", name, args);
  }
}

const toMachine = (role: () => aws.iam.Role) => () => {
  const execution = role();
  restApi((api) => [
    open(api, "order", "POST", "order", "arn:aws:apigateway:us-east-1:states:action/StartExecution", {
      type: "AWS",
      credentials: execution.arn,
    }),
  ]);
};

const entries: readonly Entry[] = [
  {
    name: "an HTTP API at its custom domain only",
    source: "https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2",
    program: temperature(true),
    answers: WORKS,
  },
  {
    name: "an HTTP API without a default endpoint, and without a domain",
    source: "https://github.com/github-aws-runners/terraform-aws-github-runner/pull/3453",
    program: temperature(false),
    answers: reported(`${ENDPOINT} @ web`),
  },
  {
    name: "a distribution before a default endpoint that is disabled",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html",
    program: behindCloudFront(true),
    answers: reported(`${ENDPOINT} @ shop`),
  },
  { name: "a distribution before a default endpoint", program: behindCloudFront(false), answers: WORKS },
  { name: "a WebSocket API at its default endpoint", program: chat, answers: WORKS },
  {
    name: "a private API, called through the endpoint that it is associated with",
    source: "https://github.com/ngyuki-sandbox/aws-sandbox/tree/master/aws-apigateway-private-xaccount",
    program: privately("endpoint", true),
    answers: worksOnceKnown(1),
    hard: true,
  },
  {
    name: "a private API, called through the only endpoint of the stack",
    source: "https://github.com/camillehe1992/scaffolding-serverless-project-on-aws",
    program: privately("endpoint", false),
    answers: worksOnceKnown(1),
    hard: true,
  },
  {
    name: "a private API whose policy names another endpoint than that of the stack",
    program: privately("another endpoint", true),
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
    hard: true,
  },
  {
    name: "a service account that a trust policy with a wildcard under StringEquals denies",
    source: "https://github.com/crossplane/crossplane/issues/5578",
    program: forPods("StringEquals", "system:serviceaccount:crossplane-system:provider-aws-*"),
    answers: reported("caller-execute-api-invoke @ app"),
  },
  {
    name: "a service account that a trust policy with a wildcard under StringLike allows",
    source: "https://github.com/crossplane/crossplane/issues/5578",
    program: forPods("StringLike", "system:serviceaccount:crossplane-system:provider-aws-*"),
    answers: WORKS,
  },
  {
    name: "an integration that sends messages to a queue",
    source: "https://github.com/DanielDaCosta/apiGateway-sqs-lambda",
    program: toQueue("sqs:SendMessage"),
    answers: WORKS,
  },
  {
    name: "an integration that sends messages to a queue with a role that may only receive",
    source: "https://repost.aws/knowledge-center/api-gateway-rest-api-sqs-errors",
    program: toQueue("sqs:ReceiveMessage"),
    answers: { first: {}, deployed: { reported: [`${SERVICE} @ gateway`] } },
  },
  {
    name: "an integration that starts a state machine with an AWS managed policy",
    source: "https://github.com/arnoutc/pizza-orders",
    program: toMachine(() =>
      gateway({ managedPolicyArns: ["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess"] }),
    ),
    answers: WORKS,
  },
  {
    name: "an integration that starts a state machine with a role without a policy",
    program: toMachine(() => gateway()),
    answers: reported(`${SERVICE} @ gateway`),
  },
];

export default entries;
