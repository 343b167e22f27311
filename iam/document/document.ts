import { duplicateKeys } from "../text/json";
import { PartlyKnown, Unknown } from "../text/unknown";
import { Reader } from "./reader";
import type { DocumentUse, PolicyDocument, Problem } from "./types";

/** The maximum number of characters of a text that is read. */
const LONGEST = 4_000_000;
/**
 * The number of characters without white space above which no AWS service accepts a document: ten times the quotas of
 * IAM's API (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html).
 */
const LARGEST = 131_072;
const CACHED = 1_000;
const CACHED_LENGTH = 50_000;

const cache = new Map<string, PolicyDocument>();

/**
 * Reads a document from JSON text or plain data whose leaves may be {@link Unknown} or {@link PartlyKnown}. Never
 * throws: errors in the document are in `problems`.
 */
export function parseDocument(source: unknown, use: DocumentUse): PolicyDocument {
  if (typeof source !== "string") return read(source, use, undefined, []);
  const key = `${use}\n${source}`;
  const before = cache.get(key);
  if (before) {
    cache.delete(key);
    cache.set(key, before);
    return before;
  }
  const document = readText(source, use);
  if (source.length <= CACHED_LENGTH) {
    cache.set(key, document);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED) break;
      cache.delete(oldest);
    }
  }
  return document;
}

function readText(source: string, use: DocumentUse): PolicyDocument {
  if (source.length > LONGEST) return tooLarge(use, source.length);
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
  const measured = size === undefined ? measure(source) : { size, whole: true };
  if (measured === undefined) return refused(use, { code: "not-an-object", isReadable: false });
  if (measured.size > LARGEST) return tooLarge(use, measured.size);
  return new Reader(use, duplicates).document(source, measured.whole ? measured.size : undefined);
}

/** The number of known characters without white space, and whether the document has only known characters. */
function measure(source: unknown): { readonly size: number; readonly whole: boolean } | undefined {
  let whole = true;
  let json: string | undefined;
  try {
    json = JSON.stringify(source, (_, value: unknown) => {
      // No function of the pack is called here: a fault in it would pass for one of the document.
      if (!(value instanceof Unknown) && !(value instanceof PartlyKnown)) return value;
      whole = false;
      return "";
    });
  } catch {
    // A value that is nested too deeply or in a circle, or an object that throws when it is read.
    return undefined;
  }
  return { size: json?.replace(/\s/g, "").length ?? 0, whole };
}
