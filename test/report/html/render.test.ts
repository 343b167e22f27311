/** What the document holds, before any browser opens it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { renderHtml } from "../../../report/html";
import { type PackedReport, unpackAnswers } from "../../../report/html/browser/packed";
import { legible } from "../../../report/html/browser/text";
import type { Report } from "../../../report/model";
import { hostileReport, smallReport } from "./samples";

/** The contents of an element that occurs once. */
function only(html: string, element: RegExp): string {
  const found = [...html.matchAll(element)];
  assert.equal(found.length, 1, `${found.length} of ${element}`);
  return found[0]?.[1] ?? "";
}

const SCRIPT = /<script>(.*?)<\/script>/gs;
const DATA = /<script type="application\/json" id="report">(.*?)<\/script>/gs;
const STYLE = /<style>(.*?)<\/style>/gs;
const POLICY = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/g;

function answersIn(html: string): Omit<Report["answers"][number], "id">[] {
  return unpackAnswers(JSON.parse(only(html, DATA)) as PackedReport);
}

const withoutIds = ({ answers }: Report) => answers.map(({ id: _, ...answer }) => answer);

for (const [name, report] of [
  ["an everyday report", smallReport()],
  ["a hostile report", hostileReport()],
] as const)
  describe(`the page of ${name}`, () => {
    const html = renderHtml(report);

    it("allows its own script and style by their hashes, and nothing else", () => {
      const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
      assert.deepEqual(only(html, POLICY).split("; "), [
        "default-src 'none'",
        `script-src ${hash(only(html, SCRIPT))}`,
        `style-src ${hash(only(html, STYLE))}`,
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
      ]);
    });

    it("has no element that loads anything, and no handler or style in an attribute", () => {
      const markup = html.replace(SCRIPT, "").replace(DATA, "").replace(STYLE, "");
      const tags = markup.match(/<[a-z][^>]*>/gi) ?? [];
      for (const tag of tags) assert.doesNotMatch(tag, /\s(src|srcset|srcdoc|style|on\w+)\s*=/i, tag);
      assert.deepEqual(
        tags.filter((tag) => /^<(link|img|iframe|object|embed|base|form)\b/i.test(tag)),
        ['<link rel="icon" href="data:,">'],
      );
      assert.doesNotMatch(only(html, STYLE), /url\(|@import/);
    });

    it("holds every answer as it was", () => {
      // A half of a surrogate pair is no text; JSON keeps it all the same.
      assert.deepEqual(answersIn(html), withoutIds(report));
    });

    it("holds data that ends no element and no line", () => {
      assert.doesNotMatch(only(html, DATA), /[<>&\u2028\u2029]/);
    });

    it("is the same each time", () => {
      assert.equal(renderHtml(report), html);
    });
  });

describe("legible", () => {
  for (const [text, shown] of [
    ["orders", "orders"],
    ["two\nlines\tand a tab", "two\nlines\tand a tab"],
    ["Bücher 書籍 عربى", "Bücher 書籍 عربى"],
    ["nice\u202Etxt.exe", "nice<U+202E>txt.exe"],
    ["a\u0000b\u001B[31m", "a<U+0000>b<U+001B>[31m"],
    ["zero\u200Bwidth\uFEFF", "zero<U+200B>width<U+FEFF>"],
    ["line\u2028break", "line<U+2028>break"],
    ["tag\u{E0041}", "tag<U+E0041>"],
  ] as const)
    it(JSON.stringify(shown), () => {
      assert.equal(legible(text), shown);
    });
});
