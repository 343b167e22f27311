export { describeCallerRoute } from "./caller-route";
export {
  describeCallerCredentials,
  describeExternalApiCaller,
  describeTwoStep,
} from "./callers";
export { describeDisabledEndpoint } from "./default-endpoints";
export { describeAuthorizer, describeFunctionUrl, describeRouteFunction } from "./functions";
export { describeDisconnected } from "./manage-connections";
export { describeResourcePolicy } from "./resource-policy";
export { describeIntegrationRole } from "./roles";
export { describeServiceIntegration, serviceQuestion } from "./service-integrations";
