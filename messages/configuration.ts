/** Messages about a policy's configuration: the descriptions of its keys, and its problems. */

/** The position of a problem, as `exempt[0].until`; absent for the configuration as a whole. */
interface KeyProblem {
  readonly keyPath: string;
}

/** The type of a value; never the value itself. `unreadable` throws when it is read. */
export type ValueKind =
  | "unreadable"
  | "undefined"
  | "null"
  | "list"
  | "object"
  | "string"
  | "number"
  | "boolean"
  | "bigint"
  | "symbol"
  | "function";

/** A value that is safe to quote, or its type. */
export type QuotedValue = string | number | boolean | { readonly kind: ValueKind };

export type Expected = "object" | "list" | "text" | "path" | "exemption" | "caller";

/** A part of a configuration that has no effect, and why. */
export type ConfigurationProblem =
  /** The configuration could not be read. */
  | { readonly code: "unreadable"; readonly keyPath?: string }
  | {
      readonly code: "wrong-type";
      readonly keyPath?: string;
      readonly expected: Expected;
      readonly got: ValueKind;
    }
  | ({ readonly code: "long-list"; readonly entries: number; readonly read: number } & KeyProblem)
  | ({ readonly code: "too-many-routes"; readonly entries: number; readonly most: number } & KeyProblem)
  | ({ readonly code: "missing" | "empty" | "no-routes" } & KeyProblem)
  | ({
      readonly code:
        | "not-a-date"
        | "not-a-route"
        | "not-a-principal"
        | "session-principal"
        | "not-an-iam-principal"
        | "not-a-mode";
      readonly given: QuotedValue;
    } & KeyProblem)
  | ({ readonly code: "unknown-key"; readonly nearest?: string } & KeyProblem)
  | { readonly code: "expired-exemption"; readonly resource: string; readonly until: string }
  | { readonly code: "unused-exemption"; readonly resource: string }
  /** The number of problems that are not listed. */
  | { readonly code: "more"; readonly count: number };

const ROUTE_FORMS = '"GET /orders/{id}", "ANY /*" or "orders-api GET /orders/{id}"';

const EXPECTED: { readonly [E in Expected]: string } = {
  object: "an object",
  list: "a list",
  text: "text",
  path: "a path",
  exemption: "{resource, reason, until?}",
  caller: "{principal, routes?}",
};

const WITHOUT_ARTICLE: { readonly [Kind in ValueKind]?: string } = {
  unreadable: "a value that cannot be read",
  undefined: "nothing",
  null: "null",
  object: "an object",
};

function showKind(kind: ValueKind): string {
  return WITHOUT_ARTICLE[kind] ?? `a ${kind}`;
}

function showValue(value: QuotedValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" ? showKind(value.kind) : String(value);
}

/** Begins with the key. */
export function showConfigurationProblem(problem: ConfigurationProblem): string {
  switch (problem.code) {
    case "unreadable":
      return problem.keyPath === undefined
        ? "configuration: could not be read; the defaults apply"
        : `${problem.keyPath}: could not be read`;
    case "wrong-type":
      return `${problem.keyPath ?? "configuration"}: expected ${EXPECTED[problem.expected]}, got ${showKind(problem.got)}`;
    case "long-list":
      return `${problem.keyPath}: has ${problem.entries} entries; only the first ${problem.read} are read`;
    case "too-many-routes":
      return `${problem.keyPath}: has ${problem.entries} entries, at most ${problem.most} are allowed`;
    case "missing":
      return `${problem.keyPath}: is missing`;
    case "empty":
      return `${problem.keyPath}: is empty`;
    case "no-routes":
      return `${problem.keyPath}: is empty; omit it to include every IAM-authorized route`;
    case "not-a-date":
      return `${problem.keyPath}: ${showValue(problem.given)} is not a date (YYYY-MM-DD)`;
    case "not-a-route":
      return `${problem.keyPath}: ${showValue(problem.given)} is not a route (${ROUTE_FORMS})`;
    case "not-a-principal":
      return `${problem.keyPath}: ${showValue(problem.given)} is neither an ARN nor the name of a role or user`;
    case "session-principal":
      return `${problem.keyPath}: ${showValue(problem.given)} is the ARN of a session; name the role (arn:aws:iam::…:role/…) instead`;
    case "not-an-iam-principal":
      return `${problem.keyPath}: ${showValue(problem.given)} is not the ARN of an IAM role or user`;
    case "not-a-mode":
      return `${problem.keyPath}: ${showValue(problem.given)} is neither "infer" nor "prove"; "infer" applies`;
    case "unknown-key":
      return `${problem.keyPath}: unknown key${problem.nearest === undefined ? "" : `, did you mean "${problem.nearest}"?`}`;
    case "expired-exemption":
      return `exempt: ${showValue(problem.resource)} expired at the end of ${problem.until}; it exempts nothing`;
    case "unused-exemption":
      return `exempt: ${showValue(problem.resource)} matches no resource of this stack`;
    case "more":
      return `and ${problem.count} more problems`;
  }
}

/** The descriptions of the configuration keys, for editors and Pulumi Cloud. */
export const SETTINGS = {
  exempt: {
    description: "Resources that are exempt from this policy, each with the reason.",
    resource: "URN or name of the resource; * matches any characters.",
    reason: "Why the resource is exempt. Required: an empty reason is reported.",
    until: "Last day of the exemption, YYYY-MM-DD (UTC). If absent, the exemption does not expire.",
  },
  whenUnknown:
    'How to treat a policy document or an ARN that a preview does not show yet: "infer" infers its purpose from its ' +
    'dependencies; with "prove", nothing is inferred, and the policy unproven-access reports the route.',
  callers: {
    description:
      "Principals that are intended to call routes, in addition to those that the pack detects in the stack.",
    principal: "ARN of an IAM role or user, or its name in this stack; * matches any characters.",
    routes: `The routes that the principal calls, such as ${ROUTE_FORMS}. Default: every IAM-authorized route.`,
  },
  account: "Files with account data: output of the AWS CLI. Paths are relative to the program's folder.",
} as const;
