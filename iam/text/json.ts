/** Whether a value of a JSON text is an object, and not a list or `null`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The keys that occur twice in an object of a JSON text: `JSON.parse` ignores duplicates, but IAM refuses such a
 * document. The text must be valid JSON; at most a dozen keys are returned.
 */
export function duplicateKeys(json: string): readonly string[] {
  const duplicates: string[] = [];
  const open: (Set<string> | undefined)[] = [];
  let keyExpected = false;
  for (let at = 0; at < json.length && duplicates.length < 12; at++) {
    switch (json[at]) {
      case "{":
        open.push(new Set());
        keyExpected = true;
        break;
      case "[":
        open.push(undefined);
        keyExpected = false;
        break;
      case "}":
      case "]":
        open.pop();
        keyExpected = false;
        break;
      case ",":
        keyExpected = open[open.length - 1] !== undefined;
        break;
      case ":":
        keyExpected = false;
        break;
      case '"': {
        const start = at + 1;
        for (at = start; at < json.length && json[at] !== '"'; at++) if (json[at] === "\\") at++;
        if (!keyExpected) break;
        const rawKey = json.slice(start, at);
        const key = rawKey.includes("\\") ? (JSON.parse(`"${rawKey}"`) as string) : rawKey;
        const keys = open[open.length - 1];
        if (keys?.has(key)) duplicates.push(key);
        keys?.add(key);
        break;
      }
    }
  }
  return duplicates;
}
