import {
  equal,
  type Origin,
  type PolicySource,
  parseFunctionArn,
  type ResourcePolicies,
  show,
  type Text,
  type Trilean,
  Unknown,
  type UnknownReason,
  type UnknownSubject,
} from "../../iam";
import type { FunctionTarget, StackFacts } from "../../stack";
import { appendTo, cached, textKey } from "../../stack/pulumi/keys";
import { originsTogether } from "../answer";
import { SourceArns } from "./source-arns";

type Permission = StackFacts["permissions"][number];

/** The statements of a function's resource policy that apply to one of its ARNs. */
export interface FunctionStatements {
  readonly sources: readonly PolicySource[];
  /** The part of it that may name a role or user. */
  readonly forCallers: ResourcePolicies;
  /** The same without the unknown policy of a function outside the stack. */
  readonly inStack: ResourcePolicies;
  readonly unseen: readonly UnknownSubject[];
  /** Permissions of the same function on another version or alias. */
  readonly onOtherQualifiers: readonly Permission[];
  /** Permissions on functions with the same name, in another region or account, that are not in the stack. */
  readonly ofSameName: readonly Permission[];
  readonly permissions: readonly Permission[];
  readonly bySourceArn: SourceArns;
  /** The function is not in the stack, and account data has its whole policy on this ARN. */
  readonly isWholePolicyKnown: boolean;
  /** The dependencies that the permissions were inferred from. */
  readonly inferredFrom: readonly Origin[];
}

/**
 * The resource policies of functions: those of the stack, and the statements that the stack adds to functions outside
 * it.
 */
export class FunctionPolicies {
  private readonly statements = new Map<string, FunctionStatements>();
  private readonly byFunction = new Map<string, Permission[]>();
  /** The policies on functions that may or may not be in the stack, by the functions' names. */
  private readonly byName = new Map<string, Permission[]>();
  private readonly withUnknownFunction: Permission[] = [];
  private functionArns: ReadonlySet<string> | undefined;

  constructor(private readonly facts: Pick<StackFacts, "functions" | "functionPolicies" | "permissions">) {
    for (const permission of facts.permissions) {
      const key = targetKey(permission.target);
      if (key === undefined) this.withUnknownFunction.push(permission);
      else appendTo(this.byFunction, key, permission);
      const name = permission.target.function === undefined ? functionName(permission.target) : undefined;
      if (name !== undefined) appendTo(this.byName, name, permission);
    }
  }

  /** The statements on one ARN of a function: a policy belongs to the function or to one version or alias. */
  ofTarget(target: FunctionTarget): FunctionStatements {
    const arn = target.arn;
    if (arn instanceof Unknown) {
      const sources = this.facts.functionPolicies
        .filter((policy) => !policy.isFunctionUnknown)
        .map(({ source }) => asPossible(source));
      const mayNameCallers =
        sources.length > 0 || this.facts.permissions.some((permission) => !permission.isForService);
      const unseen = [{ code: "function-policy" }] as const;
      return {
        sources: [],
        forCallers: { sources, unseen: mayNameCallers || target.function === undefined ? unseen : [] },
        inStack: { sources, unseen: mayNameCallers ? unseen : [] },
        unseen: [{ code: "called-function" }],
        onOtherQualifiers: [],
        ofSameName: [],
        permissions: [],
        bySourceArn: new SourceArns([]),
        isWholePolicyKnown: false,
        inferredFrom: [],
      };
    }
    return cached(this.statements, textKey(arn), () => this.statementsOn(target, arn));
  }

  private statementsOn(target: FunctionTarget, arn: Text): FunctionStatements {
    const functionKey = targetKey(target);
    const inStack = { sources: [] as PolicySource[], unseen: [] as UnknownSubject[] };
    const statements = {
      sources: [] as PolicySource[],
      unseen: [] as UnknownSubject[],
      onOtherQualifiers: [] as Permission[],
      ofSameName: [] as Permission[],
      permissions: [] as Permission[],
    };
    for (const permission of this.candidates(target)) {
      const match = isOn(permission.target, arn);
      if (match === "yes") {
        statements.permissions.push(permission);
        statements.sources.push(permission.source);
        if (permission.mayCover !== undefined) statements.sources.push(permission.mayCover);
        if (!permission.isForService) inStack.sources.push(permission.source);
      } else if (match === "unknown" || permission.target.mayHaveQualifier) {
        statements.unseen.push(unknownFunctionOf(permission));
        if (!permission.isForService) inStack.unseen.push(unknownFunctionOf(permission));
      } else if (targetKey(permission.target) === functionKey) statements.onOtherQualifiers.push(permission);
      else statements.ofSameName.push(permission);
    }
    for (const policy of this.facts.functionPolicies) {
      const match = isOn(policy.target, arn);
      const ofFunction =
        functionKey !== undefined && targetKey(policy.target) === functionKey && !policy.isComplete;
      const isCertain = match === "yes" || ofFunction;
      if (!isCertain && match === "no") continue;
      if (!isCertain) statements.unseen.push(unknownFunctionOf(policy.source));
      if (!isCertain && policy.isFunctionUnknown) continue;
      const source = isCertain ? policy.source : asPossible(policy.source);
      statements.sources.push(source);
      inStack.sources.push(source);
    }
    const isWholePolicyKnown = this.facts.functionPolicies.some(
      (policy) => policy.isComplete && isOn(policy.target, arn) === "yes",
    );
    const unseen =
      this.isExternal(target) && !isWholePolicyKnown
        ? [unknownExternalPolicy(arn), ...inStack.unseen]
        : inStack.unseen;
    return {
      ...statements,
      inStack,
      forCallers: { sources: inStack.sources, unseen },
      bySourceArn: new SourceArns(statements.sources),
      isWholePolicyKnown,
      inferredFrom: originsTogether(
        ...[...statements.permissions, ...statements.onOtherQualifiers].map(
          (permission) => permission.inferredFrom,
        ),
      ),
    };
  }

  /** The permissions that may be on the function or one of its versions and aliases. */
  private candidates(target: FunctionTarget): ReadonlySet<Permission> {
    return new Set([
      ...(this.byFunction.get(targetKey(target) ?? "") ?? []),
      ...(this.byName.get(functionName(target) ?? "") ?? []),
      ...this.withUnknownFunction,
    ]);
  }

  /**
   * Two functions of a stack may have the same name: neither is then known to be the target, but no other function is.
   */
  private isExternal(target: FunctionTarget): boolean {
    if (target.function !== undefined) return false;
    this.functionArns ??= new Set(this.facts.functions.map((fn) => textKey(fn.arn)));
    return !this.functionArns.has(targetKey(target) ?? "");
  }
}

function isOn({ arn: targetArn }: FunctionTarget, arn: Text): Trilean {
  return targetArn instanceof Unknown ? "unknown" : equal(targetArn, arn);
}

/** A function is identified by its resource in the stack, or by its ARN without the qualifier. */
export function targetKey(target: FunctionTarget): string | undefined {
  if (target.function !== undefined) return target.function.urn;
  if (target.arn instanceof Unknown) return undefined;
  const arnKey = textKey(target.arn);
  const qualifier = target.qualifier === undefined ? "" : `:${textKey(target.qualifier)}`;
  return qualifier !== "" && arnKey.endsWith(qualifier) ? arnKey.slice(0, -qualifier.length) : arnKey;
}

/** The name in the ARN of a function, as a key. */
function functionName({ arn }: FunctionTarget): string | undefined {
  const name = arn instanceof Unknown ? undefined : parseFunctionArn(arn)?.name;
  return name === undefined ? undefined : textKey(name);
}

function unknownFunctionOf({ label }: { readonly label: string }): UnknownSubject {
  return { code: "function-of-permission", permission: label };
}

/** A policy that may be on the function: it may contain denies as well as grants. */
function asPossible(source: PolicySource): PolicySource {
  return {
    ...source,
    mayNotApply: { subject: unknownFunctionOf(source), resolution: { code: "write-known-function-arn" } },
  };
}

/** The unknowns of the policy of a function in another stack, with their resolutions. */
export function withResolutions(
  target: FunctionTarget,
  unknowns: readonly UnknownReason[],
): readonly UnknownReason[] {
  if (target.function !== undefined || target.arn instanceof Unknown) return unknowns;
  return unknowns.map((unknown) =>
    unknown.subject.code === "function-policy-outside-stack"
      ? { ...unknown, resolution: { code: "preview-function-stack-or-grant" } }
      : unknown,
  );
}

/** Whether the policy of a function in another stack allows the call is unknown. */
function unknownExternalPolicy(arn: Text): UnknownSubject {
  return { code: "function-policy-outside-stack", arn: show(arn) };
}
