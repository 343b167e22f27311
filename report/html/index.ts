import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { printable } from "../../messages/printable";
import { stackKey } from "../../stack/pulumi/urns";
import type { Input, Report } from "../model";
import { type PackedReport, pack } from "./browser/packed-report";
import { browserScript } from "./script";

/**
 * The access map: one self-contained HTML document, without files or network.
 *
 * No code in the report can run: it is data within the document, the page's script writes it as text only, and the
 * document's Content-Security-Policy allows only that one script and style sheet, by their hashes.
 * https://www.w3.org/TR/CSP3/
 */
export function renderHtml(report: Report): string {
  const script = browserScript();
  const style = fs.readFileSync(path.join(__dirname, "page.css"), "utf8");
  const contentPolicy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const stacks = [...new Set(report.inputs.map(stackName))];
  const name = stacks.length > MAX_LISTED_INPUTS ? `${stacks.length} stacks` : escapeText(stacks.join(", "));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${report.tool.name} ${escapeText(report.tool.version)}">
<title>Access map: ${name}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<div>
<p class="tool">Access map</p>
<h1><bdi>${name}</bdi></h1>
<p class="from">${showInputs(report.inputs)}</p>
</div>
</header>
<main><p class="none">Reading the report…</p><noscript>This page shows its report with a script.</noscript></main>
<script type="application/json" id="report">${jsonForScript(pack(report))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function stackName({ project, stack, name }: Input): string {
  return project === "" && stack === "" ? name : stackKey({ project, stack });
}

const MOMENT_LABELS: Readonly<Record<Input["as"], string>> = {
  state: "state of",
  preview: "preview of",
  "first-preview": "first preview of",
  deployed: "as deployed,",
};

/** More stacks than these are only counted in the title, and listed in their own view. */
const MAX_LISTED_INPUTS = 3;

function showInputs(inputs: readonly Input[]): string {
  if (inputs.length <= MAX_LISTED_INPUTS) return inputs.map(showInput).join("; ");
  const resources = inputs.reduce((sum, input) => sum + input.resources, 0);
  return `from ${inputs.length.toLocaleString("en")} inputs, ${resources.toLocaleString("en")} resources`;
}

function showInput(input: Input): string {
  const { as, name, resources } = input;
  return `${MOMENT_LABELS[as]} <bdi>${escapeText(name)}</bdi>, ${resources.toLocaleString("en")} resources`;
}

function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (special) => `&#${special.charCodeAt(0)};`);
}

/** JSON in which no text closes the element around it, and no character is a line terminator. */
function jsonForScript(report: PackedReport): string {
  return JSON.stringify(report).replace(
    /[<>&\u2028\u2029]/g,
    (special) => `\\u${special.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
