import { authorizerOf, type FailingStage, principalOf, targetOf, type Verdict } from "../access";
import { HTTP_METHODS } from "../aws";
import type { Analysis } from "../engine/analyze";
import type { CallerVerdict } from "../engine/callers";
import { type Hole, known, text } from "../iam";
import { type AnswerContent, answerContent } from "../report/build";
import {
  GATE_NAMES,
  INTEGRATION_REQUEST,
  isAboutAuthorizer,
  isAboutCalling,
  isAboutInvoking,
} from "../report/gates";
import { functionKey, principalKey, routeKey } from "../report/keys";
import type { GateName } from "../report/model";
import { requestAnswer, routeFaults } from "../report/route-faults";
import type { PrincipalFacts, Route, Stage } from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { CALLER_GATES, type Failure } from "./failures";
import type { LoggedRequest } from "./routes";

/** A request that reached a route, and its caller, as far as its record shows them. */
export interface AttemptedRequest {
  readonly route: Route;
  readonly request: LoggedRequest;
  /** `undefined`: any caller is possible. `none`: a caller without an IAM identity. */
  readonly caller: PrincipalFacts | "none" | undefined;
}

/** The result of a gate for a request. */
export interface GateAnswer {
  readonly content: AnswerContent;
  /** Absent for a failing request, which is not a verdict of a gate. */
  readonly verdict?: Verdict;
  /**
   * It applies to some stages or methods of the route only, and the record does not show which of them was requested.
   */
  readonly appliesInPart?: true;
}

interface VerdictAnswer extends GateAnswer {
  readonly verdict: Verdict;
}

/** Finds the results of AWS's gates for a request, including gates that no policy evaluated. */
export class CauseFinder {
  private readonly byRoute = new Map<string, VerdictAnswer[]>();
  private readonly faults = new Map<string, AnswerContent[]>();
  /** The routes as the facts about callers contain them. */
  private routes: ReadonlyMap<string, Route> | undefined;

  constructor(private readonly analysis: Analysis) {
    for (const decisions of analysis.decisions)
      for (const verdict of decisions.eachVerdict()) {
        const content = answerContent(decisions, verdict);
        if (content.rule !== "AWS") continue;
        for (const key of new Set(verdict.routes.map(keyOf)))
          appendTo(this.byRoute, key, { verdict, content });
      }
    const { routes } = analysis.access.facts;
    for (const fault of routeFaults(routes, analysis))
      for (const route of fault.routes)
        appendTo(this.faults, `${routeKey(route)} ${fault.urn === route.authorizerUrn}`, {
          ...requestAnswer(fault),
          ...(fault.fix === undefined ? {} : { fix: { text: fault.fix } }),
        });
  }

  /** The results of the gates at which a failure can occur, in the order in which a request passes them. */
  answers(attempted: AttemptedRequest, failure: Failure): readonly GateAnswer[] {
    const { route, caller } = attempted;
    const { gates } = failure;
    const policyAnswers = (this.byRoute.get(keyOf(route)) ?? []).filter(
      ({ verdict, content: { gate } }) =>
        gates.includes(gate) &&
        appliesToRequest(verdict, attempted, failure) &&
        concernsCaller(verdict, gate, caller),
    );
    const callerAnswers =
      typeof caller === "object"
        ? gates.flatMap((gate) => this.verdictsFor(gate, caller, attempted, policyAnswers))
        : [];
    const answers = [
      ...policyAnswers.map(({ content, verdict }) => ({
        content,
        verdict,
        ...partialApplication(verdict, attempted),
      })),
      ...callerAnswers,
      ...this.faultsOf(route, gates).map((content) => ({ content })),
    ];
    const keys = answers.map(answerKey);
    return answers
      .filter((_answer, index) => keys.indexOf(keys[index] ?? "") === index)
      .sort((a, b) => GATE_NAMES.indexOf(a.content.gate) - GATE_NAMES.indexOf(b.content.gate));
  }

  /** A malformed request to an authorizer is a different failure from one to the route's function. */
  private faultsOf(route: Route, gates: readonly GateName[]): readonly AnswerContent[] {
    const faultsAt = (isOfAuthorizer: boolean) =>
      this.faults.get(`${routeKey(route)} ${isOfAuthorizer}`) ?? [];
    return [
      ...(gates.includes(INTEGRATION_REQUEST) ? faultsAt(false) : []),
      ...(gates.some((gate) => isAboutAuthorizer({ gate })) ? faultsAt(true) : []),
    ];
  }

  /** The record shows that the request reached a gate, regardless of the stacks. */
  private verdictsFor(
    gate: GateName,
    principal: PrincipalFacts,
    attempted: AttemptedRequest,
    policyAnswers: readonly VerdictAnswer[],
  ): readonly GateAnswer[] {
    const { access } = this.analysis.callers;
    this.routes ??= new Map(access.facts.routes.toReversed().map((route) => [keyOf(route), route]));
    const factsRoute = this.routes.get(keyOf(attempted.route)) ?? attempted.route;
    if (isAboutCalling({ gate }))
      return isSigned(factsRoute) ? this.callerRouteAnswers(principal, factsRoute, attempted) : [];
    if (!isAboutInvoking({ gate }) || policyAnswers.some(({ content }) => content.gate === gate)) return [];
    return gateAnswers(this.analysis.callers.onInvoking(principal, factsRoute));
  }

  /** For the request's own stage, method and path; for each stage when the record does not show it. */
  private callerRouteAnswers(
    principal: PrincipalFacts,
    route: Route,
    { request }: AttemptedRequest,
  ): readonly GateAnswer[] {
    const verdictsFor = (route: Route) => this.analysis.callers.onCalling(principal, route) ?? [];
    const verdicts = requestsOf(route, request).flatMap(verdictsFor);
    const worst = verdicts.find(({ verdict }) => verdict.outcome !== "allowed") ?? verdicts[0];
    if (worst === undefined) return [];
    const { outcome } = worst.verdict;
    const otherVerdicts = outcome === "denied" ? [] : withUnknownPath(route, request).flatMap(verdictsFor);
    const outcomes = new Set([...verdicts, ...otherVerdicts].map(({ verdict }) => verdict.outcome));
    const dependsOnPath = otherVerdicts.some(({ verdict }) => verdict.outcome === "unproven");
    // The verdict of the policy covers the whole route, and so does its fix.
    const existing = (this.byRoute.get(keyOf(route)) ?? []).find(
      ({ verdict, content }) =>
        isAboutCalling(content) &&
        content.outcome === outcome &&
        verdict.cause === "policies" &&
        isSame(principal, principalOf(verdict)),
    );
    const appliesInPart = outcomes.size > 1 || dependsOnPath ? { appliesInPart: true as const } : {};
    const content = existing === undefined ? gateAnswers(worst) : [existing];
    return content.map((gateAnswer) => ({ ...gateAnswer, ...appliesInPart }));
  }
}

/** Whether a verdict on a principal applies to the caller. */
function concernsCaller(verdict: Verdict, gate: GateName, caller: AttemptedRequest["caller"]): boolean {
  const principal = principalOf(verdict);
  if (!CALLER_GATES.has(gate) || principal === undefined || caller === undefined) return true;
  // Whether a caller may call the route is evaluated for the exact request.
  return caller !== "none" && !isAboutCalling({ gate }) && isSame(caller, principal);
}

/** A stage variable makes a route of each function that it names. */
function keyOf(route: Route): string {
  const target = route.integration?.target;
  return JSON.stringify([routeKey(route), target !== undefined, target && functionKey(target)]);
}

/**
 * The possible resources of `execute-api:Invoke`: the stage, method and path of the request, as far as they are logged.
 */
function requestsOf(route: Route, { stage, method, path }: LoggedRequest): readonly Route[] {
  const stages: readonly (Stage | undefined)[] =
    stage !== undefined
      ? [{ urn: route.api.urn, name: text(stage), variables: new Map() }]
      : route.stages.length === 0
        ? [undefined]
        : route.stages;
  const hasRouteKey = route.api.kind === "WEBSOCKET" || (route.path.length === 0 && method === undefined);
  const routeMethods = route.verb === "ANY" ? HTTP_METHODS : [route.verb];
  const methods = hasRouteKey ? [route.verb] : method === undefined ? routeMethods : [method];
  return stages.flatMap((stage) =>
    methods.map((verb) => ({
      ...route,
      verb,
      ...(path === undefined || hasRouteKey ? {} : { path: text(path) }),
      ...(stage === undefined ? {} : { stages: [stage] }),
    })),
  );
}

/** The same for an unknown path of the route: a caller may be allowed some paths only. */
function withUnknownPath(route: Route, request: LoggedRequest): readonly Route[] {
  const path = known(route.path);
  if (request.path !== undefined || path === undefined || !path.includes("{")) return [];
  const unknownPath = text(
    ...path.split(/(\{[^{}]*\})/).map((part): string | Hole =>
      part.startsWith("{")
        ? {
            id: `requested ${part}`,
            shape: part.endsWith("+}") ? "path" : "segment",
            label: { code: "named", name: part },
            origins: [],
          }
        : part,
    ),
  );
  return requestsOf(route, request).map((route) => ({ ...route, path: unknownPath }));
}

/** Whether a denial applies to this request: its stage and method, and the error that API Gateway returned. */
function appliesToRequest(
  verdict: Verdict,
  { request: { stage, method } }: AttemptedRequest,
  { kind, hadCredentials: isAfterTrust }: Failure,
): boolean {
  if (kind === "role-not-assumed" && verdict.cause === "role-policies") return false;
  if (isAfterTrust === true && verdict.cause === "trust-policy") return false;
  const failing = failingOf(verdict);
  return (
    failing === undefined ||
    failing.some(
      (failingStage) =>
        (stage === undefined || failingStage.stage === stage) &&
        (method === undefined || failingStage.verbs === undefined || failingStage.verbs.includes(method)),
    )
  );
}

function partialApplication(
  verdict: Verdict,
  { request: { stage, method } }: AttemptedRequest,
): Pick<GateAnswer, "appliesInPart"> {
  const failing = failingOf(verdict);
  const isLogged =
    failing === undefined ||
    (stage !== undefined && (method !== undefined || failing.every(({ verbs }) => verbs === undefined)));
  return isLogged ? {} : { appliesInPart: true };
}

/** For a function's policy that denies some stages or methods of a route only. */
function failingOf(verdict: Verdict): readonly FailingStage[] | undefined {
  return verdict.outcome === "denied" && "failing" in verdict ? verdict.failing : undefined;
}

function gateAnswers(answer: CallerVerdict | undefined): readonly GateAnswer[] {
  if (answer === undefined) return [];
  const { reportingPolicy, verdict } = answer;
  return [{ content: answerContent(reportingPolicy, verdict), verdict }];
}

function isSigned({ authorization }: Route): boolean {
  return authorization !== "NONE" && authorization !== "LAMBDA" && authorization !== "OTHER";
}

function isSame(first: PrincipalFacts, second: PrincipalFacts | undefined): boolean {
  return second !== undefined && principalKey(first) === principalKey(second);
}

/** Answers of one gate on the same actions and subjects, such as those of two policies, are one answer. */
function answerKey({ content: { gate, outcome, urn }, verdict }: GateAnswer): string {
  if (verdict === undefined) return JSON.stringify([gate, outcome, urn]);
  const principal = principalOf(verdict);
  const target = targetOf(verdict);
  return JSON.stringify([
    gate,
    outcome,
    urn,
    verdict.actions,
    verdict.routes.map(routeKey),
    principal && principalKey(principal),
    target && functionKey(target),
    authorizerOf(verdict)?.urn,
    "grant" in verdict ? verdict.grant : undefined,
  ]);
}
