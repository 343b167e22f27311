import {
  and,
  equal,
  functionArn,
  known,
  type Origin,
  parseFunctionArn,
  parseInvocationUri,
  type Tags,
  type Text,
  text,
  Unknown,
} from "../../iam";
import { appendTo } from "../pulumi/keys";
import {
  dependenciesOf,
  isSet,
  labelOf,
  type ReadableResource,
  read,
  readString,
  type SeenResource,
} from "../pulumi/properties";
import { type Placement, placementOf } from "../pulumi/provider";
import {
  originsOf,
  plannedDependencies,
  type ResourceIndex,
  searchReferences,
} from "../pulumi/resource-index";
import { type Scope, scopeOf } from "../pulumi/scope";
import { readTags } from "../pulumi/tags";

/** A Lambda function of the stack. */
export interface LambdaFunction {
  readonly urn: string;
  readonly label: string;
  readonly name: Text;
  /** Unqualified. */
  readonly arn: Text;
  readonly scope: Scope;
  readonly placement: Placement;
  /**
   * Every update publishes a version, so `qualifiedInvokeArn` may be the property in use where the plan does not show
   * the ARN.
   */
  readonly publishesVersions: boolean;
  /** Only its versions and aliases can be invoked. */
  readonly isDurable: boolean;
  /** The tags of all its versions and aliases; absent where they are unknown. */
  readonly tags?: Tags;
}

/** The function (version or alias) that a value names. */
export interface FunctionTarget {
  /** The function, when it is in the stack. */
  readonly function?: LambdaFunction;
  /** The ARN of the call, with the qualifier. {@link Unknown} when it cannot be determined. */
  readonly arn: Text | Unknown;
  readonly qualifier?: Text;
  /** The alias or version (URN) that the qualifier names, where it is a resource of the stack. */
  readonly qualifierUrn?: string;
  /**
   * Set when the value is unknown and depends on the function itself: a qualifier that is appended to its ARN
   * (`${fn.arn}:live`) cannot be seen.
   */
  readonly mayHaveQualifier?: true;
  /**
   * For a value that may be qualified: the version that an update publishes, and the stack's aliases of the function.
   */
  readonly otherQualifiers?: readonly Text[];
  /** Set when the value is unknown and was inferred from these. */
  readonly inferredFrom?: readonly Origin[];
  /**
   * The program names it by a literal, not by a reference: an unknown document that names it by a literal, too, does
   * not depend on it.
   */
  readonly isLiteral?: true;
  /** The tags of a function of another stack, where account data contains them. */
  readonly tags?: Tags;
}

/** The functions of a stack, and the function that a value or a resource refers to. */
export interface Functions {
  readonly all: readonly LambdaFunction[];
  byUrn(urn: string): LambdaFunction | undefined;
  /** The function of the stack that a known name, partial ARN or ARN refers to, with its qualifier. */
  byName(value: string, scope: Scope): FunctionTarget;
  /**
   * The function that an invocation URI, function name or ARN refers to, by value or by dependency.
   *
   * @param value given when it is nested in the property
   */
  targetOf(
    planned: ReadableResource,
    property: string,
    value?: string | Unknown | undefined,
  ): FunctionTarget | undefined;
  /** A function that may be invoked by a qualifier, with the possible qualifiers. */
  withOtherQualifiers(targetOf: FunctionTarget): FunctionTarget;
  /** The function that a planned resource belongs to: itself, or that of an alias or version. */
  functionOf(planned: ReadableResource): FunctionTarget | undefined;
  /**
   * The functions whose ARN or name may reach a value through a resource of another kind: one that depends on them (a
   * parameter with an ARN), or that their names depend on (a random suffix).
   */
  functionsThrough(resource: SeenResource): readonly FunctionTarget[];
}

/** Longer chains of resources are not followed. */
const MAX_RESOURCES = 1000;

/**
 * Whether strings may pass through a resource from one to another: among the resources that the pack reads, only
 * function URLs.
 */
function mayPassStrings(planned: ReadableResource | undefined): boolean {
  return planned === undefined || planned.kind === "FunctionUrl";
}

function lazy<T>(make: () => T): () => T {
  let cached: { readonly value: T } | undefined;
  return () => {
    cached ??= { value: make() };
    return cached.value;
  };
}

/** The bare ARN of a function, version or alias. */
export function isFunctionArn(uri: string): boolean {
  return /^arn:[^:]*:lambda:[^:]*:[^:]*:function:/.test(uri);
}

/**
 * Whether an integration's URI is intended to invoke a function. A plain AWS integration may call any action of
 * Lambda's API; an invocation is recognizable even in a malformed URI.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
 *
 * @param type in capitals
 */
export function isInvocation(uri: string, type: unknown): boolean {
  return uri.includes(":lambda:path/") && (type !== "AWS" || uri.includes("invocation"));
}

/** The maximum length of an ARN or name; AWS's own limit is 2,048. */
const MAX_LENGTH = 8192;

/** The ARN of a version or alias, or the unqualified ARN where there is no qualifier. */
export function qualified(fn: LambdaFunction, qualifier: Text | undefined): Text {
  return qualifier === undefined ? fn.arn : text(fn.arn, ":", qualifier);
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html */
function isDurable(config: unknown): boolean {
  return typeof config === "object" && config !== null && !(config instanceof Unknown);
}

function readFunction(resources: ResourceIndex, planned: ReadableResource): LambdaFunction {
  const scope = scopeOf(resources, planned);
  const arn = readString(planned, "arn");
  const functionName = readString(planned, "name");
  const parsed = typeof arn === "string" ? parseFunctionArn(text(arn)) : undefined;
  const name =
    typeof functionName === "string"
      ? text(functionName)
      : (parsed?.name ?? text(resources.unassigned(planned, "name")));
  const tags = readTags(planned);
  return {
    urn: planned.urn,
    ...(tags === undefined ? {} : { tags }),
    label: typeof functionName === "string" ? functionName : labelOf(planned),
    name,
    arn: typeof arn === "string" && parsed !== undefined ? text(arn) : functionArn({ ...scope, name }),
    scope,
    placement: placementOf(planned),
    publishesVersions: read(planned, "publish") === true,
    isDurable: isDurable(read(planned, "durableConfig")),
  };
}

function knownArn(arn: Text | Unknown | undefined): string | undefined {
  return arn === undefined || arn instanceof Unknown ? undefined : known(arn);
}

/** The ARN of a function itself: for a function outside the stack, the program writes it as a literal. */
function unqualifiedArn({ function: fn, arn, qualifier }: FunctionTarget): Text | undefined {
  if (fn !== undefined) return fn.arn;
  return arn instanceof Unknown || qualifier !== undefined ? undefined : arn;
}

/** The ARN without its qualifier. */
function knownUnqualifiedArn({ arn, qualifier }: FunctionTarget): string | undefined {
  const end = qualifier === undefined ? "" : `:${known(qualifier)}`;
  return knownArn(arn)?.slice(0, -end.length || undefined);
}

/**
 * Whether the stack creates a function. `pulumi policy analyze` shows functions that a program only looked up
 * (`aws.lambda.Function.get`) like any other. But these depend on no other resources, and a function that a program
 * creates has a location of its code, which a lookup does not return:
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 */
function isCreatedByStack(planned: ReadableResource): boolean {
  return (
    typeof readString(planned, "arn") !== "string" ||
    ["code", "imageUri", "s3Bucket"].some((property) => isSet(planned, property)) ||
    Object.values(planned.resource.propertyDependencies ?? {}).some((dependencies) => dependencies.length > 0)
  );
}

/**
 * Whether an unknown property depends only on a function that exists: `version`, `qualifiedArn` and
 * `qualifiedInvokeArn` are unknown in an update that publishes a version, its other ARNs are not.
 */
function dependsOnNextVersion(planned: ReadableResource, property: string, fn: ReadableResource): boolean {
  return (
    typeof readString(fn, "arn") === "string" &&
    dependenciesOf(planned, property).every(({ urn }) => urn === fn.urn)
  );
}

/**
 * Reads the functions of a stack, with their versions and aliases. Of functions in other stacks only the tags are
 * read, from account data.
 */
export function readFunctions(resources: ResourceIndex): Functions {
  const created = resources.ofKind("Function").filter(isCreatedByStack);
  const fromAccountData = resources
    .ofKind("Function")
    .filter(({ resource }) => resource.fromAccountData !== undefined);
  const functions = created.map((planned) => readFunction(resources, planned));
  const byUrn = new Map(functions.map((fn) => [fn.urn, fn]));
  const byName = functionsByName(functions, tagsByArn(fromAccountData));
  const byArn = new Map<string, FunctionTarget>();
  const functionOf = searchReferences<FunctionTarget>((planned, next) => {
    const fn = byUrn.get(planned.urn);
    if (fn !== undefined) return { function: fn, arn: fn.arn };
    return qualifiedFunction({ resources, byName, byArn, functionOf: next }, planned);
  });
  const references: FunctionReferences = { resources, byName, byArn, functionOf };
  const withOtherQualifiers = otherQualifiers(resources, functionOf);
  return {
    all: functions,
    functionsThrough: functionsThroughResources(resources, created, functionOf),
    byUrn: (urn) => byUrn.get(urn),
    byName,
    targetOf: (planned, property, value) => {
      const target = functionInProperty(references, planned, property, value);
      return target === undefined ? undefined : withOtherQualifiers(target);
    },
    withOtherQualifiers,
    functionOf,
  };
}

function tagsByArn(functions: readonly ReadableResource[]): ReadonlyMap<string, Tags> {
  return new Map(
    functions.flatMap((planned) => {
      const [arn, tags] = [readString(planned, "arn"), readTags(planned)];
      return typeof arn === "string" && tags !== undefined ? [[arn, tags]] : [];
    }),
  );
}

/** @param tagsOutside the tags of functions of other stacks, by their ARNs */
function functionsByName(
  functions: readonly LambdaFunction[],
  tagsOutside: ReadonlyMap<string, Tags>,
): Functions["byName"] {
  const names = new Map<string, LambdaFunction[]>();
  for (const fn of functions) {
    const name = known(fn.name);
    if (name !== undefined) appendTo(names, name, fn);
  }
  return (value, scope) => {
    const parsed = value.length > MAX_LENGTH ? undefined : parseFunctionArn(text(value));
    if (parsed === undefined) return { arn: text(value) };
    const location = {
      partition: parsed.partition ?? scope.partition,
      region: parsed.region ?? scope.region,
      account: parsed.account ?? scope.account,
    };
    const possible = (names.get(known(parsed.name) ?? "") ?? []).map((fn) => ({
      fn,
      isInLocation: and([equal(fn.scope.region, location.region), equal(fn.scope.account, location.account)]),
    }));
    const certain = possible.filter(({ isInLocation }) => isInLocation === "yes");
    const [only, ...more] =
      certain.length > 0 ? certain : possible.filter(({ isInLocation }) => isInLocation !== "no");
    const fn = more.length > 0 ? undefined : only?.fn;
    const qualifier = parsed.qualifier;
    const unqualified = fn?.arn ?? functionArn({ ...location, name: parsed.name });
    const tags = fn === undefined ? tagsOutside.get(known(unqualified) ?? "") : undefined;
    return {
      ...(fn === undefined ? {} : { function: fn }),
      ...(tags === undefined ? {} : { tags }),
      arn: qualifier === undefined ? unqualified : text(unqualified, ":", qualifier),
      ...(qualifier === undefined ? {} : { qualifier }),
    };
  };
}

/** The context in which names of functions are resolved. */
interface FunctionReferences {
  readonly resources: ResourceIndex;
  readonly byName: Functions["byName"];
  /** The functions that whole ARNs refer to, alone or in an invocation URI: they do not depend on a scope. */
  readonly byArn: Map<string, FunctionTarget>;
  readonly functionOf: (dependency: ReadableResource) => FunctionTarget | undefined;
}

/** The function of an alias or a version. */
function qualifiedFunction(
  references: FunctionReferences,
  planned: ReadableResource,
): FunctionTarget | undefined {
  if (planned.kind !== "Alias" && planned.kind !== "Version") return undefined;
  const base = functionInProperty(references, planned, "functionName");
  const arn = base === undefined ? undefined : unqualifiedArn(base);
  if (base === undefined || arn === undefined) return undefined;
  const qualifierName = readString(planned, planned.kind === "Alias" ? "name" : "version");
  const qualifier = text(
    typeof qualifierName === "string"
      ? qualifierName
      : references.resources.unassigned(planned, planned.kind === "Alias" ? "name" : "version"),
  );
  return {
    ...(base.function === undefined ? {} : { function: base.function }),
    arn: text(arn, ":", qualifier),
    qualifier,
    qualifierUrn: planned.urn,
  };
}

function functionInProperty(
  references: FunctionReferences,
  planned: ReadableResource,
  property: string,
  value: string | Unknown | undefined = readString(planned, property),
): FunctionTarget | undefined {
  if (value === undefined) return undefined;
  const targets = () =>
    plannedDependencies(references.resources, planned, property).flatMap(
      (planned) => references.functionOf(planned) ?? [],
    );
  if (value instanceof Unknown)
    return functionInUnknown(references.resources, planned, { property, value, targets: targets() });
  const target = functionInLiteral(references, planned, value);
  const dependencyTargets = targets();
  if (dependencyTargets.length === 0) return { ...target, isLiteral: true };
  // If several functions may have this name, it refers to the one that it depends on.
  const fn =
    target.function ??
    dependencyTargets.find((entry) => knownUnqualifiedArn(target) === knownArn(entry.function?.arn))
      ?.function;
  const qualifiedBy = dependencyTargets.find(
    (entry) => entry.qualifier !== undefined && knownArn(entry.qualifier) === knownArn(target.qualifier),
  )?.qualifierUrn;
  return {
    ...target,
    ...(fn === undefined ? {} : { function: fn }),
    ...(qualifiedBy === undefined ? {} : { qualifierUrn: qualifiedBy }),
  };
}

/** The function that a literal refers to. A whole ARN, which many routes share, is read once. */
function functionInLiteral(
  references: FunctionReferences,
  planned: ReadableResource,
  value: string,
): FunctionTarget {
  const cached = references.byArn.get(value);
  if (cached !== undefined) return cached;
  const uri = parseInvocationUri(text(value));
  const functionName = uri === undefined ? value : known(uri.functionArn);
  if (functionName === undefined) return { arn: text(value) };
  const target = references.byName(functionName, scopeOf(references.resources, planned));
  if (functionName.startsWith("arn:")) references.byArn.set(value, target);
  return target;
}

/** A property with an unknown value, and the functions that it depends on. */
interface UnknownReference {
  readonly property: string;
  readonly value: Unknown;
  readonly targets: readonly FunctionTarget[];
}

function functionInUnknown(
  resources: ResourceIndex,
  planned: ReadableResource,
  { property, value, targets }: UnknownReference,
): FunctionTarget {
  // When a value depends on an alias and on its function, the alias is the target: it depends on the function itself.
  const qualifiedTargets = targets.filter((target) => target.qualifier !== undefined);
  const intended = qualifiedTargets.length > 0 ? qualifiedTargets : targets;
  const [only, ...more] = intended;
  const inferredFrom = originsOf(planned, property);
  if (only === undefined || more.length > 0) return { arn: value, inferredFrom };
  if (only.function === undefined)
    return resources.whenUnknown === "prove" ? { arn: value, inferredFrom } : { ...only, inferredFrom };
  if (resources.whenUnknown === "prove") return { function: only.function, arn: value, inferredFrom };
  const created = resources.byUrn(only.function.urn);
  // When a function's ARN is known, only its next version can be unknown.
  if (
    only.qualifier === undefined &&
    created !== undefined &&
    dependsOnNextVersion(planned, property, created)
  ) {
    const qualifier = text(resources.unassigned(created, "version"));
    return { function: only.function, arn: qualified(only.function, qualifier), qualifier, inferredFrom };
  }
  return {
    ...only,
    inferredFrom,
    ...(only.qualifier === undefined ? { mayHaveQualifier: true as const } : {}),
  };
}

function otherQualifiers(
  resources: ResourceIndex,
  functionOf: Functions["functionOf"],
): Functions["withOtherQualifiers"] {
  const aliasesByFunction = lazy(() => {
    const map = new Map<string, Text[]>();
    for (const planned of resources.ofKind("Alias")) {
      const alias = functionOf(planned);
      if (alias?.function === undefined || alias.qualifier === undefined) continue;
      appendTo(map, alias.function.urn, alias.qualifier);
    }
    return map;
  });
  return (target) => {
    if (!target.mayHaveQualifier || target.function === undefined) return target;
    const { urn, publishesVersions } = target.function;
    const planned = publishesVersions ? resources.byUrn(urn) : undefined;
    const otherQualifiers = [
      ...(planned === undefined ? [] : [text(resources.unassigned(planned, "version"))]),
      ...(aliasesByFunction().get(urn) ?? []),
    ];
    return otherQualifiers.length === 0 ? target : { ...target, otherQualifiers };
  };
}

function functionsThroughResources(
  resources: ResourceIndex,
  created: readonly ReadableResource[],
  functionOf: Functions["functionOf"],
): Functions["functionsThrough"] {
  const cache = new Map<string, readonly FunctionTarget[]>();
  const functionsByNameDependency = lazy(() => {
    const map = new Map<string, FunctionTarget[]>();
    for (const planned of created)
      for (const { urn } of dependenciesOf(planned, "name")) {
        const target = functionOf(planned);
        if (target !== undefined) appendTo(map, urn, target);
      }
    return map;
  });
  return (resource) => {
    if (!mayPassStrings(resources.byUrn(resource.urn))) return [];
    const cached = cache.get(resource.urn);
    if (cached !== undefined) return cached;
    const targets = new Map<string, FunctionTarget>();
    const seen = new Set<string>();
    const follow = (resource: SeenResource): void => {
      if (seen.has(resource.urn) || seen.size > MAX_RESOURCES) return;
      seen.add(resource.urn);
      const planned = resources.byUrn(resource.urn);
      const target = planned === undefined ? undefined : functionOf(planned);
      if (target?.function !== undefined) targets.set(planned?.urn ?? "", target);
      if (!mayPassStrings(planned)) return;
      for (const dependencies of Object.values(resource.propertyDependencies ?? {}))
        dependencies.forEach(follow);
    };
    follow(resource);
    const allTargets = [...targets.values(), ...(functionsByNameDependency().get(resource.urn) ?? [])];
    cache.set(resource.urn, allTargets);
    return allTargets;
  };
}
