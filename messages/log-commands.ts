import type { Api } from "../stack";

/** The account and region for the AWS CLI, as far as the stacks show them. */
export interface AwsLocation {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

export interface ApiId {
  readonly kind: Api["kind"];
  readonly id: string;
}

export interface FunctionName {
  /** An identifier in the form that the CLI accepts. */
  readonly name: string;
  readonly qualifier?: string | undefined;
}

type PrincipalKind = "user" | "role";

/** The command that checks a hypothesis, as plain data. */
export type LogCommand = (
  | { readonly code: "api"; readonly id: string; readonly kind: Api["kind"] | undefined }
  | { readonly code: "domain-mappings"; readonly domain: string }
  | { readonly code: "routes" | "stages" | "authorizers"; readonly api: ApiId }
  | { readonly code: "log-format"; readonly api: ApiId; readonly stage: string }
  | { readonly code: "rest-api-policy"; readonly id: string }
  | { readonly code: "identity-pools" }
  | { readonly code: "principal-by-id"; readonly kind: PrincipalKind; readonly id: string }
  | { readonly code: "principal"; readonly kind: PrincipalKind; readonly name: string }
  | { readonly code: "trust-policy"; readonly role: string }
  | { readonly code: "function-policy" | "function-configuration"; readonly fn: FunctionName }
  | { readonly code: "function-log"; readonly name: string }
  | { readonly code: "web-acl"; readonly arn: string }
  | { readonly code: "vpc-endpoints"; readonly region: string }
  | { readonly code: "simulation"; readonly arn: string; readonly action: string; readonly resource: string }
  | { readonly code: "control-policies"; readonly account: string }
  | { readonly code: "events"; readonly key: string; readonly value: string }
) & { readonly place: AwsLocation };

type Arguments = {
  readonly [Code in LogCommand["code"]]: (command: LogCommand & { readonly code: Code }) => readonly string[];
};

/** The arguments of the AWS CLI; several commands where each may return the answer. */
const ARGUMENTS: Arguments = {
  api: ({ id, kind }) => {
    const getRestApi = `apigateway get-rest-api --rest-api-id ${quoted(id)}`;
    const getApi = `apigatewayv2 get-api --api-id ${quoted(id)}`;
    return kind === "REST" ? [getRestApi] : kind === undefined ? [getRestApi, getApi] : [getApi];
  },
  "domain-mappings": ({ domain }) => [
    `apigatewayv2 get-api-mappings --domain-name ${quoted(domain)}`,
    `apigateway get-base-path-mappings --domain-name ${quoted(domain)}`,
  ],
  routes: ({ api }) => [
    api.kind === "REST" ? `${ofApi(api, "get-resources")} --embed methods` : ofApi(api, "get-routes"),
  ],
  stages: ({ api }) => [ofApi(api, "get-stages")],
  authorizers: ({ api }) => [ofApi(api, "get-authorizers")],
  "log-format": ({ api, stage }) => [
    `${ofApi(api, "get-stage")} --stage-name ${quoted(stage)} --query ${api.kind === "REST" ? "accessLogSettings.format" : "AccessLogSettings.Format"}`,
  ],
  "rest-api-policy": ({ id }) => [`apigateway get-rest-api --rest-api-id ${quoted(id)} --query policy`],
  "identity-pools": () => ["cognito-identity list-identity-pools --max-results 60"],
  "principal-by-id": ({ kind, id }) => [
    kind === "user"
      ? `iam list-users --query ${quoted(`Users[?UserId=='${id}'].Arn`)}`
      : `iam list-roles --query ${quoted(`Roles[?RoleId=='${id}'].Arn`)}`,
  ],
  principal: ({ kind, name }) => [
    kind === "user"
      ? `iam get-user --user-name ${quoted(name)} --query ${quoted("User.[UserId,CreateDate]")}`
      : `iam get-role --role-name ${quoted(name)} --query ${quoted("Role.[RoleId,CreateDate]")}`,
  ],
  "trust-policy": ({ role }) => [
    `iam get-role --role-name ${quoted(role)} --query Role.AssumeRolePolicyDocument`,
  ],
  "function-policy": ({ fn }) => [`lambda get-policy ${ofFunction(fn)}`],
  "function-configuration": ({ fn }) => [
    `lambda get-function-configuration ${ofFunction(fn)} --query ${quoted("[FunctionArn,LastModified]")}`,
  ],
  "function-log": ({ name }) => [`logs tail /aws/lambda/${name} --since 1d`],
  "web-acl": ({ arn }) => [`wafv2 get-web-acl-for-resource --resource-arn ${quoted(arn)}`],
  "vpc-endpoints": ({ region }) => [
    `ec2 describe-vpc-endpoints --filters Name=service-name,Values=com.amazonaws.${region}.execute-api --query ${quoted("VpcEndpoints[].[VpcEndpointId,PolicyDocument]")}`,
  ],
  simulation: ({ arn, action, resource }) => [
    `iam simulate-principal-policy --policy-source-arn ${quoted(arn)} --action-names ${action} --resource-arns ${quoted(resource)}`,
  ],
  "control-policies": ({ account }) => [
    `organizations list-policies-for-target --target-id ${account} --filter SERVICE_CONTROL_POLICY`,
  ],
  events: ({ key, value }) => [
    `cloudtrail lookup-events --lookup-attributes ${quoted(`AttributeKey=${key},AttributeValue=${value}`)} --max-results 5`,
  ],
};

/** A command of the AWS CLI, with the region and the profile of the stacks. */
export function showLogCommand(command: LogCommand): string {
  const argumentsOf = ARGUMENTS[command.code] as (command: LogCommand) => readonly string[];
  return argumentsOf(command)
    .map((argument) => cli(argument, command.place))
    .join(" || ");
}

function ofApi({ kind, id }: ApiId, command: string): string {
  return kind === "REST"
    ? `apigateway ${command} --rest-api-id ${quoted(id)}`
    : `apigatewayv2 ${command} --api-id ${quoted(id)}`;
}

function ofFunction({ name, qualifier }: FunctionName): string {
  return `--function-name ${quoted(name)}${qualifier === undefined ? "" : ` --qualifier ${quoted(qualifier)}`}`;
}

function cli(command: string, { region, profile }: AwsLocation): string {
  return [
    `aws ${command}`,
    ...(region !== undefined && /^[a-z\d-]+$/.test(region) ? [`--region ${region}`] : []),
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
  ].join(" ");
}

/** Quoted for a shell. */
function quoted(text: string): string {
  return /^[\w./:@=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
