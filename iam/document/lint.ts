import { EXECUTE, INVOKE } from "../../aws";
import { actionMatch } from "../evaluate/statement";
import type { ArnPattern } from "../text/arn";
import { matchPattern, type Pattern } from "../text/pattern";
import { known, type Text } from "../text/text";
import { actionFindings, isAboutCalls, suggestion } from "./lint-actions";
import { API_FIX, type DocumentPlace, FUNCTION_FIX, resourceFindings, shownArn } from "./lint-resources";
import type { DocumentProblem, PolicyDocument, Statement } from "./types";

/**
 * Mistakes in identity-based policies on calling functions and APIs: statements that can match nothing real,
 * and documents that IAM refuses. Whatever may match something real is left alone.
 *
 * Texts of a document are shown only where they are ARNs or actions.
 */
export interface LintFinding {
  readonly code: LintCode;
  /** `Sid "Invoke"` or `statement 2`; absent when it is about the document. */
  readonly statement?: string;
  readonly message: string;
  readonly fix: string;
}

export type LintCode =
  | "malformed"
  | "version"
  | "size"
  | "unknown-action"
  | "not-an-arn"
  | "invoke-arn"
  | "other-service"
  | "no-resource-for-action"
  | "not-a-function"
  | "path-parameter"
  | "no-stage-or-verb"
  | "double-slash"
  | "placeholder"
  | "pseudo-parameter"
  | "empty-field"
  | "partition"
  | "scope";

/** Inline policies stand in a role, a user or a group; managed ones stand for themselves. */
export type Place = "role" | "user" | "group" | "managed";

/** What is wrong with a document, its size aside, as far as it concerns calling functions and APIs. */
export function lintDocument(document: PolicyDocument, place: DocumentPlace = {}): readonly LintFinding[] {
  const concerned = document.statements.filter(concerns);
  const findings = new Map<string, LintFinding>();
  const add = (finding: LintFinding): void => {
    findings.set(`${finding.code} ${finding.statement ?? ""} ${finding.message}`, finding);
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

/** Problems that IAM surely answers with `MalformedPolicyDocument`. */
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
    if (!matters || / has no value$/.test(problem.message)) return [];
    const where = statement ? { statement: statement.label } : {};
    if (problem.code === "version")
      return [
        {
          code: "version",
          message: `${problem.message}: IAM refuses the document`,
          fix: 'write "Version": "2012-10-17"',
        },
      ];
    if (!REFUSED.has(problem.code)) return [];
    const outcome =
      problem.code === "duplicate-key"
        ? "one of the two values is lost"
        : problem.code === "too-large"
          ? "IAM refuses it (LimitExceeded)"
          : "IAM refuses it (MalformedPolicyDocument)";
    return [
      {
        code: problem.code === "too-large" ? "size" : "malformed",
        ...where,
        message: `${problem.message}: ${outcome}`,
        fix: fixOf(problem),
      },
    ];
  });
}

function fixOf({ code, message }: DocumentProblem): string {
  switch (code) {
    case "not-json":
    case "not-an-object":
      return "give a JSON object with Version and Statement, from JSON.stringify or aws.iam.getPolicyDocument";
    case "unknown-element":
      return "correct its spelling or remove it: a statement has Sid, Effect, Action, Resource and Condition, case-sensitive";
    case "effect":
      return 'write "Effect": "Allow" or "Effect": "Deny"';
    case "action":
      return "write the action with its service: lambda:InvokeFunction, execute-api:Invoke";
    case "sid":
      return "use letters and digits, another Sid for each statement";
    case "duplicate-key":
      return "write one list with all values";
    case "operator":
      return "use one of IAM's condition operators, such as StringEquals or ArnLike, case-sensitive";
    case "too-large":
      return "split it into several policies";
    case "prohibited-element":
      return "remove it: the policy is for whom it is attached to";
    case "wrong-type":
      return "use strings and lists of strings";
    default:
      return `correct it: ${message}`;
  }
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
  const what = documents.length > 1 ? "the documents have" : "the document has";
  const whose = place === "managed" ? "a managed policy" : `all inline policies of a ${place} together`;
  return {
    code: "size",
    message: `${what} ${size} characters without white space, of ${LIMITS[place]} that IAM takes for ${whose} (LimitExceeded)`,
    fix: "split it into several managed policies, or use wildcards in place of lists",
  };
}

const ANY_FUNCTION: Text = [
  "function:",
  { id: "any function", shape: "word", label: "any function", from: [] },
];
const ANY_REQUEST: Text = [
  { id: "any API", shape: "word", label: "any API", from: [] },
  "/",
  { id: "any request", shape: "tail", label: "any request", from: [] },
];

/** Statements that allow either action on every function or on every API, without a condition. */
export function scopeFindings(document: PolicyDocument): readonly LintFinding[] {
  return document.statements.flatMap((statement): readonly LintFinding[] => {
    const { effect, resource, conditions, label, action } = statement;
    if (effect !== "Allow" || resource === undefined || resource.not || conditions.length > 0 || action.not)
      return [];
    return (
      [
        [INVOKE, "lambda", ANY_FUNCTION, "function"],
        [EXECUTE, "execute-api", ANY_REQUEST, "API"],
      ] as const
    ).flatMap(([name, service, anything, what]): readonly LintFinding[] => {
      if (actionMatch(statement, name) !== "yes") return [];
      const wide = resource.templates.find(
        ({ arn }) => arn !== undefined && coversAll(arn, service, anything),
      );
      if (wide === undefined) return [];
      const place = wide.arn?.all ? "" : ` of ${shownArn(wide.text)}`;
      return [
        {
          code: "scope",
          statement: label,
          message: `${name} is allowed on every ${what}${place}`,
          fix: service === "lambda" ? FUNCTION_FIX : API_FIX,
        },
      ];
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
