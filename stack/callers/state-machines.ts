import { text, Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { Api, ApiCall, CallingService, Credentials } from "../facts";
import { fieldOf, labelOf, originOf, type ReadableResource, read, readString } from "../pulumi/properties";
import { scopeOf } from "../pulumi/scope";
import { apiCallsOf, type CallContext, inferredRequest, type Request, requestArn } from "./requests";

const STEP_FUNCTIONS = "states.amazonaws.com";

/** The ways in which a task signs its request; any other task does not sign it. */
type AuthType = "IAM_ROLE" | "RESOURCE_POLICY";

interface Task {
  readonly authType: AuthType;
  readonly request: Request;
}

/**
 * Tasks of Step Functions that call an API: with `IAM_ROLE` as the state machine's role, with `RESOURCE_POLICY` as Step
 * Functions itself, on behalf of the state machine.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/api-gateway-iam.html
 */
export function stateMachineCalls(context: CallContext): readonly ApiCall[] {
  const { resources } = context;
  return resources.ofKind("StateMachine").flatMap((planned) => {
    const role = credentialsOf(resources, readString(planned, "roleArn"), planned, "roleArn");
    const callerByAuthType: Readonly<Record<AuthType, Credentials | CallingService>> = {
      IAM_ROLE: role,
      RESOURCE_POLICY: stepFunctions(context, planned),
    };
    return tasksOf(context, planned).flatMap(({ authType, request }) =>
      apiCallsOf(planned, [request], callerByAuthType[authType], STEP_FUNCTIONS),
    );
  });
}

/** Step Functions itself as the caller, on behalf of a state machine. */
function stepFunctions({ resources }: CallContext, planned: ReadableResource): CallingService {
  const { partition, region, account } = scopeOf(resources, planned);
  const arn = readString(planned, "arn");
  const name = {
    id: `name of ${planned.urn}`,
    shape: "word",
    label: { code: "property", property: "name", of: labelOf(planned) },
    origins: [originOf(planned.resource)],
  } as const;
  return {
    mode: "service",
    name: STEP_FUNCTIONS,
    sourceArn:
      typeof arn === "string"
        ? text(arn)
        : text("arn:", partition, ":states:", region, ":", account, ":stateMachine:", name),
    sourceUrns: [planned.urn],
  };
}

/** Step Functions accepts no definition that is nested deeper. */
const MAX_DEPTH = 50;

/** The signed requests to APIs of the stack in the tasks of a state machine. */
function tasksOf({ resources, byId, partOf }: CallContext, planned: ReadableResource): readonly Task[] {
  const tasks: Task[] = [];
  const substitute = substitutionOf(read(planned, "definitionSubstitutions"));
  for (const [property, substitutions] of [
    ["definition", undefined],
    ["definitionString", "definitionSubstitutions"],
  ] as const) {
    const definition = read(planned, property);
    const visit = (value: unknown, depth: number): void => {
      if (typeof value !== "object" || value === null || value instanceof Unknown || depth > MAX_DEPTH)
        return;
      const resource = fieldOf(value, "Resource");
      if (typeof resource === "string" && /:states:::apigateway:invoke(\.|$)/.test(resource)) {
        const parameters = fieldOf(value, "Parameters") ?? fieldOf(value, "Arguments");
        const parameter = (name: string): unknown => {
          const value = fieldOf(parameters, name);
          return substitutions !== undefined && typeof value === "string" ? substitute(value) : value;
        };
        const task = readTask(planned, parameter, (endpoint) =>
          typeof endpoint === "string"
            ? byId.get(endpoint.split(".")[0])
            : inferredRequest(resources, planned, substitutions ?? property, partOf)[0]?.api,
        );
        // Under `prove`, an API is not inferred from unknown values.
        if (
          task !== undefined &&
          (task.request.inferredFrom.length === 0 || resources.whenUnknown === "infer")
        )
          tasks.push(task);
      }
      for (const entry of Object.values(value)) visit(entry, depth + 1);
    };
    visit(typeof definition === "string" ? parseDefinition(definition) : definition, 0);
  }
  return tasks;
}

/**
 * Replaces `${name}` by values; the result is unknown when a value is.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html#cfn-stepfunctions-statemachine-definitionsubstitutions
 */
function substitutionOf(values: unknown): (template: string) => string | Unknown {
  return (template) => {
    let unknown: Unknown | undefined;
    const filled = template.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
      const value = fieldOf(values, name);
      if (value instanceof Unknown) unknown = value;
      return ["string", "number", "boolean"].includes(typeof value) ? String(value) : placeholder;
    });
    return unknown ?? filled;
  };
}

function parseDefinition(json: string): unknown {
  if (!json.includes("apigateway:invoke")) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function readTask(
  planned: ReadableResource,
  parameter: (name: string) => unknown,
  apiOf: (endpoint: string | Unknown) => Api | undefined,
): Task | undefined {
  const authType = parameter("AuthType");
  if (authType !== "IAM_ROLE" && authType !== "RESOURCE_POLICY") return undefined;
  const endpoint = parameter("ApiEndpoint");
  const api = typeof endpoint === "string" || endpoint instanceof Unknown ? apiOf(endpoint) : undefined;
  if (api === undefined) return undefined;
  const origins = [endpoint, ...["Stage", "Method", "Path"].map(parameter)].flatMap((value) =>
    value instanceof Unknown ? (value.origins.length > 0 ? value.origins : [originOf(planned.resource)]) : [],
  );
  // A value that is chosen at run time ("Path.$", "{% … %}") may be any.
  const part = (name: string): string => {
    const value = parameter(name);
    return typeof value === "string" && !value.startsWith("{%") ? value : "*";
  };
  const path = parameter("Path") === undefined && parameter("Path.$") === undefined ? "/" : part("Path");
  const tail = `/${part("Stage")}/${part("Method")}${path.startsWith("/") || path === "*" ? path : `/${path}`}`;
  return { authType, request: { api, arn: requestArn(api, tail, planned), inferredFrom: origins } };
}
