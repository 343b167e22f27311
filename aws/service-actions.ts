/**
 * The service actions that AWS integrations of API Gateway call, and the permission that each requires, by the
 * service's name in the URI of a REST integration (`…:states:action/StartExecution`).
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  dynamodb: [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
  ],
  events: ["PutEvents"],
  firehose: ["PutRecord", "PutRecordBatch"],
  kinesis: ["GetRecords", "GetShardIterator", "ListShards", "PutRecord", "PutRecords"],
  sns: ["Publish"],
  sqs: ["DeleteMessage", "PurgeQueue", "ReceiveMessage", "SendMessage"],
  states: ["DescribeExecution", "StartExecution", "StartSyncExecution", "StopExecution"],
};

/** All actions of the service: `states:StartExecution`. */
export const KNOWN_ACTIONS: readonly string[] = Object.entries(ACTIONS).flatMap(([service, actions]) =>
  actions.map((action) => `${service}:${action}`),
);

/** `states:StartExecution`; `undefined` for an action that is not in the table. */
export function serviceAction(service: string, action: string | undefined): string | undefined {
  return action !== undefined && Object.hasOwn(ACTIONS, service) && ACTIONS[service]?.includes(action)
    ? `${service}:${action}`
    : undefined;
}

/**
 * The action that the subtype of an HTTP API's integration requires.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
 */
export const SUBTYPE_ACTIONS: ReadonlyMap<string, string> = new Map([
  ["AppConfig-GetConfiguration", "appconfig:GetConfiguration"],
  ["EventBridge-PutEvents", "events:PutEvents"],
  ["Kinesis-PutRecord", "kinesis:PutRecord"],
  ["SQS-DeleteMessage", "sqs:DeleteMessage"],
  ["SQS-PurgeQueue", "sqs:PurgeQueue"],
  ["SQS-ReceiveMessage", "sqs:ReceiveMessage"],
  ["SQS-SendMessage", "sqs:SendMessage"],
  ["StepFunctions-StartExecution", "states:StartExecution"],
  ["StepFunctions-StartSyncExecution", "states:StartSyncExecution"],
  ["StepFunctions-StopExecution", "states:StopExecution"],
]);

/**
 * The action that a request to an S3 object requires, by its method.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html
 */
export const OBJECT_ACTIONS: ReadonlyMap<string, string> = new Map([
  ["DELETE", "s3:DeleteObject"],
  ["GET", "s3:GetObject"],
  ["HEAD", "s3:GetObject"],
  ["PUT", "s3:PutObject"],
]);
