import { text, Unknown } from "../../iam";
import type { ServiceIntegration, ServiceTarget } from "../facts";
import { inBody } from "../labels";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  type ReadableResource,
  read,
  readString,
} from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";
import { credentialsOf } from "./integrations";
import { readBody } from "./read-body";
import { mayHavePolicy, readServiceTargets, targetByArn } from "./service-policies";
import { chosenByRequest, type IntegrationSettings, isTargetOf, serviceRequest } from "./service-requests";

/** An integration with its position: a separate resource, a method or a body. */
interface IntegrationDefinition {
  readonly planned: ReadableResource;
  /** The property that contains it, or its credentials. */
  readonly property: string;
  readonly credentials: unknown;
  readonly settings: IntegrationSettings;
  readonly label?: string;
}

/**
 * Integrations with services other than Lambda that assume a role, where their action is known.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function readServiceIntegrations(
  resources: ResourceIndex,
  partOf: (planned: ReadableResource) => ApiPart | undefined,
): readonly ServiceIntegration[] {
  let targets: ReadonlyMap<string, ServiceTarget> | undefined;
  return integrationDefinitions(resources).flatMap(
    ({ planned, property, credentials: roleValue, settings, label }) => {
      const api = partOf(planned)?.api;
      const request = api === undefined ? undefined : serviceRequest(api, settings);
      const credentials = credentialsOf(resources, stringLike(roleValue), planned, property);
      if (request === undefined || api === undefined || credentials.mode !== "role") return [];
      // Read only when needed: a large stack has many of these resources.
      targets ??= readServiceTargets(resources);
      const target =
        targetByArn(targets, request.resource) ?? targetByDependency(targets, planned, request.action);
      return [
        {
          urn: planned.urn,
          label: label ?? labelOf(planned),
          api,
          ...request,
          ...(target === undefined ? {} : { target }),
          mayHavePolicy: mayHavePolicy(request.action),
          credentials,
        },
      ];
    },
  );
}

function integrationDefinitions(resources: ResourceIndex): readonly IntegrationDefinition[] {
  return [
    ...resources.ofKind("RestIntegration").map((planned): IntegrationDefinition => {
      const credentials = read(planned, "credentials");
      return {
        planned,
        property: "credentials",
        credentials,
        settings: readSettings((name) => read(planned, name), REST),
      };
    }),
    ...resources.ofKind("RestMethod").map((planned): IntegrationDefinition => {
      const inline = read(planned, "integration");
      return {
        planned,
        property: "integration",
        credentials: fieldOf(inline, "credentials"),
        settings: readSettings((name) => fieldOf(inline, name), REST),
      };
    }),
    ...resources.ofKind("HttpIntegration").map((planned): IntegrationDefinition => {
      const credentials = read(planned, "credentialsArn");
      return {
        planned,
        property: "credentialsArn",
        credentials,
        settings: readSettings((name) => read(planned, name), HTTP),
      };
    }),
    ...(["RestApi", "RestApiPut", "HttpApi"] as const)
      .flatMap((kind) => resources.ofKind(kind))
      .flatMap(definitionsInBody),
  ];
}

/** The operations of a known body. */
function definitionsInBody(planned: ReadableResource): readonly IntegrationDefinition[] {
  const body = planned.hasNoProperties ? undefined : readBody(planned);
  if (body === undefined || body instanceof Unknown) return [];
  return body.operations.flatMap(({ integration, verb, path }): readonly IntegrationDefinition[] =>
    integration === undefined || integration instanceof Unknown
      ? []
      : [
          {
            planned,
            property: "body",
            credentials: integration.credentials,
            settings: integration,
            label: inBody(`${verb} ${path}`, labelOf(planned)),
          },
        ],
  );
}

const REST = { type: "type", uri: "uri", method: "integrationHttpMethod" };
const HTTP = { type: "integrationType", uri: "integrationUri", method: "integrationMethod" };

function readSettings(readProperty: (name: string) => unknown, names: typeof REST): IntegrationSettings {
  return {
    type: readProperty(names.type),
    uri: readProperty(names.uri),
    method: readProperty(names.method),
    requestParameters: readProperty("requestParameters"),
    requestTemplates: readProperty("requestTemplates"),
    subtype: readProperty("integrationSubtype"),
  };
}

function targetByDependency(
  resources: ReadonlyMap<string, ServiceTarget>,
  { resource }: ReadableResource,
  action: string,
): ServiceTarget | undefined {
  const dependencies = Object.values(resource.propertyDependencies ?? {}).flat();
  const [target, otherTarget] = new Map(
    dependencies.filter(({ type }) => isTargetOf(action, type)).map(({ urn, type }) => [urn, type]),
  );
  if (target === undefined || otherTarget !== undefined) return undefined;
  const [urn] = target;
  // For services without such policies only the ARN is kept.
  return resources.get(urn) ?? { urn, property: "arn", arn: text(chosenByRequest(action)) };
}

function stringLike(value: unknown): string | Unknown | undefined {
  return typeof value === "string" || value instanceof Unknown ? value : undefined;
}

/**
 * The roles (URNs) that may have an AWS managed policy: only the policy's statements on routes and functions are known
 * here.
 */
export function readRolesWithAwsPolicies(resources: ResourceIndex): ReadonlySet<string> {
  const roles = resources.ofKind("Role");
  const rolesWithPolicies = new Set<string>();
  for (const role of roles)
    if (mayBeAwsManaged(read(role, "managedPolicyArns"))) rolesWithPolicies.add(role.urn);
  const attachments = [
    ...resources.ofKind("RolePolicyAttachment").map((planned) => [planned, "role", "policyArn"] as const),
    ...resources
      .ofKind("RolePolicyAttachmentsExclusive")
      .map((planned) => [planned, "role", "policyArns"] as const),
    ...resources.ofKind("PolicyAttachment").map((planned) => [planned, "roles", "policyArn"] as const),
  ];
  for (const [planned, property, policy] of attachments) {
    if (!mayBeAwsManaged(read(planned, policy))) continue;
    const value = JSON.stringify(read(planned, property)) ?? "";
    const roleUrns = new Set(dependenciesOf(planned, property).map(({ urn }) => urn));
    for (const role of roles) {
      const name = readString(role, "name");
      if (roleUrns.has(role.urn) || typeof name !== "string" || value.includes(JSON.stringify(name)))
        rolesWithPolicies.add(role.urn);
    }
  }
  return rolesWithPolicies;
}

function mayBeAwsManaged(arns: unknown): boolean {
  return [arns].flat().some((arn) => typeof arn === "string" && arn.includes(":iam::aws:"));
}
