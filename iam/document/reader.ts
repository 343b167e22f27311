import { type ArnUse, arnPatternOf } from "../text/arn";
import { compile, lowerCase } from "../text/pattern";
import { type Hole, known, type Origin, type Text } from "../text/text";
import { isUnknown, PartlyKnown, Unknown } from "../text/unknown";
import { OPERATORS, parseOperator } from "./operators";
import { principalOf } from "./principals";
import { quotableName } from "./quotable-name";
import { templateOf } from "./templates";
import type {
  ActionElement,
  Condition,
  DocumentProblem,
  DocumentUse,
  PolicyDocument,
  PrincipalElement,
  PrincipalEntry,
  Problem,
  ResourceElement,
  Statement,
  Template,
} from "./types";

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

/** The own entries of a plain object, including `__proto__`. */
function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (isUnknown(value) || value instanceof PartlyKnown || value instanceof Date) return undefined;
  return new Map(Object.entries(value));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Reads one document and collects its problems. */
export class Reader {
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
      if (!isUnknown(source)) this.problem({ code: "not-an-object", isReadable: true });
      return this.result([], isUnknown(source) ? source.origins : [], undefined);
    }
    for (const key of this.duplicates)
      this.problem({ code: "duplicate-key", part: "object", name: quotableName(key, KEYS) });
    const hasUnknownElements = this.reportUnknownElements(fields, DOCUMENT_ELEMENTS);
    this.version = this.readVersion(fields);
    const statements = fields.get("Statement");
    if (isUnknown(statements)) return this.result([], statements.origins, undefined);
    if (statements === undefined || this.duplicates.length > 0) {
      if (statements === undefined)
        this.problem({ code: "missing-element", part: "document", element: "Statement" });
      return this.result([], [], size);
    }
    const list = listOf(statements);
    if (list.length === 0) this.problem({ code: "missing-element", part: "list", element: "Statement" });
    const sids = new Set<string>();
    const readStatements = list.map((entry, index) => this.readStatement(entry, index, sids));
    this.statement = undefined;
    return hasUnknownElements ? this.result([], [], size) : this.result(readStatements, undefined, size);
  }

  private result(
    statements: readonly Statement[],
    opaque: readonly Origin[] | undefined,
    size: number | undefined,
  ): PolicyDocument {
    return { use: this.use, version: this.version, statements, opaque, problems: this.problems, size };
  }

  private problem(problem: Problem): void {
    const statement = this.statement === undefined ? {} : { statement: this.statement };
    this.problems.push({ ...problem, ...statement });
  }

  private readVersion(fields: Fields): PolicyDocument["version"] {
    const version = fields.get("Version");
    if (!fields.has("Version")) return "2008-10-17";
    if (version === "2008-10-17" || version === "2012-10-17") return version;
    if (!isUnknown(version) && !(version instanceof PartlyKnown))
      this.problem({ code: "version", ...wrongVersion(version) });
    return "unknown";
  }

  private reportUnknownElements(fields: Fields, elements: ReadonlySet<string>): boolean {
    const unknownNames = [...fields.keys()].filter((name) => !elements.has(name));
    for (const name of unknownNames)
      this.problem({ code: "unknown-element", name: quotableName(name, elements) });
    return unknownNames.length > 0;
  }

  private readStatement(source: unknown, index: number, sids: Set<string>): Statement {
    this.statement = index;
    const fields = fieldsOf(source);
    if (fields === undefined) {
      if (!isUnknown(source)) this.problem({ code: "wrong-type", part: "statement" });
      const unknown = isUnknown(source) ? source : new Unknown();
      return this.unknownStatement(index, unknown);
    }
    const hasUnknownElements = this.reportUnknownElements(fields, STATEMENT_ELEMENTS);
    const sid = this.readSid(fields, sids);
    return {
      index,
      sid,
      label: sid ? `Sid "${clip(sid)}"` : `statement ${index + 1}`,
      effect: this.readEffect(fields),
      principal: this.readPrincipal(fields),
      action: this.readAction(fields),
      resource: this.readResource(fields),
      // A statement with a misspelled Condition must not be read as one without a condition.
      conditions: [
        ...this.readConditions(fields),
        ...(hasUnknownElements ? [this.unknownCondition("", "", undefined)] : []),
      ],
    };
  }

  private unknownStatement(index: number, unknown: Unknown): Statement {
    return {
      index,
      sid: undefined,
      label: `statement ${index + 1}`,
      effect: "unknown",
      principal:
        this.use === "identity"
          ? undefined
          : { not: false, entries: [{ kind: "unknown", text: this.hole(unknown.origins) }] },
      action: this.actions(false, [this.hole(unknown.origins)]),
      resource: this.use === "trust" ? undefined : this.resources(false, [this.hole(unknown.origins)]),
      conditions: [],
    };
  }

  private readSid(fields: Fields, sids: Set<string>): string | undefined {
    const sid = fields.get("Sid");
    if (sid === undefined || isUnknown(sid) || sid instanceof PartlyKnown) return undefined;
    if (typeof sid !== "string") {
      this.problem({ code: "wrong-type", part: "Sid" });
      return undefined;
    }
    // In identity-based policies a Sid has letters and digits only; services are less strict about theirs.
    if (this.use === "identity" && !/^[A-Za-z0-9]*$/.test(sid))
      this.problem({ code: "sid", fault: "characters" });
    if (sid !== "" && sids.has(sid)) this.problem({ code: "sid", fault: "duplicate" });
    sids.add(sid);
    return sid === "" ? undefined : sid;
  }

  private readEffect(fields: Fields): Statement["effect"] {
    const effect = fields.get("Effect");
    if (effect === "Allow" || effect === "Deny") return effect;
    if (!fields.has("Effect"))
      this.problem({ code: "missing-element", part: "statement", element: "Effect" });
    else if (!isUnknown(effect) && !(effect instanceof PartlyKnown)) this.problem({ code: "effect" });
    return "unknown";
  }

  /** Returns the element or its negation. IAM refuses a statement that has both. */
  private elementOrNegation(fields: Fields, name: string): { value: unknown; not: boolean } {
    const [hasElement, not] = [fields.has(name), fields.has(`Not${name}`)];
    if (hasElement && not) {
      this.problem({ code: "conflicting-elements", element: name });
      return { value: new Unknown(), not: false };
    }
    if (!hasElement && !not) {
      this.problem({ code: "missing-element", part: "statement", element: name });
      return { value: new Unknown(), not: false };
    }
    const value = fields.get(hasElement ? name : `Not${name}`);
    if (Array.isArray(value) && value.length === 0) {
      this.problem({ code: "missing-element", part: "list", element: name });
      return { value: new Unknown(), not: !hasElement };
    }
    return { value, not: !hasElement };
  }

  private readAction(fields: Fields): ActionElement {
    const { value, not } = this.elementOrNegation(fields, "Action");
    const texts = listOf(value).map((leaf) => {
      const text = this.leaf(leaf, "Action");
      const name = known(text);
      if (name === undefined || name === "*") return text;
      const colon = name.indexOf(":");
      const service = name.slice(0, colon);
      if (colon > 0 && (service === "*" || !/[*?]/.test(service))) return text;
      this.problem({ code: "action" });
      return this.hole([]);
    });
    return this.actions(not, texts);
  }

  private actions(not: boolean, texts: readonly Text[]): ActionElement {
    return { not, texts, patterns: texts.map((text) => compile(lowerCase(text))) };
  }

  private readResource(fields: Fields): ResourceElement | undefined {
    if (this.use !== "trust") {
      const { value, not } = this.elementOrNegation(fields, "Resource");
      return this.resources(
        not,
        listOf(value).map((leaf) => this.leaf(leaf, "Resource")),
      );
    }
    if (!fields.has("Resource") && !fields.has("NotResource")) return undefined;
    this.problem({ code: "prohibited-element", use: "trust", element: "Resource" });
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
      this.problem({ code: "prohibited-element", use: "identity", element: "Principal" });
      return { not: false, entries: [{ kind: "unknown", text: this.hole([]) }] };
    }
    const unknownPrincipal: PrincipalElement = {
      not: false,
      entries: [{ kind: "unknown", text: this.hole([]) }],
    };
    const { value, not } = this.elementOrNegation(fields, "Principal");
    if (this.use === "trust" && not) {
      this.problem({ code: "prohibited-element", use: "trust", element: "NotPrincipal" });
      return unknownPrincipal;
    }
    if (value === "*" && this.use !== "trust") return { not, entries: [{ kind: "everyone" }] };
    const types = fieldsOf(value);
    if (types === undefined) {
      const text = this.leaf(value, "Principal");
      // `AssumeRolepolicy contained an invalid principal: "STAR":"*"`: https://github.com/aws/aws-cdk/issues/5732
      if (text.every((piece) => typeof piece === "string"))
        this.problem({ code: "principal", fault: "not-an-object", use: this.use });
      return unknownPrincipal;
    }
    const entries = [...types].flatMap(([type, values]) =>
      listOf(values).map((leaf) => this.principal(type, this.leaf(leaf, "Principal"))),
    );
    return { not, entries };
  }

  private principal(type: string, text: Text): PrincipalEntry {
    const { entry, problem } = principalOf(type, text);
    if (problem !== undefined) this.problem(problem);
    return entry;
  }

  private readConditions(fields: Fields): readonly Condition[] {
    const condition = fields.get("Condition");
    if (condition === undefined && !fields.has("Condition")) return [];
    const operators = fieldsOf(condition);
    if (operators === undefined) {
      if (!isUnknown(condition)) this.problem({ code: "wrong-type", part: "Condition" });
      return [this.unknownCondition("Condition", "", condition)];
    }
    return [...operators].flatMap(([operator, block]) => {
      const keys = fieldsOf(block);
      if (keys === undefined) {
        if (!isUnknown(block)) this.problem({ code: "wrong-type", part: "operator" });
        return [this.unknownCondition(operator, "", block)];
      }
      const seenKeys = new Set<string>();
      return [...keys].map(([key, values]) => {
        const isDuplicate = seenKeys.has(key.toLowerCase());
        seenKeys.add(key.toLowerCase());
        if (isDuplicate)
          this.problem({ code: "duplicate-key", part: "condition", name: quotableName(key, KEYS) });
        return isDuplicate
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
        parsed
          ? { code: "missing-element", part: "condition", operator }
          : { code: "operator", name: quotableName(operator, OPERATORS.keys()) },
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
        const value = typeof leaf === "boolean" || typeof leaf === "number" ? String(leaf) : leaf;
        const text = this.leaf(value, "Condition");
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
      values: [this.template(this.hole(isUnknown(source) ? source.origins : []), false)],
    };
  }

  /** One string; a hole replaces an unknown value or a value that is not a string. */
  private leaf(value: unknown, element: string): Text {
    if (typeof value === "string") return value === "" ? [] : [value];
    if (isUnknown(value)) return this.hole(value.origins);
    if (value instanceof PartlyKnown) return value.text;
    this.problem({ code: "wrong-type", part: "leaf", element, type: typeOf(value) });
    return this.hole([]);
  }

  private template(text: Text, wildcards: boolean, colons = 0): Template {
    return templateOf(text, { version: this.version, wildcards, colons, hole: () => this.hole([]) });
  }

  /** A hole for any string. Each has a different id: two unknown leaves are never known to be equal. */
  private hole(from: readonly Origin[]): Text {
    const origins = from.map((origin) => origin.key).join(" ");
    const hole: Hole = {
      id: `leaf ${this.use} ${this.statement ?? ""} ${this.holes++} ${origins}`,
      shape: "any",
      label:
        from.length === 0
          ? { code: "unknown" }
          : { code: "depends-on", resources: from.map((origin) => origin.label) },
      origins: from,
    };
    return [hole];
  }
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

/** Keys that may be quoted where they occur twice. */
const KEYS: readonly string[] = [...DOCUMENT_ELEMENTS, ...STATEMENT_ELEMENTS, ...OPERATORS.keys()];

function wrongVersion(version: unknown): { readonly version: string } | { readonly type: string } {
  if (typeof version !== "string") return { type: typeOf(version) };
  return /^\d{4}-\d\d-\d\d$/.test(version) ? { version } : { type: "string" };
}

function clip(value: string): string {
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}
