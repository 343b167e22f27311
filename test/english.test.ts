import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Words that this project does not use, with what AWS's and Pulumi's documentation says in their place. They are
 * looked for in code, comments, messages, documentation, names of tests, and names of files.
 */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/\bcomputed\s+from\b/, "depends on"],
  [/beside(?!s)/i, "in addition to, next to, alongside"],
  [/\bmend(s|ed|ing)?\b/i, "fix"],
  [/\b(in|out of|within) sight\b/i, "known, unknown; on the page: visible"],
  [/\b(let|lets|letting) (\w+ ){0,3}(in|through)\b/i, "allow"],
  [/\b(take|takes|took|taken|taking) (\w+ ){0,2}away\b/i, "remove"],
  [/\b(told|tells?|telling)\b/i, "report, say, show, distinguish"],
  [/\b(stands?|stood)\b(?!-in)(?![\s*/#]+(for|in for)\b)/i, "is, is based on, appears"],
  [/\bboth worlds\b/i, "both moments"],
  [/\bof another account\b/i, "in another account"],
  [/\b(in|without a|with a|worth a) words?\b/i, "as text, a message"],
  [/\bspeaks? of\b/i, "mentions"],
  [/\bstrangers?\b/i, "unknown, external"],
  [/\bpasses on\b/i, "uses"],
  [/\b(came|comes?) near/i, "is nearest, is similar"],
  [/\bsurely\b/i, "certainly"],
  [/\bjudg(e|es|ed|ing)\b/i, "evaluate"],
  [/\b(is|are|be) meant (to|for)\b/i, "intended"],
  [/\bvouch/i, "authenticate"],
  [/\bis no route of\b/i, "matches no route of"],
  [/\b(every|any|some|no)body\b/i, "everyone, anyone, someone, no one; a caller, no caller"],
  [/\bwho(so)?ever\b/i, "the caller, the principal, everyone who"],
  [/\bnests too deeply\b/i, "is nested too deeply"],
  [/\banew\b/i, "again; rewrite, regenerate, replace"],
  [/\bin small letters\b/i, "in lower case"],
  [/\bin the place of\b/i, "instead of, in place of"],
  [/\bis none of\b/i, "is not one of, matches none of"],
  [/\b(is|are|be) passed over\b/i, "is skipped"],
  [/\bgoes by\b/i, "depends on, is based on"],
  [/\bleaves? no trace\b/i, "cannot be seen"],
  [/\b(is|are) seen to\b/i, "is known to"],
  [/\b(is|are) asked of\b/i, "is evaluated for, applies to"],
  [/\bnothing is said\b/i, "nothing is reported"],
  [/\bmade again\b/i, "re-created"],
  [/\ba joke\b/i, "an error"],
  [/\bways? out\b/i, "option"],
  [/\bas (AWS|the stack|the API|the CLI) has it\b/i, "as AWS writes it; the API's own"],
  [/\bis gone in AWS\b/i, "no longer exists in AWS"],
  [/\bsay(s|ing)? of\b/i, "report, describe; the answer for"],
  [/\bwhom\b/i, "the principals that, the callers that"],
  [/\bmeans? harm\b/i, "untrusted"],
  [/\bno case in which\b/i, "never"],
  [/\bpast (the|any|every) API\b/i, "bypassing the API"],
  [/\bthe same goes for\b/i, "the same applies to"],
  [/\bin play\b/i, "involved"],
  [/\bfor want of\b/i, "because there is no"],
  [/\bby themselves\b/i, "separately, automatically"],
  [/\bin (its|their) own right\b/i, "itself"],
  [/\band (its|their) like\b/i, "and similar"],
  [/\b(stay|stays|stayed) silent\b/i, "report nothing"],
  [/, say[,)]/, "such as, for example"],
  [/\bnothing is known of\b/i, "is unknown"],
  [/\bas far as this gate\b/i, "AWS does not require it"],
  [/\b(is|are) probably so\b/i, "is probably allowed, is probably denied"],
  [/\b(is|are) left open by\b/i, "is undecided in"],
  [/\bis said of\b/i, "applies to, is reported for"],
  [/\bwhatever\b/i, "regardless of, even if, any"],
  [/\bwhichever\b/i, "regardless of, any"],
  [/\b(is|are) asked\b/i, "is requested, is evaluated"],
  [/\basked for\b/i, "requested"],
  [/\b(is|are) gone\b/i, "was removed, no longer exists"],
  [/\bsays so\b/i, "allows it, sets it, documents it"],
  [/\bcounts? as\b/i, "is treated as"],
  [/\blast (one )?counts\b/i, "the last one is used, takes precedence"],
  [/\bas ever\b/i, "as before"],
  [/\bfor as long\b/i, "while"],
  [/\bin one go\b/i, "together, at once"],
  [/\bof (its|their) own\b(?! \w)/i, "separate, its own"],
  [/\b(one|each|two) a (line|row)\b/i, "one per line, one per row"],
  [/\ball but\b/i, "all except"],
  [/\beverything but\b/i, "everything except"],
  [/\b(is|are) made of\b/i, "consists of, is built from"],
  [/\bright behind\b/i, "directly after"],
  [/\bmisspelt\b/i, "misspelled"],
  [/\bunsaid\b/i, "unknown, missing"],
  [/\bturn(s|ed|ing)? out\b/i, "is, once it is known"],
  [/\bturn(s|ed|ing)? (\w+ )+around\b/i, "reverses"],
  [/\bnothing of it\b/i, "none of its resources"],
  [/\bopen routes?\b/i, "a route without authorization"],
  [/\brights? to (invoke|call|send|POST)\b/i, "permission to invoke, or the action"],
  [/\bis no dependency\b/i, "is not a dependency"],
  [/\bhowever much\b/i, "regardless of"],
  [/\bputs? together\b/i, "built from"],
  [/^\s*\[?["`]… /m, "a name that is clear without the one before it"],
  [/colour|behaviour|favour|honour|neighbour/i, "US spelling: color, behavior, favor, honor, neighbor"],
  [/licence|defence|offence/i, "US spelling: license, defense, offense"],
  [
    /\bgrey\b|\bcentred?\b|artefact|catalogue|\btowards\b|\bwhilst\b/i,
    "US spelling: gray, center, artifact, toward",
  ],
  [/(label|model|cancel|travel|signal)l(ed|ing)\b/i, "US spelling: labeled, modeled, canceled"],
  [
    /\b(\w+al|organ|recogn|optim|minim|summar)is(es?|ed|ing|ation)\b|\banalys(e|ed|ing)\b/i,
    "US spelling: -ize, analyze",
  ],
  [/\b(clear|plain) text\b|\bcleartext\b/i, "plaintext, for decrypted values"],
  [
    /\b(HTTP|the|this|no|any|every|unknown|stage (and|or)) verbs?\b|\bstage, verb (and|or)\b|\bVERB\//i,
    "method (docs/glossary.md)",
  ],
  [/\black(s|ing)? the function\b/i, "may not invoke the function"],
  [/\btwins?\b/i, "the equivalent, the other"],
  [/\bkeeps? (\w+ )?out\b/i, "denies, does not trust"],
  [/\bwaits? for nothing\b/i, "has no dependencies"],
];

const ROOT = path.resolve(__dirname, "..");

/** Files that are not written in this project, or that list the words. */
const EXCLUDED = new Set([
  "node_modules",
  "dist",
  "coverage",
  ".git",
  "LICENSE",
  path.join("test", "english.test.ts"),
  path.join("test", "identifiers.test.ts"),
]);

const TEXTS = /(^run|\.(ts|js|cjs|md|txt|css|yaml|yml|py|go|java|cs|npmrc|schema\.json))$/;

function filesIn(folder: string): readonly string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (EXCLUDED.has(file) || EXCLUDED.has(entry.name)) return [];
    return entry.isDirectory() ? filesIn(file) : [file];
  });
}

/** The words of a file's name, as in a sentence. */
function wordsOf(file: string): string {
  return file.replace(/[-_./\\]+/g, " ");
}

describe("English", () => {
  const names = filesIn("");
  const files = names
    .filter((file) => TEXTS.test(path.basename(file)))
    .map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), "utf8") }));

  it("is checked in code, documentation and tests", () => {
    for (const expectedFile of [
      "README.md",
      "CHANGELOG.md",
      "docs/glossary.md",
      "access/index.ts",
      ".ci/run",
    ])
      assert.ok(
        files.some(({ file }) => file === path.normalize(expectedFile)),
        expectedFile,
      );
  });

  it("is checked in names of files", () => {
    assert.ok(names.includes(path.normalize("test/policies/golden/caller-in-another-account.txt")));
    const ofAccount = INSTEAD.filter(([word]) => word.test(wordsOf("golden/caller-of-another-account.txt")));
    assert.deepEqual(
      ofAccount.map(([, instead]) => instead),
      ["in another account"],
    );
  });

  for (const [word, instead] of INSTEAD)
    it(`has no ${word.source}: ${instead}`, () => {
      const everywhere = new RegExp(word.source, `g${word.flags}`);
      const foundInNames = names.filter((file) => word.test(wordsOf(file)));
      const found = files.flatMap(({ file, text }) =>
        [...text.matchAll(everywhere)].map(
          ({ index }) => `${file}:${text.slice(0, index).split("\n").length}: ${lineAt(text, index)}`,
        ),
      );
      assert.deepEqual([...foundInNames, ...found], []);
    });
});

function lineAt(text: string, index: number): string {
  const end = text.indexOf("\n", index);
  return text.slice(text.lastIndexOf("\n", index) + 1, end < 0 ? undefined : end).trim();
}
