import { type ArnPattern, type ArnUse, arnPatternOf, splitArn } from "../text/arn";
import { duplicateKeys } from "../text/json";
import { compile, lowerCase, type Pattern, type PatternPiece, patternOf, verbatim } from "../text/pattern";
import { resembles } from "../text/spelling";
import { type Hole, isHole, known, type Origin, type Text } from "../text/text";
import { isUnknown, PartlyKnown, Unknown } from "../text/unknown";

/**
 * Policy documents, read once and made ready for evaluation.
 *
 * The grammar is AWS's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
 * What IAM would refuse (`MalformedPolicyDocument`) never takes effect as written, so a leaf, element or
 * document that breaks the grammar is listed among the problems and is otherwise treated exactly as one that
 * the plan does not show: nothing is concluded from it, in either direction.
 */
export type DocumentUse = "identity" | "resource" | "trust";

export type ProblemCode =
  | "not-json"
  | "not-an-object"
  | "too-large"
  | "duplicate-key"
  | "unknown-element"
  | "wrong-type"
  | "version"
  | "missing-element"
  | "prohibited-element"
  | "conflicting-elements"
  | "effect"
  | "action"
  | "principal"
  | "operator"
  | "sid";

export interface DocumentProblem {
  readonly code: ProblemCode;
  /** 0-based; absent for the document as a whole. */
  readonly statement?: number;
  readonly message: string;
}

/** `${key}` or `${key, 'fallback'}`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). */
export interface Variable {
  readonly variable: string;
  readonly fallback?: string;
}

/** A string of a document: its text for people, and what is to be compared. */
export interface Template {
  readonly text: Text;
  readonly pieces: readonly (PatternPiece | Variable)[];
  /** The pattern, when there are no variables to fill in. */
  readonly pattern: Pattern | undefined;
  /** The same as an ARN's, where ARNs are compared: in Resource, and under ArnLike and its like. */
  readonly arn?: ArnPattern | undefined;
}

export interface ActionElement {
  readonly not: boolean;
  /** In small letters, for the case of actions does not count. */
  readonly patterns: readonly Pattern[];
  readonly texts: readonly Text[];
}

export interface ResourceElement {
  readonly not: boolean;
  readonly use: ArnUse;
  readonly templates: readonly Template[];
}

export type PrincipalEntry =
  | { readonly kind: "everyone" }
  | { readonly kind: "account"; readonly account: Text; readonly text: Text }
  | { readonly kind: "role" | "user"; readonly text: Text }
  | { readonly kind: "session"; readonly account: Text; readonly role: Text; readonly text: Text }
  | { readonly kind: "service"; readonly text: Text }
  | { readonly kind: "federated"; readonly text: Text }
  /** A session that a user got by GetFederationToken, which is neither that user nor a role. */
  | { readonly kind: "federated-user"; readonly text: Text }
  | { readonly kind: "canonical"; readonly text: Text }
  /** Could be any identity of AWS, everyone included. */
  | { readonly kind: "unknown"; readonly text: Text };

export interface PrincipalElement {
  readonly not: boolean;
  readonly entries: readonly PrincipalEntry[];
}

export type ConditionFamily =
  | "String"
  | "StringIgnoreCase"
  | "StringLike"
  | "NumericEquals"
  | "NumericLessThan"
  | "NumericLessThanEquals"
  | "NumericGreaterThan"
  | "NumericGreaterThanEquals"
  | "DateEquals"
  | "DateLessThan"
  | "DateLessThanEquals"
  | "DateGreaterThan"
  | "DateGreaterThanEquals"
  | "Bool"
  | "Binary"
  | "IpAddress"
  | "Arn"
  | "Null"
  /** Unknown, or refused by IAM. */
  | "unknown";

export interface Condition {
  /** As written, for people. */
  readonly operator: string;
  readonly family: ConditionFamily;
  readonly negated: boolean;
  readonly set: "all" | "any" | undefined;
  readonly ifExists: boolean;
  /** In small letters. */
  readonly key: string;
  /** As written, for people. */
  readonly keyText: string;
  readonly values: readonly Template[];
}

export interface Statement {
  /** 0-based. */
  readonly index: number;
  readonly sid: string | undefined;
  /** For people: `Sid "Invoke"` or `statement 2`. */
  readonly label: string;
  readonly effect: "Allow" | "Deny" | "unknown";
  /** Absent in identity-based policies. */
  readonly principal: PrincipalElement | undefined;
  readonly action: ActionElement;
  /** Absent in trust policies. */
  readonly resource: ResourceElement | undefined;
  readonly conditions: readonly Condition[];
}

export interface PolicyDocument {
  readonly use: DocumentUse;
  readonly version: "2008-10-17" | "2012-10-17" | "unknown";
  readonly statements: readonly Statement[];
  /** The statements cannot be told at all: what they are computed from, empty when IAM would refuse it. */
  readonly opaque: readonly Origin[] | undefined;
  readonly problems: readonly DocumentProblem[];
  /** Characters without white space, as IAM counts them; absent when parts are unknown. */
  readonly size: number | undefined;
}

/** Characters beyond which a text is not read. */
const LONGEST = 4_000_000;
/**
 * Characters without white space beyond which no document is taken anywhere: the limit of IAM's API
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html), ten times above its quotas.
 */
const LARGEST = 131_072;
const CACHED = 1_000;
const CACHED_LENGTH = 50_000;

const cache = new Map<string, PolicyDocument>();

/**
 * Reads a document from JSON text or plain data whose leaves may be {@link Unknown} or {@link PartlyKnown}.
 * Never throws: what is wrong with it is in `problems`.
 */
export function parseDocument(source: unknown, use: DocumentUse): PolicyDocument {
  if (typeof source !== "string") return read(source, use, undefined, []);
  const key = `${use}\n${source}`;
  const before = cache.get(key);
  if (before) {
    cache.delete(key);
    cache.set(key, before);
    return before;
  }
  const document = readText(source, use);
  if (source.length <= CACHED_LENGTH) {
    cache.set(key, document);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED) break;
      cache.delete(oldest);
    }
  }
  return document;
}

function readText(source: string, use: DocumentUse): PolicyDocument {
  if (source.length > LONGEST) return tooLarge(use, source.length);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return refused(use, "not-json", "the document is not JSON");
  }
  return read(value, use, source.replace(/\s/g, "").length, duplicateKeys(source));
}

function tooLarge(use: DocumentUse, size: number): PolicyDocument {
  return refused(use, "too-large", `the document has ${size} characters, more than IAM ever takes`);
}

function refused(use: DocumentUse, code: ProblemCode, message: string): PolicyDocument {
  return {
    use,
    version: "unknown",
    statements: [],
    opaque: [],
    problems: [{ code, message }],
    size: undefined,
  };
}

function read(
  source: unknown,
  use: DocumentUse,
  size: number | undefined,
  duplicates: readonly string[],
): PolicyDocument {
  const measured = size === undefined ? measure(source) : { size, whole: true };
  if (measured === undefined) return refused(use, "not-an-object", "the document cannot be read");
  if (measured.size > LARGEST) return tooLarge(use, measured.size);
  return new Reader(use, duplicates).document(source, measured.whole ? measured.size : undefined);
}

const PRINCIPALS: ReadonlyMap<string, "service" | "federated" | "canonical"> = new Map([
  ["Service", "service"],
  ["Federated", "federated"],
  ["CanonicalUser", "canonical"],
]);

const DOCUMENT_ELEMENTS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

type Fields = ReadonlyMap<string, unknown>;

/** The own entries of a plain object, `__proto__` among them if it is one. */
function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (isUnknown(value) || value instanceof PartlyKnown || value instanceof Date) return undefined;
  return new Map(Object.entries(value));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Reads one document; collects its problems on the way. */
class Reader {
  private readonly problems: DocumentProblem[] = [];
  private version: PolicyDocument["version"] = "2008-10-17";
  private statement: number | undefined;
  private holes = 0;

  constructor(
    private readonly use: DocumentUse,
    private readonly duplicates: readonly string[],
  ) {}

  document(source: unknown, size: number | undefined): PolicyDocument {
    const fields = fieldsOf(source);
    if (fields === undefined) {
      if (!isUnknown(source)) this.problem("not-an-object", "the document is not a JSON object");
      return this.result([], isUnknown(source) ? source.from : [], undefined);
    }
    for (const key of this.duplicates)
      this.problem("duplicate-key", `${named("the key", key, KEYS)} is there twice`);
    const strange = this.strangeElements(fields, DOCUMENT_ELEMENTS);
    this.version = this.readVersion(fields);
    const statements = fields.get("Statement");
    if (isUnknown(statements)) return this.result([], statements.from, undefined);
    if (statements === undefined || this.duplicates.length > 0) {
      if (statements === undefined) this.problem("missing-element", "the document has no Statement");
      return this.result([], [], size);
    }
    const list = listOf(statements);
    if (list.length === 0) this.problem("missing-element", "Statement is empty");
    const sids = new Set<string>();
    const read = list.map((one, index) => this.readStatement(one, index, sids));
    this.statement = undefined;
    return strange ? this.result([], [], size) : this.result(read, undefined, size);
  }

  private result(
    statements: readonly Statement[],
    opaque: readonly Origin[] | undefined,
    size: number | undefined,
  ): PolicyDocument {
    return { use: this.use, version: this.version, statements, opaque, problems: this.problems, size };
  }

  private problem(code: ProblemCode, message: string): void {
    const statement = this.statement === undefined ? {} : { statement: this.statement };
    this.problems.push({ code, ...statement, message });
  }

  private readVersion(fields: Fields): PolicyDocument["version"] {
    const version = fields.get("Version");
    if (!fields.has("Version")) return "2008-10-17";
    if (version === "2008-10-17" || version === "2012-10-17") return version;
    if (!isUnknown(version) && !(version instanceof PartlyKnown))
      this.problem("version", wrongVersion(version));
    return "unknown";
  }

  private strangeElements(fields: Fields, elements: ReadonlySet<string>): boolean {
    const strange = [...fields.keys()].filter((name) => !elements.has(name));
    for (const name of strange)
      this.problem("unknown-element", `IAM knows no ${named("element", name, elements)}`);
    return strange.length > 0;
  }

  private readStatement(source: unknown, index: number, sids: Set<string>): Statement {
    this.statement = index;
    const fields = fieldsOf(source);
    if (fields === undefined) {
      if (!isUnknown(source)) this.problem("wrong-type", "the statement is not a JSON object");
      const from = isUnknown(source) ? source : new Unknown();
      return this.unknownStatement(index, from);
    }
    const strange = this.strangeElements(fields, STATEMENT_ELEMENTS);
    const sid = this.readSid(fields, sids);
    return {
      index,
      sid,
      label: sid ? `Sid "${clip(sid)}"` : `statement ${index + 1}`,
      effect: this.readEffect(fields),
      principal: this.readPrincipal(fields),
      action: this.readAction(fields),
      resource: this.readResource(fields),
      // A misspelled Condition is not a statement without one.
      conditions: [
        ...this.readConditions(fields),
        ...(strange ? [this.unknownCondition("", "", undefined)] : []),
      ],
    };
  }

  private unknownStatement(index: number, from: Unknown): Statement {
    return {
      index,
      sid: undefined,
      label: `statement ${index + 1}`,
      effect: "unknown",
      principal:
        this.use === "identity"
          ? undefined
          : { not: false, entries: [{ kind: "unknown", text: this.hole(from.from) }] },
      action: this.actions(false, [this.hole(from.from)]),
      resource: this.use === "trust" ? undefined : this.resources(false, [this.hole(from.from)]),
      conditions: [],
    };
  }

  private readSid(fields: Fields, sids: Set<string>): string | undefined {
    const sid = fields.get("Sid");
    if (sid === undefined || isUnknown(sid) || sid instanceof PartlyKnown) return undefined;
    if (typeof sid !== "string") {
      this.problem("wrong-type", "Sid is not a string");
      return undefined;
    }
    // Identity-based policies take letters and digits only; services are laxer in theirs.
    if (this.use === "identity" && !/^[A-Za-z0-9]*$/.test(sid))
      this.problem("sid", "the Sid holds more than letters and digits");
    if (sid !== "" && sids.has(sid)) this.problem("sid", "another statement has the same Sid");
    sids.add(sid);
    return sid === "" ? undefined : sid;
  }

  private readEffect(fields: Fields): Statement["effect"] {
    const effect = fields.get("Effect");
    if (effect === "Allow" || effect === "Deny") return effect;
    if (!fields.has("Effect")) this.problem("missing-element", "the statement has no Effect");
    else if (!isUnknown(effect) && !(effect instanceof PartlyKnown))
      this.problem("effect", "Effect is neither Allow nor Deny");
    return "unknown";
  }

  /** Which of an element and its negation is there; both are refused by IAM. */
  private either(fields: Fields, name: string): { value: unknown; not: boolean } {
    const [is, not] = [fields.has(name), fields.has(`Not${name}`)];
    if (is && not) {
      this.problem("conflicting-elements", `the statement has both ${name} and Not${name}`);
      return { value: new Unknown(), not: false };
    }
    if (!is && !not) {
      this.problem("missing-element", `the statement has no ${name}`);
      return { value: new Unknown(), not: false };
    }
    const value = fields.get(is ? name : `Not${name}`);
    if (Array.isArray(value) && value.length === 0) {
      this.problem("missing-element", `${name} is empty`);
      return { value: new Unknown(), not: !is };
    }
    return { value, not: !is };
  }

  private readAction(fields: Fields): ActionElement {
    const { value, not } = this.either(fields, "Action");
    const texts = listOf(value).map((leaf) => {
      const text = this.leaf(leaf, "Action");
      const whole = known(text);
      if (whole === undefined || whole === "*") return text;
      const colon = whole.indexOf(":");
      const vendor = whole.slice(0, colon);
      if (colon > 0 && (vendor === "*" || !/[*?]/.test(vendor))) return text;
      this.problem("action", 'an action has no service before a colon, such as "lambda:"');
      return this.hole([]);
    });
    return this.actions(not, texts);
  }

  private actions(not: boolean, texts: readonly Text[]): ActionElement {
    return { not, texts, patterns: texts.map((text) => compile(lowerCase(text))) };
  }

  private readResource(fields: Fields): ResourceElement | undefined {
    if (this.use !== "trust") {
      const { value, not } = this.either(fields, "Resource");
      return this.resources(
        not,
        listOf(value).map((leaf) => this.leaf(leaf, "Resource")),
      );
    }
    if (!fields.has("Resource") && !fields.has("NotResource")) return undefined;
    this.problem("prohibited-element", "a trust policy has no Resource");
    return this.resources(false, [this.hole([])]);
  }

  private resources(not: boolean, texts: readonly Text[]): ResourceElement {
    const use: ArnUse = this.use === "identity" ? "identity" : "resource";
    const templates = texts.map((text) => {
      const template = this.template(text, true, 5);
      return { ...template, arn: template.pattern && arnPatternOf(text, template.pattern, use) };
    });
    return { not, use, templates };
  }

  private readPrincipal(fields: Fields): PrincipalElement | undefined {
    if (this.use === "identity") {
      if (!fields.has("Principal") && !fields.has("NotPrincipal")) return undefined;
      this.problem("prohibited-element", "an identity-based policy has no Principal");
      return { not: false, entries: [{ kind: "unknown", text: this.hole([]) }] };
    }
    const anybody: PrincipalElement = { not: false, entries: [{ kind: "unknown", text: this.hole([]) }] };
    const { value, not } = this.either(fields, "Principal");
    if (this.use === "trust" && not) {
      this.problem("prohibited-element", "a trust policy has no NotPrincipal");
      return anybody;
    }
    if (value === "*" && this.use !== "trust") return { not, entries: [{ kind: "everyone" }] };
    const types = fieldsOf(value);
    if (types === undefined) {
      const text = this.leaf(value, "Principal");
      // `AssumeRolepolicy contained an invalid principal: "STAR":"*"`: https://github.com/aws/aws-cdk/issues/5732
      const neither = this.use === "trust" ? "not" : 'neither "*" nor';
      if (text.every((piece) => typeof piece === "string"))
        this.problem("principal", `Principal is ${neither} an object such as {"Service": "…"}`);
      return anybody;
    }
    const entries = [...types].flatMap(([type, values]) =>
      listOf(values).map((leaf) => this.principalEntry(type, this.leaf(leaf, "Principal"))),
    );
    return { not, entries };
  }

  private principalEntry(type: string, text: Text): PrincipalEntry {
    if (type === "AWS") return this.awsPrincipal(text);
    const kind = PRINCIPALS.get(type);
    if (kind === undefined) {
      this.problem(
        "principal",
        `IAM knows no ${named("type of principal", type, [...PRINCIPALS.keys(), "AWS"])}`,
      );
      return { kind: "unknown", text };
    }
    if (isWild(text)) this.problem("principal", `a wildcard stands for a principal of type ${type}`);
    return { kind, text };
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
  private awsPrincipal(text: Text): PrincipalEntry {
    const whole = known(text);
    if (whole === "*") return { kind: "everyone" };
    if (whole !== undefined && /^\d{12}$/.test(whole)) return { kind: "account", account: text, text };
    const [only] = text;
    if (text.length === 1 && only !== undefined && isHole(only) && only.shape === "digits")
      return { kind: "account", account: text, text };
    const arn = splitArn(text);
    const service = arn && known(arn.service);
    const [head] = arn?.resource ?? [];
    const wild = isWild(text);
    if (arn && !wild && typeof head === "string") {
      if (service === "iam" && known(arn.resource) === "root")
        return { kind: "account", account: arn.account, text };
      if (service === "iam" && head.startsWith("role/")) return { kind: "role", text };
      if (service === "iam" && head.startsWith("user/")) return { kind: "user", text };
      if (service === "sts" && head.startsWith("assumed-role/")) {
        const [, role] = (known(arn.resource) ?? "").split("/");
        if (role) return { kind: "session", account: arn.account, role: [role], text };
      }
      if (service === "sts" && head.startsWith("federated-user/")) return { kind: "federated-user", text };
    }
    // IAM turns the ARN of a deleted role or user into its unique id, which also is a valid principal.
    if (whole !== undefined && !/^A[A-Z]{3}[A-Z0-9]{12,}$/.test(whole) && (arn === undefined || wild))
      this.problem(
        "principal",
        wild
          ? "a wildcard stands for part of a principal"
          : "the principal is neither an ARN nor an account id",
      );
    return { kind: "unknown", text };
  }

  private readConditions(fields: Fields): readonly Condition[] {
    const condition = fields.get("Condition");
    if (condition === undefined && !fields.has("Condition")) return [];
    const operators = fieldsOf(condition);
    if (operators === undefined) {
      if (!isUnknown(condition)) this.problem("wrong-type", "Condition is not a JSON object");
      return [this.unknownCondition("Condition", "", condition)];
    }
    return [...operators].flatMap(([operator, block]) => {
      const keys = fieldsOf(block);
      if (keys === undefined) {
        if (!isUnknown(block))
          this.problem("wrong-type", "what stands under a condition operator is not a JSON object");
        return [this.unknownCondition(operator, "", block)];
      }
      const seen = new Set<string>();
      return [...keys].map(([key, values]) => {
        const again = seen.has(key.toLowerCase());
        seen.add(key.toLowerCase());
        if (again) this.problem("duplicate-key", `${named("the condition key", key, KEYS)} is there twice`);
        return again
          ? this.unknownCondition(operator, key, values)
          : this.readCondition(operator, key, values);
      });
    });
  }

  private readCondition(operator: string, key: string, values: unknown): Condition {
    const parsed = parseOperator(operator);
    const list = listOf(values);
    if (parsed === undefined || list.length === 0) {
      this.problem(
        parsed ? "missing-element" : "operator",
        parsed
          ? `Condition ${operator} has no value`
          : `IAM knows no ${named("condition operator", operator, OPERATORS.keys())}`,
      );
      return this.unknownCondition(operator, key, values);
    }
    const wildcards = parsed.family === "StringLike" || parsed.family === "Arn";
    return {
      operator,
      ...parsed,
      key: key.toLowerCase(),
      keyText: key,
      values: list.map((leaf) => {
        const plain = typeof leaf === "boolean" || typeof leaf === "number" ? String(leaf) : leaf;
        const text = this.leaf(plain, "Condition");
        const template = this.template(text, wildcards);
        if (parsed.family !== "Arn" || template.pattern === undefined) return template;
        return { ...template, arn: arnPatternOf(text, template.pattern, "condition") };
      }),
    };
  }

  private unknownCondition(operator: string, key: string, source: unknown): Condition {
    return {
      operator,
      family: "unknown",
      negated: false,
      set: undefined,
      ifExists: false,
      key: key.toLowerCase(),
      keyText: key,
      values: [this.template(this.hole(isUnknown(source) ? source.from : []), false)],
    };
  }

  /** One string; a hole for what is unknown or no string. */
  private leaf(value: unknown, element: string): Text {
    if (typeof value === "string") return value === "" ? [] : [value];
    if (isUnknown(value)) return this.hole(value.from);
    if (value instanceof PartlyKnown) return value.text;
    this.problem("wrong-type", `${element} holds a value of type ${typeOf(value)}`);
    return this.hole([]);
  }

  /** Any string at all. Each has an id of its own: two leaves are never known to be the same. */
  private hole(from: readonly Origin[]): Text {
    const origins = from.map((origin) => origin.key).join(" ");
    const hole: Hole = {
      id: `leaf ${this.use} ${this.statement ?? ""} ${this.holes++} ${origins}`,
      shape: "any",
      label: from.length === 0 ? "unknown" : `computed from ${from.map((origin) => origin.label).join(", ")}`,
      from,
    };
    return [hole];
  }

  /** Variables are for the text after so many colons only; before, nobody knows what they do. */
  private template(text: Text, wildcards: boolean, colons = 0): Template {
    const variables =
      this.version !== "2008-10-17" &&
      text.some((piece) => typeof piece === "string" && piece.includes("${"));
    if (!variables) {
      const pattern = wildcards ? compile(text) : verbatim(text);
      return { text, pieces: pattern.pieces, pattern };
    }
    const pieces: (PatternPiece | Variable)[] = [];
    let seen = 0;
    for (const piece of text) {
      if (typeof piece !== "string") {
        pieces.push(piece);
        continue;
      }
      const { found, readable } = this.variables(piece, wildcards);
      for (const one of found) {
        const early = typeof one === "object" && "variable" in one && seen < colons;
        pieces.push(...(early ? this.hole([]) : [one]));
        if (typeof one === "string") seen += one.split(":").length - 1;
      }
      if (!readable) break;
    }
    const filled = pieces.every((piece) => typeof piece === "string" || !("variable" in piece));
    return { text, pieces, pattern: filled ? patternOf(pieces as PatternPiece[]) : undefined };
  }

  /**
   * Cuts a string at its `${…}`. With an unknown Version nobody knows whether they are variables at all, and
   * after one that is not well formed nobody knows what the rest of the text is: a hole ends it then.
   */
  private variables(
    value: string,
    wildcards: boolean,
  ): { readonly found: readonly (PatternPiece | Variable)[]; readonly readable: boolean } {
    const found: (PatternPiece | Variable)[] = [];
    const literal = (part: string): void => {
      found.push(...(wildcards ? compile([part]).pieces : [part]));
    };
    let start = 0;
    for (;;) {
      const open = value.indexOf("${", start);
      literal(value.slice(start, open < 0 ? undefined : open));
      if (open < 0) return { found, readable: true };
      const close = value.indexOf("}", open);
      const inside = close < 0 ? undefined : parseVariable(value.slice(open + 2, close));
      if (inside === undefined || this.version === "unknown")
        found.push(...(this.hole([]) as readonly Hole[]));
      else found.push(inside);
      if (inside === undefined) return { found, readable: false };
      start = close + 1;
    }
  }
}

/**
 * A variable with or without fallback, or the character that `${*}`, `${?}` or `${$}` stands for; `undefined`
 * for anything else. Names hold no blanks
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-unsupported-space-in-variable).
 */
function parseVariable(inside: string): Variable | string | undefined {
  if (inside === "*" || inside === "?" || inside === "$") return inside;
  const [, name, fallback] = /^([^\s,'"{}$*?]+)(?:, '([^']*)')?$/.exec(inside) ?? [];
  if (name === undefined) return undefined;
  const variable = name.toLowerCase();
  return fallback === undefined ? { variable } : { variable, fallback };
}

type Operator = Pick<Condition, "family" | "negated" | "set" | "ifExists">;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: ReadonlyMap<string, Pick<Operator, "family" | "negated">> = new Map([
  ["StringEquals", { family: "String", negated: false }],
  ["StringNotEquals", { family: "String", negated: true }],
  ["StringEqualsIgnoreCase", { family: "StringIgnoreCase", negated: false }],
  ["StringNotEqualsIgnoreCase", { family: "StringIgnoreCase", negated: true }],
  ["StringLike", { family: "StringLike", negated: false }],
  ["StringNotLike", { family: "StringLike", negated: true }],
  ["NumericEquals", { family: "NumericEquals", negated: false }],
  ["NumericNotEquals", { family: "NumericEquals", negated: true }],
  ["NumericLessThan", { family: "NumericLessThan", negated: false }],
  ["NumericLessThanEquals", { family: "NumericLessThanEquals", negated: false }],
  ["NumericGreaterThan", { family: "NumericGreaterThan", negated: false }],
  ["NumericGreaterThanEquals", { family: "NumericGreaterThanEquals", negated: false }],
  ["DateEquals", { family: "DateEquals", negated: false }],
  ["DateNotEquals", { family: "DateEquals", negated: true }],
  ["DateLessThan", { family: "DateLessThan", negated: false }],
  ["DateLessThanEquals", { family: "DateLessThanEquals", negated: false }],
  ["DateGreaterThan", { family: "DateGreaterThan", negated: false }],
  ["DateGreaterThanEquals", { family: "DateGreaterThanEquals", negated: false }],
  ["Bool", { family: "Bool", negated: false }],
  ["BinaryEquals", { family: "Binary", negated: false }],
  ["IpAddress", { family: "IpAddress", negated: false }],
  ["NotIpAddress", { family: "IpAddress", negated: true }],
  ["ArnEquals", { family: "Arn", negated: false }],
  ["ArnLike", { family: "Arn", negated: false }],
  ["ArnNotEquals", { family: "Arn", negated: true }],
  ["ArnNotLike", { family: "Arn", negated: true }],
  ["Null", { family: "Null", negated: false }],
]);

function parseOperator(written: string): Operator | undefined {
  let name = written;
  let set: Operator["set"];
  for (const [prefix, value] of [
    ["ForAllValues:", "all"],
    ["ForAnyValue:", "any"],
  ] as const) {
    if (!name.startsWith(prefix)) continue;
    name = name.slice(prefix.length);
    set = value;
    break;
  }
  const ifExists = name.endsWith("IfExists");
  if (ifExists) name = name.slice(0, -"IfExists".length);
  const operator = OPERATORS.get(name);
  if (operator === undefined || (operator.family === "Null" && ifExists)) return undefined;
  return { ...operator, set, ifExists };
}

function typeOf(value: unknown): string {
  return value === null
    ? "null"
    : Array.isArray(value)
      ? "list"
      : value instanceof Date
        ? "date"
        : typeof value;
}

/** Characters without white space of what is known, and whether that is all there is. */
function measure(source: unknown): { readonly size: number; readonly whole: boolean } | undefined {
  let whole = true;
  const shown = (value: unknown): unknown => {
    if (!isUnknown(value) && !(value instanceof PartlyKnown)) return value;
    whole = false;
    return "";
  };
  let json: string | undefined;
  try {
    json = JSON.stringify(source, (_, value: unknown) => shown(value));
  } catch {
    // Nested without end, in a circle, or an object that refuses to be read.
    return undefined;
  }
  return { size: json?.replace(/\s/g, "").length ?? 0, whole };
}

function isWild(text: Text): boolean {
  return text.some((piece) => typeof piece === "string" && /[*?]/.test(piece));
}

/** Keys that may be shown where they stand twice. */
const KEYS: readonly string[] = [...DOCUMENT_ELEMENTS, ...STATEMENT_ELEMENTS, ...OPERATORS.keys()];

function wrongVersion(version: unknown): string {
  const shown =
    typeof version !== "string"
      ? `of type ${typeOf(version)}`
      : /^\d{4}-\d\d-\d\d$/.test(version)
        ? `"${version}"`
        : "no date of a version";
  return `Version is ${shown}, not "2012-10-17"`;
}

/** What is wrong, with its name only where it is surely a misspelling and no secret. */
function named(what: string, name: string, known: Iterable<string>): string {
  return resembles(name, known) ? `${what} ${name}` : what;
}

function clip(value: string): string {
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}
