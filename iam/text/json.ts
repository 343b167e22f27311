/**
 * The keys that occur twice in an object of a JSON text: `JSON.parse` ignores duplicates, but IAM refuses such a
 * document. The text must be valid JSON; at most a dozen keys are returned.
 */
export function duplicateKeys(json: string): readonly string[] {
  const found: string[] = [];
  const open: (Set<string> | undefined)[] = [];
  let keyExpected = false;
  for (let at = 0; at < json.length && found.length < 12; at++) {
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
        const written = json.slice(start, at);
        const key = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
        const keys = open[open.length - 1];
        if (keys?.has(key)) found.push(key);
        keys?.add(key);
        break;
      }
    }
  }
  return found;
}
