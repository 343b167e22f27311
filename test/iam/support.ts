import * as fc from "fast-check";
import {
  type Context,
  type Decision,
  type DocumentUse,
  decide,
  directCallContext,
  functionArn,
  type Hole,
  type HoleShape,
  type IdentityPolicies,
  type NotInEffect,
  type PolicySource,
  type Principal,
  parseDocument,
  type ResourcePolicies,
  roleArn,
  type Text,
  type Trilean,
  type UnknownReason,
  type UnknownSubject,
  userArn,
} from "../../iam";
import { showResolution, showSubject } from "../../messages/unknowns";

export const ACCOUNT = "123456789012";
export const OTHER_ACCOUNT = "999999999999";
const at = { partition: ["aws"], region: ["us-east-1"], account: [ACCOUNT] } as const;

export const FUNCTION = functionArn({ ...at, name: ["orders"] });
export const FUNCTION_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`;
export const API = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc123`;
export const ROLE: Principal = {
  kind: "role",
  arn: roleArn({ ...at, name: ["caller"] }),
  account: [ACCOUNT],
};
export const USER: Principal = { kind: "user", arn: userArn({ ...at, name: ["ann"] }), account: [ACCOUNT] };
export const GATEWAY: Principal = { kind: "service", name: "apigateway.amazonaws.com" };

let holes = 0;

/** A hole, which is distinct from all others unless an ID is given. */
export function hole(
  shape: HoleShape = "word",
  { name = "test", ...more }: Partial<Omit<Hole, "label">> & { readonly name?: string } = {},
): Hole {
  return { id: `test ${holes++}`, shape, label: { code: "named", name }, origins: [], ...more };
}

export function source(document: unknown, use: DocumentUse = "identity", label = "policy"): PolicySource {
  return { label, document: parseDocument(document, use) };
}

export function statements(...list: unknown[]): { Version: string; Statement: unknown[] } {
  return { Version: "2012-10-17", Statement: list };
}

export const ALLOW_ALL = { Effect: "Allow", Action: "*", Resource: "*" };

export interface Case {
  readonly principal?: Principal;
  readonly action?: string;
  readonly resource?: Text;
  readonly context?: Context;
  /** The documents of the identity-based policies, or the policies. */
  readonly identity?: readonly unknown[] | IdentityPolicies;
  readonly boundary?: unknown;
  readonly resourcePolicies?: readonly unknown[] | ResourcePolicies;
  readonly sameAccount?: Trilean;
}

/** Evaluates a case. By default, a role calls a function of its own account. */
export function decideCase(given: Case): Decision {
  const principal = given.principal ?? ROLE;
  const { identity = [], resourcePolicies, boundary } = given;
  const identityPolicies: IdentityPolicies =
    "sources" in identity
      ? identity
      : {
          sources: identity.map((document, index) =>
            source(document, "identity", `identity policy ${index}`),
          ),
          unseen: [],
          ...(boundary === undefined ? {} : { boundary: source(boundary, "identity", "boundary") }),
        };
  const policiesOfResource: ResourcePolicies | undefined =
    resourcePolicies === undefined || "sources" in resourcePolicies
      ? resourcePolicies
      : {
          sources: resourcePolicies.map((document) => source(document, "resource", "resource policy")),
          unseen: [],
        };
  const person = principal.kind === "role" || principal.kind === "user";
  return decide({
    request: {
      principal,
      action: given.action ?? "lambda:InvokeFunction",
      resource: given.resource ?? FUNCTION,
      context: given.context ?? directCallContext({ caller: principal }),
    },
    identity: person ? identityPolicies : undefined,
    resource: policiesOfResource,
    sameAccount: given.sameAccount ?? "yes",
  });
}

export function context(keys: Record<string, readonly string[] | "absent" | "unknown">): Context {
  return {
    keys: new Map(
      Object.entries(keys).map(([key, value]) => [
        key.toLowerCase(),
        typeof value === "string"
          ? { state: value as "absent" | "unknown" }
          : { state: "present" as const, values: value.map((single) => [single]) },
      ]),
    ),
    otherKeys: "absent",
  };
}

/** Tests a property once with a fixed seed and once with a random seed. */
export function property<Ts extends [unknown, ...unknown[]]>(
  runs: number,
  checked: fc.IPropertyWithHooks<Ts>,
): void {
  const numRuns = Math.max(1, Math.ceil((runs * Number(process.env.SOUNDNESS_RUNS ?? 1)) / 2));
  fc.assert(checked, { numRuns, seed: 20_260_101 });
  fc.assert(checked, { numRuns });
}

/** Whether the second result equals the first or is unknown. */
export function atMostHidden(shown: Trilean, hidden: Trilean): boolean {
  return hidden === shown || hidden === "unknown";
}

/** An unknown as rendered in messages. */
export function describeUnknown({ subject, dependsOn, resolution, varies, could }: UnknownReason) {
  return {
    subject: showSubject(subject),
    from: dependsOn.map(({ label }) => label),
    ...(resolution === undefined ? {} : { resolution: showResolution(resolution, "typescript") }),
    ...(varies === undefined ? {} : { varies }),
    ...(could === undefined ? {} : { could }),
  };
}

/** Unknown policies, which this resource attaches. */
export function unseen(resource: string): UnknownSubject {
  return { code: "attached-policy", resource };
}

/** The reason why a document may not be in effect. */
export const MAY_NOT_APPLY: NotInEffect = {
  subject: { code: "policy-not-listed", principal: "it", policy: "the document", resource: "a list" },
  resolution: { code: "add-to-list", resource: "a list" },
};
