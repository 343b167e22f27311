import { EXECUTE, INVOKE } from "../../aws";
import { actionMatch } from "../evaluate/statement";
import type { ArnPattern } from "../text/arn";
import { matchPattern } from "../text/match";
import type { Pattern } from "../text/pattern";
import { known, type Text } from "../text/text";
import { actionFindings, isAboutCalls, suggestion } from "./lint-actions";
import { type DocumentPlace, quotedArn, resourceFindings } from "./lint-resources";
import type { DocumentProblem, PolicyDocument, Statement } from "./types";

/**
 * Mistakes in identity-based policies on calling functions and APIs: statements that can match nothing real,
 * and documents that IAM refuses. Whatever may match something real is left alone.
 */
export type LintFinding = LintFault & {
  /** `Sid "Invoke"` or `statement 2`; absent when it is about the document. */
  readonly statement?: string;
};

type CalledService = "lambda" | "execute-api";

/** What is wrong, with the ARN in question where it is one. */
export type LintFault =
  | { readonly code: "malformed" | "version"; readonly problem: DocumentProblem }
  | { readonly code: "size"; readonly problem: DocumentProblem }
  | {
      readonly code: "size";
      /** Characters without white space. */
      readonly size: number;
      readonly limit: number;
      readonly place: Place;
      readonly documents: number;
    }
  /** The action as it is written, where that is certainly a misspelling. */
  | { readonly code: "unknown-action"; readonly written: string | undefined; readonly suggestion: string }
  | { readonly code: "not-an-arn" }
  | { readonly code: "invoke-arn" | "not-a-function" | "path-parameter"; readonly arn: QuotedArn }
  | { readonly code: "double-slash" | "pseudo-parameter"; readonly arn: QuotedArn }
  | {
      readonly code: "other-service";
      readonly arn: QuotedArn;
      readonly service: string;
      /** Those of the statement's actions. */
      readonly services: readonly string[];
    }
  | { readonly code: "no-resource-for-action"; readonly action: string; readonly service: CalledService }
  | { readonly code: "no-stage-or-verb"; readonly arn: QuotedArn; readonly missing: "stage" | "verb" }
  | { readonly code: "placeholder"; readonly arn: QuotedArn; readonly leftover: string }
  | {
      readonly code: "empty-field";
      readonly arn: QuotedArn;
      readonly field: "region" | "account";
      readonly service: CalledService;
    }
  /** IAM refuses the document. Without `partition`: what is written there is not one. */
  | {
      readonly code: "partition";
      readonly arn: QuotedArn;
      readonly partition?: string;
      readonly documentPartition: string | undefined;
    }
  | {
      readonly code: "partition";
      readonly arn: QuotedArn;
      readonly partition: string;
      readonly region: string;
      readonly regionPartition: string;
    }
  /** On everything, or on what the ARN covers. */
  | {
      readonly code: "scope";
      readonly action: string;
      readonly service: CalledService;
      readonly arn?: QuotedArn;
    };

/** An ARN, cut where it is long; `undefined` for a Resource that is not one and may not be shown. */
export type QuotedArn = string | undefined;

export type LintCode = LintFault["code"];

/** Inline policies are in a role, a user or a group; managed ones stand for themselves. */
export type Place = "role" | "user" | "group" | "managed";

/** What is wrong with a document, apart from its size, as far as it concerns calling functions and APIs. */
export function lintDocument(document: PolicyDocument, place: DocumentPlace = {}): readonly LintFinding[] {
  const concerned = document.statements.filter(concerns);
  const findings = new Map<string, LintFinding>();
  const add = (finding: LintFinding): void => {
    findings.set(JSON.stringify(finding), finding);
  };
  problemFindings(document, concerned).forEach(add);
  for (const statement of concerned) {
    actionFindings(statement).forEach(add);
    resourceFindings(statement, place).forEach(add);
  }
  return [...findings.values()].slice(0, 50);
}

/** Is the statement about calling functions or APIs, in whatever spelling? */
function concerns(statement: Statement): boolean {
  if (isAboutCalls(statement)) return true;
  return statement.action.texts.some((text) => {
    const whole = known(text);
    return whole !== undefined && /^(lambda|execute-api):/i.test(whole)
      ? true
      : suggestion(whole) !== undefined;
  });
}

/** Problems that IAM certainly answers with `MalformedPolicyDocument`. */
const REFUSED: ReadonlySet<DocumentProblem["code"]> = new Set([
  "too-large",
  "not-json",
  "not-an-object",
  "unknown-element",
  "wrong-type",
  "missing-element",
  "prohibited-element",
  "conflicting-elements",
  "effect",
  "action",
  "operator",
  "sid",
  "duplicate-key",
]);

function problemFindings(document: PolicyDocument, concerned: readonly Statement[]): readonly LintFinding[] {
  const unreadable = document.opaque !== undefined;
  return document.problems.flatMap((problem): readonly LintFinding[] => {
    const statement = concerned.find(({ index }) => index === problem.statement);
    const matters =
      problem.statement === undefined ? unreadable || concerned.length > 0 : statement !== undefined;
    // What IAM answers to a condition without values is documented nowhere.
    if (!matters || (problem.code === "missing-element" && problem.of === "condition")) return [];
    if (problem.code === "version") return [{ code: "version", problem }];
    if (!REFUSED.has(problem.code)) return [];
    const where = statement ? { statement: statement.label } : {};
    return problem.code === "too-large"
      ? [{ code: "size", problem, ...where }]
      : [{ code: "malformed", problem, ...where }];
  });
}

/**
 * Characters without white space: of a managed policy, and of all inline policies of one role, user or group
 * together (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length).
 */
const LIMITS: Readonly<Record<Place, number>> = { managed: 6_144, role: 10_240, user: 2_048, group: 5_120 };

/**
 * Are the documents longer than IAM takes, one managed policy or inline policies of one place together? Only
 * of documents that concern calling functions and APIs; those of which the plan hides a part count nothing.
 */
export function lintSize(documents: readonly PolicyDocument[], place: Place): LintFinding | undefined {
  const size = documents.reduce((sum, document) => sum + (document.size ?? 0), 0);
  if (size <= LIMITS[place] || !documents.some(({ statements }) => statements.some(concerns)))
    return undefined;
  return { code: "size", size, limit: LIMITS[place], place, documents: documents.length };
}

const ANY_FUNCTION: Text = ["function:", { id: "any-function", shape: "word", label: "function", from: [] }];
const ANY_REQUEST: Text = [
  { id: "any-api", shape: "word", label: "API", from: [] },
  "/",
  { id: "any-request", shape: "tail", label: "request", from: [] },
];

/** Statements that allow either action on every function or on every API, without a condition. */
export function scopeFindings(document: PolicyDocument): readonly LintFinding[] {
  return document.statements.flatMap((statement): readonly LintFinding[] => {
    const { effect, resource, conditions, label, action } = statement;
    if (effect !== "Allow" || resource === undefined || resource.not || conditions.length > 0 || action.not)
      return [];
    return (
      [
        [INVOKE, "lambda", ANY_FUNCTION],
        [EXECUTE, "execute-api", ANY_REQUEST],
      ] as const
    ).flatMap(([name, service, anything]): readonly LintFinding[] => {
      if (actionMatch(statement, name) !== "yes") return [];
      const wide = resource.templates.find(
        ({ arn }) => arn !== undefined && coversAll(arn, service, anything),
      );
      if (wide === undefined) return [];
      const arn = wide.arn?.all ? {} : { arn: quotedArn(wide.text) };
      return [{ code: "scope", action: name, service, ...arn, statement: label }];
    });
  });
}

function coversAll(arn: ArnPattern, service: string, anything: Text): boolean {
  if (arn.all) return true;
  const { fields } = arn;
  if (fields === undefined) return false;
  return (
    matchPattern(fields[2] as Pattern, [service]) === "yes" &&
    matchPattern(fields[5] as Pattern, anything) === "yes"
  );
}
