import {
  type ArnPattern,
  allowStatements,
  apiGatewayServiceContext,
  assumeRoleContext,
  type Context,
  compileArn,
  type Decision,
  type Doubt,
  decide,
  decideTrust,
  directCallContext,
  equal,
  executeApiContext,
  type Hole,
  integrationRoleContext,
  known,
  matchArn,
  matchArnPattern,
  mayConcern,
  type Principal,
  parseFunctionArn,
  passthroughContext,
  type ResourcePolicies,
  type Source,
  show,
  splitArn,
  type Text,
  type Trilean,
  text,
  Unknown,
} from "../iam";
import {
  type Api,
  type FunctionTarget,
  isPlaceholder,
  type PrincipalFacts,
  type PrincipalSource,
  type Route,
  type StackFacts,
} from "../stack";
import { anyRequest, apiIdOf, callerArn, stageNames } from "./routes";

export const INVOKE = "lambda:InvokeFunction";
export const EXECUTE = "execute-api:Invoke";

/** The statements of a function's resource policy that concern one of its ARNs. */
export interface FunctionStatements {
  readonly sources: readonly Source[];
  /** The part of it that may name a role or user. */
  readonly forCallers: ResourcePolicies;
  readonly unseen: readonly string[];
  /** Permissions of the same function on another version or alias. */
  readonly elsewhere: readonly StackFacts["permissions"][number][];
  readonly permissions: readonly StackFacts["permissions"][number][];
}

/** Whose call of the function it is. */
type Use = "direct" | "passthrough" | "integration role";

const CONTEXT: Record<Use, (caller: Principal) => Context> = {
  direct: (caller) => directCallContext({ caller }),
  passthrough: (caller) => passthroughContext({ caller }),
  "integration role": (role) => integrationRoleContext({ role }),
};

function byUse<T>(make: () => T): Record<Use, T> {
  return { direct: make(), passthrough: make(), "integration role": make() };
}

/** What an Allow statement lets a principal call. */
export interface Grant {
  readonly text: Text;
  readonly pattern: ArnPattern;
  /** Its Action surely covers the call. */
  readonly certain: boolean;
  /** The API of the stack that it names by its id. */
  readonly api: Api | undefined;
  /** It stands in a policy that AWS wrote, which nobody wrote for this stack. */
  readonly byAws: boolean;
  /** Nobody wrote it: it was concluded from what its document is computed from. */
  readonly inferred: boolean;
}

const RANK: Record<Trilean, number> = { no: 0, unknown: 1, yes: 2 };

/** No role has this name: IAM takes no such characters. */
const STRANGER = "<stranger>";

/**
 * The decisions about one stack, each made once and kept. Everything the policies and reports say comes from
 * here, so that no question is answered twice in different words.
 */
export class Access {
  private readonly invocations = byUse(() => new Map<PrincipalFacts, Map<string, Decision>>());
  private readonly contexts = byUse(() => new Map<PrincipalFacts, Context>());
  private readonly calls = new Map<PrincipalFacts, Map<string, Decision>>();
  private readonly strangers = new Map<Api, PrincipalFacts>();
  private readonly statements = new Map<string, FunctionStatements>();
  private readonly granted = new Map<PrincipalFacts, readonly Grant[]>();
  private readonly iam = new Map<Api, readonly Route[]>();
  private readonly arns = new Map<Route, Map<string, Text>>();
  private apisById: ReadonlyMap<string, Api> | undefined;
  private routesByApi: ReadonlyMap<Api, readonly Route[]> | undefined;
  private apisByUrn: ReadonlyMap<string, Api> | undefined;
  private functionArns: ReadonlySet<string> | undefined;
  private integrationRoles: ReadonlySet<string> | undefined;
  private withPolicies: readonly Api[] | undefined;
  private someIdHidden: boolean | undefined;
  private readonly permissionsByFunction = new Map<string, StackFacts["permissions"][number][]>();
  private readonly looseEnds: StackFacts["permissions"][number][] = [];
  /** Those on functions that may or may not be the stack's, by the functions' names. */
  private readonly permissionsByName = new Map<string, StackFacts["permissions"][number][]>();

  constructor(readonly facts: StackFacts) {
    for (const permission of facts.permissions) {
      const key = targetKey(permission.target);
      if (key === undefined) this.looseEnds.push(permission);
      else cached(this.permissionsByFunction, key, () => []).push(permission);
      const name = permission.target.function === undefined ? functionName(permission.target) : undefined;
      if (name !== undefined) cached(this.permissionsByName, name, () => []).push(permission);
    }
  }

  /** Gate 1 for one stage: may the principal call the route? */
  call(principal: PrincipalFacts, route: Route, stage: Text): Decision {
    return this.callTo(principal, route.api, callerArn(route, stage));
  }

  /**
   * Gate 1 for all the given routes of an API at once: `yes` when the principal may call any request to one of
   * their stages, `no` when none to any, `undefined` when it depends on the route.
   */
  callsWhole(principal: PrincipalFacts, api: Api, routes: readonly Route[]): Decision | undefined {
    const any = this.callTo(principal, api, anyRequest(api));
    if (any.answer === "no") return any;
    const [first] = routes;
    const stages = first === undefined ? [] : stageNames(first, "caller");
    const whole =
      any.answer === "yes"
        ? any
        : stages
            .map((stage) => this.callTo(principal, api, anyRequest(api, stage)))
            .find((decision) => decision.answer === "yes");
    // A resource policy that lets everybody in makes nobody a caller: the principal's own grants say of what.
    const byOthers = whole?.reason === "allowed by resource policy" && !this.singledOut(principal, api);
    return byOthers ? undefined : whole;
  }

  /** Gate 1 for a request, or for all that an execute-api ARN with holes stands for. */
  callTo(principal: PrincipalFacts, api: Api, resource: Text): Decision {
    const decisions = cached(this.calls, principal, () => new Map<string, Decision>());
    return cached(decisions, key(resource), () =>
      decide({
        request: {
          principal: asPrincipal(principal),
          action: EXECUTE,
          resource,
          context: executeApiContext({
            caller: asPrincipal(principal),
            privateApi: api.outside ? "unknown" : api.private ? "yes" : "no",
          }),
        },
        identity: principal,
        ...resourcePolicyOf(api),
        sameAccount: sameAccount(principal, api.scope.account),
      }),
    );
  }

  private apiAt(urn: string): readonly Api[] {
    this.apisByUrn ??= new Map(this.facts.apis.map((api) => [api.urn, api]));
    const api = this.apisByUrn.get(urn);
    return api === undefined ? [] : [api];
  }

  /** The APIs that the principal's grants may be about: usually the few that they name. */
  apisCalledBy(principal: PrincipalFacts): Iterable<Api> {
    const grants = this.grants(principal);
    const found = new Set<Api>(
      this.apisWithPolicies().filter(
        (api) => this.singledOut(principal, api) || this.mayBeAbout(principal, api),
      ),
    );
    for (const { hidden } of principal.sources)
      for (const api of (hidden?.apis ?? []).flatMap((urn) => this.apiAt(urn))) found.add(api);
    for (const grant of grants) {
      const { api } = grant;
      // An id that is not shown may be any that is written down.
      if (api === undefined && (apiIdOf(grant.text) === undefined || this.hiddenIds()))
        return this.facts.apis;
      if (api !== undefined) found.add(api);
    }
    return found;
  }

  /**
   * Whether the API's resource policy lets the principal in rather than just any principal of the account: an
   * API that is open to all makes no caller of every role in the stack.
   */
  private singledOut(principal: PrincipalFacts, api: Api): boolean {
    if (api.policies.length === 0) return false;
    const request = anyRequest(api);
    const own = this.callTo(principal, api, request).answer;
    return RANK[own] > RANK[this.callTo(this.strangerTo(api), api, request).answer];
  }

  /** A role of the API's account that holds nothing and that no policy names. */
  private strangerTo(api: Api): PrincipalFacts {
    return cached(this.strangers, api, () => strangerTo(api.scope.account, api.scope.partition));
  }

  /** The API of the stack that a pattern names by its id. */
  private apiNamedBy(pattern: Text): Api | undefined {
    const id = apiIdOf(pattern);
    this.apisById ??= new Map(this.facts.apis.map((api) => [key(api.id), api]));
    return id === undefined ? undefined : this.apisById.get(key(id));
  }

  /** The APIs of the stack that the principal's grants name by their ids. */
  apisNamedBy(principal: PrincipalFacts): readonly Api[] {
    return this.grants(principal).flatMap((grant) => grant.api ?? []);
  }

  /** Whether a grant of the principal names the route's API by its id, and reaches the route. */
  namesRoute(principal: PrincipalFacts, route: Route): boolean {
    return this.grants(principal).some((grant) => grant.api === route.api && this.covers(grant, route));
  }

  /** Whether a grant of the principal names the route's API by its id, and may reach the route. */
  mayName(principal: PrincipalFacts, route: Route): boolean {
    return this.grants(principal).some((grant) => grant.api === route.api && !this.misses(grant, route));
  }

  private apisWithPolicies(): readonly Api[] {
    this.withPolicies ??= this.facts.apis.filter((api) => api.policies.length > 0);
    return this.withPolicies;
  }

  routesOf(api: Api): readonly Route[] {
    this.routesByApi ??= byApi(this.facts.routes);
    return this.routesByApi.get(api) ?? [];
  }

  private hiddenIds(): boolean {
    this.someIdHidden ??= this.facts.apis.some((api) => known(api.id) === undefined);
    return this.someIdHidden;
  }

  /**
   * Whether a document that the plan does not show may be what lets the principal call the API: one of its own that
   * is computed from the API, or a resource policy that is computed from the principal.
   */
  mayBeAbout(principal: PrincipalFacts, api: Api): boolean {
    return (
      principal.sources.some(({ hidden }) => hidden?.apis.includes(api.urn)) ||
      api.policies.some(
        ({ document }) =>
          document instanceof Unknown && document.from.some(({ key }) => key === principal.urn),
      )
    );
  }

  /** A quick no: whether anything in the plan may let the principal call the route. */
  mayReach(principal: PrincipalFacts, route: Route): boolean {
    if (this.singledOut(principal, route.api) || this.mayBeAbout(principal, route.api)) return true;
    return stageNames(route, "caller").some((stage) => {
      const subject = this.callerArn(route, stage);
      return this.grants(principal).some((grant) => matchArnPattern(grant.pattern, subject) !== "no");
    });
  }

  /** The routes of an API that are, or may be, IAM-authorized. */
  iamRoutes(api: Api): readonly Route[] {
    return cached(this.iam, api, () =>
      this.routesOf(api).filter(
        (route) => route.authorization === "AWS_IAM" || route.authorization instanceof Unknown,
      ),
    );
  }

  private callerArn(route: Route, stage: Text): Text {
    const arns = cached(this.arns, route, () => new Map<string, Text>());
    return cached(arns, key(stage), () => callerArn(route, stage));
  }

  /** What the principal's own policies let it call, statement by statement, denies aside. */
  grants(principal: PrincipalFacts): readonly Grant[] {
    return cached(this.granted, principal, () =>
      allowStatements(principal.sources, EXECUTE).flatMap((statement) =>
        statement.resources.map((resource) => ({
          text: resource,
          pattern: compileArn(resource, "identity"),
          certain: statement.action === "yes",
          byAws: statement.source.key === undefined,
          inferred: (statement.source as PrincipalSource).inferredFrom !== undefined,
          api: this.apiNamedBy(resource),
        })),
      ),
    );
  }

  /** The resource patterns by which the principal is evidently meant to call APIs. */
  callPatterns(principal: PrincipalFacts): readonly Text[] {
    return this.grants(principal).map((grant) => grant.text);
  }

  /** May the principal invoke the function with its own credentials? */
  invoke(principal: PrincipalFacts, target: FunctionTarget, how: Use): Decision {
    const arn = target.arn instanceof Unknown ? unknownText(target) : target.arn;
    const decision = this.invokeArn(principal, target, arn, how);
    if (decision.answer !== "no" || decision.reason === "explicit deny" || !target.mayBeQualified)
      return decision;
    const doubt = {
      what: `which version or alias of ${target.function?.label ?? "the function"} is called`,
      from: (target.inferredFrom ?? []).map((origin) => origin.label),
    };
    const qualifier: Hole = { id: "qualifier", shape: "word", label: doubt.what, from: [] };
    const otherwise = this.invokeArn(principal, target, text(arn, ":", qualifier), how);
    return otherwise.answer === "no" ? decision : { ...decision, answer: "unknown", doubts: [doubt] };
  }

  private invokeArn(principal: PrincipalFacts, target: FunctionTarget, arn: Text, how: Use): Decision {
    const decisions = cached(this.invocations[how], principal, () => new Map<string, Decision>());
    return cached(decisions, key(arn), () =>
      decide({
        request: {
          principal: asPrincipal(principal),
          action: INVOKE,
          resource: arn,
          context: cached(this.contexts[how], principal, () => CONTEXT[how](asPrincipal(principal))),
        },
        identity: principal,
        resource: this.statementsOf(target).forCallers,
        sameAccount: sameAccount(principal, splitArn(arn)?.account),
      }),
    );
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
        forCallers: {
          sources: this.facts.functionPolicies
            .filter((one) => !one.astray)
            .map(({ source }) => perhapsOn(source)),
          unseen: this.othersAllowed(target),
        },
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
      const forCallers = {
        sources: [] as Source[],
        unseen: this.isOutside(target) ? [outsidePolicy(arn)] : [],
      };
      const sort = (permission: StackFacts["permissions"][number]): void => {
        const on = permission.target.arn;
        const match: Trilean = on instanceof Unknown ? "unknown" : equal(on, arn);
        if (match === "yes") {
          same.push(permission);
          sources.push(permission.source);
          if (!permission.forService) forCallers.sources.push(permission.source);
        } else if (match === "unknown" || permission.target.mayBeQualified) {
          unseen.push(onWhich(permission));
          if (!permission.forService) forCallers.unseen.push(...unseen.slice(-1));
        } else elsewhere.push(permission);
      };
      const key = targetKey(target);
      const candidates = new Set([
        ...(this.permissionsByFunction.get(key ?? "") ?? []),
        ...(this.permissionsByName.get(functionName(target) ?? "") ?? []),
        ...this.looseEnds,
      ]);
      for (const permission of candidates) sort(permission);
      for (const policy of this.facts.functionPolicies) {
        const on = policy.target.arn;
        const match: Trilean = on instanceof Unknown ? "unknown" : equal(on, arn);
        if (match === "yes" || (key !== undefined && targetKey(policy.target) === key)) {
          sources.push(policy.source);
          forCallers.sources.push(policy.source);
        } else if (match === "unknown") {
          unseen.push(onWhich(policy.source));
          if (policy.astray) continue;
          const perhaps = perhapsOn(policy.source);
          sources.push(perhaps);
          forCallers.sources.push(perhaps);
        }
      }
      return {
        sources,
        forCallers,
        unseen,
        elsewhere: elsewhere.filter((permission) => targetKey(permission.target) === key),
        permissions: same,
      };
    });
  }

  /** Two functions of a stack may bear one name; then neither is told to be the one, and yet it is none of another. */
  private isOutside(target: FunctionTarget): boolean {
    if (target.function !== undefined) return false;
    this.functionArns ??= new Set(this.facts.functions.map((fn) => key(fn.arn)));
    return !this.functionArns.has(targetKey(target) ?? "");
  }

  /** Why the resource policy of a function whose ARN is not shown may name a caller. */
  private othersAllowed(target: FunctionTarget): string[] {
    const named =
      this.facts.functionPolicies.some((one) => !one.astray) ||
      this.facts.permissions.some((one) => !one.forService);
    return named || target.function === undefined
      ? ["the resource policy of a function that is not shown"]
      : [];
  }

  /**
   * Whether a principal's grants name the route, whatever conditions or denies then make of it: a principal
   * that is evidently meant to call it.
   */
  meantFor(principal: PrincipalFacts, route: Route): boolean {
    return this.grants(principal).some((grant) => grant.certain && this.covers(grant, route));
  }

  /** Whether a grant surely covers no request to the route. */
  misses({ pattern }: Pick<Grant, "pattern">, route: Route): boolean {
    return stageNames(route, "caller").every(
      (stage) => matchArnPattern(pattern, this.callerArn(route, stage)) === "no",
    );
  }

  /** Whether a grant covers some request to the route. */
  private covers({ pattern, text: written }: Grant, route: Route): boolean {
    return stageNames(route, "caller").some((stage) => {
      const subject = this.callerArn(route, stage);
      const match = matchArnPattern(pattern, subject);
      return match === "yes" || (match === "unknown" && onlyVaries(written) && onlyVaries(subject));
    });
  }

  /** Whether an execute-api pattern covers some request to the API. */
  reachesApi(pattern: Text, api: Api): Trilean {
    return matchArn(pattern, anyRequest(api));
  }

  /** Whether an integration or authorizer calls its function as the principal. */
  isIntegrationRole(principal: PrincipalFacts): boolean {
    this.integrationRoles ??= new Set(
      [...this.facts.routes.map(({ integration }) => integration), ...this.facts.authorizers].flatMap(
        (one) => (one?.credentials.mode === "role" ? (one.credentials.roleUrn ?? []) : []),
      ),
    );
    return this.integrationRoles.has(principal.urn);
  }

  /** Whether some statement of the principal may allow invoking some function. */
  mayInvokeSomething(principal: PrincipalFacts): boolean {
    return mayConcern(principal.sources, INVOKE) !== "no";
  }
}

/** HTTP and WebSocket APIs have no resource policies; that of a REST API of another stack is out of sight. */
function resourcePolicyOf(api: Api): { readonly resource?: ResourcePolicies } {
  if (api.policies.length > 0) return { resource: { sources: api.policies, unseen: [] } };
  if (!api.outside || api.kind !== "REST") return {};
  const unseen = [`the resource policy of API ${api.name}, which is not in this stack`];
  return { resource: { sources: [], unseen } };
}

function byApi(routes: readonly Route[]): ReadonlyMap<Api, readonly Route[]> {
  const map = new Map<Api, Route[]>();
  for (const route of routes) cached(map, route.api, () => []).push(route);
  return map;
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

/** The name in the ARN of a function, as a key. */
function functionName({ arn }: FunctionTarget): string | undefined {
  const name = arn instanceof Unknown ? undefined : parseFunctionArn(arn)?.name;
  return name === undefined ? undefined : key(name);
}

export function asPrincipal(principal: PrincipalFacts): Principal {
  return {
    kind: principal.kind === "role" ? "role" : "user",
    arn: principal.arn,
    account: principal.account,
  };
}

function onWhich({ label }: { readonly label: string }): string {
  return `which function ${label} is on cannot be told`;
}

/** A policy that may be on the function: it may hold denies as well as grants. */
function perhapsOn(source: Source): Source {
  return {
    ...source,
    doubt: { what: onWhich(source), settle: "give the function's ARN in a form that is shown" },
  };
}

/** Doubts, with what settles those about the policy of a function of another stack. */
export function settled(target: FunctionTarget, doubts: readonly Doubt[]): readonly Doubt[] {
  if (target.function !== undefined || target.arn instanceof Unknown) return doubts;
  const outside = outsidePolicy(target.arn);
  const settle = "grant it in a policy of the caller; or run the pack on the stack that owns the function";
  return doubts.map((doubt) => (doubt.what === outside ? { ...doubt, settle } : doubt));
}

/** What is allowed by the policy of a function of another stack is out of sight. */
function outsidePolicy(arn: Text): string {
  return `the resource policy of ${show(arn)}, which is not a function of this stack`;
}

/** A role of the same account that holds nothing and that no policy names. */
export function strangerTo(account: Text, partition: Text): PrincipalFacts {
  return {
    urn: "",
    kind: "role",
    name: STRANGER,
    label: "any role of the account",
    arn: text("arn:", partition, ":iam::", account, ":role/", STRANGER),
    account,
    sources: [],
    unseen: [],
  };
}

function unknownText(target: FunctionTarget): Text {
  const label = target.function?.label ?? "the function";
  return text({ id: `function ${label}`, shape: "any", label, from: target.inferredFrom ?? [] });
}

/** An account that the plan does not show may be the one that somebody outside the stack is written to be of. */
export function sameAccount(principal: PrincipalFacts, account: Text | undefined): Trilean {
  if (account === undefined || (principal.outside && isPlaceholder(account))) return "unknown";
  return equal(principal.account, account);
}

const keys = new WeakMap<Text, string>();

/** A text as a key: holes by their identity. */
export function key(value: Text): string {
  let found = keys.get(value);
  if (found === undefined) {
    found = value.map((piece) => (typeof piece === "string" ? piece : `\u0000${piece.id}\u0000`)).join("");
    keys.set(value, found);
  }
  return found;
}

function cached<K, V>(map: Map<K, V>, at: K, make: () => V): V {
  const found = map.get(at);
  if (found !== undefined) return found;
  const made = make();
  map.set(at, made);
  return made;
}
