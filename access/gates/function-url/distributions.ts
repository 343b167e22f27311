import { CLOUDFRONT, INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../../../aws";
import { type Text, Unknown } from "../../../iam";
import type { FunctionUrl, UrlOrigin } from "../../../stack";
import { originsTogether } from "../../answer";
import type { Access } from "../../decisions/access";
import { allows, type Caller, knownKeys } from "./grantees";
import { type FunctionUrlVerdict, functionUrlVerdict } from "./verdict";

/**
 * Distributions whose requests to an `AWS_IAM` URL are not signed. Where the function allows CloudFront they are
 * intended to be signed; otherwise the callers of the distribution may sign their requests for the URL themselves.
 */
export function unsignedRequests(access: Access): readonly FunctionUrlVerdict[] {
  return urlRequests(access).flatMap(({ origin, url, arn, caller }): readonly FunctionUrlVerdict[] => {
    if (origin.signing === "always") return [];
    const { answer } = allows(access, caller, { target: url.target, arn }, INVOKE_FUNCTION_URL);
    const isNamed = (): boolean =>
      access.functionPolicies
        .ofTarget(url.target)
        .permissions.some(({ sourceArnOrigins }) => sourceArnOrigins.some(({ key }) => key === origin.urn));
    const intended =
      origin.signing === "other-type" ||
      answer === "yes" ||
      (answer === "unknown" && origin.arn === undefined && isNamed());
    return [
      functionUrlVerdict({
        outcome: intended ? "denied" : "unproven",
        cause: "unsigned-requests",
        because: origin.signing,
        urn: origin.urn,
        routes: [],
        target: url.target,
        functionUrl: url,
        grantee: { ...caller.grantee, grantedBy: origin.label },
        actions: [INVOKE_FUNCTION_URL],
        inferredFrom: originsTogether(origin.inferredFrom),
        unknowns: intended
          ? []
          : [
              {
                subject: { code: "url-signer", origin: origin.label },
                dependsOn: [],
                resolution: { code: "origin-access-control" },
              },
            ],
      }),
    ];
  });
}

/**
 * Distributions that sign their requests to an `AWS_IAM` URL, and that the function's resource policy does not allow.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 *
 * @param reported the verdicts on permissions that are on another version or alias are not repeated
 */
export function refusedDistributions(
  access: Access,
  reported: readonly FunctionUrlVerdict[],
): readonly FunctionUrlVerdict[] {
  return urlRequests(access).flatMap(({ origin, url, arn, caller }): readonly FunctionUrlVerdict[] => {
    if (origin.signing !== "always" || url.target.function === undefined) return [];
    if (reported.some(({ cause, functionUrl }) => cause === "other-qualifier" && functionUrl === url))
      return [];
    const decision = allows(access, caller, { target: url.target, arn }, INVOKE_FUNCTION_URL);
    return decision.answer === "no"
      ? [
          functionUrlVerdict({
            outcome: "denied",
            cause: "unpermitted-distribution",
            urn: origin.urn,
            routes: [],
            target: url.target,
            functionUrl: url,
            grantee: { ...caller.grantee, grantedBy: origin.label },
            decision,
            actions: [INVOKE_FUNCTION_URL, INVOKE_FUNCTION],
            inferredFrom: originsTogether(url.target.inferredFrom, origin.inferredFrom),
          }),
        ]
      : [];
  });
}

interface UrlRequest {
  readonly origin: UrlOrigin;
  readonly url: FunctionUrl;
  /** The policy of the function, version or alias of the URL. */
  readonly arn: Text;
  readonly caller: Caller;
}

function urlRequests({ facts: { urlOrigins, functionUrls } }: Access): readonly UrlRequest[] {
  return urlOrigins.flatMap((origin): readonly UrlRequest[] => {
    const url = functionUrls.find(({ urn }) => urn === origin.url);
    if (url === undefined || url.authorization !== "AWS_IAM" || url.target.arn instanceof Unknown) return [];
    const caller: Caller = {
      grantee: { kind: "resource", label: origin.label },
      principal: { kind: "service", name: CLOUDFRONT },
      known: {
        ...knownKeys([], true),
        ...(origin.arn === undefined ? {} : { "aws:sourcearn": { state: "present", values: [origin.arn] } }),
      },
      sameAccount: "no",
    };
    return [{ origin, url, arn: url.target.arn, caller }];
  });
}
