import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as awsNative from "./aws-native-sdk";

/** Pastes the fixes in messages into the program, as its author would. */

/** A fix in a message. */
export interface PrintedFix {
  readonly text: string;
  readonly code: string;
}

const CODE_LINE = /^(new |[{}"\s])/;

/** An argument in a sentence: `Fix: name them, as the API's execution ARN does: sourceArn: pulumi.interpolate…`. */
const ARGUMENT = /^[^`"]*?\b(\w+: (?:"[^"]*"|true|pulumi\.interpolate`[^`]*`|\w+\.\w+))/;

/**
 * The fixes of a message that have code.
 *
 * @param calls The target of the route, if the message lists several: "the published version", "alias live".
 */
export function fixesIn(message: string, calls?: string): readonly PrintedFix[] {
  const fixes = codeIn(message);
  if (calls === undefined) return fixes;
  const [, added, name, replaced] =
    new RegExp(
      `If the route calls ${calls}[^,]*, (?:add (.+?)|name (.+?) in place of (.+?))\\.(?= [A-Z]|$)`,
      "m",
    ).exec(message) ?? [];
  assert.ok(added ?? name, `the message does not say what to do where the route calls ${calls}`);
  return fixes.map(({ text, code }) => ({
    text,
    code:
      name === undefined || replaced === undefined
        ? code.replace(/\n(}[^\n]*)$/, (_, end) => `\n  ${added},\n${end}`)
        : code.replaceAll(replaced, () => name),
  }));
}

function codeIn(message: string): readonly PrintedFix[] {
  const lines = message.split("\n");
  return lines.flatMap((line, at): readonly PrintedFix[] => {
    if (!line.startsWith("Fix: ")) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((codeLine) => !CODE_LINE.test(codeLine));
    const code = rest.slice(0, end === -1 ? rest.length : end).join("\n");
    const text = line.slice("Fix: ".length);
    const argument = ARGUMENT.exec(line.slice("Fix: ".length))?.[1];
    if (code === "" && argument !== undefined) return [{ text: IN_SENTENCE, code: argument }];
    // A statement may be followed by resources.
    return code === "" ? [] : code.split(/\n(?=new )/).map((part) => ({ text, code: part }));
  });
}

/** Variables as a fix explains them: `orders is Function "orders"`. */
const LEGEND = /([\w$]+) is (\w+) ("(?:[^"\\]|\\.)*")/g;

const IN_SENTENCE = "an argument of the resource that the finding is about";

interface MadeResource {
  readonly resource: pulumi.Resource;
  readonly props: pulumi.Inputs;
}

/** The resources of a program, by kind and logical name. */
class Program {
  private readonly made = new Map<string, MadeResource>();

  add(type: string, name: string, made: MadeResource): void {
    const kind = type.startsWith("pulumi:providers:") ? "Provider" : type.slice(type.lastIndexOf(":") + 1);
    this.made.set(`${kind} ${name}`, made);
  }

  get(kind: string, name: string): MadeResource {
    const found = this.made.get(`${kind} ${name}`);
    assert.ok(found, `the program has no ${kind} ${JSON.stringify(name)}`);
    return found;
  }

  /** The legend of the example names in sentences: `api` is the program's API, `fn` its function. */
  examples(): string {
    const first = (kinds: readonly string[]): string | undefined =>
      [...this.made.keys()].find((key) => kinds.some((kind) => key.startsWith(`${kind} `)));
    const named = { api: first(["RestApi", "Api"]), fn: first(["Function"]) };
    return Object.entries(named)
      .filter(([, key]) => key !== undefined)
      .map(([variable, key = ""]) => {
        const [kind = "", name = ""] = key.split(" ");
        return `${variable} is ${kind} ${JSON.stringify(name)}`;
      })
      .join(", ");
  }

  /** Evaluates code with the variables of its legend. */
  evaluate(source: string, legend: string): unknown {
    const variables = [...legend.matchAll(LEGEND)].map(
      ([, variable = "", kind = "", name = '""']) =>
        [variable, strict(this.get(kind, JSON.parse(name)).resource)] as const,
    );
    const names = ["aws", "awsNative", "pulumi", ...variables.map(([variable]) => variable)];
    const values = [aws, awsNative, pulumi, ...variables.map(([, value]) => value)];
    return new Function(...names, source)(...values);
  }
}

/** A resource that throws when a property is read that it does not have, as the TypeScript compiler would report. */
function strict(resource: pulumi.Resource): pulumi.Resource {
  return new Proxy(resource, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof property === "string" && !property.startsWith("__"))
        assert.ok(value !== undefined, `a resource of the program has no property ${property}`);
      return value;
    },
  });
}

const PLACE =
  /to (a policy|the trust policy \(assumeRolePolicy\)|the trust policy) of (role|user|group) "([^"]+)"/;
/** A fix that adds an argument or an option to a resource. */
const OF_RESOURCE = /^add this to the (arguments|options) of \w+ ("(?:[^"\\]|\\.)*")/;
const BOUNDARY = /the permissions boundary of (?:role|user) "/;
/** A fix of the API's resource policy: an additional statement, or another Resource of the existing one. */
const RESOURCE_POLICY = /^(?:add this statement to|in the statement of) the (?:API's )?resource policy/;
const SECOND = /the same as Permission (\S+) except/;

/**
 * The program with the fixes pasted.
 *
 * @param on The logical name of the resource for fixes that do not name one: a policy that is a permissions boundary,
 * or a resource with incorrect arguments.
 */
export function withFixes(
  program: () => unknown,
  fixes: readonly PrintedFix[],
  on = "boundary",
): () => unknown {
  return () => {
    const made = new Program();
    pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
      made.add(type, name, { resource, props });
      const changed = fixes.reduce(
        (before, fix) => edited(made, fix, { type, name, props: before }, on),
        props,
      );
      const options = fixes.map((fix) => optionsOf(made, fix, name));
      return { props: changed, opts: Object.assign({}, opts, ...options) };
    });
    const result = program();
    fixes.forEach((fix, at) => {
      append(made, fix, `pasted-${at}`);
    });
    return result;
  };
}

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly props: pulumi.Inputs;
}

function optionsOf(made: Program, { text, code }: PrintedFix, resource: string): object {
  const [, place, on] = OF_RESOURCE.exec(text) ?? [];
  return place === "options" && JSON.parse(on ?? "") === resource
    ? (made.evaluate(`return {${code}};`, text) as object)
    : {};
}

function argumentsOf(made: Program, { text, code }: PrintedFix, resource: string, on: string): object {
  const [, place, of] = OF_RESOURCE.exec(text) ?? [];
  if (place === "arguments" && JSON.parse(of ?? "") === resource)
    return made.evaluate(`return {${code}};`, text) as object;
  return text === IN_SENTENCE && resource === on
    ? (made.evaluate(`return {${code}};`, made.examples()) as object)
    : {};
}

/** The inputs of a resource whose arguments or document a fix is pasted into. */
function edited(
  made: Program,
  fix: PrintedFix,
  { type, name, props }: Declared,
  boundary: string,
): pulumi.Inputs {
  if (RESOURCE_POLICY.test(fix.text)) return inResourcePolicy(made, fix, type, props);
  if (fix.text === IN_SENTENCE || OF_RESOURCE.test(fix.text))
    return { ...props, ...argumentsOf(made, fix, name, boundary) };
  if (BOUNDARY.test(fix.text) && type.endsWith(":Policy") && name === boundary)
    return { ...props, policy: extended(props.policy, statementOf(made, fix)) };
  const [, place, , principal] = PLACE.exec(fix.text) ?? [];
  if (place?.startsWith("the trust policy") !== true || !type.endsWith(":Role") || name !== principal)
    return props;
  const property = type.startsWith("aws-native:") ? "assumeRolePolicyDocument" : "assumeRolePolicy";
  return { ...props, [property]: extended(props[property], statementOf(made, fix)) };
}

/** The inputs of an API or a RestApiPolicy, with the fix in the resource policy if there is one. */
function inResourcePolicy(made: Program, fix: PrintedFix, type: string, props: pulumi.Inputs): pulumi.Inputs {
  if (!/:RestApi(Policy)?$/.test(type)) return props;
  const { policy, body } = props;
  if (policy !== undefined) return { ...props, policy: corrected(made, fix, policy) };
  if (body === undefined) return props;
  const changed = pulumi.output<string>(body).apply((written) => {
    const document = JSON.parse(written);
    const { [IN_BODY]: inBody } = document;
    return inBody === undefined
      ? written
      : corrected(made, fix, inBody).apply((policy) =>
          JSON.stringify({ ...document, [IN_BODY]: JSON.parse(policy) }),
        );
  });
  return { ...props, body: changed };
}

const IN_BODY = "x-amazon-apigateway-policy";

function corrected(
  made: Program,
  fix: PrintedFix,
  document: pulumi.Input<string | object>,
): pulumi.Output<string> {
  if (fix.code.startsWith("{")) return extended(document, statementOf(made, fix));
  const changes = made.evaluate(`return {${fix.code}};`, fix.text) as object;
  return rewritten(document, (statements) => statements.map((statement) => ({ ...statement, ...changes })));
}

function statementOf(made: Program, { text, code }: PrintedFix): unknown {
  return made.evaluate(`return (${code});`, text);
}

function extended(document: pulumi.Input<string | object>, statement: unknown): pulumi.Output<string> {
  return rewritten(document, (statements) => [...statements, statement]);
}

function rewritten(
  document: pulumi.Input<string | object>,
  change: (statements: readonly object[]) => readonly unknown[],
): pulumi.Output<string> {
  return pulumi.jsonStringify(
    pulumi.output<string | object>(document).apply((value: string | object) => {
      const { Statement: before, ...rest } = typeof value === "string" ? JSON.parse(value) : value;
      return { ...rest, Statement: change([before].flat()) };
    }),
  );
}

/** Adds the resources of a fix at the end of the program. */
function append(made: Program, fix: PrintedFix, name: string): void {
  const second = SECOND.exec(fix.text)?.[1];
  if (second !== undefined) {
    secondPermission(made, fix, second);
    return;
  }
  if (RESOURCE_POLICY.test(fix.text) || OF_RESOURCE.test(fix.text) || fix.text === IN_SENTENCE) return;
  if (fix.code.startsWith("new ")) {
    made.evaluate(fix.code, fix.text);
    return;
  }
  const [, place, kind, principal] = PLACE.exec(fix.text) ?? [];
  if (place !== "a policy") {
    assert.ok(place !== undefined || BOUNDARY.test(fix.text), `where to paste is not said: ${fix.text}`);
    return;
  }
  const policy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [statementOf(made, fix)] });
  attach(made, { kind: kind ?? "", principal: principal ?? "" }, name, policy);
}

function attach(
  made: Program,
  { kind, principal: holder }: { readonly kind: string; readonly principal: string },
  name: string,
  policy: pulumi.Output<string>,
): void {
  if (kind === "role") {
    const { resource } = made.get("Role", holder);
    const { id } = resource as aws.iam.Role;
    new aws.iam.RolePolicy(name, { role: id, policy });
  } else if (kind === "user")
    new aws.iam.UserPolicy(name, { user: (made.get("User", holder).resource as aws.iam.User).name, policy });
  else
    new aws.iam.GroupPolicy(name, {
      group: (made.get("Group", holder).resource as aws.iam.Group).name,
      policy,
    });
}

function secondPermission(made: Program, { code, text }: PrintedFix, first: string): void {
  const { statementId: _, functionUrlAuthType: __, ...before } = made.get("Permission", first).props;
  const changes = made.evaluate(`return {${code}};`, text) as object;
  new aws.lambda.Permission(`${first}-2`, { ...before, ...changes } as aws.lambda.PermissionArgs);
}
