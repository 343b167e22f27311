/**
 * The principal by which API Gateway calls functions and assumes roles, in every partition.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export const API_GATEWAY = "apigateway.amazonaws.com";

/**
 * The principal by which CloudFront's origin access control calls function URLs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 */
export const CLOUDFRONT = "cloudfront.amazonaws.com";
