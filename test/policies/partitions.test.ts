/** A literal grant in a document that is hidden and new is answered alike in every partition. */
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

/** The caller may invoke the function, by an ARN that the program writes out. */
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
  it("is in the partition that the region is of", () => {
    for (const [region, partition] of REGIONS) assert.equal(partitionOfRegion(region), partition);
  });

  for (const [region, partition] of REGIONS)
    for (const as of MOMENTS)
      it(`${partition} (${as})`, async () => {
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

  it("says the same in each", async () => {
    const messages = await Promise.all(
      REGIONS.map(async ([region, partition]) => {
        const found = await findingsIn(region, partition, "first-preview");
        return found.map(({ message }) => message);
      }),
    );
    for (const message of messages) assert.deepEqual(message, messages[0]);
  });

  for (const [region, partition] of REGIONS)
    it(`denies nothing where nothing is inferred: ${partition}`, async () => {
      const found = await findingsIn(region, partition, "first-preview", "prove");
      assert.deepEqual(
        found.map(({ policy, level }) => `${level} ${policy}`),
        ["advisory unproven-access"],
      );
    });
});
