import { known, type Origin, type Text, text, Unknown } from "../../iam";
import type { VpcEndpoint } from "../facts";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  type ReadableResource,
  read,
  readString,
} from "../pulumi/properties";
import {
  type PropertyPlace,
  plannedDependencies,
  type ResourceIndex,
  unknownOrigins,
} from "../pulumi/resource-index";
import { readBody } from "./read-body";

const VPC = /^aws(:ec2\/vpc:Vpc|:ec2\/defaultVpc:DefaultVpc|-native:ec2:Vpc)$/;

/**
 * The VPC endpoints of a private API, as far as the stack shows: those that it is associated with, by an argument or in
 * its body, or else the stack's endpoints for API Gateway.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
 */
export function vpcEndpointsOf(resources: ResourceIndex, api: ReadableResource): readonly VpcEndpoint[] {
  const stackEndpoints = resources
    .ofKind("VpcEndpoint")
    .map((planned) => ({ planned, endpoint: endpointOf(resources, planned) }));
  const body = readBody(api);
  const bodyEndpointIds =
    body === undefined || body instanceof Unknown ? undefined : body.endpoint?.vpcEndpointIds;
  const associated = [
    idsOf(
      { resources, planned: api, property: "endpointConfiguration" },
      fieldOf(read(api, "endpointConfiguration"), "vpcEndpointIds"),
    ),
    idsOf({ resources, planned: api, property: "body" }, bodyEndpointIds),
  ];
  if (associated.some((ids) => ids === undefined)) return [];
  const ids = associated.flatMap((ids) => ids ?? []);
  if (ids.length === 0)
    return stackEndpoints.filter(({ planned }) => servesApiGateway(planned)).map(({ endpoint }) => endpoint);
  return ids.map((id) => stackEndpoints.find(({ endpoint }) => isSame(endpoint.id, id))?.endpoint ?? { id });
}

function isSame(first: Text, second: Text): boolean {
  return first === second || (known(first) !== undefined && known(first) === known(second));
}

/**
 * The ids in a list; `undefined` where one of them is unknown. An unknown id is that of the endpoint that it depends
 * on.
 */
function idsOf(place: PropertyPlace, value: unknown): readonly Text[] | undefined {
  if (value === undefined) return [];
  const dependencyId = referencedEndpoint(place);
  const ids = (Array.isArray(value) ? value : [value]).map((id) =>
    id instanceof Unknown
      ? dependencyId
      : typeof id === "string" && id.startsWith("vpce-")
        ? text(id)
        : undefined,
  );
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

/** The id of the only endpoint that a property depends on: the unknown value is that id. */
function referencedEndpoint({ resources, planned, property }: PropertyPlace): Text | undefined {
  if (resources.whenUnknown === "prove") return undefined;
  const [only, ...more] = plannedDependencies(resources, planned, property).filter(
    ({ kind }) => kind === "VpcEndpoint",
  );
  return only === undefined || more.length > 0 ? undefined : idOf(resources, only);
}

const SOURCE_VPCE = /^aws:sourcevpce$/i;

/** A resource policy in which an unknown VPC endpoint is replaced by the endpoint that the policy depends on. */
export function withKnownEndpoints(place: PropertyPlace, policy: unknown): unknown {
  const id = policy instanceof Unknown ? undefined : known(referencedEndpoint(place) ?? []);
  if (!id) return policy;
  const fill = (value: unknown, isEndpoint: boolean): unknown => {
    if (value instanceof Unknown) return isEndpoint ? id : value;
    if (Array.isArray(value)) return value.map((entry) => fill(entry, isEndpoint));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, fill(entry, isEndpoint || SOURCE_VPCE.test(name))]),
    );
  };
  return fill(policy, false);
}

function idOf(resources: ResourceIndex, planned: ReadableResource): Text {
  const id = readString(planned, "id");
  return typeof id === "string" ? text(id) : text("vpce-", resources.unassigned(planned, "id"));
}

function endpointOf(resources: ResourceIndex, planned: ReadableResource): VpcEndpoint {
  return { id: idOf(resources, planned), vpc: vpcOf(planned), label: labelOf(planned) };
}

function vpcOf(planned: ReadableResource): Text {
  const id = readString(planned, "vpcId");
  if (typeof id === "string") return text(id);
  const [only, ...more] = dependenciesOf(planned, "vpcId").filter(({ type }) => VPC.test(type));
  const from: readonly Origin[] = unknownOrigins(planned, "vpcId");
  const ownerUrn = only === undefined || more.length > 0 ? planned.urn : only.urn;
  return text("vpc-", { id: `VPC of ${ownerUrn}`, shape: "word", label: { code: "vpc-id" }, origins: from });
}

/** `com.amazonaws.us-east-1.execute-api` */
function servesApiGateway(planned: ReadableResource): boolean {
  const service = readString(planned, "serviceName");
  return typeof service === "string" && service.endsWith(".execute-api");
}
