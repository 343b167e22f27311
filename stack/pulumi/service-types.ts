/**
 * The types of services around API Gateway and Lambda: distributions of CloudFront, and the targets of integrations
 * with services other than Lambda, with their resource policies.
 */
export type ServiceKind = "Distribution" | CalledKind;

/** Kinds that do not concern routes, functions and callers: no other resource depends on them. */
export type CalledKind = "OriginAccessControl" | "ServiceResource" | "ServicePolicy";

export const CALLED_KINDS: ReadonlySet<string> = new Set<CalledKind>([
  "OriginAccessControl",
  "ServiceResource",
  "ServicePolicy",
]);

type Renamed = Readonly<Record<string, string>>;

type ServiceType = readonly [
  type: string,
  kind: ServiceKind,
  reads: string,
  renamed?: Record<string, string>,
];

/** A policy that is a resource of its own, and the property that names its target. */
function policyOn(type: string, on: string, policy = "policy"): ServiceType {
  const renamed: Renamed = policy === "policy" ? { on } : { on, policy };
  return [type, "ServicePolicy", "on policy", renamed];
}

/** The possible targets of a policy, by the values with which programs name them. */
function called(type: string, reads: string, renamed?: Record<string, string>): ServiceType {
  return renamed === undefined ? [type, "ServiceResource", reads] : [type, "ServiceResource", reads, renamed];
}

export const SERVICE_TYPES: readonly ServiceType[] = [
  [
    "aws:cloudfront/distribution:Distribution",
    "Distribution",
    "arn origins defaultCacheBehavior orderedCacheBehaviors",
  ],
  ["aws-native:cloudfront:Distribution", "Distribution", "id distributionConfig", { id: "awsId" }],
  [
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    "OriginAccessControl",
    "id signingBehavior originAccessControlOriginType",
  ],
  [
    "aws-native:cloudfront:OriginAccessControl",
    "OriginAccessControl",
    "id originAccessControlConfig",
    { id: "awsId" },
  ],

  called("aws:sqs/queue:Queue", "id arn name url policy"),
  called("aws:sns/topic:Topic", "id arn name policy"),
  called("aws:s3/bucket:Bucket", "id arn name policy", { name: "bucket" }),
  called("aws:s3/bucketV2:BucketV2", "id arn name policy", { name: "bucket" }),
  called("aws:cloudwatch/eventBus:EventBus", "id arn name"),
  called("aws:dynamodb/table:Table", "id arn name"),
  called("aws:kinesis/stream:Stream", "id arn name"),
  policyOn("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
  policyOn("aws:sns/topicPolicy:TopicPolicy", "arn"),
  policyOn("aws:s3/bucketPolicy:BucketPolicy", "bucket"),
  policyOn("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName"),
  [
    "aws:cloudwatch/eventPermission:EventPermission",
    "ServicePolicy",
    "on principal action condition",
    { on: "eventBusName" },
  ],
  policyOn("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn"),
  policyOn("aws:kinesis/resourcePolicy:ResourcePolicy", "resourceArn"),

  called("aws-native:sqs:Queue", "id arn name url", { name: "queueName", url: "queueUrl" }),
  called("aws-native:sns:Topic", "id arn name", { arn: "topicArn", name: "topicName" }),
  called("aws-native:s3:Bucket", "id arn name", { name: "bucketName" }),
  called("aws-native:events:EventBus", "id arn name policy"),
  called("aws-native:dynamodb:Table", "id arn name policy", { name: "tableName", policy: "resourcePolicy" }),
  called("aws-native:kinesis:Stream", "id arn name"),
  policyOn("aws-native:sqs:QueueInlinePolicy", "queue", "policyDocument"),
  policyOn("aws-native:sns:TopicInlinePolicy", "topicArn", "policyDocument"),
  policyOn("aws-native:sns:TopicPolicy", "topics", "policyDocument"),
  policyOn("aws-native:s3:BucketPolicy", "bucket", "policyDocument"),
  [
    "aws-native:events:EventBusPolicy",
    "ServicePolicy",
    "on statement principal action condition",
    { on: "eventBusName" },
  ],
  policyOn("aws-native:kinesis:ResourcePolicy", "resourceArn", "resourcePolicy"),
];
