import { showFix, type WrittenFix } from "../messages";
import { printableJson } from "../messages/printable";
import type { Answer, Report } from "./model";

/** The report with the fix of each answer as one text, and its code again; `docs/report.schema.json` describes it. */
export function renderJson(report: Report): string {
  return printableJson({ ...report, answers: report.answers.map(answerEntry) });
}

function answerEntry(answer: Answer): unknown {
  const fields = Object.entries(answer).flatMap(([name, value]): readonly (readonly [string, unknown])[] =>
    name === "fix" && answer.fix !== undefined ? fixFields(answer.fix) : [[name, value]],
  );
  return Object.fromEntries(fields);
}

function fixFields(fix: WrittenFix): readonly (readonly [string, string])[] {
  return [["fix", showFix(fix)], ...(fix.code === undefined ? [] : [["code", fix.code] as const])];
}
