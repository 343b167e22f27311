/**
 * The results for types without an entry: an id and an ARN in the service's format, and for every required output a
 * value of its shape.
 */
import { defined, type Properties, type Value } from "../../engine/values";
import { arnOf, typeInfo } from "./arns";
import {
  DIGITS,
  digestToken,
  HEX,
  LOWER,
  type ProviderRequest,
  type TypeBehavior,
  text,
  UPPER,
  uuid,
} from "./derived";
import outputs from "./outputs.json";
import { plausibleValue } from "./plausible-values";
import { fieldsOf, type Shape } from "./shapes";

const RESOURCES: Readonly<Record<string, string>> = {
  ...outputs.aws.resources,
  ...outputs["aws-native"].resources,
};

const DATA_SOURCES: Readonly<Record<string, string>> = outputs.aws.dataSources;

/**
 * The prefixes of EC2's ids.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */
const PREFIXES: Readonly<Record<string, string>> = {
  "ec2/ami": "ami",
  "ec2/customergateway": "cgw",
  "ec2/egressonlyinternetgateway": "eigw",
  "ec2/eip": "eipalloc",
  "ec2/flowlog": "fl",
  "ec2/instance": "i",
  "ec2/internetgateway": "igw",
  "ec2/launchtemplate": "lt",
  "ec2/managedprefixlist": "pl",
  "ec2/natgateway": "nat",
  "ec2/networkacl": "acl",
  "ec2/networkinterface": "eni",
  "ec2/routetable": "rtb",
  "ec2/securitygroup": "sg",
  "ec2/securitygrouprule": "sgr",
  "ec2/snapshot": "snap",
  "ec2/subnet": "subnet",
  "ec2/transitgateway": "tgw",
  "ec2/volume": "vol",
  "ec2/vpc": "vpc",
  "ec2/vpcendpoint": "vpce",
  "ec2/vpnconnection": "vpn",
  "ec2/vpngateway": "vgw",
  "elasticfilesystem/accesspoint": "fsap",
  "elasticfilesystem/filesystem": "fs",
};

/** Types whose id is their ARN. */
const TYPES_IDENTIFIED_BY_ARN: ReadonlySet<string> = new Set([
  "acm/certificate",
  "acmpca/certificateauthority",
  "ecs/cluster",
  "ecs/service",
  "elasticloadbalancing/listener",
  "elasticloadbalancing/listenerrule",
  "elasticloadbalancing/loadbalancer",
  "elasticloadbalancing/targetgroup",
  "msk/cluster",
  "rds/proxy",
  "secretsmanager/secret",
  "sns/topic",
  "sns/topicsubscription",
  "states/activity",
  "states/statemachine",
]);

/** Formats of ids that are neither the name nor the ARN. */
const IDS: Readonly<Record<string, (request: ProviderRequest) => string>> = {
  "appsync/graphqlapi": (request) => digestToken(request, 26, LOWER),
  "cloudfront/distribution": (request) => `E${digestToken(request, 13, UPPER)}`,
  "cloudfront/originaccesscontrol": (request) => `E${digestToken(request, 13, UPPER)}`,
  "cloudfront/originaccessidentity": (request) => `E${digestToken(request, 13, UPPER)}`,
  "organizations/account": (request) => digestToken(request, 12, DIGITS),
  "route53/hostedzone": (request) => `Z${digestToken(request, 20, UPPER)}`,
  "route53/zone": (request) => `Z${digestToken(request, 20, UPPER)}`,
  "wafv2/ipset": uuid,
  "wafv2/webacl": uuid,
};

/** The results for a type without an entry. */
export function unlistedBehavior(type: string): TypeBehavior {
  const named = nameProperty(type);
  return {
    ...(named === undefined ? {} : { named }),
    id: idOf,
    computed: (request, id) => ({ arn: arnOf(request, id, nameOf(request, id)), ...outputsOf(request, id) }),
  };
}

/** The outputs of a resource according to its type's shapes. */
export function outputsOf(request: ProviderRequest, id: string): Properties {
  return valuesOf(RESOURCES[request.type], request, id);
}

/** Whether the providers have a type of resources. */
export function isResource(type: string): boolean {
  return Object.hasOwn(RESOURCES, type);
}

/** Whether the providers have a data source; `undefined` for providers whose data sources are not listed. */
export function isDataSource(token: string): boolean {
  return Object.hasOwn(DATA_SOURCES, token);
}

/** The data sources of AWS's provider. */
export function dataSourceTokens(): string[] {
  return Object.keys(DATA_SOURCES);
}

/** The outputs of a data source according to its shapes. */
export function resultOf(token: string, request: ProviderRequest, id: string): Properties {
  return valuesOf(DATA_SOURCES[token], request, id);
}

function valuesOf(shapes: string | undefined, request: ProviderRequest, id: string): Properties {
  const arn = arnOf(request, id, nameOf(request, id));
  const value = (name: string, shape: Shape, optional: boolean): Value | undefined => {
    if (shape.kind === "list") {
      if (optional) return [];
      return Array.from({ length: lengthOf(name) }, (_, index) => inner(name, shape.element, index) ?? "");
    }
    return inner(name, shape, 0);
  };
  const inner = (name: string, shape: Shape, index: number): Value | undefined => {
    if (shape.kind === "object")
      return defined(
        Object.fromEntries(shape.fields.map((field) => [field.name, value(field.name, field.shape, false)])),
      );
    if (shape.kind === "list") return [];
    return plausibleValue({ property: name, kind: shape.kind, index, request, id, arn });
  };
  const entries = fieldsOf(shapes ?? "").map(({ name, shape, optional }): [string, Value | undefined] => [
    name,
    value(name, shape, optional),
  ]);
  return defined(Object.fromEntries(entries));
}

/** Zones, subnets, name servers and tokens are returned in threes or fours; of everything else there is one. */
function lengthOf(name: string): number {
  if (name === "nameServers") return 4;
  return /^ids$|subnet|zone|names$|azs|tokens$/i.test(name) ? 3 : 1;
}

function idOf(request: ProviderRequest): string {
  const { key } = typeInfo(request.type);
  const prefix = PREFIXES[key];
  if (prefix !== undefined) return `${prefix}-${digestToken(request, 17, HEX)}`;
  const id = IDS[key]?.(request);
  if (id !== undefined) return id;
  const name = nameOf(request, "");
  if (TYPES_IDENTIFIED_BY_ARN.has(key)) return arnOf(request, "", name);
  return request.type.startsWith("aws:") && name !== "" ? name : digestToken(request, 17, HEX);
}

/** The name in AWS, if the resource has one. */
function nameOf(request: ProviderRequest, id: string): string {
  const property = nameProperty(request.type) ?? givenName(request);
  return (property === undefined ? "" : text(request, property)) || id;
}

function givenName({ type, inputs }: ProviderRequest): string | undefined {
  const kind = type.split(":").at(-1) ?? "";
  const kindName = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}Name`;
  const names = ["name", kindName, "bucket", "identifier", "clusterIdentifier", "dbInstanceIdentifier"];
  return names.find((key) => typeof inputs[key] === "string");
}

/** The property with a name that the provider generates. */
function nameProperty(type: string): string | undefined {
  const fields = fieldsOf(RESOURCES[type] ?? "").filter(({ optional }) => optional);
  const kind = (type.split(":").at(-1) ?? "").toLowerCase();
  const names = ["name", `${kind}name`, ...(type.startsWith("aws-native:") ? [] : ["bucket"])];
  return fields.find(({ name }) => names.includes(name.toLowerCase()))?.name;
}
