import type { AwsLocation } from "../messages/log-commands";

/** The region in an ARN. */
export function placeOfArn(arn: string): AwsLocation {
  const [, region] = /^arn:[^:]+:[^:]+:([a-z\d-]+):/.exec(arn) ?? [];
  return { region };
}

/**
 * The region in which events of IAM, a global service, are recorded.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
export function placeOfIam(arn: string): AwsLocation {
  const [, partition = ""] = /^arn:([^:]+):/.exec(arn) ?? [];
  return { region: IAM_REGIONS.get(partition) };
}

const IAM_REGIONS: ReadonlyMap<string, string> = new Map([
  ["aws", "us-east-1"],
  ["aws-cn", "cn-north-1"],
  ["aws-us-gov", "us-gov-west-1"],
]);
