import analyzer = require("@pulumi/pulumi/proto/analyzer_pb");

import type { PlannedResource } from "./model";
import type { StructMessage } from "./wire";

/** The fields of a resource's message, computed when the SDK reads them. */
export interface Parts {
  readonly properties: (resource: PlannedResource) => StructMessage;
  readonly provider: (resource: PlannedResource) => analyzer.AnalyzerProviderResource | undefined;
}

/**
 * A whole stack as {@link analyzer.AnalyzeStackRequest} for handlers in this process. Real messages need a dozen arrays
 * for each resource, and those of hundreds of stacks would take most of the memory of a report.
 */
export function unsentRequest(
  resources: readonly PlannedResource[],
  parts: Parts,
): analyzer.AnalyzeStackRequest {
  const answers = resources.map((resource) => new UnsentResource(resource, parts));
  return Object.assign(new analyzer.AnalyzeStackRequest(), {
    getResourcesList: () => answers as unknown as analyzer.AnalyzerResource[],
  });
}

/** Has the methods that the SDK and the pack call on a resource's message. */
class UnsentResource {
  constructor(
    private readonly resource: PlannedResource,
    private readonly parts: Parts,
  ) {}

  getUrn(): string {
    return this.resource.urn;
  }

  getType(): string {
    return this.resource.type;
  }

  getName(): string {
    return this.resource.name;
  }

  getParent(): string {
    return this.resource.parent ?? "";
  }

  getProperties(): StructMessage {
    return this.parts.properties(this.resource);
  }

  getProvider(): analyzer.AnalyzerProviderResource | undefined {
    return this.parts.provider(this.resource);
  }

  getOptions(): analyzer.AnalyzerResourceOptions {
    return optionsOf(this.resource);
  }

  getDependenciesList(): readonly string[] {
    return this.resource.dependencies;
  }

  getPropertydependenciesMap(): ReadonlyMap<string, { getUrnsList(): readonly string[] }> {
    return new Map(
      Object.entries(this.resource.propertyDependencies).map(([key, urns]) => [
        key,
        { getUrnsList: () => urns },
      ]),
    );
  }
}

export function optionsOf({ parent = "" }: PlannedResource): analyzer.AnalyzerResourceOptions {
  const options = new analyzer.AnalyzerResourceOptions();
  options.setParent(parent);
  return options;
}
