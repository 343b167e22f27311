import { type SameReason, sameReason } from "../../access";
import type { CallerFunctionVerdict, CallerVerdict } from "../../access/gates/caller-function/verdict";
import type { Api } from "../../stack";
import type { Description } from "../description";
import { invokeFix } from "../fixes/statements";
import { inference } from "../inference";
import { showFunction, showPrincipal, showRoutes } from "../names";
import { apisOf, callActions, serviceNames, symptomOfApiGateway } from "../services";
import { evidenceOf, INVALID_PERMISSIONS, names, probably, probablyMissing, routesOf } from "./parts";

const whyTwoStep = (action: string): string =>
  `a caller of an IAM-authorized route must have both ${action} and lambda:InvokeFunction. AWS requires the second only where the integration uses the caller's credentials; following the rule everywhere keeps callers working when a route is switched to caller credentials, which AWS SAM uses by default.`;

/** A caller of routes without caller credentials: only the two-step rule requires the permission on the function. */
export function describeTwoStep(verdicts: SameReason<CallerFunctionVerdict>): Description {
  const [verdict] = verdicts;
  return verdict.cause === "policies"
    ? describeLackingCaller(sameReason(verdict, verdicts))
    : describeIntegration(verdict);
}

function describeLackingCaller(verdicts: SameReason<CallerVerdict>): Description {
  return {
    ...callerOf(verdicts),
    finding: findingOf(verdicts),
    refusedBefore: !verdicts[0].mayCall,
    explanation: whyTwoStep(callActions(apisOf(verdicts))),
  };
}

/** A caller of routes that use its credentials. */
export function describeCallerCredentials(verdicts: SameReason<CallerFunctionVerdict>): Description {
  const [verdict] = verdicts;
  return verdict.cause === "policies"
    ? describeCaller(sameReason(verdict, verdicts))
    : describeIntegration(verdict);
}

function describeCaller(verdicts: SameReason<CallerVerdict>): Description {
  const { fix, ...caller } = callerOf(verdicts, true);
  const apis = apisOf(verdicts);
  return {
    ...caller,
    finding: `${findingOf(verdicts)}, and the integration uses the caller's credentials`,
    explanation: `with the credentials arn:aws:iam::*:user/*, Lambda evaluates the caller's policies instead of the function's permission for ${serviceNames(apis)}.`,
    ...symptomOfApiGateway(apis, `The caller gets ${INVALID_PERMISSIONS} (API_CONFIGURATION_ERROR).`),
    fix: {
      ...fix,
      alternative: [...(fix.alternative ?? []), ...(fix.alternative === undefined ? [] : [" "]), safer(apis)],
    },
  };
}

const safer = (apis: readonly Api[]): string =>
  `Safer: ${useServicePermission(apis)}; callers then need no permission to invoke the function directly.`;

/** The alternative to caller credentials. */
const useServicePermission = (apis: readonly Api[]): string =>
  `remove \`credentials\` from the integration and allow ${serviceNames(apis)} to invoke the function with a Lambda Permission`;

function findingOf(verdicts: SameReason<CallerVerdict>): string {
  const [verdict] = verdicts;
  const caller = showPrincipal(verdict.principal);
  const routes = showRoutes(routesOf(verdicts));
  const calls = verdict.mayCall
    ? `${caller} can ${probably(verdict)}call ${routes} but`
    : `${caller} is intended to call ${routes} but`;
  return `${calls} ${probablyMissing(verdict)}cannot invoke ${names(verdicts, showFunction)}: ${missingPermission(verdict)}`;
}

function missingPermission(verdict: CallerVerdict): string {
  const { decision } = verdict;
  if (decision.missingAllow === "resource")
    return "it is in another account, and the function's resource policy does not name it";
  if (decision.reason === "permissions-boundary")
    return `its permissions boundary ${probably(verdict)}does not allow lambda:InvokeFunction`;
  if (decision.reason === "control-policies")
    return "the service control policies of the organization do not allow lambda:InvokeFunction";
  if (decision.reason === "explicit-deny") return "lambda:InvokeFunction is denied";
  return `lambda:InvokeFunction is ${probably(verdict)}missing`;
}

function callerOf(verdicts: SameReason<CallerVerdict>, byBothAccounts = false) {
  const [verdict] = verdicts;
  const functions = new Set(verdicts.map(showFunction));
  const more = functions.size - MAX_FUNCTIONS;
  const calls = (fn: string): string =>
    `${fn} is called by ${showRoutes(verdicts.filter((ofCaller) => showFunction(ofCaller) === fn).flatMap(({ routes }) => routes))}`;
  return {
    evidence: [
      ...(functions.size > 1 ? [...functions].slice(0, MAX_FUNCTIONS).map(calls) : []),
      ...(more > 0 ? [`${more} more function${more === 1 ? "" : "s"}`] : []),
      ...evidenceOf(verdicts),
    ],
    inference: inference(verdict),
    fix: invokeFix(verdicts, { byBothAccounts }),
  };
}

const MAX_FUNCTIONS = 12;

/** An integration with caller credentials that no caller can use. */
function describeIntegration(verdict: Exclude<CallerFunctionVerdict, CallerVerdict>): Description {
  const routes = showRoutes(verdict.routes);
  const fn = showFunction(verdict);
  const apis = apisOf([verdict]);
  if (verdict.cause === "caller-in-another-account")
    return {
      finding: `${showPrincipal(verdict.principal)} is in another account and cannot call ${routes}: the integration uses the caller's credentials to invoke ${fn}`,
      explanation: `${serviceNames(apis)} accepts only caller credentials from its own account.`,
      ...symptomOfApiGateway(apis, `The caller gets 403, or ${INVALID_PERMISSIONS}.`),
      evidence: [],
      fix: {
        text: `have the caller assume a role in the API's account; or ${useServicePermission(apis)}.`,
      },
    };
  if (verdict.cause === "caller-credentials-with-resource-policy")
    return {
      finding: `${routes} uses the caller's credentials to invoke ${fn}, but the API has a resource policy: ${serviceNames(apis)} refuses to deploy it`,
      // As reported: https://github.com/serverless/serverless/issues/7194
      ...symptomOfApiGateway(
        apis,
        'Creating the deployment fails with BadRequestException "Caller provided credentials not allowed when resource policy is set".',
      ),
      evidence: [],
      fix: {
        text: `${useServicePermission(apis)}; or remove the API's resource policy.`,
      },
    };
  return {
    finding: `${routes} uses the caller's credentials to invoke ${fn}, but is not IAM-authorized: there are no credentials to use`,
    explanation: "only a signed request to an AWS_IAM route has credentials that Lambda can evaluate.",
    ...symptomOfApiGateway(apis, `Other requests get ${INVALID_PERMISSIONS}.`),
    evidence: [],
    fix: {
      text: `set the method's authorization to "AWS_IAM"; or ${useServicePermission(apis)}.`,
    },
  };
}
