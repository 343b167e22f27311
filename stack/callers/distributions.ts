import { type Origin, type Text, text, Unknown } from "../../iam";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  type ReadableResource,
  read,
  readString,
  stringOf,
} from "../pulumi/properties";
import { originsOf, type ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";

/** Why the requests to an origin are not signed. */
export type UnsignedReason =
  /** It has no origin access control. */
  | "none"
  /** Its origin access control signs no request. */
  | "never-signs"
  /** Its origin access control is for origins of another type, which CloudFront refuses. */
  | "other-type";

/** An origin of a CloudFront distribution that is a function URL of the stack. */
export interface UrlOrigin {
  readonly urn: string;
  readonly label: string;
  /** The ARN of the distribution, once it exists. */
  readonly arn?: Text;
  /** The URL's resource (URN). */
  readonly url: string;
  readonly signing: Signing;
  /** Set when the origin's domain name was inferred from its dependencies. */
  readonly inferredFrom: readonly Origin[];
}

/** Whether CloudFront signs its requests to an origin. */
export type Signing = "always" | UnsignedReason;

/** The settings of a distribution for its requests, for either provider. */
export interface DistributionSettings {
  /** The property that contains the setting. */
  readonly property: string;
  readonly origins: readonly unknown[];
  readonly behaviors: readonly unknown[];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * The origins and cache behaviors of a CloudFront distribution, which each provider nests differently. Items may be
 * unknown.
 */
export function distributionSettings(planned: ReadableResource): DistributionSettings {
  const config = read(planned, "distributionConfig");
  if (planned.type.startsWith("aws-native:"))
    return {
      property: "distributionConfig",
      origins: listOf(fieldOf(config, "origins")),
      behaviors: [fieldOf(config, "defaultCacheBehavior"), fieldOf(config, "cacheBehaviors")].flat(),
    };
  return {
    property: "origins",
    origins: listOf(read(planned, "origins")),
    behaviors: [read(planned, "defaultCacheBehavior"), read(planned, "orderedCacheBehaviors")].flat(),
  };
}

/**
 * The origins for which it is known whether CloudFront signs requests. A function that runs for the distribution's
 * requests may sign them, or choose an origin access control.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 */
export function readUrlOrigins(resources: ResourceIndex): readonly UrlOrigin[] {
  const urls = new Map<string, string>();
  for (const planned of resources.ofKind("FunctionUrl")) {
    const host = hostOf(readString(planned, "functionUrl"));
    if (host !== undefined) urls.set(host, planned.urn);
  }
  return resources.ofKind("Distribution").flatMap((planned): readonly UrlOrigin[] => {
    const settings = distributionSettings(planned);
    if (runsFunctions(settings)) return [];
    const arn = arnOf(resources, planned);
    const owner = {
      urn: planned.urn,
      label: labelOf(planned),
      ...(arn === undefined ? {} : { arn }),
    };
    const knownOrigins = settings.origins.flatMap((origin): readonly UrlOrigin[] => {
      const domain = stringOf(origin, "domainName");
      const url = domain instanceof Unknown ? undefined : urls.get(domain ?? "");
      const signing = url === undefined ? undefined : signingOf(resources, planned, settings, origin);
      return url === undefined || signing === undefined ? [] : [{ ...owner, url, signing, inferredFrom: [] }];
    });
    return [
      ...knownOrigins,
      ...inferredOrigins(resources, planned, settings).map((inferredOrigin) => ({
        ...owner,
        ...inferredOrigin,
      })),
    ];
  });
}

/**
 * The function URLs among the dependencies of the origins, where all origins that may be one of them are signed, or
 * none is. An origin in S3 has no settings of a custom origin:
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html
 */
function inferredOrigins(
  resources: ResourceIndex,
  planned: ReadableResource,
  settings: DistributionSettings,
): readonly Pick<UrlOrigin, "url" | "signing" | "inferredFrom">[] {
  if (resources.whenUnknown !== "infer") return [];
  const unknownOrigins = settings.origins.filter(
    (origin) => stringOf(origin, "domainName") instanceof Unknown,
  );
  const customOrigins = unknownOrigins.filter((entry) => fieldOf(entry, "customOriginConfig") !== undefined);
  const signings = (customOrigins.length > 0 ? customOrigins : unknownOrigins).map((entry) =>
    signingOf(resources, planned, settings, entry),
  );
  const [signing] = signings;
  if (signing === undefined || signings.includes(undefined)) return [];
  if (signings.some((reason) => (reason === "always") !== (signing === "always"))) return [];
  return dependenciesOf(planned, settings.property)
    .filter(({ urn }) => resources.byUrn(urn)?.kind === "FunctionUrl")
    .map(({ urn }) => ({ url: urn, signing, inferredFrom: originsOf(planned, settings.property) }));
}

/**
 * `undefined` where CloudFront may sign: "no-override" depends on clients, "never" turns origin access control off, and
 * "the origin type and OAC origin type differ" is refused (https://github.com/aws/aws-cdk/issues/26405).
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html
 */
function signingOf(
  resources: ResourceIndex,
  planned: ReadableResource,
  { property }: DistributionSettings,
  origin: unknown,
): Signing | undefined {
  const id = fieldOf(origin, "originAccessControlId") ?? "";
  if (id === "") return "none";
  const controls = resources.ofKind("OriginAccessControl");
  const intended =
    id instanceof Unknown
      ? controls.filter(({ urn }) =>
          dependenciesOf(planned, property).some((resource) => resource.urn === urn),
        )
      : controls.filter((control) => readString(control, "id") === id);
  const reasons = new Set(intended.map(signingOfControl));
  const [only, ...more] = reasons;
  return more.length > 0 || (id instanceof Unknown && resources.whenUnknown !== "infer") ? undefined : only;
}

function signingOfControl(control: ReadableResource): Signing | undefined {
  const config = read(control, "originAccessControlConfig");
  const readSetting = (name: string): unknown =>
    control.type.startsWith("aws-native:") ? fieldOf(config, name) : read(control, name);
  const [type, behavior] = [readSetting("originAccessControlOriginType"), readSetting("signingBehavior")];
  if (behavior === "never") return "never-signs";
  if (typeof type === "string" && type !== "lambda") return "other-type";
  return behavior === "always" && type === "lambda" ? "always" : undefined;
}

function arnOf(resources: ResourceIndex, planned: ReadableResource): Text | undefined {
  const arn = readString(planned, "arn");
  if (typeof arn === "string") return text(arn);
  const id = planned.type.startsWith("aws-native:") ? readString(planned, "id") : undefined;
  if (typeof id !== "string") return undefined;
  const { partition, account } = scopeOf(resources, planned);
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
  return text("arn:", partition, ":cloudfront::", account, ":distribution/", id);
}

function hostOf(url: string | Unknown | undefined): string | undefined {
  return typeof url === "string" ? /^https:\/\/([^/]{1,253})\/?$/.exec(url)?.[1] : undefined;
}

function runsFunctions({ behaviors }: DistributionSettings): boolean {
  return behaviors.some(
    (behavior) =>
      behavior instanceof Unknown ||
      ["lambdaFunctionAssociations", "functionAssociations"].some((name) => {
        const settings = fieldOf(behavior, name);
        return settings !== undefined && !(Array.isArray(settings) && settings.length === 0);
      }),
  );
}
