import type { PlannedResource } from "../engine/model";
import type { Source } from "./model";

/** The line that declares a resource. */
export type Sources = (urn: string) => Source | undefined;

/** For a part of a component without a line, the component's. */
export function sourcesOf(resources: readonly PlannedResource[]): Sources {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  return (urn) => {
    const visited = new Set<string>();
    let resource = byUrn.get(urn);
    while (resource !== undefined && resource.source === undefined && !visited.has(resource.urn)) {
      visited.add(resource.urn);
      resource = byUrn.get(resource.parent ?? "");
    }
    return resource?.source;
  };
}

export function sourceField(source: Source | undefined): { readonly source?: Source } {
  return source === undefined ? {} : { source };
}

/** In the format of compilers: `index.ts:24:1`. */
export function showSource({ file, line, column }: Source): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}
