import type { PlannedResource } from "../engine/model";
import type { Source } from "./model";

/** The line that declares a resource; for a part of a component without one, the component's. */
export function sourcesOf(resources: readonly PlannedResource[]): (urn: string) => Source | undefined {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  return (urn) => {
    const passed = new Set<string>();
    let resource = byUrn.get(urn);
    while (resource !== undefined && resource.source === undefined && !passed.has(resource.urn)) {
      passed.add(resource.urn);
      resource = byUrn.get(resource.parent ?? "");
    }
    return resource?.source;
  };
}

/** In the format of compilers: `index.ts:24:1`. */
export function showSource({ file, line, column }: Source): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}
