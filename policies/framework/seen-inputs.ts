import { hasRefreshedProperties, type SeenResource, sameProperties } from "../../stack";

/**
 * The inputs that resource policies received, for the stack policies that run at the end of the same operation: the
 * only state that the pack keeps between two calls of the engine. Stack policies receive outputs, and those of an
 * unchanged resource come from the state.
 */
export class SeenInputs {
  /** By URN. `undefined` where two resources with one URN were seen: their inputs cannot be distinguished. */
  private readonly seen = new Map<string, object | undefined>();

  /** Every resource policy records inputs, since the SDK skips disabled policies. */
  record({ type, urn, props }: Pick<SeenResource, "type" | "urn" | "props">): void {
    if (!hasRefreshedProperties(type)) return;
    if (!this.seen.has(urn)) this.seen.set(urn, props);
    else if (!sameProperties(this.seen.get(urn), props)) this.seen.set(urn, undefined);
  }

  /** The resources with their recorded inputs. */
  withInputs(resources: readonly SeenResource[]): readonly SeenResource[] {
    const { seen } = this;
    if (seen.size === 0) return resources;
    return resources.map((resource) => {
      const inputs = seen.get(resource.urn);
      return inputs === undefined ? resource : { ...resource, inputs };
    });
  }
}
