import {
  allowStatements,
  apiGatewayServiceContext,
  assumeRoleContext,
  type Decision,
  decide,
  decideTrust,
  directCallContext,
  equal,
  executeApiContext,
  integrationRoleContext,
  matchArn,
  mayConcern,
  type Principal,
  passthroughContext,
  type Source,
  splitArn,
  type Text,
  type Trilean,
  text,
  Unknown,
} from "../iam";
import type { Api, FunctionTarget, PrincipalFacts, Route, StackFacts } from "../stack";
import { anyRequest, callerArn, stageNames } from "./routes";

export const INVOKE = "lambda:InvokeFunction";
export const EXECUTE = "execute-api:Invoke";

/** The statements of a function's resource policy that concern one of its ARNs. */
export interface FunctionStatements {
  readonly sources: readonly Source[];
  /** Those of the sources that may name a role or user. */
  readonly forCallers: readonly Source[];
  readonly unseen: readonly string[];
  /** Permissions of the same function on another version or alias. */
  readonly elsewhere: readonly StackFacts["permissions"][number][];
  readonly permissions: readonly StackFacts["permissions"][number][];
}

/**
 * The decisions about one stack, each made once and kept. Everything the policies and reports say comes from
 * here, so that no question is answered twice in different words.
 */
export class Access {
  private readonly invocations = new Map<PrincipalFacts, Map<string, Decision>>();
  private readonly calls = new Map<PrincipalFacts, Map<string, Decision>>();
  private readonly statements = new Map<string, FunctionStatements>();
  private readonly names = new Map<PrincipalFacts, readonly Text[]>();
  private readonly permissionsByFunction = new Map<string, StackFacts["permissions"][number][]>();
  private readonly looseEnds: StackFacts["permissions"][number][] = [];

  constructor(readonly facts: StackFacts) {
    for (const permission of facts.permissions) {
      const key = targetKey(permission.target);
      if (key === undefined) this.looseEnds.push(permission);
      else {
        const same = this.permissionsByFunction.get(key);
        if (same === undefined) this.permissionsByFunction.set(key, [permission]);
        else same.push(permission);
      }
    }
  }

  /** Gate 1 for one stage: may the principal call the route? */
  call(principal: PrincipalFacts, route: Route, stage: Text): Decision {
    const { api } = route;
    const decisions = cached(this.calls, principal, () => new Map<string, Decision>());
    const ask = (resource: Text): Decision =>
      decide({
        request: {
          principal: asPrincipal(principal),
          action: EXECUTE,
          resource,
          context: executeApiContext({
            caller: asPrincipal(principal),
            privateApi: api.private ? "yes" : "no",
          }),
        },
        identity: principal,
        ...(api.policies.length > 0 ? { resource: { sources: api.policies, unseen: [] } } : {}),
        sameAccount: equal(principal.account, api.scope.account),
      });
    // Most grants are for a whole API or for none of it: one question answers for all its routes.
    const whole = cached(decisions, api.urn, () => ask(anyRequest(api)));
    if (whole.answer !== "unknown") return whole;
    const resource = callerArn(route, stage);
    return cached(decisions, key(resource), () => ask(resource));
  }

  /** The resource patterns by which the principal is evidently meant to call APIs. */
  callPatterns(principal: PrincipalFacts): readonly Text[] {
    return cached(this.names, principal, () =>
      allowStatements(principal.sources, EXECUTE).flatMap((statement) => statement.resources),
    );
  }

  /** May the principal invoke the function with its own credentials? */
  invoke(
    principal: PrincipalFacts,
    target: FunctionTarget,
    how: "direct" | "passthrough" | "integration role",
  ): Decision {
    const arn = target.arn instanceof Unknown ? unknownText(target) : target.arn;
    const decisions = cached(this.invocations, principal, () => new Map<string, Decision>());
    const caller = asPrincipal(principal);
    const context =
      how === "direct"
        ? directCallContext({ caller })
        : how === "passthrough"
          ? passthroughContext({ caller })
          : integrationRoleContext({ role: caller });
    return cached(decisions, `${how} ${key(arn)}`, () => {
      const statements = this.statementsOf(target);
      return decide({
        request: { principal: caller, action: INVOKE, resource: arn, context },
        identity: principal,
        resource: { sources: statements.forCallers, unseen: [] },
        sameAccount: sameAccount(principal.account, arn),
      });
    });
  }

  /** Does the function's resource policy let API Gateway in for this source ARN? */
  letsIn(target: FunctionTarget, sourceArn: Text, sourceAccount: Text, arn: Text): Decision {
    const statements = this.statementsOf({ ...target, arn });
    return decide({
      request: {
        principal: { kind: "service", name: "apigateway.amazonaws.com" },
        action: INVOKE,
        resource: arn,
        context: apiGatewayServiceContext({ sourceArn, sourceAccount }),
      },
      resource: { sources: statements.sources, unseen: statements.unseen },
      sameAccount: "yes",
    });
  }

  /** Does the role trust API Gateway? */
  trustsApiGateway(principal: PrincipalFacts): Decision {
    return decideTrust({
      trust: principal.trust ?? new Unknown(),
      request: {
        principal: { kind: "service", name: "apigateway.amazonaws.com" },
        action: "sts:AssumeRole",
        resource: principal.arn,
        context: assumeRoleContext({}),
      },
    });
  }

  /** The statements on one ARN of a function: a policy belongs to the function or to one version or alias. */
  statementsOf(target: FunctionTarget): FunctionStatements {
    const arn = target.arn;
    if (arn instanceof Unknown) {
      return {
        sources: [],
        forCallers: [],
        unseen: ["which function it is cannot be told"],
        elsewhere: [],
        permissions: [],
      };
    }
    return cached(this.statements, key(arn), () => {
      const unseen: string[] = [];
      const same: StackFacts["permissions"][number][] = [];
      const elsewhere: StackFacts["permissions"][number][] = [];
      const sources: Source[] = [];
      const forCallers: Source[] = [];
      const sort = (permission: StackFacts["permissions"][number]): void => {
        const on = permission.target.arn;
        const match: Trilean = on instanceof Unknown ? "unknown" : equal(on, arn);
        if (match === "yes") {
          same.push(permission);
          sources.push(permission.source);
          if (!permission.forService) forCallers.push(permission.source);
        } else if (match === "unknown")
          unseen.push(`which function ${permission.label} is on cannot be told`);
        else elsewhere.push(permission);
      };
      for (const permission of this.permissionsByFunction.get(targetKey(target) ?? "") ?? [])
        sort(permission);
      for (const permission of this.looseEnds) sort(permission);
      const key = targetKey(target);
      for (const policy of this.facts.functionPolicies) {
        const on = policy.target.arn;
        const match: Trilean = on instanceof Unknown ? "unknown" : equal(on, arn);
        if (match === "yes" || (key !== undefined && targetKey(policy.target) === key)) {
          sources.push(policy.source);
          forCallers.push(policy.source);
        } else if (match === "unknown")
          unseen.push(`which function ${policy.source.label} is on cannot be told`);
      }
      return {
        sources,
        forCallers,
        unseen,
        elsewhere: elsewhere.filter((permission) => targetKey(permission.target) === targetKey(target)),
        permissions: same,
      };
    });
  }

  /**
   * Whether a principal's grants name the route, whatever conditions or denies then make of it: a principal
   * that is evidently meant to call it.
   */
  meantFor(principal: PrincipalFacts, route: Route): boolean {
    return this.callPatterns(principal).some((pattern) => this.reaches(pattern, route));
  }

  /** Whether an execute-api pattern covers some request to the route. */
  reaches(pattern: Text, route: Route): boolean {
    return stageNames(route, "caller").some((stage) => {
      const subject = callerArn(route, stage);
      const match = matchArn(pattern, subject);
      return match === "yes" || (match === "unknown" && onlyVaries(pattern) && onlyVaries(subject));
    });
  }

  /** Whether an execute-api pattern covers some request to the API. */
  reachesApi(pattern: Text, api: Api): Trilean {
    return matchArn(pattern, anyRequest(api));
  }

  /** Whether some statement of the principal may allow invoking some function. */
  mayInvokeSomething(principal: PrincipalFacts): boolean {
    return mayConcern(principal.sources, INVOKE) !== "no";
  }
}

function onlyVaries(value: Text): boolean {
  return value.every((piece) => typeof piece === "string" || piece.varies === true);
}

/** A function is found by the stack's own resource, or by its ARN without the qualifier. */
function targetKey(target: FunctionTarget): string | undefined {
  if (target.function !== undefined) return target.function.urn;
  if (target.arn instanceof Unknown) return undefined;
  const shown = key(target.arn);
  const qualifier = target.qualifier === undefined ? "" : `:${key(target.qualifier)}`;
  return qualifier !== "" && shown.endsWith(qualifier) ? shown.slice(0, -qualifier.length) : shown;
}

export function asPrincipal(principal: PrincipalFacts): Principal {
  return {
    kind: principal.kind === "role" ? "role" : "user",
    arn: principal.arn,
    account: principal.account,
  };
}

function unknownText(target: FunctionTarget): Text {
  const label = target.function?.label ?? "the function";
  return text({ id: `function ${label}`, shape: "any", label, from: target.inferredFrom ?? [] });
}

function sameAccount(account: Text, functionArn: Text): Trilean {
  const parts = splitArn(functionArn);
  return parts === undefined ? "unknown" : equal(account, parts.account);
}

/** A text as a key: holes by their identity. */
export function key(value: Text): string {
  return value.map((piece) => (typeof piece === "string" ? piece : `\u0000${piece.id}\u0000`)).join("");
}

function cached<K, V>(map: Map<K, V>, at: K, make: () => V): V {
  const found = map.get(at);
  if (found !== undefined) return found;
  const made = make();
  map.set(at, made);
  return made;
}
