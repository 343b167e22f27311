/** Values in the format of AWS's, by the name of the property, so that a program can parse them. */
import { dnsSuffix } from "../../aws";
import type { Value } from "../../engine/values";
import { CREATED, digestToken, HEX, LOWER, type ProviderRequest, text, UPPER, uuid } from "./derived";

export interface Property {
  readonly property: string;
  readonly kind: "text" | "number" | "boolean" | "map";
  /** Its index in a list. */
  readonly index: number;
  readonly request: ProviderRequest;
  readonly id: string;
  readonly arn: string;
}

/** A value of the property; `undefined` where a made-up value could change a decision. */
export function plausible(of: Property): Value | undefined {
  if (of.kind === "boolean") return false;
  if (of.kind === "map") return {};
  if (of.kind === "number")
    return /port$/i.test(of.property) ? portOf(of) : /count|size|progress/i.test(of.property) ? 0 : 1;
  return TEXTS.find(([pattern]) => pattern.test(of.property))?.[1](of);
}

/** By the first pattern that matches the property's name. */
const TEXTS: readonly (readonly [RegExp, (of: Property) => string | undefined])[] = [
  [/^arn$/, ({ arn }) => arn],
  [/^(aws)?id$/i, ({ id }) => id],
  // A document that could be read as a grant is never made up.
  [/policy(Document)?$|^json$|document$/i, () => undefined],
  [/arnSuffix$/i, ({ arn }) => arn.slice(arn.lastIndexOf(":") + 1)],
  [/arns?$/i, (of) => arnNamed(of)],
  [
    /^(account|owner|registry|awsAccount)(Id|Number)?$|AccountId$|ownerId$/i,
    ({ request }) => request.place.account,
  ],
  [/^partition$/, ({ request }) => request.place.partition],
  [/region(Name)?$/i, ({ request }) => request.place.region],
  [
    /(availabilityZone|azs|zoneNames?|^names)s?$/i,
    ({ request, index }) => `${request.place.region}${"abcdef"[index] ?? "a"}`,
  ],
  [/^zoneId$/, (of) => (/^aws:route53\/zone:/.test(of.request.type) ? of.id : `Z${textOf(of, 13, UPPER)}`)],
  [/^hostedZoneId$/, hostedZoneOf],
  [/hostedZoneId$/i, (of) => `Z${textOf(of, 13, UPPER)}`],
  [/vpcIds?$/i, (of) => `vpc-${textOf(of, 17, HEX)}`],
  [/subnetIds?$/i, (of) => `subnet-${textOf(of, 17, HEX)}`],
  [/securityGroup(Id)?s?$/i, (of) => `sg-${textOf(of, 17, HEX)}`],
  [/routeTableIds?$/i, (of) => `rtb-${textOf(of, 17, HEX)}`],
  [/networkAclId$/i, (of) => `acl-${textOf(of, 17, HEX)}`],
  [/networkInterfaceId$/i, (of) => `eni-${textOf(of, 17, HEX)}`],
  [/allocationId$/i, (of) => `eipalloc-${textOf(of, 17, HEX)}`],
  [/imageId$/i, (of) => `ami-${textOf(of, 17, HEX)}`],
  [
    /certificate(Authority)?$|pem$|certificateChain$/i,
    () => "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
  ],
  [/ipv6.*cidr/i, () => "2600:1f18:1234:5600::/56"],
  [/cidr(Block)?s?$|cidrBlocks$/i, ({ index }) => `10.0.${index}.0/24`],
  [/(private|^)ip(Address)?$|privateIp$/i, ({ index }) => `10.0.0.${10 + index}`],
  [/publicIp$|ipAddress(es)?$/i, ({ index }) => `203.0.113.${10 + index}`],
  [/^(proxyEndpoint|repositoryUr[il])$/, (of) => registryOf(of)],
  // https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
  [
    /^issuer$/,
    ({ request }) =>
      `https://oidc.eks.${request.place.region}.${dnsSuffix(request.place.partition)}/id/${digestToken(request, 32, "0123456789ABCDEF")}`,
  ],
  [/(cache|reader|writer|configuration)?endpoint$|^address$/i, endpointOf],
  [/ur[il]s?$/i, (of) => `https://${hostOf(of)}`],
  [/domain(Name)?$|dnsName$|host(name)?$|fqdn$|cname$/i, hostOf],
  [
    /nameServers?$/i,
    ({ index }) =>
      `ns-${512 + index * 512}.awsdns-0${index}.${["com", "net", "org", "co.uk"][index] ?? "com"}`,
  ],
  [
    /resourceRecordName$/,
    (of) => `_${textOf(of, 32, HEX)}.${text(of.request, "domainName") || "example.com"}.`,
  ],
  [/resourceRecordValue$/, (of) => `_${textOf(of, 32, HEX)}.acm-validations.aws.`],
  [/resourceRecordType$/, () => "CNAME"],
  [/status$|state$/i, () => "ACTIVE"],
  [/date$|time$|timestamp$|(created|updated|modified)(At|On)?$|At$|not(After|Before)$/, () => CREATED],
  [/uuid$|^targetKeyId$/i, ({ request }) => uuid(request)],
  [/version$/i, () => "1"],
  [/secretString$/, (of) => JSON.stringify({ username: "admin", password: textOf(of, 16, LOWER) })],
  [/^authorizationToken$/, (of) => Buffer.from(`AWS:${textOf(of, 40, LOWER)}`).toString("base64")],
  [/^userName$/i, () => "AWS"],
  [/^name$/i, ({ request, id }) => text(request, "name") || id],
  [/tokens?$/i, (of) => textOf(of, 32, LOWER)],
  [/.*/, (of) => textOf(of, 12, LOWER)],
];

function textOf(of: Property, length: number, alphabet: string): string {
  return digestToken(of.request, length, alphabet, `${of.property}${of.index}`);
}

/** Every distribution has this zone. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias.html */
function hostedZoneOf(of: Property): string {
  return of.request.type.startsWith("aws:cloudfront/") ? "Z2FDTNDATAQYW2" : `Z${textOf(of, 13, UPPER)}`;
}

/** For a property that contains the ARN of another resource. */
function arnNamed(of: Property): string {
  const { partition, region, account } = of.request.place;
  const kind = of.property.replace(/arns?$/i, "");
  if (/role$/i.test(kind)) return `arn:${partition}:iam::${account}:role/${textOf(of, 12, LOWER)}`;
  if (/(kms|target)Key$|^key$/i.test(kind))
    return `arn:${partition}:kms:${region}:${account}:key/${uuid(of.request)}`;
  if (/secret$/i.test(kind))
    return `arn:${partition}:secretsmanager:${region}:${account}:secret:${textOf(of, 12, LOWER)}`;
  if (/^stream$/i.test(kind)) return `${of.arn}/stream/2026-01-15T09:30:00.000`;
  return of.arn;
}

const PORTS: readonly (readonly [RegExp, number])[] = [
  [/postgres/, 5432],
  [/mysql|maria/, 3306],
  [/sqlserver/, 1433],
  [/redis|valkey/, 6379],
  [/memcached/, 11211],
];

function portOf({ request }: Property): number {
  return PORTS.find(([engine]) => engine.test(text(request, "engine")))?.[1] ?? 443;
}

function hostOf(of: Property): string {
  const { request, id } = of;
  const [, path = ""] = request.type.split(":");
  const module = path.split("/")[0] ?? path;
  const { region, partition } = request.place;
  if (module === "cloudfront") return `d${textOf(of, 13, LOWER)}.cloudfront.net`;
  if (/^(a|e)?lb$|elasticloadbalancing/.test(module))
    return `${nameIn(id)}-${textOf(of, 10, "0123456789")}.${region}.elb.${dnsSuffix(partition)}`;
  if (module === "acm") return text(request, "domainName") || "example.com";
  return `${nameIn(id)}.${textOf(of, 12, LOWER)}.${region}.${module}.${dnsSuffix(partition)}`;
}

/** An endpoint of RDS includes its port. */
function endpointOf(of: Property): string {
  const ofInstance = of.property === "endpoint" && of.request.type === "aws:rds/instance:Instance";
  return ofInstance ? `${hostOf(of)}:${portOf(of)}` : hostOf(of);
}

function nameIn(id: string): string {
  if (id.includes("/app/")) return id.split("/").at(-2) ?? id;
  return id.split(/[/:]/).at(-1) ?? id;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function registryOf({ request, id, property }: Property): string {
  const { account, region, partition } = request.place;
  const host = `${account}.dkr.ecr.${region}.${dnsSuffix(partition)}`;
  return property === "proxyEndpoint" ? `https://${host}` : `${host}/${id}`;
}
