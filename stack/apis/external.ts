import { type Hole, known, type Text, text } from "../../iam";
import type { Api, ApiKind } from "../facts";
import { labelOf, type ReadableResource, readString } from "../pulumi/properties";
import { plannedDependencies, type ResourceIndex, unknownOrigins } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import { executionArn } from "./defined-api";

/**
 * APIs of other stacks. A Method or a Route may be added to an API whose id is all that the stack contains: a literal,
 * an output of a StackReference, or the result of a lookup.
 */
export interface ExternalApis {
  /**
   * The API of another stack that a property refers to. `undefined` when it refers to none, when all properties of the
   * resource are unknown, or when it depends on parts of APIs that belong to no API or to several.
   */
  apiNamedBy(planned: ReadableResource, property: string): Api | undefined;
  /** All external APIs that were read. */
  all(): readonly Api[];
}

/** A value in another format is not an API id; it may be a secret, and is never quoted. */
const API_ID = /^[a-z0-9]{8,14}$/;

function isApiPart(planned: ReadableResource): boolean {
  return planned.kind.startsWith("Rest") || planned.kind.startsWith("Http");
}

/**
 * Finds the APIs outside the stack that its resources name: by a known id one API for each location, otherwise one for
 * each resource that names it.
 */
export function externalApis(
  resources: ResourceIndex,
  kindOf: (part: ReadableResource) => ApiKind,
): ExternalApis {
  const apis = new Map<string, Api>();
  return {
    apiNamedBy(planned, property) {
      const value = readString(planned, property);
      if (value === undefined || value === "" || planned.hasNoProperties) return undefined;
      const isKnown = typeof value === "string" && API_ID.test(value);
      if (!isKnown && plannedDependencies(resources, planned, property).some(isApiPart)) return undefined;
      const scope = scopeOf(resources, planned);
      const location = [scope.partition, scope.region, scope.account].map(textIdentity).join(":");
      const key = isKnown ? `${location}:${value}` : planned.urn;
      const knownApi = apis.get(key);
      if (knownApi !== undefined) return knownApi;
      const id: Text = text(isKnown ? value : unknownId(planned, property));
      const api: Api = {
        urn: planned.urn,
        name: isKnown ? value : `named by ${labelOf(planned)}`,
        kind: kindOf(planned),
        id,
        scope,
        executionArn: executionArn(scope, id),
        policies: [],
        private: "unknown",
        vpcEndpoints: [],
        exists: true,
        external: true,
      };
      apis.set(key, api);
      return api;
    },
    all: () => [...apis.values()],
  };
}

function unknownId(planned: ReadableResource, property: string): Hole {
  return {
    id: `API of ${planned.urn}`,
    shape: "word",
    label: { code: "api-id", of: labelOf(planned) },
    origins: unknownOrigins(planned, property),
  };
}

function textIdentity(value: Text): string {
  return known(value) ?? value.map((piece) => (typeof piece === "string" ? piece : piece.id)).join("");
}
