/** A literal grant in a new, unknown document gets the same findings in every partition. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { partitionOfRegion } from "../../aws";
import { check, plan } from "../../testing";
import { MOMENTS, type Moment } from "../support/cases";
import { allow, restStack } from "../support/rest";

/** Regions of every partition: https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json */
const REGIONS = [
  ["us-east-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
  ["eusc-de-east-1", "aws-eusc"],
  ["us-iso-east-1", "aws-iso"],
  ["us-isob-east-1", "aws-iso-b"],
  ["eu-isoe-west-1", "aws-iso-e"],
  ["us-isof-south-1", "aws-iso-f"],
] as const;

const POLICY = "iam-route-caller-lambda-invoke";

/** Findings on a caller with a literal grant on the function. */
async function findingsIn(region: string, partition: string, as: Moment, whenUnknown?: "prove") {
  const program = restStack({
    caller: ({ api }) => [
      allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
      allow("lambda:InvokeFunction", `arn:${partition}:lambda:${region}:123456789012:function:orders`),
    ],
  });
  const planned = await plan(program, { as, region });
  return check(planned, whenUnknown === undefined ? {} : { config: { [POLICY]: { whenUnknown } } });
}

describe("a literal grant in each partition", () => {
  it("uses the partition of the region", () => {
    for (const [region, partition] of REGIONS) assert.equal(partitionOfRegion(region), partition);
  });

  for (const [region, partition] of REGIONS)
    for (const as of MOMENTS)
      it(`is reported on a first preview only: ${partition} (${as})`, async () => {
        const found = await findingsIn(region, partition, as);
        assert.deepEqual(
          found.map(({ policy }) => policy),
          as === "deployed" ? [] : [POLICY],
          found.map(({ message }) => message).join("\n"),
        );
        for (const { message } of found) {
          assert.match(message, /probably cannot invoke/);
          assert.match(message, /^Inferred: /m);
          assert.match(message, /\(this pack's two-step rule; AWS does not require this permission\)/);
        }
      });

  it("gets the same message in each partition", async () => {
    const messages = await Promise.all(
      REGIONS.map(async ([region, partition]) => {
        const found = await findingsIn(region, partition, "first-preview");
        return found.map(({ message }) => message);
      }),
    );
    for (const message of messages) assert.deepEqual(message, messages[0]);
  });

  for (const [region, partition] of REGIONS)
    it(`is unproven under whenUnknown: prove: ${partition}`, async () => {
      const found = await findingsIn(region, partition, "first-preview", "prove");
      assert.deepEqual(
        found.map(({ policy, level }) => `${level} ${policy}`),
        ["advisory unproven-access"],
      );
    });
});
