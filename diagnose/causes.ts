import { type Denied, mayCall, mayInvoke, principalOf, type SameReason, type Verdict } from "../access";
import type { Analysis } from "../engine/analyze";
import type { Description } from "../messages";
import { describeCallerCredentials, describeCallerRoute } from "../messages/verdicts";
import { callerRouteSpeaker, describing, routeKey, shown, type VerdictWords, wordsOf } from "../report/build";
import { GATE_NAMES } from "../report/gates";
import type { GateName } from "../report/model";
import type { PrincipalFacts, Route } from "../stack";
import type { Caller } from "./callers";

/** The gates at which somebody is asked for, rather than API Gateway. */
export const OF_CALLERS: ReadonlySet<GateName> = new Set(["caller-route", "caller-function"]);

interface Answered {
  readonly verdict: Verdict;
  readonly words: VerdictWords;
}

/** Finds the answers of AWS's gates at a route, those that no policy asked for included. */
export class CauseFinder {
  private readonly byRoute = new Map<string, Answered[]>();
  /** The routes of the facts by which callers are asked about, the first of each key. */
  private routes: ReadonlyMap<string, Route> | undefined;

  constructor(private readonly analysis: Analysis) {
    for (const decisions of analysis.decisions)
      for (const verdict of decisions.verdicts) {
        const words = shown(wordsOf(decisions, verdict));
        if (words.rule !== "AWS") continue;
        for (const key of new Set(verdict.routes.map(routeKey))) {
          const answers = this.byRoute.get(key) ?? [];
          this.byRoute.set(key, answers);
          answers.push({ verdict, words });
        }
      }
  }

  /** What these gates say of a route and a caller, in the order in which a request meets them. */
  answers(route: Route, gates: readonly GateName[], caller: Caller): readonly VerdictWords[] {
    const who = principalsOf(caller);
    const given = (this.byRoute.get(routeKey(route)) ?? []).filter(({ verdict, words }) => {
      if (!gates.includes(words.gate)) return false;
      if (!OF_CALLERS.has(words.gate) || principalOf(verdict) === undefined || who === undefined) return true;
      return who.some((one) => isSame(one, principalOf(verdict)));
    });
    const asked = (who ?? []).flatMap((principal) =>
      gates
        .filter(
          (gate) =>
            !given.some(
              ({ verdict, words }) => words.gate === gate && isSame(principal, principalOf(verdict)),
            ),
        )
        .flatMap((gate) => this.ask(gate, principal, route)),
    );
    const all = [...given.map(({ words }) => words), ...asked];
    return all
      .filter((words, index) => all.findIndex((other) => isSameAnswer(words, other)) === index)
      .sort((a, b) => GATE_NAMES.indexOf(a.gate) - GATE_NAMES.indexOf(b.gate));
  }

  /** The record shows that somebody came to a gate, whatever the stacks say of who does. */
  private ask(gate: GateName, principal: PrincipalFacts, route: Route): readonly VerdictWords[] {
    const { access } = callerRouteSpeaker(this.analysis);
    this.routes ??= new Map(access.facts.routes.toReversed().map((one) => [routeKey(one), one]));
    const own = this.routes.get(routeKey(route)) ?? route;
    if (gate === "caller-route" && isSigned(own))
      return inWords(mayCall(access, principal, own), "caller-execute-api-invoke", describeCallerRoute);
    if (gate === "caller-function")
      return inWords(
        mayInvoke(access, principal, own),
        "caller-credentials-lambda-invoke",
        describeCallerCredentials,
      );
    return [];
  }
}

function inWords<V extends Verdict>(
  verdict: V | undefined,
  policy: string,
  describe: (verdicts: SameReason<Denied<V>>) => Description,
): readonly VerdictWords[] {
  if (verdict === undefined) return [];
  return [shown(wordsOf({ policy, describe: describing(verdict, describe) }, verdict))];
}

/** `undefined`: anybody may have been it. */
function principalsOf(caller: Caller): readonly PrincipalFacts[] | undefined {
  if (caller.kind === "principal") return caller.principals;
  if (caller.kind === "external") return [caller.principal];
  return caller.kind === "anonymous" ? [] : undefined;
}

function isSigned({ authorization }: Route): boolean {
  return authorization !== "NONE" && authorization !== "LAMBDA" && authorization !== "OTHER";
}

function isSame(one: PrincipalFacts, other: PrincipalFacts | undefined): boolean {
  return other !== undefined && one.urn === other.urn && one.label === other.label;
}

function isSameAnswer(one: VerdictWords, other: VerdictWords): boolean {
  return (
    one.gate === other.gate &&
    one.question === other.question &&
    one.outcome === other.outcome &&
    one.urn === other.urn
  );
}
