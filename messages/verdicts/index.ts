export { describeCallerRoute } from "./caller-route";
export {
  describeCallerCredentials,
  describeCallerCredentialsIntegration,
  describeExternalApiCaller,
  describeTwoStep,
} from "./callers";
export { describeDisabledEndpoint } from "./default-endpoints";
export { describeAuthorizer, describeFunctionUrl, describeRouteFunction } from "./functions";
export { describeDisconnected } from "./manage-connections";
export type { Verdicts } from "./parts";
export { describeResourcePolicy } from "./resource-policy";
export { describeIntegrationRole } from "./roles";
export { describeServiceIntegration } from "./service-integrations";
