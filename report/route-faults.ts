import type { Analysis, FailingRequest } from "../engine/analyze";
import { requestQuestion } from "../messages";
import type { Route } from "../stack";
import { INTEGRATION_REQUEST } from "./gates";
import type { Answer } from "./model";

/** Routes whose requests fail because of a mistake in a resource that defines them. */
export interface RouteFault extends FailingRequest {
  readonly routes: readonly Route[];
}

/** The routes of the findings on requests, including exempt ones. */
export function routeFaults(
  routes: readonly Route[],
  { failingRequests }: Pick<Analysis, "failingRequests">,
): readonly RouteFault[] {
  return failingRequests.flatMap((fault): readonly RouteFault[] => {
    const failing = routes.filter(
      ({ definedBy, authorizerUrn, operation }) =>
        authorizerUrn === fault.urn ||
        (definedBy.includes(fault.urn) &&
          (operation === undefined || operation.some((place) => fault.operations?.has(place) ?? true))),
    );
    return failing.length === 0 ? [] : [{ ...fault, routes: failing }];
  });
}

/** A denied answer for a route whose requests fail for a reason other than IAM. */
export function requestAnswer({
  policy,
  urn,
  summary,
  routes,
  exemption,
}: RouteFault): Omit<Answer, "id" | "routes"> {
  return {
    gate: INTEGRATION_REQUEST,
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
