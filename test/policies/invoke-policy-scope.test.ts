import { document, INLINE, table } from "../support/resources";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

table("invoke-policy-scope", INLINE, { role: "caller" }, [
  ["a function", document("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", document("lambda:InvokeFunction", "*"), 1],
  [
    "every function of a region",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
    1,
  ],
  [
    "functions by prefix",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"),
    0,
  ],
  ["every API", document("execute-api:Invoke", "*"), 1],
  ["every API of the account", document("execute-api:Invoke", "arn:aws:execute-api:*:*:*"), 1],
  ["an API", document("execute-api:Invoke", `${API}/*`), 0],
  ["a deny of every function", document("lambda:InvokeFunction", "*", { Effect: "Deny" }), 0],
  ["another service", document("s3:*", "*"), 0],
]);
