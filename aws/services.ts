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

/** A service that serves APIs: what its form of API says of it. */
export interface ApiService {
  /** As AWS's documentation calls it. */
  readonly name: string;
  /** The principal by which it calls functions and assumes roles. */
  readonly principal: string;
  /** What the caller of a route with IAM authorization needs. */
  readonly action: string;
  /** The output of an API's resource with the ARN that the ARNs of its requests begin with. */
  readonly arnProperty: string;
}

export const API_GATEWAY_APIS: ApiService = {
  name: "API Gateway",
  principal: API_GATEWAY,
  action: "execute-api:Invoke",
  arnProperty: "executionArn",
};
