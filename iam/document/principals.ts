import { splitArn } from "../text/arn";
import { isHole, known, type Text } from "../text/text";
import { named } from "./named";
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

export function principalOf(type: string, text: Text): ReadPrincipal {
  if (type === "AWS") return awsPrincipal(text);
  const kind = PRINCIPALS.get(type);
  if (kind === undefined)
    return {
      entry: { kind: "unknown", text },
      problem: {
        code: "principal",
        fault: "unknown-type",
        name: named(type, [...PRINCIPALS.keys(), "AWS"]),
      },
    };
  const entry = { kind, text };
  return isWild(text) ? { entry, problem: { code: "principal", fault: "wildcard", type } } : { entry };
}

function awsPrincipal(text: Text): ReadPrincipal {
  const entry = awsIdentity(text);
  if (entry !== undefined) return { entry };
  const unknown: PrincipalEntry = { kind: "unknown", text };
  const whole = known(text);
  const wild = isWild(text);
  // IAM turns the ARN of a deleted role or user into its unique id, which also is a valid principal.
  const valid = whole === undefined || /^A[A-Z]{3}[A-Z0-9]{12,}$/.test(whole);
  if (valid || (splitArn(text) !== undefined && !wild)) return { entry: unknown };
  const fault = wild ? "partial-wildcard" : "not-an-identity";
  return { entry: unknown, problem: { code: "principal", fault } };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function awsIdentity(text: Text): PrincipalEntry | undefined {
  const whole = known(text);
  if (whole === "*") return { kind: "everyone" };
  if (whole !== undefined && /^\d{12}$/.test(whole)) return { kind: "account", account: text, text };
  const [only] = text;
  if (text.length === 1 && only !== undefined && isHole(only) && only.shape === "digits")
    return { kind: "account", account: text, text };
  const arn = splitArn(text);
  const [head] = arn?.resource ?? [];
  if (arn === undefined || isWild(text) || typeof head !== "string") return undefined;
  const service = known(arn.service);
  if (service === "iam") {
    if (known(arn.resource) === "root") return { kind: "account", account: arn.account, text };
    if (head.startsWith("role/")) return { kind: "role", text };
    if (head.startsWith("user/")) return { kind: "user", text };
  }
  if (service === "sts" && head.startsWith("assumed-role/")) {
    const [, role] = (known(arn.resource) ?? "").split("/");
    if (role) return { kind: "session", account: arn.account, role: [role], text };
  }
  return service === "sts" && head.startsWith("federated-user/")
    ? { kind: "federated-user", text }
    : undefined;
}

function isWild(text: Text): boolean {
  return text.some((piece) => typeof piece === "string" && /[*?]/.test(piece));
}
