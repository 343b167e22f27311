/**
 * The service principal that API Gateway uses to invoke functions and to assume roles, in every partition.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export const API_GATEWAY = "apigateway.amazonaws.com";

/**
 * The service principal that CloudFront's origin access control uses to call function URLs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 */
export const CLOUDFRONT = "cloudfront.amazonaws.com";

/** A service that serves APIs, as its form of API describes it. */
export interface ApiService {
  /** The name of the service in AWS's documentation. */
  readonly name: string;
  /** The service principal that it uses to invoke functions and to assume roles. */
  readonly principal: string;
  /** The action that the caller of a route with IAM authorization needs. */
  readonly action: string;
  /** The output property of the API resource with the prefix of the ARNs of its requests. */
  readonly arnProperty: string;
}

export const API_GATEWAY_APIS: ApiService = {
  name: "API Gateway",
  principal: API_GATEWAY,
  action: "execute-api:Invoke",
  arnProperty: "executionArn",
};
