import { writeExample } from "../../../messages";
import { describeInvocationUri, type InvocationUriProblem } from "../../../messages/policies/invocation-uri";
import { testMessages } from "../../support/problems";

const setting = "uri";

testMessages<InvocationUriProblem>(
  "invocation-uri",
  {
    leftover: [{ code: "leftover", setting, leftover: "undefined" }],
    version: [
      { code: "version", setting, version: "2015-03-30" },
      { code: "version", setting, version: "2015-03-31", operation: "response-streaming-invocations" },
    ],
    malformed: [{ code: "malformed", setting }],
    partition: [
      { code: "partition", setting, partition: "aws", expected: "aws-cn", region: "cn-north-1" },
      { code: "partition", setting, partition: "", expected: "aws-cn" },
    ],
    "function-arn": [{ code: "function-arn", setting: "authorizerUri" }],
  },
  (problem) => {
    const { finding, fix } = describeInvocationUri(problem);
    return `${finding}\nFix: ${writeExample(fix, "typescript")}`;
  },
);
