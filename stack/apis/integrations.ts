import { text, Unknown } from "../../iam";
import type { Credentials, LambdaIntegration } from "../facts";
import { type Functions, isFunctionArn, isInvocation } from "../functions/functions";
import { labelOf, type ReadableResource } from "../pulumi/properties";
import {
  originsOf,
  type PropertyPlace,
  plannedDependencies,
  type ResourceIndex,
  unknownOrigins,
} from "../pulumi/resource-index";
import { hasStageVariable } from "./stage-variables";

const CALLER_CREDENTIALS = /^arn:[\w-]+:iam::\*:user\/\*$/;

/**
 * The three credential modes of an integration.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-credentials
 */
export function credentialsOf(
  resources: ResourceIndex,
  value: string | Unknown | undefined,
  planned: ReadableResource,
  property: string,
): Credentials {
  if (value === undefined || value === "") return { mode: "none" };
  if (value instanceof Unknown) {
    const roles = plannedDependencies(resources, planned, property).filter(
      (planned) => planned.kind === "Role",
    );
    const [role, ...more] = roles;
    // A credentials value that depends on a role can only be that role's ARN: the other two modes are constants.
    if (role !== undefined && more.length === 0)
      return { mode: "role", arn: value, roleUrn: role.urn, origins: originsOf(planned, property) };
    return { mode: "unknown", origins: unknownOrigins(planned, property) };
  }
  if (CALLER_CREDENTIALS.test(value)) return { mode: "caller" };
  return { mode: "role", arn: text(value), origins: [] };
}

/**
 * Types whose ARN or URI an integration may have; an unknown URI without such a dependency is not that of a function.
 */
const FUNCTION_KINDS: ReadonlySet<string> = new Set(["Function", "Alias", "Version"]);

/** The Lambda side of an integration, or `undefined` when it calls another target. */
export function lambdaIntegration(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
  settings: {
    type: unknown;
    uri: string | Unknown | undefined;
    uriProperty: string;
    /**
     * HTTP APIs accept the function's ARN as well as its invocation URI.
     * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
     */
    acceptsArn?: true;
    credentials: Credentials;
  },
): LambdaIntegration | undefined {
  const type = typeof settings.type === "string" ? settings.type.toUpperCase() : settings.type;
  const { uri } = settings;
  if (uri === undefined || (typeof type === "string" && type !== "AWS" && type !== "AWS_PROXY"))
    return undefined;
  if (typeof uri === "string" && !isInvocation(uri, type) && !(settings.acceptsArn && isFunctionArn(uri)))
    return undefined;
  const otherTarget =
    uri instanceof Unknown &&
    mayCallOtherTarget({ resources, planned, property: settings.uriProperty }, type);
  if (otherTarget === "yes") return undefined;
  const target = functions.targetOf(planned, settings.uriProperty, uri);
  if (target === undefined) return undefined;
  return {
    urn: planned.urn,
    label: labelOf(planned),
    target,
    credentials: settings.credentials,
    ...(hasStageVariable(uri) ? { uriTemplate: uri } : {}),
    ...(otherTarget ? { mayNotBeFunction: true as const } : {}),
  };
}

/** Whether an integration with an unknown URI may call, or certainly calls, a target other than a function. */
function mayCallOtherTarget({ resources, planned, property }: PropertyPlace, type: unknown): boolean | "yes" {
  // A proxy integration with an AWS service is always a Lambda integration.
  if (type === "AWS_PROXY") return false;
  if (resources.whenUnknown === "prove") return true;
  const dependencies = plannedDependencies(resources, planned, property);
  if (dependencies.some((planned) => FUNCTION_KINDS.has(planned.kind))) return false;
  return originsOf(planned, property).length > 0 ? "yes" : true;
}
