/**
 * The formats of the URI with which an integration or authorizer invokes a function:
 * `arn:P:apigateway:REGION:lambda:path/VERSION/functions/FUNCTION_ARN/OPERATION`, with the version of the API of Lambda
 * that has the operation.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export const INVOCATION_FORMS = [
  { version: "2015-03-31", operation: "invocations", streaming: false },
  { version: "2021-11-15", operation: "response-streaming-invocations", streaming: true },
] as const;
