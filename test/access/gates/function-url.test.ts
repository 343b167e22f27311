import { functionUrlCallers } from "../../../access/gates/function-url/callers";
import { Unknown } from "../../../iam";
import { FUNCTION_ARN, functionUrl, MAY_INVOKE, role, rows } from "./facts";

const MAY_CALL_URL = { Action: "lambda:InvokeFunctionUrl", Resource: FUNCTION_ARN };
const functionUrls = [functionUrl()];

describe("function-url", () => {
  rows(functionUrlCallers, [
    {
      name: "allowed to a caller that holds both actions",
      facts: { functionUrls, principals: [role([MAY_CALL_URL, MAY_INVOKE])] },
      verdicts: ["function-url allowed policies"],
    },
    {
      name: "denied to a caller that holds the first alone",
      facts: { functionUrls, principals: [role([MAY_CALL_URL])] },
      verdicts: ["function-url denied policies"],
    },
    {
      name: "not asked of who may only invoke the function",
      facts: { functionUrls, principals: [role([MAY_INVOKE])] },
      verdicts: [],
    },
    {
      name: "denied to everyone without permissions for a URL without authorization",
      facts: { functionUrls: [functionUrl({ authorization: "NONE" })] },
      verdicts: ["function-url denied everyone"],
    },
    {
      name: "not asked of a URL whose resource allows everyone both actions",
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
      name: "unproven where the authorization is unknown",
      facts: { functionUrls: [functionUrl({ authorization: new Unknown() })] },
      verdicts: ["function-url unproven url-unknown url-authorization"],
    },
  ]);
});
