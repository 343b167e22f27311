import type { Answer, Report } from "../../model";

const FIELDS = [
  "gate",
  "outcome",
  "question",
  "policy",
  "rule",
  "routes",
  "caller",
  "function",
  "urn",
  "evidence",
  "doubts",
  "inferred",
  "inferredFrom",
  "symptom",
  "fix",
  "code",
  "change",
  "exempt",
  "exemptUntil",
] as const satisfies readonly (keyof Answer)[];

/** Without its id, which is never referred to. */
export type PageAnswer = Omit<Answer, "id">;

/** The format in which the page contains a report. */
export interface PackedReport extends Omit<Report, "answers"> {
  readonly texts: readonly string[];
  /** One array per answer: its fields in order, each text as its index in `texts`, `-1` where it is absent. */
  readonly answers: readonly (number | readonly number[])[][];
}

/** Writes each text once: the same evidence usually decides a hundred answers. */
export function pack(report: Report): PackedReport {
  const textIndexes = new Map<string, number>();
  const place = (text: string): number => {
    const existing = textIndexes.get(text);
    if (existing !== undefined) return existing;
    textIndexes.set(text, textIndexes.size);
    return textIndexes.size - 1;
  };
  const answers = report.answers.map((answer) =>
    FIELDS.map((field) => {
      const value = answer[field];
      if (value === undefined) return -1;
      if (value === true) return 0;
      return typeof value === "string" ? place(value) : value.map(place);
    }),
  );
  return { ...report, answers, texts: [...textIndexes.keys()] };
}

export function unpackAnswers({ answers, texts }: PackedReport): PageAnswer[] {
  return answers.map((row) => {
    const answer: Record<string, unknown> = {};
    FIELDS.forEach((field, index) => {
      const value = row[index];
      if (value === -1 || value === undefined) return;
      if (field === "inferred") answer[field] = true;
      else answer[field] = typeof value === "number" ? texts[value] : value.map((place) => texts[place]);
    });
    return answer as unknown as PageAnswer;
  });
}
