import type { WrittenFix } from "../../../messages/fixes/written-fix";
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
  "change",
  "exempt",
  "exemptUntil",
] as const satisfies readonly (keyof Answer)[];

/** The parts of a fix, in the order in which they are packed. */
const FIX_PARTS = ["text", "code", "alternative"] as const satisfies readonly (keyof WrittenFix)[];

/** In place of the index of a text. */
const ABSENT = -1;

/** Without its id, which is never referred to. */
export type PageAnswer = Omit<Answer, "id">;

/** The format in which the page contains a report. */
export interface PackedReport extends Omit<Report, "answers"> {
  readonly texts: readonly string[];
  /** One array per answer: its fields in order, each text as its index in `texts`, {@link ABSENT} where there is none. */
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
  const placeIfPresent = (text: string | undefined): number => (text === undefined ? ABSENT : place(text));
  const answers = report.answers.map((answer) =>
    FIELDS.map((field) => {
      const value = answer[field];
      if (value === undefined) return ABSENT;
      if (value === true) return 0;
      if (typeof value === "string") return place(value);
      return "text" in value ? FIX_PARTS.map((part) => placeIfPresent(value[part])) : value.map(place);
    }),
  );
  return { ...report, answers, texts: [...textIndexes.keys()] };
}

export function unpackAnswers({ answers, texts }: PackedReport): PageAnswer[] {
  return answers.map((row) => {
    const answer: Record<string, unknown> = {};
    FIELDS.forEach((field, index) => {
      const value = row[index];
      if (value === ABSENT || value === undefined) return;
      if (field === "inferred") answer[field] = true;
      else if (field === "fix" && typeof value !== "number") answer[field] = unpackFix(value, texts);
      else answer[field] = typeof value === "number" ? texts[value] : value.map((place) => texts[place]);
    });
    return answer as unknown as PageAnswer;
  });
}

function unpackFix(indexes: readonly number[], texts: readonly string[]): WrittenFix {
  const [text = "", code, alternative] = FIX_PARTS.map((_part, at) => texts[indexes[at] ?? ABSENT]);
  return {
    text,
    ...(code === undefined ? {} : { code }),
    ...(alternative === undefined ? {} : { alternative }),
  };
}
