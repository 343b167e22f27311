import { OBJECT_ACTIONS, SUBTYPE_ACTIONS, serviceAction } from "../../aws";
import { type Hole, type Text, text } from "../../iam";
import type { Api } from "../facts";
import { fieldOf } from "../pulumi/properties";

/** `arn:aws:apigateway:us-east-1:states:action/StartExecution` */
const URI = /^arn:([^:]{1,63}):apigateway:([^:]{1,63}):([^:]{1,63}):(action|path)\/(.{0,2048})$/s;

/** The request of an integration with a service other than Lambda. */
export interface ServiceRequest {
  readonly action: string;
  readonly resource: Text;
}

/** The properties of an integration, under the names of `aws.apigateway.Integration`. */
export interface IntegrationSettings {
  readonly type: unknown;
  readonly uri: unknown;
  /** The HTTP method of the request to the service. */
  readonly method: unknown;
  readonly requestParameters: unknown;
  readonly requestTemplates: unknown;
  /** For an HTTP API. */
  readonly subtype: unknown;
}

/** The request of an integration, where its action is known. */
export function serviceRequest(
  api: Api,
  { type, uri, subtype, ...settings }: IntegrationSettings,
): ServiceRequest | undefined {
  if (typeof subtype === "string" && subtype !== "")
    return requestToAnyResource(SUBTYPE_ACTIONS.get(subtype));
  if (typeof type !== "string" || type.toUpperCase() !== "AWS" || typeof uri !== "string") return undefined;
  const [, partition = "", region = "", service = "", kind, target = ""] = URI.exec(uri) ?? [];
  if (kind === "action") return requestToAnyResource(serviceAction(service, target));
  if (service === "s3") return objectRequest(partition, target, settings.method);
  const action = serviceAction(service, actionIn(settings));
  if (action === undefined || service !== "sqs") return requestToAnyResource(action);
  return { action, resource: queueAt(api, { partition, region, path: target }) };
}

function requestToAnyResource(action: string | undefined): ServiceRequest | undefined {
  return action === undefined ? undefined : { action, resource: text(chosenByRequest(action)) };
}

/** A constant of a parameter mapping is in quotes. */
const CONSTANT = /^'(?:[\w-]{1,64}\.)?(\w{1,64})'$/;
/** The query protocol in a mapping template. */
const ACTION_IN_TEMPLATE = /(?:^|[&\s])Action=(\w{1,64})/g;

/**
 * The action of a request to a path: `Action` in the query string or in a template for the query protocol, the header
 * `X-Amz-Target` for the JSON protocol. `undefined` where there is none or more than one.
 * https://repost.aws/knowledge-center/api-gateway-rest-api-sqs-errors
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
function actionIn({
  requestParameters,
  requestTemplates,
}: Pick<IntegrationSettings, "requestParameters" | "requestTemplates">): string | undefined {
  const parameters = ["querystring.Action", "header.X-Amz-Target"].map((name) =>
    fieldOf(requestParameters, `integration.request.${name}`),
  );
  const templates: readonly unknown[] =
    typeof requestTemplates === "object" && requestTemplates !== null ? Object.values(requestTemplates) : [];
  const found = new Set([
    ...parameters.flatMap((value) => (typeof value === "string" ? (CONSTANT.exec(value)?.[1] ?? []) : [])),
    ...templates.flatMap((template) =>
      typeof template === "string"
        ? [...template.matchAll(ACTION_IN_TEMPLATE)].map(([, action]) => action)
        : [],
    ),
  ]);
  const [only, otherAction] = found;
  return otherAction === undefined ? only : undefined;
}

/** `ACCOUNT/QUEUE` or `QUEUE`; when the path names no queue, each request chooses one. */
function queueAt(
  api: Api,
  { partition, region, path }: { readonly partition: string; readonly region: string; readonly path: string },
): Text {
  const parts = path.split("/").filter((part) => part !== "");
  const [name, account] = [...parts].reverse();
  if (name === undefined || parts.length > 2) return text(chosenByRequest("queue"));
  return text(
    `arn:${partition}:sqs:${region}:`,
    account === undefined ? api.scope.account : textOrHole(account),
    ":",
    textOrHole(name),
  );
}

function objectRequest(partition: string, target: string, method: unknown): ServiceRequest | undefined {
  const action = typeof method === "string" ? OBJECT_ACTIONS.get(method.toUpperCase()) : undefined;
  const [bucket = "", ...key] = target.split("/");
  // A path with only a bucket lists it, which is another permission.
  if (action === undefined || key.join("") === "") return undefined;
  return {
    action,
    resource: text("arn:", partition, ":s3:::", textOrHole(bucket), "/", textOrHole(key.join("/"))),
  };
}

/** A request provides the value of the part in braces. */
function textOrHole(part: string): Text {
  return /[{}]/.test(part) ? text(chosenByRequest(part)) : text(part);
}

/** The part that each request chooses. */
export function chosenByRequest(id: string): Hole {
  return {
    id: `resource of ${id}`,
    shape: "tail",
    varies: true,
    label: { code: "resource-in-request" },
    origins: [],
  };
}

/** The resource types of targets, by the prefix of an action. */
const TYPES: Readonly<Record<string, RegExp>> = {
  dynamodb: /^aws:dynamodb\/table:Table$|^aws-native:dynamodb:Table$/,
  events: /^aws:cloudwatch\/eventBus:EventBus$|^aws-native:events:EventBus$/,
  firehose: /^aws:kinesis\/firehoseDeliveryStream:|^aws-native:kinesisfirehose:DeliveryStream$/,
  kinesis: /^aws:kinesis\/stream:Stream$|^aws-native:kinesis:Stream$/,
  s3: /^aws:s3\/bucket(V2)?:Bucket(V2)?$|^aws-native:s3:Bucket$/,
  sns: /^aws:sns\/topic:Topic$|^aws-native:sns:Topic$/,
  sqs: /^aws:sqs\/queue:Queue$|^aws-native:sqs:Queue$/,
  states: /^aws:sfn\/stateMachine:StateMachine$|^aws-native:stepfunctions:StateMachine$/,
};

/** Whether a resource of a type can be the target of an action. */
export function isTargetOf(action: string, type: string): boolean {
  return TYPES[action.slice(0, action.indexOf(":"))]?.test(type) ?? false;
}
