import { authorizerOf, functionUrlOf, principalOf, type Verdict } from "../access";
import {
  type Language,
  list,
  message,
  page,
  questionOf,
  showFunctionTarget,
  showRoute,
  showRoutes,
  showUnknowns,
} from "../messages";
import type { Route } from "../stack";
import { cached } from "../stack/pulumi/keys";
import type { OpenAnswer } from "./definition";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "unproven-access",
  displayName: "Access that could not be decided",
  description:
    "A route could be neither proved to work nor shown to fail; says what is unknown and what resolves it.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps:
    "Run the next preview after the unknown resources exist, or write the values that are named in a form that the plan shows.",
};

/** Reports, once a route, what the policies that it requires left open. */
export function unprovenAccess(requires: readonly string[]): StackPolicy {
  return stackPolicy(
    metadata,
    { whenUnknown: true, subjects: ["api", "function-url", "external-api"] },
    requires,
    (stack) => {
      const open = stack.required.flatMap(({ policy, decisions }) =>
        (decisions?.verdicts ?? [])
          .filter(({ outcome, urn }) => outcome === "unproven" && decisions?.exemption(urn) === undefined)
          .map((verdict) => ({ policy, verdict })),
      );
      const others = stack.required.flatMap(({ policy, open: answers = [] }) =>
        answers.map((answer) => ({ policy, ...answer })),
      );
      const groups = [
        ...grouped(open),
        ...others.map((answer): Group => ({ ...answer, questions: [answer] })),
      ];
      return {
        findings: stack.findings(groups, (group) => ({
          urn: group.urn,
          message: say(group, stack.languageOf(group.urn)),
        })),
      };
    },
  );
}

/** A question that a policy left open. */
interface OpenQuestion {
  readonly policy: string;
  readonly verdict: Verdict;
}

/** The same, and what is asked in place of a verdict. */
type Question = OpenQuestion | Pick<OpenAnswer & OpenQuestion, "policy" | "question" | "unknowns">;

/** What the questions of one finding are about: routes, or the one thing that is not a route. */
interface Group {
  readonly urn: string;
  readonly about: readonly Route[] | string;
  readonly questions: Question[];
}

function grouped(open: readonly OpenQuestion[]): readonly Group[] {
  const groups = new Map<string, Group>();
  const ask = (id: string, about: Group["about"], question: OpenQuestion): void => {
    const group = groups.get(id) ?? { urn: question.verdict.urn, about, questions: [] };
    groups.set(id, group);
    group.questions.push(question);
  };
  const ids = new Map<Route, string>();
  const idOf = (route: Route): string => cached(ids, route, () => `${route.api.urn} ${showRoute(route)}`);
  for (const question of open) {
    const { verdict } = question;
    for (const route of verdict.routes) ask(idOf(route), [route], question);
    if (verdict.routes.length === 0) ask(verdict.urn, subjectOf(verdict), question);
  }
  return together([...groups.values()]);
}

/** Routes of a body are under one URN: those with the same open questions are reported together. */
function together(groups: readonly Group[]): readonly Group[] {
  const same = new Map<string, { group: Group; routes: Route[] }>();
  const others: Group[] = [];
  // Of many routes, most have the very questions of others.
  const numbers = new Map<Question, number>();
  const said = new Map<string, string>();
  for (const group of groups) {
    const { urn, about, questions } = group;
    if (typeof about === "string") {
      others.push(group);
      continue;
    }
    const asked = questions.map((question) => cached(numbers, question, () => numbers.size)).join();
    const id = `${urn}\n${cached(said, asked, () => say({ urn, about: "", questions }, "json"))}`;
    const entry = same.get(id) ?? { group, routes: [] };
    same.set(id, entry);
    entry.routes.push(...about);
  }
  return [...others, ...[...same.values()].map(({ group, routes }) => ({ ...group, about: routes }))];
}

function subjectOf(verdict: Verdict): string {
  const authorizer = authorizerOf(verdict);
  if (authorizer !== undefined) return `${authorizer.label} of API ${authorizer.api.name}`;
  const url = functionUrlOf(verdict);
  if (url !== undefined) return `the function URL of ${showFunctionTarget(url.target)}`;
  return principalOf(verdict)?.label ?? "a resource of this stack";
}

function say(group: Group, language: Language): string {
  const asked = [
    ...new Set(group.questions.map((one) => ("question" in one ? one.question : questionOf(one.verdict)))),
  ].sort();
  const unknowns = group.questions.flatMap((one) =>
    "question" in one ? one.unknowns : one.verdict.unknowns,
  );
  return message([
    `${typeof group.about === "string" ? group.about : showRoutes(group.about)}: could not decide whether ${list(asked)}.`,
    ...showUnknowns(unknowns, language),
    `Left open by: ${list([...new Set(group.questions.map(({ policy }) => policy))].sort())}.`,
    page(metadata.name),
  ]);
}
