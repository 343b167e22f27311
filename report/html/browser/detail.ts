/** The panel next to the map: the gates of the selection, in order, with evidence and fix. */
import {
  AWS_SERVES,
  CHANGES,
  INFERRED,
  OUTCOME_MEANINGS,
  showExemption,
  WHOSE_RULE,
} from "../../../messages/answers";
import { fixLead, showFix, type WrittenFix } from "../../../messages/fixes/written-fix";
import { EXEMPT, INFERRED_MEANING, LINE_MEANINGS, NO_GATE_EVALUATED } from "../../../messages/report";
import { GATES } from "../../gates";
import type { GateName, PolicyEntry } from "../../model";
import {
  DISPLAYED_OUTCOMES,
  type DisplayedOutcome,
  displayedOutcomeOf,
  OUTCOME_KINDS,
  worstOf,
} from "../../outcomes";
import { appendInParts, copyButton, h, mark, markOf, policyLine, styleOf, wordOf } from "./dom";
import { type Graph, gatesOf, type Item, KINDS, type Selection } from "./graph";
import type { PageAnswer } from "./packed-report";

/** The number of answers of a gate that are shown at once. */
const PAGE_SIZE = 20;
/** From this number on, allowed answers of a gate are collapsed into one line. */
const MAX_ALLOWED = 1;
/** The number of answers of a gate that are shown expanded. */
const MAX_EXPANDED = 2;

const KIND_NAMES = { route: "Route", caller: "Caller", function: "Function" } as const;

type Policies = ReadonlyMap<string, PolicyEntry>;

export interface Detail {
  readonly element: HTMLElement;
  show(graph: Graph, selection: Selection): void;
  focus(): void;
}

export function createDetail(policies: readonly PolicyEntry[], close: () => void): Detail {
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  const title = h("h2", { id: "detail-title", tabindex: -1 });
  const body = h("div", { class: "detail-body" });
  const closeButton = h("button", { type: "button", class: "close", click: close }, "Close");
  const element = h(
    "aside",
    { class: "detail", "aria-labelledby": "detail-title" },
    h("div", { class: "detail-head" }, title, closeButton),
    body,
  );
  return {
    element,
    show(graph, selection) {
      const items = KINDS.flatMap((kind) => selection[kind] ?? []);
      element.classList.toggle("empty", items.length === 0);
      closeButton.hidden = items.length === 0;
      if (items.length === 0) {
        title.textContent = "How to read this";
        body.replaceChildren(...legend());
        return;
      }
      const gates = gatesOf(graph, selection);
      const worst: DisplayedOutcome | undefined = worstOf(
        gates.flatMap(([, answers]) => answers.slice(0, 1)),
      );
      title.replaceChildren(
        mark(worst),
        ...items.flatMap((item, index) => [
          ...(index === 0 ? [] : [h("span", { class: "to" }, " for ")]),
          h("bdi", {}, item.label),
        ]),
      );
      body.replaceChildren(
        ...items.map((item) => facts(item, items.length > 1)),
        gates.length === 0
          ? h("p", { class: "none" }, NO_GATE_EVALUATED)
          : h("ol", { class: "gates" }, ...gates.map(([gate, answers]) => gateEntry(gate, answers, byName))),
      );
      element.scrollTop = 0;
      body.scrollTop = 0;
    },
    focus() {
      title.focus();
    },
  };
}

function legend(): HTMLElement[] {
  return [
    h(
      "p",
      {},
      "Select a route, a caller or a function to see its gates in the order in which a request passes them, the evidence for each, and the fix to copy.",
    ),
    h(
      "dl",
      { class: "legend" },
      ...OUTCOME_KINDS.flatMap((outcome) => [
        h("dt", {}, mark(outcome), outcome),
        h("dd", {}, OUTCOME_MEANINGS[outcome]),
      ]),
      h("dt", {}, mark("denied, inferred"), " inferred"),
      h("dd", {}, INFERRED_MEANING),
    ),
    h("p", {}, LINE_MEANINGS),
  ];
}

function facts(item: Item, withName: boolean): HTMLElement {
  const rows = withName ? [[KIND_NAMES[item.kind], item.label] as const, ...item.facts] : item.facts;
  return h(
    "dl",
    { class: "facts" },
    ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, h("bdi", {}, value))]),
  );
}

function gateEntry(gate: GateName, answers: readonly PageAnswer[], policies: Policies): HTMLElement {
  const { question, status } = GATES[gate];
  const twoStep = answers.every(({ rule }) => rule === "two-step");
  const consequence = twoStep ? WHOSE_RULE["two-step"] : status === undefined ? "" : `${status} if not`;
  const counts = DISPLAYED_OUTCOMES.map(
    (outcome) =>
      [outcome, answers.filter((answer) => displayedOutcomeOf(answer) === outcome).length] as const,
  ).filter(([, number]) => number > 0);
  const notAllowed = answers.filter((answer) => answer.outcome !== "allowed");
  const allowed = answers.slice(notAllowed.length);
  const list = h("div", { class: "answers" });
  let shownCount = 0;
  appendInParts(list, notAllowed, {
    pageSize: PAGE_SIZE,
    show: (answer) => answerEntry(answer, policies, shownCount++ < MAX_EXPANDED),
  });
  if (allowed.length > MAX_ALLOWED)
    list.append(
      collapsedAnswers(`Show the ${allowed.length.toLocaleString("en")} allowed`, allowed, policies),
    );
  else list.append(...allowed.map((answer) => answerEntry(answer, policies, answers.length === 1)));
  return h(
    "li",
    { class: "gate" },
    h("h3", {}, question, consequence === "" ? undefined : h("span", { class: "status" }, ` ${consequence}`)),
    h(
      "p",
      { class: "counts" },
      ...counts.map(([outcome, number]) =>
        h(
          "span",
          { class: "mark", "data-outcome": styleOf(outcome) },
          `${markOf(outcome)} ${number.toLocaleString("en")} ${wordOf(outcome)}`,
        ),
      ),
    ),
    list,
  );
}

/** Many answers that require no action. */
function collapsedAnswers(name: string, answers: readonly PageAnswer[], policies: Policies): HTMLElement {
  const list = h("div", { class: "answers" });
  return fillWhenExpanded(h("details", { class: "folded" }, h("summary", {}, name)), false, () => {
    appendInParts(list, answers, {
      pageSize: PAGE_SIZE,
      show: (answer) => answerEntry(answer, policies, false),
    });
    return list;
  });
}

/** Fills a collapsed part when it is first expanded: most never are. */
function fillWhenExpanded(
  details: HTMLDetailsElement,
  open: boolean,
  content: () => HTMLElement,
): HTMLElement {
  const fill = (): void => {
    if (details.childElementCount === 1) details.append(content());
  };
  details.addEventListener("toggle", fill);
  details.open = open;
  if (open) fill();
  return details;
}

function answerEntry(answer: PageAnswer, policies: Policies, open: boolean): HTMLElement {
  const details = h(
    "details",
    { class: "answer", "data-outcome": styleOf(displayedOutcomeOf(answer)) },
    h("summary", {}, mark(displayedOutcomeOf(answer)), h("bdi", {}, answer.question)),
  );
  return fillWhenExpanded(details, open, () => answerBody(answer, policies));
}

function answerBody(answer: PageAnswer, policies: Policies): HTMLElement {
  const { outcome, symptom, change, exempt, exemptUntil, evidence, doubts, inferredFrom, policy, rule } =
    answer;
  const ruleText = WHOSE_RULE[rule === "AWS" ? "aws" : rule];
  const servedNote = outcome === "denied" && rule === "two-step" ? AWS_SERVES : undefined;
  return h(
    "div",
    { class: "answer-body" },
    symptom === undefined ? undefined : h("p", { class: "symptom" }, h("bdi", {}, symptom)),
    servedNote === undefined ? undefined : h("p", { class: "words" }, servedNote),
    lines("Decided by", evidence),
    lines("Unknown", doubts),
    lines(INFERRED, inferredFrom),
    lines(EXEMPT, exempt === undefined ? [] : [showExemption(exempt, exemptUntil)]),
    change === undefined ? undefined : changeEntry(change),
    answer.fix === undefined ? undefined : fixEntry(answer.fix),
    policyLine(policies.get(policy), policy, ruleText),
  );
}

function lines(name: string, texts: readonly string[]): HTMLElement | undefined {
  if (texts.length === 0) return undefined;
  return h(
    "div",
    { class: "lines-of" },
    h("h4", {}, name),
    h("ul", {}, ...texts.map((text) => h("li", {}, h("bdi", {}, text)))),
  );
}

function changeEntry(change: string): HTMLElement {
  return h("div", {}, h("h4", {}, CHANGES.allowed), h("p", { class: "words" }, h("bdi", {}, change)));
}

function fixEntry(fix: WrittenFix): HTMLElement {
  const { code, alternative } = fix;
  const paragraph = (text: string): HTMLElement => h("p", { class: "words" }, h("bdi", {}, text));
  return h(
    "div",
    { class: "fix" },
    h(
      "div",
      { class: "fix-head" },
      h("h4", {}, "Fix"),
      copyButton("Copy", () => code ?? showFix(fix)),
    ),
    paragraph(fixLead(fix)),
    code === undefined
      ? undefined
      : // It scrolls horizontally, so the keyboard has to reach it.
        h("pre", { tabindex: 0, "aria-label": "Fix", role: "group" }, h("code", {}, code)),
    alternative === undefined ? undefined : paragraph(alternative),
  );
}
