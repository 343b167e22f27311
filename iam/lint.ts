import { distance } from "fastest-levenshtein";
import type { ArnPattern } from "./arn";
import type { DocumentProblem, PolicyDocument, Statement, Template } from "./document";
import { matchPattern, type Pattern, type PatternPiece } from "./pattern";
import { resembles } from "./spelling";
import { actionMatch } from "./statement";
import { type Hole, known, show, type Text } from "./text";
import { or } from "./trilean";

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
  | "scope";

/** Inline policies stand in a role, a user or a group; managed ones stand for themselves. */
export type Place = "role" | "user" | "group" | "managed";

const INVOKE = "lambda:InvokeFunction";
const EXECUTE = "execute-api:Invoke";
const ACTIONS = [INVOKE, "lambda:InvokeFunctionUrl", EXECUTE] as const;

const FUNCTION_FIX = "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME";
const API_FIX = "name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/path, * for any";

/** What is wrong with a document, its size aside, as far as it concerns calling functions and APIs. */
export function lintDocument(document: PolicyDocument): readonly LintFinding[] {
  const concerned = document.statements.filter(concerns);
  const findings = new Map<string, LintFinding>();
  const add = (finding: LintFinding): void => {
    findings.set(`${finding.code} ${finding.statement ?? ""} ${finding.message}`, finding);
  };
  problemFindings(document, concerned).forEach(add);
  for (const statement of concerned) {
    actionFindings(statement).forEach(add);
    resourceFindings(statement).forEach(add);
  }
  return [...findings.values()].slice(0, 50);
}

/** Is the statement about calling functions or APIs, in whatever spelling? */
function concerns(statement: Statement): boolean {
  if (ACTIONS.some((action) => actionMatch(statement, action) !== "no")) return true;
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

/** Lambda actions that begin like those that people mean. */
const LAMBDA_ACTIONS = ["InvokeFunction", "InvokeFunctionUrl", "InvokeAsync"];
const EXECUTE_ACTIONS = ["Invoke", "InvalidateCache", "ManageConnections"];
/** Names people make up, among them operations that are no actions. */
const MEANT_INVOKE = new Set([
  "invoke",
  "invokelambda",
  "invokelambdafunction",
  "lambdainvoke",
  "invokewithresponsestream",
  "invokefunctionwithresponsestream",
  "functioninvoke",
  "executefunction",
]);
const MEANT_SERVICES = new Map([
  ["apigateway:invoke", EXECUTE],
  ["apigateway:execute", EXECUTE],
  ["api-gateway:invoke", EXECUTE],
  ["executeapi:invoke", EXECUTE],
  ["execute_api:invoke", EXECUTE],
  ["execute-apis:invoke", EXECUTE],
  ["lamda:invokefunction", INVOKE],
  ["lambdas:invokefunction", INVOKE],
  ["aws-lambda:invokefunction", INVOKE],
]);

/**
 * The action that was meant by one that does not exist. Of Lambda only misspellings of its invoke actions are
 * told, for AWS adds actions all the time; execute-api has had its three for many years.
 */
function suggestion(action: string | undefined): string | undefined {
  if (action === undefined || action.length > 100) return undefined;
  const lower = action.trim().toLowerCase();
  const meant = MEANT_SERVICES.get(lower);
  if (meant !== undefined) return meant;
  const colon = lower.indexOf(":");
  const [service, name] = [lower.slice(0, colon).trim(), lower.slice(colon + 1).trim()];
  if (/[*?]/.test(name)) return undefined;
  const spaced = action.toLowerCase() !== `${service}:${name}`;
  if (service === "lambda") {
    const exact = LAMBDA_ACTIONS.find((one) => one.toLowerCase() === name);
    if (exact) return spaced ? `lambda:${exact}` : undefined;
    if (MEANT_INVOKE.has(name)) return INVOKE;
    const near = LAMBDA_ACTIONS.find((one) => distance(one.toLowerCase(), name) <= 2);
    return near && `lambda:${near}`;
  }
  if (service !== "execute-api") return undefined;
  const exact = EXECUTE_ACTIONS.find((one) => one.toLowerCase() === name);
  if (exact) return spaced ? `execute-api:${exact}` : undefined;
  const near = EXECUTE_ACTIONS.find((one) => distance(one.toLowerCase(), name) <= 2);
  return `execute-api:${near ?? "Invoke"}`;
}

/** An action that does not exist may be shown where it can only be a misspelling; else it may be a secret. */
function isMisspelling(action: string): boolean {
  const name = action.slice(action.indexOf(":") + 1).trim();
  return (
    MEANT_SERVICES.has(action.trim().toLowerCase()) ||
    MEANT_INVOKE.has(name.toLowerCase()) ||
    resembles(name, [...LAMBDA_ACTIONS, ...EXECUTE_ACTIONS])
  );
}

function actionFindings({ action, label }: Statement): readonly LintFinding[] {
  return action.texts.flatMap((text): readonly LintFinding[] => {
    const whole = known(text);
    const meant = suggestion(whole);
    if (whole === undefined || meant === undefined) return [];
    return [
      {
        code: "unknown-action",
        statement: label,
        message: `AWS knows no action ${isMisspelling(whole) ? `"${whole}"` : "of that name"}`,
        fix: `did you mean ${meant}?`,
      },
    ];
  });
}

/** The services of the statement's actions; `undefined` when some are of any service, or unknown. */
function servicesOf({ action }: Statement): ReadonlySet<string> | undefined {
  const services = new Set<string>();
  for (const text of action.texts) {
    const [first] = text;
    const colon = typeof first === "string" ? first.indexOf(":") : -1;
    if (action.not || typeof first !== "string" || colon < 1 || first[0] === "*") return undefined;
    services.add(first.slice(0, colon).toLowerCase());
  }
  return services;
}

function resourceFindings(statement: Statement): readonly LintFinding[] {
  const { resource, label } = statement;
  if (resource === undefined || resource.not) return [];
  const services = servicesOf(statement);
  const findings = resource.templates.flatMap((template): readonly LintFinding[] => {
    const found = resourceFinding(template, services);
    return found ? [{ ...found, statement: label }] : [];
  });
  return findings.length > 0 ? findings : uncovered(statement, services);
}

type Finding = Omit<LintFinding, "statement">;

function resourceFinding(template: Template, services: ReadonlySet<string> | undefined): Finding | undefined {
  const shown = shownArn(template.text);
  return (
    placeholder(template.text, shown) ??
    pseudoParameter(template.text, shown) ??
    notAnArn(template.text) ??
    (template.arn && arnFinding(template.arn, shown, services))
  );
}

function shownArn(text: Text): string {
  const shown = show(text);
  const clipped = shown.length > 200 ? `${shown.slice(0, 199)}…` : shown;
  return shown.startsWith("arn:") ? clipped : "a Resource";
}

/** What a value that was not there yet leaves behind when it is put into a string. */
function placeholder(text: Text, shown: string): Finding | undefined {
  const literal = text.map((piece) => (typeof piece === "string" ? piece : "\u0000")).join("");
  const [what] =
    /\[object \w{1,20}\]|Calling \[to(String|JSON)\] on an \[Output/i.exec(literal) ??
    /(?<=[:/])(undefined|None|null|NaN)(?=[:/]|$)|^(undefined|None|null)$/.exec(literal) ??
    [];
  if (what === undefined) return undefined;
  return {
    code: "placeholder",
    message: `${shown} holds ${what.startsWith("Calling") ? '"Calling [toString] on an [Output<T>]"' : `"${what}"`} in place of a value`,
    fix: "put outputs together with pulumi.interpolate or apply, and check that the value is set",
  };
}

function pseudoParameter(text: Text, shown: string): Finding | undefined {
  if (!text.some((piece) => typeof piece === "string" && /\$\{AWS::\w+\}/i.test(piece))) return undefined;
  return {
    code: "pseudo-parameter",
    message: `${shown} holds a pseudo parameter of CloudFormation, which IAM does not fill in`,
    fix: "put the account, region or partition there: aws.getCallerIdentity, aws.getRegion, aws.getPartition",
  };
}

function notAnArn(text: Text): Finding | undefined {
  const [first] = text;
  // A hole may hold the beginning of an ARN; a leading wildcard may too.
  if (first !== undefined && (typeof first !== "string" || /^[*?]/.test(first) || first.startsWith("arn:")))
    return undefined;
  if (typeof first === "string" && "arn:".startsWith(first) && text.length > 1) return undefined;
  return {
    code: "not-an-arn",
    message: 'a Resource is neither an ARN nor "*": IAM refuses the document (MalformedPolicyDocument)',
    fix: `${FUNCTION_FIX}; or ${API_FIX}`,
  };
}

function wildcardOf(piece: PatternPiece): string {
  return typeof piece === "object" && "wildcard" in piece ? piece.wildcard : "";
}

function arnFinding(
  { fields }: ArnPattern,
  shown: string,
  services: ReadonlySet<string> | undefined,
): Finding | undefined {
  if (fields === undefined) return undefined;
  const [, , service, region, account, resource] = fields as readonly [
    Pattern,
    Pattern,
    Pattern,
    Pattern,
    Pattern,
    Pattern,
  ];
  const name = service.literal;
  const [head] = resource.pieces;
  const domain = typeof head === "string" && head.startsWith("/domainnames/");
  if (
    name === "apigateway" &&
    account.literal === "lambda" &&
    (services === undefined || services.has("lambda"))
  )
    return {
      code: "invoke-arn",
      message: `${shown} is the ARN that integrations call a function by, not the ARN of the function`,
      fix: `use the function's arn in place of its invokeArn; ${FUNCTION_FIX}`,
    };
  if (name !== undefined && OFTEN_MIXED_UP.has(name) && services && !services.has(name) && ours(services))
    return {
      code: "other-service",
      message: `${shown} is of ${name}, while the statement's actions are of ${[...services].join(", ")}`,
      fix: services.has("lambda") ? FUNCTION_FIX : API_FIX,
    };
  if (name !== "lambda" && name !== "execute-api") return undefined;
  for (const [field, pattern] of [
    ["region", region],
    ["account", account],
  ] as const)
    if (pattern.literal === "" && !domain)
      return {
        code: "empty-field",
        message: `${shown} has no ${field}`,
        fix: name === "lambda" ? FUNCTION_FIX : API_FIX,
      };
  if (name === "lambda") return functionFinding(resource, shown, services);
  return domain ? undefined : apiFinding(resource, shown);
}

const OFTEN_MIXED_UP = new Set(["lambda", "execute-api", "apigateway"]);

function ours(services: ReadonlySet<string>): boolean {
  return [...services].every((service) => service === "lambda" || service === "execute-api");
}

function functionFinding(
  resource: Pattern,
  shown: string,
  services: ReadonlySet<string> | undefined,
): Finding | undefined {
  const { literal } = resource;
  if (services === undefined || !services.has("lambda") || literal === undefined || literal.includes(":"))
    return undefined;
  return {
    code: "not-a-function",
    message: `${shown} lacks "function:" before the name`,
    fix: FUNCTION_FIX,
  };
}

function apiFinding(resource: Pattern, shown: string): Finding | undefined {
  // What a hole of unknown shape holds may be the rest of the ARN.
  if (resource.pieces.some((piece) => typeof piece === "object" && "shape" in piece && piece.shape === "any"))
    return undefined;
  const text = resource.pieces
    .map((piece) =>
      typeof piece === "string" ? piece : wildcardOf(piece) || ((piece as Hole).varies ? "*" : "x"),
    )
    .join("");
  if (/(^|[^$])\{[^{}]{0,200}\}/.test(text))
    return {
      code: "path-parameter",
      message: `${shown} has a path parameter in braces; callers are checked against the path they request`,
      fix: "write * for the parameter: …/GET/pets/*",
    };
  if (text.includes("//"))
    return {
      code: "double-slash",
      message: `${shown} has two slashes in a row`,
      fix: "write one: …/STAGE/VERB/path; paths of routes begin with a slash already",
    };
  const parts = text.split("/");
  if (!/[*?]/.test(text) && (parts.length < 3 || (parts.length === 3 && parts[2] === "")))
    return {
      code: "no-stage-or-verb",
      message: `${shown} has no ${parts.length === 1 || (parts.length === 2 && parts[1] === "") ? "stage" : "verb"}; no request has so short an ARN`,
      fix: "end it with /* for all routes, or with STAGE/VERB/path",
    };
  return undefined;
}

/** An allowed action for which no resource of the statement is of the action's service. */
function uncovered(statement: Statement, services: ReadonlySet<string> | undefined): readonly LintFinding[] {
  const { resource, label, effect } = statement;
  if (effect !== "Allow" || services === undefined || resource === undefined) return [];
  return ([INVOKE, EXECUTE] as const).flatMap((action): readonly LintFinding[] => {
    const service = action.slice(0, action.indexOf(":"));
    if (!services.has(service) || actionMatch(statement, action) === "no") return [];
    const covered = or(
      resource.templates.map(({ arn }) => {
        const field = arn?.fields?.[2];
        return field === undefined ? "unknown" : matchPattern(field, [service]);
      }),
    );
    if (covered !== "no") return [];
    return [
      {
        code: "no-resource-for-action",
        statement: label,
        message: `${action} is allowed on no ${service === "lambda" ? "function" : "API"}: every Resource is of another service`,
        fix: `add a statement that allows ${action}; ${service === "lambda" ? FUNCTION_FIX : API_FIX}`,
      },
    ];
  });
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
