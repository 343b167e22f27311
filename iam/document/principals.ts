import { isUniqueId } from "../../aws";
import { splitArn } from "../text/arn";
import { isHole, known, type Text } from "../text/text";
import { quotableName } from "./quotable-name";
import type { PrincipalEntry, Problem } from "./types";

const PRINCIPALS: ReadonlyMap<string, "service" | "federated" | "canonical"> = new Map([
  ["Service", "service"],
  ["Federated", "federated"],
  ["CanonicalUser", "canonical"],
]);

/** An entry of a Principal element, and IAM's problem with it. */
interface ReadPrincipal {
  readonly entry: PrincipalEntry;
  readonly problem?: Problem;
}

/**
 * Reads an entry of a Principal element, `{ [type]: text }`. An entry that IAM refuses has a problem; one that cannot
 * be classified may match any principal.
 */
export function principalOf(type: string, text: Text): ReadPrincipal {
  if (type === "AWS") return awsPrincipal(text);
  const kind = PRINCIPALS.get(type);
  if (kind === undefined)
    return {
      entry: { kind: "unknown", text },
      problem: {
        code: "principal",
        fault: "unknown-type",
        name: quotableName(type, [...PRINCIPALS.keys(), "AWS"]),
      },
    };
  const entry = { kind, text };
  return containsWildcard(text)
    ? { entry, problem: { code: "principal", fault: "wildcard", type } }
    : { entry };
}

function awsPrincipal(text: Text): ReadPrincipal {
  const entry = awsIdentity(text);
  if (entry !== undefined) return { entry };
  const unknown: PrincipalEntry = { kind: "unknown", text };
  const value = known(text);
  const hasWildcard = containsWildcard(text);
  // IAM turns the ARN of a deleted role or user into its unique ID, which also is a valid principal.
  const mayBeValid = value === undefined || isUniqueId(value);
  if (mayBeValid || (splitArn(text) !== undefined && !hasWildcard)) return { entry: unknown };
  const fault = hasWildcard ? "partial-wildcard" : "not-an-identity";
  return { entry: unknown, problem: { code: "principal", fault } };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function awsIdentity(text: Text): PrincipalEntry | undefined {
  const value = known(text);
  if (value === "*") return { kind: "everyone" };
  if (value !== undefined && /^\d{12}$/.test(value)) return { kind: "account", account: text, text };
  const [piece] = text;
  if (text.length === 1 && piece !== undefined && isHole(piece) && piece.shape === "digits")
    return { kind: "account", account: text, text };
  const arn = splitArn(text);
  const [start] = arn?.resource ?? [];
  if (arn === undefined || containsWildcard(text) || typeof start !== "string") return undefined;
  const service = known(arn.service);
  if (service === "iam") {
    if (known(arn.resource) === "root") return { kind: "account", account: arn.account, text };
    if (start.startsWith("role/")) return { kind: "role", text };
    if (start.startsWith("user/")) return { kind: "user", text };
  }
  if (service === "sts" && start.startsWith("assumed-role/")) {
    const [, role] = (known(arn.resource) ?? "").split("/");
    if (role) return { kind: "session", account: arn.account, role: [role], text };
  }
  return service === "sts" && start.startsWith("federated-user/")
    ? { kind: "federated-user", text }
    : undefined;
}

function containsWildcard(text: Text): boolean {
  return text.some((piece) => typeof piece === "string" && /[*?]/.test(piece));
}
