import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A program with one resource of each kind that Pulumi's engine treats differently.

class Service extends pulumi.ComponentResource {
  readonly handler: aws.lambda.Function;

  constructor(name: string, role: pulumi.Input<string>, opts?: pulumi.ComponentResourceOptions) {
    super("example:index:Service", name, { role }, opts);
    this.handler = new aws.lambda.Function(
      `${name}-handler`,
      { role, packageType: "Image", imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/handler:1" },
      { parent: this },
    );
    new aws.cloudwatch.LogGroup(
      `${name}-log`,
      { name: pulumi.interpolate`/aws/lambda/${this.handler.name}`, retentionInDays: 7 },
      { parent: this },
    );
    this.registerOutputs({ arn: this.handler.arn });
  }
}

class Silent extends pulumi.ComponentResource {
  constructor(name: string, args: { note: pulumi.Input<string> }) {
    super("example:index:Silent", name, args);
  }
}

const config = new pulumi.Config();
const existing = aws.iam.Role.get("existing", "legacy-role");
const identity = aws.getCallerIdentityOutput();
const boundary = aws.iam.getPolicyDocumentOutput({
  statements: [
    { sid: "Invoke", actions: ["execute-api:Invoke", "lambda:InvokeFunction"], resources: ["*"] },
    {
      effect: "Deny",
      actions: ["iam:*"],
      resources: ["*"],
      conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
    },
  ],
});

const europe = new aws.Provider("europe", { region: "eu-west-1" });

const role = new aws.iam.Role("service", {
  assumeRolePolicy: { Version: "2012-10-17", Statement: [] },
  inlinePolicies: [{ name: "logs", policy: boundary.json }],
  tags: { owner: config.require("owner") },
});
const service = new Service("service", role.arn);
new Silent("silent", { note: service.handler.arn });

const queue = new aws.sqs.Queue("jobs", {}, { provider: europe });

// A dependency on a component is a dependency on its children.
new aws.iam.Policy(
  "after-service",
  { namePrefix: "after-", policy: boundary.json },
  { dependsOn: [service] },
);

new aws.iam.RolePolicy("known", {
  role: "some-role",
  policy: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
});

new aws.iam.RolePolicy("mixed", {
  role: role,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: [service.handler.arn, "*"] },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn },
    ],
  },
});

new aws.iam.User("operator", {
  path: "/people/",
  permissionsBoundary: existing.arn,
  tags: { account: identity.accountId, note: pulumi.secret("only for operators") },
});

export const secret = config.requireSecret("token");
export const url = pulumi.interpolate`arn of ${service.handler.arn}`;
