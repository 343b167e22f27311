import type { Verdict } from "../access";
import { showRoute } from "../messages";
import {
  describeUndecided,
  type OpenQuestion,
  type UndecidedAccess,
} from "../messages/policies/unproven-access";
import type { Route } from "../stack";
import { cached, groupBy } from "../stack/pulumi/keys";
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
  readonly questions: readonly OpenQuestion[];
}

function grouped(
  unproven: readonly { readonly policy: string; readonly verdict: Verdict }[],
): readonly Group[] {
  const ids = new Map<Route, string>();
  const idOf = (route: Route): string => cached(ids, route, () => `${route.api.urn} ${showRoute(route)}`);
  const questions = unproven.flatMap((question) => {
    const { urn, routes } = question.verdict;
    return routes.length === 0
      ? [{ id: urn, routes, question }]
      : routes.map((route) => ({ id: idOf(route), routes: [route], question }));
  });
  const groups = groupBy(questions, ({ id }) => id).map((group) => ({
    urn: group[0].question.verdict.urn,
    routes: group[0].routes,
    questions: group.map(({ question }) => question),
  }));
  return mergeSame(groups);
}

/** Routes of a body have one URN: those with the same open questions are reported together. */
function mergeSame(groups: readonly Group[]): readonly Group[] {
  // Many routes have the same questions.
  const numbers = new Map<OpenQuestion, number>();
  const messages = new Map<string, string>();
  const ofRoutes = groups.filter(({ routes }) => routes.length > 0);
  const byQuestions = groupBy(ofRoutes, ({ urn, questions }) => {
    const numbered = questions.map((question) => cached(numbers, question, () => numbers.size)).join();
    const text = cached(messages, numbered, () => describeUndecided({ routes: [], questions }, "json"));
    return `${urn}\n${text}`;
  });
  return [
    ...groups.filter(({ routes }) => routes.length === 0),
    ...byQuestions.map((same) => ({ ...same[0], routes: same.flatMap(({ routes }) => routes) })),
  ];
}
