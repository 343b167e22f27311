import type { Denied, SameReason } from "../../access";
import type { RouteFunctionVerdict } from "../../access/gates/route-function/verdict";
import type { Description } from "../description";
import { showNote } from "../evidence";
import { routePermission } from "../fixes/permissions";
import { inference } from "../inference";
import { showFunction, showRoutes } from "../names";
import { apisOf, serviceNames, servicePrincipals, symptomOfApiGateway } from "../services";
import { list } from "../text";
import { evidenceOf, INVALID_PERMISSIONS, presented, probablyMissing, REMOVE_DENY } from "./parts";

/** A route whose function the API's service may not invoke. */
export function describeRouteFunction(verdicts: SameReason<Denied<RouteFunctionVerdict>>): Description {
  const [verdict] = verdicts;
  const denied = verdict.decision.reason === "explicit-deny";
  const probablyPrefix = probablyMissing(verdict);
  const apis = apisOf(verdicts);
  const only = verdict.failing === undefined ? "" : ` for ${showFailing(verdict.failing)}`;
  return {
    finding: `${showRoutes(verdict.routes)} ${probablyPrefix}cannot invoke ${showFunction(verdict)}${only}: the function's resource policy ${probablyPrefix}${missingPermission(verdict)}`,
    explanation: `for an integration without credentials, ${serviceNames(apis)} invokes the function as ${list(servicePrincipals(apis))}, and only the function's resource policy can allow that.`,
    ...symptomOfApiGateway(apis, `Callers get ${INVALID_PERMISSIONS}.`),
    evidence: [
      presented(verdict),
      ...(verdict.cause === "no-permission" ? verdict.notes.map(showNote) : evidenceOf(verdicts)),
    ],
    inference: inference(verdict),
    fix: denied ? REMOVE_DENY : routePermission(verdict),
  };
}

function missingPermission({ cause, decision }: Denied<RouteFunctionVerdict>): string {
  if (cause === "no-permission") return "has no permission for it";
  if (cause === "other-qualifier") return "has a permission only for another qualifier";
  return decision.reason === "explicit-deny"
    ? "denies it"
    : "has permissions, but none that covers this route";
}

const MAX_STAGES = 5;

/** `stage prod`, `GET, POST on stage prod` */
function showFailing(
  failing: readonly { readonly stage: string; readonly verbs?: readonly string[] }[],
): string {
  return failing
    .slice(0, MAX_STAGES)
    .map(({ stage, verbs }) =>
      verbs === undefined ? `stage ${stage}` : `${verbs.join(", ")} on stage ${stage}`,
    )
    .join(" and ");
}
