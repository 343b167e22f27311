import type { GateName } from "./model";

/** What a gate is called where there is little room, and what it asks. */
export interface GateWords {
  /** The head of its column. */
  readonly column: string;
  readonly question: string;
  /** What a caller gets where it fails. */
  readonly status: "403" | "500" | undefined;
}

/** In the order in which a request meets them. */
export const GATES: Readonly<Record<GateName, GateWords>> = {
  "resource-policy": {
    column: "POLICY",
    question: "Does the API's resource policy allow requests to a route without IAM authorization?",
    status: "403",
  },
  "caller-route": { column: "CALL", question: "May the caller call the route?", status: "403" },
  "authorizer-function": {
    column: "AUTHORIZER",
    question: "May API Gateway invoke the route's Lambda authorizer?",
    status: "500",
  },
  "route-function": { column: "GRANT", question: "Does the function let API Gateway in?", status: "500" },
  "role-function": {
    column: "ROLE",
    question: "May the credentials role invoke the function, and does it trust API Gateway?",
    status: "500",
  },
  "caller-function": { column: "CALLER", question: "May the caller invoke the function?", status: "500" },
  "function-url": { column: "URL", question: "May the caller call the function URL?", status: "403" },
  "outside-api": {
    column: "OUTSIDE",
    question: "May the caller of an API outside the stacks invoke the function behind it?",
    status: undefined,
  },
};

export const GATE_NAMES = Object.keys(GATES) as readonly GateName[];
