/**
 * The values that holes represent, as codes and data. Folders above add their own codes by declaration merging;
 * `messages/holes.ts` has the words for all of them.
 */
export interface HoleLabels {
  /** A value of a document, without known dependencies. */
  unknown: unknown;
  /** The same, with the resources that it depends on. */
  "depends-on": { readonly resources: readonly string[] };
  /** A property of a resource, or of another subject with a name. */
  property: { readonly property: string; readonly of: string };
  /** A part that already has a name: `{id}`, `${aws:username}`. */
  named: { readonly name: string };
  /** The value of a policy variable. */
  value: { readonly of: string };
  account: unknown;
  api: unknown;
  arn: unknown;
  "endpoint-id": unknown;
  function: unknown;
  "login-provider": unknown;
  request: unknown;
}

/** The value that a hole represents. */
export type HoleLabel = {
  [Code in keyof HoleLabels]: { readonly code: Code } & HoleLabels[Code];
}[keyof HoleLabels];

/** The notation of a hole in a text, `<path of Resource orders>`, without its angle brackets. */
export function holeName(label: HoleLabel): string {
  switch (label.code) {
    case "depends-on":
      return `depends on ${label.resources.join(", ")}`;
    case "named":
      return label.name;
    default: {
      const name = "property" in label ? label.property : words(label.code);
      return "of" in label ? `${name} of ${label.of}` : name;
    }
  }
}

/** `path-in-body` becomes `path in body`. */
function words(code: string): string {
  return code.replaceAll("-", " ").replace(/\b(?:api|arn|vpc)\b/g, (acronym) => acronym.toUpperCase());
}

/** Labels without duplicates. */
export function distinctLabels(labels: readonly HoleLabel[]): readonly HoleLabel[] {
  return [...new Map(labels.map((label) => [holeName(label), label])).values()];
}
