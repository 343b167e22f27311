/** The views of the page, of which one is shown at a time. */
import { h } from "./dom";

const ALL_TABS = ["stacks", "map", "matrix", "findings"] as const;
export type Tab = (typeof ALL_TABS)[number];
const TAB_NAMES: Readonly<Record<Tab, string>> = {
  stacks: "Stacks",
  map: "Access map",
  matrix: "Matrix",
  findings: "Findings",
};

export interface Tabs {
  readonly list: HTMLElement;
  readonly panels: readonly HTMLElement[];
  /** The first is shown when the page opens. */
  readonly first: Tab;
  /** Shows a view without notifying listeners. */
  show(tab: Tab): void;
  focus(tab: Tab): void;
  /** The number of items in a view, next to its name. */
  setCount(tab: Tab, count: number): void;
  contains(tab: Tab, node: Node | null): boolean;
}

/** @param onSelect Called when a view is selected. */
export function createTabs(
  views: Readonly<Record<Tab, HTMLElement>>,
  severalStacks: boolean,
  onSelect: (tab: Tab) => void,
): Tabs {
  /** One stack needs no view of stacks. */
  const tabs = ALL_TABS.filter((name) => name !== "stacks" || severalStacks);
  let current: Tab = tabs[0] ?? "map";
  const buttons = new Map(tabs.map((name) => [name, tabButton(name, () => onSelect(name))]));
  const panels = new Map(tabs.map((name) => [name, tabPanel(name, views[name])]));

  function handleKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length] ?? current;
    onSelect(next);
    buttons.get(next)?.focus();
    event.preventDefault();
  }

  return {
    list: h(
      "div",
      { role: "tablist", class: "tabs", "aria-label": "Views", keydown: handleKey },
      ...buttons.values(),
    ),
    panels: [...panels.values()],
    first: current,
    show(tab) {
      current = tab;
      for (const [name, button] of buttons) {
        button.setAttribute("aria-selected", String(name === tab));
        button.tabIndex = name === tab ? 0 : -1;
      }
      for (const [name, panel] of panels) panel.hidden = name !== tab;
    },
    focus: (tab) => buttons.get(tab)?.focus(),
    setCount(tab, count) {
      const button = buttons.get(tab);
      if (button !== undefined) button.textContent = `${TAB_NAMES[tab]} (${count.toLocaleString("en")})`;
    },
    contains: (tab, node) => panels.get(tab)?.contains(node) === true,
  };
}

function tabButton(name: Tab, click: () => void): HTMLButtonElement {
  return h(
    "button",
    { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, click },
    TAB_NAMES[name],
  );
}

function tabPanel(name: Tab, view: HTMLElement): HTMLElement {
  return h(
    "section",
    { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, class: "panel" },
    h("h2", { class: "unseen" }, TAB_NAMES[name]),
    view,
  );
}
