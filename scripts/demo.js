/**
 * `npm run demo`: a program whose route returns 500 on AWS, the findings of the pack before anything is deployed, the fix,
 * and the findings after it. Runs the built command, as a user's project does, and exits with status 0 if the first
 * program is blocked and the second passes. It is JavaScript, so that only the programs are compiled.
 */
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const colors = require("picocolors");

const ROOT = resolve(__dirname, "..");
const COMMAND = join(ROOT, "dist/cli/index.js");
const WIDTH = Math.min(process.stdout.columns ?? 100, 100);
const FAILS = "examples/caller-credentials";
const WORKS = "examples/caller-credentials-fixed";
/** The beginnings of the lines of the program that cause the outage. */
const CAUSE_LINES = ["const integration =", "uri:", "credentials:", "const client =", "Action:", "Resource:"];

const { NO_COLOR = "", TERM, FORCE_COLOR = "" } = process.env;
const onTerminal = process.stdout.isTTY === true && NO_COLOR === "" && TERM !== "dumb";
const { bold, dim, green, red } = colors.createColors(onTerminal || FORCE_COLOR !== "");

function linesOf(example) {
  return readFileSync(join(ROOT, example, "index.ts"), "utf8").split("\n");
}

/** `check` of an example: its status, and the lines that it prints. */
function check(example) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, "check", example], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: "0" },
  });
  return { status, lines: `${stdout}${stderr}`.trimEnd().split("\n") };
}

/** The first finding, from its title to the statement to paste. */
function finding(lines) {
  const start = lines.findIndex((line) => line.startsWith("    - "));
  const end = lines.indexOf("      }");
  return lines.slice(start, end + 1);
}

/** Wraps a line between words, and indents the following lines like the first. */
function wrapped(line) {
  const indent = /^ *(- )?/.exec(line)[0].length;
  const rows = [];
  for (let rest = line; rest.trim() !== ""; ) {
    const cut = rest.length <= WIDTH ? rest.length : rest.lastIndexOf(" ", WIDTH);
    const end = cut <= indent ? rest.length : cut;
    rows.push(rest.slice(0, end));
    rest = " ".repeat(indent) + rest.slice(end).trimStart();
  }
  return rows;
}

/** The lines that the caller's policy has in the second program only. */
function addedLines(before, after) {
  const policyOf = (lines) => lines.slice(lines.findIndex((line) => line.trim() === "policy: {"));
  const [old, fixed] = [policyOf(before), policyOf(after)];
  const first = fixed.findIndex((line, index) => line !== old[index]);
  return fixed.slice(first, first + fixed.length - old.length);
}

function numbered(lines, shows) {
  return lines.flatMap((line, index) =>
    shows(line.trim()) ? [`${dim(`${index + 1}`.padStart(4))} ${line}`] : [],
  );
}

function say(...lines) {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function outcome(status, expected, word) {
  const paint = status === expected && status === 0 ? green : red;
  return paint(
    status === expected ? `=> ${word}: exit status ${status}` : `=> exit status ${status}, not ${expected}`,
  );
}

function main() {
  if (!existsSync(COMMAND)) {
    say("Run npm run build first.");
    return 1;
  }
  const program = linesOf(FAILS);
  say(
    bold(`A program whose GET /orders returns 500 for every request: ${FAILS}/index.ts`),
    ...numbered(program, (line) => CAUSE_LINES.some((start) => line.startsWith(start))),
    "",
    `${bold(`$ npx apigateway-lambda-access check ${FAILS}`)}`,
  );
  const failing = check(FAILS);
  const [title = "", ...text] = finding(failing.lines).map((line) => line.slice(4));
  say(
    red(title),
    ...text.flatMap(wrapped),
    outcome(failing.status, 1, "blocked, as in a preview with this pack"),
    "",
  );
  say(
    bold(`The same program, fixed: ${WORKS}/index.ts`),
    ...addedLines(program, linesOf(WORKS)).map((line) => green(`+   ${line.trimEnd()}`)),
    "",
    `${bold(`$ npx apigateway-lambda-access check ${WORKS}`)}`,
  );
  const working = check(WORKS);
  say(working.lines.at(-1), outcome(working.status, 0, "passes"));
  return failing.status === 1 && working.status === 0 ? 0 : 1;
}

process.exitCode = main();
