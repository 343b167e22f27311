import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { distribution } from "../support/programs";
import { allow, type Base, restStack, trustOf } from "../support/rest";

/**
 * Services that call a route for a resource of the stack, and services that provide a role's credentials to programs.
 */
const EXECUTE = "caller-execute-api-invoke";
const INVOKE = "iam-route-caller-lambda-invoke";
const only = [EXECUTE, INVOKE, "unproven-access"];
const CALLER_DENIED = [`${EXECUTE} @ maker`];
const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: CALLER_DENIED };
/** On a first preview the path is unknown. */
const DENIED_AT_FIRST = { "first-preview": CALLER_DENIED, deployed: [] };

type Grants = (base: Base) => aws.iam.PolicyStatement[];
const executeGrants: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
];
const invokeGrants: Grants = ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)];
const bothGrants: Grants = (base) => [...executeGrants(base), ...invokeGrants(base)];
const noGrants: Grants = () => [];

type Trust = ReturnType<typeof trustOf>;

function serviceRole(base: Base, trust: string | Trust, grants: Grants): aws.iam.Role {
  const role = new aws.iam.Role("maker", {
    name: "maker",
    assumeRolePolicy: typeof trust === "string" ? trustOf(trust) : trust,
  });
  const Statement = grants(base);
  if (Statement.length > 0)
    new aws.iam.RolePolicy("maker-policy", { role: role.name, policy: { Version: "2012-10-17", Statement } });
  return role;
}

function cases(title: string, rows: readonly Case[]): void {
  describe(title, () =>
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["source", "front", "machine", "user", "edge"],
      ),
    ),
  );
}

interface DataSourceCase {
  readonly grants?: Grants;
  readonly service?: string;
  readonly signs?: string;
  readonly endpoint?: string;
  readonly authorization?: string;
}

const withDataSource = ({
  grants = bothGrants,
  service = "appsync.amazonaws.com",
  signs,
  endpoint,
  authorization,
}: DataSourceCase) =>
  restStack({
    caller: false,
    ...(authorization === undefined ? {} : { authorization }),
    more: (base) => {
      const role = serviceRole(base, service, grants);
      const gql = new aws.appsync.GraphQLApi("gql", { authenticationType: "API_KEY" });
      new aws.appsync.DataSource("source", {
        apiId: gql.id,
        type: "HTTP",
        serviceRoleArn: role.arn,
        httpConfig: {
          endpoint:
            endpoint ?? pulumi.interpolate`https://${base.api.id}.execute-api.us-east-1.amazonaws.com`,
          ...(signs === "nothing"
            ? {}
            : {
                authorizationConfig: {
                  authorizationType: "AWS_IAM",
                  awsIamConfig: { signingRegion: "us-east-1", signingServiceName: signs ?? "execute-api" },
                },
              }),
        },
      });
    },
  });

// https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-http-resolvers.html#invoking-aws-services
cases("callers: AppSync HTTP data sources", [
  { name: "role with both actions", program: withDataSource({}), expected: [] },
  {
    name: "role without execute-api:Invoke",
    program: withDataSource({ grants: invokeGrants }),
    expected: CALLER_DENIED,
    messageIncludes: ["DataSource source makes the call"],
  },
  {
    name: "role without lambda:InvokeFunction",
    program: withDataSource({ grants: executeGrants }),
    expected: [`${INVOKE} @ maker`],
  },
  {
    name: "role with execute-api:Invoke on some requests",
    program: withDataSource({
      grants: (base) => [
        allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/prod/GET/orders/1*`),
        ...invokeGrants(base),
      ],
    }),
    expected: [],
  },
  {
    name: "route without IAM authorization",
    program: withDataSource({ grants: noGrants, authorization: "NONE" }),
    expected: [],
  },
  {
    name: "data source that does not sign requests",
    program: withDataSource({ grants: noGrants, signs: "nothing" }),
    expected: [],
  },
  {
    name: "data source that signs for another service",
    program: withDataSource({ grants: noGrants, signs: "lambda" }),
    expected: [],
  },
  {
    name: "data source with the endpoint of another API",
    program: withDataSource({
      grants: noGrants,
      endpoint: "https://abcdef1234.execute-api.us-east-1.amazonaws.com",
    }),
    expected: [],
  },
  {
    name: "data source with an endpoint that is not an API",
    program: withDataSource({ grants: noGrants, endpoint: "https://a.b.execute-api.example.com/x" }),
    expected: [],
  },
  {
    name: "role that trusts another service",
    program: withDataSource({ service: "lambda.amazonaws.com" }),
    expected: CALLER_DENIED,
    messageIncludes: ["does not allow sts:AssumeRole for appsync.amazonaws.com"],
  },
]);

interface Chained {
  readonly grants?: Grants;
  readonly tail?: string;
  readonly type?: string;
}

/** A route of another API calls `GET /orders/{id}`. */
const withFrontApi = ({ grants = bothGrants, tail = "prod/orders/{id}", type = "AWS" }: Chained) =>
  restStack({
    caller: false,
    more: (base) => {
      const role = serviceRole(base, "apigateway.amazonaws.com", grants);
      const frontApi = new aws.apigateway.RestApi("front");
      const method = new aws.apigateway.Method("front", {
        restApi: frontApi.id,
        resourceId: frontApi.rootResourceId,
        httpMethod: "GET",
        authorization: "NONE",
      });
      new aws.apigateway.Integration("front", {
        restApi: frontApi.id,
        resourceId: method.resourceId,
        httpMethod: method.httpMethod,
        type,
        integrationHttpMethod: "GET",
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:${base.api.id}.execute-api:path/${tail}`,
        credentials: role.arn,
      });
    },
  });

// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
cases("callers: API Gateway integrations with another API", [
  { name: "role with both actions", program: withFrontApi({}), expected: [] },
  {
    name: "role without execute-api:Invoke",
    program: withFrontApi({ grants: invokeGrants }),
    expected: CALLER_DENIED,
  },
  {
    name: "integration with another route",
    program: withFrontApi({ grants: invokeGrants, tail: "prod/prices" }),
    expected: DENIED_AT_FIRST,
  },
  { name: "HTTP integration", program: withFrontApi({ grants: noGrants, type: "HTTP" }), expected: [] },
]);

interface Machine {
  readonly allows?: (withStateMachine: string) => object;
  readonly trust?: string;
  readonly authType?: string;
  readonly grants?: Grants;
}

/** A state machine whose task calls `GET /orders/1`. */
const withStateMachine = ({
  allows,
  trust = "states.amazonaws.com",
  authType = "RESOURCE_POLICY",
  grants = noGrants,
}: Machine) =>
  restStack({
    caller: false,
    ...(allows === undefined
      ? {}
      : {
          api: {
            policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [allows("arn:aws:states:us-east-1:123456789012:stateMachine:machine")],
            }),
          },
        }),
    more: (base) => {
      const task = {
        Type: "Task",
        Resource: "arn:aws:states:::apigateway:invoke",
        Parameters: {
          ApiEndpoint: pulumi.interpolate`${base.api.id}.execute-api.us-east-1.amazonaws.com`,
          Method: "GET",
          Stage: "prod",
          Path: "/orders/1",
          AuthType: authType,
        },
        End: true,
      };
      new aws.sfn.StateMachine("machine", {
        name: "machine",
        roleArn: serviceRole(base, trust, grants).arn,
        definition: pulumi.jsonStringify({ StartAt: "Call", States: { Call: task } }),
      });
    },
  });

const allowStates =
  (more: object = {}) =>
  (): object => ({
    ...allow("execute-api:Invoke", "execute-api:/*"),
    Principal: { Service: "states.amazonaws.com" },
    ...more,
  });
const MACHINE_DENIED = { "first-preview": [], deployed: [`${EXECUTE} @ machine`] };
/** In the preview of an update, the ARN of a new state machine is unknown. */
const NEW_MACHINE = { creates: ["machine"], expected: ["unproven-access @ machine"] };

// https://docs.aws.amazon.com/step-functions/latest/dg/api-gateway-iam.html
cases("callers: Step Functions with AuthType RESOURCE_POLICY", [
  {
    name: "API without a resource policy",
    program: withStateMachine({}),
    expected: MACHINE_DENIED,
    messageIncludes: ["RESOURCE_POLICY", "no policy allows states.amazonaws.com to call it"],
  },
  {
    name: "resource policy that allows Step Functions",
    program: withStateMachine({ allows: allowStates() }),
    expected: [],
  },
  {
    name: "resource policy that allows the state machine",
    update: NEW_MACHINE,
    program: withStateMachine({
      allows: (arn) => ({ ...allowStates()(), Condition: { StringEquals: { "aws:SourceArn": arn } } }),
    }),
    expected: [],
  },
  {
    name: "resource policy that allows another state machine",
    update: NEW_MACHINE,
    program: withStateMachine({
      allows: (arn) => ({ ...allowStates()(), Condition: { StringEquals: { "aws:SourceArn": `${arn}2` } } }),
    }),
    expected: MACHINE_DENIED,
  },
  {
    name: "resource policy that allows EventBridge",
    program: withStateMachine({ allows: allowStates({ Principal: { Service: "events.amazonaws.com" } }) }),
    expected: MACHINE_DENIED,
  },
  {
    name: "API without a resource policy, role with both actions",
    program: withStateMachine({ grants: bothGrants }),
    expected: { "first-preview": [], deployed: [`${EXECUTE} @ machine`] },
  },
]);

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
cases("callers: roles of services", [
  {
    name: "trust policy with the regional service principal",
    program: withStateMachine({
      authType: "IAM_ROLE",
      grants: bothGrants,
      trust: "states.us-east-1.amazonaws.com",
    }),
    expected: [],
  },
  {
    name: "trust policy for another service",
    program: withStateMachine({ authType: "IAM_ROLE", grants: bothGrants, trust: "events.amazonaws.com" }),
    expected: DENIED_ONCE_DEPLOYED,
    messageIncludes: ["Neither the global service principal states.amazonaws.com"],
  },
  ...(
    [
      ["ecs-tasks.amazonaws.com", (role) => void task(role)],
      ["ec2.amazonaws.com", (role) => void new aws.iam.InstanceProfile("user", { role: role.name })],
      ["lambda.amazonaws.com", (role) => void lambda(role)],
    ] as [string, (role: aws.iam.Role) => void][]
  ).flatMap(([service, use]): Case[] => [
    { name: `${service} with a role that trusts it`, program: withRole(service, use), expected: [] },
    {
      name: `${service} with a role that trusts another service`,
      program: withRole("glue.amazonaws.com", use),
      expected: CALLER_DENIED,
      messageIncludes: [`does not allow sts:AssumeRole for ${service}`],
    },
    {
      name: `${service} with a role that trusts another service and calls no API`,
      program: withRole("glue.amazonaws.com", use, () => [allow("s3:GetObject", "*")]),
      expected: [],
    },
  ]),
  {
    name: "Lambda@Edge function with a role that trusts both services",
    program: withRole(trustOf(["lambda.amazonaws.com", "edgelambda.amazonaws.com"]), edge),
    expected: [],
  },
  {
    name: "Lambda@Edge function with a role that trusts Lambda only",
    program: withRole("lambda.amazonaws.com", edge),
    // The version that the distribution runs is unknown until the function has an ARN.
    expected: DENIED_ONCE_DEPLOYED,
    messageIncludes: [
      "does not allow sts:AssumeRole for edgelambda.amazonaws.com",
      "The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com principals",
    ],
    update: { creates: ["edge"], expected: CALLER_DENIED },
  },
  {
    name: "Lambda@Edge function with a role that calls no API",
    program: withRole("lambda.amazonaws.com", edge, () => [allow("s3:GetObject", "*")]),
    expected: [],
  },
  {
    name: "Lambda@Edge function with a role without lambda:InvokeFunction",
    program: withRole(trustOf(["lambda.amazonaws.com", "edgelambda.amazonaws.com"]), edge, executeGrants),
    expected: [`${INVOKE} @ maker`],
  },
  {
    name: "EKS pods with a role that trusts them",
    program: withRole(pods(["sts:AssumeRole", "sts:TagSession"]), pod),
    expected: [],
  },
  {
    name: "EKS pods with a role without sts:TagSession in its trust policy",
    program: withRole(pods("sts:AssumeRole"), pod),
    expected: CALLER_DENIED,
    messageIncludes: ["does not allow sts:TagSession for pods.eks.amazonaws.com"],
  },
  {
    name: "trust policy for everyone",
    program: withRole(
      {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }],
      } as never,
      (role) => void task(role),
    ),
    expected: [],
  },
]);

const ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/145438BD0C0FFEE0";
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;

const irsa = (Condition?: object, Federated: pulumi.Input<string> = PROVIDER): Trust =>
  ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated },
        Action: "sts:AssumeRoleWithWebIdentity",
        ...(Condition === undefined ? {} : { Condition }),
      },
    ],
  }) as never;

class ServiceAccount extends pulumi.CustomResource {
  constructor(metadata: pulumi.Input<Record<string, pulumi.Input<unknown>>>) {
    super("kubernetes:core/v1:ServiceAccount", "user", { metadata });
  }
}

const serviceAccount =
  (metadata: Record<string, unknown> = { namespace: "shop", name: "app" }) =>
  ({ arn }: aws.iam.Role): void =>
    void new ServiceAccount({ ...metadata, annotations: { "eks.amazonaws.com/role-arn": arn } });
const subject = (operator: string, ...values: readonly string[]) => ({
  [operator]: { [`${ISSUER}:sub`]: values, [`${ISSUER}:aud`]: "sts.amazonaws.com" },
});

// https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
cases("callers: Kubernetes service accounts", [
  {
    name: "trust policy for the service account",
    program: withRole(irsa(subject("StringEquals", "system:serviceaccount:shop:app")), serviceAccount()),
    expected: [],
  },
  {
    name: "trust policy for another service account",
    program: withRole(irsa(subject("StringEquals", "system:serviceaccount:shop:other")), serviceAccount()),
    expected: CALLER_DENIED,
    messageIncludes: [
      "its trust policy does not allow sts:AssumeRoleWithWebIdentity for system:serviceaccount:shop:app",
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    ],
  },
  {
    name: "trust policy for another namespace",
    program: withRole(irsa(subject("StringEquals", "system:serviceaccount:default:app")), serviceAccount()),
    expected: CALLER_DENIED,
  },
  {
    // https://github.com/crossplane/crossplane/issues/5578
    name: "wildcard with StringEquals",
    program: withRole(irsa(subject("StringEquals", "system:serviceaccount:shop:*")), serviceAccount()),
    expected: CALLER_DENIED,
  },
  {
    name: "wildcard with StringLike",
    program: withRole(irsa(subject("StringLike", "system:serviceaccount:shop:*")), serviceAccount()),
    expected: [],
  },
  { name: "trust policy without a condition", program: withRole(irsa(), serviceAccount()), expected: [] },
  {
    name: "service account without a namespace",
    program: withRole(
      irsa(subject("StringEquals", "system:serviceaccount:shop:app")),
      serviceAccount({ name: "app" }),
    ),
    expected: [],
  },
  {
    name: "service account without a namespace, trust policy for another name",
    program: withRole(
      irsa(subject("StringEquals", "system:serviceaccount:shop:x")),
      serviceAccount({ name: "app" }),
    ),
    expected: CALLER_DENIED,
  },
  {
    name: "trust policy for EKS Pod Identity",
    program: withRole(pods("sts:AssumeRole"), serviceAccount()),
    expected: CALLER_DENIED,
  },
  {
    name: "trust policy with a new OIDC provider",
    program: () =>
      withRole(
        irsa(
          { StringEquals: { [`${ISSUER}:sub`]: "system:serviceaccount:shop:other" } },
          new aws.iam.OpenIdConnectProvider("provider", {
            url: `https://${ISSUER}`,
            clientIdLists: ["sts.amazonaws.com"],
          }).arn,
        ),
        serviceAccount(),
      )(),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "role that calls no API",
    program: withRole(irsa(subject("StringEquals", "x")), serviceAccount(), () => [
      allow("s3:GetObject", "*"),
    ]),
    expected: [],
  },
  {
    name: "malformed metadata",
    program: restStack({ caller: false, more: () => void new ServiceAccount("not metadata" as never) }),
    expected: [],
  },
]);

function withRole(trust: string | Trust, use: (role: aws.iam.Role) => void, grants: Grants = bothGrants) {
  return restStack({ caller: false, more: (base) => use(serviceRole(base, trust, grants)) });
}

function pods(Action: string | string[]): Trust {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action }],
  } as never;
}

function pod(role: aws.iam.Role): void {
  new aws.eks.PodIdentityAssociation("user", {
    clusterName: "shop",
    namespace: "shop",
    serviceAccount: "shop",
    roleArn: role.arn,
  });
}

function task(role: aws.iam.Role): aws.ecs.TaskDefinition {
  return new aws.ecs.TaskDefinition("user", {
    family: "shop",
    containerDefinitions: "[]",
    taskRoleArn: role.arn,
  });
}

/** A function that signs the requests of a distribution before they go to their origin. */
function edge(role: aws.iam.Role): void {
  const signer = lambda(role, { publish: true });
  distribution("edge", [{ originId: "api", domainName: "api.example.com" }], {
    lambdaFunctionAssociations: [{ eventType: "origin-request", lambdaArn: signer.qualifiedArn }],
  });
}

function lambda(role: aws.iam.Role, args: Partial<aws.lambda.FunctionArgs> = {}): aws.lambda.Function {
  return new aws.lambda.Function("user", {
    role: role.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    s3Bucket: "code",
    s3Key: "user.zip",
    ...args,
  });
}
