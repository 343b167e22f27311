import type { Verdict } from "../access";
import { showRoute } from "../messages";
import {
  describeUndecided,
  type OpenQuestion,
  type UndecidedAccess,
} from "../messages/policies/unproven-access";
import type { Route } from "../stack";
import { cached } from "../stack/pulumi/keys";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "unproven-access",
  displayName: "Access can be determined before deployment",
  description:
    "The plan does not show whether a route works; the finding lists the unknown values and how to resolve them.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Preview again after the unknown resources exist, or write the named values as literals.",
};

/** Reports, once per route, the undecided questions of the policies that it requires. */
export function unprovenAccess(requires: readonly string[]): StackPolicy {
  return stackPolicy(
    metadata,
    { whenUnknown: true, subjects: ["api", "function-url", "external-api"] },
    requires,
    (stack) => {
      const unproven = stack.required.flatMap(({ policy, decisions }) =>
        (decisions?.verdicts ?? [])
          .filter(({ outcome, urn }) => outcome === "unproven" && decisions?.exemption(urn) === undefined)
          .map((verdict) => ({ policy, verdict })),
      );
      const integrationQuestions = stack.required.flatMap(
        ({ policy, unprovenIntegrations: integrations = [] }) =>
          integrations.map((integration) => ({ policy, integration })),
      );
      const groups = [
        ...grouped(unproven),
        ...integrationQuestions.map((question): Group => {
          const { urn } = question.integration.principal;
          return { urn, routes: [], questions: [question] };
        }),
      ];
      return {
        findings: stack.findings(groups, (group) => ({
          urn: group.urn,
          message: describeUndecided(group, stack.languageOf(group.urn)),
        })),
      };
    },
  );
}

/** The subject of one finding. */
interface Group extends UndecidedAccess {
  readonly urn: string;
  readonly questions: OpenQuestion[];
}

function grouped(
  unproven: readonly { readonly policy: string; readonly verdict: Verdict }[],
): readonly Group[] {
  const groups = new Map<string, Group>();
  const addQuestion = (id: string, routes: readonly Route[], question: (typeof unproven)[number]): void => {
    const group = groups.get(id) ?? { urn: question.verdict.urn, routes, questions: [] };
    groups.set(id, group);
    group.questions.push(question);
  };
  const ids = new Map<Route, string>();
  const idOf = (route: Route): string => cached(ids, route, () => `${route.api.urn} ${showRoute(route)}`);
  for (const question of unproven) {
    const { verdict } = question;
    for (const route of verdict.routes) addQuestion(idOf(route), [route], question);
    if (verdict.routes.length === 0) addQuestion(verdict.urn, [], question);
  }
  return mergeSame([...groups.values()]);
}

/** Routes of a body have one URN: those with the same open questions are reported together. */
function mergeSame(groups: readonly Group[]): readonly Group[] {
  const byQuestions = new Map<string, { group: Group; routes: Route[] }>();
  const integrationQuestions: Group[] = [];
  // Many routes have the same questions.
  const numbers = new Map<OpenQuestion, number>();
  const messages = new Map<string, string>();
  for (const group of groups) {
    const { urn, routes, questions } = group;
    if (routes.length === 0) {
      integrationQuestions.push(group);
      continue;
    }
    const numbered = questions.map((question) => cached(numbers, question, () => numbers.size)).join();
    const id = `${urn}\n${cached(messages, numbered, () => describeUndecided({ routes: [], questions }, "json"))}`;
    const entry = byQuestions.get(id) ?? { group, routes: [] };
    byQuestions.set(id, entry);
    entry.routes.push(...routes);
  }
  return [
    ...integrationQuestions,
    ...[...byQuestions.values()].map(({ group, routes }) => ({ ...group, routes })),
  ];
}
