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
  assert.ok(added ?? name, `the message has no fix for a route that calls ${calls}`);
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
  private readonly resources = new Map<string, MadeResource>();

  add(type: string, name: string, resource: MadeResource): void {
    const kind = type.startsWith("pulumi:providers:") ? "Provider" : type.slice(type.lastIndexOf(":") + 1);
    this.resources.set(`${kind} ${name}`, resource);
  }

  get(kind: string, name: string): MadeResource {
    const found = this.resources.get(`${kind} ${name}`);
    assert.ok(found, `the program has no ${kind} ${JSON.stringify(name)}`);
    return found;
  }

  /** The legend of the example names in sentences: `api` is the program's API, `fn` its function. */
  examples(): string {
    const first = (kinds: readonly string[]): string | undefined =>
      [...this.resources.keys()].find((key) => kinds.some((kind) => key.startsWith(`${kind} `)));
    const exampleKeys = { api: first(["RestApi", "Api"]), fn: first(["Function"]) };
    return Object.entries(exampleKeys)
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
 * @param defaultResource The logical name of the resource for fixes that do not name one: a policy that is a permissions boundary,
 * or a resource with incorrect arguments.
 */
export function withFixes(
  program: () => unknown,
  fixes: readonly PrintedFix[],
  defaultResource = "boundary",
): () => unknown {
  return () => {
    const pasted = new Program();
    pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
      pasted.add(type, name, { resource, props });
      const changed = fixes.reduce(
        (before, fix) => edited(pasted, fix, { type, name, props: before }, defaultResource),
        props,
      );
      const options = fixes.map((fix) => optionsOf(pasted, fix, name));
      return { props: changed, opts: Object.assign({}, opts, ...options) };
    });
    const result = program();
    fixes.forEach((fix, at) => {
      append(pasted, fix, `pasted-${at}`);
    });
    return result;
  };
}

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly props: pulumi.Inputs;
}

function optionsOf(program: Program, { text, code }: PrintedFix, resource: string): object {
  const [, place, fixedResource] = OF_RESOURCE.exec(text) ?? [];
  return place === "options" && JSON.parse(fixedResource ?? "") === resource
    ? (program.evaluate(`return {${code}};`, text) as object)
    : {};
}

function argumentsOf(
  program: Program,
  { text, code }: PrintedFix,
  resource: string,
  defaultResource: string,
): object {
  const [, place, fixedResource] = OF_RESOURCE.exec(text) ?? [];
  if (place === "arguments" && JSON.parse(fixedResource ?? "") === resource)
    return program.evaluate(`return {${code}};`, text) as object;
  return text === IN_SENTENCE && resource === defaultResource
    ? (program.evaluate(`return {${code}};`, program.examples()) as object)
    : {};
}

/** The inputs of a resource whose arguments or document a fix is pasted into. */
function edited(
  program: Program,
  fix: PrintedFix,
  { type, name, props }: Declared,
  boundary: string,
): pulumi.Inputs {
  if (RESOURCE_POLICY.test(fix.text)) return inResourcePolicy(program, fix, type, props);
  if (fix.text === IN_SENTENCE || OF_RESOURCE.test(fix.text))
    return { ...props, ...argumentsOf(program, fix, name, boundary) };
  if (BOUNDARY.test(fix.text) && type.endsWith(":Policy") && name === boundary)
    return { ...props, policy: extended(props.policy, statementOf(program, fix)) };
  const [, place, , principal] = PLACE.exec(fix.text) ?? [];
  if (place?.startsWith("the trust policy") !== true || !type.endsWith(":Role") || name !== principal)
    return props;
  const property = type.startsWith("aws-native:") ? "assumeRolePolicyDocument" : "assumeRolePolicy";
  return { ...props, [property]: extended(props[property], statementOf(program, fix)) };
}

/** The inputs of an API or a RestApiPolicy, with the fix in the resource policy if there is one. */
function inResourcePolicy(
  program: Program,
  fix: PrintedFix,
  type: string,
  props: pulumi.Inputs,
): pulumi.Inputs {
  if (!/:RestApi(Policy)?$/.test(type)) return props;
  const { policy, body } = props;
  if (policy !== undefined) return { ...props, policy: corrected(program, fix, policy) };
  if (body === undefined) return props;
  const changed = pulumi.output<string>(body).apply((written) => {
    const document = JSON.parse(written);
    const { [IN_BODY]: inBody } = document;
    return inBody === undefined
      ? written
      : corrected(program, fix, inBody).apply((policy) =>
          JSON.stringify({ ...document, [IN_BODY]: JSON.parse(policy) }),
        );
  });
  return { ...props, body: changed };
}

const IN_BODY = "x-amazon-apigateway-policy";

function corrected(
  program: Program,
  fix: PrintedFix,
  document: pulumi.Input<string | object>,
): pulumi.Output<string> {
  if (fix.code.startsWith("{")) return extended(document, statementOf(program, fix));
  const changes = program.evaluate(`return {${fix.code}};`, fix.text) as object;
  return rewritten(document, (statements) => statements.map((statement) => ({ ...statement, ...changes })));
}

function statementOf(program: Program, { text, code }: PrintedFix): unknown {
  return program.evaluate(`return (${code});`, text);
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
function append(program: Program, fix: PrintedFix, name: string): void {
  const second = SECOND.exec(fix.text)?.[1];
  if (second !== undefined) {
    secondPermission(program, fix, second);
    return;
  }
  if (RESOURCE_POLICY.test(fix.text) || OF_RESOURCE.test(fix.text) || fix.text === IN_SENTENCE) return;
  if (fix.code.startsWith("new ")) {
    program.evaluate(fix.code, fix.text);
    return;
  }
  const [, place, kind, principal] = PLACE.exec(fix.text) ?? [];
  if (place !== "a policy") {
    assert.ok(
      place !== undefined || BOUNDARY.test(fix.text),
      `the fix does not say where to paste it: ${fix.text}`,
    );
    return;
  }
  const policy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [statementOf(program, fix)] });
  attach(program, { kind: kind ?? "", principal: principal ?? "" }, name, policy);
}

function attach(
  program: Program,
  { kind, principal }: { readonly kind: string; readonly principal: string },
  name: string,
  policy: pulumi.Output<string>,
): void {
  if (kind === "role") {
    const { resource } = program.get("Role", principal);
    const { id } = resource as aws.iam.Role;
    new aws.iam.RolePolicy(name, { role: id, policy });
  } else if (kind === "user")
    new aws.iam.UserPolicy(name, {
      user: (program.get("User", principal).resource as aws.iam.User).name,
      policy,
    });
  else
    new aws.iam.GroupPolicy(name, {
      group: (program.get("Group", principal).resource as aws.iam.Group).name,
      policy,
    });
}

function secondPermission(program: Program, { code, text }: PrintedFix, first: string): void {
  const { statementId: _, functionUrlAuthType: __, ...before } = program.get("Permission", first).props;
  const changes = program.evaluate(`return {${code}};`, text) as object;
  new aws.lambda.Permission(`${first}-2`, { ...before, ...changes } as aws.lambda.PermissionArgs);
}
