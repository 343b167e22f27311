import {
  authorizerOf,
  pathName,
  principalOf,
  type Rule,
  reportedAs,
  ruleOf,
  targetName,
  targetOf,
  type Verdict,
} from "../access";
import type { ReportedGate } from "../access/gates/table";
import type { Analysis } from "../engine/analyze";
import type { ReportingPolicy } from "../engine/callers";
import type { PlannedResource } from "../engine/model";
import { show, Unknown } from "../iam";
import {
  changeAdvice,
  commandsFor,
  type Description,
  evidence,
  type Language,
  questionOf,
  resolutions,
  showRoute,
  showTargetName,
  showUnknown,
  writtenFix,
} from "../messages";
import {
  type Api,
  type FunctionTarget,
  type PrincipalFacts,
  type Route,
  withoutPlaceholders,
} from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { type Attempt, createAttempt } from "./attempts";
import { exemptedEntries, findingEntries } from "./findings";
import { GATE_NAMES, isAboutCaller, isAboutCalling } from "./gates";
import { apiKey, authorizerKey, functionKey, principalKey, routeKey } from "./keys";
import type { Answer, ApiEntry, CallerEntry, FunctionEntry, Input, Report, RouteEntry } from "./model";
import { markNotApplicable } from "./not-applicable";
import { requestAnswer, routeFaults } from "./route-faults";
import { sorted } from "./sorted";
import { type Sources, sourceField, sourcesOf } from "./sources";

/** The input of a report. */
export interface ReportInput {
  readonly version: string;
  readonly inputs: readonly Input[];
  readonly resources: readonly PlannedResource[];
  readonly analysis: Analysis;
  /** The policies to report, by name; default: all. */
  readonly only?: ReadonlySet<string>;
  /** Called with each internal error; the report then omits the part that failed. Default: the error is thrown. */
  readonly onFault?: (error: unknown) => void;
}

const RULES: Record<Rule, Answer["rule"]> = { aws: "AWS", "two-step": "two-step" };

/** The ids of a report's entries by the facts that they represent. */
export interface EntryIds {
  /** `undefined` where the report has no entry. */
  ofRoute(route: Route): string | undefined;
  ofCaller(principal: PrincipalFacts): string | undefined;
}

export interface IndexedReport {
  readonly report: Report;
  readonly entryIds: EntryIds;
}

/** Creates the report of the policies' decisions. */
export function buildReport(input: ReportInput): Report {
  return buildIndexedReport(input).report;
}

export function buildIndexedReport(input: ReportInput): IndexedReport {
  const { version, inputs, resources, analysis, only, onFault } = input;
  const isReported = ({ policy }: { readonly policy: string }): boolean =>
    only === undefined || only.has(policy);
  const attempt = createAttempt(onFault);
  const tables = new Tables();
  const evaluated = analysis.decisions.flatMap((policyDecisions) =>
    attempt(() => policyDecisions.eachVerdict().map((verdict) => ({ policyDecisions, verdict }))),
  );
  const answeredRoutes = new Set(
    evaluated.flatMap(({ verdict }) => attempt(() => verdict.routes.map(routeKey))),
  );
  const { routes } = analysis.access.facts;
  for (const route of routes)
    attempt(() =>
      !route.fromAccountData || answeredRoutes.has(routeKey(route)) ? [tables.route(route)] : [],
    );
  const decisions = evaluated.flatMap(({ policyDecisions, verdict }) =>
    attempt(() => [draft(answerContent(policyDecisions, verdict), verdict, tables)]),
  );
  const faults = attempt(() => routeFaults(routes, analysis)).flatMap((fault) =>
    attempt((): Draft[] => [
      { ...requestAnswer(fault), matchesNoRoute: false, routes: fault.routes.map(routeKey) },
    ]),
  );
  const drafts = [
    ...mergeCallerRouteAnswers(decisions, allowedCallers(analysis, tables, attempt)),
    ...faults,
  ];
  const { lists, ids } = tables.numbered();
  const sources = sourcesOf(resources);
  const described = attempt(() => markNotApplicable(inputs, resources));
  const report = withoutNestedPlaceholders<Report>({
    schemaVersion: 1,
    tool: { name: "apigateway-lambda-access", version },
    inputs: sorted(described.length > 0 ? described : inputs, (input) => [input.name]),
    policies: analysis.policies.filter(({ name }) => isReported({ policy: name })),
    ...lists,
    answers: answers(drafts.filter(isReported), ids, sources),
    findings: findingEntries(analysis.findings.filter(isReported), analysis.policies, resources, sources),
    exempted: exemptedEntries(analysis.exempted.filter(isReported), analysis.policies, resources, sources),
  });
  return {
    report,
    entryIds: {
      ofRoute: (route) => ids.get(routeKey(route)),
      ofCaller: (principal) => ids.get(principalKey(principal)),
    },
  };
}

/** Names and ids that are not assigned yet are placeholders until here. */
export function withoutNestedPlaceholders<T>(value: T): T {
  if (typeof value === "string") return withoutPlaceholders(value) as T;
  if (Array.isArray(value)) return value.map(withoutNestedPlaceholders) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutNestedPlaceholders(inner)]),
  ) as T;
}

/** The fields of an answer without its references. */
export type AnswerContent = Omit<Answer, "id" | "routes" | "caller" | "function">;

/** An answer whose references are keys of the tables. */
interface Draft extends AnswerContent {
  /** It is about a grant that matches no route, and not about a decision. */
  readonly matchesNoRoute: boolean;
  readonly routes: readonly string[];
  readonly caller?: string;
  readonly function?: string;
}

/** The content of a verdict. */
export type VerdictContent = AnswerContent & { readonly gate: ReportedGate };

/** An answer as text. */
export function answerContent(
  { policy, describe, exemption, languageOf }: ReportingPolicy,
  verdict: Verdict,
): VerdictContent {
  const { outcome, urn } = verdict;
  const description = outcome === "denied" ? describe?.(verdict) : undefined;
  const exempt = outcome === "denied" ? exemption?.(urn) : undefined;
  const inferred = outcome !== "unproven" && verdict.inferredFrom.length > 0;
  return {
    gate: reportedAs(verdict.gate),
    outcome,
    question: questionOf(verdict),
    policy,
    rule: RULES[ruleOf(verdict)],
    urn,
    evidence: description?.evidence ?? evidence(verdict),
    doubts: [...new Set(verdict.unknowns.map(showUnknown))],
    ...commandsOf(verdict),
    ...(inferred ? { inferred } : {}),
    inferredFrom: verdict.inferredFrom.map((origin) => origin.label),
    ...(description?.symptom === undefined ? {} : { symptom: description.symptom }),
    ...fixOf(verdict, description, languageOf?.(urn) ?? "json"),
    ...(outcome === "allowed" ? { change: changeAdvice(verdict) } : {}),
    ...(exempt === undefined ? {} : { exempt: exempt.reason }),
    ...(exempt?.until === undefined ? {} : { exemptUntil: exempt.until }),
  };
}

function commandsOf({ outcome, unknowns }: Verdict): Pick<AnswerContent, "commands"> {
  const commands = outcome === "unproven" ? commandsFor(unknowns) : [];
  return commands.length === 0 ? {} : { commands };
}

function fixOf(
  { outcome, unknowns }: Verdict,
  description: Description | undefined,
  language: Language,
): Pick<AnswerContent, "fix"> {
  if (outcome === "unproven") {
    const text = resolutions(unknowns, language).map((resolution) => `${resolution}.`);
    return { fix: { text: text.join("\n") } };
  }
  const fix = description?.fix;
  return fix === undefined ? {} : { fix: writtenFix(fix, language) };
}

function draft(content: AnswerContent, verdict: Verdict, tables: Tables): Draft {
  const principal = principalOf(verdict);
  const target = targetOf(verdict);
  const caller = principal !== undefined && isAboutCaller(content) ? tables.caller(principal) : undefined;
  const fn = target === undefined ? undefined : tables.function(target);
  return {
    ...content,
    matchesNoRoute: verdict.cause === "grant-matches-no-route",
    routes: tables.routesOf(verdict),
    ...(caller === undefined ? {} : { caller }),
    ...(fn === undefined ? {} : { function: fn }),
  };
}

/** The principals that may call routes, and those for which this is unproven. */
function allowedCallers({ callers }: Analysis, tables: Tables, attempt: Attempt): readonly Draft[] {
  return attempt(() =>
    callers
      .ofEachRoute()
      .flatMap(({ reportingPolicy, verdict }) =>
        attempt(() => [draft(answerContent(reportingPolicy, verdict), verdict, tables)]),
      ),
  );
}

/**
 * Reports the gate caller-route once for each caller and route. The policy's verdicts take precedence over the
 * decisions that found the callers; but a grant that matches no route does not concern the routes that another grant
 * allows.
 */
function mergeCallerRouteAnswers(decisions: readonly Draft[], allowed: readonly Draft[]): readonly Draft[] {
  const ofCallerRoute = decisions.filter(isAboutCalling);
  const decidedRoutes = routesByCaller(ofCallerRoute.filter(({ matchesNoRoute }) => !matchesNoRoute));
  const allowedRoutes = routesByCaller(allowed);
  return [
    ...allowed.flatMap((draft) => {
      const routes = exclude(draft.routes, decidedRoutes.get(draft.caller));
      return routes.length === 0 ? [] : [{ ...draft, routes }];
    }),
    ...decisions.map((draft) =>
      draft.matchesNoRoute
        ? { ...draft, routes: exclude(draft.routes, allowedRoutes.get(draft.caller)) }
        : draft,
    ),
  ];
}

function routesByCaller(drafts: readonly Draft[]): ReadonlyMap<string | undefined, ReadonlySet<string>> {
  const byCaller = new Map<string | undefined, Set<string>>();
  for (const { caller, routes } of drafts) {
    const existing = byCaller.get(caller) ?? new Set();
    byCaller.set(caller, existing);
    for (const route of routes) existing.add(route);
  }
  return byCaller;
}

function exclude(routes: readonly string[], excluded: ReadonlySet<string> | undefined): readonly string[] {
  return excluded === undefined ? routes : routes.filter((route) => !excluded.has(route));
}

function answers(
  drafts: readonly Draft[],
  ids: ReadonlyMap<string, string>,
  sources: Sources,
): readonly Answer[] {
  const id = (key: string): string => ids.get(key) ?? key;
  // Many answers share one list of routes.
  const lists = new Map<readonly string[], readonly string[]>();
  const routeIds = (keys: readonly string[]): readonly string[] => {
    const existing = lists.get(keys);
    if (existing !== undefined) return existing;
    const sortedRoutes = sortedIds(keys.map(id));
    lists.set(keys, sortedRoutes);
    return sortedRoutes;
  };
  const withReferences = drafts.map(({ matchesNoRoute: _missed, ...entry }) => ({
    ...entry,
    ...sourceField(sources(entry.urn)),
    routes: routeIds(entry.routes),
    ...(entry.caller === undefined ? {} : { caller: id(entry.caller) }),
    ...(entry.function === undefined ? {} : { function: id(entry.function) }),
  }));
  return sorted(withReferences, (entry) => [
    String(GATE_NAMES.indexOf(entry.gate)),
    entry.question,
    entry.urn,
    entry.policy,
    entry.routes.join(),
    entry.function,
    entry.outcome,
    entry.evidence.join(),
  ]).map((entry, index) => ({ id: `answer-${index + 1}`, ...entry }));
}

/** Ids of one list without duplicates: `route-2` before `route-10`. */
function sortedIds(ids: readonly string[]): readonly string[] {
  const number = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));
  return [...new Set(ids)].sort((a, b) => number(a) - number(b));
}

interface Entries {
  readonly apis: readonly ApiEntry[];
  readonly functions: readonly FunctionEntry[];
  readonly callers: readonly CallerEntry[];
  readonly routes: readonly RouteEntry[];
}

/** The references of answers, collected under keys until all are known and can be ordered. */
class Tables {
  private readonly apis = new Map<string, Omit<ApiEntry, "id">>();
  private readonly functions = new Map<string, Omit<FunctionEntry, "id">>();
  private readonly callers = new Map<string, Omit<CallerEntry, "id">>();
  private readonly routes = new Map<string, Omit<RouteEntry, "id">>();
  private readonly lists = new Map<readonly Route[], readonly string[]>();
  private readonly byAuthorizer = new Map<string, string[]>();

  api(api: Api): string {
    const key = apiKey(api);
    const { urn, name, kind } = api;
    if (!this.apis.has(key)) this.apis.set(key, { name, urn, kind });
    return key;
  }

  /** `undefined` for a completely unknown function. */
  function(target: FunctionTarget): string | undefined {
    const key = functionKey(target);
    if (key === undefined) return undefined;
    const { function: fn, arn, qualifier } = target;
    const written = arn instanceof Unknown ? undefined : show(arn);
    if (!this.functions.has(key))
      this.functions.set(key, {
        label:
          fn === undefined
            ? showTargetName(targetName(target))
            : `${fn.label}${qualifier === undefined ? "" : `:${show(qualifier)}`}`,
        ...(fn === undefined ? {} : { urn: fn.urn }),
        ...(written === undefined ? {} : { arn: written }),
      });
    return key;
  }

  caller(principal: PrincipalFacts): string {
    const key = principalKey(principal);
    const { kind, name, label, urn, arn } = principal;
    if (!this.callers.has(key)) this.callers.set(key, { kind, name, label, urn, arn: show(arn) });
    return key;
  }

  /** A stage variable makes a route of each function that it names: they share one entry. */
  route(route: Route): string {
    const key = routeKey(route);
    const { integration } = route;
    const existing = this.routes.get(key);
    const fn = integration === undefined ? undefined : this.function(integration.target);
    this.routes.set(key, {
      api: this.api(route.api),
      method: route.verb,
      path: pathName(route.path),
      label: showRoute(route),
      authorization: route.authorization instanceof Unknown ? "unknown" : route.authorization,
      credentials: existing?.credentials ?? integration?.credentials.mode ?? "no function",
      functions: [...(existing?.functions ?? []), ...(fn === undefined ? [] : [fn])],
      stages: [...(existing?.stages ?? []), ...route.stages.map((stage) => show(stage.name))],
      ...(integration === undefined ? {} : { urn: integration.urn }),
    });
    if (route.authorization === "LAMBDA" && route.authorizer !== undefined) {
      appendTo(this.byAuthorizer, authorizerKey(route.api, route.authorizer), key);
    }
    return key;
  }

  /** The routes that an answer is about: for an authorizer, the routes that use it. */
  routesOf(verdict: Verdict): readonly string[] {
    const { routes } = verdict;
    const authorizer = authorizerOf(verdict);
    if (authorizer !== undefined)
      return this.byAuthorizer.get(authorizerKey(authorizer.api, authorizer.id)) ?? [];
    const existing = this.lists.get(routes);
    if (existing !== undefined) return existing;
    const keys = routes.map(routeKey);
    this.lists.set(routes, keys);
    return keys;
  }

  /** All entries in order and with ids, and the ids by key. */
  numbered(): { readonly lists: Entries; readonly ids: ReadonlyMap<string, string> } {
    const ids = new Map<string, string>();
    const number = <T>(
      word: string,
      entries: ReadonlyMap<string, T>,
      order: (entry: T) => readonly (string | undefined)[],
    ): readonly (T & { readonly id: string })[] =>
      sorted(entries, ([key, entry]) => [...order(entry), key]).map(([key, entry], index) => {
        const id = `${word}-${index + 1}`;
        ids.set(key, id);
        return { id, ...entry };
      });
    const apis = number("api", this.apis, ({ name, urn }) => [name, urn]);
    const functions = number("function", this.functions, ({ label, urn }) => [label, urn]);
    const callers = number("caller", this.callers, ({ kind, name, urn }) => [kind, name, urn]);
    const apiNames = new Map([...this.apis].map(([key, { name }]) => [key, name]));
    const routes = number("route", this.routes, ({ api, path, method }) => [
      apiNames.get(api),
      api,
      path,
      method,
    ]);
    return {
      ids,
      lists: {
        apis,
        functions,
        callers,
        routes: routes.map((route) => ({
          ...route,
          api: ids.get(route.api) ?? "",
          functions: sortedIds(route.functions.map((key) => ids.get(key) ?? "")),
          stages: sorted(new Set(route.stages), (stage) => [stage]),
        })),
      },
    };
  }
}
