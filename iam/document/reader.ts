import { type ArnUse, arnPatternOf } from "../text/arn";
import { compile, lowerCase } from "../text/pattern";
import { type Hole, known, type Origin, type Text } from "../text/text";
import { isUnknown, PartlyKnown, Unknown } from "../text/unknown";
import { named } from "./named";
import { OPERATORS, parseOperator } from "./operators";
import { principalOf } from "./principals";
import { templateOf } from "./templates";
import type {
  ActionElement,
  Condition,
  DocumentProblem,
  DocumentUse,
  PolicyDocument,
  PrincipalElement,
  PrincipalEntry,
  ProblemCode,
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
      listOf(values).map((leaf) => this.principal(type, this.leaf(leaf, "Principal"))),
    );
    return { not, entries };
  }

  private principal(type: string, text: Text): PrincipalEntry {
    const { entry, problem } = principalOf(type, text);
    if (problem !== undefined) this.problem("principal", problem);
    return entry;
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

  private template(text: Text, wildcards: boolean, colons = 0): Template {
    return templateOf(text, { version: this.version, wildcards, colons, hole: () => this.hole([]) });
  }

  /** Any string at all. Each has an id of its own: two leaves are never known to be the same. */
  private hole(from: readonly Origin[]): Text {
    const origins = from.map((origin) => origin.key).join(" ");
    const hole: Hole = {
      id: `leaf ${this.use} ${this.statement ?? ""} ${this.holes++} ${origins}`,
      shape: "any",
      label: from.length === 0 ? "unknown" : `depends on ${from.map((origin) => origin.label).join(", ")}`,
      from,
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

function clip(value: string): string {
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}
