/** The sentences of a diagnosis of failed requests, apart from possible causes and the meaning of failures. */

export const DIAGNOSIS_OUTCOMES = {
  explained: "explained by the stack",
  unproven: "the stack may explain it",
  unexplained: "the stack does not explain it",
  "no-route": "no route of the stack",
  other: "not caused by IAM",
} as const;

/** Before the meaning of an error that IAM does not cause. */
export const NOT_IAM = "The cause is not IAM";

/** The principal that invokes the function, by the credentials of the integration. */
export const INVOKING_CREDENTIALS: Readonly<Partial<Record<string, string>>> = {
  none: "API Gateway itself invokes the function: the integration has no credentials",
  caller: "API Gateway invokes the function with the caller's credentials",
  role: "API Gateway invokes the function with the integration's role",
};

/** The caller of failed requests, with its name in the stacks and in the log. */
interface LoggedCaller {
  readonly kind: "principal" | "external" | "unknown" | "anonymous" | "not-said";
  readonly label?: string;
  readonly as?: string;
  readonly newId?: string;
}

export function showLoggedCaller({ kind, label, as, newId }: LoggedCaller): string {
  switch (kind) {
    case "principal":
      return newId === undefined
        ? `${label} (${as})`
        : `${label} (${as}), which was re-created: its unique ID is ${newId}, and the state has another`;
    case "external":
      return `${as}, which is not in the stacks`;
    case "unknown":
      return `${as}, which is unknown to the stacks`;
    case "anonymous":
      return "a caller without an IAM identity";
    case "not-said":
      return "the log does not show it";
  }
}
