import { type Origin, Unknown } from "../../iam";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  type Planned,
  read,
  readString,
  stringOf,
} from "../pulumi/properties";
import { originsOf, type ResourceIndex } from "../pulumi/resource-index";

/** An origin of a CloudFront distribution that is a function URL of the stack, and whose requests nothing signs. */
export interface UnsignedOrigin {
  readonly urn: string;
  readonly label: string;
  /** Of the distribution, once it exists. */
  readonly arn?: string;
  /** The URL's resource (URN). */
  readonly url: string;
  /** Set when the origin's domain name was concluded from what it depends on. */
  readonly inferredFrom: readonly Origin[];
}

/**
 * Origins without origin access control. Where a function runs for the distribution's requests, that may sign them, or
 * choose an origin access control.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 */
export function readUnsignedOrigins(reading: ResourceIndex): readonly UnsignedOrigin[] {
  const urls = new Map<string, string>();
  for (const planned of reading.of("FunctionUrl")) {
    const host = hostOf(readString(planned, "functionUrl"));
    if (host !== undefined) urls.set(host, planned.urn);
  }
  return reading.of("Distribution").flatMap((planned): readonly UnsignedOrigin[] => {
    const origins = read(planned, "origins");
    if (!Array.isArray(origins) || runsFunctions(planned)) return [];
    const hidden = origins.filter((one) => stringOf(one, "domainName") instanceof Unknown);
    const unshown =
      reading.whenUnknown === "infer" && hidden.length === 1 ? soleUrl(reading, planned) : undefined;
    return origins
      .filter((one) => (fieldOf(one, "originAccessControlId") ?? "") === "")
      .flatMap((one): readonly UnsignedOrigin[] => {
        const domain = stringOf(one, "domainName");
        const isHidden = domain instanceof Unknown;
        const url = isHidden ? unshown : urls.get(domain ?? "");
        const inferredFrom = isHidden ? originsOf(planned, "origins") : [];
        const arn = readString(planned, "arn");
        const whose = {
          ...{ urn: planned.urn, label: labelOf(planned) },
          ...(typeof arn === "string" ? { arn } : {}),
        };
        return url === undefined ? [] : [{ ...whose, url, inferredFrom }];
      });
  });
}

function hostOf(url: string | Unknown | undefined): string | undefined {
  return typeof url === "string" ? /^https:\/\/([^/]{1,253})\/?$/.exec(url)?.[1] : undefined;
}

/** The function URL that the origins depend on, where nothing else may be their domain. */
function soleUrl(reading: ResourceIndex, planned: Planned): string | undefined {
  const [only, ...more] = dependenciesOf(planned, "origins").filter(
    ({ type }) => type !== "aws:cloudfront/originAccessControl:OriginAccessControl",
  );
  const one = only === undefined || more.length > 0 ? undefined : reading.byUrn(only.urn);
  return one?.kind === "FunctionUrl" ? one.urn : undefined;
}

function runsFunctions(planned: Planned): boolean {
  const behaviors = [read(planned, "defaultCacheBehavior"), read(planned, "orderedCacheBehaviors")].flat();
  return behaviors.some(
    (one) =>
      one instanceof Unknown ||
      ["lambdaFunctionAssociations", "functionAssociations"].some((name) => {
        const some = fieldOf(one, name);
        return some !== undefined && !(Array.isArray(some) && some.length === 0);
      }),
  );
}
