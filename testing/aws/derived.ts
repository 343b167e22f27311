/**
 * Simulated values of AWS, in AWS's formats (lengths, alphabets, prefixes) and derived from a resource's URN, so that
 * every run has the same values. ARN formats:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */

import { createHash } from "node:crypto";
import { dnsSuffix } from "../../aws";
import { type Properties, sortedJson, type Value } from "../../engine/values";

/** Where a resource is deployed. */
export interface SimulatedLocation {
  /** For example, `us-east-1`. */
  region: string;
  /** Twelve digits. */
  account: string;
  /** For example, `aws-us-gov`. */
  partition: string;
}

/** A resource from its provider's point of view. */
export interface ProviderRequest {
  type: string;
  /** The name in the program, not the one in AWS. */
  name: string;
  urn: string;
  inputs: Properties;
  place: SimulatedLocation;
  /** The engine's random seed for the suffixes of generated names in this run; without it all runs have the same. */
  nameSeed?: string;
  /** The outputs of the resource of the given type (`RestApi`) with an id in AWS. */
  find(kind: string, id: string): Properties | undefined;
}

/** The provider's behavior for one type. */
export interface TypeBehavior {
  /** The property that gets a generated name when the program sets none. */
  named?: string;
  /** Properties that accept a policy document object, and are JSON strings afterwards. */
  documents?: readonly string[];
  /** Defaults that the provider adds before the deployment. */
  defaults?: Properties;
  /** Properties that are lists of blocks: the bridge marks each block with its defaults. */
  blocks?: readonly string[];
  /** The id that AWS or the provider assigns. */
  id(request: ProviderRequest): string;
  /** Properties known only after the deployment, unless the program sets them. */
  computed?(request: ProviderRequest, id: string): Record<string, Value | undefined>;
}

export const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
export const DIGITS = "0123456789";
export const HEX = "0123456789abcdef";
export const CREATED = "2026-01-15T09:30:00Z";

/** A text of the given length, in characters of the alphabet, that is the same for the same seed. */
export function token(seed: string, length: number, alphabet: string): string {
  let text = "";
  for (let round = 0; text.length < length; round += 1) {
    for (const byte of createHash("sha256").update(`${seed}#${round}`).digest()) {
      text += alphabet[byte % alphabet.length];
    }
  }
  return text.slice(0, length);
}

/** A text that is the same in every run; `purpose` distinguishes the values of one resource. */
export const digestToken = (
  request: ProviderRequest,
  length: number,
  alphabet: string,
  purpose = "",
): string => token(`${request.urn}${purpose}`, length, alphabet);

/** Derives an id from the URN, like those that AWS assigns at random. */
export const random =
  (length: number, alphabet = LOWER) =>
  (request: ProviderRequest): string =>
    token(request.urn, length, alphabet);

/** Derives a UUID from the URN, of no version. */
export const uuid = (request: ProviderRequest): string => {
  const hex = token(request.urn, 32, HEX);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

/** An input as text; a missing input is empty, and an unknown value is the sentinel. */
export function text(request: ProviderRequest, key: string): string {
  const value = request.inputs[key];
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
}

/** The texts of the given inputs, one after another. An unknown input is in it as its sentinel. */
export const input =
  (...keys: string[]) =>
  (request: ProviderRequest): string =>
    keys.map((key) => text(request, key)).join("");

/** The texts of the given inputs with a separator between them. An unknown input is in it as its sentinel. */
export const joined =
  (separator: string, ...keys: string[]) =>
  (request: ProviderRequest): string =>
    keys.map((key) => text(request, key)).join(separator);

/** An ARN of this place. For example, `service` is `lambda` and `rest` is `function:orders`. */
export function arn({ place }: ProviderRequest, service: string, rest: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${rest}`;
}

/** An IAM ARN: no region, and the path before the name. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export function iamArn(request: ProviderRequest, kind: string, nameKey = "name"): string {
  const path = text(request, "path") || "/";
  return `arn:${request.place.partition}:iam::${request.place.account}:${kind}${path}${text(request, nameKey)}`;
}

/** An ARN of a resource that API Gateway manages: without an account. */
export function managementArn({ place }: ProviderRequest, path: string): string {
  return `arn:${place.partition}:apigateway:${place.region}::${path}`;
}

/** The ARN prefix of the requests to an API with the given id: `arn:aws:execute-api:us-east-1:123456789012:API`. */
export function executionArn(request: ProviderRequest, api: string): string {
  return arn(request, "execute-api", api);
}

/** The default endpoint of an API with the given id, without a slash at the end. */
export function endpoint(request: ProviderRequest, api: string, scheme = "https"): string {
  return `${scheme}://${api}.execute-api.${request.place.region}.${dnsSuffix(request.place.partition)}`;
}

/**
 * The function in an integration's URI.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
 */
export function invokeArn({ place }: ProviderRequest, functionArn: string): string {
  return `arn:${place.partition}:apigateway:${place.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}

/**
 * The invocation URI of a function whose response API Gateway streams.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function streamingArn({ place }: ProviderRequest, functionArn: string): string {
  return `arn:${place.partition}:apigateway:${place.region}:lambda:path/2021-11-15/functions/${functionArn}/response-streaming-invocations`;
}

/** The ARN of the function that a name, a partial ARN or an ARN refers to. */
export function functionArn(request: ProviderRequest, reference: string): string {
  if (reference.startsWith("arn:")) return reference;
  const name = reference.includes(":function:") ? reference.split(":function:")[1] : reference;
  return arn(request, "lambda", `function:${name}`);
}

/** The SHA-256 of the URN in base64, in place of that of a function's code. */
export function digest(request: ProviderRequest): string {
  return createHash("sha256").update(request.urn).digest("base64");
}

/** The resource of a stage of a REST API in ARNs of API Gateway's management API. */
export const restStagePath = (request: ProviderRequest, stage: string): string =>
  `/restapis/${text(request, "restApi")}/stages/${stage}`;

/** The path of a REST resource: its parent's, and its own part. */
export function restPath(request: ProviderRequest): string {
  const part = text(request, "pathPart");
  const parent = request.find("Resource", text(request, "parentId"));
  const parentPath = parent === undefined ? "" : String(parent.path ?? "");
  return `${parentPath}/${part}`;
}

/** The part before a rule's name in its ARN: empty on the default bus. */
export function eventBus(request: ProviderRequest): string {
  const bus = text(request, "eventBusName").replace(/^arn:.*:event-bus\//, "");
  return bus === "" || bus === "default" ? "" : `${bus}/`;
}

/** The ARN of an OpenID Connect provider, from the input with its URL, which the ARN contains without `https://`. */
export function oidcArn(request: ProviderRequest, key: string): string {
  return iamGlobal(request, `oidc-provider/${text(request, key).replace("https://", "")}`);
}

/** An ARN of IAM, which has no region. */
export function iamGlobal({ place }: ProviderRequest, rest: string): string {
  return `arn:${place.partition}:iam::${place.account}:${rest}`;
}

/** The ARN of a service-linked role, whose name IAM derives from the service and the suffix. */
export function serviceLinkedArn(request: ProviderRequest): string {
  const service = text(request, "awsServiceName");
  const suffix = text(request, "customSuffix");
  const name = `AWSServiceRoleFor${service.split(".")[0]}${suffix && `_${suffix}`}`;
  return iamGlobal(request, `role/aws-service-role/${service}/${name}`);
}

/** The ARN of the association of a private custom domain name with a VPC endpoint. */
export function accessAssociationArn(request: ProviderRequest): string {
  const source = text(request, "accessAssociationSource");
  return arn(
    request,
    "apigateway",
    `/domainnameaccessassociations/domainname/${request.name}/vpcesource/${source}`,
  );
}

/** The ARN of a base path mapping; an empty base path is `(none)`. */
export function basePathMappingArn(request: ProviderRequest): string {
  return `${text(request, "domainNameArn")}/basepathmappings/${text(request, "basePath") || "(none)"}`;
}

/** The ARN of a routing rule of the domain name in the given input, with an id of ten characters. */
export function routingRuleArn(request: ProviderRequest, key: string): string {
  return arn(request, "apigateway", `/domainnames/${text(request, key)}/routingrules/${random(10)(request)}`);
}

/** `HTTP` or `WEBSOCKET`, by the API that `apiId` refers to; `HTTP` for an API that is not in the program. */
export function protocol(request: ProviderRequest): string {
  return String(request.find("Api", text(request, "apiId"))?.protocolType ?? "HTTP");
}

/**
 * The URL of a stage of an HTTP or WebSocket API: `https://…/` for `$default`, `wss://…/STAGE` for a WebSocket API.
 */
export function stageUrl(request: ProviderRequest, stage: string): string {
  const api = text(request, "apiId");
  if (protocol(request) === "WEBSOCKET") return `${endpoint(request, api, "wss")}/${stage}`;
  return `${endpoint(request, api)}/${stage === "$default" ? "" : stage}`;
}

/** The policy document, in JSON, with the statement that a layer version permission adds. */
export function layerPolicy(request: ProviderRequest): string {
  return sortedJson({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: text(request, "statementId"),
        Effect: "Allow",
        Principal: text(request, "principal"),
        Action: text(request, "action"),
        Resource: `${text(request, "layerName")}:${text(request, "versionNumber")}`,
      },
    ],
  });
}
