/** Creates elements. Data of a report becomes text, never markup, a URL or a style. */

import { OUTCOME_NAMES } from "../../../messages/answers";
import { printableLines } from "../../../messages/printable";
import { NOT_EVALUATED } from "../../../messages/report";
import type { PolicyEntry } from "../../model";
import { type DisplayedOutcome, outcomeKindOf, SIGNS } from "../../outcomes";

type Handler = (event: never) => void;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | Handler>>;
export type Child = Node | string | undefined;

/** An element; functions among the attributes are listeners, `false` and `undefined` are omitted. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== undefined).map(toNode));
  return element;
}

function toNode(child: Node | string): Node {
  return typeof child === "string" ? document.createTextNode(printableLines(child)) : child;
}

/** The symbol of an outcome; a dot where there is no answer. */
export function markOf(outcome: DisplayedOutcome | undefined): string {
  return outcome === undefined ? "·" : SIGNS[outcome];
}

export function wordOf(outcome: DisplayedOutcome | undefined): string {
  return outcome === undefined ? NOT_EVALUATED : OUTCOME_NAMES[outcome];
}

/** The class name for the style sheet. */
export function styleOf(outcome: DisplayedOutcome | undefined): string {
  return outcome === undefined ? "none" : outcomeKindOf(outcome);
}

/** Whether it is inferred. */
export function isInferred(outcome: DisplayedOutcome | undefined): boolean {
  return outcome?.endsWith("inferred") === true;
}

/** The symbol of an outcome, with its name for screen readers. */
export function mark(outcome: DisplayedOutcome | undefined): HTMLElement {
  return h(
    "span",
    { class: "mark", "data-outcome": styleOf(outcome) },
    h("span", { "aria-hidden": "true" }, markOf(outcome)),
    h("span", { class: "unseen" }, `${wordOf(outcome)}: `),
  );
}

/** `1 route`, `2,000 routes` */
export function count(number: number, singular: string, more = `${singular}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? singular : more}`;
}

/** The name of a policy, with its page. Only an http(s) URL becomes a link. */
export function policyLine(policy: PolicyEntry | undefined, name: string, more: string): HTMLElement {
  const code = h("code", {}, name);
  const linked = policy?.url.startsWith("https://")
    ? h("a", { href: policy.url, rel: "noreferrer" }, code)
    : code;
  const level = policy === undefined ? more : `${more}, ${policy.level}`;
  return h("p", { class: "policy" }, linked, ` (${level})`);
}

/** The number of items shown at once, and how to show more. */
interface Parts<T> {
  readonly pageSize: number;
  show(item: T): HTMLElement;
  /** Called when more items were added. */
  onAppended?(): void;
}

/** The first items of many, and a button that is replaced with more. Other elements may follow it in the list. */
export function appendInParts<T>(list: HTMLElement, items: readonly T[], parts: Parts<T>): void {
  const { pageSize } = parts;
  let offset = 0;
  const nextPart = (): readonly HTMLElement[] => {
    const part = items.slice(offset, offset + pageSize).map((item) => parts.show(item));
    offset += pageSize;
    const remaining = items.length - offset;
    if (remaining <= 0) return part;
    const button = h(
      "button",
      {
        type: "button",
        class: "more",
        click: () => {
          const added = nextPart();
          entry.replaceWith(...added);
          parts.onAppended?.();
          added[0]?.querySelector<HTMLElement>("button, summary")?.focus();
        },
      },
      `Show ${Math.min(remaining, pageSize).toLocaleString("en")} more of ${remaining.toLocaleString("en")}`,
    );
    const entry = list.tagName === "UL" || list.tagName === "OL" ? h("li", {}, button) : button;
    return [...part, entry];
  };
  list.replaceChildren(...nextPart());
}

/** Copies a text to the clipboard; `false` when the browser refuses. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For pages without access to the clipboard, such as those opened over plain HTTP. */
function copyBySelection(text: string): boolean {
  const area = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1 });
  area.value = text;
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** A button that copies, and confirms it. */
export function copyButton(label: string, text: () => string): HTMLElement {
  const status = h("span", { role: "status", class: "unseen" });
  const button = h("button", { type: "button", class: "copy" }, label);
  let confirmationTimer: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener("click", async () => {
    const confirmation = (await copy(text())) ? "Copied" : "Select the text and copy it";
    button.textContent = confirmation;
    status.textContent = confirmation;
    clearTimeout(confirmationTimer);
    confirmationTimer = setTimeout(() => {
      button.textContent = label;
      status.textContent = "";
    }, 2500);
  });
  return h("span", { class: "copying" }, button, status);
}
