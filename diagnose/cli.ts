/** Where the AWS CLI has to ask, as far as the stacks say. */
export interface Place {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** A command of the AWS CLI, with the region and the profile that the stacks name. */
export function cli(command: string, { region, profile }: Place): string {
  return [
    `aws ${command}`,
    ...(region !== undefined && /^[a-z\d-]+$/.test(region) ? [`--region ${region}`] : []),
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
  ].join(" ");
}

/** The region in an ARN. */
export function placeOfArn(arn: string): Place {
  const [, region] = /^arn:[^:]+:[^:]+:([a-z\d-]+):/.exec(arn) ?? [];
  return { region };
}

/**
 * Where events of IAM, which has no region, are recorded.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
export function placeOfIam(arn: string): Place {
  const [, partition = ""] = /^arn:([^:]+):/.exec(arn) ?? [];
  return { region: IAM_REGIONS.get(partition) };
}

const IAM_REGIONS: ReadonlyMap<string, string> = new Map([
  ["aws", "us-east-1"],
  ["aws-cn", "cn-north-1"],
  ["aws-us-gov", "us-gov-west-1"],
]);

/** As a shell takes it. */
export function quoted(text: string): string {
  return /^[\w./:@=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
