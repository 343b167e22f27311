/** Messages about components whose plugin is not installed. */

export const MISSING_PLUGIN_TITLE = "The plugin of a component is missing";

export const MISSING_PLUGIN =
  "A component has no parts here, because the plugin that makes them is not installed.";

/** A component without its parts, and the routes that depend on it. */
export interface MissingParts {
  readonly component: {
    readonly name: string;
    readonly type: string;
    /** The line that declares it. */
    readonly source?: { readonly file: string; readonly line: number };
  };
  /** As in `GET /orders of API orders-api`: routes with an answer that depends on it. */
  readonly routes: readonly string[];
  /** Routes in its inputs that are not among the evaluated routes. */
  readonly ownRoutes: readonly string[];
}

/** The number of routes that are named. */
const NAMED = 10;

/** The missing parts, the reason, and the routes that stay open, in one line. */
export function describeMissingParts({ component, routes, ownRoutes }: MissingParts, why: string): string {
  const { name, type, source } = component;
  const place = source === undefined ? "" : `, ${source.file}:${source.line}`;
  const own =
    ownRoutes.length === 0
      ? "Routes, callers and permissions that it declares are not evaluated"
      : `Its routes ${listed(ownRoutes)} and its other resources are not evaluated`;
  const open =
    routes.length === 0 ? "none of the evaluated routes depends on it" : `it leaves ${listed(routes)} open`;
  return `the component ${name} (${type}${place}) has no parts here: the plugin ${type.split(":")[0]} makes them, and ${why}. ${own}; ${open}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${more} more` : names.join(", ");
}
