import {
  authorizerOf,
  functionUrlOf,
  principalOf,
  type UnprovenIntegration,
  type Verdict,
} from "../../access";
import type { UnknownReason } from "../../iam";
import type { Route } from "../../stack";
import type { Language } from "../languages";
import { questionOf, showFunctionTarget, showRoutes } from "../names";
import { list, message, page } from "../text";
import { showUnknowns } from "../unknowns";
import { serviceQuestion } from "../verdicts/service-integrations";

/** An undecided question: a verdict, or one about an integration with another service. */
export type OpenQuestion = { readonly policy: string } & (
  | { readonly verdict: Verdict }
  | { readonly integration: UnprovenIntegration }
);

/** The undecided questions about routes; without routes, about the only subject of the questions. */
export interface UndecidedAccess {
  readonly routes: readonly Route[];
  readonly questions: readonly OpenQuestion[];
}

export function describeUndecided({ routes, questions }: UndecidedAccess, language: Language): string {
  return message([
    `${routes.length > 0 ? showRoutes(routes) : subjectOf(questions[0])}: ${undecided(questions)}.`,
    ...showUnknowns(questions.flatMap(unknownsOf), language),
    `Undecided in: ${list([...new Set(questions.map(({ policy }) => policy))].sort())}.`,
    page("unproven-access"),
  ]);
}

function undecided(questions: readonly OpenQuestion[]): string {
  return `could not determine whether ${list([...new Set(questions.map(questionText))].sort())}`;
}

function questionText(question: OpenQuestion): string {
  return "verdict" in question
    ? questionOf(question.verdict)
    : serviceQuestion(question.integration).question;
}

function unknownsOf(question: OpenQuestion): readonly UnknownReason[] {
  return "verdict" in question ? question.verdict.unknowns : question.integration.unknowns;
}

function subjectOf(question: OpenQuestion | undefined): string {
  if (question === undefined) return "";
  if (!("verdict" in question)) return serviceQuestion(question.integration).subject;
  const { verdict } = question;
  const authorizer = authorizerOf(verdict);
  if (authorizer !== undefined) return `${authorizer.label} of API ${authorizer.api.name}`;
  const url = functionUrlOf(verdict);
  if (url !== undefined) return `the function URL of ${showFunctionTarget(url.target)}`;
  return principalOf(verdict)?.label ?? "a resource of this stack";
}
