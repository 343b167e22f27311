/**
 * The settings of a policy, and their validation.
 *
 * A configuration file is validated twice. The engine validates it against the policy's schema and rejects the whole
 * run on a mismatch, so the schemas here contain only types and choices, for completion in editors and for values that
 * cannot be intended. It accepts unknown keys, however, invalid dates and empty reasons. {@link readSettings} checks
 * for those, returns problems as data that name the key, omits the invalid entry and continues with the defaults,
 * because a typing error in a configuration file must neither stop a deployment nor go unnoticed.
 *
 * An entry is omitted as a whole when any part of it is invalid: an exemption with a misspelled `until` would otherwise
 * never expire, and would hide findings without notice.
 */

import type { PolicyConfigSchema } from "@pulumi/policy";
import { distance } from "fastest-levenshtein";
import { isObject } from "../../iam";
import { type ConfigurationProblem, SETTINGS } from "../../messages/configuration";
import type { WhenUnknown } from "../../stack";
import { matchesGlob, parseRoutePattern } from "./patterns";
import { dayOf, isDate, isReadable, kindOf, MAX_QUOTED, property, quotable, shortened } from "./raw-values";

/** One valid entry of `exempt`. */
export interface Exemption {
  /** A URN or a resource name; `*` matches any characters. */
  readonly resource: string;
  readonly reason: string;
  /** The last day of the exemption, `YYYY-MM-DD`, in UTC. */
  readonly until?: string;
  /** `true` from the day after `until`. An expired exemption exempts nothing. */
  readonly expired: boolean;
}

/** One valid entry of `callers`: a principal that is intended to call routes. */
export interface DeclaredCaller {
  /** The ARN or name of an IAM role or user; `*` matches any characters. */
  readonly principal: string;
  /** Route patterns in the format of `matchesRoute` (patterns.ts). Absent: every IAM-authorized route. */
  readonly routes?: readonly string[];
}

/** A policy's validated configuration. */
export interface Settings {
  readonly exempt: readonly Exemption[];
  readonly whenUnknown: WhenUnknown;
  readonly callers: readonly DeclaredCaller[];
  /** Paths of files of account data. */
  readonly account: readonly string[];
}

/** The keys of a policy in addition to `exempt`, which all policies have. */
export interface ConfigurationOptions {
  readonly whenUnknown?: boolean;
  readonly callers?: boolean;
  readonly account?: boolean;
}

/** The settings of a policy without configuration. */
export const DEFAULT_SETTINGS: Settings = { exempt: [], whenUnknown: "infer", callers: [], account: [] };

const MODES: readonly WhenUnknown[] = ["infer", "prove"];
const EXEMPTION_KEYS = ["resource", "reason", "until"] as const;
/** The engine removes it from a policy's configuration; a direct call of the SDK may pass it. */
const LEVEL = "enforcementLevel";
const CALLER_KEYS = ["principal", "routes"] as const;

/** Limits that no real configuration reaches: entries beyond them are reported and omitted. */
const MAX_ENTRIES = 1_000;
const MAX_PROBLEMS = 50;

/** The configuration keys of a policy, in the order in which the documentation lists them. */
export function configKeys(options: ConfigurationOptions): readonly string[] {
  const keys = ["whenUnknown", "callers", "account"] as const;
  return ["exempt", ...keys.filter((key) => options[key])];
}

type PropertySchema = PolicyConfigSchema["properties"][string];

const EXEMPT_SCHEMA: PropertySchema = {
  type: "array",
  description: SETTINGS.exempt.description,
  default: [],
  items: {
    type: "object",
    properties: {
      resource: { type: "string", description: SETTINGS.exempt.resource },
      reason: { type: "string", description: SETTINGS.exempt.reason },
      until: { type: "string", description: SETTINGS.exempt.until },
    },
  },
};

const WHEN_UNKNOWN_SCHEMA: PropertySchema = {
  type: "string",
  enum: [...MODES],
  default: DEFAULT_SETTINGS.whenUnknown,
  description: SETTINGS.whenUnknown,
};

const CALLERS_SCHEMA: PropertySchema = {
  type: "array",
  description: SETTINGS.callers.description,
  default: [],
  items: {
    type: "object",
    properties: {
      principal: { type: "string", description: SETTINGS.callers.principal },
      routes: {
        type: "array",
        items: { type: "string" },
        description: SETTINGS.callers.routes,
      },
    },
  },
};

const ACCOUNT_SCHEMA: PropertySchema = {
  type: "array",
  description: SETTINGS.account,
  default: [],
  items: { type: "string" },
};

/** The JSON schema that Pulumi shows in its console and validates a configuration against before a run. */
export function configSchema(options: ConfigurationOptions): PolicyConfigSchema {
  return {
    properties: {
      exempt: EXEMPT_SCHEMA,
      ...(options.whenUnknown ? { whenUnknown: WHEN_UNKNOWN_SCHEMA } : {}),
      ...(options.callers ? { callers: CALLERS_SCHEMA } : {}),
      ...(options.account ? { account: ACCOUNT_SCHEMA } : {}),
    },
  };
}

/**
 * Validates a configuration. Never throws for any `raw`: invalid entries are omitted and reported in `problems`, each
 * of which names its key. A fault of the pack itself does throw: with the defaults, exempt findings would be reported.
 *
 * @param today decides which exemptions are expired, by its day in UTC
 */
export function readSettings(
  raw: unknown,
  options: ConfigurationOptions,
  today: Date,
): { settings: Settings; problems: readonly ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [];
  const report: Report = (problem) => {
    problems.push(problem);
    return undefined;
  };
  let settings = DEFAULT_SETTINGS;
  try {
    if (raw !== undefined && raw !== null) settings = settingsOf(raw, options, dayOf(today), report);
  } catch (error) {
    if (isReadable(raw)) throw error;
    report({ code: "unreadable" });
  }
  return { settings, problems: bounded(problems) };
}

function settingsOf(
  raw: unknown,
  options: ConfigurationOptions,
  today: string | undefined,
  report: Report,
): Settings {
  if (!isObject(raw)) {
    report({ code: "wrong-type", expected: "object", got: kindOf(raw) });
    return DEFAULT_SETTINGS;
  }
  const keys = configKeys(options);
  reportUnknownKeys(raw, keys, "", report);
  return {
    exempt: entries(raw, "exempt", report, (entry, keyPath) => exemption(entry, keyPath, today, report)),
    whenUnknown: options.whenUnknown ? mode(raw, report) : DEFAULT_SETTINGS.whenUnknown,
    callers: options.callers
      ? entries(raw, "callers", report, (entry, keyPath) => caller(entry, keyPath, report))
      : [],
    account: options.account
      ? entries(raw, "account", report, (entry, keyPath) => path(entry, keyPath, report))
      : [],
  };
}

/** Adds a problem. Returns `undefined`, as readers do for an omitted entry. */
type Report = (problem: ConfigurationProblem) => undefined;

/** The valid entries of a list, in order. `read` returns `undefined` for an entry that it has reported. */
function entries<T>(
  raw: object,
  key: string,
  report: Report,
  read: (entry: unknown, keyPath: string) => T | undefined,
): readonly T[] {
  const list = property(raw, key);
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    report({ code: "wrong-type", keyPath: key, expected: "list", got: kindOf(list) });
    return [];
  }
  if (list.length > MAX_ENTRIES)
    report({ code: "long-list", keyPath: key, entries: list.length, read: MAX_ENTRIES });
  const accepted: T[] = [];
  for (let index = 0; index < Math.min(list.length, MAX_ENTRIES); index += 1) {
    const keyPath = `${key}[${index}]`;
    const entryValue = property(list, String(index));
    try {
      const entry = read(entryValue, keyPath);
      if (entry !== undefined) accepted.push(entry);
    } catch (error) {
      if (isReadable(entryValue)) throw error;
      report({ code: "unreadable", keyPath });
    }
  }
  return accepted;
}

function exemption(
  entry: unknown,
  keyPath: string,
  today: string | undefined,
  report: Report,
): Exemption | undefined {
  if (!isObject(entry))
    return report({ code: "wrong-type", keyPath, expected: "exemption", got: kindOf(entry) });
  const knownKeys = reportUnknownKeys(entry, EXEMPTION_KEYS, `${keyPath}.`, report);
  const resource = requiredText(entry, "resource", keyPath, report);
  const reason = requiredText(entry, "reason", keyPath, report);
  const until = property(entry, "until");
  const undated = until === undefined || until === null;
  const dated = typeof until === "string" && isDate(until);
  if (!undated && !dated) report({ code: "not-a-date", keyPath: `${keyPath}.until`, given: quotable(until) });
  if (!knownKeys || resource === undefined || reason === undefined || (!undated && !dated)) return undefined;
  if (!dated) return { resource, reason, expired: false };
  return { resource, reason, until, expired: today !== undefined && until < today };
}

function caller(entry: unknown, keyPath: string, report: Report): DeclaredCaller | undefined {
  if (!isObject(entry))
    return report({ code: "wrong-type", keyPath, expected: "caller", got: kindOf(entry) });
  const knownKeys = reportUnknownKeys(entry, CALLER_KEYS, `${keyPath}.`, report);
  const principal = requiredText(entry, "principal", keyPath, report);
  const principalFault = principal === undefined ? undefined : faultOfPrincipal(principal);
  if (principalFault !== undefined)
    report({ code: principalFault, keyPath: `${keyPath}.principal`, given: quotable(principal) });
  const routes = declaredRoutes(entry, keyPath, report);
  if (!knownKeys || principal === undefined || principalFault !== undefined || routes === "faulty")
    return undefined;
  return routes === "every" ? { principal } : { principal, routes };
}

function path(entry: unknown, keyPath: string, report: Report): string | undefined {
  if (typeof entry !== "string")
    return report({ code: "wrong-type", keyPath, expected: "path", got: kindOf(entry) });
  return entry.trim() === "" ? report({ code: "empty", keyPath }) : entry;
}

function declaredRoutes(
  entry: object,
  keyPath: string,
  report: Report,
): readonly string[] | "every" | "faulty" {
  const list = property(entry, "routes");
  if (list === undefined || list === null) return "every";
  const problem = problemOfRoutes(list, `${keyPath}.routes`);
  if (problem !== undefined) report(problem);
  if (problem !== undefined || !Array.isArray(list)) return "faulty";
  const routes: string[] = [];
  for (let index = 0; index < list.length; index += 1) {
    const route = property(list, String(index));
    if (typeof route === "string" && parseRoutePattern(route) !== undefined) routes.push(route);
    else report({ code: "not-a-route", keyPath: `${keyPath}.routes[${index}]`, given: quotable(route) });
  }
  return routes.length === list.length ? routes : "faulty";
}

function problemOfRoutes(list: unknown, keyPath: string): ConfigurationProblem | undefined {
  if (!Array.isArray(list)) return { code: "wrong-type", keyPath, expected: "list", got: kindOf(list) };
  const entries = list.length;
  if (entries === 0) return { code: "no-routes", keyPath };
  return entries > MAX_ENTRIES ? { code: "too-many-routes", keyPath, entries, most: MAX_ENTRIES } : undefined;
}

/** Why a principal pattern can match no principal, or `undefined` when it can. */
function faultOfPrincipal(principal: string) {
  if (!principal.startsWith("arn:"))
    return principal.includes(":") || principal.includes("/") ? "not-a-principal" : undefined;
  const [, , service, , , ...resource] = principal.split(":");
  // Access logs contain the session, and a session is never a resource of a stack.
  if (service === "sts") return "session-principal";
  return service !== "iam" || resource.length === 0 ? "not-an-iam-principal" : undefined;
}

function mode(raw: object, report: Report): WhenUnknown {
  const value = property(raw, "whenUnknown");
  if (value === undefined || value === null) return DEFAULT_SETTINGS.whenUnknown;
  const known = MODES.find((candidate) => candidate === value);
  if (known === undefined) report({ code: "not-a-mode", keyPath: "whenUnknown", given: quotable(value) });
  return known ?? DEFAULT_SETTINGS.whenUnknown;
}

/** A required text that is not blank. */
function requiredText(entry: object, key: string, entryPath: string, report: Report): string | undefined {
  const value = property(entry, key);
  const keyPath = `${entryPath}.${key}`;
  if (value === undefined || value === null) return report({ code: "missing", keyPath });
  if (typeof value !== "string")
    return report({ code: "wrong-type", keyPath, expected: "text", got: kindOf(value) });
  const trimmed = value.trim();
  return trimmed === "" ? report({ code: "empty", keyPath }) : trimmed;
}

/** Reports each key that is not `known`; `true` when there is none. */
function reportUnknownKeys(
  record: object,
  known: readonly string[],
  prefix: string,
  report: Report,
): boolean {
  const unknown = Object.keys(record).filter(
    (key) => !known.includes(key) && (prefix !== "" || key !== LEVEL),
  );
  for (const key of unknown) {
    const intended = nearest(key, known);
    const keyPath = `${prefix}${shortened(key)}`;
    report({ code: "unknown-key", keyPath, ...(intended === undefined ? {} : { nearest: intended }) });
  }
  return unknown.length === 0;
}

function nearest(key: string, candidates: readonly string[]): string | undefined {
  if (key.length > MAX_QUOTED) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(key.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, best.candidate.length / 3)
    ? best.candidate
    : undefined;
}

/** The exemption of a resource, if there is one that has not expired. */
export function exemptionFor(
  settings: Settings,
  resource: { readonly urn: string; readonly name: string },
): Exemption | undefined {
  return settings.exempt.find((entry) => !entry.expired && covers(entry, resource));
}

/**
 * Problems of valid exemptions, without duplicates: those that are expired, or that match none of the stack's
 * resources. A URN of another stack is not a mistake: one configuration serves many stacks.
 */
export function unusedExemptions(
  settings: Settings,
  resources: Iterable<{ readonly urn: string; readonly name: string }>,
): readonly ConfigurationProblem[] {
  const problems = new Map<string, ConfigurationProblem>();
  const unused = new Set<Exemption>();
  for (const entry of settings.exempt) {
    const resource = shortened(entry.resource);
    const { expired, until = "" } = entry;
    if (expired) problems.set(`${until}:${resource}`, { code: "expired-exemption", resource, until });
    else unused.add(entry);
  }
  if (unused.size > 0)
    for (const resource of resources) {
      for (const entry of unused)
        if (covers(entry, resource) || ofAnotherStack(entry, resource)) unused.delete(entry);
      if (unused.size === 0) break;
    }
  for (const entry of unused) {
    const resource = shortened(entry.resource);
    problems.set(`:${resource}`, { code: "unused-exemption", resource });
  }
  return bounded([...problems.values()]);
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME`, with a literal stack and project that are not this one's. */
function ofAnotherStack(entry: Exemption, resource: { readonly urn: string }): boolean {
  const [stack = "", project = "", type] = entry.resource.split("::");
  if (!stack.startsWith("urn:pulumi:") || type === undefined || `${stack}${project}`.includes("*"))
    return false;
  return !resource.urn.startsWith(`${stack}::${project}::`);
}

function covers(entry: Exemption, resource: { readonly urn: string; readonly name: string }): boolean {
  return matchesGlob(entry.resource, resource.name) || matchesGlob(entry.resource, resource.urn);
}

function bounded(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const reported = problems.slice(0, MAX_PROBLEMS - 1);
  return [...reported, { code: "more", count: problems.length - reported.length }];
}
