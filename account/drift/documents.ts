import { isUniqueId } from "../../aws";
import { isObject } from "../../iam";
import { type Entry, objects, parsedObject } from "../resource";

/**
 * Whether two policy documents are equivalent. Unknown values are assumed to be equal. AWS's normalization makes no
 * difference: the order of lists, a list with one element, an account for its root, the case of actions, condition keys
 * and operators, the ID of a deleted principal, and a `Version`, an `Id` or a `Sid` that AWS added.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
export function sameDocument(first: unknown, second: unknown): boolean {
  const [a, b] = [documentOf(first), documentOf(second)];
  if (a === undefined || b === undefined || hasUnknown(a) || hasUnknown(b)) return true;
  if (a.Version !== undefined && b.Version !== undefined && a.Version !== b.Version) return false;
  const [firstStatements, secondStatements] = [statementsOf(a), statementsOf(b)];
  const byId = [...firstStatements, ...secondStatements].some(({ Principal }) => namesById(Principal));
  const form = (statements: readonly Entry[]): string =>
    [...new Set(statements.map((statement) => canonicalStatement(statement, byId)))].sort().join("\n");
  return form(firstStatements) === form(secondStatements);
}

function documentOf(value: unknown): Entry | undefined {
  if (typeof value === "string") return parsedObject(value);
  return isObject(value) ? value : undefined;
}

/** Whether a part is unknown: unknown values are instances of a class. */
function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return true;
  return Object.values(value).some(hasUnknown);
}

function statementsOf({ Statement }: Entry): readonly Entry[] {
  return isObject(Statement) ? [Statement] : objects(Statement);
}

function namesById(principal: unknown): boolean {
  return isObject(principal) && asList(principal.AWS).some((entry) => isUniqueId(String(entry)));
}

function canonicalStatement(statement: Entry, withoutPrincipal: boolean): string {
  const {
    Sid: _,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
    ...otherElements
  } = statement;
  return canonical({
    ...otherElements,
    ...(Principal === undefined || withoutPrincipal ? {} : { Principal: principalForm(Principal) }),
    ...(NotPrincipal === undefined ? {} : { NotPrincipal: principalForm(NotPrincipal) }),
    ...lowerCased({ Action, NotAction }),
    ...asLists({ Resource, NotResource }, apiResource),
    ...(isObject(Condition) && Object.keys(Condition).length > 0 ? { Condition: condition(Condition) } : {}),
  });
}

function lowerCased(parts: Entry): Entry {
  return asLists(parts, (action) => action.toLowerCase());
}

function asLists(parts: Entry, form: (text: string) => string): Entry {
  return Object.fromEntries(
    Object.entries(parts)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, asList(value).map((entry) => form(String(entry)))]),
  );
}

/**
 * API Gateway adds the ARN of the API to a Resource.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
 */
function apiResource(resource: string): string {
  return resource.replace(/^arn:[^:]+:execute-api:[^:*]+:\d{12}:[a-z0-9]+\//, "execute-api:/");
}

/** `"*"` and `{"AWS": "*"}` are equivalent; so are an account, its ID and its root. */
function principalForm(principal: unknown): unknown {
  if (!isObject(principal)) return principal === "*" ? { AWS: ["*"] } : principal;
  return Object.fromEntries(
    Object.entries(principal).map(([kind, value]) => [
      kind,
      asList(value).map((entry) => String(entry).replace(/^arn:[^:]+:iam::(\d{12}):root$/, "$1")),
    ]),
  );
}

function condition(operators: Entry): Entry {
  return Object.fromEntries(
    Object.entries(operators).map(([operator, keys]) => [
      operator.toLowerCase(),
      isObject(keys)
        ? Object.fromEntries(
            Object.entries(keys).map(([key, values]) => [key.toLowerCase(), asList(values).map(String)]),
          )
        : keys,
    ]),
  );
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const items = [...new Set(value.map(canonical))].sort();
    return items.length === 1 ? (items[0] ?? "") : `[${items.join()}]`;
  }
  if (isObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join()}}`;
  return JSON.stringify(String(value));
}
