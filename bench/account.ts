/** A stack that uses roles of other stacks, the account data on them, and an API Gateway log of its requests. */
import { ACCOUNT, services } from "./resources";

/** One of this number of roles may not invoke functions. */
const ROLES_PER_DENIED = 100;

const roleName = (index: number): string => `shared-gateway-${index}`;

interface AccountStack {
  readonly resources: readonly object[];
  /** The ids of its APIs. */
  readonly apis: readonly string[];
  /** The number of mandatory findings with account data. */
  readonly deniedFindings: number;
}

/** A deployed stack in which one route in ten is integrated with a role of another stack. */
export function accountStack(size: number): AccountStack {
  let routes = 0;
  let roles = 0;
  const resources = services(size, "deployed").resources.map(({ props, ...resource }) => {
    let inputs: object = props;
    if (resource.type === "aws:apigateway/integration:Integration") {
      routes += 1;
      if (routes % 10 === 0) {
        inputs = { ...props, credentials: `arn:aws:iam::${ACCOUNT}:role/${roleName(roles)}` };
        roles += 1;
      }
    }
    return {
      ...resource,
      custom: !resource.type.startsWith("pulumi:pulumi:"),
      id: String(props.id ?? ""),
      inputs,
      outputs: inputs,
    };
  });
  // The two faults of the services themselves.
  const apis = resources.filter(({ type }) => type === "aws:apigateway/restApi:RestApi").map(({ id }) => id);
  return { resources, apis, deniedFindings: 2 + Math.ceil(roles / ROLES_PER_DENIED) };
}

const documentOf = (...Statement: readonly object[]): object => ({ Version: "2012-10-17", Statement });

/** The output of `aws iam get-account-authorization-details` for an account with this number of roles. */
export function accountDetails(roles: number): object {
  const managed = (index: number): string => `arn:aws:iam::${ACCOUNT}:policy/team-${index}`;
  return {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: Array.from({ length: roles }, (_, index) => ({
      Path: "/",
      RoleName: roleName(index),
      RoleId: `AROABENCH${String(index).padStart(12, "0")}`,
      Arn: `arn:aws:iam::${ACCOUNT}:role/${roleName(index)}`,
      CreateDate: "2026-01-01T00:00:00+00:00",
      AssumeRolePolicyDocument: documentOf({
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
      InstanceProfileList: [],
      RolePolicyList: [
        {
          PolicyName: "own",
          PolicyDocument: documentOf(
            {
              Effect: "Allow",
              Action: ["s3:GetObject", "s3:PutObject"],
              Resource: `arn:aws:s3:::bucket-${index}/*`,
            },
            {
              Effect: "Allow",
              Action: index % ROLES_PER_DENIED === 0 ? "dynamodb:Query" : "lambda:InvokeFunction",
              Resource: "*",
            },
          ),
        },
      ],
      AttachedManagedPolicies: [
        { PolicyName: `team-${index % 200}`, PolicyArn: managed(index % 200) },
        {
          PolicyName: "AWSLambdaBasicExecutionRole",
          PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        },
      ],
      Tags: [{ Key: "team", Value: `team-${index % 200}` }],
    })),
    Policies: Array.from({ length: 200 }, (_, index) => ({
      PolicyName: `team-${index}`,
      PolicyId: `ANPABENCH${String(index).padStart(12, "0")}`,
      Arn: managed(index),
      Path: "/",
      DefaultVersionId: "v1",
      PolicyVersionList: [
        {
          VersionId: "v1",
          IsDefaultVersion: true,
          Document: documentOf({
            Effect: "Allow",
            Action: "logs:*",
            Resource: `arn:aws:logs:*:*:log-group:/t${index}:*`,
          }),
        },
      ],
    })),
  };
}

/** An access log in JSON: one in five requests failed, by callers of the account. */
export function logOf(lines: number, apis: readonly string[]): string {
  const records: string[] = [];
  for (let line = 0; line < lines; line += 1) {
    const failed = line % 5 === 0;
    records.push(
      JSON.stringify({
        requestId: `c6af9ac6-7b61-11e6-9a41-${String(line).padStart(12, "0")}`,
        ip: "192.0.2.1",
        requestTime: "27/Nov/2026:10:00:00 +0000",
        apiId: apis[line % apis.length],
        stage: "live",
        httpMethod: "GET",
        resourcePath: failed ? "/report" : "/orders",
        status: failed ? "500" : "200",
        caller: `AROABENCH${String(line % 1_000).padStart(12, "0")}:session`,
        ...(failed
          ? {
              errorResponseType: "API_CONFIGURATION_ERROR",
              integrationError:
                "Execution failed due to configuration error: Invalid permissions on Lambda function",
            }
          : {}),
      }),
    );
  }
  return `${records.join("\n")}\n`;
}
