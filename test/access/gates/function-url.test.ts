import { functionUrlCallers } from "../../../access/gates/function-url/callers";
import { Unknown } from "../../../iam";
import { FUNCTION_ARN, functionUrl, MAY_INVOKE, role, rows } from "./facts";

const MAY_CALL_URL = { Action: "lambda:InvokeFunctionUrl", Resource: FUNCTION_ARN };
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
});
