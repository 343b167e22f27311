import type { Analysis, ExemptedFinding } from "../engine/analyze";
import type { PlannedResource } from "../engine/model";
import { requestQuestion } from "../messages";
import { atFaultInBody } from "../policies/lambda-integration-request";
import { plannedOf, type Route } from "../stack";
import type { Answer } from "./model";

/** The single-resource policies whose findings mean that a route's request fails, whatever IAM allows. */
const REQUEST_POLICIES: ReadonlySet<string> = new Set([
  "durable-function-qualified-arn",
  "lambda-integration-request",
]);

/** Routes whose requests fail because of a mistake in a resource that defines them. */
export interface RouteFault {
  readonly policy: string;
  readonly urn: string;
  /** The first line of the finding. */
  readonly summary: string;
  readonly routes: readonly Route[];
  readonly exemption?: ExemptedFinding["exemption"];
}

/** The routes of the findings, including exempt ones. */
export function routeFaults(
  routes: readonly Route[],
  { findings, exempted }: Pick<Analysis, "findings" | "exempted">,
  resources: readonly PlannedResource[],
): readonly RouteFault[] {
  const requestFindings: readonly Omit<RouteFault, "routes">[] = [
    ...findings.map(({ policy, resource: urn, message }) => ({ policy, urn, summary: firstLine(message) })),
    ...exempted.map(({ policy, urn, message, exemption }) => ({
      policy,
      urn,
      summary: firstLine(message),
      exemption,
    })),
  ].filter(({ policy }) => REQUEST_POLICIES.has(policy));
  if (requestFindings.length === 0) return [];
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  return requestFindings.flatMap((fault): readonly RouteFault[] => {
    const operations = operationsAtFault(fault.policy, byUrn.get(fault.urn));
    const failing = routes.filter(
      ({ definedBy, authorizerUrn, operation }) =>
        authorizerUrn === fault.urn ||
        (definedBy.includes(fault.urn) &&
          (operation === undefined || operation.some((place) => operations?.has(place) ?? true))),
    );
    return failing.length === 0 ? [] : [{ ...fault, routes: failing }];
  });
}

/** For a body: the operations of it that a finding on the API is about. */
function operationsAtFault(
  policy: string,
  resource: PlannedResource | undefined,
): ReadonlySet<string> | undefined {
  if (policy !== "lambda-integration-request" || resource === undefined) return undefined;
  const { type, urn, name, outputs: props } = resource;
  const planned = plannedOf({ type, urn, name, props });
  return planned === undefined ? undefined : atFaultInBody(planned);
}

function firstLine(message: string): string {
  const [line = ""] = message.split("\n", 1);
  return line;
}

/** An answer in addition to those of a route's gates: its request fails. */
export function requestAnswer({
  policy,
  urn,
  summary,
  routes,
  exemption,
}: RouteFault): Omit<Answer, "id" | "routes"> {
  return {
    gate: "integration-request",
    outcome: "denied",
    question: requestQuestion(routes),
    policy,
    rule: "AWS",
    urn,
    evidence: [summary],
    doubts: [],
    inferredFrom: [],
    ...(exemption === undefined ? {} : { exempt: exemption.reason }),
    ...(exemption?.until === undefined ? {} : { exemptUntil: exemption.until }),
  };
}
