import assert from "node:assert/strict";
import { dnsSuffix, isRegion, PARTITIONS, partitionOfRegion } from "../../aws";

describe("partitions", () => {
  for (const [region, partition, suffix] of [
    ["us-east-1", "aws", "amazonaws.com"],
    ["eu-central-2", "aws", "amazonaws.com"],
    ["cn-northwest-1", "aws-cn", "amazonaws.com.cn"],
    ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
    ["eusc-de-east-1", "aws-eusc", "amazonaws.eu"],
    ["us-iso-east-1", "aws-iso", "c2s.ic.gov"],
    ["us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"],
    ["eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"],
    ["us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"],
  ] as const)
    it(`${region} is in ${partition}`, () => {
      assert.equal(partitionOfRegion(region), partition);
      assert.equal(dnsSuffix(partition), suffix);
      assert.ok(isRegion(region));
      assert.ok(PARTITIONS.some(({ name }) => name === partition));
    });

  it("have no region with another form of name", () => {
    for (const name of ["", "undefined", "us-east", "us-*-1", "*", "us-east-1a", "REGION"])
      assert.ok(!isRegion(name), name);
  });
});
