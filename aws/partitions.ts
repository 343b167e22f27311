/**
 * AWS's partitions: the second field of every ARN, the prefixes of their regions, and the domain of their endpoints.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
interface Partition {
  readonly name: string;
  /** The prefixes of its region names; the partition `aws` has all other regions. */
  readonly regionPrefix: string;
  readonly dnsSuffix: string;
}

const AWS_PARTITION: Partition = { name: "aws", regionPrefix: "", dnsSuffix: "amazonaws.com" };

export const PARTITIONS: readonly Partition[] = [
  AWS_PARTITION,
  { name: "aws-cn", regionPrefix: "cn-", dnsSuffix: "amazonaws.com.cn" },
  { name: "aws-us-gov", regionPrefix: "us-gov-", dnsSuffix: "amazonaws.com" },
  { name: "aws-eusc", regionPrefix: "eusc-", dnsSuffix: "amazonaws.eu" },
  { name: "aws-iso", regionPrefix: "us-iso-", dnsSuffix: "c2s.ic.gov" },
  { name: "aws-iso-b", regionPrefix: "us-isob-", dnsSuffix: "sc2s.sgov.gov" },
  { name: "aws-iso-e", regionPrefix: "eu-isoe-", dnsSuffix: "cloud.adc-e.uk" },
  { name: "aws-iso-f", regionPrefix: "us-isof-", dnsSuffix: "csp.hci.ic.gov" },
];

/** The format of a region's name, including regions that do not exist yet. */
export function isRegion(name: string): boolean {
  return /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(name);
}

/** The partition of a region. */
export function partitionOfRegion(region: string): string {
  const partition = PARTITIONS.find(
    ({ regionPrefix }) => regionPrefix !== "" && region.startsWith(regionPrefix),
  );
  return (partition ?? AWS_PARTITION).name;
}

/** The domain of the partition's endpoints. */
export function dnsSuffix(partition: string): string {
  return (PARTITIONS.find(({ name }) => name === partition) ?? AWS_PARTITION).dnsSuffix;
}
