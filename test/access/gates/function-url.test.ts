import { functionUrlCallers } from "../../../access/gates/function-url/callers";
import { text, Unknown } from "../../../iam";
import {
  ACCOUNT,
  FUNCTION,
  FUNCTION_ARN,
  fromSource,
  functionUrl,
  MAY_INVOKE,
  OTHER_ACCOUNT,
  permission,
  role,
  rows,
  TARGET,
} from "./facts";

const MAY_CALL_URL = { Action: "lambda:InvokeFunctionUrl", Resource: FUNCTION_ARN };
const CDN = `arn:aws:cloudfront::${ACCOUNT}:distribution/E1`;
const functionUrls = [functionUrl()];

describe("function-url", () => {
  rows(functionUrlCallers, [
    {
      name: "allowed for a caller with both actions",
      facts: { functionUrls, principals: [role([MAY_CALL_URL, MAY_INVOKE])] },
      verdicts: ["function-url allowed policies"],
    },
    {
      name: "denied for a caller with lambda:InvokeFunctionUrl only",
      facts: { functionUrls, principals: [role([MAY_CALL_URL])] },
      verdicts: ["function-url denied policies"],
    },
    {
      name: "not evaluated for a caller with lambda:InvokeFunction only",
      facts: { functionUrls, principals: [role([MAY_INVOKE])] },
      verdicts: [],
    },
    {
      name: "denied for everyone at a function URL without authorization and permissions",
      facts: { functionUrls: [functionUrl({ authorization: "NONE" })] },
      verdicts: ["function-url denied everyone"],
    },
    {
      name: "not evaluated for a function URL whose policy allows everyone both actions",
      facts: {
        functionUrls: [
          functionUrl({
            authorization: "NONE",
            actionsForEveryone: ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
          }),
        ],
      },
      verdicts: [],
    },
    {
      name: "unproven if the authorization is unknown",
      facts: { functionUrls: [functionUrl({ authorization: new Unknown() })] },
      verdicts: ["function-url unproven url-unknown url-authorization"],
    },
  ]);

  describe("callers that the function's resource policy allows", () => {
    const both = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"];
    const grants = (statement: object, target = TARGET) => ({
      functionUrls,
      permissions: [permission({ Principal: { AWS: OTHER_ACCOUNT }, ...statement }, { target })],
    });
    const live = {
      function: FUNCTION,
      arn: text(`${FUNCTION_ARN}:live`),
      qualifier: text("live"),
    };
    rows(functionUrlCallers, [
      {
        name: "denied with lambda:InvokeFunctionUrl only",
        facts: grants({ Action: "lambda:InvokeFunctionUrl" }),
        verdicts: ["function-url denied second-action"],
      },
      {
        name: "allowed with both actions",
        facts: grants({ Action: both }),
        verdicts: ["function-url allowed second-action"],
      },
      {
        name: "denied on an alias without a function URL",
        facts: grants({ Action: both, Resource: `${FUNCTION_ARN}:live` }, live),
        verdicts: ["function-url denied other-qualifier"],
      },
    ]);
  });

  describe("CloudFront distributions", () => {
    const origin = (signing: "always" | "never-signs") => ({
      functionUrls,
      urlOrigins: [{ urn: "cdn", label: "cdn", arn: text(CDN), url: "url", signing, inferredFrom: [] }],
    });
    const forCloudFront = permission({
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
      ...fromSource(CDN),
    });
    rows(functionUrlCallers, [
      {
        name: "denied with signed requests and without a permission",
        facts: origin("always"),
        verdicts: ["function-url denied unpermitted-distribution"],
      },
      {
        name: "denied with unsigned requests and a permission",
        facts: { ...origin("never-signs"), permissions: [forCloudFront] },
        verdicts: ["function-url allowed second-action", "function-url denied unsigned-requests"],
      },
      {
        name: "unproven with unsigned requests and without a permission: its callers may sign them",
        facts: origin("never-signs"),
        verdicts: ["function-url unproven unsigned-requests url-signer"],
      },
    ]);
  });
});
