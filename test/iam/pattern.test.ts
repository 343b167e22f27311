import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  equal,
  equalIgnoreCase,
  type Hole,
  type HoleShape,
  isHole,
  match,
  matchIgnoreCase,
  type Piece,
  type Text,
  type Trilean,
  text,
} from "../../iam";
import { atMostHidden, hole, property } from "./support";

/** A simple definition of `*` and `?`, with which the matcher is compared. */
function matches(pattern: string, subject: string): boolean {
  let row = [true, ...Array.from(subject, () => false)];
  for (const char of pattern) {
    const next = [char === "*" && (row[0] as boolean)];
    for (let at = 1; at <= subject.length; at++)
      next.push(
        char === "*"
          ? (row[at] as boolean) || (next[at - 1] as boolean)
          : (row[at - 1] as boolean) && (char === "?" || char === subject[at - 1]),
      );
    row = next;
  }
  return row[subject.length] as boolean;
}

const f = hole("word", { id: "f", universe: "functions" });
const g = hole("word", { id: "g", universe: "functions" });
const account = hole("digits", { id: "account" });
const verb = hole("word", { id: "verb", oneOf: ["GET", "PUT"] });
const whole = hole("any", { id: "whole" });
const id = hole("segment", { id: "id", varies: true });
const tail = hole("tail", { id: "tail", varies: true });

describe("match", () => {
  const cases: readonly [string, Text, Text, Trilean][] = [
    ["equal strings", ["a"], ["a"], "yes"],
    ["unequal strings", ["a"], ["b"], "no"],
    ["two empty strings", [], [], "yes"],
    ["* and an empty string", ["*"], [], "yes"],
    ["? and an empty string", ["?"], [], "no"],
    ["* in the middle", ["a*c"], ["abbc"], "yes"],
    ["* matches an empty string", ["a*c"], ["ac"], "yes"],
    ["overlapping ends", ["ab*ba"], ["aba"], "no"],
    ["? is one character", ["a?c"], ["abc"], "yes"],
    ["the leftmost match is not the correct one", ["*ab?"], ["ababc"], "yes"],
    ["case counts", ["A"], ["a"], "no"],
    ["* over a hole", ["a*"], ["a", f], "yes"],
    ["?* over a word", ["a?*"], ["a", f], "yes"],
    ["*? over a word", ["a*?"], ["a", f], "yes"],
    ["?* over a possibly empty hole", ["?*"], [whole], "unknown"],
    ["? over a word", ["?"], [f], "unknown"],
    ["literal against a word", ["orders"], [f], "unknown"],
    ["a literal that is not a word", ["a:b"], [f], "no"],
    ["a literal without digits", ["12a"], [account], "no"],
    ["a hole is itself", ["p", f, "s"], ["p", f, "s"], "yes"],
    ["a hole of any shape is itself", [whole], [whole], "yes"],
    ["a hole is itself after a star", ["*:", f], ["x:y:", f], "yes"],
    ["two of a universe", ["p", f, "s"], ["p", g, "s"], "no"],
    ["two of a universe after a star", ["*:", f], ["x:y:", g], "no"],
    ["one may begin with the other", ["p", f, "*"], ["p", g], "unknown"],
    ["one may end with the other", ["*", f], [g], "unknown"],
    ["two of no universe", [account], [hole("digits")], "unknown"],
    ["a word does not cross a colon", ["p:", f], ["p:", g, ":live"], "no"],
    ["prefix and suffix around a hole", ["a", whole, "z"], ["abcz"], "unknown"],
    ["a suffix that does not match", ["a", whole, "z"], ["abc"], "no"],
    ["oneOf, all match", ["?*T"], [verb], "yes"],
    ["oneOf, some match", ["GET"], [verb], "unknown"],
    ["oneOf, none match", ["POST"], [verb], "no"],
    ["one choice on both sides", ["a", verb], ["a", verb], "yes"],
    ["a parameter is one segment", ["pets/*/toys"], ["pets/", id, "/toys"], "yes"],
    ["a parameter never equals its template", ["pets/a1"], ["pets/", id], "unknown"],
    ["a parameter is not a path", ["pets/a/b"], ["pets/", id], "no"],
    ["a parameter is not its own name in braces", ["pets/{id}"], ["pets/", id], "no"],
    ["a path never equals its template", ["pets/{proxy+}"], ["pets/", hole("path")], "no"],
    ["a proxy is any path", ["pets/a/b"], ["pets/", tail], "unknown"],
    ["a proxy is not empty", ["pets/"], ["pets/", tail], "no"],
    ["an unknown pattern may contain wildcards", [whole, "x"], [whole, "yx"], "unknown"],
  ];
  for (const [name, pattern, subject, expected] of cases)
    it(name, () => assert.equal(match(pattern, subject), expected));

  it("agrees with the definition on all short strings", () => {
    const strings = (alphabet: string, length: number): readonly string[] =>
      length === 0
        ? [""]
        : [
            "",
            ...strings(alphabet, length - 1).flatMap((prefix) => [...alphabet].map((char) => prefix + char)),
          ];
    const subjects = [...new Set(strings("ab", 5))];
    for (const pattern of new Set(strings("ab*?", 5)))
      for (const subject of subjects)
        assert.equal(
          match([pattern], [subject]),
          matches(pattern, subject) ? "yes" : "no",
          `${pattern} on ${subject}`,
        );
  });

  // A second hole disables the shortcut for one hole.
  const shapes: readonly [HoleShape, can: string, cannot: string][] = [
    ["word", "az09-_{}", ":/"],
    ["digits", "059", "az:/{-"],
    ["segment", "az09:", "/{}"],
    ["path", "az09:/", "{}"],
    ["tail", "az09:/{}", ""],
    ["any", "az09:/{}", ""],
  ];
  for (const [shape, can, cannot] of shapes)
    it(`knows the characters of shape ${shape}`, () => {
      for (const [chars, expected] of [
        [can, "unknown"],
        [cannot, "no"],
      ] as const)
        for (const char of chars) {
          assert.equal(match([`*${char}`], text(f, "!", hole(shape))), expected, char);
          assert.equal(match([`x${char}y`], text("x", hole(shape), "y")), expected, char);
          assert.equal(equal([char], [hole(shape)]), expected, char);
        }
      const empty = shape === "any" ? "unknown" : "no";
      assert.equal(equal(["xy"], text("x", hole(shape), "y")), empty);
      assert.equal(match(["x?*y"], text("x", hole(shape), "y")), shape === "any" ? "unknown" : "yes");
    });
  it("treats a hole of a pattern as a name only if its shape is a name", () => {
    // Holes of other shapes can contain wildcards.
    const rows: readonly [HoleShape, Trilean][] = [
      ["word", "no"],
      ["digits", "no"],
      ["segment", "unknown"],
      ["tail", "unknown"],
      ["any", "unknown"],
    ];
    for (const [shape, expected] of rows) {
      const firstHole = hole(shape, { id: "one" });
      assert.equal(match(text("a", firstHole), text("a", firstHole, "/x")), expected, shape);
      assert.equal(match(text("a", firstHole, "b"), text("a", firstHole, "b")), "yes");
    }
  });
  it("tests up to 64 choices", () => {
    const manyChoices = (count: number): Hole =>
      hole("any", { oneOf: Array.from({ length: count }, (_, at) => `a${at}`) });
    assert.equal(match(["a*"], [manyChoices(64)]), "yes");
    assert.equal(match(["a*"], [manyChoices(65)]), "unknown");
    assert.equal(match(["b*"], [manyChoices(64)]), "no");
    const eight = [hole("any", { oneOf: [..."abcdefgh"] }), hole("any", { oneOf: [..."abcdefgh"] })] as const;
    assert.equal(match(["??"], text(...eight)), "yes");
    const nine = hole("any", { oneOf: [..."abcdefghi"] });
    assert.equal(match(["??"], text(eight[0], nine)), "unknown");
    assert.equal(match(["a"], [hole("any", { oneOf: [] })]), "unknown");
  });
  it("reads wildcards in the choices of a pattern", () => {
    const choice = hole("any", { oneOf: ["a*", "ab"] });
    assert.equal(match([choice], ["abc"]), "unknown");
    assert.equal(match([choice], ["ab"]), "yes");
    assert.equal(equal([choice], ["abc"]), "no");
  });
  it("returns unknown if matching would be too expensive", () => {
    const account = hole("digits");
    const costly = (stars: number): Trilean => match(["*z".repeat(stars)], text("a".repeat(1_000), account));
    assert.equal(costly(1_300), "no");
    assert.equal(costly(1_350), "unknown");
    const run = (length: number): Trilean =>
      match([`*${"a?".repeat(length)}b*x`], [`${"a".repeat(10_000)}x`]);
    assert.equal(run(100), "no");
    assert.equal(run(400), "unknown");
  });

  it("ignores case only if requested", () => {
    assert.equal(matchIgnoreCase(["LAMBDA:invoke*"], ["lambda:InvokeFunction"]), "yes");
    assert.equal(match(["LAMBDA:invoke*"], ["lambda:InvokeFunction"]), "no");
    assert.equal(matchIgnoreCase([f], [g]), "unknown");
    assert.equal(matchIgnoreCase(["g*T"], [verb]), "unknown");
    assert.equal(matchIgnoreCase(["?*t"], [verb]), "yes");
    assert.equal(matchIgnoreCase([verb], ["get"]), "unknown");
  });

  it("does not backtrack", () => {
    assert.equal(match(["*a".repeat(20_000), "b"], ["a".repeat(40_000)]), "no");
    assert.equal(match(["?a*".repeat(300), "b"], ["a".repeat(1_000_000), "c"]), "no");
    assert.notEqual(match(["*a?".repeat(500), whole], ["a".repeat(2_000), f]), "no");
    assert.equal(match(["*".repeat(1_000_000)], [whole]), "yes");
    match(["a?".repeat(100_000), whole, "b"], ["a".repeat(100_000), whole, "c".repeat(100_000)]);
  });
});

describe("equal", () => {
  const cases: readonly [string, Text, Text, Trilean][] = [
    ["wildcards are characters", ["a*"], ["ab"], "no"],
    ["wildcards are themselves", ["a*?"], ["a*?"], "yes"],
    ["a hole is itself", ["a", whole], ["a", whole], "yes"],
    ["different text after it", [whole, "x"], [whole, "y"], "no"],
    ["different text before it", ["x", whole], ["y", whole], "no"],
    ["two of a universe", [f], [g], "no"],
    ["whole values of a universe", [hole("any", { universe: "u" })], [hole("any", { universe: "u" })], "no"],
    ["a hole and one of its possible values", [account], ["12"], "unknown"],
    ["wildcards among choices are characters", [hole("word", { oneOf: ["*"] })], ["x"], "no"],
    ["a choice on one side only", [verb], ["GET"], "unknown"],
    ["a hole and an impossible value", [account], ["x"], "no"],
  ];
  for (const [name, a, b, expected] of cases)
    it(name, () => {
      assert.equal(equal(a, b), expected);
      assert.equal(equal(b, a), expected);
    });
  it("ignores case if requested", () => {
    assert.equal(equalIgnoreCase(["aB"], ["Ab"]), "yes");
    // Different names can differ only in case.
    assert.equal(equalIgnoreCase([f], [g]), "unknown");
  });
  it("recognizes a hole between other holes", () => {
    const withWords = (inner: Hole): Text => text(hole("word"), ":", inner, ":", hole("word"));
    assert.equal(equal(withWords(f), withWords(f)), "unknown");
    assert.equal(equal(withWords(f), withWords(g)), "no");
  });
  it("distinguishes only members of one universe", () =>
    assert.equal(equal([f], [hole("word", { universe: "apis" })]), "unknown"));
});

const alphabet = fc.constantFrom("a", "b", ":", "/", "1", "*", "?");
const literal = fc.string({ unit: alphabet, maxLength: 4 });
const plainLiteral = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", "1"), maxLength: 4 });
/** There are few holes, so that both sides often have the same one. */
const HOLES: readonly Hole[] = [
  hole("word", { id: "w1", universe: "u" }),
  hole("word", { id: "w2", universe: "u" }),
  hole("word", { id: "w3" }),
  hole("digits", { id: "d1" }),
  hole("any", { id: "a1" }),
  hole("segment", { id: "s1" }),
  hole("tail", { id: "t1" }),
  hole("word", { id: "o1", oneOf: ["a", "ab"] }),
];
const patternText = fc
  .array(fc.oneof(literal, fc.constantFrom<Piece>(...HOLES)), { maxLength: 5 })
  .map((pieces) => text(...pieces));
const subjectText = fc
  .array(fc.oneof(plainLiteral, fc.constantFrom<Piece>(...HOLES)), { maxLength: 5 })
  .map((pieces) => text(...pieces));

/** Strings for all holes, each of its shape. Members of a universe always differ. */
const word = fc.string({ unit: fc.constantFrom("a", "b", "1"), minLength: 1, maxLength: 2 });
const valuation = fc
  .record({
    w1: word,
    w2: word,
    w3: word,
    d1: fc.constantFrom("1", "11"),
    a1: fc.string({ unit: fc.constantFrom("a", "b", ":", "/", "1", "*"), maxLength: 3 }),
    s1: fc.string({ unit: fc.constantFrom("a", "b", ":"), minLength: 1, maxLength: 2 }),
    t1: fc.string({ unit: fc.constantFrom("a", "/", ":"), minLength: 1, maxLength: 3 }),
    o1: fc.constantFrom("a", "ab"),
  })
  .filter(({ w1, w2 }) => w1 !== w2);

function valued(value: Text, strings: Readonly<Record<string, string>>, only: ReadonlySet<string>): Text {
  return text(
    ...value.map((piece) => (isHole(piece) && only.has(piece.id) ? (strings[piece.id] as string) : piece)),
  );
}

const ALL = new Set(HOLES.map((candidate) => candidate.id));

describe("laws of matching", () => {
  it("agrees with the simple definition on known strings", () =>
    property(
      4_000,
      fc.property(literal, plainLiteral, (pattern, subject) => {
        assert.equal(match([pattern], [subject]), matches(pattern, subject) ? "yes" : "no");
      }),
    ));
  it("everything matches itself and is equal to itself", () =>
    property(
      1_000,
      fc.property(subjectText, (value) => {
        assert.equal(match(value, value), "yes");
        assert.equal(equal(value, value), "yes");
      }),
    ));
  it("* matches everything", () =>
    property(
      500,
      fc.property(subjectText, (value) => void assert.equal(match(["*"], value), "yes")),
    ));
  it("match is true for every value of the holes", () =>
    property(
      20_000,
      fc.property(patternText, subjectText, valuation, (pattern, subject, strings) => {
        const answer = match(pattern, subject);
        const [p, s] = [valued(pattern, strings, ALL).join(""), valued(subject, strings, ALL).join("")];
        assert.ok(atMostHidden(matches(p, s) ? "yes" : "no", answer), `${answer} for ${p} and ${s}`);
      }),
    ));
  it("match never changes a known result when holes are filled", () =>
    property(
      10_000,
      fc.property(
        patternText,
        subjectText,
        valuation,
        fc.subarray([...ALL]),
        (pattern, subject, strings, filled) => {
          // Members of a universe are distinguished only as holes, so either all of them are revealed or none.
          const only = new Set(
            filled.includes("w1") ? [...filled, "w2"] : filled.filter((member) => member !== "w2"),
          );
          const answer = match(valued(pattern, strings, only), valued(subject, strings, only));
          assert.ok(atMostHidden(answer, match(pattern, subject)));
        },
      ),
    ));
  it("equal is true for every value of the holes", () =>
    property(
      10_000,
      fc.property(patternText, subjectText, valuation, (a, b, strings) => {
        const same = valued(a, strings, ALL).join("") === valued(b, strings, ALL).join("");
        assert.ok(atMostHidden(same ? "yes" : "no", equal(a, b)));
      }),
    ));
  it("match is known if all values of the holes agree", () => {
    // The matcher must be precise: for these inputs the result "unknown" would be wrong.
    for (const [pattern, subject] of [
      [["a:*"], ["a:", ...HOLES]],
      [
        ["*", HOLES[0] as Hole],
        ["a:", HOLES[0] as Hole],
      ],
    ] as const)
      assert.equal(match(pattern, subject), "yes");
  });
});
