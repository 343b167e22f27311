/** Messages about components whose plugin is not installed. */

export const MISSING_PLUGIN_TITLE = "The plugin of a component is missing";

export const MISSING_PLUGIN =
  "The resources of a component are missing, because the plugin that creates them is not installed.";

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
const MOST_ROUTES = 10;

/** The missing parts, the reason, and the routes that remain unproven, in one line. */
export function describeMissingParts({ component, routes, ownRoutes }: MissingParts, reason: string): string {
  const { name, type, source } = component;
  const place = source === undefined ? "" : `, ${source.file}:${source.line}`;
  const notEvaluated =
    ownRoutes.length === 0
      ? "Routes, callers and permissions that it declares are not evaluated"
      : `Its routes ${listed(ownRoutes)} and its other resources are not evaluated`;
  const unproven =
    routes.length === 0
      ? "none of the evaluated routes depends on it"
      : `it leaves ${listed(routes)} unproven`;
  return `the resources of component ${name} (${type}${place}) are missing: the plugin ${type.split(":")[0]} creates them, and ${reason}. ${notEvaluated}; ${unproven}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_ROUTES;
  return more > 0 ? `${names.slice(0, MOST_ROUTES).join(", ")} and ${more} more` : names.join(", ");
}
