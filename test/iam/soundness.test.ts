import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type Context,
  type ControlPolicies,
  decide,
  type Hole,
  mayAllow,
  type Origin,
  PartlyKnown,
  type PolicySource,
  type Principal,
  parseDocument,
  type Text,
  type Trilean,
  text,
  Unknown,
} from "../../iam";
import {
  ACCOUNT,
  API,
  atMostHidden,
  FUNCTION_ARN,
  hole,
  MAY_NOT_APPLY,
  OTHER_ACCOUNT,
  unseen as policiesOf,
  property,
} from "./support";

/**
 * Soundness of the evaluation: if any part of a request or policy is hidden, the result does not change or becomes
 * `unknown`. Documents consist of few strings, valid and invalid, so that allows, denies, mismatches and documents that
 * IAM rejects are frequent.
 */
const from: readonly Origin[] = [{ key: "urn", label: "a resource" }];

const list = (...values: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { minLength: 0, maxLength: 3 }));

const action = list(
  "lambda:InvokeFunction",
  "lambda:InvokeFunction",
  "lambda:*",
  "lambda:Invoke*",
  "LAMBDA:*",
  "*",
  "execute-api:Invoke",
  "s3:GetObject",
  "InvokeFunction",
  7,
);
const resource = list(
  "*",
  "*",
  FUNCTION_ARN,
  FUNCTION_ARN,
  `${FUNCTION_ARN}:*`,
  `${FUNCTION_ARN}*`,
  FUNCTION_ARN.replace("orders", "users"),
  "arn:aws:lambda:*:*:function:*",
  `arn:aws:lambda:us-east-1:${OTHER_ACCOUNT}:function:orders`,
  "arn:aws:lambda:*:*:function:${aws:username}",
  "arn:aws:lambda:*:*:function:${aws:PrincipalTag/team, 'orders'}",
  "arn:aws:lambda:us-east-1:${aws:absent}:function:orders",
  "arn:aws:lambda:us-east-1:*:function:${*}",
  "arn:aws:lambda",
  "arn:aws:lambda:*:function:orders",
  "arn:aws:lambda:*:*:functi*:orders",
  `${API}/*`,
  "orders",
  null,
);
const condition = fc.dictionary(
  fc.constantFrom(
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "ForAnyValue:StringNotLike",
    "ArnLike",
    "ArnNotLike",
    "Null",
    "Bool",
    "NumericLessThan",
    "IpAddress",
    "DateGreaterThan",
    "ForAllValues:Null",
    "NotIpAddress",
    "DateNotEquals",
    "BinaryEquals",
    "StringNotEqualsIgnoreCase",
    "ForAllValues:ArnLike",
    "ForAnyValue:BoolIfExists",
    "NoSuchOperator",
  ),
  fc.dictionary(
    fc.constantFrom(
      "aws:SourceArn",
      "AWS:SourceArn",
      "aws:tag",
      "aws:absent",
      "aws:username",
      "aws:ResourceAccount",
      "aws:PrincipalArn",
    ),
    list(
      "orders",
      "or*",
      "true",
      "5",
      ACCOUNT,
      "10.0.0.0/8",
      "2024-01-01",
      FUNCTION_ARN,
      `arn:aws:lambda:*:${ACCOUNT}:*`,
      "${aws:username}",
      "${aws:absent}",
      "${aws:tag",
      "${aws:tag, 'orders'}",
      "o${?}ders",
      `arn:aws:iam::${ACCOUNT}:role/orders`,
      false,
    ),
    { maxKeys: 2 },
  ),
  { maxKeys: 2 },
);
const principal = fc.oneof(
  fc.constantFrom<unknown>("*", "ann"),
  fc.dictionary(
    fc.constantFrom("AWS", "Service", "Federated", "CanonicalUser", "Other"),
    list(
      "*",
      ACCOUNT,
      OTHER_ACCOUNT,
      `arn:aws:iam::${ACCOUNT}:root`,
      `arn:aws:iam::${ACCOUNT}:role/orders`,
      `arn:aws:iam::${ACCOUNT}:user/orders`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/orders/s`,
      "apigateway.amazonaws.com",
      "AIDAJQABLZS4A3QDU576Q",
      "ann",
    ),
    { minKeys: 1, maxKeys: 2 },
  ),
);
const statement = (use: "identity" | "resource"): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .record({
      effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny", "allow"),
      action,
      notAction: fc.boolean(),
      resource,
      notResource: fc.boolean(),
      principal,
      notPrincipal: fc.boolean(),
      condition: fc.option(condition, { freq: 1 }),
      negate: fc.nat(3),
      unusual: fc.nat(40),
    })
    .map((generated) => ({
      Effect: generated.effect,
      [generated.notAction && generated.negate === 0 ? "NotAction" : "Action"]: generated.action,
      [generated.notResource && generated.negate === 0 ? "NotResource" : "Resource"]: generated.resource,
      ...(use === "resource"
        ? {
            [generated.notPrincipal && generated.negate === 0 ? "NotPrincipal" : "Principal"]:
              generated.principal,
          }
        : {}),
      ...(generated.condition === null ? {} : { Condition: generated.condition }),
      ...(generated.unusual === 0 ? { Conditions: generated.condition } : {}),
    }));
/** A statement that certainly applies, so that known results are frequent. */
const plain = (use: "identity" | "resource"): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .record({
      Effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
      Action: fc.constantFrom<unknown>("lambda:InvokeFunction", ["s3:GetObject", "lambda:*"], "*", "s3:*"),
      Resource: fc.constantFrom<unknown>("*", FUNCTION_ARN, [FUNCTION_ARN, `${FUNCTION_ARN}:*`]),
      Principal: fc.constantFrom<unknown>("*", { AWS: `arn:aws:iam::${ACCOUNT}:role/orders` }),
    })
    .map(({ Principal, ...rest }) => (use === "resource" ? { ...rest, Principal } : rest));
const document = (use: "identity" | "resource"): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.record({
      Version: fc.constantFrom("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", "2012-10-16"),
      Statement: fc.array(statement(use), { minLength: 0, maxLength: 3 }),
    }),
    fc.record({
      Version: fc.constant("2012-10-17"),
      Statement: fc.array(plain(use), { minLength: 1, maxLength: 2 }),
    }),
  );

interface RequestAndPolicies {
  readonly principalType: "role" | "user" | "service";
  readonly identity: readonly unknown[];
  readonly boundary: unknown;
  readonly resourcePolicies: readonly unknown[];
  /** By level. Undefined if the account is in no organization. */
  readonly scps: readonly (readonly unknown[])[] | undefined;
  readonly rcps: readonly (readonly unknown[])[] | undefined;
  readonly sameAccount: Trilean;
  readonly keys: Readonly<Record<string, readonly string[] | "absent">>;
}

/** Control policies that allow everything, so that the other policies decide, or random ones. */
const levels = (use: "identity" | "resource"): fc.Arbitrary<readonly (readonly unknown[])[] | undefined> => {
  const full = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Action: "*",
      Resource: "*",
      ...(use === "resource" ? { Principal: "*" } : {}),
    },
  };
  const level = fc.oneof(
    fc.constant([full]),
    fc.array(document(use), { maxLength: 1 }).map((generated) => [full, ...generated]),
    fc.array(document(use), { maxLength: 2 }),
  );
  return fc.option(fc.array(level, { minLength: 1, maxLength: 2 }), { freq: 1, nil: undefined });
};

const requestAndPolicies: fc.Arbitrary<RequestAndPolicies> = fc.record({
  principalType: fc.constantFrom("role", "user", "service"),
  identity: fc.array(document("identity"), { maxLength: 2 }),
  boundary: fc.option(document("identity"), { freq: 2, nil: undefined }),
  resourcePolicies: fc.array(document("resource"), { maxLength: 2 }),
  scps: levels("identity"),
  rcps: levels("resource"),
  sameAccount: fc.constantFrom("yes", "no"),
  keys: fc.record({
    "aws:sourcearn": fc.constantFrom<readonly string[] | "absent">("absent", [FUNCTION_ARN]),
    "aws:tag": fc.constantFrom<readonly string[] | "absent">(
      "absent",
      ["orders"],
      ["orders", "x"],
      ["5"],
      ["10.1.1.1"],
      [],
    ),
    "aws:username": fc.constantFrom<readonly string[] | "absent">("absent", ["orders"], ["users"]),
    "aws:principalarn": fc.constantFrom<readonly string[] | "absent">("absent", [
      `arn:aws:iam::${ACCOUNT}:role/orders`,
    ]),
  }),
});

/** The values to hide: random leaves of documents, all occurrences of names, condition keys, and other parts. */
interface Mask {
  readonly leaves: readonly boolean[];
  /** Whether strings of visible leaves lose a part, and where each is cut, in hundredths of its length. */
  readonly cuts: readonly (readonly [from: number, to: number])[];
  readonly names: boolean;
  readonly keys: readonly string[];
  readonly resource: boolean;
  readonly sameAccount: boolean;
  readonly unseen: boolean;
  /** Whether it is unknown if the documents are in effect. */
  readonly mayNotApply: boolean;
  /** For control policies: whether they apply to this account, and where they are attached. */
  readonly organization: boolean;
  readonly attachment: boolean;
}

const mask: fc.Arbitrary<Mask> = fc.record({
  leaves: fc.array(fc.boolean(), { minLength: 1, maxLength: 24 }),
  cuts: fc.constant([]),
  names: fc.boolean(),
  keys: fc.subarray(["aws:sourcearn", "aws:tag", "aws:username", "aws:principalarn"]),
  resource: fc.boolean(),
  sameAccount: fc.boolean(),
  unseen: fc.boolean(),
  mayNotApply: fc.boolean(),
  organization: fc.boolean(),
  attachment: fc.boolean(),
});

const cutting: fc.Arbitrary<Mask> = fc
  .tuple(mask, fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 1, maxLength: 12 }))
  .map(([documentMask, cuts]) => ({ ...documentMask, cuts, names: false }));

const NOTHING: Mask = {
  leaves: [false],
  cuts: [],
  names: false,
  keys: [],
  resource: false,
  sameAccount: false,
  unseen: false,
  mayNotApply: false,
  organization: false,
  attachment: false,
};

const NAMES: ReadonlyMap<string, Hole> = new Map([
  [ACCOUNT, hole("digits", { id: "account", universe: "accounts" })],
  [OTHER_ACCOUNT, hole("digits", { id: "other", universe: "accounts" })],
  ["orders", hole("word", { id: "orders", universe: "names" })],
  ["users", hole("word", { id: "users", universe: "names" })],
  ["us-east-1", hole("word", { id: "region" })],
]);

/** Replaces every occurrence of a name with the same hole. */
function withoutNames(value: string): Text {
  const parts = value.split(new RegExp(`(${[...NAMES.keys()].join("|")})`));
  return text(...parts.map((part) => NAMES.get(part) ?? part));
}

/** Hides the part between two positions of a string, in the narrowest shape. Never cuts a policy variable. */
function cut(value: string, [from, to]: readonly [number, number]): PartlyKnown {
  const place = (hundredths: number): number => Math.round((value.length * hundredths) / 100);
  let [start, end] = [place(Math.min(from, to)), place(Math.max(from, to))];
  for (const { 0: variable, index } of value.matchAll(/\$\{[^}]*\}?/g)) {
    const after = index + variable.length;
    if (start < after && end > index) [start, end] = [Math.min(start, index), Math.max(end, after)];
  }
  const hidden = value.slice(start, end);
  const shape = /^\d+$/.test(hidden) ? "digits" : /^[\w-]+$/.test(hidden) ? "word" : "any";
  return new PartlyKnown(text(value.slice(0, start), hole(shape), value.slice(end)));
}

/** Hides leaves and branches according to the mask, in their order. */
function hider(mask: Mask): (value: unknown) => unknown {
  let at = 0;
  const hidden = (): boolean => mask.leaves[at++ % mask.leaves.length] as boolean;
  const hide = (value: unknown, depth: number): unknown => {
    // Hiding a branch near the root hides a lot, so most branches remain visible.
    if (typeof value === "object" && value !== null) {
      if (hidden() && hidden() && (depth > 1 || hidden())) return new Unknown(from);
      if (Array.isArray(value)) return value.map((item) => hide(item, depth + 1));
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, depth + 1)]));
    }
    if (hidden() && hidden()) return new Unknown(from);
    if (typeof value !== "string") return value;
    if (mask.cuts.length > 0)
      return hidden() ? cut(value, mask.cuts[at % mask.cuts.length] ?? [0, 0]) : value;
    if (!mask.names) return value;
    const partlyKnown = withoutNames(value);
    return partlyKnown.some((piece) => typeof piece !== "string") ? new PartlyKnown(partlyKnown) : value;
  };
  return (value) => hide(value, 0);
}

function answer(given: RequestAndPolicies, hiding: Mask): Trilean {
  const hide = hider(hiding);
  const name = (value: string): Text => (hiding.names ? withoutNames(value) : [value]);
  const sources = (documents: readonly unknown[], use: "identity" | "resource"): readonly PolicySource[] =>
    documents.map((content) => {
      const masked = hide(content);
      return {
        label: "policy",
        document: masked instanceof Unknown ? masked : parseDocument(masked, use),
        ...(hiding.mayNotApply ? { mayNotApply: MAY_NOT_APPLY } : {}),
      };
    });
  const caller: Principal =
    given.principalType === "service"
      ? { kind: "service", name: "apigateway.amazonaws.com" }
      : {
          kind: given.principalType,
          arn: name(`arn:aws:iam::${ACCOUNT}:${given.principalType}/orders`),
          account: name(ACCOUNT),
        };
  const context: Context = {
    keys: new Map(
      Object.entries(given.keys).map(([key, value]) => [
        key,
        hiding.keys.includes(key)
          ? { state: "unknown" as const }
          : value === "absent"
            ? { state: "absent" as const }
            : { state: "present" as const, values: (value as readonly string[]).map(name) },
      ]),
    ),
    otherKeys: "absent",
  };
  const unseen = hiding.unseen ? [policiesOf("something")] : [];
  const control = (
    kind: ControlPolicies["kind"],
    levels: readonly (readonly unknown[])[] | undefined,
  ): ControlPolicies | undefined => {
    if (levels === undefined) return undefined;
    const shown = levels.map((level) => sources(level, kind === "service" ? "identity" : "resource"));
    const hidden = hiding.unseen || hiding.attachment ? [policiesOf("a page")] : [];
    return {
      kind,
      levels: shown.map((level) => ({ sources: hiding.attachment ? [] : level, unseen: hidden })),
      unattached: hiding.attachment ? shown.flat() : [],
      ...(hiding.organization ? { mayNotApply: policiesOf("an account") } : {}),
    };
  };
  const serviceControl = control("service", given.scps);
  const [boundary] = given.boundary === undefined ? [] : sources([given.boundary], "identity");
  const question = {
    request: {
      principal: caller,
      action: "lambda:InvokeFunction",
      resource: hiding.resource
        ? text("arn:aws:lambda:us-east-1:", hole("digits"), ":function:", hole("any"))
        : name(FUNCTION_ARN),
      context,
    },
    identity:
      given.principalType === "service"
        ? undefined
        : {
            sources: sources(given.identity, "identity"),
            unseen,
            ...(boundary ? { boundary } : {}),
            ...(serviceControl ? { serviceControl } : {}),
          },
    resourceControl: control("resource", given.rcps),
    resource: { sources: sources(given.resourcePolicies, "resource"), unseen },
    sameAccount: hiding.sameAccount ? ("unknown" as const) : given.sameAccount,
  };
  const decision = decide(question);
  // Evidence is part of the result and must be readable regardless of the hidden values.
  void decision.decidedBy;
  if (decision.answer === "unknown") assert.ok(decision.unknowns.length > 0);
  return decision.answer;
}

const counts: Record<string, number> = {};

describe("soundness", () => {
  it("hiding a value keeps the result or makes it unknown", () =>
    property(
      4_000,
      fc.property(requestAndPolicies, mask, (given, hiding) => {
        const [shown, hidden] = [answer(given, NOTHING), answer(given, hiding)];
        counts[`${shown}, then ${hidden}`] = (counts[`${shown}, then ${hidden}`] ?? 0) + 1;
        assert.ok(atMostHidden(shown, hidden), `${shown} became ${hidden}`);
      }),
    ));
  it("hiding parts of strings never reverses a result", () =>
    property(
      4_000,
      fc.property(requestAndPolicies, cutting, (given, hiding) => {
        const [shown, hidden] = [answer(given, NOTHING), answer(given, hiding)];
        // The hidden part can be the reason why IAM rejects the document. Then the rest can decide more than the whole.
        assert.ok(shown === "unknown" || atMostHidden(shown, hidden), `${shown} became ${hidden}`);
      }),
    ));
  it("revealing more never reverses a result", () =>
    property(
      1_000,
      fc.property(requestAndPolicies, mask, mask, (given, hiding, additional) => {
        const leaves = Array.from({ length: 24 }, (_, at) =>
          Boolean(hiding.leaves[at % hiding.leaves.length]),
        );
        const more: Mask = {
          leaves,
          cuts: [],
          names: hiding.names || additional.names,
          keys: [...hiding.keys, ...additional.keys],
          resource: hiding.resource,
          sameAccount: hiding.sameAccount || additional.sameAccount,
          unseen: hiding.unseen || additional.unseen,
          mayNotApply: hiding.mayNotApply || additional.mayNotApply,
          organization: hiding.organization || additional.organization,
          attachment: hiding.attachment || additional.attachment,
        };
        assert.ok(atMostHidden(answer(given, { ...hiding, leaves }), answer(given, more)));
      }),
    ));
  it("tests requests with every result", () => {
    // A generator of documents that never apply would prove nothing.
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    for (const transition of [
      "yes, then yes",
      "yes, then unknown",
      "no, then no",
      "no, then unknown",
      "unknown, then unknown",
    ])
      assert.ok(
        (counts[transition] ?? 0) > 0.004 * total,
        `${transition}: ${counts[transition]} of ${total}`,
      );
  });

  const given = (
    before: RequestAndPolicies,
    use: "identity" | "resource",
    more: unknown,
  ): RequestAndPolicies =>
    use === "identity"
      ? { ...before, identity: [...before.identity, more] }
      : { ...before, resourcePolicies: [...before.resourcePolicies, more] };
  const single = (effect: "Allow" | "Deny", use: "identity" | "resource") =>
    document(use)
      .map((generated) => {
        const { Version, Statement } = generated as { Version: string; Statement: object[] };
        return { Version, Statement: Statement.map((generated) => ({ ...generated, Effect: effect })) };
      })
      // A document that IAM rejects can contain statements with any Effect.
      .filter((generated) => parseDocument(generated, use).problems.length === 0);
  const order: Record<Trilean, number> = { no: 0, unknown: 1, yes: 2 };
  for (const use of ["identity", "resource"] as const) {
    it(`adding allows to ${use}-based policies never denies a request`, () =>
      property(
        300,
        fc.property(requestAndPolicies, single("Allow", use), (before, more) => {
          assert.ok(order[answer(given(before, use, more), NOTHING)] >= order[answer(before, NOTHING)]);
        }),
      ));
    it(`adding denies to ${use}-based policies never allows a request`, () =>
      property(
        300,
        fc.property(requestAndPolicies, single("Deny", use), (before, more) => {
          assert.ok(order[answer(given(before, use, more), NOTHING)] <= order[answer(before, NOTHING)]);
        }),
      ));
  }
  it("the order and repetition of statements and documents do not matter", () =>
    property(
      600,
      fc.property(requestAndPolicies, (given) => {
        const reorder = (original: unknown): unknown => {
          const { Version, Statement } = original as { Version: string; Statement: object[] };
          return { Version, Statement: [...Statement, ...Statement].reverse() };
        };
        const reordered: RequestAndPolicies = {
          ...given,
          identity: [...given.identity, ...given.identity].reverse().map(reorder),
          resourcePolicies: [...given.resourcePolicies].reverse().map(reorder),
        };
        assert.equal(answer(reordered, NOTHING), answer(given, NOTHING));
      }),
    ));
  it("a value and a list with that value are equivalent", () =>
    property(
      600,
      fc.property(requestAndPolicies, (given) => {
        const listed = (original: unknown): unknown => {
          const { Version, Statement } = original as {
            Version: string;
            Statement: Record<string, unknown>[];
          };
          const wrap = (value: unknown): unknown => (Array.isArray(value) ? value : [value]);
          return {
            Version,
            Statement: Statement.map((generated) =>
              Object.fromEntries(
                Object.entries(generated).map(([key, value]) => [
                  key,
                  /Action|Resource/.test(key) ? wrap(value) : value,
                ]),
              ),
            ),
          };
        };
        assert.equal(
          answer({ ...given, identity: given.identity.map(listed) }, NOTHING),
          answer(given, NOTHING),
        );
      }),
    ));
  it("NotAction is the complement of Action", () => {
    const actions = ["lambda:InvokeFunction", "lambda:GetFunction", "execute-api:Invoke", "s3:GetObject"];
    const all = fc.subarray(actions, { minLength: 1, maxLength: actions.length - 1 });
    property(
      500,
      fc.property(all, fc.constantFrom("Allow", "Deny"), (chosenActions, Effect) => {
        const otherActions = actions.filter((candidate) => !chosenActions.includes(candidate));
        for (const testedAction of actions) {
          const mayCover = (element: object): Trilean =>
            mayAllow(
              [
                {
                  label: "",
                  document: parseDocument(
                    { Version: "2012-10-17", Statement: { Effect, Resource: "*", ...element } },
                    "identity",
                  ),
                },
              ],
              testedAction,
            );
          assert.equal(mayCover({ NotAction: chosenActions }), mayCover({ Action: otherActions }));
        }
      }),
    );
  });
});
