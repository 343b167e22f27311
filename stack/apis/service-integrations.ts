import { text, Unknown } from "../../iam";
import type { ServiceIntegration, ServiceTarget } from "../facts";
import { inBody } from "../labels";
import { dependenciesOf, fieldOf, labelOf, type Planned, read, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";
import { credentialsOf } from "./integrations";
import { readBody } from "./read-body";
import { calledByArn, mayHavePolicy, readCalledResources } from "./service-policies";
import { anything, isCalledBy, serviceRequest, type WrittenIntegration } from "./service-requests";

/** An integration with its position: in a resource of its own, in a method or in a body. */
interface Place {
  readonly planned: Planned;
  /** The property that contains it, or its credentials. */
  readonly property: string;
  readonly credentials: unknown;
  readonly written: WrittenIntegration;
  readonly label?: string;
}

/**
 * Integrations with services other than Lambda that assume a role, where their action is known.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function readServiceIntegrations(
  resources: ResourceIndex,
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly ServiceIntegration[] {
  let calledResources: ReadonlyMap<string, ServiceTarget> | undefined;
  return placesOf(resources).flatMap(({ planned, property, credentials: value, written, label }) => {
    const api = partOf(planned)?.api;
    const request = api === undefined ? undefined : serviceRequest(api, written);
    const credentials = credentialsOf(resources, stringLike(value), planned, property);
    if (request === undefined || api === undefined || credentials.mode !== "role") return [];
    // Of a large stack without such integrations they are many.
    calledResources ??= readCalledResources(resources);
    const calls =
      calledByArn(calledResources, request.resource) ??
      calledResource(calledResources, planned, request.action);
    return [
      {
        urn: planned.urn,
        label: label ?? labelOf(planned),
        api,
        ...request,
        ...(calls === undefined ? {} : { target: calls }),
        mayHavePolicy: mayHavePolicy(request.action),
        credentials,
      },
    ];
  });
}

function placesOf(resources: ResourceIndex): readonly Place[] {
  return [
    ...resources.ofKind("RestIntegration").map((planned): Place => {
      const credentials = read(planned, "credentials");
      return {
        planned,
        property: "credentials",
        credentials,
        written: writtenBy((name) => read(planned, name), REST),
      };
    }),
    ...resources.ofKind("RestMethod").map((planned): Place => {
      const inline = read(planned, "integration");
      return {
        planned,
        property: "integration",
        credentials: fieldOf(inline, "credentials"),
        written: writtenBy((name) => fieldOf(inline, name), REST),
      };
    }),
    ...resources.ofKind("HttpIntegration").map((planned): Place => {
      const credentials = read(planned, "credentialsArn");
      return {
        planned,
        property: "credentialsArn",
        credentials,
        written: writtenBy((name) => read(planned, name), HTTP),
      };
    }),
    ...(["RestApi", "RestApiPut", "HttpApi"] as const)
      .flatMap((kind) => resources.ofKind(kind))
      .flatMap(placesInBody),
  ];
}

/** The operations of a known body. */
function placesInBody(planned: Planned): readonly Place[] {
  const body = planned.hasNoProperties ? undefined : readBody(planned);
  if (body === undefined || body instanceof Unknown) return [];
  return body.operations.flatMap(({ integration, verb, path }): readonly Place[] =>
    integration === undefined || integration instanceof Unknown
      ? []
      : [
          {
            planned,
            property: "body",
            credentials: integration.credentials,
            written: integration,
            label: inBody(`${verb} ${path}`, labelOf(planned)),
          },
        ],
  );
}

const REST = { type: "type", uri: "uri", method: "integrationHttpMethod" };
const HTTP = { type: "integrationType", uri: "integrationUri", method: "integrationMethod" };

function writtenBy(given: (name: string) => unknown, names: typeof REST): WrittenIntegration {
  return {
    type: given(names.type),
    uri: given(names.uri),
    method: given(names.method),
    requestParameters: given("requestParameters"),
    requestTemplates: given("requestTemplates"),
    subtype: given("integrationSubtype"),
  };
}

function calledResource(
  resources: ReadonlyMap<string, ServiceTarget>,
  { resource }: Planned,
  action: string,
): ServiceTarget | undefined {
  const all = Object.values(resource.propertyDependencies ?? {}).flat();
  const [called, another] = new Map(
    all.filter(({ type }) => isCalledBy(action, type)).map(({ urn, type }) => [urn, type]),
  );
  if (called === undefined || another !== undefined) return undefined;
  const [urn] = called;
  // For services without such policies only the ARN is kept.
  return resources.get(urn) ?? { urn, property: "arn", arn: text(anything(action)) };
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
  const found = new Set<string>();
  for (const role of roles) if (mayBeOfAws(read(role, "managedPolicyArns"))) found.add(role.urn);
  const attachments = [
    ...resources.ofKind("RolePolicyAttachment").map((planned) => [planned, "role", "policyArn"] as const),
    ...resources
      .ofKind("RolePolicyAttachmentsExclusive")
      .map((planned) => [planned, "role", "policyArns"] as const),
    ...resources.ofKind("PolicyAttachment").map((planned) => [planned, "roles", "policyArn"] as const),
  ];
  for (const [planned, property, policy] of attachments) {
    if (!mayBeOfAws(read(planned, policy))) continue;
    const value = JSON.stringify(read(planned, property)) ?? "";
    const on = new Set(dependenciesOf(planned, property).map(({ urn }) => urn));
    for (const role of roles) {
      const name = readString(role, "name");
      if (on.has(role.urn) || typeof name !== "string" || value.includes(JSON.stringify(name)))
        found.add(role.urn);
    }
  }
  return found;
}

function mayBeOfAws(arns: unknown): boolean {
  return [arns].flat().some((arn) => typeof arn === "string" && arn.includes(":iam::aws:"));
}
