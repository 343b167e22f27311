import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { Item } from "../../../report/html/browser/graph";
import { itemAt, layoutFor, linesIn, wrapped } from "../../../report/html/browser/matrix-layout";

const item = (label: string, place = ""): Item => ({ label, place }) as Item;

describe("layout of the matrix headers", () => {
  it("breaks names at separators", () => {
    deepStrictEqual(wrapped("GET /orders/{id}/lines", 14), ["GET /orders/", "{id}/lines"]);
    deepStrictEqual(wrapped("role-of-someone", 9), ["role-of-", "someone"]);
    deepStrictEqual(wrapped("orders", 12), ["orders"]);
    deepStrictEqual(wrapped("", 12), []);
  });

  it("breaks names without separators anywhere, but not within a character", () => {
    deepStrictEqual(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
    deepStrictEqual(wrapped("\u{1f9fe}\u{1f9fe}\u{1f9fe}", 5), ["\u{1f9fe}\u{1f9fe}", "\u{1f9fe}"]);
  });

  it("keeps every character and limits the length of lines", () => {
    const names = ["endless".repeat(200), `/${"part/".repeat(90)}`, "\u6ce8\u6587".repeat(90), "a.b_c-d e:f"];
    for (const name of names)
      for (let letters = 2; letters < 60; letters++) {
        const lines = wrapped(name, letters);
        strictEqual(lines.join(""), name);
        for (const line of lines)
          ok([...line].reduce((sum, character) => sum + (character > "\u1100" ? 2 : 1), 0) <= letters, line);
      }
  });

  it("has the size that each row and column header needs", () => {
    const routes = [item("GET /a", "api"), item(`GET /${"a".repeat(2000)}`, "api"), item("GET /b")];
    const callers = [item("a"), item("b".repeat(1000), "shop/dev"), item("c")];
    const { rows, columns, rowHeads, columnHeads } = layoutFor(routes, callers, 280);
    const sizes = (starts: readonly number[]) =>
      starts.slice(1).map((end, index) => end - (starts[index] ?? 0));
    deepStrictEqual(rowHeads.map(linesIn), [2, 67, 1]);
    deepStrictEqual(sizes(rows), [36, 67 * 15 + 6, 30]);
    deepStrictEqual(columnHeads.map(linesIn), [1, 19, 1]);
    deepStrictEqual(sizes(columns), [30, Math.ceil((19 * 13) / Math.sin(Math.PI / 3)), 30]);
  });

  it("has a row for each of 100,000 names", () => {
    const manyItems = Array.from({ length: 100_000 }, (_, index) => item(`role-${index}`));
    strictEqual(layoutFor(manyItems, manyItems, 280).rows.length, 100_001);
  });

  it("finds the row at a position", () => {
    const starts = [0, 30, 130, 160];
    deepStrictEqual(
      [-5, 0, 29, 30, 129, 130, 159, 160, 1e6].map((place) => itemAt(starts, place)),
      [0, 0, 0, 1, 1, 2, 2, 2, 2],
    );
    strictEqual(itemAt([0], 10), 0);
  });
});
