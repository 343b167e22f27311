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
  /** The routes with an answer that depends on it, for example `GET /orders of API orders-api`. */
  readonly routes: readonly string[];
  /** Routes in its inputs that are not among the evaluated routes. */
  readonly ownRoutes: readonly string[];
}

/** Why the plugin of a component cannot run. */
export type MissingPlugin =
  | { readonly code: "not-installed"; readonly name: string; readonly version: string }
  /** The folder that Pulumi.yaml sets for the plugin contains none. */
  | { readonly code: "not-executable"; readonly folder: string }
  | { readonly code: "unknown" };

/** The number of routes that are named. */
const MAX_ROUTES = 10;

/** The missing parts, the reason, and the routes that remain unproven, in one line. */
export function describeMissingParts(
  { component, routes, ownRoutes }: MissingParts,
  plugin: MissingPlugin,
): string {
  const { name, type, source } = component;
  const place = source === undefined ? "" : `, ${source.file}:${source.line}`;
  const notEvaluated =
    ownRoutes.length === 0
      ? "Routes, callers and permissions that it declares are not evaluated"
      : `Its routes ${listRoutes(ownRoutes)} and its other resources are not evaluated`;
  const unproven =
    routes.length === 0
      ? "none of the evaluated routes depends on it"
      : `it leaves ${listRoutes(routes)} unproven`;
  return `the resources of component ${name} (${type}${place}) are missing: the plugin ${type.split(":")[0]} creates them, and ${reasonOf(plugin)}. ${notEvaluated}; ${unproven}`;
}

function reasonOf(plugin: MissingPlugin): string {
  switch (plugin.code) {
    case "not-installed": {
      const version = plugin.version === "" ? "" : ` ${plugin.version}`;
      return `it is not installed; run "pulumi plugin install resource ${plugin.name}${version}", or "pulumi install" in the program folder`;
    }
    case "not-executable":
      return `${plugin.folder}, its folder in Pulumi.yaml, contains no executable plugin`;
    case "unknown":
      return "it is missing";
  }
}

function listRoutes(names: readonly string[]): string {
  const more = names.length - MAX_ROUTES;
  return more > 0 ? `${names.slice(0, MAX_ROUTES).join(", ")} and ${more} more` : names.join(", ");
}
