import { known, Unknown } from "../iam";
import type { AwsLocation } from "../messages/log-commands";
import { isAboutInvoking } from "../report/gates";
import type { Api, Route } from "../stack";
import type { Caller } from "./callers";
import { CALLER_GATES, type Failure } from "./failures";
import type { Identifiers } from "./identifiers";
import type { Candidate } from "./routes";

/** The subject of a hypothesis. */
export interface FailedRequest {
  readonly failure: Failure;
  readonly route: Route;
  readonly stage: string | undefined;
  readonly candidate: Candidate;
  readonly caller: Caller;
  readonly place: AwsLocation;
}

export type Profiles = Identifiers["profiles"];

export function failedRequestOf(
  failure: Failure,
  candidate: Candidate,
  caller: Caller,
  profiles: Profiles,
): FailedRequest {
  const { route, request } = candidate;
  return { failure, route, stage: request.stage, candidate, caller, place: placeOf(route.api, profiles) };
}

export function placeOf({ urn, scope }: Api, profiles: Profiles): AwsLocation {
  return { region: known(scope.region), profile: profiles.get(urn) };
}

/** Whether the caller matters: a gate of this failure evaluates the caller. */
export function evaluatesCaller({
  failure: { gates },
  route,
}: {
  readonly failure: Pick<Failure, "gates">;
  readonly route: Pick<Route, "authorization" | "integration">;
}): boolean {
  return gates.some(
    (gate) =>
      CALLER_GATES.has(gate) &&
      (isAboutInvoking({ gate }) ? route.integration?.credentials.mode === "caller" : isSigned(route)),
  );
}

export function isSigned({ authorization }: Pick<Route, "authorization">): boolean {
  return authorization instanceof Unknown || authorization === "AWS_IAM";
}
