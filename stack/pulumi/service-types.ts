/**
 * The types of services around API Gateway and Lambda: distributions of CloudFront, and the targets of integrations
 * with services other than Lambda, with their resource policies.
 */
export type ServiceKind = "Distribution" | LeafKind;

/** Kinds that do not concern routes, functions and callers: no other resource depends on them. */
export type LeafKind = "OriginAccessControl" | "ServiceResource" | "ServicePolicy";

export const LEAF_KINDS: ReadonlySet<string> = new Set<LeafKind>([
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

/** A policy that is a separate resource, and the property that names its target. */
function targetPolicy(type: string, targetProperty: string, policy = "policy"): ServiceType {
  const renamed: Renamed =
    policy === "policy" ? { target: targetProperty } : { target: targetProperty, policy };
  return [type, "ServicePolicy", "target policy", renamed];
}

/** The possible targets of a policy, by the values with which programs name them. */
function serviceTarget(type: string, reads: string, renamed?: Record<string, string>): ServiceType {
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

  serviceTarget("aws:sqs/queue:Queue", "id arn name url policy"),
  serviceTarget("aws:sns/topic:Topic", "id arn name policy"),
  serviceTarget("aws:s3/bucket:Bucket", "id arn name policy", { name: "bucket" }),
  serviceTarget("aws:s3/bucketV2:BucketV2", "id arn name policy", { name: "bucket" }),
  serviceTarget("aws:cloudwatch/eventBus:EventBus", "id arn name"),
  serviceTarget("aws:dynamodb/table:Table", "id arn name"),
  serviceTarget("aws:kinesis/stream:Stream", "id arn name"),
  targetPolicy("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
  targetPolicy("aws:sns/topicPolicy:TopicPolicy", "arn"),
  targetPolicy("aws:s3/bucketPolicy:BucketPolicy", "bucket"),
  targetPolicy("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName"),
  [
    "aws:cloudwatch/eventPermission:EventPermission",
    "ServicePolicy",
    "target principal action condition",
    { target: "eventBusName" },
  ],
  targetPolicy("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn"),
  targetPolicy("aws:kinesis/resourcePolicy:ResourcePolicy", "resourceArn"),

  serviceTarget("aws-native:sqs:Queue", "id arn name url", { name: "queueName", url: "queueUrl" }),
  serviceTarget("aws-native:sns:Topic", "id arn name", { arn: "topicArn", name: "topicName" }),
  serviceTarget("aws-native:s3:Bucket", "id arn name", { name: "bucketName" }),
  serviceTarget("aws-native:events:EventBus", "id arn name policy"),
  serviceTarget("aws-native:dynamodb:Table", "id arn name policy", {
    name: "tableName",
    policy: "resourcePolicy",
  }),
  serviceTarget("aws-native:kinesis:Stream", "id arn name"),
  targetPolicy("aws-native:sqs:QueueInlinePolicy", "queue", "policyDocument"),
  targetPolicy("aws-native:sns:TopicInlinePolicy", "topicArn", "policyDocument"),
  targetPolicy("aws-native:sns:TopicPolicy", "topics", "policyDocument"),
  targetPolicy("aws-native:s3:BucketPolicy", "bucket", "policyDocument"),
  [
    "aws-native:events:EventBusPolicy",
    "ServicePolicy",
    "target statement principal action condition",
    { target: "eventBusName" },
  ],
  targetPolicy("aws-native:kinesis:ResourcePolicy", "resourceArn", "resourcePolicy"),
];
