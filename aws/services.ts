/**
 * The principal by which API Gateway calls functions and assumes roles, in every partition.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export const API_GATEWAY = "apigateway.amazonaws.com";
