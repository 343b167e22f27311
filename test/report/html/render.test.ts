/** The HTML document without a browser. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { renderHtml } from "../../../report/html";
import { type PackedReport, unpackAnswers } from "../../../report/html/browser/packed-report";
import type { Report } from "../../../report/model";
import { hostileReport, smallReport } from "./samples";

/** The content of an element that occurs once. */
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

    it("allows only its own script and style, by their hashes", () => {
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

    it("has no elements that load resources and no handlers or styles in attributes", () => {
      const markup = html.replace(SCRIPT, "").replace(DATA, "").replace(STYLE, "");
      const tags = markup.match(/<[a-z][^>]*>/gi) ?? [];
      for (const tag of tags) assert.doesNotMatch(tag, /\s(src|srcset|srcdoc|style|on\w+)\s*=/i, tag);
      assert.deepEqual(
        tags.filter((tag) => /^<(link|img|iframe|object|embed|base|form)\b/i.test(tag)),
        ['<link rel="icon" href="data:,">'],
      );
      assert.doesNotMatch(only(html, STYLE), /url\(|@import/);
    });

    it("contains every verdict unchanged", () => {
      // A lone surrogate is not valid text, but JSON preserves it.
      assert.deepEqual(answersIn(html), withoutIds(report));
    });

    it("contains data that cannot close an element or end a line", () => {
      assert.doesNotMatch(only(html, DATA), /[<>&\u2028\u2029]/);
    });

    it("is the same for each call", () => {
      assert.equal(renderHtml(report), html);
    });
  });
