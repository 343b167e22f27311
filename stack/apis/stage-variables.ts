import { known, parseInvocationUri, text, Unknown } from "../../iam";
import type { Authorizer, Credentials, LambdaIntegration, Route, Stage } from "../facts";
import type { Functions, FunctionTarget } from "../functions/functions";
import { stageVariable } from "../labels";
import type { Scope } from "../pulumi/scope";

/**
 * Stage variables in an integration's URI or credentials: one route may call a different function on each stage.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
 */
const VARIABLE = /\$\{stageVariables\.(\w{1,128})\}/g;

/** Whether a known text contains a reference to a stage variable; false for an unknown value. */
export function hasStageVariable(value: unknown): value is string {
  return typeof value === "string" && value.includes("${stageVariables.");
}

/**
 * Returns a route for each function (and role) that stage variables name, with the stages that name it. A variable that
 * a stage does not have remains {@link Unknown}, with the stage as its reason.
 */
export function resolveStageVariables(routes: readonly Route[], functions: Functions): readonly Route[] {
  return routes.flatMap((route) => resolveRoute(route, functions));
}

function resolveRoute(route: Route, functions: Functions): readonly Route[] {
  const { integration } = route;
  if (integration === undefined) return [route];
  const uri = integration.uriTemplate;
  const role = roleTemplate(integration);
  if (uri === undefined && role === undefined) return [route];
  const resolved = new Map<string, { integration: LambdaIntegration; stages: Set<Stage> }>();
  // An API without a stage in the plan has one elsewhere, whose variables are unknown.
  const stages: readonly (Stage | undefined)[] = route.stages.length > 0 ? route.stages : [undefined];
  for (const stage of stages) {
    for (const variant of [0, 1]) {
      const resolvedUri = uri === undefined ? undefined : substitute(uri, stage, variant);
      const resolvedRole = role === undefined ? undefined : substitute(role, stage, variant);
      const id = JSON.stringify([resolvedUri, resolvedRole]);
      const entry = resolved.get(id) ?? {
        integration: resolveIntegration(
          integration,
          { uri: resolvedUri, role: resolvedRole },
          functions,
          route.api.scope,
        ),
        stages: new Set(),
      };
      if (stage !== undefined) entry.stages.add(stage);
      resolved.set(id, entry);
    }
  }
  return [...resolved.values()].map((entry) => ({
    ...route,
    integration: entry.integration,
    stages: [...entry.stages],
  }));
}

/**
 * Returns an authorizer for each function that stage variables in its URI name. The source ARN of an authorizer has no
 * stage, so each function needs to allow it.
 */
export function resolveAuthorizer(
  authorizer: Authorizer,
  stages: readonly Stage[],
  functions: Functions,
): readonly Authorizer[] {
  const { arn } = authorizer.target;
  const template = arn instanceof Unknown ? undefined : known(arn);
  if (!hasStageVariable(template)) return [authorizer];
  const resolved = new Map<string, Authorizer>();
  for (const stage of stages.length > 0 ? stages : [undefined])
    for (const variant of [0, 1]) {
      const functionName = substitute(template, stage, variant);
      const target =
        functionName instanceof Unknown
          ? { arn: functionName }
          : functions.byName(functionName, authorizer.api.scope);
      resolved.set(JSON.stringify(functionName), { ...authorizer, target });
    }
  return [...resolved.values()];
}

function roleTemplate({ credentials }: LambdaIntegration): string | undefined {
  if (credentials.mode !== "role" || credentials.arn instanceof Unknown) return undefined;
  const arn = known(credentials.arn);
  return hasStageVariable(arn) ? arn : undefined;
}

/** Replaces the variables by a stage's own values (variant 0) or by those of its canary (variant 1). */
function substitute(template: string, stage: Stage | undefined, variant: number): string | Unknown {
  let missing: Unknown | undefined;
  const filled = template.replace(VARIABLE, (_, name: string) => {
    const value = variableOf(stage, name, variant);
    if (typeof value === "string") return value;
    missing ??= value;
    return "";
  });
  return missing ?? filled;
}

function variableOf(stage: Stage | undefined, variable: string, variant: number): string | Unknown {
  if (stage === undefined)
    return new Unknown([{ key: `stage variable ${variable}`, label: `stage variable ${variable}` }]);
  const values = stage.variables instanceof Unknown ? undefined : stage.variables.get(variable);
  const value = values?.[Math.min(variant, values.length - 1)];
  if (typeof value === "string") return value;
  const name = stage.name.every((piece) => typeof piece === "string") ? stage.name.join("") : undefined;
  const isSet = value !== undefined || stage.variables instanceof Unknown;
  return new Unknown([{ key: `${stage.urn} ${variable}`, label: stageVariable(variable, name, isSet) }]);
}

function resolveIntegration(
  integration: LambdaIntegration,
  { uri, role }: Readonly<Record<"uri" | "role", string | Unknown | undefined>>,
  functions: Functions,
  scope: Scope,
): LambdaIntegration {
  const { uriTemplate: _, ...rest } = integration;
  return {
    ...rest,
    ...(uri === undefined ? {} : { target: resolveTarget(uri, functions, scope) }),
    ...(role === undefined ? {} : { credentials: resolveRole(role) }),
  };
}

function resolveTarget(uri: string | Unknown, functions: Functions, scope: Scope): FunctionTarget {
  if (uri instanceof Unknown) return { arn: uri };
  const invoked = parseInvocationUri(text(uri));
  const functionName = invoked === undefined ? uri : known(invoked.functionArn);
  return functions.byName(functionName ?? uri, scope);
}

function resolveRole(arn: string | Unknown): Credentials {
  if (arn instanceof Unknown) return { mode: "unknown", origins: arn.origins };
  return { mode: "role", arn: text(arn), origins: [] };
}

function variablesIn(set: unknown): readonly (readonly [string, string | Unknown])[] {
  if (typeof set !== "object" || set === null || set instanceof Unknown) return [];
  return Object.entries(set).flatMap(([name, value]) =>
    typeof value === "string" || value instanceof Unknown ? [[name, value] as const] : [],
  );
}

/** The variables of a stage; for those that a canary overrides, two values, the stage's own first. */
export function variablesOf(stageVariables: unknown, overrides?: unknown): Stage["variables"] {
  if (stageVariables instanceof Unknown) return stageVariables;
  const variables = new Map(variablesIn(stageVariables).map(([name, value]) => [name, [value]]));
  if (overrides instanceof Unknown) for (const values of variables.values()) values.push(overrides);
  // Requests that the canary does not receive lack variables that only the canary sets.
  for (const [name, value] of variablesIn(overrides))
    variables.set(name, [...(variables.get(name) ?? [new Unknown()]), value]);
  return variables;
}
