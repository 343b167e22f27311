import { type Access, type Denied, isDenied, type SameReason, type Verdict, type Wanted } from "../../access";
import { type DeclaredCaller, NO_DECLARED_CALLERS } from "../../access/gates/caller-route/declared-callers";
import { type GatePolicy, ruleOfPolicy } from "../../access/gates/table";
import { known } from "../../iam";
import { type Description, type Language, violation } from "../../messages";
import {
  externalPrincipal,
  type PrincipalFacts,
  type ReadableResource,
  type Route,
  type StackFacts,
} from "../../stack";
import { cached, groupBy } from "../../stack/pulumi/keys";
import type { ConfigurationOptions, Settings } from "./configuration";
import type { Metadata, RequestProblem, ResourcePolicy, StackPolicy } from "./definition";
import { groups } from "./groups";
import {
  anyRouteMatcher,
  type ComparableRoute,
  comparableRoute,
  matchesPrincipal,
  namesOf,
} from "./patterns";
import { concernsStack } from "./stack-verdicts";

export type { Finding, Metadata, ResourcePolicy, StackPolicy } from "./definition";

/** https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_permissions_least_privileges.html */
export const LEAST_PRIVILEGE: NonNullable<Metadata["framework"]> = {
  name: "AWS Well-Architected Framework",
  version: "2024-11-06",
  reference: "SEC03-BP02",
  specification: "Grant least privilege access",
};

/** A policy that evaluates a whole stack: a function from a stack to findings. */
export function stackPolicy(
  metadata: Metadata,
  { subjects, ...options }: StackPolicyOptions,
  requires: readonly string[],
  check: StackPolicy["check"],
): StackPolicy {
  const policy = { kind: "stack", metadata, options, requires, check } as const;
  return subjects === undefined ? policy : { ...policy, subjects };
}

/** The metadata of a policy that reports gates, which determine whose rule it is. */
export interface GateMetadata extends Omit<Metadata, "rule"> {
  readonly name: GatePolicy;
}

interface StackPolicyOptions extends ConfigurationOptions {
  readonly subjects?: StackPolicy["subjects"];
}

/**
 * The usual stack policy: evaluates one question for every route, reports denied verdicts, and leaves unproven ones
 * open.
 *
 * @param evaluate returns the functions that decide when it is called: they are loaded only for stacks that need them
 */
export function gatePolicy<V extends Verdict>(
  gateMetadata: GateMetadata,
  options: StackPolicyOptions,
  evaluate: (access: Access, declared: DeclaredCaller, wanted: Wanted) => readonly V[],
  describe: (verdicts: SameReason<Denied<V>>) => Description,
): StackPolicy {
  const metadata = { ...gateMetadata, rule: ruleOfPolicy(gateMetadata.name) };
  return stackPolicy(metadata, { whenUnknown: true, subjects: ["api"], ...options }, [], (stack) => {
    const access = stack.access();
    const declared = declaredCallers(stack.settings, access.facts);
    const verdicts = evaluate(access, declared, "reported").filter(concernsStack);
    const { exemption } = stack;
    const denied = verdicts.filter(isDenied);
    const describeOne = (verdict: Verdict): Description | undefined =>
      isDenied(verdict) ? describe([verdict as Denied<V>]) : undefined;
    return {
      findings: stack.findings(groups(denied), ({ urn, reasons }) => ({
        urn,
        message: violation(reasons.map(describe), metadata, stack.languageOf(urn)),
      })),
      decisions: {
        access,
        declared,
        verdicts,
        eachVerdict: () => evaluate(access, declared, "all").filter(concernsStack),
        exemption,
        describe: describeOne,
        languageOf: stack.languageOf,
      },
    };
  });
}

function declaredCallers(settings: Settings, facts: StackFacts): DeclaredCaller {
  if (settings.callers.length === 0) return NO_DECLARED_CALLERS;
  const entries = new Map<PrincipalFacts, Settings["callers"]>();
  const matched = new Set<Settings["callers"][number]>();
  const byPattern = groupBy(settings.callers, (caller) => caller.principal);
  for (const principal of facts.principals) {
    const names = namesOf(principal);
    const entriesOfPrincipal = byPattern
      .filter(([caller]) => matchesPrincipal(caller.principal, names))
      .flat();
    if (entriesOfPrincipal.length > 0) entries.set(principal, entriesOfPrincipal);
    for (const caller of entriesOfPrincipal) matched.add(caller);
  }
  const unmatched = settings.callers.filter((caller) => !matched.has(caller));
  for (const name of new Set(unmatched.map((caller) => caller.principal)))
    entries.set(
      externalPrincipal(name, facts),
      unmatched.filter((caller) => caller.principal === name),
    );
  const routesOf = routesOfEntries();
  const declared = (principal: PrincipalFacts, route: Route): boolean => {
    const entriesOfPrincipal = entries.get(principal);
    return entriesOfPrincipal !== undefined && routesOf(entriesOfPrincipal)(route);
  };
  return Object.assign(declared, {
    externalPrincipals: [...entries.keys()].filter(({ external }) => external),
  });
}

/** Whether one of several entries applies to a route, answered once for all principals with the same entries. */
function routesOfEntries(): (entries: Settings["callers"]) => (route: Route) => boolean {
  const appliesTo = entryMatcher();
  const byPrincipal = new Map<Settings["callers"], (route: Route) => boolean>();
  const byEntries = new Map<string, (route: Route) => boolean>();
  const numbers = new Map<Settings["callers"][number], number>();
  const number = (entry: Settings["callers"][number]): number => cached(numbers, entry, () => numbers.size);
  return (entries) =>
    cached(byPrincipal, entries, () =>
      cached(byEntries, entries.map(number).join(), () => {
        const answers = new Map<Route, boolean>();
        return (route) => cached(answers, route, () => entries.some((entry) => appliesTo(entry, route)));
      }),
    );
}

/** Whether an entry applies to a route: patterns are parsed once, and evaluated once per route. */
function entryMatcher(): (entry: Settings["callers"][number], route: Route) => boolean {
  const matchers = new Map<Settings["callers"][number], ReturnType<typeof anyRouteMatcher>>();
  const answers = new Map<Settings["callers"][number], Map<Route, boolean>>();
  const comparable = new Map<Route, ComparableRoute>();
  return (entry, route) =>
    cached(
      cached(answers, entry, () => new Map<Route, boolean>()),
      route,
      () => {
        const subject = cached(comparable, route, () =>
          // A route key has no path, and takes its place.
          comparableRoute({
            apiName: route.api.name,
            verb: route.verb,
            path: known(route.path) || route.verb,
          }),
        );
        const matches = cached(matchers, entry, () => anyRouteMatcher(entry.routes ?? ["*"]));
        return matches(subject);
      },
    );
}

/** A problem of a stack, and the resource (URN) that it is reported on. */
export interface PlacedProblem<Problem> {
  readonly urn: string;
  readonly problem: Problem;
}

/** The decision of a policy on the planned inputs of some resource types, and its messages. */
interface ResourceRules<Problem> extends Pick<ResourcePolicy, "kinds" | "remediate" | "withStack"> {
  /** Mistakes in a resource of these types: codes and data. */
  readonly problems: (planned: ReadableResource) => readonly Problem[];
  /** The message of a problem, from `messages/policies/`. */
  readonly describe: (problem: Problem, language: Language) => string;
  /** For problems of the requests that API Gateway sends to functions. */
  readonly request?: (problem: Problem, language: Language) => RequestProblem;
}

/** A policy over the planned inputs of some kinds of resources: a function from a resource to problems. */
export function resourcePolicy<Problem>(
  metadata: Metadata,
  { problems, describe, request, ...rules }: ResourceRules<Problem>,
): ResourcePolicy {
  return {
    kind: "resource",
    metadata,
    options: {},
    requires: [],
    check: (planned, language) =>
      problems(planned).map((problem) => ({
        message: describe(problem, language),
        ...(request && { request: request(problem, language) }),
      })),
    ...rules,
  };
}
