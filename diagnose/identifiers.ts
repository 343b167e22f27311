import type { AccountResource } from "../account";
import type { PlannedResource } from "../engine/model";
import { appendTo } from "../stack/pulumi/keys";

/** The identifiers of resources in AWS's logs, and the corresponding resources of the stacks. */
export interface Identifiers {
  /** The URN of the role or user with a unique ID (`AROA…`, `AIDA…`). */
  readonly principals: ReadonlyMap<string, string>;
  /** The path of a resource of a REST API, by `API/RESOURCE`. */
  readonly paths: ReadonlyMap<string, string>;
  /** Custom domain names, in lower case. */
  readonly domains: ReadonlyMap<string, readonly DomainMapping[]>;
  /** The profile of the AWS CLI's configuration that the provider of a resource (URN) names. */
  readonly profiles: ReadonlyMap<string, string>;
}

/** A mapping of a custom domain name to an API. */
export interface DomainMapping {
  readonly apiId: string;
  readonly basePath: string;
  readonly stage?: string;
}

/** Reads them from the outputs of resources; unknown values of a plan identify no resource. */
export function identifiersOf(
  resources: readonly PlannedResource[],
  account: readonly AccountResource[] = [],
): Identifiers {
  const principals = new Map(
    account.flatMap(({ urn, props }) =>
      typeof props.uniqueId === "string" ? [[props.uniqueId, urn] as const] : [],
    ),
  );
  const paths = new Map<string, string>();
  const domains = new Map<string, DomainMapping[]>();
  for (const { urn, type, id, inputs, outputs } of resources) {
    const value = (...names: readonly string[]): string | undefined => {
      for (const name of names) {
        const identifier = outputs[name] ?? inputs[name];
        if (typeof identifier === "string" && identifier !== "") return identifier;
      }
      return undefined;
    };
    switch (type) {
      case "aws:iam/role:Role":
      case "aws:iam/user:User":
      case "aws-native:iam:Role":
      case "aws-native:iam:User": {
        const uniqueId = value("uniqueId", "roleId");
        if (uniqueId !== undefined) principals.set(uniqueId, urn);
        break;
      }
      case "aws:apigateway/restApi:RestApi":
      case "aws-native:apigateway:RestApi": {
        const root = value("rootResourceId");
        const api = value("restApiId") ?? id;
        if (root !== undefined) paths.set(`${api}/${root}`, "/");
        break;
      }
      case "aws:apigateway/resource:Resource": {
        const path = value("path");
        if (path !== undefined) paths.set(`${value("restApi")}/${id}`, path);
        break;
      }
      case "aws:apigateway/basePathMapping:BasePathMapping":
      case "aws:apigatewayv2/apiMapping:ApiMapping":
      case "aws-native:apigateway:BasePathMapping":
      case "aws-native:apigatewayv2:ApiMapping": {
        const name = value("domainName")?.toLowerCase();
        const apiId = value("restApi", "restApiId", "apiId");
        const basePath = value("basePath", "apiMappingKey") ?? "";
        const stage = value("stageName", "stage");
        if (name === undefined || apiId === undefined) break;
        appendTo(domains, name, {
          apiId,
          basePath: basePath === "(none)" ? "" : basePath.replace(/^\/+|\/+$/g, ""),
          ...(stage === undefined ? {} : { stage }),
        });
      }
    }
  }
  addNativePaths(resources, paths);
  return { principals, paths, domains, profiles: profilesOf(resources) };
}

/** Cloud Control has only the part of a resource's path and its parent. */
function addNativePaths(resources: readonly PlannedResource[], paths: Map<string, string>): void {
  const nativeResources = resources.flatMap(
    ({ type, outputs: { restApiId, resourceId, parentId, pathPart } }) =>
      type === "aws-native:apigateway:Resource" && typeof pathPart === "string"
        ? [{ id: `${restApiId}/${resourceId}`, parent: `${restApiId}/${parentId}`, pathPart }]
        : [],
  );
  const byParent = new Map<string, typeof nativeResources>();
  for (const entry of nativeResources) appendTo(byParent, entry.parent, entry);
  const unvisited = [...paths];
  for (let next = unvisited.pop(); next !== undefined; next = unvisited.pop()) {
    const [parent, path] = next;
    for (const { id, pathPart } of byParent.get(parent) ?? []) {
      if (paths.has(id)) continue;
      const fullPath = `${path === "/" ? "" : path}/${pathPart}`;
      paths.set(id, fullPath);
      unvisited.push([id, fullPath]);
    }
  }
}

function profilesOf(resources: readonly PlannedResource[]): ReadonlyMap<string, string> {
  const byProvider = new Map(
    resources.flatMap(({ urn, type, inputs: { profile } }) =>
      type.startsWith("pulumi:providers:") && typeof profile === "string" && profile !== ""
        ? [[urn, profile] as const]
        : [],
    ),
  );
  if (byProvider.size === 0) return byProvider;
  return new Map(
    resources.flatMap(({ urn, provider }) => {
      const profile = byProvider.get(provider ?? "");
      return profile === undefined ? [] : [[urn, profile] as const];
    }),
  );
}
