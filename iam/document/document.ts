import { duplicateKeys } from "../text/json";
import { PartlyKnown, Unknown } from "../text/unknown";
import { Reader } from "./reader";
import type { DocumentUse, PolicyDocument, Problem } from "./types";

/** The maximum number of characters of a text that is read. */
const MAX_LENGTH = 4_000_000;
/**
 * The number of characters without white space above which no AWS service accepts a document: ten times the quotas of
 * IAM's API (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html).
 */
const MAX_SIZE = 131_072;

/**
 * Reads a document from JSON text or plain data whose leaves may be {@link Unknown} or {@link PartlyKnown}. Never
 * throws: errors in the document are in `problems`.
 */
export function parseDocument(source: unknown, use: DocumentUse): PolicyDocument {
  return typeof source === "string" ? readText(source, use) : read(source, use, undefined, []);
}

function readText(source: string, use: DocumentUse): PolicyDocument {
  if (source.length > MAX_LENGTH) return tooLarge(use, source.length);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return refused(use, { code: "not-json" });
  }
  return read(value, use, source.replace(/\s/g, "").length, duplicateKeys(source));
}

function tooLarge(use: DocumentUse, size: number): PolicyDocument {
  return refused(use, { code: "too-large", size });
}

function refused(use: DocumentUse, problem: Problem): PolicyDocument {
  return {
    use,
    version: "unknown",
    statements: [],
    opaque: [],
    problems: [problem],
    size: undefined,
  };
}

function read(
  source: unknown,
  use: DocumentUse,
  size: number | undefined,
  duplicates: readonly string[],
): PolicyDocument {
  const measured = size === undefined ? measure(source) : { size, isComplete: true };
  if (measured === undefined) return refused(use, { code: "not-an-object", isReadable: false });
  if (measured.size > MAX_SIZE) return tooLarge(use, measured.size);
  return new Reader(use, duplicates).document(source, measured.isComplete ? measured.size : undefined);
}

/** The number of known characters without white space, and whether the document has only known characters. */
function measure(source: unknown): { readonly size: number; readonly isComplete: boolean } | undefined {
  let isComplete = true;
  let json: string | undefined;
  try {
    json = JSON.stringify(source, (_, value: unknown) => {
      // Calls no function of the pack: an error in it would be reported as an error of the document.
      if (!(value instanceof Unknown) && !(value instanceof PartlyKnown)) return value;
      isComplete = false;
      return "";
    });
  } catch {
    // A value that is nested too deeply or in a circle, or an object that throws when it is read.
    return undefined;
  }
  return { size: json?.replace(/\s/g, "").length ?? 0, isComplete };
}
