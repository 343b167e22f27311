/** Values in AWS's formats, by property name, so that a program can parse them. */
import { dnsSuffix } from "../../aws";
import type { Value } from "../../engine/values";
import { CREATED, digestToken, HEX, LOWER, type ProviderRequest, text, UPPER, uuid } from "./derived";

/** An output for which the schema shows only the type, and the resource that has it. */
export interface OutputProperty {
  readonly property: string;
  readonly kind: "text" | "number" | "boolean" | "map";
  /** Its index in a list. */
  readonly index: number;
  readonly request: ProviderRequest;
  readonly id: string;
  readonly arn: string;
}

/** A value of the property; `undefined` where a made-up value could change a decision. */
export function plausibleValue(output: OutputProperty): Value | undefined {
  if (output.kind === "boolean") return false;
  if (output.kind === "map") return {};
  if (output.kind === "number")
    return /port$/i.test(output.property)
      ? portOf(output)
      : /count|size|progress/i.test(output.property)
        ? 0
        : 1;
  return TEXTS.find(([pattern]) => pattern.test(output.property))?.[1](output);
}

/** By the first pattern that matches the property's name. */
const TEXTS: readonly (readonly [RegExp, (output: OutputProperty) => string | undefined])[] = [
  [/^arn$/, ({ arn }) => arn],
  [/^(aws)?id$/i, ({ id }) => id],
  // A document that could be read as a grant is never made up.
  [/policy(Document)?$|^json$|document$/i, () => undefined],
  [/arnSuffix$/i, ({ arn }) => arn.slice(arn.lastIndexOf(":") + 1)],
  [/arns?$/i, (output) => arnNamed(output)],
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
  [
    /^zoneId$/,
    (output) =>
      /^aws:route53\/zone:/.test(output.request.type) ? output.id : `Z${textOf(output, 13, UPPER)}`,
  ],
  [/^hostedZoneId$/, hostedZoneOf],
  [/hostedZoneId$/i, (output) => `Z${textOf(output, 13, UPPER)}`],
  [/vpcIds?$/i, (output) => `vpc-${textOf(output, 17, HEX)}`],
  [/subnetIds?$/i, (output) => `subnet-${textOf(output, 17, HEX)}`],
  [/securityGroup(Id)?s?$/i, (output) => `sg-${textOf(output, 17, HEX)}`],
  [/routeTableIds?$/i, (output) => `rtb-${textOf(output, 17, HEX)}`],
  [/networkAclId$/i, (output) => `acl-${textOf(output, 17, HEX)}`],
  [/networkInterfaceId$/i, (output) => `eni-${textOf(output, 17, HEX)}`],
  [/allocationId$/i, (output) => `eipalloc-${textOf(output, 17, HEX)}`],
  [/imageId$/i, (output) => `ami-${textOf(output, 17, HEX)}`],
  [
    /certificate(Authority)?$|pem$|certificateChain$/i,
    () => "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
  ],
  [/ipv6.*cidr/i, () => "2600:1f18:1234:5600::/56"],
  [/cidr(Block)?s?$|cidrBlocks$/i, ({ index }) => `10.0.${index}.0/24`],
  [/(private|^)ip(Address)?$|privateIp$/i, ({ index }) => `10.0.0.${10 + index}`],
  [/publicIp$|ipAddress(es)?$/i, ({ index }) => `203.0.113.${10 + index}`],
  [/^(proxyEndpoint|repositoryUr[il])$/, (output) => registryOf(output)],
  // https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
  [
    /^issuer$/,
    ({ request }) =>
      `https://oidc.eks.${request.place.region}.${dnsSuffix(request.place.partition)}/id/${digestToken(request, 32, "0123456789ABCDEF")}`,
  ],
  [/(cache|reader|writer|configuration)?endpoint$|^address$/i, endpointOf],
  [/ur[il]s?$/i, (output) => `https://${hostOf(output)}`],
  [/domain(Name)?$|dnsName$|host(name)?$|fqdn$|cname$/i, hostOf],
  [
    /nameServers?$/i,
    ({ index }) =>
      `ns-${512 + index * 512}.awsdns-0${index}.${["com", "net", "org", "co.uk"][index] ?? "com"}`,
  ],
  [
    /resourceRecordName$/,
    (output) => `_${textOf(output, 32, HEX)}.${text(output.request, "domainName") || "example.com"}.`,
  ],
  [/resourceRecordValue$/, (output) => `_${textOf(output, 32, HEX)}.acm-validations.aws.`],
  [/resourceRecordType$/, () => "CNAME"],
  [/status$|state$/i, () => "ACTIVE"],
  [/date$|time$|timestamp$|(created|updated|modified)(At|On)?$|At$|not(After|Before)$/, () => CREATED],
  [/uuid$|^targetKeyId$/i, ({ request }) => uuid(request)],
  [/version$/i, () => "1"],
  [/secretString$/, (output) => JSON.stringify({ username: "admin", password: textOf(output, 16, LOWER) })],
  [/^authorizationToken$/, (output) => Buffer.from(`AWS:${textOf(output, 40, LOWER)}`).toString("base64")],
  [/^userName$/i, () => "AWS"],
  [/^name$/i, ({ request, id }) => text(request, "name") || id],
  [/tokens?$/i, (output) => textOf(output, 32, LOWER)],
  [/.*/, (output) => textOf(output, 12, LOWER)],
];

function textOf(output: OutputProperty, length: number, alphabet: string): string {
  return digestToken(output.request, length, alphabet, `${output.property}${output.index}`);
}

/** Every distribution has this zone. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias.html */
function hostedZoneOf(output: OutputProperty): string {
  return output.request.type.startsWith("aws:cloudfront/")
    ? "Z2FDTNDATAQYW2"
    : `Z${textOf(output, 13, UPPER)}`;
}

/** For a property that contains the ARN of another resource. */
function arnNamed(output: OutputProperty): string {
  const { partition, region, account } = output.request.place;
  const kind = output.property.replace(/arns?$/i, "");
  if (/role$/i.test(kind)) return `arn:${partition}:iam::${account}:role/${textOf(output, 12, LOWER)}`;
  if (/(kms|target)Key$|^key$/i.test(kind))
    return `arn:${partition}:kms:${region}:${account}:key/${uuid(output.request)}`;
  if (/secret$/i.test(kind))
    return `arn:${partition}:secretsmanager:${region}:${account}:secret:${textOf(output, 12, LOWER)}`;
  if (/^stream$/i.test(kind)) return `${output.arn}/stream/2026-01-15T09:30:00.000`;
  return output.arn;
}

const PORTS: readonly (readonly [RegExp, number])[] = [
  [/postgres/, 5432],
  [/mysql|maria/, 3306],
  [/sqlserver/, 1433],
  [/redis|valkey/, 6379],
  [/memcached/, 11211],
];

function portOf({ request }: OutputProperty): number {
  return PORTS.find(([engine]) => engine.test(text(request, "engine")))?.[1] ?? 443;
}

function hostOf(output: OutputProperty): string {
  const { request, id } = output;
  const [, path = ""] = request.type.split(":");
  const module = path.split("/")[0] ?? path;
  const { region, partition } = request.place;
  if (module === "cloudfront") return `d${textOf(output, 13, LOWER)}.cloudfront.net`;
  if (/^(a|e)?lb$|elasticloadbalancing/.test(module))
    return `${nameIn(id)}-${textOf(output, 10, "0123456789")}.${region}.elb.${dnsSuffix(partition)}`;
  if (module === "acm") return text(request, "domainName") || "example.com";
  return `${nameIn(id)}.${textOf(output, 12, LOWER)}.${region}.${module}.${dnsSuffix(partition)}`;
}

/** An endpoint of RDS includes its port. */
function endpointOf(output: OutputProperty): string {
  const isInstanceEndpoint =
    output.property === "endpoint" && output.request.type === "aws:rds/instance:Instance";
  return isInstanceEndpoint ? `${hostOf(output)}:${portOf(output)}` : hostOf(output);
}

function nameIn(id: string): string {
  if (id.includes("/app/")) return id.split("/").at(-2) ?? id;
  return id.split(/[/:]/).at(-1) ?? id;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function registryOf({ request, id, property }: OutputProperty): string {
  const { account, region, partition } = request.place;
  const host = `${account}.dkr.ecr.${region}.${dnsSuffix(partition)}`;
  return property === "proxyEndpoint" ? `https://${host}` : `${host}/${id}`;
}
