import { Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { ApiCall } from "../facts";
import { fieldOf, read, readString, stringOf } from "../pulumi/properties";
import { apiCallsOf, type CallContext, inferredRequest, requestArn } from "./requests";

/** `https://abc123.execute-api.us-east-1.amazonaws.com` */
const ENDPOINT = /^https:\/\/([^./]{1,63})\.execute-api\.[^/]{1,253}$/;

/**
 * HTTP data sources of AppSync that sign requests to API Gateway with Signature Version 4. The request is in their
 * resolvers, so it may be any request to the API.
 * https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-http-resolvers.html#invoking-aws-services
 */
export function dataSourceCalls(context: CallContext): readonly ApiCall[] {
  const { resources, byId, partOf } = context;
  return resources.ofKind("DataSource").flatMap((planned): readonly ApiCall[] => {
    const http = read(planned, "httpConfig");
    const authorization = fieldOf(http, "authorizationConfig");
    // The default is AWS_IAM, the only value.
    const type = fieldOf(authorization, "authorizationType") ?? "AWS_IAM";
    const service = fieldOf(fieldOf(authorization, "awsIamConfig"), "signingServiceName");
    if (authorization === undefined || type !== "AWS_IAM" || service !== "execute-api") return [];
    const endpoint = stringOf(http, "endpoint");
    const requests =
      endpoint instanceof Unknown
        ? inferredRequest(resources, planned, "httpConfig", partOf)
        : [byId.get(ENDPOINT.exec(endpoint ?? "")?.[1])].flatMap((api) =>
            api === undefined ? [] : [{ api, arn: requestArn(api, "/*", planned), inferredFrom: [] }],
          );
    const role = credentialsOf(resources, readString(planned, "serviceRoleArn"), planned, "serviceRoleArn");
    return apiCallsOf(planned, requests, role, "appsync.amazonaws.com");
  });
}
