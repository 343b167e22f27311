/** Messages about a file with the resources of a stack, or a preview of them. */

/** Why an entry of a list is not a resource. */
export type NoResource = "not-object" | "no-urn" | "no-type";

const NO_RESOURCE: { readonly [Why in NoResource]: string } = {
  "not-object": "not an object",
  "no-urn": "has no URN",
  "no-type": "has no type",
};

/** `resources[3]: has no URN` */
export function showNoResource(place: { readonly list: string; readonly index: number }, reason: NoResource) {
  return `${place.list}[${place.index}]: ${NO_RESOURCE[reason]}`;
}

export const TOO_DEEP = "it is nested too deeply";

export const NOT_AN_EXPORT = "not a stack export: there is no list `deployment.resources` in it";
