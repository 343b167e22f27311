import type { GateEntry } from "../access";
import { CALLS_NO_FUNCTION } from "./report";

/** The facts that decide whether a question applies to a route. */
export interface EvaluatedRoute {
  readonly authorization: string;
  /** Who invokes the function: `none` is API Gateway itself. */
  readonly credentials: keyof typeof INVOKED_BY;
  /** The disabled policies among those that report the answer. */
  readonly disabled: readonly string[];
  /** The answers of the gate caller-route. */
  readonly calls: readonly ("allowed" | "denied" | "unproven")[];
}

const INVOKED_BY = {
  none: "its integration has no credentials: API Gateway invokes the function itself",
  caller: "its integration uses caller credentials",
  role: "its integration has the credentials of a role",
  unknown: "the credentials of its integration are unknown",
  "no function": `it ${CALLS_NO_FUNCTION}`,
} as const;

const UNKNOWN = "its result is unknown";

type Reason = (route: EvaluatedRoute) => string;

/** By principal and resource of the gate. For others, the reason for a missing answer is unknown. */
const REASONS: {
  readonly [Principal in GateEntry["principal"]]: { readonly [Resource in GateEntry["resource"]]?: Reason };
} = {
  everyone: { route: () => "the API has no resource policy" },
  caller: {
    route: ({ authorization }) => {
      if (authorization === "NONE") return "anyone can call it: it has no authorization";
      if (authorization === "LAMBDA") return "a Lambda authorizer decides for each request";
      return isSigned(authorization)
        ? "no policy in these stacks allows a caller to call it"
        : "another authorizer decides for each request";
    },
    function: ({ authorization, credentials, disabled, calls }) => {
      if (credentials === "no function") return INVOKED_BY[credentials];
      if (!isSigned(authorization)) return "it is not IAM-authorized: no caller has an identity";
      return orDisabled(disabled, noCallerReason(calls));
    },
  },
  "api-gateway": {
    authorizer: ({ authorization, disabled }) =>
      authorization === "LAMBDA"
        ? orDisabled(disabled, "its authorizer is not among these resources")
        : "it has no Lambda authorizer",
    function: invokedWith("none"),
    request: () => "no problem was found",
  },
  role: { function: invokedWith("role") },
};

/** Why a gate has no answer for a route. */
export function notApplicableReason(
  { principal, resource }: Pick<GateEntry, "principal" | "resource">,
  route: EvaluatedRoute,
): string {
  return REASONS[principal][resource]?.(route) ?? orDisabled(route.disabled, UNKNOWN);
}

/** For a gate that evaluates integrations with certain credentials only. */
function invokedWith(evaluated: EvaluatedRoute["credentials"]): Reason {
  return ({ credentials, disabled }) =>
    credentials === evaluated ? orDisabled(disabled, UNKNOWN) : INVOKED_BY[credentials];
}

function isSigned(authorization: string): boolean {
  return authorization === "AWS_IAM" || authorization === "unknown";
}

/** Why no caller of a route is evaluated further. */
function noCallerReason(calls: EvaluatedRoute["calls"]): string {
  if (calls.includes("allowed")) return "no further permission is required of the callers above";
  if (calls.includes("unproven")) return "whether the callers above can call it is unknown";
  return calls.includes("denied") ? "the caller cannot call the route" : "it has no caller in these stacks";
}

function orDisabled(disabled: readonly string[], reason: string): string {
  return disabled.length === 0 ? reason : `${disabled.join(" and ")} is disabled`;
}
