/** The maximum length of a document between two of its items. */
const MAX_ITEM_LENGTH = 16_000_000;

/** Tokens outside of strings: punctuation, numbers, `true`, `false` and `null`. */
const OUTSIDE_STRINGS = /[\s{}[\]:,\d+\-.EaeflnrstuN]/;

/**
 * Reads JSON documents that span lines, and returns the items of their lists one by one, so that megabytes of `aws logs
 * filter-log-events` are never in memory at once: the members of a list at the root, or of a list in the object at the
 * root. A document without such items is an item itself.
 */
export class JsonScanner {
  private open: string[] = [];
  private text = "";
  private inString = false;
  private escaped = false;
  private itemDepth = 0;
  private itemCount = 0;
  private broken = false;

  /** Whether a document has begun and not ended. */
  get isOpen(): boolean {
    return this.open.length > 0;
  }

  /** Reads one more line; returns the items that end in it. `undefined`: the text is not JSON. */
  push(line: string): readonly unknown[] | undefined {
    const items: unknown[] = [];
    for (const character of line) this.readCharacter(character, items);
    if (this.inString || this.text.length > MAX_ITEM_LENGTH) this.broken = true;
    else if (this.text !== "") this.text += "\n";
    if (!this.broken) return items;
    this.reset();
    return items.length > 0 ? items : undefined;
  }

  reset(): void {
    this.open = [];
    this.text = "";
    this.inString = false;
    this.escaped = false;
    this.itemDepth = 0;
    this.itemCount = 0;
    this.broken = false;
  }

  private readCharacter(character: string, items: unknown[]): void {
    if (this.broken) return;
    if (this.inString) {
      this.text += character;
      if (this.escaped) this.escaped = false;
      else if (character === "\\") this.escaped = true;
      else if (character === '"') this.inString = false;
      return;
    }
    if (character === '"') this.inString = true;
    else if (!OUTSIDE_STRINGS.test(character)) this.broken = true;
    if (character === "{" || character === "[") {
      if (this.itemDepth === 0 && this.startsItem()) {
        this.itemDepth = this.open.length + 1;
        this.text = "";
      }
      this.open.push(character);
    }
    this.text += character;
    if (character === "}" || character === "]") this.close(character, items);
  }

  private close(character: string, items: unknown[]): void {
    const opened = this.open.pop();
    if ((opened === "{") !== (character === "}")) {
      this.broken = true;
      return;
    }
    if (this.open.length + 1 === this.itemDepth) {
      this.emitItem(items);
      this.itemDepth = 0;
      this.itemCount += 1;
      this.text = "";
    }
    if (this.open.length === 0) {
      if (this.itemCount === 0) this.emitItem(items);
      this.text = "";
      this.itemCount = 0;
    }
  }

  private startsItem(): boolean {
    const [root, list, ...more] = this.open;
    return (root === "[" && list === undefined) || (root === "{" && list === "[" && more.length === 0);
  }

  private emitItem(items: unknown[]): void {
    try {
      items.push(JSON.parse(this.text));
    } catch {
      this.broken = true;
    }
  }
}
