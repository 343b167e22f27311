import { EXECUTE_API_INVOKE, INVOKE_FUNCTION } from "../../aws";
import { actionMatch } from "../evaluate/statement";
import type { ArnPattern } from "../text/arn";
import { matchPattern } from "../text/match";
import type { Pattern } from "../text/pattern";
import { known, type Text } from "../text/text";
import { actionFindings, isAboutCalls, suggestedAction } from "./lint-actions";
import { type DocumentPlace, quotedArn, resourceFindings } from "./lint-resources";
import type { DocumentProblem, PolicyDocument, Statement } from "./types";

/**
 * Mistakes in identity-based policies that grant access to functions and APIs: statements that can match no real
 * resource, and documents that IAM refuses. A statement that may match a real resource is not reported.
 */
export type LintFinding = LintFault & {
  /** `Sid "Invoke"` or `statement 2`; absent for a mistake of the whole document. */
  readonly statement?: string;
};

type CalledService = "lambda" | "execute-api";

/** The code of the mistake, with the ARN where it is about one. */
export type LintFault =
  | { readonly code: "malformed" | "version"; readonly problem: DocumentProblem }
  | { readonly code: "size"; readonly problem: DocumentProblem }
  | {
      readonly code: "size";
      /** Number of characters without white space. */
      readonly size: number;
      readonly limit: number;
      readonly quota: PolicyQuota;
      readonly documents: number;
    }
  /** The action as the policy spells it, where it is certainly a misspelling. */
  | { readonly code: "unknown-action"; readonly written: string | undefined; readonly suggestion: string }
  | { readonly code: "not-an-arn" }
  | { readonly code: "invoke-arn" | "not-a-function" | "path-parameter"; readonly arn: QuotedArn }
  | { readonly code: "double-slash" | "pseudo-parameter"; readonly arn: QuotedArn }
  | {
      readonly code: "other-service";
      readonly arn: QuotedArn;
      readonly service: string;
      /** The actions of the statement. */
      readonly services: readonly string[];
    }
  | { readonly code: "no-resource-for-action"; readonly action: string; readonly service: CalledService }
  | { readonly code: "no-stage-or-method"; readonly arn: QuotedArn; readonly missing: "stage" | "method" }
  | { readonly code: "leftover"; readonly arn: QuotedArn; readonly leftover: string }
  | {
      readonly code: "empty-field";
      readonly arn: QuotedArn;
      readonly field: "region" | "account";
      readonly service: CalledService;
    }
  /** IAM refuses the document. Without `partition`, the text is not the name of a partition. */
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
  /** The access covers everything, or the resources that the ARN matches. */
  | {
      readonly code: "scope";
      readonly action: string;
      readonly service: CalledService;
      readonly arn?: QuotedArn;
    };

/** An ARN, shortened where it is long; `undefined` for a Resource that is not an ARN and may be a secret. */
export type QuotedArn = string | undefined;

/** The code of a mistake that a valid document can have. */
export type LintCode = LintFault["code"];

/** The quota for a document: of the inline policies of a role, a user or a group, or of a managed policy. */
export type PolicyQuota = "role" | "user" | "group" | "managed";

/** The mistakes in a document, except for its size, that concern calling functions and APIs. */
export function lintDocument(document: PolicyDocument, place: DocumentPlace = {}): readonly LintFinding[] {
  const callStatements = document.statements.filter(concernsCalls);
  const findings = new Map<string, LintFinding>();
  const add = (finding: LintFinding): void => {
    findings.set(JSON.stringify(finding), finding);
  };
  problemFindings(document, callStatements).forEach(add);
  for (const statement of callStatements) {
    actionFindings(statement).forEach(add);
    resourceFindings(statement, place).forEach(add);
  }
  return [...findings.values()].slice(0, 50);
}

/** Whether the statement concerns calling functions or APIs, in any spelling. */
function concernsCalls(statement: Statement): boolean {
  if (isAboutCalls(statement)) return true;
  return statement.action.texts.some((text) => {
    const name = known(text);
    return name !== undefined && /^(lambda|execute-api):/i.test(name)
      ? true
      : suggestedAction(name) !== undefined;
  });
}

/** Problems for which IAM certainly returns `MalformedPolicyDocument`. */
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

function problemFindings(
  document: PolicyDocument,
  callStatements: readonly Statement[],
): readonly LintFinding[] {
  const isUnreadable = document.opaque !== undefined;
  return document.problems.flatMap((problem): readonly LintFinding[] => {
    const statement = callStatements.find(({ index }) => index === problem.statement);
    const isRelevant =
      problem.statement === undefined ? isUnreadable || callStatements.length > 0 : statement !== undefined;
    // AWS does not document IAM's response to a condition without values.
    if (!isRelevant || (problem.code === "missing-element" && problem.part === "condition")) return [];
    if (problem.code === "version") return [{ code: "version", problem }];
    if (!REFUSED.has(problem.code)) return [];
    const location = statement ? { statement: statement.label } : {};
    return problem.code === "too-large"
      ? [{ code: "size", problem, ...location }]
      : [{ code: "malformed", problem, ...location }];
  });
}

/**
 * Quotas in characters without white space: of a managed policy, and of all inline policies of one role, user or group
 * together
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length).
 */
const LIMITS: Readonly<Record<PolicyQuota, number>> = {
  managed: 6_144,
  role: 10_240,
  user: 2_048,
  group: 5_120,
};

/**
 * Reports documents that are longer than IAM allows: a managed policy, or all inline policies of a role, user or group
 * together. Only documents that concern calling functions and APIs are reported, and only their known characters are counted.
 */
export function lintSize(documents: readonly PolicyDocument[], quota: PolicyQuota): LintFinding | undefined {
  const size = documents.reduce((sum, document) => sum + (document.size ?? 0), 0);
  if (size <= LIMITS[quota] || !documents.some(({ statements }) => statements.some(concernsCalls)))
    return undefined;
  return { code: "size", size, limit: LIMITS[quota], quota, documents: documents.length };
}

const ANY_FUNCTION: Text = [
  "function:",
  { id: "any-function", shape: "word", label: { code: "function" }, origins: [] },
];
const ANY_REQUEST: Text = [
  { id: "any-api", shape: "word", label: { code: "api" }, origins: [] },
  "/",
  { id: "any-request", shape: "tail", label: { code: "request" }, origins: [] },
];

/** Statements that allow any of these actions on every function or on every API, without a condition. */
export function scopeFindings(document: PolicyDocument): readonly LintFinding[] {
  return document.statements.flatMap((statement): readonly LintFinding[] => {
    const { effect, resource, conditions, label, action } = statement;
    if (effect !== "Allow" || resource === undefined || resource.not || conditions.length > 0 || action.not)
      return [];
    return (
      [
        [INVOKE_FUNCTION, "lambda", ANY_FUNCTION],
        [EXECUTE_API_INVOKE, "execute-api", ANY_REQUEST],
      ] as const
    ).flatMap(([name, service, anyResource]): readonly LintFinding[] => {
      if (actionMatch(statement, name) !== "yes") return [];
      const broadTemplate = resource.templates.find(
        ({ arn }) => arn !== undefined && coversAll(arn, service, anyResource),
      );
      if (broadTemplate === undefined) return [];
      const arn = broadTemplate.arn?.matchesAll ? {} : { arn: quotedArn(broadTemplate.text) };
      return [{ code: "scope", action: name, service, ...arn, statement: label }];
    });
  });
}

function coversAll(arn: ArnPattern, service: string, anyResource: Text): boolean {
  if (arn.matchesAll) return true;
  const { fields } = arn;
  if (fields === undefined) return false;
  return (
    matchPattern(fields[2] as Pattern, [service]) === "yes" &&
    matchPattern(fields[5] as Pattern, anyResource) === "yes"
  );
}
