/**
 * AWS's partitions: the second field of every ARN, the prefixes of their regions, and the domain of their endpoints.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
interface Partition {
  readonly name: string;
  /** The prefixes of its region names; the partition `aws` has all other regions. */
  readonly regions: string;
  readonly dnsSuffix: string;
}

const COMMERCIAL: Partition = { name: "aws", regions: "", dnsSuffix: "amazonaws.com" };

export const PARTITIONS: readonly Partition[] = [
  COMMERCIAL,
  { name: "aws-cn", regions: "cn-", dnsSuffix: "amazonaws.com.cn" },
  { name: "aws-us-gov", regions: "us-gov-", dnsSuffix: "amazonaws.com" },
  { name: "aws-eusc", regions: "eusc-", dnsSuffix: "amazonaws.eu" },
  { name: "aws-iso", regions: "us-iso-", dnsSuffix: "c2s.ic.gov" },
  { name: "aws-iso-b", regions: "us-isob-", dnsSuffix: "sc2s.sgov.gov" },
  { name: "aws-iso-e", regions: "eu-isoe-", dnsSuffix: "cloud.adc-e.uk" },
  { name: "aws-iso-f", regions: "us-isof-", dnsSuffix: "csp.hci.ic.gov" },
];

/** The format of a region's name, including regions that do not exist yet. */
export function isRegion(name: string): boolean {
  return /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(name);
}

/** The partition of a region. */
export function partitionOfRegion(region: string): string {
  const special = PARTITIONS.find(({ regions }) => regions !== "" && region.startsWith(regions));
  return (special ?? COMMERCIAL).name;
}

/** The domain of the partition's endpoints. */
export function dnsSuffix(partition: string): string {
  return (PARTITIONS.find(({ name }) => name === partition) ?? COMMERCIAL).dnsSuffix;
}
